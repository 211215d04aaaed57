package embedded

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

// Buckets of the store.
const (
	kmsKeys      = "kms.keys"     // key ARN to kmsKey
	kmsAliases   = "kms.aliases"  // alias ARN to kmsAlias
	kmsMaterials = "kms.material" // material id to kmsMaterial
)

// kmsKey is a KMS key as one Region sees it.
type kmsKey struct {
	ARN           string
	MaterialID    string // 64 hexadecimal digits, as the service itself writes it
	Spec          string
	Usage         string
	Description   string
	Created       time.Time
	Disabled      bool
	PrimaryRegion string    `json:",omitempty"` // multi-Region keys only
	Deletion      time.Time `json:",omitzero"`  // when the key ceases to exist; zero: never
}

// kmsMaterial is key material, which the replicas of a multi-Region key share.
type kmsMaterial struct {
	Key    string // the ARN of the key without its Region
	Secret []byte // 32 bytes for SYMMETRIC_DEFAULT, else PKCS #8
}

func (k *kmsKey) multiRegion() bool { return k.PrimaryRegion != "" }

func (k *kmsKey) primary() bool {
	return k.multiRegion() && k.ARN == inRegion(k.ARN, k.PrimaryRegion)
}

// usable reports why the key cannot be used for cryptography, if it cannot.
func (k *kmsKey) usable() error {
	switch {
	case !k.Deletion.IsZero():
		return errKeyPendingDeletion(k.ARN)
	case k.Disabled:
		return errKeyDisabled(k.ARN)
	default:
		return nil
	}
}

// partitionOf returns the AWS partition of a Region.
func partitionOf(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	default:
		return "aws"
	}
}

// keyARN is the ARN of a resource, such as "key/1234" or "alias/name", of the
// engine's own account.
func (s *kmsService) keyARN(region, resource string) string {
	return arn.ARN{
		Partition: partitionOf(region), Service: "kms", Region: region, AccountID: s.account, Resource: resource,
	}.String()
}

// inRegion returns the ARN with another Region, or with none.
func inRegion(of, region string) string {
	parsed, err := arn.Parse(of)
	if err != nil {
		return of // the ARNs in the store are well formed
	}
	parsed.Region = region
	return parsed.String()
}

// resolve finds a key as a caller in a Region names it: by key id, key ARN,
// alias name or alias ARN.
func (s *kmsService) resolve(tx transaction, region, identifier string) (*kmsKey, error) {
	if n := len(identifier); n < 1 || n > 2048 {
		return nil, validationErrorf("1 validation error detected: Value at 'keyId' failed to satisfy constraint: Member must have length between 1 and 2048")
	}
	var keyARN string
	switch {
	case strings.HasPrefix(identifier, "arn:"):
		parsed, err := arn.Parse(identifier)
		if err != nil || parsed.Service != "kms" {
			return nil, apiErrorf("InvalidArnException", "Invalid arn %s", identifier)
		}
		if parsed.Region != region {
			return nil, errOtherRegion(parsed.Region)
		}
		keyARN = identifier
	case strings.HasPrefix(identifier, "alias/"):
		keyARN = s.keyARN(region, identifier)
	default:
		keyARN = s.keyARN(region, "key/"+identifier)
	}
	if strings.Contains(keyARN, ":alias/") {
		alias, err := s.alias(tx, keyARN)
		if err != nil {
			return nil, err
		}
		keyARN = alias.Target
	}
	k, err := s.key(tx, keyARN)
	if err == nil && k == nil {
		return nil, errKeyNotFound(keyARN)
	}
	return k, err
}

// key returns nil if there is no such key, or if it has been deleted.
func (s *kmsService) key(tx transaction, keyARN string) (*kmsKey, error) {
	stored := tx.get(kmsKeys, []byte(keyARN))
	if stored == nil {
		return nil, nil
	}
	k := new(kmsKey)
	if err := json.Unmarshal(stored, k); err != nil {
		return nil, fmt.Errorf("read KMS key %s: %w", keyARN, err)
	}
	if !k.Deletion.IsZero() && !s.now().Before(k.Deletion) {
		return nil, nil
	}
	return k, nil
}

// change resolves a key, lets f change it, and stores it.
func (s *kmsService) change(region, identifier string, f func(tx transaction, k *kmsKey) error) (k *kmsKey, err error) {
	err = s.store.update(func(tx transaction) error {
		if k, err = s.resolve(tx, region, identifier); err != nil {
			return err
		}
		if err := f(tx, k); err != nil {
			return err
		}
		return putJSON(tx, kmsKeys, k.ARN, k)
	})
	return k, err
}

// material returns the material of a key.
func (s *kmsService) material(tx transaction, materialID string) (*kmsMaterial, error) {
	m := new(kmsMaterial)
	if err := json.Unmarshal(tx.get(kmsMaterials, []byte(materialID)), m); err != nil {
		return nil, fmt.Errorf("read KMS key material: %w", err)
	}
	return m, nil
}

// add stores a key with its material.
func (s *kmsService) add(tx transaction, k *kmsKey, secret []byte) error {
	regionless := inRegion(k.ARN, "")
	id, err := materialID(secret, regionless)
	if err != nil {
		return err
	}
	k.MaterialID = id
	k.Created = s.now()
	if err := putJSON(tx, kmsMaterials, id, kmsMaterial{Key: regionless, Secret: secret}); err != nil {
		return err
	}
	return putJSON(tx, kmsKeys, k.ARN, k)
}

// materialID names material without revealing it. Equal material of replicas
// has one id, and equal material of unrelated keys has two.
func materialID(secret []byte, regionless string) (string, error) {
	id, err := hkdf.Key(sha256.New, secret, nil, "key material id of "+regionless, 32)
	if err != nil {
		return "", fmt.Errorf("derive the key material id: %w", err)
	}
	return hex.EncodeToString(id), nil
}

// related yields the ARNs of the replicas of a multi-Region key in every
// Region, itself included.
func (s *kmsService) related(tx transaction, k *kmsKey) ([]string, error) {
	var arns []string
	want := inRegion(k.ARN, "")
	for name := range tx.scan(kmsKeys, nil, false) {
		if inRegion(string(name), "") != want {
			continue
		}
		replica, err := s.key(tx, string(name))
		if err != nil {
			return nil, err
		}
		if replica != nil {
			arns = append(arns, replica.ARN)
		}
	}
	return arns, nil
}

func putJSON(tx transaction, bucket, key string, value any) error {
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode an entry of %s: %w", bucket, err)
	}
	return tx.put(bucket, []byte(key), encoded)
}

// newKeyID returns a random key id: a UUID, or for a multi-Region key "mrk-"
// and 32 hexadecimal digits.
func newKeyID(multiRegion bool) string {
	var b [16]byte
	rand.Read(b[:]) // never fails: crypto/rand
	if multiRegion {
		return "mrk-" + hex.EncodeToString(b[:])
	}
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
