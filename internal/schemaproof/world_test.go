// Package schemaproof_test proves what package diff says of a change: it writes
// items with the schema before the change, reads and queries them with the one
// after it, and the other way round, on the embedded engine.
package schemaproof_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/hierarchical"

	"github.com/ddbegen/ddbegen/gen/lock"
	"github.com/ddbegen/ddbegen/gen/schema"
	"github.com/ddbegen/ddbegen/internal/enginetest"
	"github.com/ddbegen/ddbegen/internal/schematest"
)

// items is how many items a table has: enough that a query that finds the wrong
// ones does not find all by chance, and that every partition has some.
const items = 20

// version is one version of a program: its schema, and what it sends to KMS.
type version struct {
	model   *schema.Struct
	lock    *lock.File
	table   *lock.Table
	context *contextRecorder
}

func newVersion(t testing.TB, source string) *version {
	t.Helper()
	return versionOf(t, source, 0)
}

// versionOf returns a version of a program by one of the structs of its table.
func versionOf(t testing.TB, source string, structure int) *version {
	t.Helper()
	p := schematest.Package(t, source)
	v := &version{model: p.Structs[structure], lock: lock.Of(p)}
	v.table = v.lock.Tables[v.model.Table.LogicalName]
	return v
}

// item returns what the version writes as the item with this number.
func (v *version) item(t testing.TB, n int) *record {
	t.Helper()
	r := &record{}
	for _, a := range v.model.Attributes {
		fieldFor(t, a.Codec).fill(r, a.Name, a.Name, n)
	}
	return r
}

// attribute returns an attribute of the struct, or nil for one that others have.
func (v *version) attribute(name string) *schema.Attribute {
	for _, a := range v.model.Attributes {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// encoded returns an attribute of a record as it is stored.
func encoded(t testing.TB, a *schema.Attribute, r *record) types.AttributeValue {
	t.Helper()
	av, err := fieldFor(t, a.Codec).bind(a.Name).Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	return av
}

// contextRecorder is a keyring that notes the encryption contexts it is given:
// what a KMS keyring sends to KMS in clear.
type contextRecorder struct {
	crypto.Keyring
	mu   sync.Mutex
	seen []string
}

func (k *contextRecorder) NewKeys(ctx context.Context, ec crypto.EncryptionContext) ([]crypto.WrappedKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen = slices.AppendSeq(k.seen, maps.Values(ec))
	return k.Keyring.NewKeys(ctx, ec)
}

// world is an engine with the keys that all versions share.
type world struct {
	t    testing.TB
	db   *dynamodb.Client
	keys *branchkey.Memory
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, db: enginetest.Open(t).DynamoDB, keys: branchkey.NewMemory()}
	for _, id := range []string{"app", "other"} {
		if _, err := w.keys.Create(id); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// branchKey names the branch key of an item by its partition key, so that two
// items of a table seldom have the same: those of a multi-tenant table.
func (w *world) branchKey(id string) string {
	if _, err := w.keys.BeaconKey(w.t.Context(), id); err != nil {
		if _, err := w.keys.Create(id); err != nil {
			w.t.Error(err)
		}
	}
	return id
}

// keyring returns the keyring of a version. Items of a table with tenants have
// branch keys of their own, and those of other tables too, so that a table can
// become one.
func (w *world) keyring(v *version) crypto.Keyring {
	var mu sync.Mutex
	supplier := hierarchical.SupplierFunc(func(_ context.Context, attributes hierarchical.Attributes) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		if id, ok := attributes.Text("tenant"); ok {
			return w.branchKey(id), nil
		}
		return "app", nil
	})
	keyring, err := hierarchical.New(w.keys, supplier, time.Hour)
	if err != nil {
		w.t.Fatal(err)
	}
	v.context = &contextRecorder{Keyring: keyring}
	return v.context
}

// open opens a physical table as a version does. The table has the indexes of
// two versions, so it is not checked.
func (w *world) open(v *version, physical string, opts ...ddbe.Option) (*ddbe.Table[record], error) {
	opts = append(opts, ddbe.WithTableName(physical), ddbe.WithoutTableCheck())
	switch {
	case v.table.Tenant != "":
		opts = append(opts, ddbe.WithTenantKeyStore(w.keys))
	case v.model.Table.Search != nil:
		opts = append(opts, ddbe.WithKeyStore(w.keys, "app"))
	}
	return ddbe.Open(w.t.Context(), schemaOf(w.t, v.model), w.db, w.keyring(v), opts...)
}

func (w *world) mustOpen(v *version, physical string) *ddbe.Table[record] {
	w.t.Helper()
	table, err := w.open(v, physical)
	if err != nil {
		w.t.Fatal(err)
	}
	return table
}

// create creates a table with the primary key of v and the indexes of all.
func (w *world) create(physical string, v *version, all ...*version) {
	w.t.Helper()
	defined := map[string]types.ScalarAttributeType{}
	keys := func(v *version, partition, sort string) (keys []types.KeySchemaElement) {
		for i, name := range []string{partition, sort} {
			if name == "" {
				continue
			}
			kind := types.ScalarAttributeType("S")
			if a, ok := v.table.Attributes[name]; ok {
				kind = types.ScalarAttributeType(a.Type)
			}
			defined[name] = kind
			keys = append(keys, types.KeySchemaElement{AttributeName: &name, KeyType: []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i]})
		}
		return keys
	}
	in := &dynamodb.CreateTableInput{TableName: &physical, BillingMode: types.BillingModePayPerRequest}
	in.KeySchema = keys(v, v.table.PartitionKey, v.table.SortKey)
	seen := map[string]bool{}
	for _, v := range all {
		for name, x := range v.table.Indexes {
			if seen[name] {
				continue
			}
			seen[name] = true
			in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
				IndexName: &name, KeySchema: keys(v, x.PartitionKey, x.SortKey),
				Projection: &types.Projection{ProjectionType: projections[x.Projection], NonKeyAttributes: x.Include},
			})
		}
	}
	for name, kind := range defined {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: &name, AttributeType: kind})
	}
	if _, err := w.db.CreateTable(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
}

