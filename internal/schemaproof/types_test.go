package schemaproof_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/codec"

	"github.com/ddbegen/ddbegen/gen/diff"
)

// goType is a type of a field, as source and at run time.
type goType struct {
	source string // behind the name of the field, in short
	wrote  []types.AttributeValue
	// again reads a value and writes it once more.
	again func(types.AttributeValue) (types.AttributeValue, error)
}

// of returns a type with values from all over its range.
func of[V any](source string, c codec.Codec[V], values ...V) goType {
	fields := codec.Fields[V]{codec.NewField("A", c, func(v *V) *V { return v })}
	write := func(v V) (types.AttributeValue, error) {
		item, err := fields.Encode(&v)
		return item["A"], err
	}
	g := goType{source: "A " + source}
	for _, v := range values {
		av, err := write(v)
		if err != nil {
			panic(err)
		}
		g.wrote = append(g.wrote, av)
	}
	g.again = func(av types.AttributeValue) (types.AttributeValue, error) {
		var v V
		if err := fields.Decode(ddbe.Item{"A": av}, &v); err != nil {
			return nil, err
		}
		return write(v)
	}
	return g
}

func integer[V ~int | ~int8 | ~int16 | ~int32 | ~int64](source string, low, high V) goType {
	return of(source+" encrypt,sign", codec.Int[V](), 0, 7, low, high)
}

func natural[V ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64](source string, high V) goType {
	return of(source+" encrypt,sign", codec.Uint[V](), 0, 7, high)
}

func pointer[V any](v V) *V { return &v }

var someTime = time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)

// goTypes are types between which a field may change.
func goTypes() map[string]goType {
	text, number := codec.String[string](), codec.Int[int]()
	array := func(a *[1]string) []string { return a[:] }
	all := []goType{
		of("string encrypt,sign", text, "words", "7", "2024-05-06T07:08:09Z"),
		of("*string encrypt,sign", codec.Pointer(text), pointer("words")),
		of("bool encrypt,sign", codec.Bool[bool](), true, false),
		integer[int8]("int8", math.MinInt8, math.MaxInt8), integer[int16]("int16", math.MinInt16, math.MaxInt16),
		integer[int32]("int32", math.MinInt32, math.MaxInt32), integer[int64]("int64", math.MinInt64, math.MaxInt64),
		integer("int", math.MinInt, math.MaxInt),
		natural[uint8]("uint8", math.MaxUint8), natural[uint16]("uint16", math.MaxUint16),
		natural[uint32]("uint32", math.MaxUint32), natural[uint64]("uint64", math.MaxUint64), natural[uint]("uint", math.MaxUint),
		of("float32 encrypt,sign", codec.Float[float32](), 0, -1.5, 0.1, math.MaxFloat32),
		of("float64 encrypt,sign", codec.Float[float64](), 0, -1.5, 0.1, 123456789.125),
		of("*float64 encrypt,sign", codec.Pointer(codec.Float[float64]()), pointer(-1.5), pointer(123456789.125)),
		of("*int encrypt,sign", codec.Pointer(number), pointer(300), pointer(math.MinInt), pointer(math.MaxInt)),
		of("json.Number encrypt,sign", codec.Number[json.Number](), "0", "-1.5", "12345678901234567890.5"),
		of("int encrypt,sign ,string", codec.AsString(codec.Int[int]()), 7, math.MinInt, math.MaxInt),
		of("int8 encrypt,sign ,string", codec.AsString(codec.Int[int8]()), 7, math.MinInt8),
		of("time.Time encrypt,sign", codec.Time(), someTime),
		of("*time.Time encrypt,sign", codec.Pointer(codec.Time()), &someTime),
		of("time.Time encrypt,sign ,unixtime", codec.UnixTime(), someTime, time.Unix(253402300799, 0), time.Unix(-1, 0)),
		of("[]byte encrypt,sign", codec.Bytes[[]byte](), []byte{}, []byte("some bytes")),
		of("[4]byte encrypt,sign", codec.Array(codec.Bytes[[]byte](), func(a *[4]byte) []byte { return a[:] }), [4]byte{1, 2, 3, 4}),
		of("[5]byte encrypt,sign", codec.Array(codec.Bytes[[]byte](), func(a *[5]byte) []byte { return a[:] }), [5]byte{1, 2, 3, 4, 5}),
		of("[]string encrypt,sign", codec.Slice(text), []string{"a", "b"}, []string{"c"}),
		of("[]string encrypt,sign ,stringset", codec.StringSet(text), []string{"a", "b"}, []string{"c"}),
		of("[1]string encrypt,sign", codec.Array(codec.Slice(text), array), [1]string{"a"}),
		of("[2]int encrypt,sign", codec.Array(codec.Slice(number), func(a *[2]int) []int { return a[:] }), [2]int{1, math.MaxInt}),
		of("[3]int encrypt,sign", codec.Array(codec.Slice(number), func(a *[3]int) []int { return a[:] }), [3]int{1, 2, math.MinInt}),
		of("[]int encrypt,sign", codec.Slice(number), []int{math.MinInt, math.MaxInt}, []int{1, 2, 3, 4}),
		of("[]int encrypt,sign ,numberset", codec.NumberSet(number), []int{math.MinInt, math.MaxInt}, []int{1, 2, 3, 4}),
		of("[]int8 encrypt,sign", codec.Slice(codec.Int[int8]()), []int8{1, -128}, []int8{1, 2, 3, 4}),
		of("[]any encrypt,sign", codec.Slice(codec.Any()), []any{"a", 1.5}),
		of("map[string]string encrypt,sign", codec.Map(text, codec.Codec[string](text)), map[string]string{"k": "v"}),
		of("map[string]int encrypt,sign", codec.Map(text, codec.Codec[int](number)), map[string]int{"k": math.MaxInt, "7": 1}),
		of("map[int]int encrypt,sign", codec.Map(number, codec.Codec[int](number)), map[int]int{math.MaxInt: 1}, map[int]int{-1: math.MaxInt}),
		of("map[uint8]int encrypt,sign", codec.Map(codec.Uint[uint8](), codec.Codec[int](number)), map[uint8]int{255: math.MaxInt}),
		of("map[float64]int encrypt,sign", codec.Map(codec.Float[float64](), codec.Codec[int](number)), map[float64]int{-1.5: math.MaxInt}),
		of("map[bool]int encrypt,sign", codec.Map(codec.Bool[bool](), codec.Codec[int](number)), map[bool]int{true: math.MaxInt}),
		of("map[string]any encrypt,sign", codec.Map(text, codec.Any()), map[string]any{"k": "v"}),
		of("any encrypt,sign", codec.Any(), any("words"), any(1.5)),
	}
	byName := map[string]goType{}
	for _, g := range all {
		byName[strings.Replace(g.source, " encrypt,sign", "", 1)] = g
	}
	return byName
}

