package schema

import (
	"go/types"
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// fieldType reports why a field cannot be stored: at the option or the type that
// is the cause, which may be of a field inside of a nested struct.
func (s *scope) fieldType(f *rawField, err *typeError) {
	if err.field == nil || err.endless {
		at := f.typePlace()
		if err.option != "" && strings.Contains(","+f.av.Value+",", ","+err.option+",") {
			at = f.option(err.option)
		}
		s.report(at, err.code, err.fix, "field %s: %s", f.name.Name, err.message)
		return
	}
	nested, ok := s.nested(err.field)
	if !ok || !s.codecs.here(err) {
		cause := err.field
		d := s.report(f.typePlace(), err.code, "use another type, or leave the field out with `ddbe:\"-\"`", "field %s: field %s: %s", f.name.Name, cause.Name(), err.message)
		s.seeField(d, cause)
		return
	}
	at := nested.typePlace()
	switch {
	case err.span != tag.Span{}:
		at = nested.at(nested.av.Span(err.span.Start, err.span.End))
	case err.option != "":
		at = nested.option(err.option)
	case err.other != nil:
		at = nested.namePlace()
	}
	fix := strings.ReplaceAll(err.fix, "`ddbe:\"-\"`", "`dynamodbav:\"-\"`")
	d := s.report(at, err.code, fix, "field %s: %s", err.field.Name(), err.message)
	s.seeField(d, err.other)
	d.see(f.namePlace(), "field %s of %s holds it", f.name.Name, s.result.Name)
}

// nested returns the field of a nested struct as it is written in the package.
func (s *scope) nested(v *types.Var) (f rawField, ok bool) {
	syntax := s.src.field(v.Pos())
	if syntax == nil {
		return f, false
	}
	f = rawField{syntax: syntax, name: embeddedName(syntax.Type)}
	for _, name := range syntax.Names {
		if name.Pos() == v.Pos() {
			f.name = name
		}
	}
	if syntax.Tag != nil {
		f.base = syntax.Tag.ValuePos
		if text, err := tag.Literal(syntax.Tag.Value); err == nil {
			f.av, _, _ = text.Lookup("dynamodbav") // what is wrong with it, was found when it was read
		}
	}
	return f, true
}

// seeField adds the place of a field, which may be of another package, to a
// diagnostic.
func (s *scope) seeField(d *Diagnostic, v *types.Var) {
	if v != nil && v.Pos().IsValid() {
		d.see(place{pos: v.Pos(), end: v.Pos()}, "field %s is here", v.Name())
	}
}
