package schema

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// apart is why an embedded field does not stand for the fields of a struct.
type apart int

const (
	together apart = iota
	itself         // the struct embeds itself
	barren         // attributevalue would find nothing to store in it
	untold         // it is of another package, where no field has a ddbe tag
)

// writtenField is where a field of a struct of the package is written.
type writtenField struct {
	syntax *ast.Field
	name   *ast.Ident
	owner  *ast.StructType
}

// writtenFields finds the fields of the structs in files by the positions that
// the compiler gives them.
func writtenFields(files []*ast.File) map[token.Pos]writtenField {
	all := map[token.Pos]writtenField{}
	for _, file := range files {
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.StructType)
			if !ok {
				return true
			}
			for _, field := range s.Fields.List {
				for _, name := range field.Names {
					all[name.Pos()] = writtenField{field, name, s}
				}
				if len(field.Names) == 0 {
					name := embeddedName(field.Type)
					all[name.Pos()] = writtenField{field, name, s}
				}
			}
			return true
		})
	}
	return all
}

// spread returns what an embedded field of type t stands for: the fields of the
// struct, or the field itself where it is an attribute, is left out or cannot be
// embedded. The struct that is read is root.
func (r *reader) spread(f rawField, t, root types.Type) []rawField {
	u := structOf(t)
	if u == nil || f.tagged || f.av.Value != "" {
		return []rawField{f}
	}
	outer := append(slices.Clone(f.outer), f)
	switch {
	case root != nil && sameStruct(deref(t), root) || slices.ContainsFunc(f.outer, func(o rawField) bool { return sameStruct(r.typeOf(o), deref(t)) }):
		f.apart = itself
		return []rawField{f}
	case u.NumFields() > 0 && !lends(u, maxDepth):
		f.apart = barren
		return []rawField{f}
	}
	var all []rawField
	for i := range u.NumFields() {
		v := u.Field(i)
		inner := rawField{typed: v, embedded: v.Embedded(), outer: outer}
		if w, ok := r.written[v.Pos()]; ok {
			inner.syntax, inner.name = w.syntax, w.name
			r.stored[w.owner] = true
			r.tags(&inner)
		} else {
			inner.name = &ast.Ident{NamePos: v.Pos(), Name: v.Name()}
			r.tagText(&inner, tag.Plain(u.Tag(i), 0))
		}
		if inner.embedded {
			all = append(all, r.spread(inner, v.Type(), root)...)
		} else {
			all = append(all, inner)
		}
	}
	if told := func(f rawField) bool { return f.tagged || f.syntax != nil }; len(all) > 0 && !slices.ContainsFunc(all, told) {
		f.apart = untold
		return []rawField{f}
	}
	return all
}

// typeOf returns the type of an embedded field without its pointer.
func (r *reader) typeOf(f rawField) types.Type {
	if f.typed != nil {
		return deref(f.typed.Type())
	}
	return deref(r.src.Info.TypeOf(f.syntax.Type))
}

// sameStruct reports whether two types are one, if need be with other type
// arguments: such a struct inside itself never ends.
func sameStruct(a, b types.Type) bool {
	x, ok := types.Unalias(a).(*types.Named)
	y, named := types.Unalias(b).(*types.Named)
	return ok && named && x.Origin() == y.Origin()
}

// endless reports whether t embeds a struct with ever other type arguments. The
// compiler refuses that, and [types.LookupFieldOrMethod] would not return.
func endless(t types.Type, outer ...*types.Named) bool {
	named, ok := types.Unalias(deref(t)).(*types.Named)
	u := structOf(t)
	if !ok || u == nil {
		return false
	}
	for _, o := range outer {
		if o.Origin() == named.Origin() {
			return !types.Identical(o, named)
		}
	}
	outer = append(slices.Clone(outer), named)
	for v := range u.Fields() {
		if v.Embedded() && endless(v.Type(), outer...) {
			return true
		}
	}
	return false
}

// structOf returns the struct that t or the pointer t is about, or nil.
func structOf(t types.Type) *types.Struct {
	if t == nil {
		return nil
	}
	u, _ := deref(t).Underlying().(*types.Struct)
	return u
}

