package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"hash"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// fakeKMS is the KMS that vectors describe in their member fakeKms: keys that
// are known, and ciphertexts whose form is known. Genuine clients talk to it.
//
// A ciphertext is the length of the key ARN in a byte, the ARN, and what
// AES-256-GCM made with a random nonce under the encryption context: for each
// pair in the order of the names, the name, a zero byte, the value, a zero byte.
// RSA ciphertexts and shared secrets are as KMS has them.
type fakeKMS struct {
	symmetric map[string]cipher.AEAD
	private   map[string]any // *rsa.PrivateKey or *ecdh.PrivateKey
}

func newFakeKMS(spec json.RawMessage) (*fakeKMS, error) {
	var s struct{ Keys, RSAKeys, ECCKeys map[string]string }
	if spec == nil {
		return nil, fmt.Errorf("%w: a KMS keyring without a KMS", errNotCovered)
	}
	if err := json.Unmarshal(spec, &s); err != nil {
		return nil, fmt.Errorf("fakeKms: %w", err)
	}
	f := &fakeKMS{symmetric: map[string]cipher.AEAD{}, private: map[string]any{}}
	for arn, text := range s.Keys {
		key, err := hex.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("fakeKms: %w", err)
		}
		block, err := aes.NewCipher(key)
		if err != nil {
			return nil, fmt.Errorf("fakeKms: %w", err)
		}
		if f.symmetric[arn], err = cipher.NewGCMWithRandomNonce(block); err != nil {
			return nil, fmt.Errorf("fakeKms: %w", err)
		}
	}
	for _, pairs := range []map[string]string{s.RSAKeys, s.ECCKeys} {
		for arn, text := range pairs {
			block, _ := pem.Decode([]byte(text))
			if block == nil {
				return nil, fmt.Errorf("fakeKms: the key pair %s is not PEM", arn)
			}
			private, err := x509.ParsePKCS8PrivateKey(block.Bytes)
			if err != nil {
				return nil, fmt.Errorf("fakeKms: %w", err)
			}
			if ec, ok := private.(*ecdsa.PrivateKey); ok {
				if private, err = ec.ECDH(); err != nil {
					return nil, fmt.Errorf("fakeKms: %w", err)
				}
			}
			f.private[arn] = private
		}
	}
	return f, nil
}

// client returns a client for a region.
func (f *fakeKMS) client(region string) *kms.Client {
	return kms.New(kms.Options{
		Region:       region,
		BaseEndpoint: aws.String("http://kms.invalid"),
		Credentials:  credentials.NewStaticCredentialsProvider("vector", "vector", ""),
		HTTPClient:   &http.Client{Transport: fakeRegion{f, region}},
	})
}

// fakeRegion is the endpoint of a region.
type fakeRegion struct {
	*fakeKMS
	region string
}

// fakeCall has the members of every request.
type fakeCall struct {
	KeyID                        string `json:"KeyId"`
	EncryptionContext            map[string]string
	EncryptionAlgorithm          string
	KeySpec                      string
	NumberOfBytes                int
	Plaintext                    []byte
	CiphertextBlob               []byte
	PublicKey                    []byte
	SourceKeyID                  string `json:"SourceKeyId"`
	SourceEncryptionContext      map[string]string
	DestinationKeyID             string `json:"DestinationKeyId"`
	DestinationEncryptionContext map[string]string
}

// fakeError is the code of a KMS error.
type fakeError string

func (e fakeError) Error() string { return string(e) }

const (
	notFound          = fakeError("NotFoundException")
	incorrectKey      = fakeError("IncorrectKeyException")
	invalidCiphertext = fakeError("InvalidCiphertextException")
	invalidKeyUsage   = fakeError("InvalidKeyUsageException")
	unknownOperation  = fakeError("UnknownOperationException")
)

// RoundTrip implements [http.RoundTripper] in the protocol awsJson1_1.
func (f fakeRegion) RoundTrip(r *http.Request) (*http.Response, error) {
	defer r.Body.Close()
	var call fakeCall
	if err := json.NewDecoder(r.Body).Decode(&call); err != nil {
		return nil, err
	}
	status := http.StatusOK
	answer, err := f.answer(strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "TrentService."), &call)
	if err != nil {
		status, answer = http.StatusBadRequest, map[string]any{"__type": err.Error()}
	}
	body, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)), Request: r,
	}, nil
}

