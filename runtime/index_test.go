package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// narrowed is a table whose index of names holds a part of each item.
func narrowed(t *testing.T, projection types.Projection) (*fixture, *ddbe.Schema[patient], ddbe.Index) {
	t.Helper()
	f := newFixture(t)
	f.createTable(t, "Narrow", func(in *dynamodb.CreateTableInput) {
		in.GlobalSecondaryIndexes[0].Projection = &projection
	})
	schema := patientSchema()
	index := schema.Table.Indexes[0]
	index.Projection, index.Included = projection.ProjectionType, projection.NonKeyAttributes
	schema.Table.Indexes[0] = index
	f.open(t, schema, f.client)
	return f, schema, index
}

func (f *fixture) open(t *testing.T, schema *ddbe.Schema[patient], db ddbe.DynamoDB) {
	t.Helper()
	var err error
	f.table, err = ddbe.Open(t.Context(), schema, db, f.keyring, ddbe.WithKeyStore(f.keys, "patients"), ddbe.WithTableName("Narrow"))
	if err != nil {
		t.Fatal(err)
	}
}

// batches is a client whose BatchGetItem leaves keys unprocessed, and which
// deletes an item between a query and the reading of what it found.
type batches struct {
	*dynamodb.Client
	sizes   []int
	leave   []int // how many keys each request leaves
	always  bool  // everything is left
	deletes ddbe.Key
}

func (b *batches) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	const table = "Narrow"
	if b.deletes != nil {
		if _, err := b.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String(table), Key: b.deletes}); err != nil {
			return nil, err
		}
	}
	keys := in.RequestItems[table].Keys
	b.sizes = append(b.sizes, len(keys))
	left := 0
	if b.always {
		left = len(keys)
	} else if len(b.leave) > 0 {
		left, b.leave = min(b.leave[0], len(keys)), b.leave[1:]
	}
	if left == len(keys) {
		return &dynamodb.BatchGetItemOutput{UnprocessedKeys: in.RequestItems}, nil
	}
	out, err := b.Client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{table: {Keys: keys[left:]}}}, opts...)
	if err == nil && left > 0 {
		out.UnprocessedKeys = map[string]types.KeysAndAttributes{table: {Keys: keys[:left]}}
	}
	return out, err
}

func TestQueryOfAnIndexThatHoldsAPart(t *testing.T) {
	for _, projection := range []types.Projection{
		{ProjectionType: types.ProjectionTypeKeysOnly},
		{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"name", "ward"}},
	} {
		t.Run(string(projection.ProjectionType), func(t *testing.T) {
			f, schema, index := narrowed(t, projection)
			names := []string{"Ada", "Bob", "Cyd", "Dan", "Eve"}
			want := map[string][]int64{}
			for i := range int64(250) {
				p := patient{Clinic: "north", Visit: i, Name: names[i%5], Ward: "7", Remarks: "r"}
				want[p.Name] = append(want[p.Name], i)
				f.put(t, p)
			}
			db := &batches{Client: f.client, leave: []int{100, 30, 30, 20}}
			f.open(t, schema, db)
			for _, name := range names {
				if got := collect(t, f, index, patient{Name: name}); !slices.Equal(got, want[name]) {
					t.Errorf("%s: visits %v, want %v", name, got, want[name])
				}
			}
			if slices.Max(db.sizes) > 100 {
				t.Errorf("batches of %v keys, and DynamoDB takes 100", db.sizes)
			}
			db.deletes = ddbe.Key{"clinic": &types.AttributeValueMemberS{Value: "north"}, "visit": &types.AttributeValueMemberN{Value: "5"}}
			if got := collect(t, f, index, patient{Name: "Ada"}); !slices.Equal(got, slices.DeleteFunc(want["Ada"], func(v int64) bool { return v == 5 })) {
				t.Errorf("with an item that is gone: visits %v", got)
			}
			db.deletes, db.sizes = nil, nil
			if got := collect(t, f, index, patient{Name: "Ada"}, ddbe.Limit(1)); len(got) != 1 {
				t.Errorf("with a limit of 1: visits %v", got)
			}
			if len(db.sizes) == 0 || db.sizes[0] != 1 {
				t.Errorf("with a limit of 1, batches of %v keys", db.sizes)
			}
		})
	}
}

