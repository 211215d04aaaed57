package crypto

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Multi is a keyring of keyrings: every member wraps the data key of an item,
// and any one of them opens it (specification: framework/multi-keyring).
type Multi struct {
	generator Keyring // nil if it cannot encrypt
	members   []Keyring
}

var _ Keyring = (*Multi)(nil)

// NewMulti returns a keyring of generator and children. The data keys of an
// item are those of the generator, then those of the children; opening tries
// them in the same order. Without a generator the keyring can only decrypt. At
// least one member is needed.
func NewMulti(generator Keyring, children ...Keyring) (*Multi, error) {
	m := &Multi{generator: generator}
	if generator != nil {
		if isNil(generator) {
			return nil, fmt.Errorf("multi-keyring: the generator is a nil %T: make one, or give nil to have none", generator)
		}
		m.members = append(m.members, generator)
	}
	m.members = append(m.members, children...)
	if len(m.members) == 0 {
		return nil, errors.New("multi-keyring: it has no members: give it a generator or a child")
	}
	if slices.ContainsFunc(m.members, func(k Keyring) bool { return isNil(k) }) {
		return nil, errors.New("multi-keyring: a child is nil")
	}
	return m, nil
}

// NewKeys implements [Encrypter] with the keys of every member. A member that
// cannot encrypt fails the whole.
func (m *Multi) NewKeys(ctx context.Context, ec EncryptionContext) ([]WrappedKey, error) {
	if m.generator == nil {
		return nil, fmt.Errorf("multi-keyring without a generator: %w", ErrDecryptOnly)
	}
	var all []WrappedKey
	for i, k := range m.members {
		keys, err := k.NewKeys(ctx, ec)
		if err != nil {
			for _, w := range all {
				w.Key.Wipe()
			}
			return nil, fmt.Errorf("multi-keyring: member %d: %w", i+1, err)
		}
		all = append(all, keys...)
	}
	return all, nil
}

// OpenKey implements [Decrypter] with the first member that can open one of
// keys. Its error holds the failures of all members.
func (m *Multi) OpenKey(ctx context.Context, keys []EncryptedDataKey, ec EncryptionContext) (Key, int, error) {
	var failures []*DataKeyError
	for i, k := range m.members {
		key, index, err := k.OpenKey(ctx, keys, ec)
		if err == nil {
			return key, index, nil
		}
		if ctx.Err() != nil {
			return Key{}, 0, err
		}
		if none := (*NoKeyError)(nil); errors.As(err, &none) {
			failures = append(failures, none.Failures...)
		} else {
			keyring := fmt.Sprintf("member %d of the multi-keyring", i+1)
			failures = append(failures, &DataKeyError{Keyring: keyring, Reason: ReasonUnavailable, Err: err})
		}
	}
	return Key{}, 0, &NoKeyError{failures}
}

// CheckSuite implements [SuiteChecker] by asking every member.
func (m *Multi) CheckSuite(s Suite) error {
	for i, k := range m.members {
		if err := checkSuite(k, s); err != nil {
			return fmt.Errorf("multi-keyring: member %d: %w", i+1, err)
		}
	}
	return nil
}

// EncryptOnly returns a keyring that makes keys with enc and opens none: for
// those who may write items and not read them.
func EncryptOnly(enc Encrypter) Keyring { return encryptOnly{enc} }

// DecryptOnly returns a keyring that opens keys with dec and makes none: for
// those who may read items and not write them.
func DecryptOnly(dec Decrypter) Keyring { return decryptOnly{dec} }

type encryptOnly struct{ Encrypter }

func (k encryptOnly) OpenKey(_ context.Context, keys []EncryptedDataKey, _ EncryptionContext) (Key, int, error) {
	failures := make([]*DataKeyError, len(keys))
	for i, key := range keys {
		failures[i] = NewDataKeyError("encrypt-only keyring", key, ReasonEncryptOnly, ErrEncryptOnly)
	}
	return Key{}, 0, &NoKeyError{failures}
}

func (k encryptOnly) CheckSuite(s Suite) error { return checkSuite(k.Encrypter, s) }

type decryptOnly struct{ Decrypter }

func (decryptOnly) NewKeys(context.Context, EncryptionContext) ([]WrappedKey, error) {
	return nil, ErrDecryptOnly
}
