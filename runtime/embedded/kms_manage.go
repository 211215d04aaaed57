package embedded

import (
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

type createKeyInput struct {
	Description                    string
	KeySpec                        string
	CustomerMasterKeySpec          string // the old name of KeySpec
	KeyUsage                       string
	Origin                         string
	MultiRegion                    bool
	Policy                         string
	BypassPolicyLockoutSafetyCheck bool
	Tags                           []kmsTag
}

type kmsTag struct{ TagKey, TagValue string }

func (s *kmsService) createKey(region string, in *createKeyInput) (any, error) {
	spec := in.KeySpec
	if spec == "" {
		spec = in.CustomerMasterKeySpec
	}
	if spec == "" {
		spec = specSymmetric
	}
	usage, err := usageFor(spec, in.KeyUsage)
	if err != nil {
		return nil, err
	}
	if in.Origin != "" && in.Origin != "AWS_KMS" {
		return nil, errUnsupported("the embedded KMS makes its key material itself: Origin %s is not supported; use Engine.ImportKMSKey", in.Origin)
	}
	if len(in.Description) > 8192 {
		return nil, validationErrorf("1 validation error detected: Value at 'description' failed to satisfy constraint: Member must have length less than or equal to 8192")
	}
	secret, err := newMaterial(spec)
	if err != nil {
		return nil, err
	}
	k := &kmsKey{
		ARN:  s.keyARN(region, "key/"+newKeyID(in.MultiRegion)),
		Spec: spec, Usage: usage, Description: in.Description,
	}
	if in.MultiRegion {
		k.PrimaryRegion = region
	}
	return s.metadataAfter(k, func(tx transaction) error { return s.add(tx, k, secret) })
}

type replicateKeyInput struct {
	KeyId                          string
	ReplicaRegion                  string
	Description                    string
	Policy                         string
	BypassPolicyLockoutSafetyCheck bool
	Tags                           []kmsTag
}

func (s *kmsService) replicateKey(region string, in *replicateKeyInput) (any, error) {
	var metadata *keyMetadata
	err := s.store.update(func(tx transaction) error {
		k, err := s.resolve(tx, region, in.KeyId)
		if err != nil {
			return err
		}
		if !k.primary() {
			return errUnsupported("%s is not a multi-region primary key.", k.ARN)
		}
		if err := k.usable(); err != nil {
			return err
		}
		if in.ReplicaRegion == "" || partitionOf(in.ReplicaRegion) != partitionOf(region) {
			return validationErrorf("Region %q cannot hold a replica of %s.", in.ReplicaRegion, k.ARN)
		}
		replica := *k
		replica.ARN = inRegion(k.ARN, in.ReplicaRegion)
		replica.Description = in.Description
		replica.Created = s.now()
		existing, err := s.key(tx, replica.ARN)
		if err != nil {
			return err
		}
		if existing != nil {
			return apiErrorf("AlreadyExistsException", "%s already exists.", replica.ARN)
		}
		if err := putJSON(tx, kmsKeys, replica.ARN, &replica); err != nil {
			return err
		}
		metadata, err = s.metadata(tx, &replica)
		return err
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"ReplicaKeyMetadata": metadata, "ReplicaPolicy": in.Policy}, nil
}

type describeKeyInput struct {
	KeyId       string
	GrantTokens []string
}

func (s *kmsService) describeKey(region string, in *describeKeyInput) (any, error) {
	if err := checkGrantTokens(in.GrantTokens); err != nil {
		return nil, err
	}
	var metadata *keyMetadata
	err := s.store.view(func(tx transaction) error {
		k, err := s.resolve(tx, region, in.KeyId)
		if err != nil {
			return err
		}
		metadata, err = s.metadata(tx, k)
		return err
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"KeyMetadata": metadata}, nil
}

type keyIDInput struct{ KeyId string }

func (s *kmsService) enableKey(region string, in *keyIDInput) (any, error) {
	return nil, s.setDisabled(region, in.KeyId, false)
}

func (s *kmsService) disableKey(region string, in *keyIDInput) (any, error) {
	return nil, s.setDisabled(region, in.KeyId, true)
}

func (s *kmsService) setDisabled(region, keyID string, disabled bool) error {
	_, err := s.change(region, keyID, func(_ transaction, k *kmsKey) error {
		if !k.Deletion.IsZero() {
			return errKeyPendingDeletion(k.ARN)
		}
		k.Disabled = disabled
		return nil
	})
	return err
}

type scheduleKeyDeletionInput struct {
	KeyId               string
	PendingWindowInDays *int
}

// scheduleKeyDeletion ends a key when the engine's clock has passed the window.
func (s *kmsService) scheduleKeyDeletion(region string, in *scheduleKeyDeletionInput) (any, error) {
	days := 30
	if in.PendingWindowInDays != nil {
		days = *in.PendingWindowInDays
	}
	if days < 7 || days > 30 {
		return nil, validationErrorf("PendingWindowInDays must be between 7 and 30 inclusive.")
	}
	k, err := s.change(region, in.KeyId, func(tx transaction, k *kmsKey) error {
		if !k.Deletion.IsZero() {
			return errKeyPendingDeletion(k.ARN)
		}
		if k.primary() {
			replicas, err := s.related(tx, k)
			if err != nil {
				return err
			}
			if len(replicas) > 1 {
				return errUnsupported("the embedded KMS does not wait for replicas: delete the replicas of %s first", k.ARN)
			}
		}
		k.Deletion = s.now().AddDate(0, 0, days)
		k.Disabled = true // and still disabled when the deletion is cancelled
		return nil
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"KeyId": k.ARN, "DeletionDate": epoch(k.Deletion), "KeyState": "PendingDeletion", "PendingWindowInDays": days,
	}, nil
}

func (s *kmsService) cancelKeyDeletion(region string, in *keyIDInput) (any, error) {
	k, err := s.change(region, in.KeyId, func(_ transaction, k *kmsKey) error {
		if k.Deletion.IsZero() {
			return apiErrorf("KMSInvalidStateException", "%s is not pending deletion.", k.ARN)
		}
		k.Deletion = time.Time{}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"KeyId": k.ARN}, nil
}

type listInput struct {
	KeyId  string // ListAliases only
	Limit  *int
	Marker string
}

type keyListEntry struct{ KeyArn, KeyId string }

func (s *kmsService) listKeys(region string, in *listInput) (any, error) {
	if in.KeyId != "" {
		return nil, validationErrorf("ListKeys has no parameter KeyId")
	}
	prefix := s.keyARN(region, "key/")
	keys := []keyListEntry{}
	var next string
	err := s.store.view(func(tx transaction) error {
		var err error
		next, err = page(tx, kmsKeys, prefix, in, func(name string) (bool, error) {
			k, err := s.key(tx, name)
			if err == nil && k != nil {
				keys = append(keys, keyListEntry{KeyArn: name, KeyId: strings.TrimPrefix(name, prefix)})
			}
			return k != nil, err
		})
		return err
	})
	if err != nil {
		return nil, err
	}
	return withMarker(map[string]any{"Keys": keys}, next), nil
}

// page calls add for the entries of a bucket whose names begin with prefix and
// follow the marker, until as many as the limit were added. The returned
// marker is empty after the last page.
func page(tx transaction, bucket, prefix string, in *listInput, add func(name string) (bool, error)) (marker string, err error) {
	limit := 100
	if in.Limit != nil {
		limit = *in.Limit
	}
	if limit < 1 || limit > 1000 {
		return "", validationErrorf("1 validation error detected: Value at 'limit' failed to satisfy constraint: Member must have value between 1 and 1000")
	}
	from := prefix
	if in.Marker != "" {
		if !strings.HasPrefix(in.Marker, prefix) {
			return "", apiErrorf("InvalidMarkerException", "The marker does not belong to this list.")
		}
		from = in.Marker + "\x00"
	}
	var last string
	for name := range tx.scan(bucket, []byte(from), false) {
		if !strings.HasPrefix(string(name), prefix) {
			break
		}
		if limit == 0 {
			return last, nil
		}
		added, err := add(string(name))
		if err != nil {
			return "", err
		}
		if added {
			limit--
		}
		last = string(name)
	}
	return "", nil
}

func withMarker(output map[string]any, next string) map[string]any {
	output["Truncated"] = next != ""
	if next != "" {
		output["NextMarker"] = next
	}
	return output
}

// keyMetadata is the shape of the same name in the service's API reference.
type keyMetadata struct {
	AWSAccountId             string
	Arn                      string
	KeyId                    string
	CreationDate             epochSeconds
	CurrentKeyMaterialId     string       `json:",omitempty"`
	CustomerMasterKeySpec    string       // the old name of KeySpec
	DeletionDate             epochSeconds `json:",omitzero"`
	Description              string
	Enabled                  bool
	EncryptionAlgorithms     []string `json:",omitempty"`
	KeyAgreementAlgorithms   []string `json:",omitempty"`
	KeyManager               string
	KeySpec                  string
	KeyState                 string
	KeyUsage                 string
	MultiRegion              bool
	MultiRegionConfiguration *multiRegionConfiguration `json:",omitempty"`
	Origin                   string
}

type multiRegionConfiguration struct {
	MultiRegionKeyType string
	PrimaryKey         multiRegionKey
	ReplicaKeys        []multiRegionKey
}

type multiRegionKey struct{ Arn, Region string }

// metadata describes a key.
func (s *kmsService) metadata(tx transaction, k *kmsKey) (*keyMetadata, error) {
	parsed, err := arn.Parse(k.ARN)
	if err != nil {
		return nil, err
	}
	m := &keyMetadata{
		AWSAccountId: parsed.AccountID, Arn: k.ARN, KeyId: strings.TrimPrefix(parsed.Resource, "key/"),
		CreationDate: epoch(k.Created), CustomerMasterKeySpec: k.Spec, KeySpec: k.Spec, KeyUsage: k.Usage,
		Description: k.Description, KeyManager: "CUSTOMER", Origin: "AWS_KMS",
		Enabled: !k.Disabled, KeyState: "Enabled",
		EncryptionAlgorithms: encryptionAlgorithms(k.Spec), MultiRegion: k.multiRegion(),
	}
	if k.Disabled {
		m.KeyState = "Disabled"
	}
	if !k.Deletion.IsZero() {
		m.KeyState, m.DeletionDate = "PendingDeletion", epoch(k.Deletion)
	}
	if k.Spec == specSymmetric {
		m.CurrentKeyMaterialId = k.MaterialID
	}
	if k.Usage == usageAgreement {
		m.KeyAgreementAlgorithms = []string{agreementECDH}
	}
	if !k.multiRegion() {
		return m, nil
	}
	related, err := s.related(tx, k)
	if err != nil {
		return nil, err
	}
	m.MultiRegionConfiguration = &multiRegionConfiguration{
		MultiRegionKeyType: "REPLICA",
		PrimaryKey:         multiRegionKey{Arn: inRegion(k.ARN, k.PrimaryRegion), Region: k.PrimaryRegion},
		ReplicaKeys:        []multiRegionKey{},
	}
	if k.primary() {
		m.MultiRegionConfiguration.MultiRegionKeyType = "PRIMARY"
	}
	for _, replica := range related {
		parsed, err := arn.Parse(replica)
		if err != nil {
			return nil, err
		}
		if parsed.Region != k.PrimaryRegion {
			m.MultiRegionConfiguration.ReplicaKeys = append(m.MultiRegionConfiguration.ReplicaKeys,
				multiRegionKey{Arn: replica, Region: parsed.Region})
		}
	}
	return m, nil
}

// metadataAfter changes the store and describes the key afterwards.
func (s *kmsService) metadataAfter(k *kmsKey, change func(tx transaction) error) (any, error) {
	var metadata *keyMetadata
	err := s.store.update(func(tx transaction) error {
		if err := change(tx); err != nil {
			return err
		}
		var err error
		metadata, err = s.metadata(tx, k)
		return err
	})
	if err != nil {
		return nil, err
	}
	return map[string]any{"KeyMetadata": metadata}, nil
}

// epochSeconds is how the protocol writes a time.
type epochSeconds float64

func epoch(t time.Time) epochSeconds { return epochSeconds(float64(t.UnixMilli()) / 1000) }

// Key specs and usages that exist here.
const (
	specSymmetric = "SYMMETRIC_DEFAULT"

	usageEncryption = "ENCRYPT_DECRYPT"
	usageAgreement  = "KEY_AGREEMENT"

	agreementECDH = "ECDH"
)

// usageFor returns the usage of a new key, or why the pair is impossible.
func usageFor(spec, usage string) (string, error) {
	var allowed string
	switch {
	case spec == specSymmetric:
		allowed = usageEncryption
		if usage == "" {
			usage = allowed
		}
	case rsaBits[spec] != 0:
		allowed = usageEncryption
	case curves[spec] != nil:
		allowed = usageAgreement
	default:
		return "", errUnsupported("the embedded KMS has no keys of spec %q", spec)
	}
	known := []string{usageEncryption, usageAgreement, "SIGN_VERIFY", "GENERATE_VERIFY_MAC"}
	switch {
	case usage == allowed:
		return usage, nil
	case usage == "":
		return "", validationErrorf("You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")
	case usage == "SIGN_VERIFY" && spec != specSymmetric:
		return "", errUnsupported("the embedded KMS has no keys for signing")
	case slices.Contains(known, usage):
		return "", validationErrorf("KeyUsage %s is not compatible with KeySpec %s", usage, spec)
	default:
		return "", validationErrorf("1 validation error detected: Value '%s' at 'keyUsage' failed to satisfy constraint: Member must satisfy enum value set", usage)
	}
}

// newMaterial makes the material of a key.
func newMaterial(spec string) ([]byte, error) {
	if spec == specSymmetric {
		secret := make([]byte, 32)
		rand.Read(secret) // never fails: crypto/rand
		return secret, nil
	}
	return newPrivateKey(spec)
}
