package runtime

import (
	"bytes"
	"context"
	"crypto/cipher"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/keycache"
	"github.com/ddbegen/ddbegen/runtime/internal/canon"
)

// records turns the plaintext items of one table into stored ones and back.
type records struct {
	config  *TableConfig
	actions map[string]attribute.Action // of the attributes that have one of their own
	items   *ItemEncryptor
	beacons *beacon.Set     // nil for a table without beacons
	virtual map[string]bool // names of the virtual fields
	typed   bool            // the items come from structs: see normalItem
	keys    *keycache.Cache
	keyTTL  time.Duration
}

const defaultBeaconKeyTTL = time.Hour

// hierarchyProvider is the provider id of data keys that a branch key wraps.
const hierarchyProvider = "aws-kms-hierarchy"

// newRecords checks a configuration. Every error is a [*ConfigError].
func newRecords(config *TableConfig) (*records, error) {
	actions, err := config.actions()
	if err != nil {
		return nil, err
	}
	r := &records{config: config, actions: actions}
	if config.Search != nil {
		if err := r.setUpSearch(config.Search); err != nil {
			return nil, err
		}
	}
	if r.items, err = config.itemEncryptor(actions, r.beacons); err != nil {
		return nil, err
	}
	return r, nil
}

func (r *records) setUpSearch(s *SearchConfig) error {
	refuse := func(reason string) error {
		return &ConfigError{Table: r.config.LogicalTableName, Reason: reason}
	}
	set, err := r.config.beaconSet(r.actions)
	if err != nil {
		return err
	}
	switch {
	case isNil(s.KeyStore):
		return refuse("it has beacons and no key store: give WithKeyStore the store and the branch key of the beacons, or WithTenantKeyStore the store where each item names its branch key")
	case s.BranchKeyID == "" && set.KeyField() == "":
		return refuse("the branch key id of its beacons is empty: WithKeyStore takes it beside the store")
	case s.BranchKeyID != "" && set.KeyField() != "":
		return refuse(fmt.Sprintf("each item names its branch key in %q, and the branch key %q is configured too: use WithTenantKeyStore", set.KeyField(), s.BranchKeyID))
	case s.CacheTTL < 0:
		return refuse("the time to live of its beacon keys is negative")
	}
	if r.keyTTL = s.CacheTTL; r.keyTTL == 0 {
		r.keyTTL = defaultBeaconKeyTTL
	}
	limits := keycache.LimitsFor(r.keyTTL)
	if set.KeyField() == "" {
		limits.Capacity = 1
	}
	if r.keys, err = keycache.Storm(limits); err != nil {
		return err
	}
	r.beacons, r.virtual = set, make(map[string]bool, len(s.Beacons.Virtual))
	for _, f := range s.Beacons.Virtual {
		r.virtual[f.Name] = true
	}
	return nil
}

// seal is the write path: signed beacons are part of what is encrypted and
// signed; the others are computed from the same plaintext and stored beside it.
// item is not changed (specification: ddb-sdk-integration, "Encrypt before
// PutItem").
func (r *records) seal(ctx context.Context, item Item) (Item, error) {
	if r.beacons == nil || r.config.PlaintextPolicy == crypto.InsecureForcePlaintextWrite {
		stored, _, err := r.items.EncryptItem(ctx, item)
		return stored, err
	}
	partition, err := r.choosePartition(item)
	if err != nil {
		return nil, err
	}
	plain, err := r.addSigned(item)
	if err != nil {
		return nil, err
	}
	if r.beacons.RemovesKeyField() {
		plain = clone(plain, 0)
		delete(plain, r.beacons.KeyField())
	}
	stored, header, err := r.items.EncryptItem(ctx, plain)
	if err != nil {
		return nil, err
	}
	id, err := r.writtenKeyID(item, header)
	if err != nil {
		return nil, err
	}
	if err := r.addEncrypted(ctx, stored, item, id, partition); err != nil {
		return nil, err
	}
	return stored, nil
}

func (r *records) choosePartition(item Item) (int, error) {
	partitions := r.beacons.MaxPartitions()
	if partitions == 1 {
		return 0, nil
	}
	if r.config.Search.Partition == nil {
		return rand.IntN(partitions), nil
	}
	partition, err := r.config.Search.Partition(item, partitions)
	if err != nil {
		return 0, fmt.Errorf("choose the partition: %w", err)
	}
	if partition < 0 || partition >= partitions {
		return 0, fmt.Errorf("the partition that was chosen is %d, and it must be at least 0 and less than %d", partition, partitions)
	}
	return partition, nil
}

