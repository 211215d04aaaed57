package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/internal/enginetest"
	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/codec"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/hierarchical"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
)

// patient is a table struct as a person would write it, and patientSchema is
// what the generator would make of it.
type patient struct {
	Clinic  string
	Visit   int64
	Name    string
	Ward    string
	Remarks string
}

var (
	patientClinic  = ddbe.SignedAttr("clinic")
	patientVisit   = ddbe.SignedAttr("visit")
	patientName    = ddbe.EncryptedAttr("name")
	patientWard    = ddbe.SignedAttr("ward")
	patientRemarks = ddbe.UnsignedAttr("remarks")

	byName     = ddbe.Index{Name: "name-index", Partition: "name"}
	byWardName = ddbe.Index{Name: "ward-name-index", Partition: "wardName"}
)

func patientSchema() *ddbe.Schema[patient] {
	return &ddbe.Schema[patient]{
		Table: &ddbe.TableSchema{
			LogicalName: "Patients",
			Keys:        ddbe.PartitionAndSort(patientClinic, patientVisit),
			Attributes:  []ddbe.Attribute{patientClinic, patientVisit, patientName, patientWard, patientRemarks},
			Search: &beacon.Config{
				// Two bits, so that different names share a beacon.
				Standard: []beacon.Standard{{Name: "name", Length: 2}},
				Compound: []beacon.Compound{{
					Name: "wardName", Split: '.',
					Signed:    []beacon.SignedPart{ddbe.SignedPart(patientWard, "W-")},
					Encrypted: []beacon.EncryptedPart{ddbe.EncryptedPart(patientName, "N-")},
				}},
			},
			Indexes: []ddbe.Index{byName, byWardName},
		},
		Fields: codec.Fields[patient]{
			ddbe.Field(patientClinic, codec.String[string](), func(p *patient) *string { return &p.Clinic }),
			ddbe.Field(patientVisit, codec.Int[int64](), func(p *patient) *int64 { return &p.Visit }),
			ddbe.Field(patientName, codec.String[string](), func(p *patient) *string { return &p.Name }),
			ddbe.Field(patientWard, codec.String[string](), func(p *patient) *string { return &p.Ward }),
			ddbe.Field(patientRemarks, codec.String[string](), func(p *patient) *string { return &p.Remarks }, codec.OmitEmpty),
		},
	}
}

type fixture struct {
	client  *dynamodb.Client
	keyring crypto.Keyring
	keys    *branchkey.Memory
	table   *ddbe.Table[patient]
}

