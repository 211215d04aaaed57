package embedded

import (
	"crypto/rand"
	"slices"
)

type generateDataKeyInput struct {
	KeyId             string
	EncryptionContext map[string]string
	KeySpec           string
	NumberOfBytes     *int
	GrantTokens       []string
	DryRun            bool
}

type generateDataKeyOutput struct {
	KeyId          string
	KeyMaterialId  string
	CiphertextBlob []byte
	Plaintext      []byte `json:",omitempty"`
}

func (s *kmsService) generateDataKey(region string, in *generateDataKeyInput) (any, error) {
	return s.newDataKey(region, in)
}

func (s *kmsService) generateDataKeyWithoutPlaintext(region string, in *generateDataKeyInput) (any, error) {
	output, err := s.newDataKey(region, in)
	if err != nil {
		return nil, err
	}
	output.Plaintext = nil
	return output, nil
}

func (s *kmsService) newDataKey(region string, in *generateDataKeyInput) (*generateDataKeyOutput, error) {
	length, err := in.length()
	if err != nil {
		return nil, err
	}
	if err := checkCall(in.EncryptionContext, in.GrantTokens); err != nil {
		return nil, err
	}
	k, secret, err := s.keyWithMaterial(region, in.KeyId)
	if err != nil {
		return nil, err
	}
	if k.Spec != specSymmetric {
		return nil, errKeyUsage(k, "GenerateDataKey")
	}
	if in.DryRun {
		return nil, errDryRun()
	}
	plaintext := make([]byte, length)
	rand.Read(plaintext) // never fails: crypto/rand
	blob, err := s.seal(k, secret, plaintext, in.EncryptionContext)
	if err != nil {
		return nil, err
	}
	return &generateDataKeyOutput{KeyId: k.ARN, KeyMaterialId: k.MaterialID, CiphertextBlob: blob, Plaintext: plaintext}, nil
}

// length returns the length in bytes of the data key that is asked for.
func (in *generateDataKeyInput) length() (int, error) {
	switch {
	case (in.KeySpec == "") == (in.NumberOfBytes == nil):
		return 0, validationErrorf("Please specify either number of bytes or key spec.")
	case in.KeySpec == "AES_128":
		return 16, nil
	case in.KeySpec == "AES_256":
		return 32, nil
	case in.KeySpec != "":
		return 0, validationErrorf("1 validation error detected: Value '%s' at 'keySpec' failed to satisfy constraint: Member must satisfy enum value set: [AES_256, AES_128]", in.KeySpec)
	case *in.NumberOfBytes < 1 || *in.NumberOfBytes > 1024:
		return 0, validationErrorf("1 validation error detected: Value '%d' at 'numberOfBytes' failed to satisfy constraint: Member must have value between 1 and 1024", *in.NumberOfBytes)
	default:
		return *in.NumberOfBytes, nil
	}
}

type encryptInput struct {
	KeyId               string
	Plaintext           []byte
	EncryptionContext   map[string]string
	EncryptionAlgorithm string
	GrantTokens         []string
	DryRun              bool
}

func (s *kmsService) encrypt(region string, in *encryptInput) (any, error) {
	if err := checkCall(in.EncryptionContext, in.GrantTokens); err != nil {
		return nil, err
	}
	if n := len(in.Plaintext); n < 1 || n > 4096 {
		return nil, validationErrorf("1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length between 1 and 4096")
	}
	k, secret, err := s.keyWithMaterial(region, in.KeyId)
	if err != nil {
		return nil, err
	}
	algorithm, err := k.encryptionAlgorithm(in.EncryptionAlgorithm, in.EncryptionContext, "Encrypt")
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, errDryRun()
	}
	blob, err := s.wrap(k, secret, algorithm, in.Plaintext, in.EncryptionContext)
	if err != nil {
		return nil, err
	}
	return map[string]any{"KeyId": k.ARN, "CiphertextBlob": blob, "EncryptionAlgorithm": algorithm}, nil
}

type decryptInput struct {
	KeyId               string
	CiphertextBlob      []byte
	EncryptionContext   map[string]string
	EncryptionAlgorithm string
	GrantTokens         []string
	DryRun              bool
}

type decryptOutput struct {
	KeyId               string
	KeyMaterialId       string `json:",omitempty"`
	Plaintext           []byte
	EncryptionAlgorithm string
}

func (s *kmsService) decrypt(region string, in *decryptInput) (any, error) {
	if err := checkCall(in.EncryptionContext, in.GrantTokens); err != nil {
		return nil, err
	}
	k, algorithm, plaintext, err := s.open(region, "Decrypt", ciphertext{
		in.CiphertextBlob, in.KeyId, in.EncryptionAlgorithm, in.EncryptionContext,
	})
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, errDryRun()
	}
	return &decryptOutput{KeyId: k.ARN, KeyMaterialId: k.symmetricMaterialID(), Plaintext: plaintext, EncryptionAlgorithm: algorithm}, nil
}

type reEncryptInput struct {
	CiphertextBlob                 []byte
	SourceKeyId                    string
	SourceEncryptionContext        map[string]string
	SourceEncryptionAlgorithm      string
	DestinationKeyId               string
	DestinationEncryptionContext   map[string]string
	DestinationEncryptionAlgorithm string
	GrantTokens                    []string
	DryRun                         bool
}

type reEncryptOutput struct {
	CiphertextBlob                 []byte
	KeyId                          string
	SourceKeyId                    string
	SourceKeyMaterialId            string `json:",omitempty"`
	DestinationKeyMaterialId       string `json:",omitempty"`
	SourceEncryptionAlgorithm      string
	DestinationEncryptionAlgorithm string
}

