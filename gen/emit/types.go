package emit

import (
	"go/types"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/ddbegen/ddbegen/gen/schema"
)

// typ writes a type as code of this package can name it.
func (f *file) typ(t types.Type) *jen.Statement {
	switch t := t.(type) {
	case *types.Alias:
		if schema.CanWrite(f.pkg.Types, t) {
			return f.named(t.Obj(), t.TypeArgs())
		}
		return f.typ(types.Unalias(t))
	case *types.Named:
		return f.named(t.Obj(), t.TypeArgs())
	case *types.Basic:
		if t.Kind() == types.UnsafePointer {
			return jen.Qual("unsafe", "Pointer")
		}
		return jen.Id(t.Name())
	case *types.Pointer:
		return jen.Op("*").Add(f.typ(t.Elem()))
	case *types.Slice:
		return jen.Index().Add(f.typ(t.Elem()))
	case *types.Array:
		return jen.Index(jen.Op(strconv.FormatInt(t.Len(), 10))).Add(f.typ(t.Elem()))
	case *types.Map:
		return jen.Map(f.typ(t.Key())).Add(f.typ(t.Elem()))
	case *types.Chan:
		return f.channel(t)
	case *types.Signature:
		return jen.Func().Add(f.signature(t))
	case *types.Struct:
		return f.structure(t)
	case *types.Interface:
		return f.interfaceType(t)
	}
	return jen.Id(t.String()) // unreachable: these are all the types of a field
}

func (f *file) named(o *types.TypeName, args *types.TypeList) *jen.Statement {
	name := jen.Id(o.Name())
	if o.Pkg() != nil && o.Pkg() != f.pkg.Types {
		f.typePackage(o.Pkg().Path(), o.Pkg().Name())
		name = jen.Qual(o.Pkg().Path(), o.Name())
	}
	if args.Len() == 0 {
		return name
	}
	var list []jen.Code
	for a := range args.Types() {
		list = append(list, f.typ(a))
	}
	return name.Types(list...)
}

func (f *file) channel(t *types.Chan) *jen.Statement {
	switch t.Dir() {
	case types.SendOnly:
		return jen.Chan().Op("<-").Add(f.typ(t.Elem()))
	case types.RecvOnly:
		return jen.Op("<-").Chan().Add(f.typ(t.Elem()))
	}
	return jen.Chan().Params(f.typ(t.Elem())) // parentheses, for the sake of chan (<-chan T)
}

func (f *file) signature(t *types.Signature) *jen.Statement {
	return jen.Params(f.tuple(t.Params(), t.Variadic())...).Params(f.tuple(t.Results(), false)...)
}

func (f *file) tuple(t *types.Tuple, variadic bool) []jen.Code {
	var list []jen.Code
	for i := range t.Len() {
		p := t.At(i).Type()
		if s, ok := p.(*types.Slice); ok && variadic && i == t.Len()-1 {
			list = append(list, jen.Op("...").Add(f.typ(s.Elem())))
			continue
		}
		list = append(list, f.typ(p))
	}
	return list
}

func (f *file) structure(t *types.Struct) *jen.Statement {
	return jen.StructFunc(func(g *jen.Group) {
		for i := range t.NumFields() {
			line := jen.Null()
			if v := t.Field(i); !v.Embedded() {
				line.Id(v.Name())
			}
			line.Add(f.typ(t.Field(i).Type()))
			if tag := t.Tag(i); tag != "" {
				line.Op(quoteTag(tag))
			}
			g.Add(line)
		}
	})
}

// quoteTag writes a struct tag as a literal.
func quoteTag(tag string) string {
	if strconv.CanBackquote(tag) {
		return "`" + tag + "`"
	}
	return strconv.Quote(tag)
}

func (f *file) interfaceType(t *types.Interface) *jen.Statement {
	if t.NumMethods() == 0 && t.NumEmbeddeds() == 0 {
		return jen.Id("any")
	}
	return jen.InterfaceFunc(func(g *jen.Group) {
		for i := range t.NumEmbeddeds() {
			g.Add(f.typ(t.EmbeddedType(i)))
		}
		for i := range t.NumExplicitMethods() {
			m := t.ExplicitMethod(i)
			g.Id(m.Name()).Add(f.signature(m.Signature()))
		}
	})
}
