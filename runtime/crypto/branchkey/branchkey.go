// Package branchkey says what a branch key and a beacon key are, and where they
// come from: a [Source]. A branch key wraps the data keys of many items, so that
// KMS is asked once for each branch key and not once for each item; its beacon
// key is the root of every beacon and is never rotated.
//
// The source for production is the key store on DynamoDB and KMS (package
// keystore). [Memory] keeps its keys in the process, for tests and for first
// steps; it loses them with the process.
//
// Specification: aws-encryption-sdk-specification, framework/branch-key-store
// and framework/structures, "Branch Key Materials" and "Beacon Key Materials".
package branchkey

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// KeyLen is the length of a branch key and of a beacon key in bytes.
const KeyLen = 32

// Errors that a caller may branch on; every one is found by [errors.Is].
var (
	// ErrNotFound says that a source has no such branch key, version or beacon key.
	ErrNotFound = errors.New("branch key not found")
	// ErrExists says that a branch key or version of this name is already there.
	ErrExists = errors.New("branch key already exists")
	// ErrMalformed says that an id, a version or key material is not of the required form.
	ErrMalformed = errors.New("malformed branch key")
)

// BranchKey is one version of a branch key in plain text.
type BranchKey struct {
	ID                string            // branch key id; UTF-8, not empty
	Version           string            // UUID in lower case, 36 characters
	Key               crypto.Key        // 32 bytes
	EncryptionContext map[string]string // the caller's own context from the creation of the key; may be empty
}

// Wipe overwrites the key material with zeros. See [crypto.Key.Wipe].
func (k *BranchKey) Wipe() { k.Key.Wipe() }

// Validate returns an error that wraps [ErrMalformed] unless k has an id, a
// version in canonical form and 32 bytes of key material. A nil k is malformed.
func (k *BranchKey) Validate() error {
	if k == nil {
		return fmt.Errorf("%w: no branch key", ErrMalformed)
	}
	if _, err := ParseVersion(k.Version); err != nil {
		return err
	}
	return validate(k.ID, k.Key)
}

// BeaconKey is the beacon key of a branch key in plain text.
type BeaconKey struct {
	ID                string            // branch key id; UTF-8, not empty
	Key               crypto.Key        // 32 bytes
	EncryptionContext map[string]string // the caller's own context from the creation of the key; may be empty
}

// Wipe overwrites the key material with zeros. See [crypto.Key.Wipe].
func (k *BeaconKey) Wipe() { k.Key.Wipe() }

// Validate returns an error that wraps [ErrMalformed] unless k has an id and 32
// bytes of key material. A nil k is malformed.
func (k *BeaconKey) Validate() error {
	if k == nil {
		return fmt.Errorf("%w: no beacon key", ErrMalformed)
	}
	return validate(k.ID, k.Key)
}

func validate(id string, key crypto.Key) error {
	if err := ValidateID(id); err != nil {
		return err
	}
	if key.Len() != KeyLen {
		return fmt.Errorf("%w: %q has %d bytes of key material, want %d", ErrMalformed, id, key.Len(), KeyLen)
	}
	return nil
}

// ValidateID returns an error that wraps [ErrMalformed] if id is empty, is not
// UTF-8 or is longer than the 65,535 bytes that an encrypted data key can name.
func ValidateID(id string) error {
	switch {
	case id == "":
		return fmt.Errorf("%w: the branch key id is empty", ErrMalformed)
	case len(id) > 65535:
		return fmt.Errorf("%w: the branch key id has %d bytes, at most 65535 are possible", ErrMalformed, len(id))
	case !utf8.ValidString(id):
		return fmt.Errorf("%w: the branch key id %q is not UTF-8", ErrMalformed, id)
	}
	return nil
}

// A BranchKeySource is what the hierarchical keyring reads. Every result belongs
// to the caller, who may wipe it: a source keeps no reference to it.
// Implementations must be safe for concurrent use. An error wraps [ErrNotFound]
// if and only if the source knows that there is no such key.
type BranchKeySource interface {
	// ActiveBranchKey returns the version that new items are encrypted with.
	ActiveBranchKey(ctx context.Context, id string) (*BranchKey, error)
	// BranchKeyVersion returns one version, active or not. version is a UUID in
	// lower case, as in [BranchKey].
	BranchKeyVersion(ctx context.Context, id, version string) (*BranchKey, error)
}

// A BeaconKeySource is what beacons read. The same rules hold as for a
// [BranchKeySource].
type BeaconKeySource interface {
	// BeaconKey returns the beacon key of the branch key.
	BeaconKey(ctx context.Context, id string) (*BeaconKey, error)
}

// A Source is both.
type Source interface {
	BranchKeySource
	BeaconKeySource
}

// A Named source tells apart the branch keys of two sources that share a cache:
// two sources of the same logical name are taken to hold the same keys. A source
// without a name cannot be used with a shared cache partition.
type Named interface {
	LogicalKeyStoreName() string
}
