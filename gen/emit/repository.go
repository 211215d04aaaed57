package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/ddbegen/ddbegen/gen/schema"
)

func (f *file) repository(s *schema.Struct) {
	f.comment("%s stores %s items in the table %s, encrypted and signed. It is safe for concurrent use.", s.Repository, s.Name, s.Table.LogicalName)
	f.Type().Id(s.Repository).Id("struct").Add(inline(jen.Id("table").Op("*").Add(ddbe("Table")).Types(jen.Id(s.Name))))
	f.newRepository(s)
	f.put(s)
	f.get(s)
	f.delete(s)
	f.update(s)
	for _, x := range s.Table.Indexes {
		for _, q := range x.Queries {
			f.query(s, x, q)
		}
	}
	f.resolve(s)
}

func (f *file) newRepository(s *schema.Struct) {
	f.comment("%s checks the table in db and returns its repository. The keyring wraps the keys that items are encrypted with.", s.Constructor)
	f.Func().Id(s.Constructor).
		Params(
			jen.Id("ctx").Qual("context", "Context"),
			jen.Id("db").Add(ddbe("DynamoDB")),
			jen.Id("keyring").Qual(cryptoPath, "Keyring"),
			jen.Id("opts").Op("...").Add(ddbe("Option")),
		).
		Params(jen.Op("*").Id(s.Repository), jen.Error()).
		BlockFunc(func(g *jen.Group) {
			if s.Table.PhysicalName != "" {
				name := ddbe("WithTableName").Call(jen.Lit(s.Table.PhysicalName))
				g.Id("opts").Op("=").Append(jen.Index().Add(ddbe("Option")).Values(name), jen.Id("opts").Op("..."))
			}
			g.List(jen.Id("table"), jen.Err()).Op(":=").Add(ddbe("Open")).
				Call(jen.Id("ctx"), jen.Op("&").Id(s.SchemaVar), jen.Id("db"), jen.Id("keyring"), jen.Id("opts").Op("..."))
			g.If(jen.Err().Op("!=").Nil()).Block(jen.Return(jen.Nil(), jen.Err()))
			g.Return(jen.Op("&").Id(s.Repository).Values(member("table", jen.Id("table"))), jen.Nil())
		})
}

// method begins a method of the repository.
func (f *file) method(s *schema.Struct, name string, params ...jen.Code) *jen.Statement {
	return f.Func().Params(jen.Id("r").Op("*").Id(s.Repository)).Id(name).Params(params...)
}

func ctx() jen.Code { return jen.Id("ctx").Qual("context", "Context") }

// table calls a method of the table.
func table(name string, arguments ...jen.Code) jen.Code {
	return jen.Return(jen.Id("r").Dot("table").Dot(name).Call(arguments...))
}

func (f *file) put(s *schema.Struct) {
	f.comment("Put encrypts, signs and writes %s, in place of any item with its key.", s.Argument)
	f.method(s, "Put", ctx(), jen.Id(s.Argument).Op("*").Id(s.Name)).Error().
		Block(table("Put", jen.Id("ctx"), jen.Id(s.Argument)))
}

func (f *file) get(s *schema.Struct) {
	f.comment("Get returns the %s with this key, verified and decrypted, or an error that wraps [ddbe.ErrNotFound].", s.Name)
	f.method(s, "Get", append([]jen.Code{ctx()}, f.parameters(s.Key)...)...).Params(jen.Op("*").Id(s.Name), jen.Error()).
		Block(table("Get", jen.Id("ctx"), f.probe(s, s.Key)))
}

func (f *file) delete(s *schema.Struct) {
	f.comment("Delete deletes the %s with this key, if there is one.", s.Name)
	f.method(s, "Delete", append([]jen.Code{ctx()}, f.parameters(s.Key)...)...).Error().
		Block(table("Delete", jen.Id("ctx"), f.probe(s, s.Key)))
}

func (f *file) update(s *schema.Struct) {
	f.comment("Update reads the %s with this key, lets change alter it, and writes it back unless another writer was faster: then it starts again. It returns what it wrote.", s.Name)
	params := append([]jen.Code{ctx()}, f.parameters(s.Key)...)
	params = append(params, jen.Id("change").Func().Params(jen.Op("*").Id(s.Name)).Error())
	f.method(s, "Update", params...).Params(jen.Op("*").Id(s.Name), jen.Error()).
		Block(table("Update", jen.Id("ctx"), f.probe(s, s.Key), jen.Id("change")))
}

func (f *file) query(s *schema.Struct, x *schema.Index, q *schema.Query) {
	notes := ""
	for _, note := range q.Notes {
		notes += " " + note
	}
	f.comment("%s yields every %s with %s, through the index %s.%s", q.Method, s.Name, q.Words, x.Name, notes)
	params := append([]jen.Code{ctx()}, f.parameters(q.Arguments)...)
	params = append(params, jen.Id("opts").Op("...").Add(ddbe("QueryOption")))
	index := jen.Id(x.Var)
	if q.Partition {
		index = index.Dot("ByPartition").Call()
	}
	for _, m := range q.Made {
		index = index.Dot("Parts").Call(madeOf(m)...)
	}
	for _, needs := range needing(q.Made) {
		index = index.Dot("Needing").Call(needs...)
	}
	f.method(s, q.Method, params...).Qual("iter", "Seq2").Types(jen.Op("*").Id(s.Name), jen.Error()).
		Block(table("Query", jen.Id("ctx"), index, f.probe(s, q.Arguments), jen.Id("opts").Op("...")))
}

// resolve writes the method that shows what is made of several attributes, where
// anything is.
func (f *file) resolve(s *schema.Struct) {
	if search := s.Table.Search; search == nil || len(search.Compound) == 0 && len(search.Virtual) == 0 {
		return
	}
	f.comment("ResolveAttributes returns the virtual fields and compound beacons of %s in plain text. It is for looking at a configuration; nothing is sent.", s.Argument)
	f.method(s, "ResolveAttributes", jen.Id(s.Argument).Op("*").Id(s.Name)).Params(jen.Op("*").Add(ddbe("ResolvedAttributes")), jen.Error()).
		Block(table("ResolveAttributes", jen.Id(s.Argument)))
}
