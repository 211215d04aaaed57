package table

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/ddbegen/ddbegen/gen/identifier"
)

// A Format writes definitions for a tool that creates tables.
type Format func(w io.Writer, all []*Definition) error

// Formats are the formats by their names on the command line.
var Formats = map[string]Format{
	"create-table":              CreateTable,
	"update-continuous-backups": UpdateContinuousBackups,
	"update-time-to-live":       UpdateTimeToLive,
	"cloudformation":            CloudFormation,
	"terraform":                 Terraform,
	"go":                        Go,
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

// identifiers gives each definition a name for the languages of the formats.
func identifiers(all []*Definition) []string {
	var names []string
	for _, d := range all {
		names = append(names, d.LogicalName)
	}
	return identifier.Distinct(names)
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
