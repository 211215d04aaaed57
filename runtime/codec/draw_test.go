package codec_test

import (
	"math"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"
)

var numberKinds = []string{
	"0", "1", "-1", "127", "128", "-129", "65535", "65536", "2147483648", "-9223372036854775808",
	"9223372036854775808", "18446744073709551615", "18446744073709551616", "0.5", "-0", "1e3", "3.4e38", "3.5e38", "1e400",
	"1700000000", "NaN", "+Inf", "", "abc", "0x10", "1_000", "+7", "1.", ".5", ".",
}

var textKinds = []string{
	"", "a", "level 3", "level x", "-7", "42", "true", "12.50", "2024-02-29T23:59:59.000001-05:00",
	"2024-02-29", "192.0.2.1", "ab", "ünïcode", "\xff", "hello!", "https://example.com/a%20b",
}

// fill draws a value of any kind, empty ones and extremes more often than not.
func fill(t *rapid.T, v reflect.Value, depth int) {
	typ := v.Type()
	if all, ok := samples[typ]; ok {
		v.Set(reflect.ValueOf(rapid.SampledFrom(all).Draw(t, "sample")))
		return
	}
	for sampled, all := range samples {
		if typ.ConvertibleTo(sampled) && typ.Kind() == reflect.Struct {
			v.Set(reflect.ValueOf(rapid.SampledFrom(all).Draw(t, "sample")).Convert(typ))
			return
		}
	}
	switch v.Kind() {
	case reflect.String:
		if strings.HasSuffix(typ.Name(), "Number") {
			v.SetString(rapid.SampledFrom(numberKinds).Draw(t, "number"))
			return
		}
		v.SetString(rapid.OneOf(rapid.SampledFrom(textKinds), rapid.String()).Draw(t, "string"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(rapid.OneOf(rapid.Just(int64(0)), rapid.Int64()).Draw(t, "int"))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(rapid.OneOf(rapid.Just(uint64(0)), rapid.Uint64()).Draw(t, "uint"))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(rapid.OneOf(rapid.SampledFrom([]float64{
			0, math.Copysign(0, -1), 1e6, 1e21, 0.1, math.MaxFloat32,
			math.SmallestNonzeroFloat64, math.NaN(), math.Inf(-1),
		}), rapid.Float64()).Draw(t, "float"))
	case reflect.Pointer:
		if depth > 0 && rapid.Bool().Draw(t, "pointer") {
			v.Set(reflect.New(typ.Elem()))
			fill(t, v.Elem(), depth-1)
		}
	case reflect.Interface:
		if depth > 0 {
			fillAny(t, v, depth-1)
		}
	case reflect.Slice:
		n := rapid.IntRange(-1, 3).Draw(t, "length")
		if n < 0 || depth == 0 {
			return
		}
		v.Set(reflect.MakeSlice(typ, n, n))
		for i := range n {
			fill(t, v.Index(i), depth-1)
		}
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i), depth-1)
		}
	case reflect.Map:
		n := rapid.IntRange(-1, 3).Draw(t, "members")
		if n < 0 || depth == 0 {
			return
		}
		v.Set(reflect.MakeMap(typ))
		for range n {
			key, elem := reflect.New(typ.Key()).Elem(), reflect.New(typ.Elem()).Elem()
			fill(t, key, depth-1)
			fill(t, elem, depth-1)
			v.SetMapIndex(key, elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), depth-1)
		}
	default:
		t.Fatalf("cannot draw a %s", typ)
	}
}

// fillAny draws a dynamic type.
func fillAny(t *rapid.T, v reflect.Value, depth int) {
	dynamic := []reflect.Type{
		reflect.TypeFor[string](), reflect.TypeFor[int](), reflect.TypeFor[float64](),
		reflect.TypeFor[bool](), reflect.TypeFor[[]byte](), reflect.TypeFor[[]any](), reflect.TypeFor[map[string]any](),
		reflect.TypeFor[[]string](), reflect.TypeFor[level](), reflect.TypeFor[address](), reflect.TypeFor[*address](),
	}
	i := rapid.IntRange(-1, len(dynamic)-1).Draw(t, "dynamic type")
	if i < 0 {
		return
	}
	value := reflect.New(dynamic[i]).Elem()
	fill(t, value, depth)
	v.Set(value)
}

// attributeValue draws any attribute value, with texts and numbers that some
// type can be read from.
func attributeValue(t *rapid.T, depth int) types.AttributeValue {
	text := rapid.SampledFrom(textKinds)
	number := rapid.SampledFrom(numberKinds)
	binary := rapid.SliceOfN(rapid.Byte(), 0, 3)
	last := 9
	if depth == 0 {
		last = 7
	}
	switch rapid.IntRange(0, last).Draw(t, "attribute type") {
	case 0:
		return &types.AttributeValueMemberNULL{Value: true}
	case 1:
		return &types.AttributeValueMemberS{Value: text.Draw(t, "S")}
	case 2:
		return &types.AttributeValueMemberN{Value: number.Draw(t, "N")}
	case 3:
		return &types.AttributeValueMemberB{Value: binary.Draw(t, "B")}
	case 4:
		return &types.AttributeValueMemberBOOL{Value: rapid.Bool().Draw(t, "BOOL")}
	case 5:
		return &types.AttributeValueMemberSS{Value: rapid.SliceOfN(text, 0, 3).Draw(t, "SS")}
	case 6:
		return &types.AttributeValueMemberNS{Value: rapid.SliceOfN(number, 0, 3).Draw(t, "NS")}
	case 7:
		return &types.AttributeValueMemberBS{Value: rapid.SliceOfN(binary, 0, 3).Draw(t, "BS")}
	case 8:
		l := make([]types.AttributeValue, rapid.IntRange(0, 3).Draw(t, "L"))
		for i := range l {
			l[i] = attributeValue(t, depth-1)
		}
		return &types.AttributeValueMemberL{Value: l}
	default:
		m := map[string]types.AttributeValue{}
		for range rapid.IntRange(0, 3).Draw(t, "M") {
			name := rapid.SampledFrom([]string{
				"street", "lines", "since", "labels", "name", "children", "next", "other",
				"1", "300", "true", "level 2", "ab", "cents", "1.5",
			}).Draw(t, "member")
			m[name] = attributeValue(t, depth-1)
		}
		return &types.AttributeValueMemberM{Value: m}
	}
}
