package runtime

import (
	"reflect"
	"time"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
)

// TableConfig is the configuration of one encrypted table: what a generated
// [TableSchema] becomes, or what a program writes by hand. The member names are
// those of the specification (ddb-table-encryption-config).
type TableConfig struct {
	// LogicalTableName is bound into every item; the physical name may differ.
	LogicalTableName string
	PartitionKeyName string
	SortKeyName      string // "" for a table without a sort key

	// AttributeActionsOnEncrypt says what happens to each attribute on writing.
	AttributeActionsOnEncrypt map[string]attribute.Action
	// DefaultAction is what happens to an attribute that has no action of its own
	// and is not allowed to be unsigned; the keys of the table then need no action
	// of their own either. Zero refuses such attributes. DO_NOTHING leaves alone
	// what is allowed to be unsigned and refuses the rest.
	DefaultAction attribute.Action
	// AllowedUnsignedAttributes are the attributes that may be unsigned. Every
	// attribute whose action is DO_NOTHING must be here or begin with the prefix.
	AllowedUnsignedAttributes []string
	// AllowedUnsignedAttributePrefix, where it is not nil, is the beginning of
	// the names that may be unsigned. It must not be empty.
	AllowedUnsignedAttributePrefix *string

	// Suite is the algorithm suite of new items; zero is the default, with
	// digital signatures.
	Suite crypto.Suite

	// Exactly one of Keyring and Materials is set.
	Keyring   crypto.Keyring
	Materials crypto.MaterialsProvider

	// PlaintextPolicy says whether items that are not encrypted are accepted;
	// zero is never.
	PlaintextPolicy crypto.PlaintextPolicy

	// Search is nil for a table without beacons.
	Search *SearchConfig
}

// SearchConfig is what makes a table searchable: its beacons and the key that
// they are computed with (specification: searchable-encryption/search-config).
type SearchConfig struct {
	Beacons beacon.Config

	// KeyStore holds the beacon keys.
	KeyStore branchkey.BeaconKeySource
	// BranchKeyID names the one beacon key of the table. It is empty in a
	// multi-tenant table, where Beacons.KeyField names the attribute that holds
	// the branch key id of each item.
	BranchKeyID string
	// CacheTTL is how long a beacon key is kept in memory; zero is an hour.
	CacheTTL time.Duration

	// Partition chooses the partition of a new item, from 0 to max-1, where the
	// beacons have more than one; nil chooses at random.
	Partition func(item Item, max int) (int, error)
}

// isNil reports whether v is nil or a nil pointer, which is not nil to whoever
// compares the interface that holds it.
func isNil(v any) bool {
	r := reflect.ValueOf(v)
	return !r.IsValid() || r.Kind() == reflect.Pointer && r.IsNil()
}
