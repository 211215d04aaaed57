package embedded

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
)

// A ciphertext is a version byte, the id of the key material, and what AES-GCM
// made with a random nonce; the first two are authenticated too.
const (
	blobVersion = 1
	blobHeader  = 1 + 32
	blobLeast   = blobHeader + 12 + 16
)

func (s *kmsService) seal(k *kmsKey, secret, plaintext []byte, encryptionContext map[string]string) ([]byte, error) {
	aead, err := s.aead(k.MaterialID, secret)
	if err != nil {
		return nil, err
	}
	id, err := hex.DecodeString(k.MaterialID)
	if err != nil {
		return nil, fmt.Errorf("read the key material id: %w", err)
	}
	header := append([]byte{blobVersion}, id...)
	return aead.Seal(header, nil, plaintext, blobAAD(header, encryptionContext)), nil
}

func (s *kmsService) unseal(k *kmsKey, secret, blob []byte, encryptionContext map[string]string) ([]byte, error) {
	if len(blob) < blobLeast || blob[0] != blobVersion {
		return nil, errInvalidCiphertext()
	}
	header := blob[:blobHeader]
	if hex.EncodeToString(header[1:]) != k.MaterialID {
		return nil, errIncorrectKey()
	}
	aead, err := s.aead(k.MaterialID, secret)
	if err != nil {
		return nil, err
	}
	plaintext, err := aead.Open(nil, nil, blob[blobHeader:], blobAAD(header, encryptionContext))
	if err != nil {
		return nil, errInvalidCiphertext()
	}
	return plaintext, nil
}

// keyOf returns the ARN, in the caller's Region, of the key that made a
// symmetric ciphertext.
func (s *kmsService) keyOf(region string, blob []byte) (keyARN string, err error) {
	if len(blob) < blobLeast || blob[0] != blobVersion {
		return "", errInvalidCiphertext()
	}
	id := hex.EncodeToString(blob[1:blobHeader])
	err = s.store.view(func(tx transaction) error {
		if tx.get(kmsMaterials, []byte(id)) == nil {
			return errInvalidCiphertext()
		}
		m, err := s.material(tx, id)
		if err != nil {
			return err
		}
		keyARN = inRegion(m.Key, region)
		k, err := s.key(tx, keyARN)
		if err == nil && k == nil {
			return errUnreachableKey()
		}
		return err
	})
	return keyARN, err
}

// blobAAD binds the header and the encryption context, whatever its order.
func blobAAD(header []byte, encryptionContext map[string]string) []byte {
	aad := slices.Clone(header)
	for _, name := range slices.Sorted(maps.Keys(encryptionContext)) {
		for _, text := range [2]string{name, encryptionContext[name]} {
			aad = binary.BigEndian.AppendUint32(aad, uint32(len(text)))
			aad = append(aad, text...)
		}
	}
	return aad
}

// aead returns the cipher of a symmetric key. What it seals begins with a
// random 12-byte nonce.
func (s *kmsService) aead(materialID string, secret []byte) (cipher.AEAD, error) {
	if cached, ok := s.aeads.Load(materialID); ok {
		return cached.(cipher.AEAD), nil
	}
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, fmt.Errorf("read KMS key material: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("read KMS key material: %w", err)
	}
	s.aeads.Store(materialID, aead)
	return aead, nil
}
