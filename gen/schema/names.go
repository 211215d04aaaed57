package schema

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// identifiers gives everything its name in the generated file, and reports names
// that are taken.
func (b *builder) identifiers(p *Package) {
	taken := map[string]string{} // identifier to what it stands for
	claim := func(at place, name, what string) string {
		if other, ok := taken[name]; ok {
			b.report(at, NameClash, "rename one of the two", "%s and %s would both be called %s in the generated file", other, what, name)
			return name
		}
		taken[name] = what
		if o := p.Declared(name); o != nil {
			b.report(at, NameClash, "rename one of the two", "the generated file declares %s, for %s, and so does the package", name, what).
				see(place{pos: o.Pos(), end: o.Pos()}, "%s is declared here", name)
		} else if at, ok := b.imported(name); ok {
			b.report(at, NameClash, "import it under another name", "this file imports something as %s, which the generated file declares for %s", name, what)
		}
		return name
	}
	for _, name := range []string{"any", "append", "error", "nil", "rune", "string"} {
		if o := p.Declared(name); o != nil {
			b.report(place{pos: o.Pos(), end: o.Pos() + token.Pos(len(name))}, NameClash, "rename it", "the generated file uses the %s of the language, and the package declares its own", name)
		}
	}
	for _, s := range b.scopes {
		if name := s.name(); name == "_" || slices.Contains(fixedArguments, name) || slices.Contains([]string{"db", "keyring", "table", "err"}, name) {
			b.report(s.structName(), NameClash, "rename the struct", "a struct called %s could not be named in the generated file", name)
		}
		s.identifiers(claim)
		s.methods()
	}
	unavailable := func(name string) bool {
		_, imports := b.imported(name)
		return taken[name] != "" || imports || p.Declared(name) != nil
	}
	for _, c := range p.Nested {
		name := c.Var
		if name == "" {
			continue
		}
		for n := 2; unavailable(c.Var); n++ {
			c.Var = name + strconv.Itoa(n) // nobody else says it
		}
		taken[c.Var] = "the codec of " + b.codecs.name(c.Type)
	}
}

// Declared returns what the package declares by a name, or nil. The file that will
// be replaced does not count, nor do tests: names may not depend on who asks.
func (p *Package) Declared(name string) types.Object {
	if o := p.Types.Scope().Lookup(name); o != nil && p.source.declares(o) {
		return o
	}
	return nil
}

// declares reports whether o is declared in a file that was read and will stay.
func (src Source) declares(o types.Object) bool {
	return slices.ContainsFunc(src.Files, func(f *ast.File) bool {
		return f.FileStart <= o.Pos() && o.Pos() < f.FileEnd && !Generated(f)
	})
}

func (s *scope) structName() place {
	return place{pos: s.raw.spec.Name.Pos(), end: s.raw.spec.Name.End()}
}

func (s *scope) identifiers(claim func(at place, name, what string) string) {
	r := s.result
	lower := lowerFirst(r.Name)
	if r.Argument = argument(r.Name); r.Argument == r.Name {
		r.Argument = "item"
	}
	r.SchemaVar = claim(s.structName(), lower+"Schema", "the schema of "+r.Name)
	if len(r.Prints) > 0 {
		r.RedactedVar = claim(s.structName(), lower+"Redacted", "the redacted fields of "+r.Name)
	}
	r.Repository = claim(s.structName(), r.Name+"Repository", "the repository of "+r.Name)
	constructor := "New" + r.Repository
	if !ast.IsExported(r.Name) {
		constructor = "new" + upperFirst(r.Repository)
	}
	r.Constructor = claim(s.structName(), constructor, "the constructor of "+r.Repository)
	if s.table.Name.Written() && !s.sameTable {
		r.Table.Var = claim(s.tablePlace.at(s.table.Name), lowerFirst(title(s.table.Name.Text))+"Table", "table "+s.table.Name.Text)
		for _, other := range s.others {
			other.result.Table.Var = r.Table.Var
		}
	}
	reserved := []string{r.Name}
	for i, x := range r.Table.Indexes {
		name := title(x.Name)
		if !strings.HasSuffix(name, "Index") {
			name += "Index"
		}
		x.Var = claim(s.indexPlaces[i], lower+name, "index "+x.Name)
		reserved = append(reserved, x.Var)
	}
	for _, a := range s.order {
		a.Var = claim(a.field.namePlace(), lower+s.qualified(a), "field "+a.GoName)
	}
	s.arguments(r.Key, reserved)
	for _, x := range r.Table.Indexes {
		for _, q := range x.Queries {
			s.arguments(q.Arguments, reserved)
		}
	}
}

// qualified returns the name of the field of an attribute, behind those of the
// embedded structs that it lies in where another field has the name.
func (s *scope) qualified(a *attribute) string {
	if len(a.Path) == 1 || !slices.ContainsFunc(s.order, func(o *attribute) bool { return o != a && o.GoName == a.GoName }) {
		return a.GoName
	}
	name := ""
	for _, step := range a.Path {
		name += upperFirst(step.Name)
	}
	return name
}

// arguments names the arguments of one method. They hide neither what it mentions
// nor the types of the structs that it puts them into.
func (s *scope) arguments(arguments []*Argument, reserved []string) {
	taken := slices.Concat(reserved, s.typesAround(arguments))
	for _, a := range arguments {
		a.Name = argument(strings.Join(a.Words, ""), taken...)
		taken = append(taken, a.Name)
	}
}

// fixedArguments are in the methods of every repository.
var fixedArguments = []string{"ctx", "opts", "r", "change"}

// argument returns the name that a value has as the argument of a method: not a
// word of the language, and not a name that the method uses.
func argument(name string, reserved ...string) string {
	lower := lowerFirst(name)
	if token.IsKeyword(lower) || types.Universe.Lookup(lower) != nil || slices.Contains(reserved, lower) ||
		lower == "ddbe" || slices.Contains(fixedArguments, lower) {
		return argument(lower+"Value", reserved...)
	}
	return lower
}

// codecVar returns the name of the variable that holds the codec of a struct.
func codecVar(pkg *types.Package, t *types.Named) string {
	name := strings.NewReplacer("[]", ".list.", "*", ".pointer.").Replace(types.TypeString(t, func(p *types.Package) string {
		if p == pkg {
			return ""
		}
		return p.Name()
	}))
	return lowerFirst(title(name)) + "Codec"
}

// title makes an exported identifier, or the rest of one, of any name: the
// letters and digits of it, a capital after each character that is neither.
func title(name string) string {
	var b strings.Builder
	start := true
	for _, r := range name {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			start = true
			continue
		case start:
			r = unicode.ToUpper(r)
		}
		start = false
		b.WriteRune(r)
	}
	if b.Len() == 0 {
		return "X"
	}
	return b.String()
}

func upperFirst(name string) string {
	r, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(r)) + name[size:]
}

// lowerFirst makes an unexported identifier of an exported one: WorkID becomes
// workID, URLPath urlPath and ID id.
func lowerFirst(name string) string {
	runes := []rune(name)
	if len(runes) > 0 && !unicode.IsLetter(runes[0]) {
		return "t" + name // an identifier does not begin with a digit
	}
	capitals := 0
	for capitals < len(runes) && unicode.IsUpper(runes[capitals]) {
		capitals++
	}
	if capitals > 1 && capitals < len(runes) && unicode.IsLower(runes[capitals]) && string(runes[capitals:]) != "s" {
		capitals-- // the last capital begins the next word
	}
	for i := range capitals {
		runes[i] = unicode.ToLower(runes[i])
	}
	return string(runes)
}
