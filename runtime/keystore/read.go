package keystore

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
)

// ActiveBranchKey returns the version that new items are encrypted with
// (GetActiveBranchKey in AWS's clients). It reads one item and calls kms:Decrypt
// once.
func (s *Store) ActiveBranchKey(ctx context.Context, id string) (*branchkey.BranchKey, error) {
	return s.branchKey(ctx, id, activeType)
}

// BranchKeyVersion returns one version of a branch key (GetBranchKeyVersion in
// AWS's clients). It reads one item and calls kms:Decrypt once.
func (s *Store) BranchKeyVersion(ctx context.Context, id, version string) (*branchkey.BranchKey, error) {
	if _, err := branchkey.ParseVersion(version); err != nil {
		return nil, err
	}
	return s.branchKey(ctx, id, versionPrefix+version)
}

// BeaconKey returns the beacon key of a branch key (GetBeaconKey in AWS's
// clients). It reads one item and calls kms:Decrypt once.
func (s *Store) BeaconKey(ctx context.Context, id string) (*branchkey.BeaconKey, error) {
	item, key, err := s.open(ctx, id, beaconType)
	if err != nil {
		return nil, err
	}
	return &branchkey.BeaconKey{ID: id, Key: key, EncryptionContext: item.callerContext()}, nil
}

func (s *Store) branchKey(ctx context.Context, id, itemType string) (*branchkey.BranchKey, error) {
	item, key, err := s.open(ctx, id, itemType)
	if err != nil {
		return nil, err
	}
	return &branchkey.BranchKey{ID: id, Version: item.version(), Key: key, EncryptionContext: item.callerContext()}, nil
}

// open reads an item and decrypts its key.
func (s *Store) open(ctx context.Context, id, itemType string) (*Item, crypto.Key, error) {
	item, kmsKey, err := s.read(ctx, id, itemType)
	if err != nil {
		return nil, crypto.Key{}, err
	}
	out, err := s.config.KMS.Decrypt(ctx, &kms.DecryptInput{
		KeyId:             &kmsKey,
		CiphertextBlob:    item.Ciphertext,
		EncryptionContext: item.encryptionContext(s.config.LogicalName),
		GrantTokens:       s.grants(),
	})
	if err != nil {
		return nil, crypto.Key{}, kmsError("kms:Decrypt", item, err)
	}
	key := crypto.NewKey(out.Plaintext)
	if got := aws.ToString(out.KeyId); got != kmsKey {
		key.Wipe()
		return nil, crypto.Key{}, fmt.Errorf("%w: KMS decrypted the %s with %s instead of %s", ErrKeyMismatch, item, got, kmsKey)
	}
	if key.Len() != branchkey.KeyLen {
		key.Wipe()
		return nil, crypto.Key{}, fmt.Errorf("%w: the %s has a key of %d bytes, want %d", ErrMalformedItem, item, key.Len(), branchkey.KeyLen)
	}
	return item, key, nil
}

// read returns a valid item and the ARN of the KMS key to use for it.
func (s *Store) read(ctx context.Context, id, itemType string) (*Item, string, error) {
	if err := branchkey.ValidateID(id); err != nil {
		return nil, "", err
	}
	item, err := s.config.Storage.Get(ctx, id, itemType)
	if err != nil {
		return nil, "", err
	}
	if err := item.validate(id, itemType); err != nil {
		return nil, "", err
	}
	kmsKey, err := s.config.Key.forItem(item.Attributes[kmsKeyAttribute])
	if err != nil {
		return nil, "", fmt.Errorf("%s: %w", item, err)
	}
	return item, kmsKey, nil
}