// projections are those of lock files, as DynamoDB calls them.
var projections = map[string]types.ProjectionType{
	"": types.ProjectionTypeAll, lock.Keys: types.ProjectionTypeKeysOnly, lock.Include: types.ProjectionTypeInclude,
}

func (w *world) put(v *version, table *ddbe.Table[record]) {
	w.t.Helper()
	for n := range items {
		if err := table.Put(w.t.Context(), v.item(w.t, n)); err != nil {
			w.t.Fatal(err)
		}
	}
}

// stored returns the items of a table as they lie there.
func (w *world) stored(physical string) []ddbe.Item {
	w.t.Helper()
	var all []ddbe.Item
	pages := dynamodb.NewScanPaginator(w.db, &dynamodb.ScanInput{TableName: &physical})
	for pages.HasMorePages() {
		page, err := pages.NextPage(w.t.Context())
		if err != nil {
			w.t.Fatal(err)
		}
		all = append(all, page.Items...)
	}
	return all
}

// copyItems copies stored items into another table. Those that its keys do not
// fit are left out.
func (w *world) copyItems(from, to string) (copied int) {
	w.t.Helper()
	for _, item := range w.stored(from) {
		if _, err := w.db.PutItem(w.t.Context(), &dynamodb.PutItemInput{TableName: &to, Item: item}); err == nil {
			copied++
		}
	}
	return copied
}

// reads returns why the version cannot read all items that another one wrote, as
// far as both know their attributes.
func (w *world) reads(v, writer *version, table *ddbe.Table[record]) error {
	for n := range items {
		got, err := table.Get(w.t.Context(), v.item(w.t, n))
		if err != nil {
			return err
		}
		want := v.item(w.t, n)
		for _, a := range v.model.Attributes {
			if _, ok := writer.table.Attributes[a.Name]; !ok {
				continue
			}
			if wrote := writer.attribute(a.Name); wrote != nil && wrote.Codec.Form(nil) != a.Codec.Form(nil) {
				if was, is := encoded(w.t, wrote, writer.item(w.t, n)), encoded(w.t, a, got); meaning(was) != meaning(is) {
					return fmt.Errorf("attribute %q has another value", a.Name)
				}
				continue
			}
			if !alike((*got)[a.Name], (*want)[a.Name]) {
				return fmt.Errorf("attribute %q has another value", a.Name)
			}
		}
	}
	return nil
}

