package lock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// ParseError says why a lock file cannot be read, and what to do.
type ParseError struct {
	Line    int // from 1, as far as it is known
	Message string
	Fix     string
}

// Error implements error.
func (e *ParseError) Error() string {
	return fmt.Sprintf("line %d: %s: %s", e.Line, e.Message, e.Fix)
}

const (
	restore = "take the file from version control again, and let ddbegen change it"
	resolve = "take the file of either side, and let ddbegen change it"
	upgrade = "it was written by a newer ddbegen: update the module github.com/ddbegen/ddbegen"
)

// Parse reads a lock file. White space may be anything; all else must be as
// [File.Encode] writes it, so that nothing in it is overlooked. Every error is a
// [*ParseError].
func Parse(content []byte) (*File, error) {
	if !utf8.Valid(content) {
		return nil, &ParseError{1, "it is not UTF-8", restore}
	}
	if i := conflict(content); i >= 0 {
		return nil, &ParseError{line(content, i), "it holds the marks of a merge conflict", resolve}
	}
	if err := format(content); err != nil {
		return nil, err
	}
	var f File
	d := json.NewDecoder(bytes.NewReader(content))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, decodeError(content, d.InputOffset(), err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, &ParseError{line(content, int(d.InputOffset())), "something follows the end of the file's object", restore}
	}
	if problem := f.problem(); problem != "" {
		return nil, &ParseError{1, problem, restore}
	}
	if !canonical(content, &f) {
		return nil, &ParseError{1, "it is not as ddbegen writes it: a name stands twice, or is out of order", restore}
	}
	return &f, nil
}

// format refuses the files of other versions before their fields are looked at.
func format(content []byte) error {
	var head struct {
		Format *int `json:"format"`
	}
	if err := json.NewDecoder(bytes.NewReader(content)).Decode(&head); err != nil {
		return decodeError(content, 0, err)
	}
	switch {
	case head.Format == nil:
		return &ParseError{1, `it has no "format"`, restore}
	case *head.Format > Format:
		return &ParseError{1, fmt.Sprintf("its format is %d, and this ddbegen reads %d", *head.Format, Format), upgrade}
	case *head.Format < Format:
		return &ParseError{1, fmt.Sprintf("its format is %d, which no ddbegen wrote", *head.Format), restore}
	}
	return nil
}

func decodeError(content []byte, offset int64, err error) *ParseError {
	e := &ParseError{Fix: restore}
	syntax, kind := (*json.SyntaxError)(nil), (*json.UnmarshalTypeError)(nil)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
		e.Message = "it is not JSON"
	case errors.As(err, &kind):
		offset = kind.Offset
		e.Message = fmt.Sprintf("%q cannot be a %s", kind.Field, kind.Value)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		offset = int64(len(content))
		e.Message = "it ends too early"
	default:
		// The package has no type for it: json: unknown field "name".
		e.Message, e.Fix = strings.TrimPrefix(err.Error(), "json: "), upgrade
		if _, name, ok := strings.Cut(e.Message, "unknown field "); ok {
			offset = int64(bytes.Index(content, []byte(name)))
		}
	}
	e.Line = line(content, int(offset))
	return e
}

// line returns the number of the line that holds the byte at offset.
func line(content []byte, offset int) int {
	return 1 + bytes.Count(content[:min(max(offset, 0), len(content))], []byte("\n"))
}

// conflict returns where a mark of a merge conflict begins a line, or -1.
func conflict(content []byte) int {
	for _, mark := range []string{"<<<<<<< ", ">>>>>>> "} {
		if bytes.HasPrefix(content, []byte(mark)) {
			return 0
		}
		if i := bytes.Index(content, []byte("\n"+mark)); i >= 0 {
			return i + 1
		}
	}
	return -1
}

// canonical reports whether content is f but for white space. Package json
// ignores the case of names, and takes the last of two that are equal.
func canonical(content []byte, f *File) bool {
	encoded, err := f.Encode()
	if err != nil {
		return false
	}
	var a, b bytes.Buffer
	return json.Compact(&a, content) == nil && json.Compact(&b, encoded) == nil && bytes.Equal(a.Bytes(), b.Bytes())
}

// problem returns what is wrong with a file beyond its syntax, or "".
func (f *File) problem() string {
	if f.Tables == nil {
		return `it has no "tables"`
	}
	for _, name := range slices.Sorted(maps.Keys(f.Tables)) {
		t := f.Tables[name]
		if t == nil || name == "" {
			return "a table has no name or no content"
		}
		if problem := t.problem(); problem != "" {
			return fmt.Sprintf("table %q: %s", name, problem)
		}
	}
	for _, a := range f.Accepted {
		if a.Change == "" {
			return "an accepted change has no name"
		}
	}
	return ""
}

