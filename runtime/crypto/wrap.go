package crypto

import (
	"crypto/aes"
	"crypto/cipher"

	"github.com/ddbegen/ddbegen/internal/derive"
)

// Sizes of AES-256-GCM in the format.
const (
	keyLen        = derive.KeyLen
	nonceLen      = derive.FieldNonceLen
	tagLen        = 16
	wrappedKeyLen = keyLen + tagLen
)

// wrapDataKey appends dataKey, wrapped under an intermediate key and bound to
// the canonical encryption context, to dst. It returns the signing key of the
// intermediate key's holders too (specification: framework/algorithm-suites,
// "Intermediate Key Wrapping").
func wrapDataKey(dst, intermediateKey, dataKey, canonicalContext []byte) (wrapped []byte, signingKey Key, err error) {
	signing, wrapping := derive.Intermediate(intermediateKey)
	defer clear(wrapping)
	aead, err := newGCM(wrapping)
	if err != nil {
		return nil, Key{}, err
	}
	// A nonce of zeros: the wrapping key is used once, for this data key.
	var nonce [nonceLen]byte
	return aead.Seal(dst, nonce[:], dataKey, canonicalContext), NewKey(signing), nil
}

// unwrapDataKey is the mirror of wrapDataKey. Its error means that
// intermediateKey or the context is not the one that wrapped.
func unwrapDataKey(intermediateKey, wrapped, canonicalContext []byte) (dataKey, signingKey Key, err error) {
	signing, wrapping := derive.Intermediate(intermediateKey)
	defer clear(wrapping)
	aead, err := newGCM(wrapping)
	if err != nil {
		return Key{}, Key{}, err
	}
	var nonce [nonceLen]byte
	plain, err := aead.Open(nil, nonce[:], wrapped, canonicalContext)
	if err != nil {
		return Key{}, Key{}, err
	}
	return NewKey(plain), NewKey(signing), nil
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
