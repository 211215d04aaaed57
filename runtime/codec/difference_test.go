package codec_test

import (
	"encoding/json"
	"errors"
	"math"
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/codec"
)

// silent has the methods of attributevalue and writes nothing.
type silent struct{ av types.AttributeValue }

func (s silent) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) { return s.av, nil }

func (s *silent) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error { return nil }

func text(s string) types.AttributeValue    { return &types.AttributeValueMemberS{Value: s} }
func number(s string) types.AttributeValue  { return &types.AttributeValueMemberN{Value: s} }
func binary(b ...byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

// field makes the value itself the struct.
func field[V any](c codec.Codec[V], options ...codec.Option) codec.Field[V] {
	return codec.NewField("value", c, func(v *V) *V { return v }, options...)
}

// written expects v to be encoded as want and to be read back.
func written[V any](c codec.Codec[V], v V, want types.AttributeValue) func(*testing.T) {
	return func(t *testing.T) {
		got, err := field(c).Encode(&v)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("encoded as %s, %v; want %s", show(got), err, show(want))
		}
		var back V
		if err := field(c).Decode(got, &back); err != nil || !reflect.DeepEqual(back, v) {
			t.Errorf("read back as %#v, %v; want %#v", back, err, v)
		}
	}
}

// refused expects v not to be encoded.
func refused[V any](c codec.Codec[V], v V, reason error) func(*testing.T) {
	return func(t *testing.T) {
		if got, err := field(c).Encode(&v); !errors.Is(err, reason) {
			t.Errorf("encoded as %v, %v; want %v", got, err, reason)
		}
	}
}

// unread expects av not to be read into a V.
func unread[V any](c codec.Codec[V], av types.AttributeValue, reason error) func(*testing.T) {
	return func(t *testing.T) {
		var v V
		if err := field(c).Decode(av, &v); !errors.Is(err, reason) {
			t.Errorf("read as %#v, %v; want %v", v, err, reason)
		}
	}
}

// TestDifferences holds what the package comment says about where results differ
// from attributevalue.
func TestDifferences(t *testing.T) {
	for name, test := range map[string]func(*testing.T){
		"float NaN":           refused(codec.Float[float64](), math.NaN(), codec.ErrNotFinite),
		"float infinity":      refused(codec.Float[float32](), float32(math.Inf(-1)), codec.ErrNotFinite),
		"float NaN as string": refused(codec.AsString(codec.Float[float64]()), math.NaN(), codec.ErrNotFinite),
		"float NaN as key":    refused(codec.Map(codec.Float[float64](), codec.Bool[bool]()), map[float64]bool{math.NaN(): true}, codec.ErrNotFinite),
		"read NaN":            unread(codec.Float[float64](), number("NaN"), codec.ErrNotFinite),
		"read infinity":       unread(codec.Float[float64](), number("-Inf"), codec.ErrNotFinite),
		"greatest float32":    written(codec.Float[float32](), math.MaxFloat32, number("340282350000000000000000000000000000000")),
		"literal":             refused(codec.Number[json.Number](), "twelve", codec.ErrSyntax),
		"empty literal":       refused(codec.Number[attributevalue.Number](), "", codec.ErrSyntax),
		"read literal":        unread(codec.Number[json.Number](), text("twelve"), codec.ErrSyntax),

		"text":              refused(codec.String[string](), "\xff", codec.ErrUTF8),
		"text of a method":  refused(codec.Text[code](), code{0xff, 0xff}, codec.ErrUTF8),
		"text of a custom":  refused(codec.CustomOver(codec.String[shout]()), "\xff", codec.ErrUTF8),
		"read text":         unread(codec.String[string](), text("\xff"), codec.ErrUTF8),
		"read text methods": unread(codec.Text[code](), text("\xff\xff"), codec.ErrUTF8),
		"key of a method":   refused(codec.Map(codec.TextOver(codec.Int[level]()), codec.Bool[bool]()), map[level]bool{-1: true}, codec.ErrRefused),
		"read method's key": unread(codec.Map(codec.TextOver(codec.Int[level]()), codec.Bool[bool]()), &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"level x": number("1")}}, codec.ErrRefused),
		"read key":          unread(codec.Map(codec.String[string](), codec.Bool[bool]()), &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"\xff": number("1")}}, codec.ErrUTF8),

		"long list":         unread(pairCodec, &types.AttributeValueMemberSS{Value: []string{"a", "b", "c"}}, codec.ErrOverflow),
		"short bytes":       unread(codeCodec, binary(1), codec.ErrOverflow),
		"long bytes":        unread(codeCodec, binary(1, 2, 3), codec.ErrOverflow),
		"bytes of numbers":  unread(codec.Bytes[[]byte](), &types.AttributeValueMemberNS{Value: []string{"1"}}, codec.ErrType),
		"time of a map":     unread(codec.Time(), &types.AttributeValueMemberM{}, codec.ErrType),
		"nil value":         unread(codec.Slice(codec.String[string]()), &types.AttributeValueMemberL{Value: []types.AttributeValue{(*types.AttributeValueMemberS)(nil)}}, codec.ErrAttributeValue),
		"nil into any":      unread(codec.Any(), &types.AttributeValueMemberL{Value: []types.AttributeValue{nil}}, codec.ErrAttributeValue),
		"custom nothing":    refused(codec.Custom[silent](), silent{}, codec.ErrAttributeValue),
		"custom nil":        refused(codec.Custom[silent](), silent{(*types.AttributeValueMemberM)(nil)}, codec.ErrAttributeValue),
		"custom nil inside": refused(codec.Custom[silent](), silent{&types.AttributeValueMemberL{Value: []types.AttributeValue{nil}}}, codec.ErrAttributeValue),
		"custom number":     refused(codec.Custom[silent](), silent{&types.AttributeValueMemberNS{Value: []string{"1", "x"}}}, codec.ErrSyntax),
		"custom name":       refused(codec.Custom[silent](), silent{&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"\xff": text("")}}}, codec.ErrUTF8),
		"year 10000":        refused(momentCodec, moment(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)), codec.ErrOverflow),

		"unixtime":                  written(codec.UnixTime(), time.Unix(1700000000, 0), number("1700000000")),
		"pointer methods in a map":  written(codec.Map(codec.String[string](), codec.CustomOver(codec.String[shout]())), map[string]shout{"k": "hey"}, &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"k": text("hey!")}}),
		"text methods in a set":     written(codec.StringSet(codec.TextOver(codec.Int[level]())), []level{3}, &types.AttributeValueMemberSS{Value: []string{"level 3"}}),
		"binary methods in a set":   written(codec.BinarySet(codec.BinaryOver(codec.Bytes[sum]())), []sum{{7, 8}}, &types.AttributeValueMemberBS{Value: [][]byte{{2, 7, 8}}}),
		"key with a String method":  written(codec.Map(codec.Int[noisy](), codec.Bool[bool]()), map[noisy]bool{7: true}, &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"7": &types.AttributeValueMemberBOOL{Value: true}}}),
		"key with text and numbers": written(codec.Map(codec.TextOver(codec.Int[level]()), codec.Bool[bool]()), map[level]bool{7: false}, &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"level 7": &types.AttributeValueMemberBOOL{}}}),
	} {
		t.Run(name, test)
	}
}

