package beacon

import (
	"errors"
	"math"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

func apply(text string, transforms ...Transform) (string, error) {
	f := virtualField{parts: []virtualPart{{attribute.Location{Attribute: "a"}, transforms}}}
	got, _, err := f.text(textItem{"a": text})
	return got, err
}

func TestTransforms(t *testing.T) {
	for _, c := range []struct {
		transform Transform
		text      string
		want      string
	}{
		{Upper(), "aZ09_éß", "AZ09_éß"},
		{Lower(), "aZ09_É\u212a", "az09_É\u212a"},
		{Insert("-x"), "a", "a-x"},
		{Insert(""), "a", "a"},
		{Prefix(0), "abc", ""},
		{Prefix(2), "abc", "ab"},
		{Prefix(9), "abc", "abc"},
		{Prefix(-1), "abc", "ab"},
		{Prefix(-9), "abc", ""},
		{Prefix(math.MinInt), "abc", ""},
		{Prefix(math.MaxInt), "abc", "abc"},
		{Suffix(0), "abc", ""},
		{Suffix(2), "abc", "bc"},
		{Suffix(9), "abc", "abc"},
		{Suffix(-1), "abc", "bc"},
		{Suffix(-9), "abc", ""},
		{Suffix(math.MinInt), "abc", ""},
		{Substring(0, 99), "abcdef", "abcde"}, // never the last unit
		{Substring(1, -1), "abcdef", "bcde"},
		{Substring(-3, -1), "abcdef", "de"},
		{Substring(-99, 2), "abcdef", "ab"},
		{Substring(4, 2), "abcdef", ""},
		{Substring(0, 1), "", ""},
		{Substring(math.MinInt, math.MaxInt), "abc", "ab"},
		{Segment('/', 0), "a/b/c", "a"},
		{Segment('/', 2), "a/b/c", "c"},
		{Segment('/', 3), "a/b/c", ""},
		{Segment('/', -1), "a/b/c", "c"},
		{Segment('/', -3), "a/b/c", "a"},
		{Segment('/', -4), "a/b/c", ""},
		{Segment('/', 0), "", ""},
		{Segment('é', 1), "aéb", "b"},
		{Segments('/', 0, 2), "a/b/c", "a/b"},
		{Segments('/', 0, 9), "a/b/c", "a/b"}, // never the last piece
		{Segments('/', 1, 9), "/a//b", "a/"},
		{Segments('/', 2, 1), "a/b/c", ""},
		{Segments('/', 0, 9), "abc", ""},
		{Prefix(2), "😀x", "😀"},
		{Suffix(-2), "😀x", "x"},
	} {
		got, err := apply(c.text, c.transform)
		if err != nil || got != c.want {
			t.Errorf("%v of %q is %q, %v, want %q", c.transform, c.text, got, err, c.want)
		}
	}
}

func TestTransformsChain(t *testing.T) {
	got, err := apply("Ab/Cd/Ef", Segments('/', 0, 2), Insert("!é"), Lower(), Suffix(-1))
	if err != nil || got != "b/cd!é" {
		t.Errorf("got %q, %v", got, err)
	}
}

// TestSurrogateHalves cuts a character in two: that has no text, unless the
// halves meet again.
func TestSurrogateHalves(t *testing.T) {
	for _, transform := range []Transform{Prefix(1), Suffix(1), Prefix(-1), Suffix(-1), Substring(0, 1)} {
		if got, err := apply("😀", transform); !errors.Is(err, ErrSurrogate) || got != "" {
			t.Errorf("%v is %q, %v", transform, got, err)
		}
	}
	a := attribute.Location{Attribute: "a"}
	f := virtualField{parts: []virtualPart{{a, []Transform{Prefix(1)}}, {a, []Transform{Suffix(1)}}}}
	if got, _, err := f.text(textItem{"a": "😀"}); err != nil || got != "😀" {
		t.Errorf("two halves are %q, %v", got, err)
	}
	f.parts = append(f.parts[1:], f.parts[0])
	if got, _, err := f.text(textItem{"a": "😀"}); !errors.Is(err, ErrSurrogate) {
		t.Errorf("two halves the other way round are %q, %v", got, err)
	}
}

// naive computes a transform in the words of its definition.
func naive(transform Transform, s []uint16) []uint16 {
	pos := func(x, n int) int {
		switch {
		case n == 0:
			return 0
		case x >= n:
			return n - 1
		case x >= 0:
			return x
		case n+x < 0:
			return 0
		}
		return n + x
	}
	split := func(by rune) []string {
		var pieces []string
		piece := []rune{}
		for _, u := range s { // one rune for each unit, so that halves survive
			if rune(u) == by {
				pieces = append(pieces, string(toPrivate(piece)))
				piece = nil
				continue
			}
			piece = append(piece, rune(u))
		}
		return append(pieces, string(toPrivate(piece)))
	}
	var text []rune
	switch t := transform.(type) {
	case upper:
		for _, u := range s {
			if u >= 'a' && u <= 'z' {
				u -= 32
			}
			text = append(text, rune(u))
		}
	case lower:
		for _, u := range s {
			if u >= 'A' && u <= 'Z' {
				u += 32
			}
			text = append(text, rune(u))
		}
	case insert:
		return append(append([]uint16{}, s...), utf16.Encode([]rune(string(t)))...)
	case prefix:
		n := min(int(t), len(s))
		if t < 0 {
			n = len(s) - min(-int(t), len(s))
		}
		return s[:n]
	case suffix:
		n := len(s) - min(int(t), len(s))
		if t < 0 {
			n = min(-int(t), len(s))
		}
		return s[n:]
	case substring:
		low, high := pos(t.low, len(s)), pos(t.high, len(s))
		if low >= high {
			return nil
		}
		return s[low:high]
	case segment:
		pieces := split(t.split)
		if t.index >= len(pieces) || -t.index > len(pieces) {
			return nil
		}
		text = fromPrivate(pieces[pos(t.index, len(pieces))])
	case segments:
		pieces := split(t.split)
		low, high := pos(t.low, len(pieces)), pos(t.high, len(pieces))
		if low >= high {
			return nil
		}
		text = fromPrivate(strings.Join(pieces[low:high], string(t.split)))
	}
	units := []uint16{}
	for _, r := range text {
		units = append(units, uint16(r))
	}
	return units
}

// toPrivate and fromPrivate carry surrogate halves through strings as private
// characters of plane 16.
func toPrivate(units []rune) []rune {
	for i, u := range units {
		if utf16.IsSurrogate(u) {
			units[i] = 0x100000 + u
		}
	}
	return units
}

func fromPrivate(text string) []rune {
	units := []rune(text)
	for i, u := range units {
		if u > 0x100000 {
			units[i] = u - 0x100000
		}
	}
	return units
}

func drawTransform(t *rapid.T) Transform {
	n := rapid.IntRange(-12, 12)
	split := rapid.SampledFrom([]rune("./é"))
	switch rapid.IntRange(0, 7).Draw(t, "transform") {
	case 0:
		return Upper()
	case 1:
		return Lower()
	case 2:
		return Insert(rapid.StringMatching(`[a.é😀]{0,3}`).Draw(t, "literal"))
	case 3:
		return Prefix(n.Draw(t, "n"))
	case 4:
		return Suffix(n.Draw(t, "n"))
	case 5:
		return Substring(n.Draw(t, "low"), n.Draw(t, "high"))
	case 6:
		return Segment(split.Draw(t, "split"), n.Draw(t, "index"))
	}
	return Segments(split.Draw(t, "split"), n.Draw(t, "low"), n.Draw(t, "high"))
}

func TestTransformsAreAsDefined(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[aZ./é😀]{0,12}`).Draw(t, "text")
		transforms := rapid.SliceOfN(rapid.Custom(drawTransform), 0, 4).Draw(t, "transforms")
		want := utf16.Encode([]rune(text))
		for _, transform := range transforms {
			want = naive(transform, want)
		}
		got, err := apply(text, transforms...)
		switch whole := string(utf16.Decode(want)); {
		case strings.ContainsRune(whole, utf8.RuneError):
			if !errors.Is(err, ErrSurrogate) {
				t.Fatalf("%v of %q is %q, %v, want ErrSurrogate", transforms, text, got, err)
			}
		case err != nil || got != whole:
			t.Fatalf("%v of %q is %q, %v, want %q", transforms, text, got, err, whole)
		}
	})
}

func FuzzVirtualField(f *testing.F) {
	f.Add("a.b.c", byte('.'), 0, 2)
	f.Add("😀x😀", byte('x'), -1, 99)
	f.Add("", byte('/'), -99, 99)
	f.Add("\xff.\xff", byte('.'), 1, 1)
	f.Fuzz(func(t *testing.T, text string, split byte, low, high int) {
		// A split below U+0080 and not 0 is one that New accepts.
		by := rune(split&0x7f | 1)
		for _, transform := range []Transform{
			Upper(), Lower(), Insert("é"), Prefix(low), Suffix(high), Substring(low, high), Segment(by, low), Segments(by, low, high),
		} {
			if wrong := transform.check(); wrong != "" {
				t.Fatalf("%v is refused: %s", transform, wrong)
			}
			got, err := apply(text, transform)
			switch {
			case !utf8.ValidString(text) && !errors.Is(err, ErrNotUTF8):
				t.Fatalf("%v of %q: %v", transform, text, err)
			case err != nil && !errors.Is(err, ErrNotUTF8) && !errors.Is(err, ErrSurrogate):
				t.Fatalf("%v of %q: %v", transform, text, err)
			case !utf8.ValidString(got):
				t.Fatalf("%v of %q is %q", transform, text, got)
			}
		}
	})
}

func FuzzCompoundValue(f *testing.F) {
	for _, seed := range []string{"A-1.B-2", "A-1", "B-.C-3", "C-3.A-1", "", ".", "A-", "\xff", "A-1..B-2"} {
		f.Add(seed)
	}
	actions := map[string]attribute.Action{"a": attribute.SignOnly, "b": attribute.EncryptAndSign, "c": attribute.EncryptAndSign}
	set, err := New(Config{
		Standard: []Standard{{Name: "b", Length: 10}, {Name: "c", Length: 20}},
		Compound: []Compound{{
			Name: "k", Split: '.',
			Signed:    []SignedPart{{Name: "a", Prefix: "A-"}},
			Encrypted: []EncryptedPart{{Name: "b", Prefix: "B-"}, {Name: "c", Prefix: "C-"}},
			Constructors: []Constructor{
				{Required("a"), Optional("b"), Required("c")},
				{Required("c"), Optional("a")},
			},
		}},
	}, Scope{Actions: actions})
	if err != nil {
		f.Fatal(err)
	}
	keys, err := set.Keys(make([]byte, beaconKeyLen))
	if err != nil {
		f.Fatal(err)
	}
	k, _ := set.Beacon("k")
	f.Fuzz(func(t *testing.T, value string) {
		pieces, err := k.compound.parse(value)
		if err != nil {
			return
		}
		if joined, err := k.compound.join(pieces, false, plain); err != nil || joined != value {
			t.Fatalf("%q parsed and joined is %q, %v", value, joined, err)
		}
		if !utf8.ValidString(value) {
			return
		}
		for op := Equal; op <= Contains; op++ {
			r, err := k.Query(op, StringValue(value), keys, 0)
			if err != nil && !errors.Is(err, ErrRange) {
				t.Fatalf("%v %q: %v", op, value, err)
			}
			if err == nil && strings.Count(r.Text, ".") != strings.Count(value, ".") {
				t.Fatalf("%v %q is %q", op, value, r.Text)
			}
		}
	})
}
