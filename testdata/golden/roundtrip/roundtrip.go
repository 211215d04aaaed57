// Package roundtrip opens tables on the embedded engine for the tests of the
// golden packages.
package roundtrip

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

// BranchKey is the id of the branch key in the key store.
const BranchKey = "branch-key"

// World is an engine with one table, and the keys for it.
type World struct {
	Client  *dynamodb.Client
	Keyring crypto.Keyring
	Keys    *branchkey.Memory
	table   string
}

// New creates a table. Its keys are written as "name:S partition" or "name:N
// partition sort:S"; every index as "index name:S" or "index name:S sort:N", with
// "local" behind it for a local one, and "projection=keys" or
// "projection=include(a,b)" at the end unless it holds whole items.
func New(t *testing.T, table, keys string, indexes ...string) *World {
	t.Helper()
	engine, err := embedded.Open(embedded.InMemory())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &World{Client: engine.DynamoDB(), Keys: branchkey.NewMemory(), table: table}
	if w.Keyring, err = raw.NewAES("golden", "key", crypto.NewKey(bytes.Repeat([]byte{7}, 32))); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Keys.Create(BranchKey); err != nil {
		t.Fatal(err)
	}
	in := &dynamodb.CreateTableInput{TableName: &table, BillingMode: types.BillingModePayPerRequest}
	in.KeySchema = schema(in, strings.Fields(keys))
	for _, index := range indexes {
		index, projected, _ := strings.Cut(index, " projection=")
		projection := &types.Projection{ProjectionType: types.ProjectionTypeAll}
		if names, ok := strings.CutPrefix(projected, "include("); ok {
			projection = &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: strings.Split(strings.TrimSuffix(names, ")"), ",")}
		} else if projected == "keys" {
			projection.ProjectionType = types.ProjectionTypeKeysOnly
		}
		fields := strings.Fields(index)
		if last := len(fields) - 1; fields[last] == "local" {
			in.LocalSecondaryIndexes = append(in.LocalSecondaryIndexes, types.LocalSecondaryIndex{
				IndexName: &fields[0], KeySchema: schema(in, fields[1:last]), Projection: projection,
			})
			continue
		}
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: &fields[0], KeySchema: schema(in, fields[1:]), Projection: projection,
		})
	}
	if _, err := w.Client.CreateTable(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	return w
}

// schema reads one or two keys, and defines their attributes.
func schema(in *dynamodb.CreateTableInput, keys []string) []types.KeySchemaElement {
	var elements []types.KeySchemaElement
	for i, key := range keys {
		at := strings.LastIndex(key, ":")
		name, kind := key[:at], types.ScalarAttributeType(key[at+1:])
		role := types.KeyTypeHash
		if i > 0 {
			role = types.KeyTypeRange
		}
		elements = append(elements, types.KeySchemaElement{AttributeName: &name, KeyType: role})
		defined := false
		for _, d := range in.AttributeDefinitions {
			defined = defined || *d.AttributeName == name
		}
		if !defined {
			in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: &name, AttributeType: kind})
		}
	}
	return elements
}

// WithKeys is the option for a table with beacons.
func (w *World) WithKeys() ddbe.Option { return ddbe.WithKeyStore(w.Keys, BranchKey) }

// Stored returns the only item of the table as DynamoDB has it.
func (w *World) Stored(t *testing.T) ddbe.Item {
	t.Helper()
	out, err := w.Client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &w.table})
	if err != nil || len(out.Items) != 1 {
		t.Fatalf("there are %d items, want one: %v", len(out.Items), err)
	}
	return out.Items[0]
}

// Encrypted checks that these attributes of the only item are stored as binary.
func (w *World) Encrypted(t *testing.T, names ...string) {
	t.Helper()
	item := w.Stored(t)
	for _, name := range names {
		if _, ok := item[name].(*types.AttributeValueMemberB); !ok {
			t.Errorf("attribute %q is stored as %T", name, item[name])
		}
	}
}

// Repository is what every generated repository can do.
type Repository[T any] interface {
	Put(context.Context, *T) error
}

// Item puts v, gets and deletes it, and compares what comes back with v. It
// leaves v in the table.
func Item[T any](t *testing.T, r Repository[T], v *T, get func() (*T, error), del func() error) {
	t.Helper()
	if _, err := get(); !errors.Is(err, ddbe.ErrNotFound) {
		t.Errorf("before it is put: %v, want %v", err, ddbe.ErrNotFound)
	}
	for range 2 {
		if err := r.Put(t.Context(), v); err != nil {
			t.Fatal(err)
		}
		got, err := get()
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, v) {
			t.Errorf("got  %+v\nwant %+v", got, v)
		}
		if err := del(); err != nil {
			t.Fatal(err)
		}
		if _, err := get(); !errors.Is(err, ddbe.ErrNotFound) {
			t.Errorf("after it is deleted: %v, want %v", err, ddbe.ErrNotFound)
		}
	}
	if err := r.Put(t.Context(), v); err != nil {
		t.Fatal(err)
	}
}

// Found checks that a query yields v and nothing else.
func Found[T any](t *testing.T, query iter.Seq2[*T, error], v *T) {
	t.Helper()
	found := 0
	for got, err := range query {
		if err != nil {
			t.Fatal(err)
		}
		found++
		if !reflect.DeepEqual(got, v) {
			t.Errorf("found %+v\nwant  %+v", got, v)
		}
	}
	if found != 1 {
		t.Errorf("found %d items", found)
	}
}

// NotFound checks that a query yields nothing.
func NotFound[T any](t *testing.T, query iter.Seq2[*T, error]) {
	t.Helper()
	for got, err := range query {
		t.Errorf("found %+v, %v", got, err)
	}
}
