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

	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// Client is the part of a KMS client that the symmetric keyrings use;
// *kms.Client implements it. Its Region must be that of the key. It must be safe
// for concurrent use.
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

type options struct{ grantTokens []string }

// Bounds of the service.
const (
	maxGrantTokens    = 10
	maxGrantTokenSize = 8192
)

// WithGrantTokens adds grant tokens to every call: at most 10, each of 1 to
// 8,192 characters.
func WithGrantTokens(tokens ...string) Option {
	return func(o *options) error {
		o.grantTokens = append(o.grantTokens, tokens...)
		if n := len(o.grantTokens); n > maxGrantTokens {
			return fmt.Errorf("%d grant tokens: KMS takes at most %d", n, maxGrantTokens)
		}
		for i, token := range tokens {
			if n := len(token); n < 1 || n > maxGrantTokenSize {
				return fmt.Errorf("grant token %d has %d characters: KMS takes 1 to %d", i+1, n, maxGrantTokenSize)
			}
		}
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

var errNoClient = errors.New("the KMS client is nil")
