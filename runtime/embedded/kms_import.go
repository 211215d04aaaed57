package embedded

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// KMSIn returns a client of the engine for another Region. A key answers only
// to clients of the Region in its ARN, as the real service does.
func (e *Engine) KMSIn(region string, options ...func(*kms.Options)) *kms.Client {
	return e.KMS(append([]func(*kms.Options){func(o *kms.Options) { o.Region = region }}, options...)...)
}

// A KMSKey is a key with known material, for known answers and fixtures: the
// result of [SymmetricKey], [RSAKey] or [AgreementKey]. Printing, logging or
// marshalling it shows nothing but its ARN.
//
// The ARN is the whole one, such as
// "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab".
// Account and Region need not be the engine's. A key id that begins with
// "mrk-" makes a multi-Region key: import it once for every Region.
type KMSKey struct {
	ARN string
	// A function, because fmt and others print what lies in an unexported field
	// past its methods, and follow pointers then. It returns the key spec and
	// the material as the store keeps it.
	material func() (spec string, secret []byte, err error)
}

// SymmetricKey is a key for encryption, of 32 bytes. ImportKMSKey copies them.
func SymmetricKey(arn string, secret []byte) KMSKey {
	return KMSKey{arn, func() (string, []byte, error) {
		if len(secret) != 32 {
			return "", nil, fmt.Errorf("the secret has %d bytes; a symmetric key has 32", len(secret))
		}
		return specSymmetric, bytes.Clone(secret), nil
	}}
}

// RSAKey is a key pair for encryption, of 2048, 3072 or 4096 bits.
func RSAKey(arn string, private *rsa.PrivateKey) KMSKey {
	return KMSKey{arn, func() (string, []byte, error) {
		if private == nil || private.N == nil || private.D == nil {
			return "", nil, errors.New("the RSA key is empty")
		}
		if err := private.Validate(); err != nil {
			return "", nil, err
		}
		spec := fmt.Sprintf("RSA_%d", private.N.BitLen())
		if rsaBits[spec] == 0 {
			return "", nil, fmt.Errorf("the RSA key has %d bits; KMS has keys of 2048, 3072 and 4096", private.N.BitLen())
		}
		secret, err := x509.MarshalPKCS8PrivateKey(private)
		return spec, secret, err
	}}
}

// AgreementKey is a key pair for key agreement, on P-256, P-384 or P-521.
func AgreementKey(arn string, private *ecdh.PrivateKey) KMSKey {
	return KMSKey{arn, func() (string, []byte, error) {
		if private == nil {
			return "", nil, errors.New("the ECDH key is nil")
		}
		for spec, curve := range curves {
			if curve == private.Curve() {
				secret, err := x509.MarshalPKCS8PrivateKey(private)
				return spec, secret, err
			}
		}
		return "", nil, fmt.Errorf("the ECDH key is on %v; the embedded KMS has P-256, P-384 and P-521", private.Curve())
	}}
}

// Format implements [fmt.Formatter], so that no verb shows the material.
func (key KMSKey) Format(s fmt.State, _ rune) {
	// fmt.State reports no useful error: fmt itself drops it.
	_, _ = fmt.Fprintf(s, "embedded.KMSKey(%s)", key.ARN)
}

// ImportKMSKey adds a key. It refuses an ARN that exists and, for a
// multi-Region key, material that differs from the other Regions'.
func (e *Engine) ImportKMSKey(key KMSKey) error {
	s, ok := e.services[kmsTarget].(*kmsService)
	if !ok {
		return errors.New("embedded: import KMS key: the engine has no KMS")
	}
	if err := s.importKey(key); err != nil {
		return fmt.Errorf("embedded: import KMS key %s: %w", key.ARN, err)
	}
	return nil
}

func (s *kmsService) importKey(key KMSKey) error {
	parsed, err := arn.Parse(key.ARN)
	if err != nil {
		return err
	}
	id, found := strings.CutPrefix(parsed.Resource, "key/")
	if parsed.Service != "kms" || parsed.Region == "" || parsed.AccountID == "" || !found || id == "" {
		return errors.New("not the ARN of a KMS key: want arn:PARTITION:kms:REGION:ACCOUNT:key/ID")
	}
	if key.material == nil {
		return errors.New("it has no material: make the key with embedded.SymmetricKey, RSAKey or AgreementKey")
	}
	spec, secret, err := key.material()
	if err != nil {
		return err
	}
	k := &kmsKey{ARN: key.ARN, Spec: spec, Usage: usageEncryption}
	if curves[spec] != nil {
		k.Usage = usageAgreement
	}
	if strings.HasPrefix(id, "mrk-") {
		k.PrimaryRegion = parsed.Region
	}
	return s.store.update(func(tx transaction) error {
		existing, err := s.key(tx, k.ARN)
		if err != nil {
			return err
		}
		if existing != nil {
			return errors.New("the key exists already")
		}
		if k.multiRegion() {
			if err := s.joinReplicas(tx, k, secret); err != nil {
				return err
			}
		}
		return s.add(tx, k, secret)
	})
}

// joinReplicas makes k a replica of the key in the other Regions, if any.
func (s *kmsService) joinReplicas(tx transaction, k *kmsKey, secret []byte) error {
	others, err := s.related(tx, k)
	if err != nil || len(others) == 0 {
		return err
	}
	other, err := s.key(tx, others[0])
	if err != nil {
		return err
	}
	m, err := s.material(tx, other.MaterialID)
	if err != nil {
		return err
	}
	if !bytes.Equal(m.Secret, secret) {
		return fmt.Errorf("its material is not that of %s", other.ARN)
	}
	k.PrimaryRegion = other.PrimaryRegion
	return nil
}
