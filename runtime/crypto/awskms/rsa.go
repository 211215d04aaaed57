package awskms

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"errors"
	"fmt"
	"hash"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// RSAClient is the part of a KMS client that the RSA keyring uses; *kms.Client
// implements it.
type RSAClient interface {
	Decrypt(ctx context.Context, in *kms.DecryptInput, options ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

// RSAConfig says which RSA key pair of KMS a keyring uses.
type RSAConfig struct {
	// KeyARN is the ARN of the KMS key pair, of usage ENCRYPT_DECRYPT.
	KeyARN string
	// PublicKey is its public key, of at least 2,048 bits. Without it the keyring
	// can only decrypt.
	PublicKey *rsa.PublicKey
	// Algorithm is RSAES_OAEP_SHA_256 or RSAES_OAEP_SHA_1. It does not stand in
	// items: readers need the writer's.
	Algorithm types.EncryptionAlgorithmSpec
}

// RSA encrypts with the public key of a KMS key pair, in the process, and asks
// KMS to decrypt. It is safe for concurrent use.
//
// Whoever has the public key can write, so a digital signature under a key from
// the item itself would prove nothing: the keyring refuses [crypto.SuiteECDSA].
// KMS does not see the encryption context, whose digest is wrapped with the key.
type RSA struct {
	client    RSAClient // nil if it cannot decrypt
	public    *rsa.PublicKey
	key       keyARN
	algorithm types.EncryptionAlgorithmSpec
	options   options
}

var (
	_ crypto.Keyring      = (*RSA)(nil)
	_ crypto.SuiteChecker = (*RSA)(nil)
)

const minRSABits = 2048

// NewRSA returns a keyring on a KMS key pair (specification:
// framework/aws-kms/aws-kms-rsa-keyring). With a nil client it can only encrypt.
// An identifier that is not a key ARN is [ErrKeyARN].
func NewRSA(client RSAClient, config RSAConfig, opts ...Option) (*RSA, error) {
	k := &RSA{client: client, public: config.PublicKey, algorithm: config.Algorithm}
	var err error
	if k.key, err = parseKeyARN(config.KeyARN); err != nil {
		return nil, fmt.Errorf("AWS KMS RSA keyring: %w", err)
	}
	if client != nil {
		if err = checkClient(client, k.key.region); err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
	}
	if err = k.check(); err == nil {
		k.options, err = apply(opts)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k, err)
	}
	return k, nil
}

func (k *RSA) check() error {
	switch k.algorithm {
	case types.EncryptionAlgorithmSpecRsaesOaepSha1, types.EncryptionAlgorithmSpecRsaesOaepSha256:
	default:
		return fmt.Errorf("encryption algorithm %q: use RSAES_OAEP_SHA_256 or RSAES_OAEP_SHA_1", k.algorithm)
	}
	if k.client == nil && k.public == nil {
		return errors.New("it has neither a client to decrypt nor a public key to encrypt")
	}
	if k.public != nil && (k.public.N == nil || k.public.N.BitLen() < minRSABits) {
		return fmt.Errorf("the public key has fewer than %d bits", minRSABits)
	}
	return nil
}

// String names the keyring, as its errors do.
func (k *RSA) String() string { return "AWS KMS RSA keyring " + k.key.text }

// CheckSuite implements [crypto.SuiteChecker].
func (k *RSA) CheckSuite(s crypto.Suite) error {
	if s.Signs() {
		return fmt.Errorf("%s: a suite with a digital signature proves nothing where everyone has the public key: configure crypto.SuiteHMAC", k)
	}
	return nil
}

// digestLen is the length of the digest before the wrapped key.
const digestLen = sha512.Size384

// contextDigest is what binds a wrapped key to its encryption context.
func contextDigest(ec crypto.EncryptionContext) ([digestLen]byte, error) {
	canonical, err := ec.Canonical()
	return sha512.Sum384(canonical), err
}

// NewKeys implements [crypto.Encrypter] without calling KMS.
func (k *RSA) NewKeys(ctx context.Context, ec crypto.EncryptionContext) ([]crypto.WrappedKey, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", k, err)
	}
	if k.key.text == "" {
		return nil, fmt.Errorf("AWS KMS RSA keyring: %w", errNotMade)
	}
	if k.public == nil {
		return nil, fmt.Errorf("%s: it has no public key: %w", k, crypto.ErrDecryptOnly)
	}
	digest, err := contextDigest(ec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k, err)
	}
	key := make([]byte, keyLen)
	rand.Read(key) // never fails: crypto/rand ends the program instead
	message := append(digest[:], key...)
	defer clear(message)
	blob, err := rsa.EncryptOAEP(k.hash(), rand.Reader, k.public, message, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k, err)
	}
	return []crypto.WrappedKey{{Key: crypto.NewKey(key), EncryptedDataKey: crypto.EncryptedDataKey{
		ProviderID: providerRSA, ProviderInfo: []byte(k.key.text), Ciphertext: blob,
	}}}, nil
}

func (k *RSA) hash() hash.Hash {
	if k.algorithm == types.EncryptionAlgorithmSpecRsaesOaepSha1 {
		return sha1.New()
	}
	return sha256.New()
}

// OpenKey implements [crypto.Decrypter] with a call of Decrypt for every data
// key of this key or of a replica, until one opens.
func (k *RSA) OpenKey(ctx context.Context, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext) (crypto.Key, int, error) {
	if k.key.text == "" {
		return crypto.Key{}, 0, fmt.Errorf("AWS KMS RSA keyring: %w", errNotMade)
	}
	if k.client == nil {
		failures := make([]*crypto.DataKeyError, len(keys))
		for i, key := range keys {
			failures[i] = crypto.NewDataKeyError(k.String(), key, crypto.ReasonEncryptOnly, crypto.ErrEncryptOnly)
		}
		return crypto.Key{}, 0, &crypto.NoKeyError{Failures: failures}
	}
	digest, err := contextDigest(ec)
	if err != nil {
		return crypto.Key{}, 0, fmt.Errorf("%s: %w", k, err)
	}
	return opening[string]{
		keyring:   k.String(),
		providers: []string{providerRSA},
		match: matchARN(func(wrappedBy keyARN) (string, crypto.Reason) {
			if wrappedBy.replicaOf(k.key) {
				return k.key.text, 0
			}
			return "", crypto.ReasonNotMatching
		}),
		open: func(ctx context.Context, use string, blob []byte) (crypto.Key, error) {
			return k.decrypt(ctx, use, blob, digest)
		},
	}.first(ctx, keys)
}

func (k *RSA) decrypt(ctx context.Context, use string, blob []byte, digest [digestLen]byte) (crypto.Key, error) {
	out, err := k.client.Decrypt(ctx, &kms.DecryptInput{
		KeyId:               &use,
		CiphertextBlob:      blob,
		EncryptionAlgorithm: k.algorithm,
		GrantTokens:         k.options.grantTokens.values(),
	})
	if err != nil {
		return crypto.Key{}, err
	}
	defer clear(out.Plaintext)
	switch {
	case aws.ToString(out.KeyId) != use:
		return crypto.Key{}, errOtherKey
	case len(out.Plaintext) != digestLen+keyLen:
		return crypto.Key{}, errLength
	case subtle.ConstantTimeCompare(out.Plaintext[:digestLen], digest[:]) != 1:
		return crypto.Key{}, errOtherContext
	}
	return crypto.NewKey(append([]byte(nil), out.Plaintext[digestLen:]...)), nil
}
