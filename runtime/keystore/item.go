package keystore

import (
	"fmt"
	"maps"
	"strings"
	"unicode/utf8"

	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
)

// Attributes of an item (specification: branch-key-store, "Record Format").
const (
	idAttribute         = "branch-key-id"
	typeAttribute       = "type"
	versionAttribute    = "version"
	ciphertextAttribute = "enc"
	kmsKeyAttribute     = "kms-arn"
	createTimeAttribute = "create-time"
	hierarchyAttribute  = "hierarchy-version"
	contextPrefix       = "aws-crypto-ec:"

	// storeName is in the encryption context only, never in an item.
	storeName = "tablename"
)

// Values of the type attribute. Items of other types belong to newer clients and
// are left alone.
const (
	activeType    = "branch:ACTIVE"
	beaconType    = "beacon:ACTIVE"
	versionPrefix = "branch:version:"
)

const (
	hierarchyVersion = "1"
	// createTimeLayout is ISO 8601 in UTC with microseconds. It is only written:
	// whatever a stored item says is bound into its ciphertext as it stands.
	createTimeLayout = "2006-01-02T15:04:05.000000Z"
)

// An Item is one entry of a key store: a version of a branch key, the active
// branch key or a beacon key.
type Item struct {
	// Attributes are all attributes but the ciphertext: strings, and the number
	// hierarchy-version as its text. They are the encryption context of the
	// ciphertext, so that a storage must return each of them unchanged.
	Attributes map[string]string
	Ciphertext []byte // what KMS made of the key
}

// BranchKeyID returns the partition key of the item.
func (i *Item) BranchKeyID() string { return i.Attributes[idAttribute] }

// Type returns the sort key of the item, such as "branch:ACTIVE".
func (i *Item) Type() string { return i.Attributes[typeAttribute] }

// String names the item without its contents.
func (i *Item) String() string { return fmt.Sprintf("%s of branch key %q", i.Type(), i.BranchKeyID()) }

// with returns an item without a ciphertext that has the attributes of i changed
// by pairs of a name and a value; an empty value removes the attribute.
func (i *Item) with(pairs ...string) *Item {
	attributes := maps.Clone(i.Attributes)
	for n := 0; n < len(pairs); n += 2 {
		if pairs[n+1] == "" {
			delete(attributes, pairs[n])
			continue
		}
		attributes[pairs[n]] = pairs[n+1]
	}
	return &Item{Attributes: attributes}
}

// encryptionContext returns the context that KMS binds the item's key to.
func (i *Item) encryptionContext(logicalName string) map[string]string {
	ec := maps.Clone(i.Attributes)
	ec[storeName] = logicalName
	return ec
}

// callerContext returns the context that the creator of the branch key chose.
func (i *Item) callerContext() map[string]string {
	ec := make(map[string]string)
	for name, value := range i.Attributes {
		if name, ok := strings.CutPrefix(name, contextPrefix); ok {
			ec[name] = value
		}
	}
	return ec
}

// version returns the UUID of the branch key version that the item holds.
func (i *Item) version() string {
	if i.Type() == activeType {
		return strings.TrimPrefix(i.Attributes[versionAttribute], versionPrefix)
	}
	return strings.TrimPrefix(i.Type(), versionPrefix)
}

// validate checks that i is the item that was asked for and has the required
// form. KMS authenticates the attributes; the checks are for a clear error
// before KMS is called.
func (i *Item) validate(id, itemType string) error {
	malformed := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s of branch key %q %s", ErrMalformedItem, itemType, id, fmt.Sprintf(format, args...))
	}
	if i == nil || i.BranchKeyID() != id || i.Type() != itemType {
		return malformed("was asked for and another item returned")
	}
	if len(i.Ciphertext) == 0 {
		return malformed("has no %s", ciphertextAttribute)
	}
	for _, name := range []string{hierarchyAttribute, kmsKeyAttribute, createTimeAttribute} {
		if i.Attributes[name] == "" {
			return malformed("has no %s", name)
		}
	}
	if v := i.Attributes[hierarchyAttribute]; v != hierarchyVersion {
		return &HierarchyVersionError{BranchKeyID: id, HierarchyVersion: v}
	}
	if _, ok := i.Attributes[storeName]; ok {
		return malformed("has an attribute %s", storeName)
	}
	version, hasVersion := i.Attributes[versionAttribute]
	if itemType != activeType {
		if hasVersion {
			return malformed("has an attribute %s", versionAttribute)
		}
		return nil
	}
	uuid, ok := strings.CutPrefix(version, versionPrefix)
	if !ok {
		return malformed("has no valid %s", versionAttribute)
	}
	if _, err := branchkey.ParseVersion(uuid); err != nil {
		return malformed("has no valid %s", versionAttribute)
	}
	return nil
}

// validateContext checks the encryption context of a caller.
func validateContext(ec map[string]string) error {
	for name, value := range ec {
		if name == "" || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return fmt.Errorf("encryption context of a branch key: the name %q is empty, or it or its value is not UTF-8", name)
		}
	}
	return nil
}
