package embedded

import (
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"hash"
)

// newPrivateKey makes a key pair, in PKCS #8.
func newPrivateKey(spec string) ([]byte, error) {
	var private any
	var err error
	if bits := rsaBits[spec]; bits != 0 {
		private, err = rsa.GenerateKey(rand.Reader, bits)
	} else {
		private, err = curves[spec].GenerateKey(rand.Reader)
	}
	if err != nil {
		return nil, fmt.Errorf("make a key pair of spec %s: %w", spec, err)
	}
	encoded, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, fmt.Errorf("encode a key pair of spec %s: %w", spec, err)
	}
	return encoded, nil
}

// privateKey parses the material of a key pair: *rsa.PrivateKey or
// *ecdh.PrivateKey.
func (s *kmsService) privateKey(k *kmsKey, secret []byte) (any, error) {
	if cached, ok := s.private.Load(k.MaterialID); ok {
		return cached, nil
	}
	private, err := x509.ParsePKCS8PrivateKey(secret)
	if err != nil {
		return nil, fmt.Errorf("read KMS key material: %w", err)
	}
	if ec, ok := private.(*ecdsa.PrivateKey); ok {
		if private, err = ec.ECDH(); err != nil {
			return nil, fmt.Errorf("read KMS key material: %w", err)
		}
	}
	s.private.Store(k.MaterialID, private)
	return private, nil
}

type getPublicKeyInput struct {
	KeyId       string
	GrantTokens []string
}

type getPublicKeyOutput struct {
	KeyId                  string
	PublicKey              []byte // DER SubjectPublicKeyInfo
	KeySpec                string
	CustomerMasterKeySpec  string // the old name of KeySpec
	KeyUsage               string
	EncryptionAlgorithms   []string `json:",omitempty"`
	KeyAgreementAlgorithms []string `json:",omitempty"`
}

func (s *kmsService) getPublicKey(region string, in *getPublicKeyInput) (any, error) {
	if err := checkGrantTokens(in.GrantTokens); err != nil {
		return nil, err
	}
	k, secret, err := s.keyWithMaterial(region, in.KeyId)
	if err != nil {
		return nil, err
	}
	if k.Spec == specSymmetric {
		return nil, errUnsupported("%s is a symmetric key: it has no public key.", k.ARN)
	}
	private, err := s.privateKey(k, secret)
	if err != nil {
		return nil, err
	}
	pair, ok := private.(interface{ Public() crypto.PublicKey })
	if !ok {
		return nil, fmt.Errorf("KMS key %s: %T has no public key", k.ARN, private)
	}
	public, err := x509.MarshalPKIXPublicKey(pair.Public())
	if err != nil {
		return nil, fmt.Errorf("encode the public key of %s: %w", k.ARN, err)
	}
	output := &getPublicKeyOutput{
		KeyId: k.ARN, PublicKey: public, KeySpec: k.Spec, CustomerMasterKeySpec: k.Spec, KeyUsage: k.Usage,
		EncryptionAlgorithms: encryptionAlgorithms(k.Spec),
	}
	if k.Usage == usageAgreement {
		output.KeyAgreementAlgorithms = []string{agreementECDH}
	}
	return output, nil
}

func (s *kmsService) rsaKey(k *kmsKey, secret []byte) (*rsa.PrivateKey, error) {
	private, err := s.privateKey(k, secret)
	if err != nil {
		return nil, err
	}
	key, ok := private.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("KMS key %s of spec %s is a %T", k.ARN, k.Spec, private)
	}
	return key, nil
}

func (s *kmsService) encryptRSA(k *kmsKey, secret []byte, algorithm string, plaintext []byte) ([]byte, error) {
	key, err := s.rsaKey(k, secret)
	if err != nil {
		return nil, err
	}
	h := oaepHash(algorithm)
	if longest := key.Size() - 2*h.Size() - 2; len(plaintext) > longest {
		return nil, validationErrorf("Plaintext is %d bytes long; %s encrypts at most %d with %s.", len(plaintext), k.Spec, longest, algorithm)
	}
	return rsa.EncryptOAEP(h, rand.Reader, &key.PublicKey, plaintext, nil)
}

func (s *kmsService) decryptRSA(k *kmsKey, secret []byte, algorithm string, blob []byte) ([]byte, error) {
	key, err := s.rsaKey(k, secret)
	if err != nil {
		return nil, err
	}
	plaintext, err := rsa.DecryptOAEP(oaepHash(algorithm), nil, key, blob, nil)
	if err != nil {
		return nil, errInvalidCiphertext()
	}
	return plaintext, nil
}

func oaepHash(algorithm string) hash.Hash {
	if algorithm == algorithmOAEPSHA1 {
		return sha1.New()
	}
	return sha256.New()
}

type deriveSharedSecretInput struct {
	KeyId                 string
	KeyAgreementAlgorithm string
	PublicKey             []byte
	GrantTokens           []string
	DryRun                bool
}

type deriveSharedSecretOutput struct {
	KeyId                 string
	SharedSecret          []byte // the x coordinate: 32, 48 or 66 bytes
	KeyAgreementAlgorithm string
	KeyOrigin             string
}

func (s *kmsService) deriveSharedSecret(region string, in *deriveSharedSecretInput) (any, error) {
	if err := checkGrantTokens(in.GrantTokens); err != nil {
		return nil, err
	}
	if in.KeyAgreementAlgorithm != agreementECDH {
		return nil, validationErrorf("1 validation error detected: Value '%s' at 'keyAgreementAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [ECDH]", in.KeyAgreementAlgorithm)
	}
	k, secret, err := s.keyWithMaterial(region, in.KeyId)
	if err != nil {
		return nil, err
	}
	if k.Usage != usageAgreement {
		return nil, errKeyUsage(k, "DeriveSharedSecret")
	}
	private, err := s.privateKey(k, secret)
	if err != nil {
		return nil, err
	}
	key, ok := private.(*ecdh.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("KMS key %s of spec %s is a %T", k.ARN, k.Spec, private)
	}
	public, err := parsePublicKey(in.PublicKey)
	if err != nil || public.Curve() != key.Curve() {
		return nil, validationErrorf("PublicKey is not a public key of spec %s in DER.", k.Spec)
	}
	if in.DryRun {
		return nil, errDryRun()
	}
	shared, err := key.ECDH(public)
	if err != nil {
		return nil, validationErrorf("PublicKey does not agree on a secret with %s.", k.ARN)
	}
	return &deriveSharedSecretOutput{KeyId: k.ARN, SharedSecret: shared, KeyAgreementAlgorithm: agreementECDH, KeyOrigin: "AWS_KMS"}, nil
}

// parsePublicKey reads a DER SubjectPublicKeyInfo of a NIST curve.
func parsePublicKey(der []byte) (*ecdh.PublicKey, error) {
	parsed, err := x509.ParsePKIXPublicKey(der)
	if err != nil {
		return nil, err
	}
	public, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return nil, fmt.Errorf("%T is not an elliptic curve key", parsed)
	}
	return public.ECDH()
}
