package raw

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/internal/keyagreement"
)

// The three key agreement schemes are three types, so that a keyring that
// cannot decrypt or encrypt is no [crypto.Keyring] until the caller says so with
// [crypto.EncryptOnly] or [crypto.DecryptOnly]. The curves are P-256, P-384 and
// P-521 (specification: framework/raw-ecdh-keyring).

// ECDHStatic is a keyring for two parties who know each other's public key:
// AWS's scheme RawPrivateKeyToStaticPublicKey. Both read what either writes.
type ECDHStatic struct {
	label
	curve   keyagreement.Curve
	secret  crypto.Key // shared, the same in both directions
	parties keyagreement.Parties
}

var _ crypto.Keyring = (*ECDHStatic)(nil)

// NewECDHStatic returns the keyring of the holder of sender, to write for and
// read from the holder of recipient's private key.
func NewECDHStatic(sender *ecdh.PrivateKey, recipient *ecdh.PublicKey) (*ECDHStatic, error) {
	if sender == nil {
		return nil, errors.New("raw ECDH keyring: the sender's private key is nil: give it one")
	}
	curve, err := keyagreement.CurveOf(recipient)
	if err != nil {
		return nil, fmt.Errorf("raw ECDH keyring: recipient: %w", err)
	}
	if sender.Curve() != recipient.Curve() {
		return nil, fmt.Errorf("raw ECDH keyring: the sender's key is on %s, the recipient's on %s: use one curve", sender.Curve(), recipient.Curve())
	}
	secret, err := sender.ECDH(recipient)
	if err != nil {
		return nil, fmt.Errorf("raw ECDH keyring: %w", err)
	}
	parties := keyagreement.Parties{Sender: keyagreement.Compress(sender.PublicKey()), Recipient: keyagreement.Compress(recipient)}
	return &ECDHStatic{"raw ECDH keyring, static", curve, crypto.NewKey(secret), parties}, nil
}

// NewKeys implements [crypto.Encrypter] with one key.
func (k *ECDHStatic) NewKeys(_ context.Context, ec crypto.EncryptionContext) ([]crypto.WrappedKey, error) {
	if err := k.made(); err != nil {
		return nil, err
	}
	return newAgreedKey(k.curve, k.secret.InsecureBytes(), k.parties, ec)
}

// OpenKey implements [crypto.Decrypter].
func (k *ECDHStatic) OpenKey(_ context.Context, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext) (crypto.Key, int, error) {
	if err := k.made(); err != nil {
		return crypto.Key{}, 0, err
	}
	return openAgreedKey(k.label, k.curve, keys, ec, func(p keyagreement.Parties) ([]byte, crypto.Reason) {
		mine := bytes.Equal(p.Sender, k.parties.Sender) && bytes.Equal(p.Recipient, k.parties.Recipient)
		theirs := bytes.Equal(p.Sender, k.parties.Recipient) && bytes.Equal(p.Recipient, k.parties.Sender)
		if !mine && !theirs {
			return nil, crypto.ReasonNotMatching
		}
		return k.secret.InsecureBytes(), 0
	})
}

// ECDHEphemeral writes for the holder of a private key without having one:
// AWS's scheme EphemeralPrivateKeyToStaticPublicKey. Each item has a sender key
// of its own, which is forgotten.
type ECDHEphemeral struct {
	label
	curve     keyagreement.Curve
	recipient *ecdh.PublicKey
}

var _ crypto.Encrypter = (*ECDHEphemeral)(nil)

// NewECDHEphemeral returns an encrypter for the holder of recipient's private
// key.
func NewECDHEphemeral(recipient *ecdh.PublicKey) (*ECDHEphemeral, error) {
	curve, err := keyagreement.CurveOf(recipient)
	if err != nil {
		return nil, fmt.Errorf("raw ECDH keyring: recipient: %w", err)
	}
	return &ECDHEphemeral{"raw ECDH keyring, ephemeral", curve, recipient}, nil
}

// NewKeys implements [crypto.Encrypter] with one key.
func (k *ECDHEphemeral) NewKeys(_ context.Context, ec crypto.EncryptionContext) ([]crypto.WrappedKey, error) {
	if err := k.made(); err != nil {
		return nil, err
	}
	sender, err := k.recipient.Curve().GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("raw ECDH keyring: %w", err)
	}
	secret, err := sender.ECDH(k.recipient)
	if err != nil {
		return nil, fmt.Errorf("raw ECDH keyring: %w", err)
	}
	defer clear(secret)
	parties := keyagreement.Parties{Sender: keyagreement.Compress(sender.PublicKey()), Recipient: keyagreement.Compress(k.recipient)}
	return newAgreedKey(k.curve, secret, parties, ec)
}

// ECDHDiscovery reads what anyone wrote for the holder of a private key: AWS's
// scheme PublicKeyDiscovery.
type ECDHDiscovery struct {
	label
	curve     keyagreement.Curve
	agree     func(*ecdh.PublicKey) ([]byte, error) // a function, so that printing shows no private key
	recipient []byte                                // compressed public key
}

