package attribute

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ErrLocation says that a text is not a location.
var ErrLocation = errors.New("malformed location")

// Location says where a value lies in an item: the name of an attribute, then
// the steps into its maps and lists. The zero Location lies nowhere
// (specification: searchable-encryption/virtual, "Terminal Location").
type Location struct {
	Attribute string // its name, which may hold any character
	Steps     []Step // from the attribute to the value; none for the attribute as a whole
}

// Step is one step into a nested value.
type Step struct {
	Key   string // of a map
	List  bool   // whether the step is into a list, by Index, and not into a map, by Key
	Index int    // of a list, from 0
}

// ParseLocation reads a location such as "address.lines[0]": the name of an
// attribute, then any number of .key and [index]. A name or key in it cannot
// hold "." or "[". An index has one digit: other clients of the format read
// another element than the named one from 10 on, so a beacon there would not be
// found by them. An error wraps [ErrLocation].
func ParseLocation(text string) (Location, error) {
	malformed := func(why string) (Location, error) {
		return Location{}, fmt.Errorf("%w %q: %s", ErrLocation, text, why)
	}
	if !utf8.ValidString(text) {
		return malformed("it is not UTF-8")
	}
	name, rest := cut(text)
	if name == "" {
		return malformed("it must begin with the name of an attribute")
	}
	loc := Location{Attribute: name}
	for rest != "" {
		opening := rest[0]
		var step string
		step, rest = cut(rest[1:])
		if opening == '.' {
			if step == "" {
				return malformed("a key of a map is missing after a dot")
			}
			loc.Steps = append(loc.Steps, Step{Key: step})
			continue
		}
		digits, closed := strings.CutSuffix(step, "]")
		if !closed {
			return malformed("an index of a list must end with ]")
		}
		if len(digits) != 1 || digits[0] < '0' || digits[0] > '9' {
			return malformed("an index of a list must be one digit, 0 to 9")
		}
		loc.Steps = append(loc.Steps, Step{Index: int(digits[0] - '0'), List: true})
	}
	return loc, nil
}

// cut splits text before the first "." or "[".
func cut(text string) (head, rest string) {
	if i := strings.IndexAny(text, ".["); i >= 0 {
		return text[:i], text[i:]
	}
	return text, ""
}

// Equal reports whether l and m are the same place.
func (l Location) Equal(m Location) bool {
	return l.Attribute == m.Attribute && slices.Equal(l.Steps, m.Steps)
}

// String returns l in the form that [ParseLocation] reads.
func (l Location) String() string {
	var b strings.Builder
	b.WriteString(l.Attribute)
	for _, s := range l.Steps {
		if s.List {
			b.WriteString("[" + strconv.Itoa(s.Index) + "]")
		} else {
			b.WriteString("." + s.Key)
		}
	}
	return b.String()
}
