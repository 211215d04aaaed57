package runtime_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/awskms"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
	"github.com/ddbegen/ddbegen/runtime/keystore"
)

// provider is a materials provider with a pointer receiver.
type provider struct{ crypto.MaterialsProvider }

func (p *provider) EncryptionMaterials(ctx context.Context, r crypto.EncryptionRequest) (*crypto.EncryptionMaterials, error) {
	return p.MaterialsProvider.EncryptionMaterials(ctx, r)
}

// What a constructor returns beside an error that nobody looked at is a nil
// pointer, and must be found when it is given and not when it is used.
func TestNilPointersAreRefused(t *testing.T) {
	db := &answering{}
	keyring, err := raw.NewAES("bench", "key", crypto.NewKey([]byte(strings.Repeat("k", 32))))
	if err != nil {
		t.Fatal(err)
	}
	schema := wideSchema(crypto.SuiteHMAC)
	open := func(db ddbe.DynamoDB, keyring crypto.Keyring, opts ...ddbe.Option) error {
		_, err := ddbe.Open(t.Context(), schema, db, keyring, append(opts, ddbe.WithoutTableCheck())...)
		return err
	}
	client := func(db ddbe.DynamoDBAPI, change func(*ddbe.TableConfig)) error {
		config := peopleConfig(keyring, branchkey.NewMemory())
		change(&config)
		_, err := ddbe.NewClient(db, map[string]ddbe.TableConfig{people: config})
		return err
	}
	items := func(c crypto.Config) error {
		c.LogicalTableName, c.PartitionKey = "Wide", "partition"
		c.Actions = map[string]attribute.Action{"partition": attribute.SignOnly}
		_, err := ddbe.NewItemEncryptor(c)
		return err
	}
	multi := func(generator crypto.Keyring, children ...crypto.Keyring) error {
		_, err := crypto.NewMulti(generator, children...)
		return err
	}
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"repository, keyring":         {open(db, (*awskms.Keyring)(nil)), "nil *awskms.Keyring"},
		"repository, materials":       {open(db, nil, ddbe.WithMaterials((*provider)(nil))), "nil *runtime_test.provider"},
		"repository, client":          {open((*dynamodb.Client)(nil), keyring), "DynamoDB client is nil"},
		"client, keyring":             {client(db, func(c *ddbe.TableConfig) { c.Keyring = (*raw.AES)(nil) }), "nil *raw.AES"},
		"client, key store":           {client(db, func(c *ddbe.TableConfig) { c.Search.KeyStore = (*keystore.Store)(nil) }), "no key store"},
		"client, client":              {client((*dynamodb.Client)(nil), func(*ddbe.TableConfig) {}), "DynamoDB client is nil"},
		"item encryptor, keyring":     {items(crypto.Config{Keyring: (*crypto.Multi)(nil)}), "nil *crypto.Multi"},
		"item encryptor, materials":   {items(crypto.Config{Materials: (*provider)(nil)}), "nil *runtime_test.provider"},
		"item encryptor, of a nil":    {items(crypto.Config{Materials: crypto.DefaultMaterials((*raw.AES)(nil))}), "nil *raw.AES"},
		"item encryptor, of nothing":  {items(crypto.Config{Materials: crypto.DefaultMaterials(nil)}), "nil"},
		"multi-keyring, generator":    {multi((*raw.AES)(nil), keyring), "nil *raw.AES"},
		"multi-keyring, child":        {multi(keyring, (*raw.AES)(nil)), "a child is nil"},
		"multi-keyring, no generator": {multi(nil, keyring), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if c.want == "" {
				if c.err != nil {
					t.Error(c.err)
				}
				return
			}
			if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
				t.Errorf("error %v does not say %q", c.err, c.want)
			}
			if config := (*ddbe.ConfigError)(nil); strings.HasPrefix(name, "repository") && !errors.As(c.err, &config) {
				t.Errorf("%T is no ConfigError", c.err)
			}
		})
	}
}

// An error of Update says so wherever it happens.
func TestUpdateNamesItself(t *testing.T) {
	keyring, err := raw.NewAES("bench", "key", crypto.NewKey([]byte(strings.Repeat("k", 32))))
	if err != nil {
		t.Fatal(err)
	}
	table, err := ddbe.Open(t.Context(), wideSchema(crypto.SuiteHMAC), &memoryTable{}, keyring, ddbe.WithoutTableCheck())
	if err != nil {
		t.Fatal(err)
	}
	_, err = table.Update(t.Context(), &wideRow{Partition: "p"}, func(*wideRow) error { return nil })
	if item := (*ddbe.ItemError)(nil); !errors.As(err, &item) || item.Op != "update" || !errors.Is(err, ddbe.ErrNotFound) {
		t.Errorf("%v, want that no item was found to update", err)
	}
	if _, err = table.Get(t.Context(), &wideRow{Partition: "p"}); err == nil || !strings.Contains(err.Error(), "get item") {
		t.Errorf("%v, want that no item was found to get", err)
	}
}
