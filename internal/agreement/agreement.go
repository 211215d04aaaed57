// Package agreement wraps intermediate keys under a secret that two parties
// agreed on by elliptic curve Diffie-Hellman. The raw ECDH keyring and the KMS
// ECDH keyring share it; they differ in who computes the secret.
//
// Specification: framework/raw-ecdh-keyring and framework/aws-kms/aws-kms-ecdh-keyring.
// Where its prose and the released clients differ, in the spelling of curve and
// label, this is what the clients do.
package agreement

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/ddbegen/ddbegen/internal/derive"
)

// The provider ids of encrypted data keys made here. Each of the two keyrings
// opens those of the other.
const (
	ProviderRaw = "raw-ecdh"
	ProviderKMS = "aws-kms-ecdh"
)

// Lengths in bytes of what a wrapped key is made of.
const (
	saltLen       = 32
	commitmentLen = 32
	sealedLen     = derive.KeyLen + 16
	wrappedLen    = saltLen + commitmentLen + sealedLen
)

const infoVersion = 1

// Errors of this package.
var (
	// ErrCurve: a curve other than P-256, P-384 and P-521.
	ErrCurve = errors.New("unknown elliptic curve: use P-256, P-384 or P-521")
	// ErrInfo: provider info that does not name two public keys of the curve.
	ErrInfo = errors.New("provider info is not two public keys of the curve")
	// ErrPoint: a compressed public key that is not a point of the curve.
	ErrPoint = errors.New("public key is not a point of the curve")
	// ErrWrapped: the wrapped key was not made for this secret and context.
	ErrWrapped = errors.New("wrapped key failed authentication")
)

// A Pair is the public keys of sender and recipient, compressed (SEC 1, section
// 2.3.3): 33, 49 or 67 bytes.
type Pair struct {
	Curve     ecdh.Curve
	Recipient []byte
	Sender    []byte
}

// curve is what the wire format knows of a curve.
type curve struct {
	name  string // in the key derivation
	point int    // length of a compressed point
	weier elliptic.Curve
}

func curveOf(c ecdh.Curve) (curve, error) {
	switch c {
	case ecdh.P256():
		return curve{"p256", 33, elliptic.P256()}, nil
	case ecdh.P384():
		return curve{"p384", 49, elliptic.P384()}, nil
	case ecdh.P521():
		return curve{"p521", 67, elliptic.P521()}, nil
	default:
		return curve{}, ErrCurve
	}
}

// Compress returns the compressed form of a public key of a NIST curve.
func Compress(public *ecdh.PublicKey) ([]byte, error) {
	c, err := curveOf(public.Curve())
	if err != nil {
		return nil, err
	}
	uncompressed := public.Bytes() // 04, x, y
	compressed := bytes.Clone(uncompressed[:c.point])
	compressed[0] = 2 | uncompressed[len(uncompressed)-1]&1
	return compressed, nil
}

// Decompress returns the public key of a compressed point. It returns [ErrCurve]
// or [ErrPoint].
func Decompress(on ecdh.Curve, compressed []byte) (*ecdh.PublicKey, error) {
	c, err := curveOf(on)
	if err != nil {
		return nil, err
	}
	x, y := elliptic.UnmarshalCompressed(c.weier, compressed)
	if x == nil {
		return nil, ErrPoint
	}
	uncompressed := make([]byte, 2*c.point-1)
	uncompressed[0] = 4
	x.FillBytes(uncompressed[1:c.point])
	y.FillBytes(uncompressed[c.point:])
	public, err := on.NewPublicKey(uncompressed)
	if err != nil {
		return nil, ErrPoint
	}
	return public, nil
}

// Info returns the provider info of an encrypted data key: a version byte, then
// recipient and sender, each behind its length in four bytes. Pairs of P-256,
// P-384 and P-521 take 75, 107 and 143 bytes.
func (p Pair) Info() []byte {
	info := append(make([]byte, 0, 1+4+len(p.Recipient)+4+len(p.Sender)), infoVersion)
	for _, point := range [][]byte{p.Recipient, p.Sender} {
		info = binary.BigEndian.AppendUint32(info, uint32(len(point)))
		info = append(info, point...)
	}
	return info
}

