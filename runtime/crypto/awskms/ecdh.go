package awskms

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/subtle"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/internal/keyagreement"
)

// ECDHClient is the part of a KMS client that the ECDH keyrings use;
// *kms.Client implements it.
type ECDHClient interface {
	GetPublicKey(ctx context.Context, in *kms.GetPublicKeyInput, options ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error)
	DeriveSharedSecret(ctx context.Context, in *kms.DeriveSharedSecretInput, options ...func(*kms.Options)) (*kms.DeriveSharedSecretOutput, error)
}

// ECDHStaticConfig names the two parties of a keyring: a KMS key pair of usage
// KEY_AGREEMENT, and a public key of the same curve (P-256, P-384 or P-521).
type ECDHStaticConfig struct {
	// SenderKeyARN is the ARN of the KMS key pair.
	SenderKeyARN string
	// SenderPublicKey is its public key. It is checked with one call of
	// kms:DeriveSharedSecret when the keyring is made. If it is nil,
	// kms:GetPublicKey is called once instead.
	SenderPublicKey *ecdh.PublicKey
	// RecipientPublicKey is that of the other party, in KMS or elsewhere.
	RecipientPublicKey *ecdh.PublicKey
}

// ECDHStatic wraps keys under a secret that KMS derives from a KMS key pair and
// a public key. Both parties open what either of them wrapped. It is safe for
// concurrent use.
type ECDHStatic struct {
	party
	recipient *ecdh.PublicKey
	parties   keyagreement.Parties
}

var _ crypto.Keyring = (*ECDHStatic)(nil)

// NewECDHStatic returns a keyring between a KMS key pair and a public key
// (specification: framework/aws-kms/aws-kms-ecdh-keyring, scheme
// KmsPrivateKeyToStaticPublicKey). It calls KMS once, to check the sender's public
// key or to get it; another key's is refused. An identifier that is not a key ARN
// is [ErrKeyARN].
func NewECDHStatic(ctx context.Context, client ECDHClient, config ECDHStaticConfig, opts ...Option) (*ECDHStatic, error) {
	k := &ECDHStatic{party: party{client: client, public: config.SenderPublicKey}, recipient: config.RecipientPublicKey}
	if _, err := keyagreement.CurveOf(k.recipient); err != nil {
		return nil, fmt.Errorf("AWS KMS ECDH keyring: recipient: %w", err)
	}
	if err := k.prepare(ctx, config.SenderKeyARN, opts); err != nil {
		return nil, fmt.Errorf("AWS KMS ECDH keyring: %w", err)
	}
	if k.recipient.Curve() != k.public.Curve() {
		return nil, fmt.Errorf("AWS KMS ECDH keyring %s: the sender's key is on %v, the recipient's on %v: use one curve", k.key.text, k.public.Curve(), k.recipient.Curve())
	}
	if config.SenderPublicKey != nil {
		if err := k.prove(ctx); err != nil {
			return nil, fmt.Errorf("AWS KMS ECDH keyring: public key of %s: %w", k.key.text, err)
		}
	}
	k.parties = keyagreement.Parties{Sender: k.compressed, Recipient: keyagreement.Compress(k.recipient)}
	return k, nil
}

// NewKeys implements [crypto.Encrypter] with one call of DeriveSharedSecret.
func (k *ECDHStatic) NewKeys(ctx context.Context, ec crypto.EncryptionContext) ([]crypto.WrappedKey, error) {
	if k.client == nil {
		return nil, fmt.Errorf("AWS KMS ECDH keyring: %w", errNotMade)
	}
	key, err := k.wrap(ctx, ec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k, err)
	}
	return []crypto.WrappedKey{key}, nil
}

