package codec_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/runtime/codec"
)

// A kind is a Go type with the options of its dynamodbav tag that belong to the
// type, and the codec that the package comment names for it.
type kind struct {
	name string
	run  func(t *testing.T)
}

var addressCodec = codec.Struct(
	codec.NewField("street", codec.String[string](), func(a *address) *string { return &a.Street }),
	codec.NewField("lines", codec.Slice(codec.String[string]()), func(a *address) *[]string { return &a.Lines }, codec.OmitEmpty, codec.OmitEmptyElem),
	codec.NewField("since", codec.Time(), func(a *address) *time.Time { return &a.Since }),
	codec.NewField("labels", codec.Map(codec.String[string](), codec.Pointer(codec.Int[int32]())), func(a *address) *map[string]*int32 { return &a.Labels }, codec.NullEmpty),
)

var nodeCodec = codec.Recursive(func(self codec.Codec[node]) codec.Codec[node] {
	return codec.Struct(
		codec.NewField("name", codec.String[string](), func(n *node) *string { return &n.Name }, codec.OmitEmpty),
		codec.NewField("children", codec.Slice(self), func(n *node) *[]node { return &n.Children }, codec.OmitEmpty),
		codec.NewField("next", codec.Pointer(self), func(n *node) **node { return &n.Next }, codec.OmitEmpty),
		codec.NewField("by_name", codec.Map(codec.String[string](), codec.Pointer(self)), func(n *node) *map[string]*node { return &n.ByName }, codec.OmitEmpty),
	)
})

var (
	wordsCodec  = codec.Named(codec.Slice(codec.String[string]()), func(w *words) *[]string { return (*[]string)(w) })
	momentCodec = codec.Named(codec.Time(), func(m *moment) *time.Time { return (*time.Time)(m) })
	agesCodec   = codec.Named(codec.Map(codec.String[word](), codec.Int[small]()), func(a *ages) *map[word]small { return (*map[word]small)(a) })
	pairCodec   = codec.Array(codec.Slice(codec.String[string]()), func(p *pair) []string { return p[:] })
	codeCodec   = codec.Array(codec.Bytes[[]byte](), func(c *code) []byte { return c[:] })
)