func (s *kmsService) reEncrypt(region string, in *reEncryptInput) (any, error) {
	if err := checkCall(in.SourceEncryptionContext, in.GrantTokens); err != nil {
		return nil, err
	}
	if err := checkCall(in.DestinationEncryptionContext, nil); err != nil {
		return nil, err
	}
	destination, secret, err := s.keyWithMaterial(region, in.DestinationKeyId)
	if err != nil {
		return nil, err
	}
	to, err := destination.encryptionAlgorithm(in.DestinationEncryptionAlgorithm, in.DestinationEncryptionContext, "ReEncrypt")
	if err != nil {
		return nil, err
	}
	source, from, plaintext, err := s.open(region, "ReEncrypt", ciphertext{
		in.CiphertextBlob, in.SourceKeyId, in.SourceEncryptionAlgorithm, in.SourceEncryptionContext,
	})
	if err != nil {
		return nil, err
	}
	if in.DryRun {
		return nil, errDryRun()
	}
	blob, err := s.wrap(destination, secret, to, plaintext, in.DestinationEncryptionContext)
	if err != nil {
		return nil, err
	}
	return &reEncryptOutput{
		CiphertextBlob: blob, KeyId: destination.ARN, SourceKeyId: source.ARN,
		SourceKeyMaterialId: source.symmetricMaterialID(), DestinationKeyMaterialId: destination.symmetricMaterialID(),
		SourceEncryptionAlgorithm: from, DestinationEncryptionAlgorithm: to,
	}, nil
}

// symmetricMaterialID is empty for a key pair: the service names the material
// of symmetric keys only.
func (k *kmsKey) symmetricMaterialID() string {
	if k.Spec != specSymmetric {
		return ""
	}
	return k.MaterialID
}

// encryptionAlgorithm returns the algorithm to use, or why the key cannot be
// used with it.
func (k *kmsKey) encryptionAlgorithm(asked string, encryptionContext map[string]string, operation string) (string, error) {
	if asked == "" {
		asked = algorithmSymmetric
	}
	if k.Usage != usageEncryption {
		return "", errKeyUsage(k, operation)
	}
	if !slices.Contains(encryptionAlgorithms(k.Spec), asked) {
		return "", errKeyAlgorithm(asked, k)
	}
	if asked != algorithmSymmetric && len(encryptionContext) > 0 {
		return "", validationErrorf("EncryptionContext is not supported with EncryptionAlgorithm %s.", asked)
	}
	return asked, nil
}

// keyWithMaterial resolves a key that can be used for cryptography.
func (s *kmsService) keyWithMaterial(region, identifier string) (k *kmsKey, secret []byte, err error) {
	err = s.store.view(func(tx transaction) error {
		if k, err = s.resolve(tx, region, identifier); err != nil {
			return err
		}
		if err := k.usable(); err != nil {
			return err
		}
		m, err := s.material(tx, k.MaterialID)
		if err != nil {
			return err
		}
		secret = m.Secret
		return nil
	})
	return k, secret, err
}

// wrap encrypts under a key of either kind.
func (s *kmsService) wrap(k *kmsKey, secret []byte, algorithm string, plaintext []byte, encryptionContext map[string]string) ([]byte, error) {
	if algorithm == algorithmSymmetric {
		return s.seal(k, secret, plaintext, encryptionContext)
	}
	return s.encryptRSA(k, secret, algorithm, plaintext)
}

// ciphertext is what a caller asks to be decrypted. A symmetric ciphertext names
// its key, so that keyID may be empty.
type ciphertext struct {
	blob              []byte
	keyID             string
	algorithm         string
	encryptionContext map[string]string
}

// open decrypts under a key of either kind, and returns the key and the
// algorithm that it used.
func (s *kmsService) open(region, operation string, c ciphertext) (k *kmsKey, algorithm string, plaintext []byte, err error) {
	if n := len(c.blob); n < 1 || n > 6144 {
		return nil, "", nil, validationErrorf("1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must have length between 1 and 6144")
	}
	if c.keyID == "" {
		if c.algorithm != "" && c.algorithm != algorithmSymmetric {
			return nil, "", nil, validationErrorf("KeyId is required with EncryptionAlgorithm %s.", c.algorithm)
		}
		if c.keyID, err = s.keyOf(region, c.blob); err != nil {
			return nil, "", nil, err
		}
	}
	k, secret, err := s.keyWithMaterial(region, c.keyID)
	if err != nil {
		return nil, "", nil, err
	}
	if algorithm, err = k.encryptionAlgorithm(c.algorithm, c.encryptionContext, operation); err != nil {
		return nil, "", nil, err
	}
	if algorithm == algorithmSymmetric {
		plaintext, err = s.unseal(k, secret, c.blob, c.encryptionContext)
	} else {
		plaintext, err = s.decryptRSA(k, secret, algorithm, c.blob)
	}
	return k, algorithm, plaintext, err
}

// checkCall refuses what no key would accept: an encryption context over 8,192
// characters and grant tokens out of bounds.
func checkCall(encryptionContext map[string]string, grantTokens []string) error {
	size := 0
	for name, value := range encryptionContext {
		size += len(name) + len(value)
	}
	if size > 8192 {
		return validationErrorf("The encryption context is %d characters long; at most 8192 are allowed.", size)
	}
	return checkGrantTokens(grantTokens)
}

func checkGrantTokens(tokens []string) error {
	if len(tokens) > 10 {
		return validationErrorf("1 validation error detected: Value at 'grantTokens' failed to satisfy constraint: Member must have length less than or equal to 10")
	}
	for _, token := range tokens {
		if n := len(token); n < 1 || n > 8192 {
			return validationErrorf("1 validation error detected: Value at 'grantTokens' failed to satisfy constraint: Member must satisfy constraint: [Member must have length between 1 and 8192]")
		}
	}
	return nil
}
