package lock

import (
	"regexp"
	"strings"
)

// forms are the texts that [schema.Codec.Form] writes.
var forms = regexp.MustCompile(`^\*?(` + scalars + `|time|unixtime|(bytes|list)(\[[0-9]+\])?|struct|any|own|map\[(` + scalars + `|own)\])( omitempty| nullempty)?$`)

const scalars = `text|bool|number|u?int(8|16|32|64)|float(32|64)`

// FormAt returns the form of what lies at a path, or "" where it is not known: in
// a lock file from before there were forms, or where structs differ.
func (s Stored) FormAt(path string) string {
	if path == "" {
		return s.Form
	}
	return s.NestedForms[path]
}

// Kind returns a form without its pointer and its options.
func Kind(form string) string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(form, "*"), " ")
	return kind
}

// The ways in which a field without a value is stored.
const (
	Absent = "absent"
	Null   = "null"
	Zero   = "empty" // as an empty text, 0 or false
)

// Empty returns in which ways values without content are stored, and hence found:
// what is stored in another way is not written so by a program that reads it.
func Empty(form string) []string {
	_, option, _ := strings.Cut(form, " ")
	missing := Null
	if option == "omitempty" {
		missing = Absent
	}
	kind, _, _ := strings.Cut(Kind(form), "[")
	switch {
	case strings.HasPrefix(form, "*"), kind == "bytes", kind == "list", kind == "map", kind == "any":
		return []string{missing, Zero}
	case option != "":
		return []string{missing}
	default:
		return []string{Zero}
	}
}
