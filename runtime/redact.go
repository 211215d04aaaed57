package runtime

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strings"
)

// hidden stands for what is not printed.
const hidden = "[encrypted]"

// Redacted names the fields of a struct that are not to be printed: as Outer.Inner
// where the field Outer is an embedded struct. The methods Format, String and
// LogValue of a generated file delegate to it, so that fmt, log and log/slog show
// [encrypted] in place of these fields.
//
// Ways around these methods remain: fmt calls no method of a value in an unexported
// field, nor for the verb %w of what is no error, and the JSON handler of slog shows
// what lies inside of other values as encoding/json does, which is for programs that
// need the plain text. ddbevet reports them.
type Redacted []string

// Print writes v, a struct, as fmt does for the verb and its flags, with the
// redacted fields hidden.
func (r Redacted) Print(s fmt.State, verb rune, v any) {
	r.write(s, fmt.FormatString(s, verb), s.Flag('+'), s.Flag('#') && verb == 'v', reflect.ValueOf(v))
}

// Text returns v, a struct, as %+v shows it, with the redacted fields hidden.
func (r Redacted) Text(v any) string {
	var b strings.Builder
	r.write(&b, "%+v", true, false, reflect.ValueOf(v))
	return b.String()
}

// Log returns a group of the exported fields of v, a struct, with the redacted
// ones hidden. The fields of embedded structs stand among them.
func (r Redacted) Log(v any) slog.Value {
	return slog.GroupValue(r.attrs(reflect.ValueOf(v))...)
}

// field returns whether a field is hidden, or else which of its own fields are.
func (r Redacted) field(name string) (whole bool, inner Redacted) {
	for _, path := range r {
		if rest, ok := strings.CutPrefix(path, name+"."); ok {
			inner = append(inner, rest)
		}
		whole = whole || path == name
	}
	return whole, inner
}

// write writes v. Nothing is lost by an error that is dropped: neither fmt nor a
// builder returns one.
func (r Redacted) write(w io.Writer, format string, names, source bool, v reflect.Value) {
	separator := " "
	if source {
		separator = ", "
		_, _ = io.WriteString(w, v.Type().String())
	}
	_, _ = io.WriteString(w, "{")
	for i := range v.NumField() {
		if i > 0 {
			_, _ = io.WriteString(w, separator)
		}
		f := v.Type().Field(i)
		if names || source {
			_, _ = io.WriteString(w, f.Name+":")
		}
		switch whole, inner := r.field(f.Name); {
		case whole:
			_, _ = io.WriteString(w, hidden)
		case inner != nil && v.Field(i).Kind() == reflect.Struct:
			inner.write(w, format, names, source, v.Field(i))
		case inner != nil:
			_, _ = io.WriteString(w, hidden)
		case f.IsExported():
			_, _ = fmt.Fprintf(w, format, v.Field(i).Interface())
		default:
			_, _ = fmt.Fprintf(w, format, v.Field(i)) // fmt reads what this package may not
		}
	}
	_, _ = io.WriteString(w, "}")
}

func (r Redacted) attrs(v reflect.Value) (all []slog.Attr) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		switch whole, inner := r.field(f.Name); {
		case inner != nil && !whole && v.Field(i).Kind() == reflect.Struct:
			all = append(all, inner.attrs(v.Field(i))...)
		case whole || inner != nil:
			all = append(all, slog.String(f.Name, hidden))
		case f.IsExported():
			all = append(all, slog.Any(f.Name, v.Field(i).Interface()))
		}
	}
	return all
}
