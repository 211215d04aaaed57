package attribute_test

import (
	"cmp"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

func TestNormalizeNumber(t *testing.T) {
	nines := strings.Repeat("9", 38)
	for in, want := range map[string]string{
		"0": "0", "00": "0", "-0": "0", "0e999": "0", ".0": "0", "0e-99999999999999999999": "0",
		"+123.456": "123.456", "123.456e5": "12345600", ".123": "0.123", "123.e-3": "0.123",
		"012.340": "12.34", "100e-2": "1", "-.5e+1": "-5", "00100.00100": "100.001",
		"1E-130":                       "0." + strings.Repeat("0", 129) + "1",
		"1.5E-130":                     "0." + strings.Repeat("0", 129) + "15",
		"0." + nines + "E126":          nines + strings.Repeat("0", 126-38),
		nines:                          nines,
		"-" + nines:                    "-" + nines,
		nines + "00":                   nines + "00",
		"0.00" + nines:                 "0.00" + nines,
		"1e" + strings.Repeat("0", 40): "1",
		strings.Repeat("0", 300) + "7": "7",
	} {
		if got, err := attribute.NormalizeNumber(in); err != nil || got != want {
			t.Errorf("NormalizeNumber(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{
		"", " ", ".", "+", "-", "e", "e5", "1e", "1e-", "+-1", "1.2.3", "1E5E5", "1,000", "1_000", " 1", "1 ",
		"NaN", "Infinity", "0x10", "１２", "1.5.", "--1", "1e1.5", "\xff",
		"1" + nines, "1" + strings.Repeat("0", 38) + "1", "1e126", "10e125", "1e-131", "1e99999999999999999999",
		"1e-99999999999999999999",
	} {
		got, err := attribute.NormalizeNumber(in)
		if !errors.Is(err, attribute.ErrNumber) || got != "" {
			t.Errorf("NormalizeNumber(%q) = %q, %v; want ErrNumber", in, got, err)
		}
		if err != nil && len(in) > 3 && strings.Contains(err.Error(), in) {
			t.Errorf("the error for %q shows the text", in)
		}
	}
}

func TestNormalizeNumberKeepsTheValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`[+-]?0{0,3}[0-9]{1,20}(\.[0-9]{0,17})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
		out, err := attribute.NormalizeNumber(in)
		if err != nil {
			t.Fatalf("NormalizeNumber(%q): %v", in, err)
		}
		want, _ := new(big.Rat).SetString(in)
		got, ok := new(big.Rat).SetString(out)
		if !ok || got.Cmp(want) != 0 {
			t.Fatalf("NormalizeNumber(%q) = %q, another number", in, out)
		}
		if again, err := attribute.NormalizeNumber(out); err != nil || again != out {
			t.Fatalf("NormalizeNumber(%q) = %q, %v: not its own normal form", out, again, err)
		}
		if strings.ContainsAny(out, "eE+") || strings.Contains(out, ".") && strings.HasSuffix(out, "0") {
			t.Fatalf("NormalizeNumber(%q) = %q is not plain", in, out)
		}
	})
}

func FuzzNormalizeNumber(f *testing.F) {
	for _, s := range []string{"1", "-0.5e+10", "1e126", ".", "e", "00.00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out, err := attribute.NormalizeNumber(s)
		if err != nil {
			return
		}
		if again, err := attribute.NormalizeNumber(out); err != nil || again != out {
			t.Errorf("NormalizeNumber(%q) = %q, then %q, %v", s, out, again, err)
		}
	})
}

func TestCompareUTF16(t *testing.T) {
	// A surrogate pair sorts below U+FE4C although its code point is above.
	if attribute.CompareUTF16("\U00010002", "\uFE4C") >= 0 {
		t.Error("U+10002 does not sort before U+FE4C")
	}
	text := rapid.StringOf(rapid.RuneFrom([]rune("az\u00e9\u0800\ud7ff\ue000\uee00\ufe4c\uffff\U00010000\U00010002\U0010ffff")))
	rapid.Check(t, func(t *rapid.T) {
		a, b := text.Draw(t, "a"), text.Draw(t, "b")
		ua, ub := utf16.Encode([]rune(a)), utf16.Encode([]rune(b))
		if got, want := attribute.CompareUTF16(a, b), slices.Compare(ua, ub); got != want {
			t.Fatalf("CompareUTF16(%q, %q) = %d, want %d", a, b, got, want)
		}
		if got := attribute.UTF16Len(a); got != len(ua) {
			t.Fatalf("UTF16Len(%q) = %d, want %d", a, got, len(ua))
		}
	})
	if got := cmp.Compare(attribute.CompareUTF16("\xff\xee", "\xf4"), 0); got == 0 {
		t.Error("two different strings of invalid UTF-8 compare as equal")
	}
}

func TestParseLocation(t *testing.T) {
	for _, text := range []string{"a", "a.b", "a[0]", "a[9].b[3][4].c", "a b.$", "\U0001F600.é"} {
		l, err := attribute.ParseLocation(text)
		if err != nil || l.String() != text {
			t.Errorf("ParseLocation(%q) = %q, %v", text, l, err)
		}
	}
	for _, text := range []string{
		"", ".", ".a", "[0]", "a.", "a..b", "a.[0]", "a[", "a[]", "a[0", "a[10]", "a[12]", "a[1x]", "a[-1]", "a[0]b", "a[٣]",
	} {
		if l, err := attribute.ParseLocation(text); err == nil {
			t.Errorf("ParseLocation(%q) = %+v, want an error", text, l)
		}
	}
	l, err := attribute.ParseLocation("a.b[7]")
	want := []attribute.Step{{Key: "b"}, {List: true, Index: 7}}
	if err != nil || l.Attribute != "a" || !slices.Equal(l.Steps, want) {
		t.Errorf("ParseLocation(a.b[7]) = %+v, %v", l, err)
	}
}

func TestCanonicalPath(t *testing.T) {
	got := attribute.AppendPath(nil, "t", "a\U00010002é")
	want := "t\x00\x00\x00\x00\x00\x00\x00\x01$\x00\x00\x00\x00\x00\x00\x00\x04a\xf0\x90\x80\x82\xc3\xa9"
	if string(got) != want {
		t.Errorf("AppendPath = %x, want %x", got, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.String().Draw(t, "a"), rapid.String().Draw(t, "b")
		want := slices.Compare(attribute.AppendPath(nil, "t", a), attribute.AppendPath(nil, "t", b))
		if got := attribute.ComparePath(a, b); got != want {
			t.Fatalf("ComparePath(%q, %q) = %d, want %d", a, b, got, want)
		}
	})
}
