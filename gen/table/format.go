package table

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/ddbegen/ddbegen/gen/foreign"
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

// writer writes the lines of a definition.
type writer struct{ foreign.Writer }

// identifiers gives each definition a name for the languages of the formats.
func identifiers(all []*Definition) []string {
	var names []string
	for _, d := range all {
		names = append(names, d.LogicalName)
	}
	return foreign.Distinct(names)
}

// quote writes a string in double quotes, with escapes that YAML 1.2 (section
// 5.7) and HCL (native syntax specification) have in common. What is in quotes
// is never taken for a number or a boolean, as n and y without them may be.
func quote(s string) string {
	return foreign.Quote(s, unicode.IsPrint, func(r rune) string {
		if r <= 0xFFFF {
			return fmt.Sprintf(`\u%04x`, r)
		}
		return fmt.Sprintf(`\U%08x`, r)
	})
}