// TestQueryKeepsTheOrderOfAnIndexThatHoldsAPart holds that items come as the
// index has them, whatever order they are read in.
func TestQueryKeepsTheOrderOfAnIndexThatHoldsAPart(t *testing.T) {
	f, schema, index := narrowed(t, types.Projection{ProjectionType: types.ProjectionTypeKeysOnly})
	for i := range int64(40) {
		f.put(t, patient{Clinic: "north", Visit: i, Name: "Ada", Ward: "7"})
	}
	whole, err := f.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("Narrow"), Limit: aws.Int32(1)})
	if err != nil {
		t.Fatal(err)
	}
	out, err := f.client.Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String("Narrow"), IndexName: aws.String("name-index"), KeyConditionExpression: aws.String("aws_dbe_b_name = :b"),
		ExpressionAttributeValues: ddbe.Item{":b": whole.Items[0]["aws_dbe_b_name"]},
	})
	if err != nil || len(out.Items) != 40 {
		t.Fatalf("%v items, %v", out, err)
	}
	f.open(t, schema, &batches{Client: f.client, leave: []int{13}})
	i := 0
	for p, err := range f.table.Query(t.Context(), index, &patient{Name: "Ada"}) {
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the visit", &types.AttributeValueMemberN{Value: fmt.Sprint(p.Visit)}, out.Items[i]["visit"])
		i++
	}
	if i != len(out.Items) {
		t.Errorf("%d items, want %d", i, len(out.Items))
	}
}

func TestQueryOfAThrottledTable(t *testing.T) {
	f, schema, index := narrowed(t, types.Projection{ProjectionType: types.ProjectionTypeKeysOnly})
	f.put(t, patient{Clinic: "north", Visit: 1, Name: "Ada", Ward: "7"})
	db := &batches{Client: f.client, always: true}
	f.open(t, schema, db)
	yields := 0
	for _, err := range f.table.Query(t.Context(), index, &patient{Name: "Ada"}) {
		if yields++; err == nil || !strings.Contains(err.Error(), "unprocessed") {
			t.Errorf("got %v, want an error that says what was left", err)
		}
	}
	if yields != 1 || len(db.sizes) != 8 {
		t.Errorf("%d yields after %d requests, want 1 after 8", yields, len(db.sizes))
	}
}

func TestOpenComparesProjections(t *testing.T) {
	f := newFixture(t)
	keys := types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
	include := func(names ...string) types.Projection {
		return types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: names}
	}
	all := types.Projection{ProjectionType: types.ProjectionTypeAll}
	for i, test := range []struct {
		want, have types.Projection
		missing    string // in the table; "" for nothing
	}{
		{keys, keys, ""},
		{keys, include("ward"), ""},
		{keys, all, ""},
		{include("ward", "name"), include("name", "ward", "remarks"), ""},
		{include("ward", "clinic"), include("ward"), ""},
		{include("ward"), all, ""},
		{include("ward", "name"), include("name"), `"ward"`},
		{include("ward"), keys, `"ward"`},
		{all, keys, "ALL"},
		{all, include("ward", "name", "remarks"), "ALL"},
	} {
		name := "Projected" + string(rune('a'+i))
		f.createTable(t, name, func(in *dynamodb.CreateTableInput) { in.GlobalSecondaryIndexes[0].Projection = &test.have })
		schema := patientSchema()
		schema.Table.Indexes[0].Projection, schema.Table.Indexes[0].Included = test.want.ProjectionType, test.want.NonKeyAttributes
		_, err := ddbe.Open(t.Context(), schema, f.client, f.keyring, ddbe.WithKeyStore(f.keys, "patients"), ddbe.WithTableName(name))
		mismatch := (*ddbe.TableMismatchError)(nil)
		switch {
		case test.missing == "" && err != nil:
			t.Errorf("%d: %v", i, err)
		case test.missing != "" && (!errors.As(err, &mismatch) || !strings.Contains(err.Error(), test.missing)):
			t.Errorf("%d: got %v, want a mismatch that says %s", i, err, test.missing)
		}
	}
}