// alike compares two fields. What a nested record lacks on one side is not
// compared: the writer did not have it.
func alike(got, want any) bool {
	if g, ok := got.(*record); ok {
		w := want.(*record)
		for name, value := range *g {
			if other, ok := (*w)[name]; ok && !alike(value, other) {
				return false
			}
		}
		return true
	}
	if g, ok := got.(*time.Time); ok {
		return g.Equal(*want.(*time.Time))
	}
	return reflect.DeepEqual(got, want)
}

// updates returns why the version cannot update all items.
func (w *world) updates(v *version, table *ddbe.Table[record]) error {
	for n := range items {
		if _, err := table.Update(w.t.Context(), v.item(w.t, n), func(*record) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

var errMissing = errors.New("items are missing")

// finds returns why a query of an index does not find all items.
func (w *world) finds(v, writer *version, table *ddbe.Table[record], index *schema.Index) error {
	for n := range items {
		want := (*v.item(w.t, n))[v.table.PartitionKey]
		found := false
		x := indexOf(index)
		probe, err := w.probe(v, writer, table, n)
		if err != nil {
			return err
		}
		for r, err := range table.Query(w.t.Context(), x, probe) {
			if err != nil {
				return err
			}
			found = found || alike((*r)[v.table.PartitionKey], want)
		}
		if !found {
			return errMissing
		}
	}
	return nil
}

// probe returns what the version looks for in place of the item with this number:
// what it would write, and of attributes that the writer has as another type what it
// reads.
func (w *world) probe(v, writer *version, table *ddbe.Table[record], n int) (*record, error) {
	probe := v.item(w.t, n)
	for _, a := range v.model.Attributes {
		wrote := writer.attribute(a.Name)
		if wrote == nil || wrote.Codec.Form(nil) == a.Codec.Form(nil) {
			continue
		}
		got, err := table.Get(w.t.Context(), v.item(w.t, n))
		if err != nil {
			return nil, err
		}
		(*probe)[a.Name] = (*got)[a.Name]
	}
	return probe, nil
}

// clear returns the attributes of a version whose values lie in clear in the
// items, or in what was sent to KMS.
func (w *world) clear(v *version, physical string, sent []string) (inTable, inKMS map[string]bool) {
	inTable, inKMS = map[string]bool{}, map[string]bool{}
	stored := w.stored(physical)
	for _, a := range v.model.Attributes {
		for n := range items {
			secret := digits(a.Name, n)
			for _, item := range stored {
				inTable[a.Name] = inTable[a.Name] || holds(item, secret)
			}
			inKMS[a.Name] = inKMS[a.Name] || slices.ContainsFunc(sent, func(s string) bool { return strings.Contains(s, secret) })
		}
	}
	return inTable, inKMS
}

// holds reports whether any attribute of an item shows the text.
func holds(item ddbe.Item, text string) bool {
	for _, value := range item {
		switch v := value.(type) {
		case *types.AttributeValueMemberB:
			if bytes.Contains(v.Value, []byte(text)) {
				return true
			}
		case *types.AttributeValueMemberS:
			if strings.Contains(v.Value, text) {
				return true
			}
		case *types.AttributeValueMemberN:
			if v.Value == text {
				return true
			}
		case *types.AttributeValueMemberM:
			if holds(v.Value, text) {
				return true
			}
		case *types.AttributeValueMemberSS:
			if slices.Contains(v.Value, text) {
				return true
			}
		case *types.AttributeValueMemberNS:
			if slices.Contains(v.Value, text) {
				return true
			}
		case *types.AttributeValueMemberL:
			for _, e := range v.Value {
				if holds(ddbe.Item{"": e}, text) {
					return true
				}
			}
		}
	}
	return false
}