func (f fakeRegion) answer(operation string, c *fakeCall) (map[string]any, error) {
	switch operation {
	case "GenerateDataKey", "GenerateDataKeyWithoutPlaintext":
		n := c.NumberOfBytes
		if c.KeySpec == "AES_256" {
			n = 32
		}
		key := make([]byte, n)
		rand.Read(key) // never fails: crypto/rand ends the program instead
		blob, err := f.seal(c.KeyID, key, c.EncryptionContext)
		answer := map[string]any{"KeyId": c.KeyID, "CiphertextBlob": blob}
		if operation == "GenerateDataKey" {
			answer["Plaintext"] = key
		}
		return answer, err
	case "Encrypt":
		blob, err := f.seal(c.KeyID, c.Plaintext, c.EncryptionContext)
		return map[string]any{"KeyId": c.KeyID, "CiphertextBlob": blob}, err
	case "Decrypt":
		if strings.HasPrefix(c.EncryptionAlgorithm, "RSAES_OAEP_") {
			plaintext, err := f.decryptRSA(c)
			return map[string]any{"KeyId": c.KeyID, "Plaintext": plaintext}, err
		}
		keyID, plaintext, err := f.open(c.KeyID, c.CiphertextBlob, c.EncryptionContext)
		return map[string]any{"KeyId": keyID, "Plaintext": plaintext}, err
	case "ReEncrypt":
		source, plaintext, err := f.open(c.SourceKeyID, c.CiphertextBlob, c.SourceEncryptionContext)
		if err != nil {
			return nil, err
		}
		blob, err := f.seal(c.DestinationKeyID, plaintext, c.DestinationEncryptionContext)
		return map[string]any{"KeyId": c.DestinationKeyID, "SourceKeyId": source, "CiphertextBlob": blob}, err
	case "GetPublicKey":
		private, ok := f.private[c.KeyID].(*ecdh.PrivateKey)
		if !ok {
			return nil, notFound
		}
		der, err := x509.MarshalPKIXPublicKey(private.PublicKey())
		return map[string]any{"KeyId": c.KeyID, "PublicKey": der, "KeyUsage": "KEY_AGREEMENT"}, err
	case "DeriveSharedSecret":
		secret, err := f.agree(c)
		return map[string]any{"KeyId": c.KeyID, "SharedSecret": secret}, err
	default:
		return nil, unknownOperation
	}
}

// key returns a symmetric key as this region sees it.
func (f fakeRegion) key(arn string) (cipher.AEAD, error) {
	aead, ok := f.symmetric[arn]
	if fields := strings.Split(arn, ":"); !ok || fields[3] != f.region {
		return nil, notFound
	}
	return aead, nil
}

func (f fakeRegion) seal(arn string, plaintext []byte, encryptionContext map[string]string) ([]byte, error) {
	aead, err := f.key(arn)
	if err != nil {
		return nil, err
	}
	header := append([]byte{byte(len(arn))}, arn...)
	return aead.Seal(header, nil, plaintext, fakeAAD(encryptionContext)), nil
}

// open returns the ARN of the key that opened blob. If keyID is empty, the blob
// says which key to use.
func (f fakeRegion) open(keyID string, blob []byte, encryptionContext map[string]string) (string, []byte, error) {
	if len(blob) < 1 || len(blob) < 1+int(blob[0]) {
		return "", nil, invalidCiphertext
	}
	made, sealed := string(blob[1:1+blob[0]]), blob[1+blob[0]:]
	if keyID == "" {
		keyID = made
	}
	aead, err := f.key(keyID)
	if err != nil {
		return "", nil, err
	}
	if keyID != made && !replicas(keyID, made) {
		return "", nil, incorrectKey
	}
	plaintext, err := aead.Open(nil, nil, sealed, fakeAAD(encryptionContext))
	if err != nil {
		return "", nil, invalidCiphertext
	}
	return keyID, plaintext, nil
}

// replicas reports whether two ARNs differ in the region alone and are those of
// a multi-Region key.
func replicas(a, b string) bool {
	x, y := strings.Split(a, ":"), strings.Split(b, ":")
	if len(x) != 6 || len(y) != 6 || !strings.HasPrefix(x[5], "key/mrk-") {
		return false
	}
	x[3] = y[3]
	return slices.Equal(x, y)
}

func (f fakeRegion) decryptRSA(c *fakeCall) ([]byte, error) {
	private, ok := f.private[c.KeyID].(*rsa.PrivateKey)
	if !ok {
		return nil, notFound
	}
	var h hash.Hash
	switch c.EncryptionAlgorithm {
	case "RSAES_OAEP_SHA_1":
		h = sha1.New()
	case "RSAES_OAEP_SHA_256":
		h = sha256.New()
	default:
		return nil, invalidKeyUsage
	}
	plaintext, err := rsa.DecryptOAEP(h, nil, private, c.CiphertextBlob, nil)
	if err != nil {
		return nil, invalidCiphertext
	}
	return plaintext, nil
}

func (f fakeRegion) agree(c *fakeCall) ([]byte, error) {
	private, ok := f.private[c.KeyID].(*ecdh.PrivateKey)
	if !ok {
		return nil, notFound
	}
	parsed, err := x509.ParsePKIXPublicKey(c.PublicKey)
	if err != nil {
		return nil, invalidKeyUsage
	}
	ec, ok := parsed.(*ecdsa.PublicKey)
	if !ok {
		return nil, invalidKeyUsage
	}
	public, err := ec.ECDH()
	if err != nil {
		return nil, invalidKeyUsage
	}
	return private.ECDH(public)
}

// fakeAAD is the encryption context as ciphertexts are bound to it.
func fakeAAD(encryptionContext map[string]string) []byte {
	var aad []byte
	for _, name := range slices.Sorted(maps.Keys(encryptionContext)) {
		aad = append(aad, name...)
		aad = append(aad, 0)
		aad = append(aad, encryptionContext[name]...)
		aad = append(aad, 0)
	}
	return aad
}