func (k *ECDHStatic) wrap(ctx context.Context, ec crypto.EncryptionContext) (crypto.WrappedKey, error) {
	canonical, err := ec.Canonical()
	if err != nil {
		return crypto.WrappedKey{}, err
	}
	secret, err := k.agree(ctx, k.recipient)
	if err != nil {
		return crypto.WrappedKey{}, err
	}
	defer clear(secret)
	key := make([]byte, keyLen)
	rand.Read(key) // never fails: crypto/rand ends the program instead
	blob, err := k.curve.Wrap(secret, k.parties, canonical, key)
	if err != nil {
		return crypto.WrappedKey{}, err
	}
	return crypto.WrappedKey{Key: crypto.NewKey(key), EncryptedDataKey: crypto.EncryptedDataKey{
		ProviderID: keyagreement.ProviderKMS, ProviderInfo: k.parties.Info(), Ciphertext: blob,
	}}, nil
}

// OpenKey implements [crypto.Decrypter] with a call of DeriveSharedSecret for
// every data key between the two parties, until one opens.
func (k *ECDHStatic) OpenKey(ctx context.Context, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext) (crypto.Key, int, error) {
	return k.open(ctx, k.String(), keys, ec, func(p keyagreement.Parties) bool {
		mine := bytes.Equal(p.Sender, k.parties.Sender) && bytes.Equal(p.Recipient, k.parties.Recipient)
		theirs := bytes.Equal(p.Sender, k.parties.Recipient) && bytes.Equal(p.Recipient, k.parties.Sender)
		return mine || theirs
	})
}

// String names the keyring, as its errors do.
func (k *ECDHStatic) String() string { return "AWS KMS ECDH keyring " + k.key.text }

// ECDHDiscovery opens keys that any sender wrapped for a KMS key pair. It cannot
// encrypt; [crypto.DecryptOnly] makes a keyring of it. It is safe for concurrent
// use.
type ECDHDiscovery struct{ party }

var _ crypto.Decrypter = (*ECDHDiscovery)(nil)

// NewECDHDiscovery returns a decrypter for the KMS key pair with this ARN (same
// source, scheme KmsPublicKeyDiscovery). It calls kms:GetPublicKey once. An
// identifier that is not a key ARN is [ErrKeyARN].
func NewECDHDiscovery(ctx context.Context, client ECDHClient, recipientKeyARN string, opts ...Option) (*ECDHDiscovery, error) {
	d := &ECDHDiscovery{party{client: client}}
	if err := d.prepare(ctx, recipientKeyARN, opts); err != nil {
		return nil, fmt.Errorf("AWS KMS ECDH discovery keyring: %w", err)
	}
	return d, nil
}

// OpenKey implements [crypto.Decrypter] with a call of DeriveSharedSecret for
// every data key of this recipient, until one opens.
func (d *ECDHDiscovery) OpenKey(ctx context.Context, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext) (crypto.Key, int, error) {
	return d.open(ctx, d.String(), keys, ec, func(p keyagreement.Parties) bool {
		return bytes.Equal(p.Recipient, d.compressed)
	})
}

// String names the keyring, as its errors do.
func (d *ECDHDiscovery) String() string { return "AWS KMS ECDH discovery keyring " + d.key.text }

// party is the side of an agreement whose private key is in KMS.
type party struct {
	client     ECDHClient
	key        keyARN
	public     *ecdh.PublicKey
	curve      keyagreement.Curve // of public
	compressed []byte             // public
	options    options
}

// prepare checks the configuration, and asks KMS for the public key if it is
// not there.
func (p *party) prepare(ctx context.Context, text string, opts []Option) error {
	if err := checkClient(p.client, ""); err != nil {
		return err
	}
	var err error
	if p.key, err = parseKeyARN(text); err != nil {
		return err
	}
	if err := checkClient(p.client, p.key.region); err != nil {
		return fmt.Errorf("%s: %w", text, err)
	}
	if p.options, err = apply(opts); err != nil {
		return err
	}
	if p.public == nil {
		if p.public, err = p.fetch(ctx); err != nil {
			return fmt.Errorf("public key of %s: %w", text, err)
		}
	}
	if p.curve, err = keyagreement.CurveOf(p.public); err != nil {
		return fmt.Errorf("public key of %s: %w", text, err)
	}
	p.compressed = keyagreement.Compress(p.public)
	return nil
}