func newFixture(t *testing.T, opts ...ddbe.Option) *fixture {
	t.Helper()
	f := &fixture{client: enginetest.Open(t).DynamoDB, keys: branchkey.NewMemory()}
	if _, err := f.keys.Create("patients"); err != nil {
		t.Fatal(err)
	}
	keyring, err := raw.NewAES("tests", "key", crypto.NewKey([]byte(strings.Repeat("k", 32))))
	if err != nil {
		t.Fatal(err)
	}
	f.keyring = keyring
	f.createTable(t, "Patients", nil)
	f.table, err = ddbe.Open(t.Context(), patientSchema(), f.client, f.keyring, append([]ddbe.Option{ddbe.WithKeyStore(f.keys, "patients")}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// createTable creates the table of patients; change may spoil it first.
func (f *fixture) createTable(t *testing.T, name string, change func(*dynamodb.CreateTableInput)) {
	t.Helper()
	in := &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("clinic"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("visit"), AttributeType: types.ScalarAttributeTypeN},
			{AttributeName: aws.String("aws_dbe_b_name"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("aws_dbe_b_wardName"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("clinic"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("visit"), KeyType: types.KeyTypeRange},
		},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			index("name-index", "aws_dbe_b_name"), index("ward-name-index", "aws_dbe_b_wardName"),
		},
	}
	if change != nil {
		change(in)
	}
	if _, err := f.client.CreateTable(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

func index(name, partition string) types.GlobalSecondaryIndex {
	return types.GlobalSecondaryIndex{
		IndexName:  &name,
		KeySchema:  []types.KeySchemaElement{{AttributeName: &partition, KeyType: types.KeyTypeHash}},
		Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
	}
}

func (f *fixture) put(t *testing.T, patients ...patient) {
	t.Helper()
	for i := range patients {
		if err := f.table.Put(t.Context(), &patients[i]); err != nil {
			t.Fatal(err)
		}
	}
}

// stored returns the item as it lies in the table.
func (f *fixture) stored(t *testing.T, p patient) ddbe.Item {
	t.Helper()
	out, err := f.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Patients"), Key: ddbe.Key{
		"clinic": &types.AttributeValueMemberS{Value: p.Clinic},
		"visit":  &types.AttributeValueMemberN{Value: fmt.Sprint(p.Visit)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

func (f *fixture) overwrite(t *testing.T, item ddbe.Item) {
	t.Helper()
	if _, err := f.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Patients"), Item: item}); err != nil {
		t.Fatal(err)
	}
}

var ada = patient{Clinic: "north", Visit: 1, Name: "Ada", Ward: "7", Remarks: "tall"}

func TestPutGetDelete(t *testing.T) {
	f := newFixture(t)
	f.put(t, ada)
	got, err := f.table.Get(t.Context(), &patient{Clinic: "north", Visit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if *got != ada {
		t.Errorf("got %+v, want %+v", *got, ada)
	}
	if err := f.table.Delete(t.Context(), &patient{Clinic: "north", Visit: 1}); err != nil {
		t.Fatal(err)
	}
	_, err = f.table.Get(t.Context(), &patient{Clinic: "north", Visit: 1})
	if !errors.Is(err, ddbe.ErrNotFound) {
		t.Errorf("after Delete, Get returned %v, want ErrNotFound", err)
	}
	if e := (*ddbe.ItemError)(nil); !errors.As(err, &e) || len(e.Key) != 2 {
		t.Errorf("the error does not carry the key: %v", err)
	}
	if strings.Contains(err.Error(), "north") {
		t.Errorf("the text of the error holds a key value: %v", err)
	}
}

func TestStoredItemHidesWhatIsEncrypted(t *testing.T) {
	f := newFixture(t)
	f.put(t, ada)
	stored := f.stored(t, ada)
	want := []string{"aws_dbe_b_name", "aws_dbe_b_wardName", "aws_dbe_foot", "aws_dbe_head", "clinic", "name", "remarks", "visit", "ward"}
	if got := slices.Sorted(maps.Keys(stored)); !slices.Equal(got, want) {
		t.Errorf("attributes %v, want %v", got, want)
	}
	for name, value := range stored {
		if strings.Contains(fmt.Sprintf("%s", value), "Ada") {
			t.Errorf("attribute %q holds the name in clear", name)
		}
	}
}

func TestEveryChangeOfAStoredItemIsRefused(t *testing.T) {
	f := newFixture(t)
	bob := patient{Clinic: "north", Visit: 2, Name: "Bob", Ward: "7", Remarks: "short"}
	f.put(t, ada, bob)
	original, other := f.stored(t, ada), f.stored(t, bob)
	mutations := map[string]func(ddbe.Item){
		"a removed attribute":   func(i ddbe.Item) { delete(i, "name") },
		"a removed header":      func(i ddbe.Item) { delete(i, "aws_dbe_head") },
		"a removed footer":      func(i ddbe.Item) { delete(i, "aws_dbe_foot") },
		"head and foot removed": func(i ddbe.Item) { delete(i, "aws_dbe_head"); delete(i, "aws_dbe_foot") },
		"a changed signed value": func(i ddbe.Item) {
			i["ward"] = &types.AttributeValueMemberS{Value: "8"}
		},
		"another item's value": func(i ddbe.Item) { i["name"] = other["name"] },
		"another item's header and footer": func(i ddbe.Item) {
			i["aws_dbe_head"], i["aws_dbe_foot"] = other["aws_dbe_head"], other["aws_dbe_foot"]
		},
		"an added attribute": func(i ddbe.Item) { i["extra"] = &types.AttributeValueMemberS{Value: "x"} },
		"a plain value in place of an encrypted one": func(i ddbe.Item) {
			i["name"] = &types.AttributeValueMemberS{Value: "Eve"}
		},
	}
	for what, mutate := range mutations {
		t.Run(what, func(t *testing.T) {
			item := maps.Clone(original)
			mutate(item)
			f.overwrite(t, item)
			if got, err := f.table.Get(t.Context(), &ada); err == nil {
				t.Errorf("read %+v", *got)
			}
		})
	}
	t.Run("a moved item", func(t *testing.T) {
		item := maps.Clone(original)
		item["visit"] = &types.AttributeValueMemberN{Value: "3"}
		f.overwrite(t, item)
		if got, err := f.table.Get(t.Context(), &patient{Clinic: "north", Visit: 3}); err == nil {
			t.Errorf("read %+v", *got)
		}
	})
}

func TestUnsignedAttributesMayChange(t *testing.T) {
	f := newFixture(t)
	f.put(t, ada)
	item := f.stored(t, ada)
	item["remarks"] = &types.AttributeValueMemberS{Value: "taller"}
	f.overwrite(t, item)
	got, err := f.table.Get(t.Context(), &ada)
	if err != nil {
		t.Fatal(err)
	}
	if got.Remarks != "taller" {
		t.Errorf("remarks %q, want what another program wrote", got.Remarks)
	}
}

func collect(t *testing.T, f *fixture, index ddbe.Index, probe patient, opts ...ddbe.QueryOption) []int64 {
	t.Helper()
	var visits []int64
	for p, err := range f.table.Query(t.Context(), index, &probe, opts...) {
		if err != nil {
			t.Fatal(err)
		}
		visits = append(visits, p.Visit)
	}
	slices.Sort(visits)
	return visits
}

func TestQueryDropsCollisions(t *testing.T) {
	f := newFixture(t)
	names := []string{"Ada", "Bob", "Cyd", "Dan", "Eve", "Fay"}
	for i := range int64(30) {
		f.put(t, patient{Clinic: "north", Visit: i, Name: names[i%6], Ward: fmt.Sprint(i % 2)})
	}
	for i, name := range names {
		want := []int64{int64(i), int64(i) + 6, int64(i) + 12, int64(i) + 18, int64(i) + 24}
		if got := collect(t, f, byName, patient{Name: name}, ddbe.PageSize(3)); !slices.Equal(got, want) {
			t.Errorf("by name %s: visits %v, want %v", name, got, want)
		}
	}
	// 30 items in 4 beacons: at least one query met items of another name.
	if got := collect(t, f, byWardName, patient{Ward: "1", Name: "Bob"}); !slices.Equal(got, []int64{1, 7, 13, 19, 25}) {
		t.Errorf("by ward and name: visits %v", got)
	}
	if got := collect(t, f, byWardName, patient{Ward: "0", Name: "Bob"}); got != nil {
		t.Errorf("by another ward and name: visits %v, want none", got)
	}
	if got := collect(t, f, byName, patient{Name: "Ada"}, ddbe.Limit(2), ddbe.PageSize(1)); len(got) != 2 {
		t.Errorf("with a limit of 2: visits %v", got)
	}
}

func TestQueryYieldsAnItemOfManyPartitionsOnce(t *testing.T) {
	f := newFixture(t)
	schema := patientSchema()
	// Six partitions of one bit: at most two of their beacons differ.
	schema.Table.Search.MaxPartitions, schema.Table.Search.Standard[0].Length = 6, 1
	table, err := ddbe.Open(t.Context(), schema, f.client, f.keyring, ddbe.WithKeyStore(f.keys, "patients"))
	if err != nil {
		t.Fatal(err)
	}
	for visit := range int64(10) {
		if err := table.Put(t.Context(), &patient{Clinic: "north", Visit: visit, Name: "Ada", Ward: "7"}); err != nil {
			t.Fatal(err)
		}
	}
	found := map[int64]int{}
	for p, err := range table.Query(t.Context(), byName, &patient{Name: "Ada"}) {
		if err != nil {
			t.Fatal(err)
		}
		found[p.Visit]++
	}
	for visit, times := range found {
		if times != 1 {
			t.Errorf("visit %d was yielded %d times", visit, times)
		}
	}
	if len(found) != 10 {
		t.Errorf("%d of 10 visits were found", len(found))
	}
}

func TestQueryYieldsABadItemInItsPlace(t *testing.T) {
	f := newFixture(t)
	for visit := range int64(10) {
		f.put(t, patient{Clinic: "north", Visit: visit, Name: "Ada", Ward: "7"})
	}
	item := f.stored(t, patient{Clinic: "north", Visit: 4})
	item["ward"] = &types.AttributeValueMemberS{Value: "8"}
	f.overwrite(t, item)
	var errs []error
	var good []int64
	for p, err := range f.table.Query(t.Context(), byName, &patient{Name: "Ada"}) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		good = append(good, p.Visit)
	}
	slices.Sort(good)
	if want := []int64{0, 1, 2, 3, 5, 6, 7, 8, 9}; !slices.Equal(good, want) {
		t.Errorf("visits %v, want %v: a bad item hid others", good, want)
	}
	if len(errs) != 1 {
		t.Fatalf("%d errors, want one", len(errs))
	}
	bad := (*ddbe.ItemError)(nil)
	if !errors.As(errs[0], &bad) || !errors.Is(errs[0], crypto.ErrAuthentication) {
		t.Fatalf("got %v, want an ItemError that wraps ErrAuthentication", errs[0])
	}
	if visit, ok := bad.Key["visit"].(*types.AttributeValueMemberN); !ok || visit.Value != "4" {
		t.Errorf("the error names the key %v", bad.Key)
	}
}

// openCounter counts what it opens.
type openCounter struct {
	crypto.Keyring
	opened atomic.Int64
}

func (c *openCounter) OpenKey(ctx context.Context, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext) (crypto.Key, int, error) {
	c.opened.Add(1)
	return c.Keyring.OpenKey(ctx, keys, ec)
}

func TestQueryThatEndsEarlyDecryptsLittle(t *testing.T) {
	f := newFixture(t)
	for visit := range int64(100) {
		f.put(t, patient{Clinic: "north", Visit: visit, Name: "Ada", Ward: "7"})
	}
	keyring := &openCounter{Keyring: f.keyring}
	table, err := ddbe.Open(t.Context(), patientSchema(), f.client, keyring, ddbe.WithKeyStore(f.keys, "patients"))
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range table.Query(t.Context(), byName, &patient{Name: "Ada"}, ddbe.Limit(1)) {
		if err != nil {
			t.Fatal(err)
		}
	}
	if n, most := keyring.opened.Load(), int64(goruntime.GOMAXPROCS(0)); n > max(most, 1) {
		t.Errorf("%d items were decrypted for one answer, want at most %d", n, most)
	}
}

func TestQueryOfOneTenant(t *testing.T) {
	f := newFixture(t)
	for _, tenant := range []string{"red", "blue"} {
		if _, err := f.keys.Create(tenant); err != nil {
			t.Fatal(err)
		}
	}
	schema := patientSchema()
	clinic, visit, ward := ddbe.InContextAttr("clinic"), ddbe.InContextAttr("visit"), ddbe.InContextAttr("ward")
	schema.Table.Keys = ddbe.PartitionAndSort(clinic, visit)
	schema.Table.Attributes = []ddbe.Attribute{clinic, visit, ward, patientName, patientRemarks}
	schema.Table.Search.KeyField = "ward" // which names the tenant's branch key
	supplier := hierarchical.SupplierFunc(func(_ context.Context, attributes hierarchical.Attributes) (string, error) {
		id, ok := attributes.Text("ward")
		if !ok {
			return "", errors.New("no ward")
		}
		return id, nil
	})
	keyring, err := hierarchical.New(f.keys, supplier, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	table, err := ddbe.Open(t.Context(), schema, f.client, keyring, ddbe.WithTenantKeyStore(f.keys))
	if err != nil {
		t.Fatal(err)
	}
	for i := range int64(20) {
		tenant := []string{"red", "blue"}[i%2]
		if err := table.Put(t.Context(), &patient{Clinic: "north", Visit: i, Name: "Ada", Ward: tenant}); err != nil {
			t.Fatal(err)
		}
	}
	for _, index := range []ddbe.Index{byName, byWardName} {
		found := 0
		for p, err := range table.Query(t.Context(), index, &patient{Name: "Ada", Ward: "red"}) {
			if err != nil {
				t.Fatal(err)
			}
			if found++; p.Ward != "red" {
				t.Errorf("index %s: the query of one tenant yielded an item of %s", index.Name, p.Ward)
			}
		}
		if found != 10 {
			t.Errorf("index %s: %d items, want the tenant's 10", index.Name, found)
		}
	}
}

func TestQueryWithMissingValue(t *testing.T) {
	f := newFixture(t)
	for _, err := range f.table.Query(t.Context(), ddbe.Index{Name: "remarks-index", Partition: "remarks"}, &patient{}) {
		if err == nil || !strings.Contains(err.Error(), "remarks") {
			t.Errorf("error %v, want one that names the missing value", err)
		}
	}
}

func TestUpdate(t *testing.T) {
	f := newFixture(t)
	f.put(t, ada)
	const writers, times = 4, 3
	var group sync.WaitGroup
	for range writers {
		group.Go(func() {
			for range times {
				for {
					_, err := f.table.Update(t.Context(), &ada, func(p *patient) error { p.Name += "!"; return nil })
					if errors.Is(err, ddbe.ErrConflict) {
						continue
					}
					if err != nil {
						t.Error(err)
					}
					break
				}
			}
		})
	}
	group.Wait()
	got, err := f.table.Get(t.Context(), &ada)
	if err != nil {
		t.Fatal(err)
	}
	if want := "Ada" + strings.Repeat("!", writers*times); got.Name != want {
		t.Errorf("name %q, want %q: an update was lost", got.Name, want)
	}
}

func TestUpdateRefuses(t *testing.T) {
	f := newFixture(t)
	if _, err := f.table.Update(t.Context(), &ada, func(*patient) error { return nil }); !errors.Is(err, ddbe.ErrNotFound) {
		t.Errorf("updating what is not there returned %v, want ErrNotFound", err)
	}
	f.put(t, ada)
	if _, err := f.table.Update(t.Context(), &ada, func(p *patient) error { p.Visit++; return nil }); err == nil {
		t.Error("a changed key was accepted")
	}
	if _, err := f.table.Update(t.Context(), &ada, nil); err == nil {
		t.Error("an update without a change was accepted")
	}
	own := errors.New("no")
	if _, err := f.table.Update(t.Context(), &ada, func(*patient) error { return own }); err != own {
		t.Errorf("the error of the change came back as %v", err)
	}
	if got, err := f.table.Get(t.Context(), &ada); err != nil || *got != ada {
		t.Errorf("after refused updates: %v, %v", got, err)
	}
}

func TestUpdateKeepsAttributesThatTheStructLacks(t *testing.T) {
	f := newFixture(t)
	// Another program's item, with an attribute that patient does not have.
	schema := patientSchema()
	type wide struct {
		patient
		Blood string
	}
	blood := ddbe.EncryptedAttr("blood")
	table := *schema.Table
	table.Attributes = append(slices.Clone(table.Attributes), blood)
	fields := codec.Fields[wide]{ddbe.Field(blood, codec.String[string](), func(w *wide) *string { return &w.Blood })}
	for _, field := range []ddbe.Attribute{patientClinic, patientName, patientWard} {
		fields = append(fields, ddbe.Field(field, codec.String[string](), map[string]func(*wide) *string{
			"clinic": func(w *wide) *string { return &w.Clinic },
			"name":   func(w *wide) *string { return &w.Name },
			"ward":   func(w *wide) *string { return &w.Ward },
		}[field.Name()]))
	}
	fields = append(fields, ddbe.Field(patientVisit, codec.Int[int64](), func(w *wide) *int64 { return &w.Visit }))
	wides, err := ddbe.Open(t.Context(), &ddbe.Schema[wide]{Table: &table, Fields: fields}, f.client, f.keyring, ddbe.WithKeyStore(f.keys, "patients"))
	if err != nil {
		t.Fatal(err)
	}
	if err := wides.Put(t.Context(), &wide{patient: ada, Blood: "AB"}); err != nil {
		t.Fatal(err)
	}
	// The narrow schema must know the attribute's action to write it back.
	narrow := patientSchema()
	narrow.Table.Attributes = append(narrow.Table.Attributes, blood)
	patients, err := ddbe.Open(t.Context(), narrow, f.client, f.keyring, ddbe.WithKeyStore(f.keys, "patients"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := patients.Update(t.Context(), &ada, func(p *patient) error { p.Ward = "9"; return nil }); err != nil {
		t.Fatal(err)
	}
	got, err := wides.Get(t.Context(), &wide{patient: ada})
	if err != nil {
		t.Fatal(err)
	}
	if got.Blood != "AB" || got.Ward != "9" {
		t.Errorf("blood %q, ward %q", got.Blood, got.Ward)
	}
}

func TestOpenChecksTheTable(t *testing.T) {
	f := newFixture(t)
	for what, test := range map[string]struct {
		change func(*dynamodb.CreateTableInput)
		want   string
	}{
		"a missing index": {func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes = in.GlobalSecondaryIndexes[:1]
			in.AttributeDefinitions = in.AttributeDefinitions[:3]
		}, "ward-name-index"},
		"another sort key": {func(in *dynamodb.CreateTableInput) {
			in.KeySchema[1].AttributeName = aws.String("day")
			in.AttributeDefinitions[1].AttributeName = aws.String("day")
		}, `"day"`},
		"an index of the encrypted attribute": {func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes[0] = index("name-index", "name")
			in.AttributeDefinitions[2].AttributeName = aws.String("name")
		}, "encrypted"},
		"an index that projects keys only": {func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes[0].Projection = &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}
		}, "ALL"},
		"a beacon index of type N": {func(in *dynamodb.CreateTableInput) {
			in.AttributeDefinitions[2].AttributeType = types.ScalarAttributeTypeN
		}, "type S"},
	} {
		t.Run(what, func(t *testing.T) {
			name := "Spoiled" + strings.ReplaceAll(what, " ", "-")
			f.createTable(t, name, test.change)
			_, err := ddbe.Open(t.Context(), patientSchema(), f.client, f.keyring, ddbe.WithKeyStore(f.keys, "patients"), ddbe.WithTableName(name))
			mismatch := (*ddbe.TableMismatchError)(nil)
			if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want a mismatch that says %s", err, test.want)
			}
			if _, err := ddbe.Open(t.Context(), patientSchema(), f.client, f.keyring, ddbe.WithKeyStore(f.keys, "patients"), ddbe.WithTableName(name), ddbe.WithoutTableCheck()); err != nil {
				t.Errorf("without the check: %v", err)
			}
		})
	}
}

func TestOpenRefusesBeforeAnyCall(t *testing.T) {
	keys := branchkey.NewMemory()
	keyring, err := raw.NewAES("tests", "key", crypto.NewKey([]byte(strings.Repeat("k", 32))))
	if err != nil {
		t.Fatal(err)
	}
	for what, test := range map[string]struct {
		change func(*ddbe.TableSchema)
		opts   []ddbe.Option
	}{
		"no key store":              {func(*ddbe.TableSchema) {}, nil},
		"an empty branch key id":    {func(*ddbe.TableSchema) {}, []ddbe.Option{ddbe.WithKeyStore(keys, "")}},
		"no key":                    {func(s *ddbe.TableSchema) { s.Keys = ddbe.Keys{} }, []ddbe.Option{ddbe.WithKeyStore(keys, "p")}},
		"a zero attribute":          {func(s *ddbe.TableSchema) { s.Attributes[0] = ddbe.Attr[ddbe.Signed]{} }, []ddbe.Option{ddbe.WithKeyStore(keys, "p")}},
		"a key of another action":   {func(s *ddbe.TableSchema) { s.Attributes[0] = ddbe.EncryptedAttr("clinic") }, []ddbe.Option{ddbe.WithKeyStore(keys, "p")}},
		"no logical name":           {func(s *ddbe.TableSchema) { s.LogicalName = "" }, []ddbe.Option{ddbe.WithKeyStore(keys, "p")}},
		"a beacon of no bits":       {func(s *ddbe.TableSchema) { s.Search.Standard[0].Length = 0 }, []ddbe.Option{ddbe.WithKeyStore(keys, "p")}},
		"a negative time to live":   {func(*ddbe.TableSchema) {}, []ddbe.Option{ddbe.WithKeyStore(keys, "p"), ddbe.WithBeaconKeyTTL(-1)}},
		"an empty table name":       {func(*ddbe.TableSchema) {}, []ddbe.Option{ddbe.WithKeyStore(keys, "p"), ddbe.WithTableName("")}},
		"two key stores":            {func(*ddbe.TableSchema) {}, []ddbe.Option{ddbe.WithKeyStore(keys, "p"), ddbe.WithTenantKeyStore(keys)}},
		"a nil key store":           {func(*ddbe.TableSchema) {}, []ddbe.Option{ddbe.WithKeyStore(nil, "p")}},
		"a nil option":              {func(*ddbe.TableSchema) {}, []ddbe.Option{ddbe.WithKeyStore(keys, "p"), nil}},
		"nil materials":             {func(*ddbe.TableSchema) {}, []ddbe.Option{ddbe.WithKeyStore(keys, "p"), ddbe.WithMaterials(nil)}},
		"a key store and no beacon": {func(s *ddbe.TableSchema) { s.Search = nil }, []ddbe.Option{ddbe.WithKeyStore(keys, "p")}},
	} {
		t.Run(what, func(t *testing.T) {
			schema := patientSchema()
			test.change(schema.Table)
			_, err := ddbe.Open(t.Context(), schema, noCalls{t}, keyring, test.opts...)
			if e := (*ddbe.ConfigError)(nil); !errors.As(err, &e) {
				t.Errorf("got %v, want a ConfigError", err)
			}
		})
	}
}

// noCalls is a client that must not be called.
type noCalls struct{ t *testing.T }

func (n noCalls) DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	n.t.Error("DescribeTable was called")
	return nil, errors.New("no calls")
}

func (n noCalls) PutItem(context.Context, *dynamodb.PutItemInput, ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	n.t.Error("PutItem was called")
	return nil, errors.New("no calls")
}

func (n noCalls) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	n.t.Error("GetItem was called")
	return nil, errors.New("no calls")
}

func (n noCalls) DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	n.t.Error("DeleteItem was called")
	return nil, errors.New("no calls")
}

func (n noCalls) BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	n.t.Error("BatchGetItem was called")
	return nil, errors.New("no calls")
}

func (n noCalls) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	n.t.Error("Query was called")
	return nil, errors.New("no calls")
}