var _ crypto.Decrypter = (*ECDHDiscovery)(nil)

// NewECDHDiscovery returns a decrypter for the holder of recipient.
func NewECDHDiscovery(recipient *ecdh.PrivateKey) (*ECDHDiscovery, error) {
	if recipient == nil {
		return nil, errors.New("raw ECDH keyring: the recipient's private key is nil: give it one")
	}
	curve, err := keyagreement.CurveOf(recipient.PublicKey())
	if err != nil {
		return nil, fmt.Errorf("raw ECDH keyring: recipient: %w", err)
	}
	return &ECDHDiscovery{"raw ECDH keyring, discovery", curve, recipient.ECDH, keyagreement.Compress(recipient.PublicKey())}, nil
}

// OpenKey implements [crypto.Decrypter].
func (k *ECDHDiscovery) OpenKey(_ context.Context, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext) (crypto.Key, int, error) {
	if err := k.made(); err != nil {
		return crypto.Key{}, 0, err
	}
	return openAgreedKey(k.label, k.curve, keys, ec, func(p keyagreement.Parties) ([]byte, crypto.Reason) {
		if !bytes.Equal(p.Recipient, k.recipient) {
			return nil, crypto.ReasonNotMatching
		}
		sender, err := k.curve.Decompress(p.Sender)
		if err != nil {
			return nil, crypto.ReasonMalformed
		}
		secret, err := k.agree(sender)
		if err != nil {
			return nil, crypto.ReasonMalformed
		}
		return secret, 0
	})
}

func newAgreedKey(curve keyagreement.Curve, secret []byte, p keyagreement.Parties, ec crypto.EncryptionContext) ([]crypto.WrappedKey, error) {
	canonical, err := ec.Canonical()
	if err != nil {
		return nil, fmt.Errorf("raw ECDH keyring: %w", err)
	}
	key := make([]byte, intermediateKeyLen)
	rand.Read(key) // never fails: crypto/rand ends the program instead
	wrapped, err := curve.Wrap(secret, p, canonical, key)
	if err != nil {
		return nil, fmt.Errorf("raw ECDH keyring: wrap key: %w", err)
	}
	return []crypto.WrappedKey{{
		Key: crypto.NewKey(key),
		EncryptedDataKey: crypto.EncryptedDataKey{
			ProviderID: keyagreement.ProviderRaw, ProviderInfo: p.Info(), Ciphertext: wrapped,
		},
	}}, nil
}

// openAgreedKey opens the first key between parties for whom agree knows the
// secret, which it does if it gives no reason.
func openAgreedKey(keyring label, curve keyagreement.Curve, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext, agree func(keyagreement.Parties) ([]byte, crypto.Reason)) (crypto.Key, int, error) {
	canonical, err := ec.Canonical()
	if err != nil {
		return crypto.Key{}, 0, fmt.Errorf("%s: %w", keyring, err)
	}
	open := func(edk crypto.EncryptedDataKey) ([]byte, crypto.Reason) {
		if edk.ProviderID != keyagreement.ProviderRaw && edk.ProviderID != keyagreement.ProviderKMS {
			return nil, crypto.ReasonNotMatching
		}
		p, err := keyagreement.ParseInfo(edk.ProviderInfo)
		if err != nil {
			return nil, crypto.ReasonMalformed
		}
		secret, reason := agree(p)
		if reason != 0 {
			return nil, reason
		}
		key, err := curve.Unwrap(secret, p, canonical, edk.Ciphertext)
		if err != nil {
			return nil, crypto.ReasonWrongKey
		}
		return key, 0
	}
	var failures []*crypto.DataKeyError
	for i, edk := range keys {
		key, reason := open(edk)
		if reason == 0 {
			return crypto.NewKey(key), i, nil
		}
		failures = append(failures, crypto.NewDataKeyError(string(keyring), edk, reason, nil))
	}
	return crypto.Key{}, 0, &crypto.NoKeyError{Failures: failures}
}

// ParseECDHPublicKey reads a public key from DER: a SubjectPublicKeyInfo, of 91,
// 120 or 158 bytes for the three curves.
func ParseECDHPublicKey(der []byte) (*ecdh.PublicKey, error) {
	key, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, fmt.Errorf("ECDH public key: %w", err)
	}
	public, ok := key.(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("ECDH public key: it is a %T", key)
	}
	return public.ECDH()
}

// ParseECDHPrivateKey reads a private key from PEM: one block "PRIVATE KEY" that
// holds a PKCS #8 structure.
func ParseECDHPrivateKey(text []byte) (*ecdh.PrivateKey, error) {
	der, err := decodePEM(text, "PRIVATE KEY")
	if err != nil {
		return nil, err
	}
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		// The cause is dropped: it could quote the key.
		return nil, errors.New("ECDH private key: it is not PKCS #8")
	}
	private, ok := key.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("ECDH private key: it is a %T", key)
	}
	return private.ECDH()
}
