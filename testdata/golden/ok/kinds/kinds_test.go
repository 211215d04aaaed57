package kinds

import (
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/shopspring/decimal"

	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "Kinds", "ID:S")
	r, err := NewKindsRepository(ctx, w.Client, w.Keyring)
	if err != nil {
		t.Fatal(err)
	}
	now, text, price := time.Unix(1700000000, 0), "text", decimal.RequireFromString("1.25")
	v := &Kinds{
		ID:   "1",
		Bool: true, Int: -1, Int8: -128, Int64: 1 << 62, Rune: 'é', Uint: 1, Uint16: 1 << 15, Byte: 255, Float32: 1.5, Float64: -1e-7, Bytes: []byte{0, 1},
		Count: 3, Level: "high", Blob: Blob{1}, Duration: time.Hour,
		Time: now.UTC(), Unix: now, Stamp: Stamp(now), Price: price, Address: netip.MustParseAddr("10.0.0.1"), Number: "12.5", NumberText: "7",
		Measure: "1.5", MeasureStr: "12", Measures: []Measure{"3", "4.5"}, Amount: "9.99",
		Custom: Point{1, 2}, Color: 4, Token: Token{9}, Labels: Labels{"a": "b"}, Digest: [4]byte{1, 2, 3, 4}, Any: "anything",
		Pointer: &text, TimeAt: &now, PricePtr: &price, Strings: []string{"b", "a", "b"}, Set: []string{"a", "b"}, Numbers: []int{1, 2},
		Binaries: [][]byte{{1}, {2}}, Blobs: []Blob{{3}}, Times: []time.Time{now.UTC()}, Stamps: []Stamp{Stamp(now.UTC())}, Tags: Tags{"x"},
		Pairs: [2]string{"p", "q"}, Vector: Vector{1, 2, 3}, Map: map[string]int{"one": 1}, ByLevel: map[Level]Tags{"low": {"t"}},
		ByColor: map[Color]bool{7: true}, ByCount: map[Count]*Point{1: {3, 4}}, NumberList: []attributevalue.Number{"5"},
	}
	roundtrip.Item(t, r, v,
		func() (*Kinds, error) { return r.Get(ctx, "1") },
		func() error { return r.Delete(ctx, "1") })
	item := w.Stored(t)
	for name := range item {
		if name != "ID" && name != "aws_dbe_head" && name != "aws_dbe_foot" {
			w.Encrypted(t, name)
		}
	}
	if len(item) != 53 {
		t.Errorf("the item has %d attributes", len(item))
	}
}

// TestNumbersAsText holds that a text is a number by the same methods as in
// attributevalue, and that other methods come first.
func TestNumbersAsText(t *testing.T) {
	v := &Kinds{ID: "1", Number: "12.5", NumberText: "7", Measure: "1.5", MeasureStr: "12", Measures: []Measure{"3", "4.5"}, Amount: "9.99"}
	item, err := kindsSchema.Fields.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	want, err := roundtrip.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	for name, kind := range map[string]types.AttributeValue{
		"Number":     &types.AttributeValueMemberN{Value: "12.5"},
		"NumberText": &types.AttributeValueMemberS{Value: "7"},
		"Measure":    &types.AttributeValueMemberN{Value: "1.5"},
		"MeasureStr": &types.AttributeValueMemberS{Value: "12"},
		"Measures":   &types.AttributeValueMemberNS{Value: []string{"3", "4.5"}},
		"Amount":     &types.AttributeValueMemberS{Value: "9.99 EUR"},
	} {
		if !reflect.DeepEqual(item[name], kind) || !reflect.DeepEqual(want[name], kind) {
			t.Errorf("%s is stored as %#v, and as %#v by attributevalue", name, item[name], want[name])
		}
	}
}
