package runtime_test

import (
	"errors"
	"testing"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// TestItemEncryptorOfAConfiguration reads with the configuration of a client what the
// client has stored, signed beacons and attributes with the default action included.
func TestItemEncryptorOfAConfiguration(t *testing.T) {
	for what, change := range map[string]func(*ddbe.TableConfig){
		"actions": func(*ddbe.TableConfig) {},
		"default action": func(c *ddbe.TableConfig) {
			c.DefaultAction = attribute.EncryptAndSign
			for _, name := range []string{"team", "number", "email", "note"} {
				delete(c.AttributeActionsOnEncrypt, name)
			}
		},
	} {
		t.Run(what, func(t *testing.T) {
			e := newEncrypted(t, nil)
			change(&e.config)
			client, err := ddbe.NewClient(e.db, map[string]ddbe.TableConfig{people: e.config})
			if err != nil {
				t.Fatal(err)
			}
			e.client = client
			e.put(alice())
			c := e.config
			c.Search = &ddbe.SearchConfig{Beacons: e.config.Search.Beacons} // no key store is needed
			encryptor, err := c.ItemEncryptor()
			if err != nil {
				t.Fatal(err)
			}
			stored := e.stored(keyOf(alice()))
			got, header, err := encryptor.DecryptItem(t.Context(), stored)
			if err != nil || header == nil {
				t.Fatalf("header %v, %v", header, err)
			}
			same(t, "the item", got, plain(alice()))
			delete(stored, "teamLevel")
			if _, _, err := encryptor.DecryptItem(t.Context(), stored); !errors.Is(err, crypto.ErrAuthentication) {
				t.Errorf("the item without its signed beacon: %v, want ErrAuthentication", err)
			}
		})
	}
}

func TestItemEncryptorOfAWrongConfiguration(t *testing.T) {
	for what, c := range map[string]ddbe.TableConfig{
		"nothing":     {},
		"no keyring":  {LogicalTableName: "T", PartitionKeyName: "id", DefaultAction: attribute.EncryptAndSign},
		"bad beacons": {LogicalTableName: "T", PartitionKeyName: "id", DefaultAction: attribute.EncryptAndSign, Search: &ddbe.SearchConfig{Beacons: beacon.Config{Standard: []beacon.Standard{{Name: "a"}}}}},
		"unsigned":    {LogicalTableName: "T", PartitionKeyName: "id", DefaultAction: attribute.DoNothing},
	} {
		_, err := c.ItemEncryptor()
		if e := (*ddbe.ConfigError)(nil); !errors.As(err, &e) {
			t.Errorf("%s: %v, want a ConfigError", what, err)
		}
	}
}
