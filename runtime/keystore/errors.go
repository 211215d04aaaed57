package keystore

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kms/types"
)

// Errors that a caller may branch on; every one is found by [errors.Is]. A
// branch key that is not there wraps [branchkey.ErrNotFound], one that is there
// already [branchkey.ErrExists]. The errors of the SDK stay reachable by
// [errors.As].
var (
	// ErrConflict says that somebody else wrote the branch key at the same time:
	// rotated, deleted or created it. Nothing was written; try again.
	ErrConflict = errors.New("branch key was changed at the same time")
	// ErrContextMismatch says that KMS does not accept a branch key together
	// with the attributes of its item: the item was changed, or the logical name
	// of the key store is not the one that the branch key was created with.
	ErrContextMismatch = errors.New("KMS does not accept the branch key with its encryption context")
	// ErrKeyMismatch says that a branch key is protected by a KMS key that this
	// key store is not configured for.
	ErrKeyMismatch = errors.New("branch key is protected by another KMS key")
	// ErrMalformedItem says that an item of the key store is not of the required form.
	ErrMalformedItem = errors.New("malformed item in key store")
	// ErrReadOnly says that a key store with a discovery configuration cannot
	// create or rotate branch keys.
	ErrReadOnly = errors.New("key store in discovery mode can only read; creating and rotating takes the ARN of a KMS key")
)

// A HierarchyVersionError says that an item was written by a newer kind of key
// store, which this one cannot read.
type HierarchyVersionError struct {
	BranchKeyID      string
	HierarchyVersion string
}

// Error names both versions.
func (e *HierarchyVersionError) Error() string {
	return fmt.Sprintf("branch key %q has hierarchy-version %q, this key store reads only %q", e.BranchKeyID, e.HierarchyVersion, hierarchyVersion)
}

// kmsError names the failed call, so that a missing permission can be found.
func kmsError(operation string, i *Item, err error) error {
	var (
		invalid *types.InvalidCiphertextException
		wrong   *types.IncorrectKeyException
	)
	switch {
	case errors.As(err, &invalid):
		return fmt.Errorf("%w: %s of %s: %w", ErrContextMismatch, operation, i, err)
	case errors.As(err, &wrong):
		return fmt.Errorf("%w: %s of %s: %w", ErrKeyMismatch, operation, i, err)
	}
	return fmt.Errorf("%s of %s: %w", operation, i, err)
}