var kinds = []kind{
	of("", codec.String[string]()),
	of("", codec.String[word]()),
	of("", codec.Bool[bool]()),
	of("", codec.Bool[flag]()),
	of("", codec.Int[int]()),
	of("", codec.Int[small]()),
	of("", codec.Int[int16]()),
	of("", codec.Int[int32]()),
	of("", codec.Int[int64]()),
	of("", codec.Uint[uint]()),
	of("", codec.Uint[uint8]()),
	of("", codec.Uint[count]()),
	of("", codec.Uint[uint32]()),
	of("", codec.Uint[uint64]()),
	of("", codec.Float[float32]()),
	of("", codec.Float[ratio]()),
	of("", codec.Float[float64]()),
	of("", codec.Number[json.Number]()),
	of("", codec.Number[attributevalue.Number]()),
	of("string", codec.AsString(codec.Int[int]())),
	of("string", codec.AsString(codec.Uint[count]())),
	of("string", codec.AsString(codec.Float[float32]())),
	of("string", codec.AsString(codec.Float[float64]())),
	of("string", codec.AsString(codec.Number[json.Number]())),
	of("string", codec.Pointer(codec.AsString(codec.Int[int64]()))),
	of("", codec.Bytes[[]byte]()),
	of("", codec.Bytes[blob]()),
	of("", codec.Array(codec.Bytes[[]byte](), func(a *[3]byte) []byte { return a[:] })),
	of("", codec.Time()),
	of("unixtime", codec.UnixTime()),
	of("", momentCodec),
	of("unixtime", codec.Named(codec.UnixTime(), func(m *moment) *time.Time { return (*time.Time)(m) })),
	of("", codec.Custom[attributevalue.UnixTime]()),
	of("", codec.Any()),
	of("", codec.Slice(codec.Any())),
	of("", codec.Map(codec.String[string](), codec.Any())),

	of("", codec.Text[decimal.Decimal]()),
	of("", codec.Text[netip.Addr]()),
	of("", codec.Text[code]()),
	of("", codec.TextOver(codeCodec)),
	of("", codec.TextOver(codec.Int[level]())),
	of("", codec.TextOver(codec.Bytes[net.IP]())),
	of("", codec.Binary[url.URL]()),
	of("", codec.BinaryOver(codec.Bytes[sum]())),
	of("", codec.Custom[money]()),
	of("", codec.CustomOver(codec.String[shout]())),

	of("", codec.Pointer(codec.String[string]())),
	of("", codec.Pointer(codec.Int[int]())),
	of("", codec.Pointer(codec.Bytes[[]byte]())),
	of("", codec.Pointer(codec.Time())),
	of("", codec.Pointer(codec.Slice(codec.String[string]()))),
	of("", codec.Pointer(codec.Map(codec.String[string](), codec.Int[int]()))),
	of("", codec.Pointer(codec.Text[decimal.Decimal]())),
	of("", codec.Pointer(codec.TextOver(codec.Int[level]()))),
	of("", codec.Pointer(codec.Custom[money]())),
	of("", codec.Pointer(codec.CustomOver(codec.String[shout]()))),
	of("", codec.Pointer(addressCodec)),
	of("stringset", codec.Pointer(codec.StringSet(codec.String[string]()))),

	of("", codec.Slice(codec.String[string]())),
	of("", codec.Slice(codec.Int[int16]())),
	of("", codec.Slice(codec.Float[float32]())),
	of("", codec.Slice(codec.Bytes[blob]())),
	of("", codec.Slice(codec.Pointer(codec.String[string]()))),
	of("", codec.Slice(codec.Slice(codec.String[string]()))),
	of("", codec.Slice(codec.Map(codec.String[string](), codec.String[string]()))),
	of("", codec.Slice(codec.BinarySet(codec.Bytes[[]byte]()))),
	of("", codec.Slice(codec.Time())),
	of("", codec.Slice(codec.TextOver(codec.Int[level]()))),
	of("", codec.Slice(codec.Custom[money]())),
	of("", codec.Slice(addressCodec)),
	of("", codec.Slice(codec.Pointer(addressCodec))),
	of("", wordsCodec),
	of("", codec.Slice(wordsCodec)),
	of("", codec.BinarySet(codec.Bytes[[]byte]())),
	of("binaryset", codec.BinarySet(codec.Bytes[blob]())),
	of("numberset", codec.NumberSet(codec.Int[int]())),
	of("numberset", codec.NumberSet(codec.Float[float64]())),
	of("numberset", codec.NumberSet(codec.Number[json.Number]())),
	of("numberset", codec.NumberSet(codec.Pointer(codec.Uint[count]()))),
	of("numberset", codec.NumberSet(codec.String[string]())),
	of("stringset", codec.StringSet(codec.String[string]())),
	of("stringset", codec.StringSet(codec.String[word]())),
	of("stringset", codec.StringSet(codec.Pointer(codec.String[string]()))),
	of("stringset", codec.StringSet(codec.Time())),
	of("stringset", codec.StringSet(codec.TextOver(codec.Int[level]()))),
	of("stringset", codec.StringSet(codec.CustomOver(codec.String[shout]()))),
	of("stringset", codec.Named(codec.StringSet(codec.String[string]()), func(w *words) *[]string { return (*[]string)(w) })),

	of("", pairCodec),
	of("stringset", codec.Array(codec.StringSet(codec.String[string]()), func(p *pair) []string { return p[:] })),
	of("", codec.Array(codec.Slice(codec.Pointer(codec.Int[int]())), func(a *[3]*int) []*int { return a[:] })),
	of("", codec.Array(codec.Slice(codec.Int[int]()), func(a *[0]int) []int { return a[:] })),

	of("", codec.Map(codec.String[string](), codec.String[string]())),
	of("", codec.Map(codec.String[word](), codec.Pointer(codec.Int[int]()))),
	of("", codec.Map(codec.Int[int8](), codec.Bytes[[]byte]())),
	of("", codec.Map(codec.Uint[count](), codec.Slice(codec.String[string]()))),
	of("", codec.Map(codec.Float[float64](), codec.Bool[bool]())),
	of("", codec.Map(codec.Float[float32](), codec.Bool[bool]())),
	of("", codec.Map(codec.Bool[bool](), codec.Map(codec.String[string](), codec.String[string]()))),
	of("", codec.Map(codec.TextOver(codec.Int[level]()), addressCodec)),
	of("", codec.Map(codec.Text[code](), codec.Text[decimal.Decimal]())),
	of("", codec.Map(codec.Number[json.Number](), codec.Time())),
	of("", agesCodec),
	of("", codec.Map(codec.String[string](), codec.Struct[struct{}]())),
	of("", addressCodec),
	of("", nodeCodec),
}

