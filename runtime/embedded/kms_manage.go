package embedded

import "time"

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
