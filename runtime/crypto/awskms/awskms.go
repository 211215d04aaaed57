// Package awskms has the keyrings whose wrapping keys are KMS keys.
//
// [NewStrict] encrypts and decrypts with one key named by its ARN, [NewMRK] with
// a multi-Region key whichever of its replicas wrapped. [NewDiscovery] and
// [NewMRKDiscovery] only decrypt, with whatever key an item names, and
// [NewEncrypter] only encrypts. Each of the four has a multi-keyring of several
// keys or Regions. [NewRSA] encrypts without a call to KMS under an RSA key pair
// whose private key stays there, and [NewECDHStatic] under a secret that KMS derives.
//
// A keyring calls KMS once for every item that it encrypts or decrypts; the
// hierarchical keyring does not. It asks KMS for a data key of its own
// (kms:GenerateDataKey) for every item and never calls kms:Encrypt.
//
// The encryption context of an item goes to KMS in clear and stands in
// CloudTrail: names of the table and of the key attributes, the values of the
// key attributes, and every attribute whose action is
// SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT. Only the RSA and ECDH keyrings keep it
// from KMS.
//
// Specification: github.com/awslabs/aws-encryption-sdk-specification,
// framework/aws-kms.
package awskms

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// Client is the part of a KMS client that the symmetric keyrings use;
// *kms.Client implements it. Its Region must be that of the key, which is checked
// where the client says it. It must not be a nil pointer, and safe for concurrent use.
type Client interface {
	GenerateDataKey(ctx context.Context, in *kms.GenerateDataKeyInput, options ...func(*kms.Options)) (*kms.GenerateDataKeyOutput, error)
	Decrypt(ctx context.Context, in *kms.DecryptInput, options ...func(*kms.Options)) (*kms.DecryptOutput, error)
}

var _ Client = (*kms.Client)(nil)

// Provider ids of encrypted data keys.
const (
	provider    = "aws-kms"
	providerRSA = "aws-kms-rsa"
)

// An Option changes a keyring when it is made.
type Option func(*options) error

type options struct{ grantTokens grantTokens }

// grantTokens are not secret for long, but they grant: a function, so that
// printing a keyring does not show them.
type grantTokens func() []string

func (g grantTokens) values() []string {
	if g == nil {
		return nil
	}
	return g()
}

// Bounds of the service.
const (
	maxGrantTokens    = 10
	maxGrantTokenSize = 8192
)

// WithGrantTokens adds grant tokens to every call: at most 10, each of 1 to
// 8,192 characters.
func WithGrantTokens(tokens ...string) Option {
	return func(o *options) error {
		all := slices.Concat(o.grantTokens.values(), tokens)
		if n := len(all); n > maxGrantTokens {
			return fmt.Errorf("%d grant tokens: KMS takes at most %d", n, maxGrantTokens)
		}
		for i, token := range tokens {
			if n := len(token); n < 1 || n > maxGrantTokenSize {
				return fmt.Errorf("grant token %d has %d characters: KMS takes 1 to %d", i+1, n, maxGrantTokenSize)
			}
		}
		o.grantTokens = func() []string { return all }
		return nil
	}
}

func apply(opts []Option) (options, error) {
	var o options
	for _, opt := range opts {
		if opt == nil {
			return options{}, errors.New("an option is nil")
		}
		if err := opt(&o); err != nil {
			return options{}, err
		}
	}
	return o, nil
}

var (
	errNoClient = errors.New("the KMS client is nil")
	errNotMade  = errors.New("the keyring is a zero value: it has to be made by a function New… of package awskms")
)

// checkClient refuses a client that is nil, also a nil *kms.Client, and a
// *kms.Client of another Region than a key.
func checkClient(client any, region string) error {
	if c, ok := client.(*kms.Client); client == nil || ok && c == nil {
		return errNoClient
	}
	c, ok := client.(interface{ Options() kms.Options })
	if !ok || region == "" {
		return nil
	}
	if got := c.Options().Region; got != "" && got != region {
		return fmt.Errorf("the client is of region %q, the key of %q: give it a client of the key's region, such as NewClientSupplier makes", got, region)
	}
	return nil
}