// options are the combinations of options that a tag may have.
var options = map[string]codec.Option{
	"":                            0,
	"omitempty":                   codec.OmitEmpty,
	"nullempty":                   codec.NullEmpty,
	"omitemptyelem":               codec.OmitEmptyElem,
	"nullemptyelem":               codec.NullEmptyElem,
	"omitempty,omitemptyelem":     codec.OmitEmpty | codec.OmitEmptyElem,
	"omitempty,nullemptyelem":     codec.OmitEmpty | codec.NullEmptyElem,
	"nullempty,omitemptyelem":     codec.NullEmpty | codec.OmitEmptyElem,
	"nullempty,nullemptyelem":     codec.NullEmpty | codec.NullEmptyElem,
	"omitempty,nullempty":         codec.OmitEmpty | codec.NullEmpty,
	"omitemptyelem,nullemptyelem": codec.OmitEmptyElem | codec.NullEmptyElem,
}

// A reference is a struct with the one field Value of type V and a given tag,
// which attributevalue reads.
type reference struct {
	typ     reflect.Type
	methods bool // let attributevalue use the methods of package encoding
}

func referenceFor[V any](tag string) reference {
	return reference{
		typ: reflect.StructOf([]reflect.StructField{{
			Name: "Value",
			Type: reflect.TypeFor[V](),
			Tag:  reflect.StructTag(fmt.Sprintf(`dynamodbav:"value,%s"`, tag)),
		}}),
		// With them, it would write a unixtime as text.
		methods: !strings.Contains(tag, "unixtime"),
	}
}

func (r reference) encode(v reflect.Value) (types.AttributeValue, error) {
	s := reflect.New(r.typ)
	s.Elem().Field(0).Set(v)
	item, err := attributevalue.MarshalMapWithOptions(s.Interface(), func(o *attributevalue.EncoderOptions) {
		o.UseEncodingMarshalers = r.methods
	})
	return item["value"], err
}

// decode sets v. A panic of attributevalue comes back as an error.
func (r reference) decode(av types.AttributeValue, v reflect.Value) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicError{p}
		}
	}()
	s := reflect.New(r.typ)
	err = attributevalue.UnmarshalMapWithOptions(map[string]types.AttributeValue{"value": av}, s.Interface(), func(o *attributevalue.DecoderOptions) {
		o.UseEncodingUnmarshalers = true
		o.FixUnmarshalIndividualSetValues = true
	})
	v.Set(s.Elem().Field(0))
	return err
}

