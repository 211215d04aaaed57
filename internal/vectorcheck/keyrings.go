package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
)

// errNotCovered is the kind of the error for a vector that needs something this
// command cannot build. It fails the vector even where an error is expected.
var errNotCovered = errors.New("not covered")

// keyringSpec is a keyring as vectors describe it. Which members there are
// depends on the type.
type keyringSpec struct {
	Type    string          `json:"type"`
	FakeKMS json.RawMessage `json:"fakeKms"` // the KMS that the keyring talks to, or that of the keyring around it
	raw     json.RawMessage
}

func (s *keyringSpec) UnmarshalJSON(b []byte) error {
	type members keyringSpec
	s.raw = append(json.RawMessage(nil), b...)
	return json.Unmarshal(b, (*members)(s))
}

// decode reads the members of the keyring's type into v.
func (s *keyringSpec) decode(v any) error { return json.Unmarshal(s.raw, v) }

// keyrings builds the keyrings of each type. A source file of this package that
// covers types adds them in its init.
var keyrings = map[string]func(ctx context.Context, s *keyringSpec) (crypto.Keyring, error){}

func init() {
	keyrings["raw-aes"] = newRawAES
	keyrings["raw-rsa"] = newRawRSA
	keyrings["raw-ecdh"] = newRawECDH
	keyrings["multi"] = newMulti
}

func newKeyring(ctx context.Context, s *keyringSpec) (crypto.Keyring, error) {
	build, ok := keyrings[s.Type]
	if !ok {
		return nil, fmt.Errorf("%w: keyring of type %q", errNotCovered, s.Type)
	}
	return build(ctx, s)
}

func newRawAES(_ context.Context, s *keyringSpec) (crypto.Keyring, error) {
	var c struct{ KeyNamespace, KeyName, WrappingAlg, WrappingKeyHex string }
	if err := s.decode(&c); err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(c.WrappingKeyHex)
	if err != nil {
		return nil, err
	}
	if want := fmt.Sprintf("ALG_AES%d_GCM_IV12_TAG16", 8*len(key)); c.WrappingAlg != want {
		return nil, fmt.Errorf("a key of %d bytes is not for %s", len(key), c.WrappingAlg)
	}
	return raw.NewAES(c.KeyNamespace, c.KeyName, crypto.NewKey(key))
}

func newRawRSA(_ context.Context, s *keyringSpec) (crypto.Keyring, error) {
	var c struct{ KeyNamespace, KeyName, PaddingScheme, PublicKeyPem, PrivateKeyPem string }
	if err := s.decode(&c); err != nil {
		return nil, err
	}
	padding, ok := map[string]raw.Padding{
		"PKCS1":            raw.PKCS1,
		"OAEP_SHA1_MGF1":   raw.OAEPSHA1,
		"OAEP_SHA256_MGF1": raw.OAEPSHA256,
		"OAEP_SHA384_MGF1": raw.OAEPSHA384,
		"OAEP_SHA512_MGF1": raw.OAEPSHA512,
	}[c.PaddingScheme]
	if !ok {
		return nil, fmt.Errorf("%w: padding %q", errNotCovered, c.PaddingScheme)
	}
	config := raw.RSAConfig{Namespace: c.KeyNamespace, Name: c.KeyName, Padding: padding}
	var err error
	if c.PublicKeyPem != "" {
		if config.PublicKey, err = raw.ParseRSAPublicKey([]byte(c.PublicKeyPem)); err != nil {
			return nil, err
		}
	}
	if c.PrivateKeyPem != "" {
		if config.PrivateKey, err = raw.ParseRSAPrivateKey([]byte(c.PrivateKeyPem)); err != nil {
			return nil, err
		}
	}
	return raw.NewRSA(config)
}

func newRawECDH(_ context.Context, s *keyringSpec) (crypto.Keyring, error) {
	var c struct {
		CurveSpec, KeyAgreementScheme                           string
		SenderStaticPrivateKeyPem, RecipientStaticPrivateKeyPem string
		RecipientPublicKeyDerHex                                string
	}
	if err := s.decode(&c); err != nil {
		return nil, err
	}
	der, err := hex.DecodeString(c.RecipientPublicKeyDerHex)
	if err != nil {
		return nil, err
	}
	switch c.KeyAgreementScheme {
	case "RawPrivateKeyToStaticPublicKey":
		sender, err := raw.ParseECDHPrivateKey([]byte(c.SenderStaticPrivateKeyPem))
		if err != nil {
			return nil, err
		}
		recipient, err := raw.ParseECDHPublicKey(der)
		if err != nil {
			return nil, err
		}
		return raw.NewECDHStatic(sender, recipient)
	case "EphemeralPrivateKeyToStaticPublicKey":
		recipient, err := raw.ParseECDHPublicKey(der)
		if err != nil {
			return nil, err
		}
		k, err := raw.NewECDHEphemeral(recipient)
		if err != nil {
			return nil, err
		}
		return crypto.EncryptOnly(k), nil
	case "PublicKeyDiscovery":
		recipient, err := raw.ParseECDHPrivateKey([]byte(c.RecipientStaticPrivateKeyPem))
		if err != nil {
			return nil, err
		}
		k, err := raw.NewECDHDiscovery(recipient)
		if err != nil {
			return nil, err
		}
		return crypto.DecryptOnly(k), nil
	default:
		return nil, fmt.Errorf("%w: key agreement scheme %q", errNotCovered, c.KeyAgreementScheme)
	}
}

func newMulti(ctx context.Context, s *keyringSpec) (crypto.Keyring, error) {
	var c struct {
		Generator *keyringSpec
		Children  []*keyringSpec
	}
	if err := s.decode(&c); err != nil {
		return nil, err
	}
	member := func(m *keyringSpec) (crypto.Keyring, error) {
		if m.FakeKMS == nil {
			m.FakeKMS = s.FakeKMS
		}
		return newKeyring(ctx, m)
	}
	var generator crypto.Keyring
	if c.Generator != nil {
		var err error
		if generator, err = member(c.Generator); err != nil {
			return nil, err
		}
	}
	children := make([]crypto.Keyring, len(c.Children))
	for i, child := range c.Children {
		var err error
		if children[i], err = member(child); err != nil {
			return nil, err
		}
	}
	return crypto.NewMulti(generator, children...)
}
