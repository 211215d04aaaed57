package canon_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/internal/canon"
)

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func list(vs ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: vs}
}

// nested returns av inside n lists.
func nested(n int, av types.AttributeValue) types.AttributeValue {
	for range n {
		av = list(av)
	}
	return av
}

func TestAppend(t *testing.T) {
	for _, c := range []struct {
		av   types.AttributeValue
		id   attribute.Type
		want string
	}{
		{&types.AttributeValueMemberNULL{Value: true}, attribute.Null, ""},
		{str("é"), attribute.String, "c3a9"},
		{&types.AttributeValueMemberN{Value: "-00.50"}, attribute.Number, "2d302e35"},
		{&types.AttributeValueMemberB{}, attribute.Binary, ""},
		{&types.AttributeValueMemberBOOL{Value: true}, attribute.Bool, "01"},
		{&types.AttributeValueMemberBOOL{}, attribute.Bool, "00"},
		// Normalised, then sorted as text.
		{&types.AttributeValueMemberNS{Value: []string{"9", "1e1"}}, attribute.NumberSet, "00000002" + "000000023130" + "0000000139"},
		// UTF-16 order: U+10002 before U+FE4C.
		{
			&types.AttributeValueMemberSS{Value: []string{"\ufe4c", "\U00010002"}}, attribute.StringSet,
			"00000002" + "00000004f0908082" + "00000003efb98c",
		},
		{&types.AttributeValueMemberBS{Value: [][]byte{{2}, {1, 0}}}, attribute.BinarySet, "00000002" + "000000020100" + "0000000102"},
		{list(str("a"), &types.AttributeValueMemberNULL{Value: true}), attribute.List, "00000002" + "00010000000161" + "000000000000"},
		{
			&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"b": str(""), "a": list()}}, attribute.Map,
			"00000002" + "00010000000161" + "030000000004" + "00000000" + "00010000000162" + "000100000000",
		},
	} {
		id, got, err := canon.Append([]byte("x"), c.av)
		if err != nil || id != c.id || hex.EncodeToString(got) != "78"+c.want {
			t.Errorf("Append(%T) = %v %x, %v; want %v 78%s", c.av, id, got, err, c.id, c.want)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	bad := map[string]types.AttributeValue{
		"nil":                   nil,
		"nil string":            (*types.AttributeValueMemberS)(nil),
		"nil map":               (*types.AttributeValueMemberM)(nil),
		"nil list":              (*types.AttributeValueMemberL)(nil),
		"nil element":           list(nil),
		"unknown member":        &types.UnknownUnionMember{},
		"invalid UTF-8":         str("\xed\xa0\xbd"),
		"invalid UTF-8 in set":  &types.AttributeValueMemberSS{Value: []string{"\xff"}},
		"number":                &types.AttributeValueMemberN{Value: "x"},
		"number in set":         &types.AttributeValueMemberNS{Value: []string{"1", "NaN"}},
		"duplicate strings":     &types.AttributeValueMemberSS{Value: []string{"a", "b", "a"}},
		"duplicate numbers":     &types.AttributeValueMemberNS{Value: []string{"1", "1.0"}},
		"duplicate binaries":    &types.AttributeValueMemberBS{Value: [][]byte{{1}, {1}}},
		"empty key":             &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"": str("")}},
		"long key":              &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{strings.Repeat("k", 65536): str("")}},
		"invalid key":           &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"\xff": str("")}},
		"nil under key":         &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"k": nil}},
		"33 levels":             nested(32, str("")),
		"33 levels, empty list": nested(32, list()),
	}
	for name, av := range bad {
		dst := []byte("kept")
		id, got, err := canon.Append(dst, av)
		if err == nil || id != 0 || string(got) != "kept" {
			t.Errorf("%s: Append = %v %q, %v; want an error and dst", name, id, got, err)
		}
	}
	if _, _, err := canon.Append(nil, nested(31, str(""))); err != nil {
		t.Errorf("32 levels: %v", err)
	}
	if _, _, err := canon.Append(nil, &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{strings.Repeat("k", 65535): str("")}}); err != nil {
		t.Errorf("longest key: %v", err)
	}
}