// lends reports whether attributevalue finds a field in a struct that is
// embedded, or a ddbe tag says something of one.
func lends(u *types.Struct, depth int) bool {
	for i := range u.NumFields() {
		v := u.Field(i)
		inner := structOf(v.Type())
		_, told := reflect.StructTag(u.Tag(i)).Lookup(tag.Key)
		switch tagged := reflect.StructTag(u.Tag(i)).Get("dynamodbav"); {
		case told:
			return true
		case tagged == "-":
		case v.Exported() && (!v.Embedded() || inner == nil || tagged != ""):
			return true
		case v.Embedded() && inner != nil && depth > 0 && lends(inner, depth-1):
			return true
		}
	}
	return false
}

// fieldProblems reports what is wrong with a tag of a field.
func (r *reporter) fieldProblems(f *rawField, problems []tag.Problem) {
	for _, p := range problems {
		r.report(f.at(p.Span), p.Code, p.Fix, "%s", p.Message)
	}
}

// entrance is the place of a field of another package: that of the embedded field
// through which it is one of the struct.
func (f rawField) entrance() place {
	for _, o := range slices.Backward(f.outer) {
		if o.syntax != nil {
			return place{pos: o.name.Pos(), end: o.name.End(), elsewhere: f.typed}
		}
	}
	return place{elsewhere: f.typed} // unreachable: the struct itself is of this package
}

