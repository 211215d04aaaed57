// Package keystore keeps branch keys in a DynamoDB table, each encrypted under a
// KMS key: a [branchkey.Source] for production.
//
// A key store has a logical name. It is bound into every branch key by the
// encryption context of KMS, so that it must stay the same for ever and for all
// who use the keys, wherever the table is copied to.
//
// Who uses branch keys needs dynamodb:GetItem on the table and kms:Decrypt on
// the KMS key. Who creates and rotates them needs dynamodb:GetItem,
// dynamodb:PutItem, kms:GenerateDataKeyWithoutPlaintext and kms:ReEncrypt*;
// whoever has only these never sees a branch key in plain text.
//
// Specification: aws-encryption-sdk-specification, framework/branch-key-store.
package keystore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
)

// A KMSClient is the part of [kms.Client] that a key store uses. A store that
// only reads never calls anything but Decrypt.
type KMSClient interface {
	Decrypt(context.Context, *kms.DecryptInput, ...func(*kms.Options)) (*kms.DecryptOutput, error)
	GenerateDataKeyWithoutPlaintext(context.Context, *kms.GenerateDataKeyWithoutPlaintextInput, ...func(*kms.Options)) (*kms.GenerateDataKeyWithoutPlaintextOutput, error)
	ReEncrypt(context.Context, *kms.ReEncryptInput, ...func(*kms.Options)) (*kms.ReEncryptOutput, error)
}

// Config is what a key store is made of.
type Config struct {
	Storage     Storage      // where the items lie: [DynamoDB] or [NewMemory]
	KMS         KMSClient    // for the region of the KMS key
	Key         KMSKey       // which KMS keys protect the branch keys
	LogicalName string       // bound into every branch key; never to be changed
	GrantTokens []GrantToken // sent with every KMS call; at most 10, of 1 to 8,192 bytes
	ID          string       // names this client in Describe; default a fresh UUID
}

// A Store is a key store. It is safe for concurrent use.
type Store struct {
	config Config          // without the grant tokens
	grants func() []string // a function, so that printing a store shows none
	now    func() time.Time
}

var (
	_ branchkey.Source = (*Store)(nil)
	_ branchkey.Named  = (*Store)(nil)
)

// New returns a key store. It makes no call. An error says what in the
// configuration is missing or contradictory.
func New(c Config) (*Store, error) {
	switch {
	case c.Storage == nil:
		return nil, errors.New("key store has no storage; keystore.DynamoDB makes one from a table name")
	case c.KMS == nil:
		return nil, errors.New("key store has no KMS client")
	case c.LogicalName == "":
		return nil, errors.New("key store has no logical name; for a new key store choose one and keep it for ever, such as the name of the table")
	case len(c.GrantTokens) > 10:
		return nil, fmt.Errorf("key store has %d grant tokens, KMS takes at most 10", len(c.GrantTokens))
	}
	for i, token := range c.GrantTokens {
		if token == "" || len(token) > 8192 {
			return nil, fmt.Errorf("grant token %d of key store has %d bytes, want 1 to 8192", i+1, len(token))
		}
	}
	if err := c.Key.validate(); err != nil {
		return nil, err
	}
	if client, ok := c.KMS.(interface{ Options() kms.Options }); ok {
		if region := client.Options().Region; region != "" && c.Key.region != "" && region != c.Key.region {
			return nil, fmt.Errorf("key store has a KMS client for %s and a KMS key in %s; make a client for %s", region, c.Key.region, c.Key.region)
		}
	}
	grants := make([]string, len(c.GrantTokens))
	for i, token := range c.GrantTokens {
		grants[i] = string(token)
	}
	if len(grants) == 0 {
		grants = nil // no parameter
	}
	c.GrantTokens = nil
	if c.ID == "" {
		c.ID = branchkey.NewVersion()
	}
	return &Store{config: c, grants: func() []string { return grants }, now: time.Now}, nil
}

// LogicalKeyStoreName implements [branchkey.Named].
func (s *Store) LogicalKeyStoreName() string { return s.config.LogicalName }

// A Description is what a key store was made of. It holds no secret but the
// grant tokens, which printing does not show.
type Description struct {
	ID          string
	StorageName string // name of the DynamoDB table
	LogicalName string
	Key         KMSKey
	GrantTokens []GrantToken
}

// Describe returns the configuration of the store (GetKeyStoreInfo in AWS's
// clients). It makes no call.
func (s *Store) Describe() Description {
	var tokens []GrantToken
	for _, grant := range s.grants() {
		tokens = append(tokens, GrantToken(grant))
	}
	return Description{
		ID:          s.config.ID,
		StorageName: s.config.Storage.Name(),
		LogicalName: s.config.LogicalName,
		Key:         s.config.Key,
		GrantTokens: tokens,
	}
}
