package raw

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"

	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// Padding is how a raw RSA keyring pads keys (specification:
// framework/raw-rsa-keyring, "Padding Scheme"). OAEP uses its hash for MGF1 too.
type Padding uint8

// The paddings.
const (
	PKCS1      Padding = iota + 1 // RSAES-PKCS1-v1_5, only to read what others wrote
	OAEPSHA1                      // RSAES-OAEP with SHA-1
	OAEPSHA256                    // RSAES-OAEP with SHA-256
	OAEPSHA384                    // RSAES-OAEP with SHA-384
	OAEPSHA512                    // RSAES-OAEP with SHA-512
)

func (p Padding) newHash() func() hash.Hash {
	switch p {
	case OAEPSHA1:
		return sha1.New
	case OAEPSHA256:
		return sha256.New
	case OAEPSHA384:
		return sha512.New384
	case OAEPSHA512:
		return sha512.New
	default:
		return nil
	}
}

// RSAConfig is the configuration of a raw RSA keyring. A keyring with the public
// key alone can only encrypt, one with the private key alone only decrypt.
type RSAConfig struct {
	Namespace, Name string // by which readers find the key
	Padding         Padding
	PublicKey       *rsa.PublicKey
	PrivateKey      RSAPrivateKey // the zero one is none
}

// RSAPrivateKey is a private key, whose printing, logging or marshalling shows
// nothing of it: an *rsa.PrivateKey marshals its primes.
type RSAPrivateKey struct {
	// A function, because fmt prints what lies in an unexported field past its
	// methods, and follows pointers then.
	reveal func() *rsa.PrivateKey
}

// NewRSAPrivateKey returns a key that holds key, which must not be changed
// afterwards. A nil key is none.
func NewRSAPrivateKey(key *rsa.PrivateKey) RSAPrivateKey {
	return RSAPrivateKey{func() *rsa.PrivateKey { return key }}
}

// insecure returns the key itself, or nil if there is none.
func (k RSAPrivateKey) insecure() *rsa.PrivateKey {
	if k.reveal == nil {
		return nil
	}
	return k.reveal()
}

const redactedRSA = "raw.RSAPrivateKey(redacted)"

// Format implements [fmt.Formatter] and shows nothing of the key.
func (k RSAPrivateKey) Format(s fmt.State, _ rune) {
	// fmt.State reports no useful error: fmt itself drops it.
	_, _ = s.Write([]byte(redactedRSA))
}

// MarshalText implements [encoding.TextMarshaler], and by it JSON, and shows
// nothing of the key.
func (k RSAPrivateKey) MarshalText() ([]byte, error) { return []byte(redactedRSA), nil }

// RSA is a keyring that wraps keys with an RSA key pair of the program's own
// (specification: framework/raw-rsa-keyring). RSA does not bind the encryption
// context to the wrapped key; the wrapping of the data key does.
type RSA struct {
	label
	c RSAConfig
}

var _ crypto.Keyring = (*RSA)(nil)

// NewRSA returns a keyring. It refuses a configuration without a key, without a
// known padding, with the namespace of AWS KMS, with keys that are no pair, and
// with a modulus too small for a key of 32 bytes.
func NewRSA(c RSAConfig) (*RSA, error) {
	k := &RSA{label(fmt.Sprintf("raw RSA keyring %q %q", c.Namespace, c.Name)), c}
	if err := k.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", k.label, err)
	}
	return k, nil
}

func (k *RSA) check() error {
	if err := checkNames(k.c.Namespace, k.c.Name, 0); err != nil {
		return err
	}
	overhead := 11 // of PKCS #1 v1.5; RFC 8017, section 7.2.1
	if newHash := k.c.Padding.newHash(); newHash != nil {
		overhead = 2*newHash().Size() + 2 // RFC 8017, section 7.1.1
	} else if k.c.Padding != PKCS1 {
		return errors.New("unknown padding: use PKCS1 or one of OAEP")
	}
	public, private := k.c.PublicKey, k.c.PrivateKey.insecure()
	if public == nil && private == nil {
		return errors.New("it has no key: give it a public key to encrypt, a private key to decrypt, or both")
	}
	if private != nil {
		if err := private.Validate(); err != nil {
			return fmt.Errorf("private key: %w", err)
		}
		if public != nil && !private.PublicKey.Equal(public) {
			return errors.New("public and private key are no pair: it could not read what it writes")
		}
		public = &private.PublicKey
	}
	if public.N == nil || public.Size() < intermediateKeyLen+overhead {
		return fmt.Errorf("the RSA modulus is too small for a key of %d bytes in this padding: use 2048 bits or more", intermediateKeyLen)
	}
	return nil
}

