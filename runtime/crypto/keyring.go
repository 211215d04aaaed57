package crypto

import (
	"context"
	"errors"
	"unicode/utf8"
)

// EncryptionContext is the set of names and values that is bound to every data
// key: table name, key attributes and the attributes whose action is
// SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT. It is not secret: a KMS keyring sends
// it to KMS in clear, and it appears in CloudTrail.
type EncryptionContext map[string]string

// EncryptedDataKey is one wrapped key of an item. In a parsed header
// Ciphertext is the whole field (wrapped data key, then the keyring's own
// wrapping); what a keyring returns and receives is the keyring's part alone.
type EncryptedDataKey struct {
	ProviderID   string // such as "aws-kms"; UTF-8, at most 65,535 bytes
	ProviderInfo []byte // what the provider needs to find its key, at most 65,535 bytes
	Ciphertext   []byte // at most 65,535 bytes
}

// WrappedKey is a fresh intermediate key beside its wrapped form.
type WrappedKey struct {
	Key              Key // 32 bytes; whoever receives it wipes it
	EncryptedDataKey EncryptedDataKey
}

// An Encrypter makes intermediate keys. A holder of an Encrypter alone can
// write items but not read them.
type Encrypter interface {
	// NewKeys returns at least one fresh 32-byte intermediate key, one for each
	// wrapping key, each wrapped so that a holder of that wrapping key can open
	// it under the same encryption context. It must not keep or change ec.
	NewKeys(ctx context.Context, ec EncryptionContext) ([]WrappedKey, error)
}

// A Decrypter opens intermediate keys.
type Decrypter interface {
	// OpenKey opens the first of keys that it can, and returns the intermediate
	// key, 32 bytes which the caller wipes, with its index in keys. It must not
	// keep or change its arguments. An error names, for every key, why it was
	// skipped or failed; see [NoKeyError].
	OpenKey(ctx context.Context, keys []EncryptedDataKey, ec EncryptionContext) (key Key, index int, err error)
}

// A Keyring is both. Implementations must be safe for concurrent use.
type Keyring interface {
	Encrypter
	Decrypter
}

// check returns an error if k does not fit into a header.
func (k EncryptedDataKey) check() error {
	if len(k.ProviderID) > maxUint16 || len(k.ProviderInfo) > maxUint16 || len(k.Ciphertext) > maxUint16 {
		return errors.New("an encrypted data key has a part of more than 65,535 bytes")
	}
	if !utf8.ValidString(k.ProviderID) {
		return errors.New("the provider id of an encrypted data key is not UTF-8")
	}
	return nil
}
