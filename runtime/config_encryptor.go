package runtime

import (
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// ItemEncryptor checks c and returns an item encryptor that reads what a [Table] or
// a [Client] with this configuration stores, for items that come another way, such
// as by a stream or an export. For a generated table c is what [TableSchema.Config]
// returns. It computes no beacons, and needs no key store. The error is a
// [*ConfigError].
func (c TableConfig) ItemEncryptor() (*ItemEncryptor, error) {
	actions, err := c.actions()
	if err != nil {
		return nil, err
	}
	var beacons *beacon.Set
	if c.Search != nil {
		if beacons, err = c.beaconSet(actions); err != nil {
			return nil, err
		}
	}
	return c.itemEncryptor(actions, beacons)
}

// itemEncryptor returns the item encryptor of a table whose attributes have these
// actions, and whose beacons, which may be nil, are these.
func (c *TableConfig) itemEncryptor(actions map[string]attribute.Action, beacons *beacon.Set) (*ItemEncryptor, error) {
	if beacons != nil {
		// A signed beacon is an attribute like any other to the item encryptor.
		actions = mapsWith(actions, beacons.SignedBeacons(), attribute.SignOnly)
	}
	e, err := NewItemEncryptor(crypto.Config{
		LogicalTableName:      c.LogicalTableName,
		PartitionKey:          c.PartitionKeyName,
		SortKey:               c.SortKeyName,
		Actions:               actions,
		DefaultAction:         c.defaultAction(),
		AllowedUnsigned:       c.AllowedUnsignedAttributes,
		AllowedUnsignedPrefix: c.AllowedUnsignedAttributePrefix,
		Suite:                 c.Suite,
		Keyring:               c.Keyring,
		Materials:             c.Materials,
		PlaintextPolicy:       c.PlaintextPolicy,
	})
	if err != nil {
		return nil, &ConfigError{Table: c.LogicalTableName, Err: err}
	}
	return e, nil
}

func mapsWith(actions map[string]attribute.Action, names []string, action attribute.Action) map[string]attribute.Action {
	all := make(map[string]attribute.Action, len(actions)+len(names))
	for name, a := range actions {
		all[name] = a
	}
	for _, name := range names {
		if _, ok := all[name]; !ok {
			all[name] = action
		}
	}
	return all
}

// beaconSet returns the beacons of a table with a Search whose attributes have
// these actions.
func (c *TableConfig) beaconSet(actions map[string]attribute.Action) (*beacon.Set, error) {
	scope := beacon.Scope{Actions: c.searchActions(actions), AllowedUnsigned: c.AllowedUnsignedAttributes}
	if p := c.AllowedUnsignedAttributePrefix; p != nil {
		scope.AllowedUnsignedPrefix = *p
	}
	set, err := beacon.New(c.Search.Beacons, scope)
	if err != nil {
		return nil, &ConfigError{Table: c.LogicalTableName, Err: err}
	}
	return set, nil
}
