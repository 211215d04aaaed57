package codec_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/shopspring/decimal"

	"github.com/ddbegen/ddbegen/runtime/codec"
)

type inspection struct {
	WorkID    string    `dynamodbav:"work_id"`
	Date      time.Time `dynamodbav:"date"`
	Inspector string    `dynamodbav:"inspector"`
	Unit      string    `dynamodbav:"unit"`
	Score     int       `dynamodbav:"score"`
}

var inspectionFields = codec.Fields[inspection]{
	codec.NewField("work_id", codec.String[string](), func(i *inspection) *string { return &i.WorkID }),
	codec.NewField("date", codec.Time(), func(i *inspection) *time.Time { return &i.Date }),
	codec.NewField("inspector", codec.String[string](), func(i *inspection) *string { return &i.Inspector }),
	codec.NewField("unit", codec.String[string](), func(i *inspection) *string { return &i.Unit }),
	codec.NewField("score", codec.Int[int](), func(i *inspection) *int { return &i.Score }),
}

var sampleInspection = inspection{
	WorkID:    "9ce39272-8068-4efd-a211-cd162ad65d4c",
	Date:      time.Date(2023, 6, 13, 8, 30, 0, 0, time.UTC),
	Inspector: "5678",
	Unit:      "011899988199",
	Score:     12345,
}

func sampleOrder() *order {
	note, labelled := "fragile", int32(7)
	home := address{Street: "1 Main St", Lines: []string{"c/o", "second floor"}, Since: sampleInspection.Date, Labels: map[string]*int32{"floor": &labelled}}
	return &order{
		Owner:    Owner{OwnerID: "owner-1", Team: "north"},
		Audit:    &Audit{Author: "ann", Comments: []string{"seen", "approved"}},
		ID:       "9ce39272-8068-4efd-a211-cd162ad65d4c",
		Note:     &note,
		Copies:   3,
		Price:    decimal.RequireFromString("1234.50"),
		Weight:   1.25,
		Level:    2,
		Paid:     true,
		Scan:     make([]byte, 256),
		Digest:   [4]byte{1, 2, 3, 4},
		Tags:     []string{"a", "b", "c"},
		Steps:    []int{1, 20, 300},
		Scans:    [][]byte{{1}, {2}},
		Made:     sampleInspection.Date,
		Seen:     moment(sampleInspection.Date),
		Address:  home,
		Previous: []*address{&home},
		Labels:   map[string]string{"k": "v", "l": "w"},
		Tree:     node{Name: "root", Children: []node{{Name: "leaf"}, {Name: "leaf"}}},
	}
}

func BenchmarkEncode(b *testing.B) {
	benchmarkEncode(b, "5-fields", inspectionFields, &sampleInspection)
	benchmarkEncode(b, "23-fields", orderFields, sampleOrder())
}

func benchmarkEncode[T any](b *testing.B, name string, fields codec.Fields[T], v *T) {
	b.Run(name+"/codec", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := fields.Encode(v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run(name+"/attributevalue", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := attributevalue.MarshalMapWithOptions(v, func(o *attributevalue.EncoderOptions) { o.UseEncodingMarshalers = true }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	benchmarkDecode(b, "5-fields", inspectionFields, &sampleInspection)
	benchmarkDecode(b, "23-fields", orderFields, sampleOrder())
}

func benchmarkDecode[T any](b *testing.B, name string, fields codec.Fields[T], v *T) {
	item, err := fields.Encode(v)
	if err != nil {
		b.Fatal(err)
	}
	b.Run(name+"/codec", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := fields.Decode(item, new(T)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run(name+"/attributevalue", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := attributevalue.UnmarshalMapWithOptions(item, new(T), func(o *attributevalue.DecoderOptions) { o.UseEncodingUnmarshalers = true }); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkElements shows that the cost of a list grows with its length only.
func BenchmarkElements(b *testing.B) {
	field := codec.NewField("words", codec.Slice(codec.String[string]()), func(w *[]string) *[]string { return w })
	for _, n := range []int{10, 100, 1000} {
		list := make([]string, n)
		for i := range list {
			list[i] = "word"
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := field.Encode(&list); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/element")
		})
	}
}

// TestAllocations holds the budget: the map of the item, and for each attribute
// the SDK's struct and at most one more.
func TestAllocations(t *testing.T) {
	const itemMap = 2 // the map and the group of its first eight entries
	budget := float64(itemMap + 2*len(inspectionFields))
	if got := testing.AllocsPerRun(100, func() {
		if _, err := inspectionFields.Encode(&sampleInspection); err != nil {
			t.Fatal(err)
		}
	}); got > budget {
		t.Errorf("encode: %v allocations, budget %v", got, budget)
	}
	item, err := inspectionFields.Encode(&sampleInspection)
	if err != nil {
		t.Fatal(err)
	}
	var i inspection
	if got := testing.AllocsPerRun(100, func() {
		if err := inspectionFields.Decode(item, &i); err != nil {
			t.Fatal(err)
		}
	}); got > float64(len(item)) {
		t.Errorf("decode: %v allocations, budget %v", got, len(item))
	}
}