// TestQueryByParts asks for items by the parts that their beacon is made of.
func TestQueryByParts(t *testing.T) {
	f := newFixture(t)
	schema := patientSchema()
	schema.Table.Search.Compound[0].Constructors = []beacon.Constructor{{beacon.Required("ward"), beacon.Optional("name")}}
	f.createTable(t, "Narrow", nil)
	f.open(t, schema, f.client)
	f.put(t, patient{Clinic: "north", Visit: 1, Name: "Ada", Ward: "7"}, patient{Clinic: "north", Visit: 2, Name: "Bob", Ward: "7"})
	if got := collect(t, f, byWardName.Parts("wardName", "ward", ddbe.Given("name", true)), patient{Ward: "7", Name: "Bob"}); !slices.Equal(got, []int64{2}) {
		t.Errorf("by ward and name: visits %v", got)
	}
	// A field without omitempty is in every item.
	if got := collect(t, f, byWardName.Parts("wardName", "ward", ddbe.Given("name", false)), patient{Ward: "7", Name: "Bob"}); got != nil {
		t.Errorf("by ward without a name: visits %v", got)
	}
	for what, index := range map[string]ddbe.Index{
		"no part":           byWardName.Parts("wardName"),
		"an optional part":  byWardName.Parts("wardName", "name"),
		"an unknown part":   byWardName.Parts("wardName", "ward", "wing"),
		"a standard beacon": byName.Parts("name", "name"),
	} {
		for _, err := range f.table.Query(t.Context(), index, &patient{Ward: "7", Name: "Bob"}) {
			if !errors.Is(err, beacon.ErrConstructor) {
				t.Errorf("%s: %v", what, err)
			}
		}
	}
}

// putting counts the items that are sent.
type putting struct {
	*dynamodb.Client
	sent int
}

func (p *putting) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	p.sent++
	return p.Client.PutItem(ctx, in, opts...)
}

// DynamoDB refuses an item with an empty key, also of an index; it is not sent.
func TestPutRefusesEmptyKeys(t *testing.T) {
	f, schema, _ := narrowed(t, types.Projection{ProjectionType: types.ProjectionTypeAll})
	table := *schema.Table
	table.Indexes = append(slices.Clone(table.Indexes), ddbe.Index{Name: "by-ward", Partition: "ward"}, ddbe.Index{Name: "by-remarks", Partition: "remarks"})
	schema.Table = &table
	db := &putting{Client: f.client}
	opened, err := ddbe.Open(t.Context(), schema, db, f.keyring, ddbe.WithKeyStore(f.keys, "patients"), ddbe.WithTableName("Narrow"), ddbe.WithoutTableCheck())
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]patient{
		"clinic": {Visit: 1, Name: "Ada", Ward: "7"},
		"ward":   {Clinic: "north", Visit: 1, Name: "Ada"},
	} {
		err := opened.Put(t.Context(), &p)
		var which *crypto.AttributeError
		if !errors.Is(err, ddbe.ErrEmptyKey) || !errors.As(err, &which) || which.Name != name {
			t.Errorf("an empty %s: %v", name, err)
		}
	}
	if db.sent > 0 {
		t.Errorf("%d items were sent", db.sent)
	}
	// An encrypted value may be empty, and what is left out is not empty.
	if err := opened.Put(t.Context(), &patient{Clinic: "north", Visit: 1, Ward: "7"}); err != nil || db.sent != 1 {
		t.Errorf("an empty name: %v, %d items were sent", err, db.sent)
	}
}