func TestNilValuesAreErrors(t *testing.T) {
	f := newFixture(t)
	if err := f.table.Put(t.Context(), nil); err == nil {
		t.Error("Put(nil) succeeded")
	}
	if _, err := f.table.Get(t.Context(), nil); err == nil {
		t.Error("Get(nil) succeeded")
	}
	if _, err := f.table.ResolveAttributes(nil); err == nil {
		t.Error("ResolveAttributes(nil) succeeded")
	}
}

// A source that panics must not end the program, which no caller could prevent:
// the key is loaded in a goroutine of the cache.
func TestKeyStoreThatPanics(t *testing.T) {
	f := newFixture(t)
	table, err := ddbe.Open(t.Context(), patientSchema(), f.client, f.keyring, ddbe.WithKeyStore((*branchkey.Memory)(nil), "p"))
	if err != nil {
		return // refused at once is as good
	}
	if err := table.Put(t.Context(), &ada); err == nil {
		t.Error("Put with a nil key store succeeded")
	}
}

func TestResolveAttributes(t *testing.T) {
	f := newFixture(t)
	got, err := f.table.ResolveAttributes(&ada)
	if err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"wardName": "W-7.N-Ada"}; !maps.Equal(got.CompoundBeacons, want) {
		t.Errorf("compound beacons %v, want %v", got.CompoundBeacons, want)
	}
}

