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

// A KMSKey is a key with known material, for known answers and fixtures.
// Exactly one of Secret, RSA and ECDH is set.
type KMSKey struct {
	// ARN is the whole ARN of the key, such as
	// "arn:aws:kms:us-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab".
	// Account and Region need not be the engine's. A key id that begins with
	// "mrk-" makes a multi-Region key: import it once for every Region.
	ARN    string
	Secret []byte           // 32 bytes: a symmetric key for encryption
	RSA    *rsa.PrivateKey  // 2048, 3072 or 4096 bits: a key pair for encryption
	ECDH   *ecdh.PrivateKey // P-256, P-384 or P-521: a key pair for key agreement
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

// material returns the key spec and the material as the store keeps it.
func (key KMSKey) material() (spec string, secret []byte, err error) {
	kinds := 0
	var private any
	if key.Secret != nil {
		kinds++
		if len(key.Secret) != 32 {
			return "", nil, fmt.Errorf("the secret has %d bytes; a symmetric key has 32", len(key.Secret))
		}
		spec, secret = specSymmetric, bytes.Clone(key.Secret)
	}
	if key.RSA != nil {
		kinds++
		private = key.RSA
		if key.RSA.N == nil || key.RSA.D == nil {
			return "", nil, errors.New("the RSA key is empty")
		}
		if err := key.RSA.Validate(); err != nil {
			return "", nil, err
		}
		spec = fmt.Sprintf("RSA_%d", key.RSA.N.BitLen())
		if rsaBits[spec] == 0 {
			return "", nil, fmt.Errorf("the RSA key has %d bits; KMS has keys of 2048, 3072 and 4096", key.RSA.N.BitLen())
		}
	}
	if key.ECDH != nil {
		kinds++
		private = key.ECDH
		for name, curve := range curves {
			if curve == key.ECDH.Curve() {
				spec = name
			}
		}
		if curves[spec] == nil {
			return "", nil, fmt.Errorf("the ECDH key is on %v; the embedded KMS has P-256, P-384 and P-521", key.ECDH.Curve())
		}
	}
	if kinds != 1 {
		return "", nil, errors.New("exactly one of Secret, RSA and ECDH must be set")
	}
	if private != nil {
		secret, err = x509.MarshalPKCS8PrivateKey(private)
	}
	return spec, secret, err
}
