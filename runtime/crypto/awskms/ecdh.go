package awskms

import (
	"bytes"
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbegen/ddbegen/internal/agreement"
	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// ECDHClient is the part of a KMS client that the ECDH keyrings use;
// *kms.Client implements it.
type ECDHClient interface {
	GetPublicKey(ctx context.Context, in *kms.GetPublicKeyInput, options ...func(*kms.Options)) (*kms.GetPublicKeyOutput, error)
	DeriveSharedSecret(ctx context.Context, in *kms.DeriveSharedSecretInput, options ...func(*kms.Options)) (*kms.DeriveSharedSecretOutput, error)
}

// ECDHConfig names the two parties of an ECDH keyring: a KMS key pair of usage
// KEY_AGREEMENT, and a public key of the same curve (P-256, P-384 or P-521).
type ECDHConfig struct {
	// SenderKeyARN is the ARN of the KMS key pair.
	SenderKeyARN string
	// SenderPublicKey is its public key. If it is nil, kms:GetPublicKey is called
	// once, when the keyring is made.
	SenderPublicKey *ecdh.PublicKey
	// RecipientPublicKey is that of the other party, in KMS or elsewhere.
	RecipientPublicKey *ecdh.PublicKey
}

// ECDH wraps keys under a secret that KMS derives from a KMS key pair and a
// public key. Both parties open what either of them wrapped. It is safe for
// concurrent use.
type ECDH struct {
	party
	recipient           *ecdh.PublicKey
	compressedRecipient []byte
}

var _ crypto.Keyring = (*ECDH)(nil)

// NewECDH returns a keyring between a KMS key pair and a public key
// (specification: framework/aws-kms/aws-kms-ecdh-keyring, scheme
// KmsPrivateKeyToStaticPublicKey). It calls KMS only for a public key that the
// configuration leaves out. An identifier that is not a key ARN is [ErrKeyARN].
func NewECDH(ctx context.Context, client ECDHClient, config ECDHConfig, opts ...Option) (*ECDH, error) {
	k := &ECDH{party: party{client: client, public: config.SenderPublicKey}, recipient: config.RecipientPublicKey}
	if k.recipient == nil {
		return nil, errors.New("AWS KMS ECDH keyring: the recipient's public key is nil")
	}
	var err error
	if k.compressedRecipient, err = agreement.Compress(k.recipient); err != nil {
		return nil, fmt.Errorf("AWS KMS ECDH keyring: the recipient's public key: %w", err)
	}
	if err := k.prepare(ctx, config.SenderKeyARN, opts); err != nil {
		return nil, fmt.Errorf("AWS KMS ECDH keyring: %w", err)
	}
	if k.recipient.Curve() != k.public.Curve() {
		return nil, fmt.Errorf("AWS KMS ECDH keyring %s: sender and recipient have keys of two curves, %v and %v", k.key.text, k.public.Curve(), k.recipient.Curve())
	}
	return k, nil
}

// NewKeys implements [crypto.Encrypter] with one call of DeriveSharedSecret.
func (k *ECDH) NewKeys(ctx context.Context, ec crypto.EncryptionContext) ([]crypto.WrappedKey, error) {
	key, err := k.wrap(ctx, ec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k, err)
	}
	return []crypto.WrappedKey{key}, nil
}

func (k *ECDH) wrap(ctx context.Context, ec crypto.EncryptionContext) (crypto.WrappedKey, error) {
	canonical, err := ec.Canonical()
	if err != nil {
		return crypto.WrappedKey{}, err
	}
	pair := agreement.Pair{Curve: k.public.Curve(), Recipient: k.compressedRecipient, Sender: k.compressed}
	secret, err := k.agree(ctx, k.recipient)
	if err != nil {
		return crypto.WrappedKey{}, err
	}
	defer clear(secret)
	key := make([]byte, keyLen)
	rand.Read(key) // never fails: crypto/rand ends the program instead
	blob, err := pair.Wrap(secret, canonical, key)
	if err != nil {
		return crypto.WrappedKey{}, err
	}
	return crypto.WrappedKey{Key: crypto.NewKey(key), EncryptedDataKey: crypto.EncryptedDataKey{
		ProviderID: agreement.ProviderKMS, ProviderInfo: pair.Info(), Ciphertext: blob,
	}}, nil
}

