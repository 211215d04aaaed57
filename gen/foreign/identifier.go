// Package foreign writes what sources in other languages are made of: identifiers
// out of names that hold anything, string literals and lines.
package foreign

import (
	"fmt"
	"strings"
	"unicode"
)

// Distinct returns an identifier for each name: ASCII letters and digits, first
// a capital. Where two would be equal, the later ones end with a number.
func Distinct(names []string) []string {
	taken := map[string]bool{}
	var all []string
	for _, name := range names {
		base := camel(name)
		id := base
		for n := 2; taken[id]; n++ {
			id = fmt.Sprintf("%s%d", base, n)
		}
		taken[id] = true
		all = append(all, id)
	}
	return all
}

// camel writes a name without what is not an ASCII letter or digit, with a
// capital after each gap. One that has nothing else, or begins with a digit,
// gets a T in front.
func camel(name string) string {
	var b strings.Builder
	start := true
	for _, r := range name {
		if r >= unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			start = true
			continue
		}
		if start {
			r = unicode.ToUpper(r)
		}
		start = false
		b.WriteRune(r)
	}
	if b.Len() == 0 || unicode.IsDigit(rune(b.String()[0])) {
		return "T" + b.String()
	}
	return b.String()
}

// Snake writes an identifier in small letters with underscores:
// unit_inspections for UnitInspections, and api_keys for APIKeys.
func Snake(id string) string {
	var b strings.Builder
	for i := range len(id) {
		c := rune(id[i])
		if i > 0 && unicode.IsUpper(c) && (!unicode.IsUpper(rune(id[i-1])) || i+1 < len(id) && unicode.IsLower(rune(id[i+1]))) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// LowerFirst writes an identifier with a small letter first: unitInspections
// for UnitInspections.
func LowerFirst(id string) string { return strings.ToLower(id[:1]) + id[1:] }

// UpperFirst writes an identifier with a capital first.
func UpperFirst(id string) string { return strings.ToUpper(id[:1]) + id[1:] }
