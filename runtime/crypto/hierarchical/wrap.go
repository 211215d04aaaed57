package hierarchical

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"

	"github.com/ddbegen/ddbegen/internal/derive"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
)

// What the keyring makes of a data key: salt, nonce, branch key version,
// encrypted data key, tag.
const (
	saltLen  = 16
	nonceLen = 12
	keyLen   = 32
	tagLen   = 16

	nonceStart   = saltLen
	versionStart = nonceStart + nonceLen
	keyStart     = versionStart + branchkey.VersionLen
)

var (
	errBlob   = errors.New("not of the form of the hierarchical keyring")
	errUnwrap = errors.New("authentication failed")
	label     = []byte(ProviderID)
)

// wrap encrypts a data key under a branch key, bound to the encryption context.
func wrap(m *material, dataKey []byte, ec crypto.EncryptionContext) ([]byte, error) {
	blob := make([]byte, keyStart, keyStart+len(dataKey)+tagLen)
	rand.Read(blob[:versionStart]) // never fails: crypto/rand ends the program instead
	copy(blob[versionStart:], m.version[:])
	aead, aad, err := m.cipher(blob, ec)
	if err != nil {
		return nil, err
	}
	return aead.Seal(blob, blob[nonceStart:versionStart], dataKey, aad), nil
}

// unwrap is the mirror of wrap. blob is known to be long enough.
func unwrap(m *material, blob []byte, ec crypto.EncryptionContext) (crypto.Key, error) {
	aead, aad, err := m.cipher(blob, ec)
	if err != nil {
		return crypto.Key{}, err
	}
	dataKey, err := aead.Open(nil, blob[nonceStart:versionStart], blob[keyStart:], aad)
	if err != nil {
		return crypto.Key{}, errUnwrap
	}
	return crypto.NewKey(dataKey), nil
}

// versionOf returns the version of the branch key that made blob.
func versionOf(blob []byte) (string, error) {
	switch len(blob) - keyStart - tagLen {
	case 16, 24, 32:
		return branchkey.FormatVersion([branchkey.VersionLen]byte(blob[versionStart:keyStart])), nil
	default:
		return "", errBlob
	}
}

// cipher returns what encrypts the one data key of blob: the key is derived from
// the branch key and the salt, so that no nonce is ever used twice with one key.
func (m *material) cipher(blob []byte, ec crypto.EncryptionContext) (aead cipher.AEAD, aad []byte, err error) {
	canonical, err := ec.Canonical()
	if err != nil {
		return nil, nil, err
	}
	derived := derive.Counter(sha256.New, m.key.InsecureBytes(), label, blob[:saltLen], keyLen)
	defer clear(derived)
	block, err := aes.NewCipher(derived)
	if err != nil {
		return nil, nil, err
	}
	if aead, err = cipher.NewGCM(block); err != nil {
		return nil, nil, err
	}
	aad = make([]byte, 0, len(label)+len(m.id)+len(m.version)+len(canonical))
	aad = append(aad, label...)
	aad = append(aad, m.id...)
	aad = append(aad, m.version[:]...)
	return aead, append(aad, canonical...), nil
}