// OpenKey implements [crypto.Decrypter] with a call of DeriveSharedSecret for
// every data key between the two parties, until one opens.
func (k *ECDH) OpenKey(ctx context.Context, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext) (crypto.Key, int, error) {
	return k.open(ctx, k.String(), keys, ec, func(pair agreement.Pair) bool {
		return pair.Between(k.compressed, k.compressedRecipient)
	})
}

// String names the keyring, as its errors do.
func (k *ECDH) String() string { return "AWS KMS ECDH keyring " + k.key.text }

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
	return d.open(ctx, d.String(), keys, ec, func(pair agreement.Pair) bool {
		return bytes.Equal(pair.Recipient, d.compressed)
	})
}

// String names the keyring, as its errors do.
func (d *ECDHDiscovery) String() string { return "AWS KMS ECDH discovery keyring " + d.key.text }

// party is the side of an agreement whose private key is in KMS.
type party struct {
	client     ECDHClient
	key        keyARN
	public     *ecdh.PublicKey
	compressed []byte // of public
	options    options
}

// prepare checks the configuration, and asks KMS for the public key if it is
// not there.
func (p *party) prepare(ctx context.Context, text string, opts []Option) error {
	if p.client == nil {
		return errNoClient
	}
	var err error
	if p.key, err = parseKeyARN(text); err != nil {
		return err
	}
	if p.options, err = apply(opts); err != nil {
		return err
	}
	if p.public == nil {
		if p.public, err = p.fetch(ctx); err != nil {
			return fmt.Errorf("public key of %s: %w", text, err)
		}
	}
	p.compressed, err = agreement.Compress(p.public)
	return err
}

func (p *party) fetch(ctx context.Context) (*ecdh.PublicKey, error) {
	out, err := p.client.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: &p.key.text, GrantTokens: p.options.grantTokens})
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
		return nil, agreement.ErrCurve
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
		GrantTokens:           p.options.grantTokens,
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
func (p *party) open(ctx context.Context, keyring string, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext, match func(agreement.Pair) bool) (crypto.Key, int, error) {
	canonical, err := ec.Canonical()
	if err != nil {
		return crypto.Key{}, 0, fmt.Errorf("%s: %w", keyring, err)
	}
	return opening[agreement.Pair]{
		keyring:   keyring,
		providers: []string{agreement.ProviderKMS, agreement.ProviderRaw},
		match: func(info []byte) (agreement.Pair, crypto.Reason, error) {
			pair, err := agreement.ParseInfo(info)
			if err == nil && !match(pair) {
				return pair, crypto.ReasonNotMatching, nil
			}
			return pair, 0, err
		},
		open: func(ctx context.Context, pair agreement.Pair, blob []byte) (crypto.Key, error) {
			return p.unwrap(ctx, pair, canonical, blob)
		},
	}.first(ctx, keys)
}

func (p *party) unwrap(ctx context.Context, pair agreement.Pair, canonical, blob []byte) (crypto.Key, error) {
	other := pair.Sender
	if bytes.Equal(other, p.compressed) {
		other = pair.Recipient
	}
	public, err := agreement.Decompress(pair.Curve, other)
	if err != nil {
		return crypto.Key{}, err
	}
	secret, err := p.agree(ctx, public)
	if err != nil {
		return crypto.Key{}, err
	}
	defer clear(secret)
	key, err := pair.Unwrap(secret, canonical, blob)
	if err != nil {
		return crypto.Key{}, err
	}
	return crypto.NewKey(key), nil
}