// of makes a kind. Its test compares the codec with attributevalue under every
// combination of options.
func of[V any](tag string, c codec.Codec[V]) kind {
	name := reflect.TypeFor[V]().String()
	if tag != "" {
		name += "," + tag
	}
	return kind{name, func(t *testing.T) {
		for optionTag, option := range options {
			r := referenceFor[V](strings.Trim(tag+","+optionTag, ","))
			field := codec.NewField("value", c, func(v *V) *V { return v }, option)
			t.Run("encode/"+optionTag, rapid.MakeCheck(func(t *rapid.T) {
				var v V
				fill(t, reflect.ValueOf(&v).Elem(), 4)
				compareEncoding(t, r, field, &v)
			}))
		}
		r := referenceFor[V](tag)
		field := codec.NewField("value", c, func(v *V) *V { return v })
		t.Run("decode", rapid.MakeCheck(func(t *rapid.T) {
			compareDecoding(t, r, field, attributeValue(t, 3))
		}))
	}}
}

func TestSameAsAttributevalue(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, k.run)
	}
}

func compareEncoding[V any](t *rapid.T, r reference, field codec.Field[V], v *V) {
	got, err := field.Encode(v)
	want, wantErr := r.encode(reflect.ValueOf(v).Elem())
	if err != nil {
		if wantErr == nil && !stricterToWrite(err, want) {
			t.Fatalf("refused %#v: %v\nattributevalue: %s", *v, err, show(want))
		}
		return
	}
	if wantErr != nil {
		t.Fatalf("encoded %#v as %s\nattributevalue: %v", *v, show(got), wantErr)
	}
	if !wellFormed(got) {
		t.Fatalf("encoded %#v as %s", *v, show(got))
	}
	if want = nullForEmptySets(want); !reflect.DeepEqual(got, want) {
		t.Fatalf("encoded %#v as\n%s, attributevalue as\n%s", *v, show(got), show(want))
	}

	// What was written can be read, and says the same when it is written again.
	if got == nil {
		return
	}
	compareDecoding(t, r, field, got)
	var again V
	if err := field.Decode(got, &again); err != nil {
		t.Fatalf("encoded %#v as %s, which does not decode: %v", *v, show(got), err)
	}
}

func compareDecoding[V any](t *rapid.T, r reference, field codec.Field[V], av types.AttributeValue) {
	var got, want V
	err := field.Decode(av, &got)
	wantErr := r.decode(av, reflect.ValueOf(&want).Elem())
	switch {
	case err != nil && wantErr == nil:
		if !stricter(err) && !tooLong(av, reflect.TypeFor[V]()) {
			t.Fatalf("refused %s: %v\nattributevalue: %#v", show(av), err, want)
		}
	case err == nil && wantErr != nil:
		if !looser(wantErr) {
			t.Fatalf("decoded %s as %#v\nattributevalue: %v", show(av), got, wantErr)
		}
	case err == nil && !reflect.DeepEqual(got, want):
		t.Fatalf("decoded %s as\n%#v, attributevalue as\n%#v", show(av), got, want)
	}
}

// stricterToWrite reports whether err is one of the refusals by which codec is
// meant to differ when it encodes, and attributevalue wrote what it says.
func stricterToWrite(err error, written types.AttributeValue) bool {
	switch {
	case errors.Is(err, codec.ErrNotFinite):
		return true // as a string, or in a map key, NaN is well-formed
	case errors.Is(err, codec.ErrOverflow):
		return strings.Contains(err.Error(), "time.Time") // named types of it accept any year
	case errors.Is(err, codec.ErrSyntax):
		return !wellFormed(written) || strings.Contains(err.Error(), "Number")
	case errors.Is(err, codec.ErrUTF8):
		return !wellFormed(written) || strings.Contains(err.Error(), "[*]") // the key of an element left out
	}
	return !wellFormed(written)
}