// ParseInfo reads provider info. The pair is of the curve whose points have the
// lengths found there, and its points are not checked to be on it. Everything
// else is [ErrInfo].
func ParseInfo(info []byte) (Pair, error) {
	if len(info) < 1 || info[0] != infoVersion {
		return Pair{}, ErrInfo
	}
	recipient, rest, ok := cut(info[1:])
	if !ok {
		return Pair{}, ErrInfo
	}
	sender, rest, ok := cut(rest)
	if !ok || len(rest) > 0 || len(sender) != len(recipient) {
		return Pair{}, ErrInfo
	}
	for _, on := range []ecdh.Curve{ecdh.P256(), ecdh.P384(), ecdh.P521()} {
		if c, err := curveOf(on); err == nil && c.point == len(recipient) {
			return Pair{Curve: on, Recipient: recipient, Sender: sender}, nil
		}
	}
	return Pair{}, ErrInfo
}

// cut splits off a block behind its length in four bytes.
func cut(b []byte) (block, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if b = b[4:]; uint64(n) > uint64(len(b)) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}

// Between reports whether the pair is that of these two public keys, whichever
// of them sent.
func (p Pair) Between(a, b []byte) bool {
	return bytes.Equal(p.Recipient, a) && bytes.Equal(p.Sender, b) ||
		bytes.Equal(p.Recipient, b) && bytes.Equal(p.Sender, a)
}

// Wrap wraps an intermediate key of 32 bytes. Secret is the x coordinate that
// the two agreed on, and canonicalContext what EncryptionContext.Canonical
// returns. The result is a salt of 32 bytes, a commitment to the derived keys
// of 32, and the sealed key of 48.
func (p Pair) Wrap(secret, canonicalContext, key []byte) ([]byte, error) {
	salt := make([]byte, saltLen, wrappedLen)
	rand.Read(salt) // never fails: crypto/rand
	return p.wrap(secret, canonicalContext, key, salt)
}

func (p Pair) wrap(secret, canonicalContext, key, salt []byte) ([]byte, error) {
	fixedInfo, err := p.fixedInfo(canonicalContext)
	if err != nil {
		return nil, err
	}
	commitment, aead, err := keys(secret, fixedInfo, salt)
	if err != nil {
		return nil, err
	}
	return aead.Seal(append(salt, commitment...), zeroNonce(aead), key, fixedInfo), nil
}

// Unwrap is the reverse of Wrap. It returns [ErrWrapped], without saying what
// differs.
func (p Pair) Unwrap(secret, canonicalContext, wrapped []byte) ([]byte, error) {
	if len(wrapped) != wrappedLen {
		return nil, ErrWrapped
	}
	salt, wrapped := wrapped[:saltLen], wrapped[saltLen:]
	claimed, sealed := wrapped[:commitmentLen], wrapped[commitmentLen:]
	fixedInfo, err := p.fixedInfo(canonicalContext)
	if err != nil {
		return nil, err
	}
	commitment, aead, err := keys(secret, fixedInfo, salt)
	if err != nil {
		return nil, err
	}
	if subtle.ConstantTimeCompare(claimed, commitment) != 1 {
		return nil, ErrWrapped
	}
	key, err := aead.Open(nil, zeroNonce(aead), sealed, fixedInfo)
	if err != nil {
		return nil, ErrWrapped
	}
	return key, nil
}

// fixedInfo binds the derived keys to curve, parties and encryption context.
func (p Pair) fixedInfo(canonicalContext []byte) ([]byte, error) {
	c, err := curveOf(p.Curve)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	b.WriteString("ecdh-key-derivation\x00" + c.name + "\x00HMAC_SHA384\x00")
	b.Write(p.Sender)
	b.Write(p.Recipient)
	b.Write([]byte{0, infoVersion, 0})
	b.Write(canonicalContext)
	return b.Bytes(), nil
}

// keys derives the commitment and the wrapping key from the agreed secret.
func keys(secret, fixedInfo, salt []byte) (commitment []byte, _ cipher.AEAD, _ error) {
	derived := derive.Counter(sha512.New384, secret, fixedInfo, salt, commitmentLen+derive.KeyLen)
	defer clear(derived[commitmentLen:])
	block, err := aes.NewCipher(derived[commitmentLen:])
	if err != nil {
		return nil, nil, fmt.Errorf("derive the wrapping key: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, nil, fmt.Errorf("derive the wrapping key: %w", err)
	}
	return derived[:commitmentLen], aead, nil
}

// zeroNonce is safe because every wrapping key is derived with a fresh salt and
// seals once.
func zeroNonce(aead cipher.AEAD) []byte { return make([]byte, aead.NonceSize()) }
