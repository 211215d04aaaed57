package runtime

import (
	"strings"
	"time"

	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
)

// An Option changes how [Open] opens a table.
type Option func(*openOptions)

type openOptions struct {
	tableName       string
	skipTableCheck  bool
	keyStore        branchkey.BeaconKeySource
	branchKeyID     string
	beaconKeyTTL    time.Duration
	plaintextPolicy crypto.PlaintextPolicy
	materials       crypto.MaterialsProvider
	problems        []string // of the options themselves
}

// apply returns what the options say, or a [*ConfigError] for the table.
func apply(table string, opts []Option) (*openOptions, error) {
	o := &openOptions{}
	for _, opt := range opts {
		if opt == nil {
			o.problem("an option is nil")
			continue
		}
		opt(o)
	}
	if len(o.problems) > 0 {
		return nil, &ConfigError{Table: table, Reason: strings.Join(o.problems, "; ")}
	}
	return o, nil
}

func (o *openOptions) problem(text string) { o.problems = append(o.problems, text) }

// setKeyStore refuses a second key store, which would silently win.
func (o *openOptions) setKeyStore(store branchkey.BeaconKeySource, branchKeyID string) {
	switch {
	case store == nil:
		o.problem("the key store is nil")
	case o.keyStore != nil:
		o.problem("two key stores were given: take WithKeyStore, or WithTenantKeyStore for a table whose items name their branch key")
	}
	o.keyStore, o.branchKeyID = store, branchKeyID
}

// WithTableName stores the items in the table with this physical name; without
// it the logical name of the schema is also the physical one. An empty name is
// refused: it is most likely a setting that is missing.
func WithTableName(name string) Option {
	return func(o *openOptions) {
		if o.tableName = name; name == "" {
			o.problem("WithTableName was given an empty name: is a setting missing?")
		}
	}
}

// WithKeyStore names the key store and the branch key whose beacon key the
// beacons of the table are computed with. A schema with beacons needs it.
func WithKeyStore(store branchkey.BeaconKeySource, branchKeyID string) Option {
	return func(o *openOptions) { o.setKeyStore(store, branchKeyID) }
}

// WithTenantKeyStore names the key store of a multi-tenant table, in which an
// attribute of each item names its branch key.
func WithTenantKeyStore(store branchkey.BeaconKeySource) Option {
	return func(o *openOptions) { o.setKeyStore(store, "") }
}

// WithBeaconKeyTTL keeps a beacon key in memory for this long instead of an
// hour. Within it a key that was revoked in KMS still serves.
func WithBeaconKeyTTL(ttl time.Duration) Option {
	return func(o *openOptions) { o.beaconKeyTTL = ttl }
}

// WithMaterials encrypts and decrypts with a materials provider of the
// program's own. The keyring that is given to [Open] must then be nil.
func WithMaterials(materials crypto.MaterialsProvider) Option {
	return func(o *openOptions) {
		if o.materials = materials; materials == nil {
			o.problem("WithMaterials was given nil")
		}
	}
}

// WithPlaintextPolicy says whether items that are not encrypted are accepted,
// which they are not unless this option says so. Every policy that accepts them
// lets whoever can write the table replace encrypted items by others.
func WithPlaintextPolicy(policy crypto.PlaintextPolicy) Option {
	return func(o *openOptions) { o.plaintextPolicy = policy }
}

// WithoutTableCheck leaves out the DescribeTable call with which [Open] compares
// the table to the schema, for programs that may not make it.
func WithoutTableCheck() Option {
	return func(o *openOptions) { o.skipTableCheck = true }
}

// A QueryOption changes how a query runs.
type QueryOption func(*queryOptions)

type queryOptions struct {
	limit      int
	pageSize   int32
	descending bool
}

// Limit ends the query after n matching items. Items that DynamoDB found only
// because their beacons collide do not count.
func Limit(n int) QueryOption { return func(o *queryOptions) { o.limit = n } }

// PageSize asks DynamoDB for n items at a time, at most.
func PageSize(n int) QueryOption { return func(o *queryOptions) { o.pageSize = int32(min(n, 1<<30)) } }

// Descending returns items in descending order of the index's sort key.
func Descending() QueryOption { return func(o *queryOptions) { o.descending = true } }