// goType returns the type of a field, and the invalid type where the compiler
// does not know it.
func (s *scope) goType(f *rawField) types.Type {
	if f.typed != nil {
		return f.typed.Type()
	}
	if t := s.src.Info.TypeOf(f.syntax.Type); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

// path returns the steps to a field, and sees to it that the compiler knows when
// one of the embedded structs on the way changes.
func (s *scope) path(f *rawField) []Step {
	var path []Step
	for i := range f.outer {
		embedded := s.goType(&f.outer[i])
		path = append(path, Step{f.outer[i].name.Name, embedded})
		s.codecs.guarded(deref(embedded))
	}
	return append(path, Step{f.name.Name, s.goType(f)})
}

// behindPointer returns the embedded pointer that a field lies behind, or nil.
func (s *scope) behindPointer(f *rawField) *rawField {
	for i := range f.outer {
		if _, ok := types.Unalias(s.goType(&f.outer[i])).(*types.Pointer); ok {
			return &f.outer[i]
		}
	}
	return nil
}

// unguarded reports a field of an embedded struct of which the generated file
// could not tell when it changes: only the package itself can write down a struct
// with unexported fields, or with types that others cannot name.
func (s *scope) unguarded(f *rawField) bool {
	if len(f.outer) == 0 {
		return false
	}
	lender := &f.outer[len(f.outer)-1]
	t := deref(s.goType(lender))
	if hidden := hiddenType(s.src.Types, t); hidden != nil {
		s.report(lender.namePlace(), FieldType, "write its fields in "+s.result.Name+", or make it one attribute with a name in a dynamodbav tag", "embedded struct %s is of type %s, which this package cannot name", lender.name.Name, s.codecs.name(hidden))
		return true
	}
	if f.syntax != nil {
		return false
	}
	if !f.typed.Exported() {
		s.report(f.namePlace(), FieldType, "write its fields in "+s.result.Name+", or make it one attribute with a name in a dynamodbav tag", "struct %s has the unexported field %s, so the compiler could not tell here when it changes", s.codecs.name(t), f.name.Name)
		return true
	}
	if hidden := hiddenType(s.src.Types, f.typed.Type()); hidden != nil {
		s.report(f.namePlace(), FieldType, "write its fields in "+s.result.Name+", or make it one attribute with a name in a dynamodbav tag", "field %s of struct %s is of type %s, which this package cannot name", f.name.Name, s.codecs.name(t), s.codecs.name(hidden))
		return true
	}
	return false
}

// embeddedStruct reports an embedded struct whose fields are not those of the
// struct that it is in.
func (s *scope) embeddedStruct(f *rawField) {
	name, t := f.name.Name, deref(s.goType(f))
	leaveOut := "leave it out with `ddbe:\"-\"`"
	remedy := "make it one attribute, as in `dynamodbav:\"" + lowerFirst(name) + "\" ddbe:\"encrypt,sign\"`, or " + leaveOut
	if f.syntax == nil {
		leaveOut = "write its fields in " + s.result.Name
		remedy = leaveOut
	}
	switch {
	case f.av.Value != "":
		s.report(f.at(f.av.Span(0, len(f.av.Value))), DynamodbavOption, "remove them", "dynamodbav options do nothing on embedded struct %s", name)
	case f.apart == itself:
		s.report(f.namePlace(), FieldType, leaveOut, "struct %s embeds itself, and attributevalue would leave the inner one out", s.codecs.name(t))
	case f.apart == barren:
		s.report(f.namePlace(), FieldType, remedy, "embedded struct %s has no exported field: nothing of it would be stored", s.codecs.name(t))
	case f.apart == untold:
		s.report(f.namePlace(), UntaggedField, remedy+", or tag its fields in its package", "the fields of embedded struct %s have no ddbe tags", s.codecs.name(t))
	}
}

// generic reports a table struct with type parameters: which attributes a table
// has, and what is encrypted, is known for one set of type arguments at a time.
func (s *scope) generic() {
	name := s.result.Name
	var arguments []string
	for _, field := range s.raw.spec.TypeParams.List {
		for range field.Names {
			arguments = append(arguments, "…")
		}
	}
	s.report(s.structName(), NotSupported, fmt.Sprintf("move the directives above a struct that embeds it: `type … struct{ %s[%s] }`", name, strings.Join(arguments, ", ")),
		"a table holds one type of items, and %s has type parameters", name)
}

// optional reports an attribute that every item must have and that lies behind an
// embedded pointer, which can be nil.
func (s *scope) optional(a *attribute) {
	e := s.behindPointer(&a.field)
	switch {
	case e == nil:
	case a.Role != tag.NoRole:
		s.report(a.field.namePlace(), KeyOmitempty, "embed "+e.name.Name+" without the pointer", "%s key %s cannot be left out, as it is while the embedded pointer %s is nil: every item has a key", a.Role, a.GoName, e.name.Name)
	case a.Action == tag.Context:
		s.report(a.field.namePlace(), ContextOmitempty, "embed "+e.name.Name+" without the pointer", "attribute %s is in the encryption context, so every item must have it, and it is left out while the embedded pointer %s is nil", a.GoName, e.name.Name)
	}
}

// lends notes a struct with //ddbe:embedded, and reports whether it is one.
func (r *reader) lends(raw *Raw) bool {
	all, places := directivesOf[*tag.Embedded](raw)
	switch {
	case len(all) == 0:
		return false
	case len(all) > 1:
		r.report(places[1].line(), DuplicateDirective, "remove one", "struct %s has two //ddbe:embedded directives", raw.spec.Name.Name).
			see(places[0].line(), "the first one is here")
	case len(raw.directives) > 1:
		r.report(places[0].line(), StrayDirective, "remove it, or the other directives", "struct %s cannot be stored in a table of its own and be for embedding", raw.spec.Name.Name)
	}
	r.lent = append(r.lent, raw)
	return true
}

// embeddable checks the structs that say that table structs of other packages
// embed them, as far as that can be done before one does.
func (r *reader) embeddable() {
	for _, raw := range r.lent {
		known := r.stored[raw.syntax] // a table struct of this package embeds it, too
		raw.fields = r.fields(raw)
		if known {
			continue
		}
		b := &builder{src: r.src, codecs: codecs{pkg: r.src.Types}}
		s := b.scope(raw)
		if !raw.spec.Name.IsExported() {
			s.report(s.structName(), StrayDirective, "export it, or remove the directive: a struct of the same package needs none", "no other package can embed struct %s, which is not exported", raw.spec.Name.Name)
		}
		for i := range raw.fields {
			f := &raw.fields[i]
			if !f.name.IsExported() {
				s.report(f.namePlace(), UnexportedField, "export it, or move it into the structs that embed "+raw.spec.Name.Name, "field %s is not exported, so the compiler could not tell in other packages when struct %s changes", f.name.Name, raw.spec.Name.Name)
				continue
			}
			if raw.spec.TypeParams == nil || f.tag.Action == tag.Skip || !f.tagged {
				s.field(f)
			}
		}
		r.diagnostics = append(r.diagnostics, b.diagnostics...)
	}
}