func TestActionsOfAttributes(t *testing.T) {
	for _, test := range []struct {
		attr ddbe.Attribute
		want attribute.Action
	}{
		{patientClinic, attribute.SignOnly},
		{patientName, attribute.EncryptAndSign},
		{patientRemarks, attribute.DoNothing},
		{ddbe.InContextAttr("x"), attribute.SignAndIncludeInEncryptionContext},
	} {
		if got := test.attr.Action(); got != test.want {
			t.Errorf("%s: action %v, want %v", test.attr.Name(), got, test.want)
		}
	}
}

// device has a signed beacon as its partition key.
type device struct {
	Maker, Model, Owner string
}

func TestSignedBeaconAsPrimaryKey(t *testing.T) {
	f := newFixture(t)
	maker, model, owner := ddbe.SignedAttr("maker"), ddbe.SignedAttr("model"), ddbe.EncryptedAttr("owner")
	schema := &ddbe.Schema[device]{
		Table: &ddbe.TableSchema{
			LogicalName: "Devices",
			Keys:        ddbe.PartitionOnly(ddbe.SignedAttr("makerModel")),
			Attributes:  []ddbe.Attribute{maker, model, owner},
			Search: &beacon.Config{
				Standard: []beacon.Standard{{Name: "owner", Length: 8}},
				Compound: []beacon.Compound{{
					Name: "makerModel", Split: '.',
					Signed: []beacon.SignedPart{ddbe.SignedPart(maker, "M-"), ddbe.SignedPart(model, "T-")},
				}},
			},
		},
		Fields: codec.Fields[device]{
			ddbe.Field(maker, codec.String[string](), func(d *device) *string { return &d.Maker }),
			ddbe.Field(model, codec.String[string](), func(d *device) *string { return &d.Model }),
			ddbe.Field(owner, codec.String[string](), func(d *device) *string { return &d.Owner }),
		},
	}
	if _, err := f.client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("Devices"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("makerModel"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("makerModel"), KeyType: types.KeyTypeHash}},
	}); err != nil {
		t.Fatal(err)
	}
	table, err := ddbe.Open(t.Context(), schema, f.client, f.keyring, ddbe.WithKeyStore(f.keys, "patients"))
	if err != nil {
		t.Fatal(err)
	}
	pump := device{Maker: "acme", Model: "p1", Owner: "Ada"}
	if err := table.Put(t.Context(), &pump); err != nil {
		t.Fatal(err)
	}
	out, err := f.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Devices"), Key: ddbe.Key{
		"makerModel": &types.AttributeValueMemberS{Value: "M-acme.T-p1"},
	}})
	if err != nil || len(out.Item) == 0 {
		t.Fatalf("the item is not under its signed beacon: %v", err)
	}
	if _, err := table.Update(t.Context(), &device{Maker: "acme", Model: "p1"}, func(d *device) error { d.Owner = "Bob"; return nil }); err != nil {
		t.Fatal(err)
	}
	got, err := table.Get(t.Context(), &device{Maker: "acme", Model: "p1"})
	if err != nil {
		t.Fatal(err)
	}
	if got.Owner != "Bob" {
		t.Errorf("owner %q after the update", got.Owner)
	}
	if _, err := table.Update(t.Context(), &pump, func(d *device) error { d.Model = "p2"; return nil }); err == nil {
		t.Error("a change of what the key is made of was accepted")
	}
	if err := table.Delete(t.Context(), &pump); err != nil {
		t.Fatal(err)
	}
	if _, err := table.Get(t.Context(), &pump); !errors.Is(err, ddbe.ErrNotFound) {
		t.Errorf("after Delete: %v", err)
	}
}