func (t *Table) problem() string {
	switch {
	case t.Suite != suites[""] && t.Suite != suites["SuiteHMAC"]:
		return fmt.Sprintf("unknown algorithm suite %q", t.Suite)
	case t.PartitionKey == "":
		return "it has no partition key"
	case t.MaxPartitions != 0 && (t.MaxPartitions < 2 || t.MaxPartitions > 254):
		return fmt.Sprintf("%d partitions are not possible", t.MaxPartitions)
	case (t.Discriminator == "") != (len(t.DiscriminatorValues) == 0):
		return "it has a discriminator without values, or values without one"
	case !slices.IsSorted(t.Structs) || !slices.IsSorted(t.Unsigned):
		return "its structs or its unsigned attributes are not sorted"
	}
	for _, all := range []map[string]Attribute{t.Attributes, t.Retired} {
		for _, name := range slices.Sorted(maps.Keys(all)) {
			if problem := all[name].problem(t); problem != "" {
				return fmt.Sprintf("attribute %q: %s", name, problem)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Standard)) {
		if problem := t.standardProblem(t.Standard[name]); problem != "" {
			return fmt.Sprintf("beacon %q: %s", name, problem)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Compound)) {
		if problem := t.compoundProblem(t.Compound[name]); problem != "" {
			return fmt.Sprintf("beacon %q: %s", name, problem)
		}
		if _, twice := t.Standard[name]; twice {
			return fmt.Sprintf("beacon %q is standard and compound", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(t.Indexes)) {
		if problem := t.Indexes[name].problem(); problem != "" {
			return fmt.Sprintf("index %q %s", name, problem)
		}
	}
	return ""
}

func (x Index) problem() string {
	switch {
	case x.PartitionKey == "":
		return "has no partition key"
	case x.Projection != "" && x.Projection != Keys && x.Projection != Include:
		return fmt.Sprintf("has the unknown projection %q", x.Projection)
	case (x.Projection == Include) != (len(x.Include) > 0):
		return "has a projection that includes nothing, or includes something without one"
	case !slices.IsSorted(x.Include):
		return "includes attributes that are not sorted"
	}
	return ""
}

func (a Attribute) problem(t *Table) string {
	if !slices.Contains([]string{Encrypt, Sign, Context, None}, a.Action) {
		return fmt.Sprintf("unknown action %q", a.Action)
	}
	if only := strings.Split(a.Only, ","); a.Only != "" && (a.Structs != nil || !slices.IsSorted(only) || !subset(only, t.Structs)) {
		return fmt.Sprintf("%q are not structs of the table, or are not sorted", a.Only)
	}
	for _, structure := range slices.Sorted(maps.Keys(a.Structs)) {
		if !slices.Contains(t.Structs, structure) {
			return fmt.Sprintf("there is no struct %q", structure)
		}
		if problem := a.Structs[structure].problem(); problem != "" {
			return problem
		}
	}
	return a.Stored.problem()
}

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(s string) bool { return !slices.Contains(all, s) })
}

func (s Stored) problem() string {
	if Kinds(s.Type) == nil {
		return fmt.Sprintf("unknown type %q", s.Type)
	}
	for _, path := range slices.Sorted(maps.Keys(s.Nested)) {
		if Kinds(s.Nested[path]) == nil || path == "" {
			return fmt.Sprintf("unknown type %q at %q", s.Nested[path], path)
		}
	}
	if s.Form != "" && !forms.MatchString(s.Form) {
		return fmt.Sprintf("unknown form %q", s.Form)
	}
	for _, path := range slices.Sorted(maps.Keys(s.NestedForms)) {
		if !forms.MatchString(s.NestedForms[path]) || path == "" {
			return fmt.Sprintf("unknown form %q at %q", s.NestedForms[path], path)
		}
	}
	return ""
}

func (t *Table) standardProblem(b Standard) string {
	_, shared := t.Standard[b.SharedWith]
	switch {
	case b.Location == "":
		return "it has no location"
	case b.Length < 1 || b.Length > 63:
		return fmt.Sprintf("%d bits are not possible", b.Length)
	case !slices.Contains([]string{"", "partOnly", "asSet", "shared", "sharedSet"}, b.Style):
		return fmt.Sprintf("unknown style %q", b.Style)
	case strings.HasPrefix(b.Style, "shared") != shared || b.SharedWith != "" && !shared:
		return "it is shared, and not with a standard beacon"
	case b.Partitions != 0 && (b.Partitions < 2 || b.Partitions > t.Partitions()):
		return fmt.Sprintf("%d partitions are not possible", b.Partitions)
	}
	return ""
}

func (t *Table) compoundProblem(c Compound) string {
	if utf8.RuneCountInString(c.Split) != 1 {
		return "it has no split character"
	}
	if len(c.Constructors) == 0 {
		return "it has no constructor"
	}
	for _, parts := range c.Constructors {
		if len(parts) == 0 {
			return "a constructor has no part"
		}
		for _, p := range parts {
			_, known := t.Standard[p.Beacon]
			if p.Prefix == "" || (p.Beacon == "") == (p.Text == "") || p.Beacon != "" && !known {
				return "a part has no prefix, or is not one standard beacon or one location"
			}
		}
	}
	return ""
}
