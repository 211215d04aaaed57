package table

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// A Format writes definitions for a tool that creates tables.
type Format func(w io.Writer, all []*Definition) error

// Formats are the formats by their names on the command line.
var Formats = map[string]Format{
	"create-table":   CreateTable,
	"cloudformation": CloudFormation,
	"terraform":      Terraform,
	"go":             Go,
}

// FormatNames returns the names of the formats, separated by commas.
func FormatNames() string {
	return strings.Join(slices.Sorted(maps.Keys(Formats)), ", ")
}

// writer writes lines. The first error ends it.
type writer struct {
	w   io.Writer
	err error
}

func (w *writer) line(format string, args ...any) {
	if w.err == nil {
		_, w.err = fmt.Fprintf(w.w, format+"\n", args...)
	}
}

// identifiers gives each definition a name of ASCII letters and digits, which
// begins with a capital and no other definition has.
func identifiers(all []*Definition) []string {
	taken := map[string]bool{}
	var names []string
	for _, d := range all {
		base := camel(d.LogicalName)
		name := base
		for n := 2; taken[name]; n++ {
			name = fmt.Sprintf("%s%d", base, n)
		}
		taken[name] = true
		names = append(names, name)
	}
	return names
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

// snake writes an identifier in small letters with underscores: unit_inspections
// for UnitInspections, and api_keys for APIKeys.
func snake(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := rune(name[i])
		boundary := i > 0 && unicode.IsUpper(c) &&
			(!unicode.IsUpper(rune(name[i-1])) || i+1 < len(name) && unicode.IsLower(rune(name[i+1])))
		if boundary {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// quote writes a string in double quotes, with escapes that YAML 1.2 (section
// 5.7) and HCL (native syntax specification) have in common. What is in quotes
// is never taken for a number or a boolean, as n and y without them may be.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case unicode.IsPrint(r):
			b.WriteRune(r)
		case r <= 0xFFFF:
			fmt.Fprintf(&b, `\u%04x`, r)
		default:
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
