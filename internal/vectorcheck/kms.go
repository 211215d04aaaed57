package main

import (
	"cmp"
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/awskms"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
)

func init() {
	for _, family := range []string{
		"aws-kms", "aws-kms-multi", "aws-kms-mrk", "aws-kms-discovery", "aws-kms-rsa", "aws-kms-ecdh", "reference-quirks",
	} {
		runners[family] = runItems
	}
	for name, build := range map[string]func(context.Context, *kmsSpec) (crypto.Keyring, error){
		"aws-kms":                     newStrict,
		"aws-kms-multi":               newStrictMulti,
		"aws-kms-mrk":                 newMRK,
		"aws-kms-mrk-multi":           newMRKMulti,
		"aws-kms-discovery":           newDiscovery,
		"aws-kms-discovery-multi":     newDiscoveryMulti,
		"aws-kms-mrk-discovery":       newMRKDiscovery,
		"aws-kms-mrk-discovery-multi": newMRKDiscoveryMulti,
		"aws-kms-rsa":                 newKMSRSA,
		"aws-kms-ecdh":                newKMSECDH,
	} {
		keyrings[name] = func(ctx context.Context, s *keyringSpec) (crypto.Keyring, error) {
			spec := &kmsSpec{}
			if err := s.decode(spec); err != nil {
				return nil, err
			}
			var err error
			if spec.kms, err = newFakeKMS(s.FakeKMS); err != nil {
				return nil, err
			}
			return build(ctx, spec)
		}
	}
}

// kmsSpec has the members of every type of KMS keyring.
type kmsSpec struct {
	kms *fakeKMS

	KmsKeyID        string
	GeneratorKeyID  string
	KmsKeyIDs       []string
	Region          string
	Regions         []string
	GrantTokens     []string
	DiscoveryFilter *struct {
		Partition  string
		AccountIDs []string
	}
	PublicKeyPem        string
	EncryptionAlgorithm string

	CurveSpec                string
	KeyAgreementScheme       string
	SenderKmsIdentifier      string
	SenderPublicKeyDerHex    string
	RecipientKmsIdentifier   string
	RecipientPublicKeyDerHex string
}

func (s *kmsSpec) options() []awskms.Option {
	if len(s.GrantTokens) == 0 {
		return nil
	}
	return []awskms.Option{awskms.WithGrantTokens(s.GrantTokens...)}
}

func (s *kmsSpec) filter() awskms.DiscoveryFilter {
	if s.DiscoveryFilter == nil {
		return awskms.AnyAccount()
	}
	return awskms.InAccounts(s.DiscoveryFilter.Partition, s.DiscoveryFilter.AccountIDs...)
}

// supplier gives every region a client.
func (s *kmsSpec) supplier(region string) (awskms.Client, error) { return s.kms.client(region), nil }

// regionOf returns the region that a keyring's client has: the one given, else
// that of the key ARN.
func (s *kmsSpec) regionOf(identifier string) string {
	fields := strings.Split(identifier, ":")
	if len(fields) < 4 {
		return cmp.Or(s.Region, "us-west-2")
	}
	return cmp.Or(s.Region, fields[3])
}

func newStrict(_ context.Context, s *kmsSpec) (crypto.Keyring, error) {
	return awskms.NewStrict(s.kms.client(s.regionOf(s.KmsKeyID)), s.KmsKeyID, s.options()...)
}

func newStrictMulti(_ context.Context, s *kmsSpec) (crypto.Keyring, error) {
	return awskms.NewStrictMulti(s.supplier, s.GeneratorKeyID, s.KmsKeyIDs, s.options()...)
}

func newMRK(_ context.Context, s *kmsSpec) (crypto.Keyring, error) {
	return awskms.NewMRK(s.kms.client(s.regionOf(s.KmsKeyID)), s.KmsKeyID, s.options()...)
}

func newMRKMulti(_ context.Context, s *kmsSpec) (crypto.Keyring, error) {
	return awskms.NewMRKMulti(s.supplier, s.GeneratorKeyID, s.KmsKeyIDs, s.options()...)
}

func newDiscovery(_ context.Context, s *kmsSpec) (crypto.Keyring, error) {
	d, err := awskms.NewDiscovery(s.kms.client(s.Region), s.filter(), s.options()...)
	if err != nil {
		return nil, err
	}
	return crypto.DecryptOnly(d), nil
}

func newDiscoveryMulti(_ context.Context, s *kmsSpec) (crypto.Keyring, error) {
	return awskms.NewDiscoveryMulti(s.supplier, s.Regions, s.filter(), s.options()...)
}

func newMRKDiscovery(_ context.Context, s *kmsSpec) (crypto.Keyring, error) {
	d, err := awskms.NewMRKDiscovery(s.kms.client(s.Region), s.Region, s.filter(), s.options()...)
	if err != nil {
		return nil, err
	}
	return crypto.DecryptOnly(d), nil
}

func newMRKDiscoveryMulti(_ context.Context, s *kmsSpec) (crypto.Keyring, error) {
	return awskms.NewMRKDiscoveryMulti(s.supplier, s.Regions, s.filter(), s.options()...)
}

func newKMSRSA(_ context.Context, s *kmsSpec) (crypto.Keyring, error) {
	config := awskms.RSAConfig{KeyARN: s.KmsKeyID, Algorithm: types.EncryptionAlgorithmSpec(s.EncryptionAlgorithm)}
	if s.PublicKeyPem != "" {
		var err error
		if config.PublicKey, err = raw.ParseRSAPublicKey([]byte(s.PublicKeyPem)); err != nil {
			return nil, err
		}
	}
	return awskms.NewRSA(s.kms.client(s.regionOf(s.KmsKeyID)), config, s.options()...)
}

func newKMSECDH(ctx context.Context, s *kmsSpec) (crypto.Keyring, error) {
	switch s.KeyAgreementScheme {
	case "KmsPrivateKeyToStaticPublicKey":
		config := awskms.ECDHStaticConfig{SenderKeyARN: s.SenderKmsIdentifier}
		recipient, err := hex.DecodeString(s.RecipientPublicKeyDerHex)
		if err != nil {
			return nil, err
		}
		if config.RecipientPublicKey, err = raw.ParseECDHPublicKey(recipient); err != nil {
			return nil, err
		}
		if s.SenderPublicKeyDerHex != "" {
			sender, err := hex.DecodeString(s.SenderPublicKeyDerHex)
			if err != nil {
				return nil, err
			}
			if config.SenderPublicKey, err = raw.ParseECDHPublicKey(sender); err != nil {
				return nil, err
			}
		}
		return awskms.NewECDHStatic(ctx, s.kms.client(s.regionOf(s.SenderKmsIdentifier)), config, s.options()...)
	case "KmsPublicKeyDiscovery":
		d, err := awskms.NewECDHDiscovery(ctx, s.kms.client(s.regionOf(s.RecipientKmsIdentifier)), s.RecipientKmsIdentifier, s.options()...)
		if err != nil {
			return nil, err
		}
		return crypto.DecryptOnly(d), nil
	default:
		return nil, fmt.Errorf("%w: key agreement scheme %q", errNotCovered, s.KeyAgreementScheme)
	}
}