// note shares the table of patients.
type note struct {
	Clinic string
	Visit  int64
	Text   string
	Rest   ddbe.Item
}

func openShared(t *testing.T, f *fixture) (*ddbe.Table[patient], *ddbe.Table[note]) {
	t.Helper()
	text, kind := ddbe.EncryptedAttr("text"), ddbe.SignedAttr("kind")
	patients := patientSchema()
	patients.Table.Attributes = append(patients.Table.Attributes, text, kind)
	patients.Discriminator = ddbe.Discriminator{Attribute: "kind", Value: "patient"}
	notes := &ddbe.Schema[note]{
		Table: patients.Table,
		Fields: codec.Fields[note]{
			ddbe.Field(patientClinic, codec.String[string](), func(n *note) *string { return &n.Clinic }),
			ddbe.Field(patientVisit, codec.Int[int64](), func(n *note) *int64 { return &n.Visit }),
			ddbe.Field(text, codec.String[string](), func(n *note) *string { return &n.Text }),
		},
		Rest:          func(n *note) *ddbe.Item { return &n.Rest },
		Discriminator: ddbe.Discriminator{Attribute: "kind", Value: "note"},
	}
	a, err := ddbe.Open(t.Context(), patients, f.client, f.keyring, ddbe.WithKeyStore(f.keys, "patients"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := ddbe.Open(t.Context(), notes, f.client, f.keyring, ddbe.WithKeyStore(f.keys, "patients"))
	if err != nil {
		t.Fatal(err)
	}
	return a, b
}

func TestStructsThatShareATable(t *testing.T) {
	f := newFixture(t)
	patients, notes := openShared(t, f)
	if err := patients.Put(t.Context(), &ada); err != nil {
		t.Fatal(err)
	}
	// A note with a name of its own kind of attribute is in the same index.
	written := note{Clinic: "north", Visit: 2, Text: "seen", Rest: ddbe.Item{"name": &types.AttributeValueMemberS{Value: "Ada"}}}
	if err := notes.Put(t.Context(), &written); err != nil {
		t.Fatal(err)
	}
	if _, err := patients.Get(t.Context(), &patient{Clinic: "north", Visit: 2}); !errors.Is(err, ddbe.ErrOtherKind) {
		t.Errorf("reading a note as a patient returned %v, want ErrOtherKind", err)
	}
	found := 0
	for p, err := range patients.Query(t.Context(), byName, &patient{Name: "Ada"}) {
		if err != nil {
			t.Fatal(err)
		}
		if found++; p.Visit != 1 {
			t.Errorf("the query for patients yielded the note of visit %d", p.Visit)
		}
	}
	if found != 1 {
		t.Errorf("%d patients found, want 1", found)
	}
	got, err := notes.Get(t.Context(), &written)
	if err != nil {
		t.Fatal(err)
	}
	if name, ok := got.Rest["name"].(*types.AttributeValueMemberS); got.Text != "seen" || len(got.Rest) != 1 || !ok || name.Value != "Ada" {
		t.Errorf("got %+v", got)
	}
	if _, err := notes.Update(t.Context(), &written, func(n *note) error { n.Text = "seen twice"; return nil }); err != nil {
		t.Fatal(err)
	}
	if got, err = notes.Get(t.Context(), &written); err != nil || got.Text != "seen twice" || len(got.Rest) != 1 {
		t.Errorf("after an update: %+v, %v", got, err)
	}
	if _, err := notes.Update(t.Context(), &written, func(n *note) error { delete(n.Rest, "name"); return nil }); err != nil {
		t.Fatal(err)
	}
	if got, err = notes.Get(t.Context(), &written); err != nil || len(got.Rest) != 0 {
		t.Errorf("after the rest was emptied: %+v, %v", got, err)
	}
}

// TestWritesSpareOtherStructs holds that in a shared table no struct overwrites or
// deletes an item of another one.
func TestWritesSpareOtherStructs(t *testing.T) {
	f := newFixture(t)
	patients, notes := openShared(t, f)
	if err := patients.Put(t.Context(), &ada); err != nil {
		t.Fatal(err)
	}
	clash := note{Clinic: ada.Clinic, Visit: ada.Visit, Text: "seen"}
	for what, err := range map[string]error{"put": notes.Put(t.Context(), &clash), "delete": notes.Delete(t.Context(), &clash)} {
		at := (*ddbe.ItemError)(nil)
		if !errors.Is(err, ddbe.ErrOtherKind) || !errors.As(err, &at) || at.Op != what || len(at.Key) != 2 {
			t.Errorf("%s of a note on a patient: %v, want an ItemError that wraps ErrOtherKind", what, err)
		}
	}
	if got, err := patients.Get(t.Context(), &ada); err != nil || *got != ada {
		t.Errorf("the patient is %+v, %v", got, err)
	}

	// While a note is updated, a patient takes its place.
	free := note{Clinic: "north", Visit: 2, Text: "seen"}
	if err := notes.Put(t.Context(), &free); err != nil {
		t.Fatal(err)
	}
	taken := patient{Clinic: free.Clinic, Visit: free.Visit, Name: "Bo", Ward: "W"}
	_, err := notes.Update(t.Context(), &free, func(n *note) error {
		if err := notes.Delete(t.Context(), n); err != nil {
			return err
		}
		n.Text = "too late"
		return patients.Put(t.Context(), &taken)
	})
	if !errors.Is(err, ddbe.ErrOtherKind) {
		t.Errorf("the update returned %v, want ErrOtherKind", err)
	}
	if got, err := patients.Get(t.Context(), &taken); err != nil || *got != taken {
		t.Errorf("the patient that took the place of the note is %+v, %v", got, err)
	}

	// What is of the own kind, or not there, is written and deleted as ever.
	if err := patients.Put(t.Context(), &ada); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := patients.Delete(t.Context(), &ada); err != nil {
			t.Error(err)
		}
	}
}

func TestNothingAmongTheRestIsNil(t *testing.T) {
	f := newFixture(t)
	_, notes := openShared(t, f)
	written := note{Clinic: "north", Visit: 2, Text: "seen"}
	if err := notes.Put(t.Context(), &written); err != nil {
		t.Fatal(err)
	}
	got, err := notes.Get(t.Context(), &written)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(*got, written) {
		t.Errorf("got %#v, want %#v", *got, written)
	}
}

func TestRestRefuses(t *testing.T) {
	f := newFixture(t)
	_, notes := openShared(t, f)
	s := &types.AttributeValueMemberS{Value: "x"}
	for _, name := range []string{"text", "kind", "clinic", "aws_dbe_head", "unknown"} {
		if err := notes.Put(t.Context(), &note{Clinic: "north", Visit: 3, Rest: ddbe.Item{name: s}}); err == nil {
			t.Errorf("attribute %q among the rest was written", name)
		}
	}
}

func TestUnsignedDiscriminatorIsRefused(t *testing.T) {
	f := newFixture(t)
	for _, d := range []ddbe.Discriminator{{Attribute: "remarks", Value: "x"}, {Attribute: "nowhere", Value: "x"}, {Attribute: "ward", Value: "x"}, {Attribute: "ward"}, {Value: "x"}, {Attribute: "secret", Value: "x"}} {
		schema := patientSchema()
		schema.Table.Attributes = append(schema.Table.Attributes, ddbe.EncryptedAttr("secret"))
		schema.Discriminator = d
		_, err := ddbe.Open(t.Context(), schema, f.client, f.keyring, ddbe.WithKeyStore(f.keys, "patients"))
		if e := (*ddbe.ConfigError)(nil); !errors.As(err, &e) {
			t.Errorf("discriminator %+v: %v, want a ConfigError", d, err)
		}
	}
}