func TestSetWithoutElementsIsNull(t *testing.T) {
	set := []string{"", ""}
	got, err := field(codec.StringSet(codec.String[string]()), codec.OmitEmptyElem).Encode(&set)
	if _, ok := got.(*types.AttributeValueMemberNULL); !ok || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

// TestNilBehindAPointer: a pointer to a nil pointer is NULL.
func TestNilBehindAPointer(t *testing.T) {
	p := new(*int)
	got, err := field(codec.Pointer(codec.Pointer(codec.Int[int]()))).Encode(&p)
	if _, ok := got.(*types.AttributeValueMemberNULL); !ok || err != nil {
		t.Errorf("%v, %v", got, err)
	}
}

// TestMissingIsNull: no attribute value at all is read as NULL.
func TestMissingIsNull(t *testing.T) {
	p := new(int)
	if err := field(codec.Pointer(codec.Int[int]())).Decode(nil, &p); err != nil || p != nil {
		t.Errorf("%v, %v", p, err)
	}
}

// TestMethodsReadTheOtherEncodings: a type that has both sorts of methods reads
// text and bytes, and all else as its kind.
func TestMethodsReadTheOtherEncodings(t *testing.T) {
	var when time.Time
	b, err := sampleInspection.Date.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	for name, av := range map[string]types.AttributeValue{
		"text":   text("2023-06-13T08:30:00Z"),
		"number": number("1686645000"),
		"binary": binary(b...),
	} {
		if err := field(codec.UnixTime()).Decode(av, &when); err != nil || !when.Equal(sampleInspection.Date) {
			t.Errorf("%s: %v, %v", name, when, err)
		}
	}
	var l level
	if err := field(codec.TextOver(codec.Int[level]())).Decode(number("7"), &l); err != nil || l != 7 {
		t.Errorf("level of a number: %v, %v", l, err)
	}
	if err := field(codec.Text[time.Time]()).Decode(binary(b...), &when); err != nil || !when.Equal(sampleInspection.Date) {
		t.Errorf("text type of bytes: %v, %v", when, err)
	}
	if err := field(codec.Binary[time.Time]()).Decode(text("2024-01-01T00:00:00Z"), &when); err != nil || when.Year() != 2024 {
		t.Errorf("binary type of text: %v, %v", when, err)
	}
	var u url.URL
	if err := field(codec.Binary[url.URL]()).Decode(text("https://example.com"), &u); !errors.Is(err, codec.ErrType) {
		t.Errorf("binary type without text methods: %v", err)
	}
}

// TestRefusalsKeepTheirCause: the error of a method is there for errors.As.
func TestRefusalsKeepTheirCause(t *testing.T) {
	cause := errors.New("cause")
	v := failing{cause}
	_, err := field(codec.Custom[failing]()).Encode(&v)
	if !errors.Is(err, codec.ErrRefused) || !errors.Is(err, cause) {
		t.Errorf("encode: %v", err)
	}
	if err := field(codec.Custom[failing]()).Decode(text(""), &v); !errors.Is(err, codec.ErrRefused) || !errors.Is(err, cause) {
		t.Errorf("decode: %v", err)
	}
}

type failing struct{ cause error }

func (f failing) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) { return nil, f.cause }

func (f *failing) UnmarshalDynamoDBAttributeValue(types.AttributeValue) error { return f.cause }
