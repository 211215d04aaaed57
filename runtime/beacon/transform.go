package beacon

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// A Transform changes the text of a part of a virtual field. All positions
// count UTF-16 code units, as the other clients of the format do
// (specification: searchable-encryption/virtual, "Virtual Transform").
type Transform interface {
	// apply may reuse the memory of text.
	apply(text []uint16) []uint16
	// check reports what is wrong with the arguments, or "".
	check() string
	fmt.Stringer
}

type (
	upper     struct{}
	lower     struct{}
	insert    string
	prefix    int
	suffix    int
	substring struct{ low, high int }
	segment   struct {
		split rune
		index int
	}
	segments struct {
		split     rune
		low, high int
	}
)

// Upper turns the ASCII letters a to z into capitals and nothing else.
func Upper() Transform { return upper{} }

// Lower turns the ASCII letters A to Z into small ones and nothing else.
func Lower() Transform { return lower{} }

// Insert appends text.
func Insert(text string) Transform { return insert(text) }

// Prefix keeps the first n units, or drops the last -n where n is negative.
func Prefix(n int) Transform { return prefix(n) }

// Suffix keeps the last n units, or drops the first -n where n is negative.
func Suffix(n int) Transform { return suffix(n) }

// Substring keeps the units from low up to but without high. A negative
// position counts from the end. Positions stop at the last unit, so that high
// can never include it: Substring(0, 99) of "abcdef" is "abcde".
func Substring(low, high int) Transform { return substring{low, high} }

// Segment splits the text at each split and keeps the piece at index; a
// negative index counts from the end. Where there is none, nothing is left.
func Segment(split rune, index int) Transform { return segment{split, index} }

// Segments splits the text at each split and keeps the pieces from low up to
// but without high, joined by split. Its positions are those of [Substring],
// so that the last piece is never included.
func Segments(split rune, low, high int) Transform { return segments{split, low, high} }

func (upper) apply(text []uint16) []uint16 { return shift(text, 'a', 'z', 'A') }
func (lower) apply(text []uint16) []uint16 { return shift(text, 'A', 'Z', 'a') }

func shift(text []uint16, first, last, to uint16) []uint16 {
	for i, u := range text {
		if first <= u && u <= last {
			text[i] = u - first + to
		}
	}
	return text
}

func (t insert) apply(text []uint16) []uint16 { return appendUTF16(text, string(t)) }

func (n prefix) apply(text []uint16) []uint16 {
	if n < 0 {
		return text[:max(0, len(text)+int(n))]
	}
	return text[:min(int(n), len(text))]
}

func (n suffix) apply(text []uint16) []uint16 {
	if n < 0 {
		return text[len(text)-max(0, len(text)+int(n)):]
	}
	return text[len(text)-min(int(n), len(text)):]
}

func (t substring) apply(text []uint16) []uint16 {
	low, high := position(t.low, len(text)), position(t.high, len(text))
	return text[low:max(low, high)]
}

func (t segment) apply(text []uint16) []uint16 {
	pieces := splitUnits(text, uint16(t.split))
	if t.index >= len(pieces) || t.index < -len(pieces) {
		return nil
	}
	return pieces[position(t.index, len(pieces))]
}

func (t segments) apply(text []uint16) []uint16 {
	pieces := splitUnits(text, uint16(t.split))
	low, high := position(t.low, len(pieces)), position(t.high, len(pieces))
	if low >= high {
		return nil
	}
	start := 0
	for _, p := range pieces[:low] {
		start += len(p) + 1
	}
	end := start - 1
	for _, p := range pieces[low:high] {
		end += len(p) + 1
	}
	return text[start:end]
}

// position places x in a sequence of n. It never reaches n: that is how the
// stored beacons of every client of the format were computed.
func position(x, n int) int {
	if x < 0 {
		return max(0, n+x)
	}
	return max(0, min(x, n-1))
}

func splitUnits(text []uint16, split uint16) [][]uint16 {
	var pieces [][]uint16
	for {
		i := slices.Index(text, split)
		if i < 0 {
			return append(pieces, text)
		}
		pieces = append(pieces, text[:i])
		text = text[i+1:]
	}
}

func (upper) check() string      { return "" }
func (lower) check() string      { return "" }
func (prefix) check() string     { return "" }
func (suffix) check() string     { return "" }
func (substring) check() string  { return "" }
func (t segment) check() string  { return checkSplit(t.split) }
func (t segments) check() string { return checkSplit(t.split) }
func (t insert) check() string {
	if !utf8.ValidString(string(t)) {
		return "the text is not valid UTF-8"
	}
	return ""
}

// checkSplit refuses what is not one UTF-16 code unit: the other clients of the
// format split there.
func checkSplit(split rune) string {
	switch {
	case split == 0:
		return "the split character is missing"
	case split > 0xFFFF || !utf8.ValidRune(split):
		return "the split character must be one of U+0001 to U+FFFF that is not a surrogate"
	}
	return ""
}

func (upper) String() string       { return "Upper()" }
func (lower) String() string       { return "Lower()" }
func (t insert) String() string    { return fmt.Sprintf("Insert(%q)", string(t)) }
func (n prefix) String() string    { return fmt.Sprintf("Prefix(%d)", int(n)) }
func (n suffix) String() string    { return fmt.Sprintf("Suffix(%d)", int(n)) }
func (t substring) String() string { return fmt.Sprintf("Substring(%d, %d)", t.low, t.high) }
func (t segment) String() string   { return fmt.Sprintf("Segment(%q, %d)", t.split, t.index) }
func (t segments) String() string {
	return fmt.Sprintf("Segments(%q, %d, %d)", t.split, t.low, t.high)
}
