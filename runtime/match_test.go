package runtime_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/codec"
)

// sample has values whose texts in a compound beacon are not all that they are.
type sample struct {
	ID     string
	Group  string
	Note   *string
	Amount json.Number
	Shown  json.Number
}

var (
	sampleID     = ddbe.SignedAttr("id")
	sampleGroup  = ddbe.SignedAttr("group")
	sampleNote   = ddbe.EncryptedAttr("note")
	sampleAmount = ddbe.EncryptedAttr("amount")
	sampleShown  = ddbe.SignedAttr("shown")
)

// sampleIndexes are on an encrypted part, a signed part and a virtual field.
func sampleIndexes() []ddbe.Index {
	var all []ddbe.Index
	for _, name := range []string{"withNote", "withAmount", "withShown", "both"} {
		all = append(all, ddbe.Index{Name: name, Partition: name})
	}
	return all
}

func openSamples(t *testing.T) *ddbe.Table[sample] {
	t.Helper()
	f := newFixture(t)
	in := &dynamodb.CreateTableInput{
		TableName: aws.String("Samples"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
	}
	for _, x := range sampleIndexes() {
		stored := "aws_dbe_b_" + x.Partition
		if x.Partition == "withShown" {
			stored = x.Partition // a signed beacon
		}
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: &stored, AttributeType: types.ScalarAttributeTypeS})
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, index(x.Name, stored))
	}
	if _, err := f.client.CreateTable(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	group := []beacon.SignedPart{ddbe.SignedPart(sampleGroup, "G-")}
	schema := &ddbe.Schema[sample]{
		Table: &ddbe.TableSchema{
			LogicalName: "Samples", Keys: ddbe.PartitionOnly(sampleID),
			Attributes: []ddbe.Attribute{sampleID, sampleGroup, sampleNote, sampleAmount, sampleShown},
			Search: &beacon.Config{
				Standard: []beacon.Standard{{Name: "note", Length: 20}, {Name: "amount", Length: 20}, {Name: "both", Length: 20}},
				Virtual:  []beacon.VirtualField{{Name: "both", Parts: []beacon.VirtualPart{{Location: "amount"}, {Location: "note"}}}},
				Compound: []beacon.Compound{
					{Name: "withNote", Split: '|', Signed: group, Encrypted: []beacon.EncryptedPart{ddbe.EncryptedPart(sampleNote, "N-")}},
					{Name: "withAmount", Split: '|', Signed: group, Encrypted: []beacon.EncryptedPart{ddbe.EncryptedPart(sampleAmount, "A-")}},
					{Name: "withShown", Split: '|', Signed: append(slices.Clone(group), ddbe.SignedPart(sampleShown, "S-"))},
				},
			},
			Indexes: sampleIndexes(),
		},
		Fields: codec.Fields[sample]{
			ddbe.Field(sampleID, codec.String[string](), func(s *sample) *string { return &s.ID }),
			ddbe.Field(sampleGroup, codec.String[string](), func(s *sample) *string { return &s.Group }),
			ddbe.Field(sampleNote, codec.Pointer(codec.String[string]()), func(s *sample) **string { return &s.Note }),
			ddbe.Field(sampleAmount, codec.Number[json.Number](), func(s *sample) *json.Number { return &s.Amount }),
			ddbe.Field(sampleShown, codec.Number[json.Number](), func(s *sample) *json.Number { return &s.Shown }),
		},
	}
	table, err := ddbe.Open(t.Context(), schema, f.client, f.keyring, ddbe.WithKeyStore(f.keys, "patients"))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func samplesBy(t *testing.T, table *ddbe.Table[sample], index string, probe sample) []string {
	t.Helper()
	var ids []string
	for s, err := range table.Query(t.Context(), ddbe.Index{Name: index, Partition: index}, &probe) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, s.ID)
	}
	slices.Sort(ids)
	return ids
}

// NULL and the text "null" are one text in beacons.
func TestQueryTellsNullFromItsText(t *testing.T) {
	table := openSamples(t)
	text := aws.String("null")
	for _, s := range []sample{{ID: "none", Group: "g", Amount: "1", Shown: "1"}, {ID: "text", Group: "g", Note: text, Amount: "1", Shown: "1"}} {
		if err := table.Put(t.Context(), &s); err != nil {
			t.Fatal(err)
		}
	}
	for _, index := range []string{"withNote", "both"} {
		if got := samplesBy(t, table, index, sample{Group: "g", Note: text, Amount: "1"}); !slices.Equal(got, []string{"text"}) {
			t.Errorf("%s of the text: %v", index, got)
		}
		if got := samplesBy(t, table, index, sample{Group: "g", Amount: "1"}); !slices.Equal(got, []string{"none"}) {
			t.Errorf("%s of nil: %v", index, got)
		}
	}
}

// However a number is spelled, an item is found by any spelling of it, also after
// it was read and written again.
func TestQueryOfNumbersInAnySpelling(t *testing.T) {
	for spelled, others := range map[json.Number][]json.Number{
		"1.0": {"1", "1.0", "01e0", "0.1e1"}, "-3e5": {"-300000", "-3E+5"}, "0.50": {".5", "5e-1"}, "-0": {"0", "0.0"}, "7": {"7.00"},
	} {
		table := openSamples(t)
		put := sample{ID: "it", Group: "g", Note: aws.String("n"), Amount: spelled, Shown: spelled}
		if err := table.Put(t.Context(), &put); err != nil {
			t.Fatal(err)
		}
		if err := table.Put(t.Context(), &sample{ID: "other", Group: "g", Note: aws.String("n"), Amount: "12", Shown: "12"}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			for _, other := range append(others, spelled) {
				for _, index := range []string{"withAmount", "withShown", "both"} {
					if got := samplesBy(t, table, index, sample{Group: "g", Note: put.Note, Amount: other, Shown: other}); !slices.Equal(got, []string{"it"}) {
						t.Errorf("put %s: %s by %s finds %v", spelled, index, other, got)
					}
				}
			}
			if _, err := table.Update(t.Context(), &put, func(*sample) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
	}
}
