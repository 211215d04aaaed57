// Package derive makes the keys of the record format from other keys: bytes in,
// bytes out, every function named after what its result is for.
package derive

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"hash"
	"sync"
)

// KeyLen is the length in bytes of every key of the record format.
const KeyLen = 32

// Intermediate returns the two keys that an intermediate key stands for: the
// one that authenticates the record for the holders of that intermediate key,
// and the one that wraps the data key (specification: framework/algorithm-suites,
// "Intermediate Key Wrapping").
func Intermediate(intermediateKey []byte) (signing, wrapping []byte) {
	return twoKeys(intermediateKey, "AWS_MPL_INTERMEDIATE_KEYWRAP_MAC", "AWS_MPL_INTERMEDIATE_KEYWRAP_ENC", nil)
}

// Record returns the two keys of one record: the one that commits to the data
// key, and the root of the keys of its fields (specification:
// structured-encryption/header, "Commitment", and encrypt-structure,
// "Calculate Field Root Key").
func Record(dataKey, messageID []byte) (commit, fieldRoot []byte) {
	return twoKeys(dataKey, "AWS_DBE_COMMIT_KEY", "AWS_DBE_DERIVE_KEY", messageID)
}

// extractors are HMACs without a salt, ready to extract from the next secret.
var extractors = sync.Pool{New: func() any { return hmac.New(sha512.New, nil) }}

// twoKeys is HKDF-SHA512 (RFC 5869): extract without a salt, then expand one
// block for each of two infos, label and suffix, and keep 32 bytes of it.
// crypto/hkdf sets up HMAC anew for every step, which for a small item takes as
// long as encrypting its attributes.
func twoKeys(secret []byte, label1, label2 string, suffix []byte) (key1, key2 []byte) {
	extractor := extractors.Get().(hash.Hash)
	extractor.Reset()
	extractor.Write(secret)
	var prk [sha512.Size]byte
	extractor.Sum(prk[:0])
	extractor.Reset()
	extractors.Put(extractor)

	expander := hmac.New(sha512.New, prk[:])
	clear(prk[:])
	room := make([]byte, 0, 2*sha512.Size)
	for i, label := range [...]string{label1, label2} {
		if i > 0 {
			expander.Reset()
		}
		var few [64]byte
		info := append(append(few[:0], label...), suffix...)
		expander.Write(append(info, 1)) // the number of the block
		room = expander.Sum(room)
	}
	key1, key2 = room[:KeyLen:KeyLen], room[sha512.Size:sha512.Size+KeyLen:sha512.Size+KeyLen]
	clear(room[KeyLen:sha512.Size])
	clear(room[sha512.Size+KeyLen:])
	return key1, key2
}

// CommitmentLen is the length of a header commitment in bytes.
const CommitmentLen = 32

// Commitment returns the commitment to header, the header's bytes before it.
// It is HMAC-SHA512 cut to 32 bytes, as every client computes it, not
// HMAC-SHA384 as the specification's prose has it.
func Commitment(commitKey, header []byte) []byte {
	mac := hmac.New(sha512.New, commitKey)
	mac.Write(header)
	return mac.Sum(nil)[:CommitmentLen]
}

// Lengths of what encrypts one field, in bytes.
const (
	FieldNonceLen = 12
	fieldBlocks   = 3 // blocks of key stream for each field, of which the last four bytes are unused
	// FieldLen is the distance between the keys of two fields in the key stream.
	FieldLen = fieldBlocks * aes.BlockSize
)

// Fields overwrites keys with the keys and nonces of len(keys)/FieldLen encrypted
// fields of a record, from the first on, which counts from 0: for each 32 bytes
// of key, 12 of nonce, 4 unused (specification:
// structured-encryption/encrypt-structure, "Encrypted Field Encryption").
func Fields(keys, fieldRoot []byte, first uint32) error {
	block, err := aes.NewCipher(fieldRoot)
	if err != nil {
		return err
	}
	// The counter is the last word; field n starts at counter 3n, so the streams
	// of successive fields are one stream.
	iv := [aes.BlockSize]byte([]byte("AwsDbeField\x2C\x00\x00\x00\x00"))
	binary.BigEndian.PutUint32(iv[12:], fieldBlocks*first)
	clear(keys)
	cipher.NewCTR(block, iv[:]).XORKeyStream(keys, keys)
	return nil
}

// Field splits the key stream of one field into its key and its nonce.
func Field(stream []byte) (key, nonce []byte) {
	return stream[:KeyLen], stream[KeyLen : KeyLen+FieldNonceLen]
}

// Counter returns n bytes derived from key by NIST SP 800-108 in counter mode
// with HMAC over newHash.
func Counter(newHash func() hash.Hash, key, label, context []byte, n int) []byte {
	mac := hmac.New(newHash, key)
	var counter, bits [4]byte
	binary.BigEndian.PutUint32(bits[:], uint32(n)*8)
	var out []byte
	for i := uint32(1); len(out) < n; i++ {
		binary.BigEndian.PutUint32(counter[:], i)
		mac.Reset()
		mac.Write(counter[:])
		mac.Write(label)
		mac.Write([]byte{0})
		mac.Write(context)
		mac.Write(bits[:])
		out = mac.Sum(out)
	}
	return out[:n]
}