func TestAppendLeavesTheValue(t *testing.T) {
	ss := &types.AttributeValueMemberSS{Value: []string{"b", "a"}}
	ns := &types.AttributeValueMemberNS{Value: []string{"2.0", "01"}}
	if _, _, err := canon.Append(nil, list(ss, ns)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(ss.Value, []string{"b", "a"}) || !slices.Equal(ns.Value, []string{"2.0", "01"}) {
		t.Error("Append changed its argument")
	}
}

func TestParseRefuses(t *testing.T) {
	deep := "00000000"
	for range 32 {
		deep = "00000001" + "0300" + hex.EncodeToString([]byte{0, 0, byte(len(deep) / 2 >> 8), byte(len(deep) / 2)}) + deep
	}
	for _, c := range []struct {
		name, value string
		id          attribute.Type
	}{
		{"unknown type", "", 0x0500},
		{"null with bytes", "00", attribute.Null},
		{"boolean 2", "02", attribute.Bool},
		{"empty boolean", "", attribute.Bool},
		{"long boolean", "0100", attribute.Bool},
		{"surrogates", "eda0bdedb880", attribute.String},
		{"number not UTF-8", "ff", attribute.Number},
		{"set of three bytes", "000000", attribute.StringSet},
		{"huge count", "ffffffff", attribute.StringSet},
		{"huge list", "ffffffff000000", attribute.List},
		{"huge map", "ffffffff000000", attribute.Map},
		{"short element", "00000001" + "00000005" + "6161", attribute.BinarySet},
		{"trailing", "00000000" + "00", attribute.List},
		{"duplicate", "00000002" + "0000000161" + "0000000161", attribute.StringSet},
		{"duplicate key", "00000002" + "00010000000161" + "000000000000" + "00010000000161" + "000000000000", attribute.Map},
		{"binary key", "00000001" + "ffff0000000161" + "000000000000", attribute.Map},
		{"empty key", "00000001" + "000100000000" + "000000000000", attribute.Map},
		{"key not UTF-8", "00000001" + "000100000001ff" + "000000000000", attribute.Map},
		{"33 levels", deep, attribute.List},
	} {
		value, err := hex.DecodeString(c.value)
		if err != nil {
			t.Fatal(err)
		}
		if av, err := canon.Parse(c.id, value); !errors.Is(err, canon.ErrFormat) || av != nil {
			t.Errorf("%s: Parse = %v, %v; want ErrFormat", c.name, av, err)
		}
	}
}

// Canonical bytes are accepted in any order of elements, as other clients do.
func TestParseAcceptsAnyOrder(t *testing.T) {
	av, err := canon.Parse(attribute.BinarySet, []byte("\x00\x00\x00\x02\x00\x00\x00\x01b\x00\x00\x00\x01a"))
	want := &types.AttributeValueMemberBS{Value: [][]byte{[]byte("b"), []byte("a")}}
	if err != nil || !reflect.DeepEqual(av, want) {
		t.Errorf("Parse = %v, %v", av, err)
	}
	av, err = canon.Parse(attribute.NumberSet, []byte("\x00\x00\x00\x02\x00\x00\x00\x011\x00\x00\x00\x0201"))
	if err != nil || !reflect.DeepEqual(av, &types.AttributeValueMemberNS{Value: []string{"1", "01"}}) {
		t.Errorf("Parse = %v, %v", av, err)
	}
}

func values() *rapid.Generator[types.AttributeValue] { return valuesOf(3) }

func valuesOf(depth int) *rapid.Generator[types.AttributeValue] {
	return rapid.Custom(func(t *rapid.T) types.AttributeValue {
		kinds := 8
		if depth > 0 {
			kinds = 10
		}
		switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
		case 0:
			return &types.AttributeValueMemberNULL{Value: true}
		case 1:
			return str(rapid.String().Draw(t, "S"))
		case 2:
			return &types.AttributeValueMemberN{Value: rapid.StringMatching(`-?[1-9][0-9]{0,20}`).Draw(t, "N")}
		case 3:
			return &types.AttributeValueMemberB{Value: rapid.SliceOf(rapid.Byte()).Draw(t, "B")}
		case 4:
			return &types.AttributeValueMemberBOOL{Value: rapid.Bool().Draw(t, "BOOL")}
		case 5:
			set := rapid.SliceOfDistinct(rapid.String(), rapid.ID).Draw(t, "SS")
			slices.SortFunc(set, attribute.CompareUTF16)
			return &types.AttributeValueMemberSS{Value: set}
		case 6:
			set := rapid.SliceOfDistinct(rapid.StringMatching(`[1-9][0-9]{0,5}`), rapid.ID).Draw(t, "NS")
			slices.Sort(set)
			return &types.AttributeValueMemberNS{Value: set}
		case 7:
			set := rapid.SliceOfDistinct(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) }).Draw(t, "BS")
			slices.SortFunc(set, bytes.Compare)
			return &types.AttributeValueMemberBS{Value: set}
		case 8:
			return list(rapid.SliceOfN(valuesOf(depth-1), 0, 4).Draw(t, "L")...)
		default:
			key := rapid.StringN(1, 10, 40)
			return &types.AttributeValueMemberM{Value: rapid.MapOfN(key, valuesOf(depth-1), 0, 4).Draw(t, "M")}
		}
	})
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		av := values().Draw(t, "value")
		id, b, err := canon.Append(nil, av)
		if err != nil {
			t.Fatalf("Append: %v", err)
		}
		back, err := canon.Parse(id, b)
		if err != nil {
			t.Fatalf("Parse: %v", err)
		}
		id2, b2, err := canon.Append(nil, back)
		if err != nil || id2 != id || !bytes.Equal(b2, b) {
			t.Fatalf("Append after Parse = %v %x, %v; want %v %x", id2, b2, err, id, b)
		}
	})
}