// prove checks that the configured public key is that of the KMS key pair, by
// agreeing with it on a secret from both sides. It takes no permission that the
// keyring does not need anyway. With another public key the keyring would write
// items that it reads itself and the recipient never can.
func (p *party) prove(ctx context.Context) error {
	once, err := p.public.Curve().GenerateKey(rand.Reader)
	if err != nil {
		return err
	}
	here, err := once.ECDH(p.public)
	if err != nil {
		return err
	}
	defer clear(here)
	there, err := p.agree(ctx, once.PublicKey())
	if err != nil {
		return err
	}
	defer clear(there)
	if subtle.ConstantTimeCompare(here, there) != 1 {
		return errors.New("the configured public key is that of another key pair: take it from kms:GetPublicKey, or leave SenderPublicKey out")
	}
	return nil
}

func (p *party) fetch(ctx context.Context) (*ecdh.PublicKey, error) {
	out, err := p.client.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &p.key.text, GrantTokens: p.options.grantTokens.values()})
	if err != nil {
		return nil, err
	}
	if aws.ToString(out.KeyId) != p.key.text {
		return nil, errOtherKey
	}
	if out.KeyUsage != types.KeyUsageTypeKeyAgreement {
		return nil, fmt.Errorf("the key is for %s: create one for KEY_AGREEMENT", out.KeyUsage)
	}
	parsed, err := x509.ParsePKIXPublicKey(out.PublicKey)
	if err != nil {
		return nil, err
	}
	public, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("the key is a %T, not one of an elliptic curve", parsed)
	}
	return public.ECDH()
}

// agree asks KMS for the secret that its key pair and a public key share.
func (p *party) agree(ctx context.Context, other *ecdh.PublicKey) ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(other)
	if err != nil {
		return nil, err
	}
	out, err := p.client.DeriveSharedSecret(ctx, &kms.DeriveSharedSecretInput{
		KeyId:                 &p.key.text,
		KeyAgreementAlgorithm: types.KeyAgreementAlgorithmSpecEcdh,
		PublicKey:             der,
		GrantTokens:           p.options.grantTokens.values(),
	})
	if err != nil {
		return nil, err
	}
	if aws.ToString(out.KeyId) != p.key.text {
		clear(out.SharedSecret)
		return nil, errOtherKey
	}
	return out.SharedSecret, nil
}

// open opens the first of keys whose parties match accepts.
func (p *party) open(ctx context.Context, keyring string, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext, match func(keyagreement.Parties) bool) (crypto.Key, int, error) {
	if p.client == nil {
		return crypto.Key{}, 0, fmt.Errorf("AWS KMS ECDH keyring: %w", errNotMade)
	}
	canonical, err := ec.Canonical()
	if err != nil {
		return crypto.Key{}, 0, fmt.Errorf("%s: %w", keyring, err)
	}
	return opening[keyagreement.Parties]{
		keyring:   keyring,
		providers: []string{keyagreement.ProviderKMS, keyagreement.ProviderRaw},
		match: func(info []byte) (keyagreement.Parties, crypto.Reason, error) {
			parties, err := keyagreement.ParseInfo(info)
			if err == nil && !match(parties) {
				return parties, crypto.ReasonNotMatching, nil
			}
			return parties, 0, err
		},
		open: func(ctx context.Context, parties keyagreement.Parties, blob []byte) (crypto.Key, error) {
			return p.unwrap(ctx, parties, canonical, blob)
		},
	}.first(ctx, keys)
}

func (p *party) unwrap(ctx context.Context, parties keyagreement.Parties, canonical, blob []byte) (crypto.Key, error) {
	other := parties.Sender
	if bytes.Equal(other, p.compressed) {
		other = parties.Recipient
	}
	public, err := p.curve.Decompress(other)
	if err != nil {
		return crypto.Key{}, fmt.Errorf("%w: %w", errPoint, err)
	}
	secret, err := p.agree(ctx, public)
	if err != nil {
		return crypto.Key{}, err
	}
	defer clear(secret)
	key, err := p.curve.Unwrap(secret, parties, canonical, blob)
	if err != nil {
		return crypto.Key{}, errUnwrap // the cause only says which check failed
	}
	return crypto.NewKey(key), nil
}