// stricter reports whether err is one of the refusals by which codec is meant to
// differ when it decodes.
func stricter(err error) bool {
	var e *codec.Error
	if !errors.As(err, &e) {
		return false
	}
	switch {
	case errors.Is(err, codec.ErrUTF8), errors.Is(err, codec.ErrNotFinite):
		return true
	case errors.Is(err, codec.ErrSyntax):
		// Number literals, and numbers inside interfaces.
		return strings.HasSuffix(e.GoType, "Number") || e.GoType == "interface {}"
	case errors.Is(err, codec.ErrType):
		switch e.Type {
		case "M":
			// attributevalue reads a map into any struct, even one without fields.
			return e.GoType == "time.Time" || e.GoType == "decimal.Decimal" || e.GoType == "netip.Addr" || e.GoType == "url.URL"
		case "L", "SS", "NS", "BS", "B":
			// attributevalue reads lists of numbers into byte slices and arrays.
			switch e.GoType {
			case "[]uint8", "codec_test.blob", "codec_test.sum", "codec_test.code", "net.IP":
				return true
			}
		}
	}
	return false
}

// tooLong reports whether av has more elements than the array t, which
// attributevalue leaves out.
func tooLong(av types.AttributeValue, t reflect.Type) bool {
	if t.Kind() != reflect.Array {
		return false
	}
	elems := reflect.ValueOf(av).Elem().FieldByName("Value")
	return elems.Kind() == reflect.Slice && elems.Len() > t.Len()
}

// looser reports whether err, of attributevalue, is one of those by which codec
// is meant to differ when it decodes.
func looser(err error) bool {
	var panicked *panicError
	if errors.As(err, &panicked) {
		return true
	}
	var e *attributevalue.UnmarshalTypeError
	if !errors.As(err, &e) {
		return false
	}
	switch {
	case strings.HasPrefix(e.Value, "number overflow, 340282350"), strings.HasSuffix(e.Value, `3.4028235e+38"`):
		return true // the greatest float32, as encoding writes it
	case e.Value == "string", e.Value == "binary":
		return e.Type == reflect.TypeFor[level]() || e.Type == reflect.TypeFor[money]() // element of a set
	}
	return false
}

type panicError struct{ value any }

func (p *panicError) Error() string { return fmt.Sprint("panic: ", p.value) }

// wellFormed reports whether DynamoDB could take the attribute value: text is
// UTF-8 and numbers are numbers.
func wellFormed(av types.AttributeValue) bool {
	isNumber := func(s string) bool {
		_, err := decimal.NewFromString(s)
		return err == nil
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return utf8.ValidString(av.Value)
	case *types.AttributeValueMemberN:
		return isNumber(av.Value)
	case *types.AttributeValueMemberSS:
		for _, s := range av.Value {
			if !utf8.ValidString(s) {
				return false
			}
		}
	case *types.AttributeValueMemberNS:
		for _, n := range av.Value {
			if !isNumber(n) {
				return false
			}
		}
	case *types.AttributeValueMemberL:
		for _, e := range av.Value {
			if !wellFormed(e) {
				return false
			}
		}
	case *types.AttributeValueMemberM:
		for name, e := range av.Value {
			if !utf8.ValidString(name) || name == "NaN" || strings.HasSuffix(name, "Inf") || !wellFormed(e) {
				return false
			}
		}
	}
	return true
}

// nullForEmptySets replaces the empty sets that omitemptyelem makes attributevalue write.
func nullForEmptySets(av types.AttributeValue) types.AttributeValue {
	switch set := av.(type) {
	case *types.AttributeValueMemberSS:
		if len(set.Value) == 0 {
			return &types.AttributeValueMemberNULL{Value: true}
		}
	case *types.AttributeValueMemberNS:
		if len(set.Value) == 0 {
			return &types.AttributeValueMemberNULL{Value: true}
		}
	case *types.AttributeValueMemberBS:
		if len(set.Value) == 0 {
			return &types.AttributeValueMemberNULL{Value: true}
		}
	case *types.AttributeValueMemberL:
		for i, e := range set.Value {
			set.Value[i] = nullForEmptySets(e)
		}
	case *types.AttributeValueMemberM:
		for name, e := range set.Value {
			set.Value[name] = nullForEmptySets(e)
		}
	}
	return av
}

// show prints an attribute value as JSON does.
func show(av types.AttributeValue) string {
	text, err := json.Marshal(av)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("%T%s", av, text)
}