// addSigned returns item with its signed beacons.
func (r *records) addSigned(item Item) (Item, error) {
	signed, err := r.beacons.Signed(r.view(item))
	if err != nil || len(signed) == 0 {
		return item, err
	}
	plain := clone(item, len(signed))
	for _, b := range signed {
		value := &types.AttributeValueMemberS{Value: b.Text}
		if given, ok := item[b.Attribute]; ok && !equalValues(given, value) {
			return nil, fmt.Errorf("the signed beacon %q is in the item with another value: leave it out, it is computed", b.Attribute)
		}
		plain[b.Attribute] = value
	}
	return plain, nil
}

// addEncrypted adds the beacons of item to stored.
func (r *records) addEncrypted(ctx context.Context, stored, item Item, branchKeyID string, partition int) error {
	loan, err := r.beaconKeys(ctx, branchKeyID)
	if err != nil {
		return err
	}
	defer loan.Return()
	results, err := r.beacons.Encrypted(r.view(item), loan.Key().keys, partition)
	if err != nil {
		return err
	}
	for _, b := range results {
		stored[b.Attribute] = beaconAttribute(b)
	}
	return nil
}

func beaconAttribute(b beacon.Result) types.AttributeValue {
	if b.Set != nil {
		return &types.AttributeValueMemberSS{Value: b.Set}
	}
	return &types.AttributeValueMemberS{Value: b.Text}
}

// writtenKeyID returns the branch key of an item that was just encrypted. In a
// multi-tenant table it is the one that wraps the item's data key, and the key
// field must agree: a beacon under another tenant's key would never be found.
func (r *records) writtenKeyID(item Item, header *crypto.ParsedHeader) (string, error) {
	field := r.beacons.KeyField()
	if field == "" {
		return r.config.Search.BranchKeyID, nil
	}
	id, err := headerKeyID(header)
	if err != nil {
		return "", err
	}
	if named, ok := item[field]; ok && !equalValues(named, &types.AttributeValueMemberS{Value: id}) {
		return "", fmt.Errorf("the attribute %q does not name the branch key that the item was encrypted with: the keyring and the item must choose the same", field)
	}
	return id, nil
}

// headerKeyID returns the branch key id of an item of a multi-tenant table.
func headerKeyID(header *crypto.ParsedHeader) (string, error) {
	if len(header.EncryptedDataKeys) != 1 || header.EncryptedDataKeys[0].ProviderID != hierarchyProvider {
		return "", fmt.Errorf("an item of a multi-tenant table must have one data key, of a hierarchical keyring")
	}
	return string(header.EncryptedDataKeys[0].ProviderInfo), nil
}

// open is the read path: verify, decrypt, and leave out what the record format
// itself stored. stored is not changed.
func (r *records) open(ctx context.Context, stored Item) (Item, error) {
	item, _, err := r.items.DecryptItem(ctx, stored)
	return item, err
}

// tenantField returns the attribute that names the branch key of an item, or ""
// for a table of one tenant.
func (r *records) tenantField() string {
	if r.beacons == nil {
		return ""
	}
	return r.beacons.KeyField()
}

// isOfTenant reports whether the branch key of a stored item is the one with
// this id; "" is for a query that is not of one tenant. It believes the header of
// the item before that is verified: one that was changed can only make the item
// be left out, or be refused afterwards. The keys of other tenants are not needed.
func (r *records) isOfTenant(stored Item, branchKeyID string) (bool, error) {
	if _, encrypted := stored[attribute.HeaderName]; !encrypted || branchKeyID == "" || r.tenantField() == "" {
		return true, nil // a plaintext item, or one of an index, is looked at later
	}
	keys, err := DescribeDataKeys(stored)
	if err != nil {
		return false, err
	}
	if len(keys) != 1 {
		return false, fmt.Errorf("%w: an item of a multi-tenant table must have one data key, and it has %d", crypto.ErrFormat, len(keys))
	}
	return keys[0].ProviderID == hierarchyProvider && keys[0].BranchKeyID == branchKeyID, nil
}

// beaconMaterial is what is derived for a table from one beacon key: the keys of
// all beacons, and the one that seals page tokens.
type beaconMaterial struct {
	keys  *beacon.Keys
	pages cipher.AEAD
}