// NewKeys implements [crypto.Encrypter] with one key. Without a public key it
// fails with [crypto.ErrDecryptOnly].
func (k *RSA) NewKeys(context.Context, crypto.EncryptionContext) ([]crypto.WrappedKey, error) {
	if err := k.made(); err != nil {
		return nil, err
	}
	if k.c.PublicKey == nil {
		return nil, fmt.Errorf("%s has no public key: %w", k.label, crypto.ErrDecryptOnly)
	}
	key := make([]byte, intermediateKeyLen)
	rand.Read(key) // never fails: crypto/rand ends the program instead
	wrapped, err := k.wrap(key)
	if err != nil {
		return nil, fmt.Errorf("%s: wrap key: %w", k.label, err)
	}
	return []crypto.WrappedKey{{
		Key: crypto.NewKey(key),
		EncryptedDataKey: crypto.EncryptedDataKey{
			ProviderID: k.c.Namespace, ProviderInfo: []byte(k.c.Name), Ciphertext: wrapped,
		},
	}}, nil
}

func (k *RSA) wrap(key []byte) ([]byte, error) {
	if newHash := k.c.Padding.newHash(); newHash != nil {
		return rsa.EncryptOAEP(newHash(), rand.Reader, k.c.PublicKey, key, nil)
	}
	//lint:ignore SA1019 the format has it, and items in this padding exist
	return rsa.EncryptPKCS1v15(rand.Reader, k.c.PublicKey, key)
}

// OpenKey implements [crypto.Decrypter]. Without a private key it opens none.
//
// In the padding PKCS1 it returns a random key where the padding is wrong, as
// RFC 3218 asks, lest an attacker learn from the difference: the wrapping of the
// data key then fails to open.
func (k *RSA) OpenKey(_ context.Context, keys []crypto.EncryptedDataKey, _ crypto.EncryptionContext) (crypto.Key, int, error) {
	if err := k.made(); err != nil {
		return crypto.Key{}, 0, err
	}
	var failures []*crypto.DataKeyError
	for i, edk := range keys {
		reason := crypto.ReasonNotMatching
		if edk.ProviderID == k.c.Namespace && string(edk.ProviderInfo) == k.c.Name {
			if k.c.PrivateKey.insecure() == nil {
				failures = append(failures, crypto.NewDataKeyError(k.String(), edk, crypto.ReasonEncryptOnly, crypto.ErrEncryptOnly))
				continue
			}
			key, err := k.unwrap(edk.Ciphertext)
			if err == nil && len(key) == intermediateKeyLen {
				return crypto.NewKey(key), i, nil
			}
			reason = crypto.ReasonWrongKey // the cause says no more, on purpose
		}
		failures = append(failures, crypto.NewDataKeyError(k.String(), edk, reason, nil))
	}
	return crypto.Key{}, 0, &crypto.NoKeyError{Failures: failures}
}

func (k *RSA) unwrap(wrapped []byte) ([]byte, error) {
	if newHash := k.c.Padding.newHash(); newHash != nil {
		return rsa.DecryptOAEP(newHash(), rand.Reader, k.c.PrivateKey.insecure(), wrapped, nil)
	}
	key := make([]byte, intermediateKeyLen)
	rand.Read(key) // never fails: crypto/rand ends the program instead
	//lint:ignore SA1019 the format has it, and items in this padding exist
	err := rsa.DecryptPKCS1v15SessionKey(rand.Reader, k.c.PrivateKey.insecure(), wrapped, key)
	return key, err
}

// ParseRSAPublicKey reads a public key from PEM: one block "PUBLIC KEY" that
// holds a SubjectPublicKeyInfo.
func ParseRSAPublicKey(text []byte) (*rsa.PublicKey, error) {
	der, err := decodePEM(text, "PUBLIC KEY")
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("RSA public key: %w", err)
	}
	public, ok := key.(*rsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("RSA public key: it is a %T", key)
	}
	return public, nil
}

// ParseRSAPrivateKey reads a private key from PEM: one block "PRIVATE KEY" that
// holds a PKCS #8 structure.
func ParseRSAPrivateKey(text []byte) (RSAPrivateKey, error) {
	der, err := decodePEM(text, "PRIVATE KEY")
	if err != nil {
		return RSAPrivateKey{}, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		// The cause is dropped: it could quote the key.
		return RSAPrivateKey{}, errors.New("RSA private key: it is not PKCS #8")
	}
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return RSAPrivateKey{}, fmt.Errorf("RSA private key: it is a %T", key)
	}
	return NewRSAPrivateKey(private), nil
}

func decodePEM(text []byte, kind string) ([]byte, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != kind {
		return nil, fmt.Errorf("not PEM with a block %q", kind)
	}
	if next, _ := pem.Decode(rest); next != nil {
		return nil, fmt.Errorf("PEM has more blocks than one %q", kind)
	}
	return block.Bytes, nil
}