var errOther = errors.New("it is another value")

// meets returns what goes wrong with values that were written as one type and are
// read as another.
func (g goType) meets(writer goType) error {
	for _, av := range writer.wrote {
		again, err := g.again(av)
		if err != nil {
			return err
		}
		if was, is := meaning(av), meaning(again); was != is {
			return fmt.Errorf("%w: %s for %s", errOther, is, was)
		}
	}
	return nil
}

// meaning writes a value in one way, whatever it is stored as.
func meaning(av types.AttributeValue) string {
	list := func(texts []string) string {
		for len(texts) > 0 && (texts[len(texts)-1] == "" || texts[len(texts)-1] == "0") {
			texts = texts[:len(texts)-1] // an array that is longer ends so
		}
		return fmt.Sprintf("%q", texts)
	}
	switch v := av.(type) {
	case *types.AttributeValueMemberN:
		return plainNumber(v.Value)
	case *types.AttributeValueMemberS:
		if t, err := time.Parse(time.RFC3339Nano, v.Value); err == nil {
			return fmt.Sprint(t.Unix())
		}
		return plainNumber(v.Value)
	case *types.AttributeValueMemberSS:
		return list(v.Value)
	case *types.AttributeValueMemberNS:
		return list(v.Value)
	case *types.AttributeValueMemberL:
		var all []string
		for _, e := range v.Value {
			all = append(all, meaning(e))
		}
		return list(all)
	case *types.AttributeValueMemberM:
		all := map[string]string{}
		for k, e := range v.Value {
			all[plainNumber(k)] = meaning(e)
		}
		return fmt.Sprint(all)
	case *types.AttributeValueMemberB:
		return fmt.Sprintf("%x", v.Value)
	case *types.AttributeValueMemberBOOL:
		return fmt.Sprint(v.Value)
	default:
		return fmt.Sprintf("%T", av)
	}
}

func plainNumber(text string) string {
	if n, err := attribute.NormalizeNumber(text); err == nil {
		return n
	}
	return text
}

// TestTypes compares what is said of every change of type with what happens to
// values from all over the range of both.
func TestTypes(t *testing.T) {
	all := goTypes()
	sorted := slices.Sorted(maps.Keys(all))
	count := map[diff.Class]int{}
	for _, was := range sorted {
		before := newVersion(t, source(all[was].source))
		for _, now := range sorted {
			after := newVersion(t, source(all[now].source))
			changes := diff.Compare(before.lock, after.lock)
			said := reported(changes)
			breaks, mixed := slices.Contains(said, diff.BreakRead), slices.Contains(said, diff.MixedFleet)
			newer, older := all[now].meets(all[was]), all[was].meets(all[now])
			for _, c := range changes {
				count[c.Class]++
			}
			switch {
			case newer != nil && !breaks:
				t.Errorf("%s to %s: reported %v, and %v", was, now, names(changes), newer)
			case newer == nil && breaks && !strings.Contains(was, "any"): // which says nothing of what is stored
				t.Errorf("%s to %s: reported %v, and read", was, now, names(changes))
			case older != nil && !breaks && !mixed:
				t.Errorf("%s to %s: reported %v, and the older version: %v", was, now, names(changes), older)
			case older == nil && mixed && before.table.Attributes["A"].Type == after.table.Attributes["A"].Type && !strings.Contains(now, "any"):
				t.Errorf("%s to %s: reported %v, and the older version reads it", was, now, names(changes))
			}
		}
	}
	t.Logf("%d types: %v", len(sorted), count)
}
