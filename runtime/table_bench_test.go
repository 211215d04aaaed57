package runtime_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/codec"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
)

// wideRow has twenty attributes, eighteen of them encrypted.
type wideRow struct {
	Partition string
	Sort      int64
	Texts     [18]string
}

func wideSchema(suite crypto.Suite) *ddbe.Schema[wideRow] {
	partition, sort := ddbe.SignedAttr("partition"), ddbe.SignedAttr("sort")
	s := &ddbe.Schema[wideRow]{
		Table: &ddbe.TableSchema{
			LogicalName: "Wide", Suite: suite,
			Keys:       ddbe.PartitionAndSort(partition, sort),
			Attributes: []ddbe.Attribute{partition, sort},
		},
		Fields: codec.Fields[wideRow]{
			ddbe.Field(partition, codec.String[string](), func(r *wideRow) *string { return &r.Partition }),
			ddbe.Field(sort, codec.Int[int64](), func(r *wideRow) *int64 { return &r.Sort }),
		},
	}
	for i := range 18 {
		text := ddbe.EncryptedAttr(fmt.Sprintf("text%02d", i))
		s.Table.Attributes = append(s.Table.Attributes, text)
		s.Fields = append(s.Fields, ddbe.Field(text, codec.String[string](), func(r *wideRow) *string { return &r.Texts[i] }))
	}
	return s
}

// memoryTable answers at once from memory, so that a benchmark shows what the
// typed path costs by itself.
type memoryTable struct {
	ddbe.DynamoDB
	item  ddbe.Item
	items []ddbe.Item
}

func (m *memoryTable) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	m.item = in.Item
	return &dynamodb.PutItemOutput{}, nil
}

func (m *memoryTable) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{Item: m.item}, nil
}

func (m *memoryTable) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return &dynamodb.QueryOutput{Items: m.items}, nil
}

// BenchmarkTable is the typed path beside the item encryptor on the same item.
func BenchmarkTable(b *testing.B) {
	keyring, err := raw.NewAES("bench", "key", crypto.NewKey([]byte(strings.Repeat("k", 32))))
	if err != nil {
		b.Fatal(err)
	}
	row := &wideRow{Partition: "p", Sort: 1}
	for i := range row.Texts {
		row.Texts[i] = strings.Repeat("x", 50)
	}
	for _, suite := range []crypto.Suite{crypto.SuiteHMAC, crypto.SuiteECDSA} {
		schema := wideSchema(suite)
		db := &memoryTable{}
		table, err := ddbe.Open(b.Context(), schema, db, keyring, ddbe.WithoutTableCheck())
		if err != nil {
			b.Fatal(err)
		}
		actions := map[string]attribute.Action{}
		for _, a := range schema.Table.Attributes {
			actions[a.Name()] = a.Action()
		}
		items, err := ddbe.NewItemEncryptor(crypto.Config{
			LogicalTableName: "Wide", PartitionKey: "partition", SortKey: "sort", Actions: actions, Suite: suite, Keyring: keyring,
		})
		if err != nil {
			b.Fatal(err)
		}
		item := ddbe.Item{"partition": &types.AttributeValueMemberS{Value: "p"}, "sort": &types.AttributeValueMemberN{Value: "1"}}
		for i := range row.Texts {
			item[fmt.Sprintf("text%02d", i)] = &types.AttributeValueMemberS{Value: row.Texts[i]}
		}
		if err := table.Put(b.Context(), row); err != nil {
			b.Fatal(err)
		}
		stored := db.item

		b.Run(fmt.Sprintf("suite=%v/put", suite), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := table.Put(b.Context(), row); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("suite=%v/encryptor-encrypt", suite), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := items.EncryptItem(b.Context(), item); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("suite=%v/get", suite), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := table.Get(b.Context(), row); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("suite=%v/encryptor-decrypt", suite), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := items.DecryptItem(b.Context(), stored); err != nil {
					b.Fatal(err)
				}
			}
		})
		db.items = make([]ddbe.Item, 100)
		for i := range db.items {
			db.items[i] = stored
		}
		// Run with -cpu 1,2 to see what a second core is worth.
		b.Run(fmt.Sprintf("suite=%v/page-of-100", suite), func(b *testing.B) {
			for b.Loop() {
				for _, err := range table.Query(b.Context(), ddbe.Index{Name: "i", Partition: "partition"}, row) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}
