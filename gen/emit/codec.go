package emit

import (
	"go/types"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"

	"github.com/ddbegen/ddbegen/gen/schema"
)

func (f *file) schema(s *schema.Struct) {
	f.comment("%s is how %s lies in the table.", s.SchemaVar, s.Name)
	structType := f.pkg.Types.Scope().Lookup(s.Name).Type()
	var fields []jen.Code
	for _, a := range s.Attributes {
		fields = append(fields, f.reach(structType, a.Path, a.Codec.Type, func(accessor jen.Code) jen.Code {
			return ddbe("Field").Call(append([]jen.Code{jen.Id(a.Var), f.codec(a.Codec), accessor}, f.options(a.Options)...)...)
		}))
	}
	members := []jen.Code{
		member("Table", jen.Op("&").Id(s.Table.Var)),
		member("Fields", jen.Index().Qual(codecPath, "Field").Types(jen.Id(s.Name)).Add(lines("{", "}", fields...))),
	}
	if s.Rest != nil {
		t := s.Rest[len(s.Rest)-1].Type
		members = append(members, member("Rest", f.accessor(structType, names(s.Rest), t, t)))
	}
	if d := s.Discriminator; d != nil {
		members = append(members, member("Discriminator", ddbe("Discriminator").Values(member("Attribute", jen.Lit(d.Attribute)), member("Value", jen.Lit(d.Value)))))
	}
	f.Var().Id(s.SchemaVar).Op("=").Add(ddbe("Schema")).Types(jen.Id(s.Name)).Add(lines("{", "}", members...))
}

func names(path []schema.Step) (all []string) {
	for _, step := range path {
		all = append(all, step.Name)
	}
	return all
}

// receiver is what a function calls a value of the type with this name.
func (f *file) receiver(name string) string {
	r, _ := utf8.DecodeRuneInString(name)
	return f.local(string(unicode.ToLower(r)))
}

// local returns a name that hides nothing of the package.
func (f *file) local(name string) string {
	for f.pkg.Declared(name) != nil {
		name += name
	}
	return name
}

func (f *file) options(names []string) []jen.Code {
	var all []jen.Code
	for _, n := range names {
		all = append(all, jen.Qual(codecPath, n))
	}
	return all
}

// accessor writes a function from the address of a struct to that of a field,
// which is converted where the codec is for the type under it.
func (f *file) accessor(structType types.Type, path []string, field, codec types.Type) jen.Code {
	arg := f.local("s")
	if named, ok := types.Unalias(structType).(*types.Named); ok {
		arg = f.receiver(named.Obj().Name())
	}
	address := jen.Op("&").Id(arg)
	for _, name := range path {
		address.Dot(name)
	}
	if !types.Identical(field, codec) {
		address = jen.Params(jen.Op("*").Add(f.typ(codec))).Params(address)
	}
	return jen.Func().Params(jen.Id(arg).Op("*").Add(f.typ(structType))).Op("*").Add(f.typ(codec)).Add(inline(jen.Return(address)))
}

// reach writes the field at the end of a path, which write does with an accessor:
// from the struct itself, or from the last embedded pointer on the way.
func (f *file) reach(structType types.Type, path []schema.Step, codec types.Type, write func(accessor jen.Code) jen.Code) jen.Code {
	last := len(path) - 1
	for i, step := range path[:last] {
		if pointer, ok := types.Unalias(step.Type).(*types.Pointer); ok {
			return jen.Qual(codecPath, "Via").Call(
				f.accessor(structType, names(path[:i+1]), step.Type, step.Type),
				f.reach(pointer.Elem(), path[i+1:], codec, write),
			)
		}
	}
	return write(f.accessor(structType, names(path), path[last].Type, codec))
}

// codec writes the expression that the package comment of runtime/codec gives
// for the type.
func (f *file) codec(c *schema.Codec) *jen.Statement {
	switch c.Func {
	case schema.Self:
		return jen.Id(f.self[c.Struct])
	case "Struct":
		if c.Struct.Var != "" {
			return jen.Id(c.Struct.Var)
		}
		return f.structCodec(c.Struct)
	case "Named":
		v, base := f.local("v"), f.typ(c.Args[0].Type)
		return f.codecCall(c, f.codec(c.Args[0]), jen.Func().Params(jen.Id(v).Op("*").Add(f.typ(c.Type))).Op("*").Add(base).
			Add(inline(jen.Return(jen.Params(jen.Op("*").Add(base)).Call(jen.Id(v))))))
	case "Array":
		elem := c.Type.Underlying().(*types.Array).Elem()
		a := f.local("a")
		return f.codecCall(c, f.codec(c.Args[0]), jen.Func().Params(jen.Id(a).Op("*").Add(f.typ(c.Type))).Index().Add(f.typ(elem)).
			Add(inline(jen.Return(jen.Id(a).Index(jen.Op(":"))))))
	}
	var arguments []jen.Code
	for _, a := range c.Args {
		arguments = append(arguments, f.codec(a))
	}
	return f.codecCall(c, arguments...)
}

func (f *file) codecCall(c *schema.Codec, arguments ...jen.Code) *jen.Statement {
	call := jen.Qual(codecPath, c.Func)
	if c.Of != nil {
		call.Types(f.typ(c.Of))
	}
	return call.Call(arguments...)
}

// nestedStructs writes the codecs and the guards of the structs inside others.
func (f *file) nestedStructs(p *schema.Package) {
	for _, s := range p.Nested {
		name := types.TypeString(s.Type, types.RelativeTo(p.Types))
		if s.Guard != nil {
			f.guard(f.typ(s.Type), name, s.Guard)
		}
		if s.Var != "" {
			f.comment("%s is how %s lies inside an item.", s.Var, name)
			f.Var().Id(s.Var).Op("=").Add(f.structCodec(s))
		}
	}
}

func (f *file) structCodec(s *schema.StructCodec) *jen.Statement {
	if !s.Recursive {
		return f.structFields(s)
	}
	self := f.local("self") + strings.Repeat("0", len(f.self)) // one inside the other
	f.self[s] = self
	defer delete(f.self, s)
	of := jen.Qual(codecPath, "Codec").Types(f.typ(s.Type))
	return jen.Qual(codecPath, "Recursive").Call(jen.Func().Params(jen.Id(self).Add(of)).Add(of).Block(jen.Return(f.structFields(s))))
}

func (f *file) structFields(s *schema.StructCodec) *jen.Statement {
	var fields []jen.Code
	for _, n := range s.Fields {
		fields = append(fields, f.reach(s.Type, n.Path, n.Codec.Type, func(accessor jen.Code) jen.Code {
			return jen.Qual(codecPath, "NewField").Call(append([]jen.Code{jen.Lit(n.Name), f.codec(n.Codec), accessor}, f.options(n.Options)...)...)
		}))
	}
	return jen.Qual(codecPath, "Struct").Add(lines("(", ")", fields...))
}
