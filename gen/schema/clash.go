package schema

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"unicode"
)

// imported returns where a file of the package imports something under a name, as
// which then nothing in the package can be declared.
func (b *builder) imported(name string) (at place, ok bool) {
	for scope := range b.src.Types.Scope().Children() {
		o := scope.Lookup(name)
		if o == nil {
			continue
		}
		for _, f := range b.src.Files {
			if !scope.Contains(f.Package) || Generated(f) {
				continue
			}
			if _, ok := o.(*types.PkgName); ok {
				return place{pos: o.Pos(), end: o.Pos()}, true
			}
			return place{pos: f.Name.Pos(), end: f.Name.End()}, true // an import with a dot, of a name of another package
		}
	}
	return at, false
}

// methods reports methods of the package's own that the repository of the struct
// has anyway. Only the syntax knows them: the repository may not be written yet.
func (s *scope) methods() {
	r := s.result
	names := []string{"table", "Put", "Get", "Delete", "Update"}
	if search := r.Table.Search; search != nil && len(search.Compound)+len(search.Virtual) > 0 {
		names = append(names, "ResolveAttributes")
	}
	for _, x := range r.Table.Indexes {
		for _, q := range x.Queries {
			names = append(names, q.Method)
		}
	}
	for _, f := range s.src.Files {
		if Generated(f) {
			continue
		}
		for _, d := range f.Decls {
			method, ok := d.(*ast.FuncDecl)
			if !ok || receiver(method) != r.Repository || !slices.Contains(names, method.Name.Name) {
				continue
			}
			what := "method"
			if method.Name.Name == "table" {
				what = "field"
			}
			s.report(place{pos: method.Name.Pos(), end: method.Name.End()}, NameClash, "rename it", "%s has a %s %s in the generated file", r.Repository, what, method.Name.Name)
		}
	}
}

// receiver returns the name of the type that a function is a method of, or "".
func receiver(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) != 1 {
		return ""
	}
	t := ast.Unparen(f.Recv.List[0].Type)
	if p, ok := t.(*ast.StarExpr); ok {
		t = ast.Unparen(p.X)
	}
	if name, ok := t.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

// typesAround returns the names in the types that a method must write to put its
// arguments where they belong, and reports those that it cannot write.
func (s *scope) typesAround(arguments []*Argument) (names []string) {
	for _, a := range arguments {
		for _, step := range a.Path[:len(a.Path)-1] {
			text := types.TypeString(step.Type, func(p *types.Package) string {
				if p == s.src.Types {
					return ""
				}
				return "_"
			})
			names = append(names, strings.FieldsFunc(text, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) })...)
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for _, name := range names {
		o, ok := s.src.Types.Scope().Lookup(name).(*types.TypeName)
		if ok && slices.Contains(fixedArguments, name) && !s.unwritable[o] {
			s.unwritable[o] = true
			s.report(place{pos: o.Pos(), end: o.Pos() + token.Pos(len(name))}, NameClash, "rename it", "a type called %s could not be named in the methods of %s", name, s.result.Repository)
		}
	}
	return names
}