// Wipe lets go of the keys. They lie in the states of hash functions and ciphers,
// whose memory the standard library does not let anyone overwrite.
func (m *beaconMaterial) Wipe() { m.keys, m.pages = nil, nil }

func (r *records) beaconKeys(ctx context.Context, branchKeyID string) (*keycache.Loan[*beaconMaterial], error) {
	id := keycache.ID{Scope: keycache.Search, BranchKeyID: branchKeyID}
	loan, err := keycache.Borrow(ctx, r.keys, id, r.keyTTL, func(ctx context.Context) (*beaconMaterial, error) {
		key, err := r.config.Search.KeyStore.BeaconKey(ctx, branchKeyID)
		if err != nil {
			return nil, err
		}
		defer key.Wipe()
		if err := key.Validate(); err != nil {
			return nil, err
		}
		keys, err := r.beacons.Keys(key.Key.InsecureBytes())
		if err != nil {
			return nil, err
		}
		pages, err := newPageCipher(key.Key.InsecureBytes())
		if err != nil {
			return nil, err
		}
		return &beaconMaterial{keys, pages}, nil
	})
	if err != nil {
		return nil, fmt.Errorf("beacon key of branch key %q: %w", branchKeyID, err)
	}
	return loan, nil
}

// keyNames returns the attributes of the primary key.
func (r *records) keyNames() []string {
	if r.config.SortKeyName == "" {
		return []string{r.config.PartitionKeyName}
	}
	return []string{r.config.PartitionKeyName, r.config.SortKeyName}
}

// keySources returns the attributes that the primary key is made of: itself, or
// those of a signed beacon.
func (r *records) keySources() []string {
	var names []string
	for _, name := range r.keyNames() {
		if b, ok := r.beacon(name); ok {
			names = append(names, b.Sources()...)
		} else {
			names = append(names, name)
		}
	}
	return sortedUnique(names)
}

// primaryKey returns the primary key of a plaintext item, in which a signed
// beacon need not stand yet.
func (r *records) primaryKey(item Item) (Key, error) {
	key := make(Key, 2)
	for _, name := range r.keyNames() {
		value := item[name]
		if b, ok := r.beacon(name); ok {
			plain, found, err := b.Plain(r.view(item))
			if err != nil {
				return nil, err
			}
			if value = nil; found {
				value = &types.AttributeValueMemberS{Value: plain.Text}
			}
		}
		if value == nil {
			return nil, fmt.Errorf("there is no value for the key attribute %q", name)
		}
		key[name] = value
	}
	return key, nil
}

// keyOf returns the primary key of an item, as far as it has one.
func (r *records) keyOf(item Item) Key {
	key := make(Key, 2)
	for _, name := range r.keyNames() {
		if value, ok := item[name]; ok {
			key[name] = value
		}
	}
	return key
}

// action returns what happens to the attribute on writing, or 0 for one that
// cannot be written.
func (r *records) action(name string) attribute.Action {
	action, err := r.items.crypto.Action(name)
	if err != nil {
		return 0
	}
	return action
}

// encrypts reports whether the attribute is stored encrypted.
func (r *records) encrypts(name string) bool { return r.action(name) == attribute.EncryptAndSign }

// ResolvedAttributes is what the virtual fields and compound beacons of an item
// are in plain text, by name.
type ResolvedAttributes struct {
	VirtualFields   map[string]string
	CompoundBeacons map[string]string
}

func (r *records) resolve(item Item) (*ResolvedAttributes, error) {
	if r.beacons == nil {
		return &ResolvedAttributes{VirtualFields: map[string]string{}, CompoundBeacons: map[string]string{}}, nil
	}
	resolved, err := r.beacons.Resolve(r.view(item))
	if err != nil {
		return nil, fmt.Errorf("ddbe: resolve attributes: %w", err)
	}
	return &ResolvedAttributes{VirtualFields: resolved.VirtualFields, CompoundBeacons: resolved.CompoundBeacons}, nil
}

// equalValues reports whether a and b are the same value to DynamoDB: numbers by
// value, sets in any order.
func equalValues(a, b types.AttributeValue) bool {
	aType, aBytes, err := canon.Append(nil, a)
	if err != nil {
		return false
	}
	bType, bBytes, err := canon.Append(nil, b)
	return err == nil && aType == bType && bytes.Equal(aBytes, bBytes)
}

// sortedUnique returns names in order, each once.
func sortedUnique(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}
