package raw

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"fmt"

	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// Sizes of AES-GCM, as they also stand in the provider info of every data key.
const (
	ivLen  = 12 // bytes
	tagLen = 16 // bytes; the provider info counts bits
)

// AES is a keyring that wraps keys with an AES key of the program's own
// (specification: framework/raw-aes-keyring).
type AES struct {
	label
	namespace string
	info      []byte // key name, tag length, IV length: the provider info but for its IV
	aead      cipher.AEAD
}

var _ crypto.Keyring = (*AES)(nil)

// NewAES returns a keyring for the AES key of 16, 24 or 32 bytes which the
// application knows by namespace and name. A reader finds the key by both, so
// they must stay the same; name may be empty. The keyring keeps a copy of the
// key schedule and not key itself.
func NewAES(namespace, name string, key crypto.Key) (*AES, error) {
	k := &AES{label: label(fmt.Sprintf("raw AES keyring %q %q", namespace, name)), namespace: namespace}
	k.info = binary.BigEndian.AppendUint32([]byte(name), tagLen*8)
	k.info = binary.BigEndian.AppendUint32(k.info, ivLen)
	if err := checkNames(namespace, name, len(k.info)-len(name)+ivLen); err != nil {
		return nil, fmt.Errorf("%s: %w", k.label, err)
	}
	block, err := aes.NewCipher(key.InsecureBytes())
	if err != nil {
		return nil, fmt.Errorf("%s: the key has %d bytes: give it 16, 24 or 32", k.label, key.Len())
	}
	if k.aead, err = cipher.NewGCM(block); err != nil {
		return nil, fmt.Errorf("%s: %w", k.label, err)
	}
	return k, nil
}

// NewKeys implements [crypto.Encrypter] with one key.
func (k *AES) NewKeys(_ context.Context, ec crypto.EncryptionContext) ([]crypto.WrappedKey, error) {
	if err := k.made(); err != nil {
		return nil, err
	}
	aad, err := ec.Canonical()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k.label, err)
	}
	key := make([]byte, intermediateKeyLen)
	rand.Read(key) // never fails: crypto/rand ends the program instead
	info := make([]byte, len(k.info)+ivLen)
	iv := info[copy(info, k.info):]
	rand.Read(iv)
	return []crypto.WrappedKey{{
		Key: crypto.NewKey(key),
		EncryptedDataKey: crypto.EncryptedDataKey{
			ProviderID:   k.namespace,
			ProviderInfo: info,
			Ciphertext:   k.aead.Seal(make([]byte, 0, len(key)+tagLen), iv, key, aad),
		},
	}}, nil
}

// OpenKey implements [crypto.Decrypter].
func (k *AES) OpenKey(_ context.Context, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext) (crypto.Key, int, error) {
	if err := k.made(); err != nil {
		return crypto.Key{}, 0, err
	}
	aad, err := ec.Canonical()
	if err != nil {
		return crypto.Key{}, 0, fmt.Errorf("%s: %w", k.label, err)
	}
	var failures []*crypto.DataKeyError
	for i, edk := range keys {
		info, iv, ok := cutLast(edk.ProviderInfo, ivLen)
		if edk.ProviderID != k.namespace || !ok || !bytes.Equal(info, k.info) {
			failures = append(failures, crypto.NewDataKeyError(k.String(), edk, crypto.ReasonNotMatching, nil))
			continue
		}
		key, err := k.aead.Open(nil, iv, edk.Ciphertext, aad)
		if err != nil {
			// The cause is dropped: it only says that authentication failed.
			failures = append(failures, crypto.NewDataKeyError(k.String(), edk, crypto.ReasonWrongKey, nil))
			continue
		}
		if len(key) != intermediateKeyLen {
			failures = append(failures, crypto.NewDataKeyError(k.String(), edk, crypto.ReasonMalformed, nil))
			continue
		}
		return crypto.NewKey(key), i, nil
	}
	return crypto.Key{}, 0, &crypto.NoKeyError{Failures: failures}
}

// cutLast splits b before its last n bytes.
func cutLast(b []byte, n int) (head, tail []byte, ok bool) {
	if len(b) < n {
		return nil, nil, false
	}
	return b[:len(b)-n], b[len(b)-n:], true
}
