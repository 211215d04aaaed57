// Package keyagreement wraps keys under a secret that two parties agreed on by
// ECDH, for the raw and the KMS ECDH keyrings, which read each other's data keys
// (specification: framework/raw-ecdh-keyring and framework/aws-kms/aws-kms-ecdh-keyring).
package keyagreement

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ddbegen/ddbegen/internal/derive"
)

// Providers of data keys that were wrapped this way.
const (
	ProviderRaw = "raw-ecdh"
	ProviderKMS = "aws-kms-ecdh"
)

const (
	infoVersion = 1
	saltLen     = 32
	commitLen   = 32
	tagLen      = 16
)

// A Curve is one of the three NIST curves of the format.
type Curve struct {
	ecdh     ecdh.Curve
	elliptic elliptic.Curve
	name     string
}

var curves = []Curve{
	{ecdh.P256(), elliptic.P256(), "p256"},
	{ecdh.P384(), elliptic.P384(), "p384"},
	{ecdh.P521(), elliptic.P521(), "p521"},
}

// CurveOf returns the curve of key.
func CurveOf(key *ecdh.PublicKey) (Curve, error) {
	if key == nil {
		return Curve{}, errors.New("the public key is nil: give it one")
	}
	for _, c := range curves {
		if c.ecdh == key.Curve() {
			return c, nil
		}
	}
	return Curve{}, fmt.Errorf("curve %s is not supported: use P-256, P-384 or P-521", key.Curve())
}

// Compress returns the compressed point of key, which must be on one of the
// curves (SEC 1, section 2.3.3): 33, 49 or 67 bytes.
func Compress(key *ecdh.PublicKey) []byte {
	point := key.Bytes() // 4, then both coordinates
	compressed := point[:1+len(point)/2]
	compressed[0] = 2 | point[len(point)-1]&1
	return compressed
}

// Decompress returns the public key of a compressed point on c.
func (c Curve) Decompress(compressed []byte) (*ecdh.PublicKey, error) {
	x, y := elliptic.UnmarshalCompressed(c.elliptic, compressed)
	if x == nil {
		return nil, errors.New("not a compressed point of the curve")
	}
	n := len(compressed) - 1
	point := make([]byte, 1+2*n)
	point[0] = 4
	x.FillBytes(point[1 : 1+n])
	y.FillBytes(point[1+n:])
	return c.ecdh.NewPublicKey(point)
}

// Parties are the compressed public keys of both sides of an agreement.
type Parties struct{ Sender, Recipient []byte }

// Info returns the provider info of a data key: a version, then recipient and
// sender, each behind its length in four bytes.
func (p Parties) Info() []byte {
	info := []byte{infoVersion}
	for _, key := range [][]byte{p.Recipient, p.Sender} {
		info = binary.BigEndian.AppendUint32(info, uint32(len(key)))
		info = append(info, key...)
	}
	return info
}

// ParseInfo reads a provider info of any of the curves: 75, 107 or 143 bytes.
func ParseInfo(info []byte) (Parties, error) {
	for _, c := range curves {
		n := 1 + (c.elliptic.Params().BitSize+7)/8
		if len(info) != 1+2*(4+n) {
			continue
		}
		p := Parties{Recipient: info[5 : 5+n], Sender: info[5+n+4:]}
		if string(p.Info()) == string(info) {
			return p, nil
		}
	}
	return Parties{}, errors.New("the provider info is not that of an ECDH data key")
}

// Wrap wraps key under the shared secret of the parties, bound to the canonical
// encryption context: 32 bytes of salt, 32 of commitment, the sealed key.
func (c Curve) Wrap(secret []byte, p Parties, canonicalContext, key []byte) ([]byte, error) {
	salt := make([]byte, saltLen, saltLen+commitLen+len(key)+tagLen)
	rand.Read(salt) // never fails: crypto/rand ends the program instead
	info := c.fixedInfo(p, canonicalContext)
	commit, aead, err := keys(secret, info, salt)
	if err != nil {
		return nil, err
	}
	// A nonce of zeros: with a fresh salt the wrapping key is used once.
	var nonce [12]byte
	return aead.Seal(append(salt, commit...), nonce[:], key, info), nil
}

// Unwrap is the mirror of Wrap. It does not say what is wrong.
func (c Curve) Unwrap(secret []byte, p Parties, canonicalContext, wrapped []byte) ([]byte, error) {
	if len(wrapped) != saltLen+commitLen+derive.KeyLen+tagLen {
		return nil, errors.New("wrapped key has the wrong length")
	}
	info := c.fixedInfo(p, canonicalContext)
	commit, aead, err := keys(secret, info, wrapped[:saltLen])
	if err != nil {
		return nil, err
	}
	if !hmac.Equal(commit, wrapped[saltLen:saltLen+commitLen]) {
		return nil, errors.New("wrapped key commits to another secret")
	}
	var nonce [12]byte
	return aead.Open(nil, nonce[:], wrapped[saltLen+commitLen:], info)
}

// fixedInfo is what the derivation and the sealing of the key are bound to.
func (c Curve) fixedInfo(p Parties, canonicalContext []byte) []byte {
	info := []byte("ecdh-key-derivation\x00" + c.name + "\x00HMAC_SHA384\x00")
	info = append(info, p.Sender...)
	info = append(info, p.Recipient...)
	info = append(info, 0, 1, 0)
	return append(info, canonicalContext...)
}

// keys derives the commitment and the cipher of one wrapping.
func keys(secret, info, salt []byte) (commit []byte, aead cipher.AEAD, err error) {
	derived := derive.Counter(sha512.New384, secret, info, salt, commitLen+derive.KeyLen)
	block, err := aes.NewCipher(derived[commitLen:])
	if err != nil {
		return nil, nil, err
	}
	clear(derived[commitLen:])
	aead, err = cipher.NewGCM(block)
	return derived[:commitLen], aead, err
}
