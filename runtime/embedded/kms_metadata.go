package embedded

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
)

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
