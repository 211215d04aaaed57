package awskms

import (
	"context"
	"fmt"

	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// Keyring encrypts and decrypts with one symmetric KMS key. It is safe for
// concurrent use.
type Keyring struct {
	client  Client
	key     keyARN
	replica bool // opens what any replica of the key wrapped
	options options
}

var _ crypto.Keyring = (*Keyring)(nil)

// NewStrict returns a keyring on the KMS key with this ARN, which opens nothing
// that another key wrapped, replicas included (specification:
// framework/aws-kms/aws-kms-keyring). An identifier that is not a key ARN is
// [ErrKeyARN], and a *kms.Client of another Region than the key is refused.
func NewStrict(client Client, keyARN string, opts ...Option) (*Keyring, error) {
	return newKeyring(client, keyARN, false, opts)
}

// NewMRK returns a keyring on the KMS key with this ARN. If it is a multi-Region
// key, the keyring also opens what a replica in another Region wrapped, and asks
// its own replica to do so (specification: framework/aws-kms/aws-kms-mrk-keyring).
// An identifier that is not a key ARN is [ErrKeyARN], and a *kms.Client of another
// Region than the key is refused.
func NewMRK(client Client, keyARN string, opts ...Option) (*Keyring, error) {
	return newKeyring(client, keyARN, true, opts)
}

func newKeyring(client Client, text string, replica bool, opts []Option) (*Keyring, error) {
	k := &Keyring{client: client, replica: replica}
	if err := checkClient(client, ""); err != nil {
		return nil, fmt.Errorf("AWS KMS keyring: %w", err)
	}
	var err error
	if k.key, err = parseKeyARN(text); err != nil {
		return nil, fmt.Errorf("AWS KMS keyring: %w", err)
	}
	if err := checkClient(client, k.key.region); err != nil {
		return nil, fmt.Errorf("AWS KMS keyring %s: %w", text, err)
	}
	if k.options, err = apply(opts); err != nil {
		return nil, fmt.Errorf("AWS KMS keyring %s: %w", text, err)
	}
	return k, nil
}

// String names the keyring, as its errors do.
func (k *Keyring) String() string {
	if k.replica {
		return "AWS KMS multi-Region keyring " + k.key.text
	}
	return "AWS KMS keyring " + k.key.text
}

// NewKeys implements [crypto.Encrypter] with one call of GenerateDataKey.
func (k *Keyring) NewKeys(ctx context.Context, ec crypto.EncryptionContext) ([]crypto.WrappedKey, error) {
	if k.client == nil {
		return nil, fmt.Errorf("AWS KMS keyring: %w", errNotMade)
	}
	key, err := generate(ctx, k.client, k.key.text, k.key.text, k.options.grantTokens.values(), ec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", k, err)
	}
	return []crypto.WrappedKey{key}, nil
}

// OpenKey implements [crypto.Decrypter] with a call of Decrypt for every data
// key of this key, until one opens.
func (k *Keyring) OpenKey(ctx context.Context, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext) (crypto.Key, int, error) {
	if k.client == nil {
		return crypto.Key{}, 0, fmt.Errorf("AWS KMS keyring: %w", errNotMade)
	}
	return opening[string]{
		keyring:   k.String(),
		providers: []string{provider},
		match:     matchARN(k.match),
		open: func(ctx context.Context, use string, blob []byte) (crypto.Key, error) {
			return decrypt(ctx, k.client, use, k.options.grantTokens.values(), blob, ec)
		},
	}.first(ctx, keys)
}

func (k *Keyring) match(wrappedBy keyARN) (use string, reason crypto.Reason) {
	if wrappedBy.text == k.key.text || k.replica && wrappedBy.replicaOf(k.key) {
		return k.key.text, 0
	}
	return "", crypto.ReasonNotMatching
}

// Encrypter only encrypts. It is safe for concurrent use.
type Encrypter struct {
	client     Client
	identifier string
	options    options
}

var _ crypto.Encrypter = (*Encrypter)(nil)

// NewEncrypter returns an encrypter with the symmetric KMS key of this
// identifier: key ARN, alias ARN, alias name or key id. The items it writes name
// the ARN of the key that KMS chose, so that readers are configured with that.
// [crypto.EncryptOnly] makes a keyring of it. An identifier that cannot name a
// key is [ErrIdentifier].
func NewEncrypter(client Client, identifier string, opts ...Option) (*Encrypter, error) {
	if err := checkClient(client, ""); err != nil {
		return nil, fmt.Errorf("AWS KMS encrypter: %w", err)
	}
	if err := checkIdentifier(identifier); err != nil {
		return nil, fmt.Errorf("AWS KMS encrypter: %w", err)
	}
	if a, err := parseARN(identifier); err == nil {
		if err := checkClient(client, a.region); err != nil {
			return nil, fmt.Errorf("AWS KMS encrypter %s: %w", identifier, err)
		}
	}
	o, err := apply(opts)
	if err != nil {
		return nil, fmt.Errorf("AWS KMS encrypter %s: %w", identifier, err)
	}
	return &Encrypter{client: client, identifier: identifier, options: o}, nil
}

// NewKeys implements [crypto.Encrypter] with one call of GenerateDataKey.
func (e *Encrypter) NewKeys(ctx context.Context, ec crypto.EncryptionContext) ([]crypto.WrappedKey, error) {
	if e.client == nil {
		return nil, fmt.Errorf("AWS KMS encrypter: %w", errNotMade)
	}
	var want string
	if a, err := parseKeyARN(e.identifier); err == nil {
		want = a.text
	}
	key, err := generate(ctx, e.client, e.identifier, want, e.options.grantTokens.values(), ec)
	if err != nil {
		return nil, fmt.Errorf("AWS KMS encrypter %s: %w", e.identifier, err)
	}
	return []crypto.WrappedKey{key}, nil
}
