package keystore

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
)

// CreateKey makes a branch key with a fresh UUID as its id, one version and a
// beacon key, and returns the id. ec is bound to the keys by KMS and comes back
// with them; it is stored in plain text and may be nil.
func (s *Store) CreateKey(ctx context.Context, ec map[string]string) (id string, err error) {
	id = branchkey.NewVersion()
	if err := s.createKey(ctx, id, ec); err != nil {
		return "", err
	}
	return id, nil
}

// CreateKeyWithID is as [Store.CreateKey] with an id of the caller's choice, which
// takes a non-empty encryption context: it is what tells this branch key apart
// from another one of the same name, made after a mistaken deletion. An id that
// is taken is an error that wraps [branchkey.ErrExists].
func (s *Store) CreateKeyWithID(ctx context.Context, id string, ec map[string]string) error {
	if err := branchkey.ValidateID(id); err != nil {
		return err
	}
	if len(ec) == 0 {
		return fmt.Errorf("branch key %q: an id of your own choice takes an encryption context of at least one pair", id)
	}
	return s.createKey(ctx, id, ec)
}

func (s *Store) createKey(ctx context.Context, id string, ec map[string]string) error {
	if err := s.config.Key.writable(); err != nil {
		return err
	}
	if err := validateContext(ec); err != nil {
		return err
	}
	beacon := &Item{Attributes: map[string]string{
		idAttribute:         id,
		typeAttribute:       beaconType,
		createTimeAttribute: s.createTime(),
		hierarchyAttribute:  hierarchyVersion,
		kmsKeyAttribute:     s.config.Key.arn,
	}}
	for name, value := range ec {
		beacon.Attributes[contextPrefix+name] = value
	}
	version, active, err := s.newVersion(ctx, beacon)
	if err != nil {
		return err
	}
	if err := s.generate(ctx, beacon); err != nil {
		return err
	}
	return s.config.Storage.Create(ctx, version, active, beacon)
}

// VersionKey rotates a branch key: it makes a fresh version, from now on the
// active one, and returns its UUID. Earlier versions stay and keep their items
// readable; the beacon key does not change. Keyrings take up the new version when
// their cached one expires. A rotation by somebody else at the same time is an
// error that wraps [ErrConflict].
func (s *Store) VersionKey(ctx context.Context, id string) (version string, err error) {
	if err := s.config.Key.writable(); err != nil {
		return "", err
	}
	old, kmsKey, err := s.read(ctx, id, activeType)
	if err != nil {
		return "", err
	}
	// The attributes of the new version come from the old one, so that they must
	// be authentic: KMS accepts the old ciphertext only with its own attributes.
	if _, err := s.reEncrypt(ctx, old, old, kmsKey); err != nil {
		return "", err
	}
	next, active, err := s.newVersion(ctx, old.with(createTimeAttribute, s.createTime()))
	if err != nil {
		return "", err
	}
	if err := s.config.Storage.Rotate(ctx, next, active, old.Ciphertext); err != nil {
		return "", err
	}
	return next.version(), nil
}

// newVersion makes a branch key that has the attributes of like but for type and
// version: the item of its version, and the active item with the same key.
func (s *Store) newVersion(ctx context.Context, like *Item) (version, active *Item, err error) {
	name := versionPrefix + branchkey.NewVersion()
	version = like.with(typeAttribute, name, versionAttribute, "")
	if err := s.generate(ctx, version); err != nil {
		return nil, nil, err
	}
	active = like.with(typeAttribute, activeType, versionAttribute, name)
	active.Ciphertext, err = s.reEncrypt(ctx, version, active, s.config.Key.arn)
	if err != nil {
		return nil, nil, err
	}
	return version, active, nil
}

// generate gives an item the ciphertext of a fresh key.
func (s *Store) generate(ctx context.Context, i *Item) error {
	out, err := s.config.KMS.GenerateDataKeyWithoutPlaintext(ctx, &kms.GenerateDataKeyWithoutPlaintextInput{
		KeyId:             &s.config.Key.arn,
		NumberOfBytes:     aws.Int32(branchkey.KeyLen),
		EncryptionContext: i.encryptionContext(s.config.LogicalName),
		GrantTokens:       s.grants(),
	})
	if err != nil {
		return kmsError("kms:GenerateDataKeyWithoutPlaintext", i, err)
	}
	if got := aws.ToString(out.KeyId); got != s.config.Key.arn {
		return fmt.Errorf("%w: KMS generated the %s with %s instead of %s", ErrKeyMismatch, i, got, s.config.Key.arn)
	}
	if len(out.CiphertextBlob) == 0 {
		return errors.New("kms:GenerateDataKeyWithoutPlaintext returned no ciphertext")
	}
	i.Ciphertext = out.CiphertextBlob
	return nil
}

// reEncrypt returns the key of from as a ciphertext that is bound to the
// attributes of to.
func (s *Store) reEncrypt(ctx context.Context, from, to *Item, kmsKey string) ([]byte, error) {
	out, err := s.config.KMS.ReEncrypt(ctx, &kms.ReEncryptInput{
		CiphertextBlob:               from.Ciphertext,
		SourceKeyId:                  &kmsKey,
		SourceEncryptionContext:      from.encryptionContext(s.config.LogicalName),
		DestinationKeyId:             &kmsKey,
		DestinationEncryptionContext: to.encryptionContext(s.config.LogicalName),
		GrantTokens:                  s.grants(),
	})
	if err != nil {
		return nil, kmsError("kms:ReEncrypt", from, err)
	}
	if source, key := aws.ToString(out.SourceKeyId), aws.ToString(out.KeyId); source != kmsKey || key != kmsKey {
		return nil, fmt.Errorf("%w: KMS re-encrypted the %s from %s to %s instead of %s", ErrKeyMismatch, from, source, key, kmsKey)
	}
	if len(out.CiphertextBlob) == 0 {
		return nil, errors.New("kms:ReEncrypt returned no ciphertext")
	}
	return out.CiphertextBlob, nil
}

func (s *Store) createTime() string { return s.now().UTC().Format(createTimeLayout) }