func TestValidText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[ -~]{0,20}`).Draw(t, "start") + rapid.String().Draw(t, "middle") + rapid.StringMatching(`[ -~]{0,20}`).Draw(t, "end")
		b := []byte(text)
		if len(b) > 0 && rapid.Bool().Draw(t, "spoilt") {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "place")] = rapid.Byte().Draw(t, "byte")
		}
		if got := canon.ValidText(b); got != utf8.Valid(b) {
			t.Errorf("ValidText(%q) = %v", b, got)
		}
	})
}

// What Parse accepts, Append writes, and the two then agree: nothing is lost
// but the order of elements and the spelling of numbers.
func FuzzParse(f *testing.F) {
	seeds := []types.AttributeValue{
		str("a"), &types.AttributeValueMemberN{Value: "1"}, &types.AttributeValueMemberNULL{Value: true},
		&types.AttributeValueMemberSS{Value: []string{"a", "b"}},
		&types.AttributeValueMemberBS{Value: [][]byte{{1}, {2}}},
		nested(5, &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"k": str("v")}}),
	}
	for _, av := range seeds {
		id, b, err := canon.Append(nil, av)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(uint16(id), b)
	}
	f.Fuzz(func(t *testing.T, id uint16, b []byte) {
		av, err := canon.Parse(attribute.Type(id), b)
		if err != nil {
			return
		}
		id2, b2, err := canon.Append(nil, av)
		if err != nil {
			return // a number in a spelling that no client writes
		}
		again, err := canon.Parse(id2, b2)
		if err != nil || uint16(id2) != id {
			t.Fatalf("Parse after Append: %v", err)
		}
		if _, b3, err := canon.Append(nil, again); err != nil || !bytes.Equal(b2, b3) {
			t.Errorf("Append is not stable: %x then %x, %v", b2, b3, err)
		}
	})
}
