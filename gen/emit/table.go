package emit

import (
	"github.com/dave/jennifer/jen"

	"github.com/ddbegen/ddbegen/gen/schema"
	"github.com/ddbegen/ddbegen/gen/tag"
)

// constructors make the variables of attributes. The type that each returns
// carries the action.
var constructors = map[tag.Action]string{
	tag.Sign: "SignedAttr", tag.Context: "InContextAttr", tag.Encrypt: "EncryptedAttr", tag.None: "UnsignedAttr",
}

func (f *file) attributes(s *schema.Struct) {
	f.comment("The attributes of %s. The type of each says what is done to it.", s.Name)
	var defs []jen.Code
	for _, a := range s.Attributes {
		defs = append(defs, jen.Id(a.Var).Op("=").Add(ddbe(constructors[a.Action])).Call(jen.Lit(a.Name)))
	}
	f.Var().Defs(defs...)
}

func (f *file) table(s *schema.Struct) {
	t := s.Table
	f.comment("%s is the configuration of the table %s.", t.Var, t.LogicalName)
	members := []jen.Code{
		member("LogicalName", jen.Lit(t.LogicalName)),
		member("Keys", f.keys(s)),
		member("Attributes", f.attributeList(t)),
	}
	if t.UnsignedPrefix != "" {
		members = append(members, member("AllowedUnsignedPrefix", jen.Lit(t.UnsignedPrefix)))
	}
	if t.Suite != "" {
		members = append(members, member("Suite", jen.Qual(cryptoPath, t.Suite)))
	}
	if t.Search != nil {
		members = append(members, member("Search", f.search(t.Search)))
	}
	if list := indexList(t); len(list) > 0 {
		members = append(members, member("Indexes", jen.Index().Add(ddbe("Index")).Values(list...)))
	}
	f.Var().Id(t.Var).Op("=").Add(ddbe("TableSchema")).Add(lines("{", "}", members...))
}

// indexList lists the indexes that the structs of a table query, each once.
func indexList(t *schema.Table) (list []jen.Code) {
	seen := map[string]bool{}
	for _, s := range t.Structs {
		for _, x := range s.Table.Indexes {
			if !seen[x.Name] {
				list = append(list, jen.Id(x.Var))
			}
			seen[x.Name] = true
		}
	}
	return list
}

func (f *file) keys(s *schema.Struct) jen.Code {
	var keys []jen.Code
	for _, k := range s.Keys {
		if k.Attribute != nil {
			keys = append(keys, jen.Id(k.Attribute.Var))
		} else {
			keys = append(keys, ddbe("SignedAttr").Call(jen.Lit(k.Name)))
		}
	}
	if len(keys) == 1 {
		return ddbe("PartitionOnly").Call(keys...)
	}
	return ddbe("PartitionAndSort").Call(keys...)
}

// attributeList lists the attributes of the structs of a table, each once, and
// those that no struct has a field for.
func (f *file) attributeList(t *schema.Table) jen.Code {
	var list []jen.Code
	width := 0
	seen := map[string]bool{}
	add := func(name, written string, code jen.Code) {
		if !seen[name] {
			list = append(list, code)
			width += len(written) + len(", ")
		}
		seen[name] = true
	}
	for _, s := range t.Structs {
		for _, a := range s.Attributes {
			add(a.Name, a.Var, jen.Id(a.Var))
		}
	}
	for _, s := range t.Structs {
		if d := s.Discriminator; d != nil {
			add(d.Attribute, "ddbe.SignedAttr(\"\")"+d.Attribute, ddbe("SignedAttr").Call(jen.Lit(d.Attribute)))
		}
	}
	for _, name := range t.UnsignedNames {
		add(name, "ddbe.UnsignedAttr(\"\")"+name, ddbe("UnsignedAttr").Call(jen.Lit(name)))
	}
	values := lines("{", "}", list...)
	if width <= 110 {
		values = jen.Values(list...)
	}
	return jen.Index().Add(ddbe("Attribute")).Add(values)
}

func beaconType(name string) *jen.Statement { return jen.Qual(beaconPath, name) }

// list is a slice literal, and nothing without an element. Each of several stands
// on a line of its own.
func list[T any](members []jen.Code, name, element string, items []T, write func(T) jen.Code) []jen.Code {
	if len(items) == 0 {
		return members
	}
	var all []jen.Code
	for _, i := range items {
		all = append(all, write(i))
	}
	values := jen.Values(all...)
	if len(all) > 1 {
		values = lines("{", "}", all...)
	}
	return append(members, member(name, jen.Index().Add(beaconType(element)).Add(values)))
}

func number(members []jen.Code, name string, n int) []jen.Code {
	if n == 0 {
		return members
	}
	return append(members, member(name, jen.Lit(n)))
}

func text(members []jen.Code, name, s string) []jen.Code {
	if s == "" {
		return members
	}
	return append(members, member(name, jen.Lit(s)))
}

func (f *file) search(s *schema.Search) jen.Code {
	var m []jen.Code
	m = list(m, "Standard", "Standard", s.Standard, f.standard)
	m = list(m, "Compound", "Compound", s.Compound, f.compound)
	m = list(m, "Virtual", "VirtualField", s.Virtual, f.virtual)
	m = list(m, "EncryptedParts", "EncryptedPart", s.EncryptedParts, f.encryptedPart)
	m = list(m, "SignedParts", "SignedPart", s.SignedParts, f.signedPart)
	m = number(m, "MaxPartitions", s.MaxPartitions)
	m = number(m, "DefaultPartitions", s.DefaultPartitions)
	m = text(m, "KeyField", s.KeyField)
	return jen.Op("&").Add(beaconType("Config")).Add(lines("{", "}", m...))
}

func (f *file) standard(b *schema.StandardBeacon) jen.Code {
	m := []jen.Code{member("Name", jen.Lit(b.Name)), member("Length", jen.Lit(b.Length))}
	m = text(m, "Location", b.Location)
	switch b.Style {
	case "partOnly":
		m = append(m, member("Style", beaconType("PartOnly").Call()))
	case "asSet":
		m = append(m, member("Style", beaconType("AsSet").Call()))
	case "shared":
		m = append(m, member("Style", beaconType("Shared").Call(jen.Lit(b.Other))))
	case "sharedSet":
		m = append(m, member("Style", beaconType("SharedSet").Call(jen.Lit(b.Other))))
	}
	return jen.Values(number(m, "Partitions", b.Partitions)...)
}

func (f *file) compound(c *schema.CompoundBeacon) jen.Code {
	m := []jen.Code{member("Name", jen.Lit(c.Name)), member("Split", jen.LitRune(c.Split))}
	m = list(m, "Encrypted", "EncryptedPart", c.Encrypted, f.encryptedPart)
	m = list(m, "Signed", "SignedPart", c.Signed, f.signedPart)
	m = list(m, "Constructors", "Constructor", c.Constructors, f.constructor)
	return jen.Values(m...)
}

// encryptedPart takes the way through the typed attribute where there is one, so
// that an attribute of the wrong action does not compile.
func (f *file) encryptedPart(p schema.EncryptedPart) jen.Code {
	if p.Attribute != nil {
		return ddbe("EncryptedPart").Call(jen.Id(p.Attribute.Var), jen.Lit(p.Prefix))
	}
	return jen.Values(member("Name", jen.Lit(p.Name)), member("Prefix", jen.Lit(p.Prefix)))
}

func (f *file) signedPart(p schema.SignedPart) jen.Code {
	if p.Attribute != nil {
		return ddbe("SignedPart").Call(jen.Id(p.Attribute.Var), jen.Lit(p.Prefix))
	}
	return jen.Values(text([]jen.Code{member("Name", jen.Lit(p.Name)), member("Prefix", jen.Lit(p.Prefix))}, "Location", p.Location)...)
}

func (f *file) constructor(parts []schema.ConstructorPart) jen.Code {
	var all []jen.Code
	for _, p := range parts {
		if p.Optional {
			all = append(all, beaconType("Optional").Call(jen.Lit(p.Name)))
		} else {
			all = append(all, beaconType("Required").Call(jen.Lit(p.Name)))
		}
	}
	return jen.Values(all...)
}

func (f *file) virtual(v *schema.VirtualField) jen.Code {
	return jen.Values(list([]jen.Code{member("Name", jen.Lit(v.Name))}, "Parts", "VirtualPart", v.Parts, f.virtualPart)...)
}

func (f *file) virtualPart(p schema.VirtualPart) jen.Code {
	arguments := []jen.Code{jen.Lit(p.Location)}
	for _, t := range p.Transforms {
		var values []jen.Code
		for _, a := range t.Arguments {
			if r, ok := a.(rune); ok {
				values = append(values, jen.LitRune(r))
			} else {
				values = append(values, jen.Lit(a))
			}
		}
		arguments = append(arguments, beaconType(t.Func).Call(values...))
	}
	return beaconType("At").Call(arguments...)
}

func (f *file) indexes(s *schema.Struct) {
	for _, x := range s.Table.Indexes {
		f.comment("%s is the index %s.", x.Var, x.Name)
		m := []jen.Code{member("Name", jen.Lit(x.Name)), member("Partition", jen.Lit(x.Partition))}
		m = text(m, "Sort", x.Sort)
		switch x.Projection {
		case schema.KeysOnly:
			m = append(m, member("Projection", jen.Qual(typesPath, "ProjectionTypeKeysOnly")))
		case schema.Include:
			var names []jen.Code
			for _, name := range x.Include {
				names = append(names, jen.Lit(name))
			}
			m = append(m, member("Projection", jen.Qual(typesPath, "ProjectionTypeInclude")), member("Included", jen.Index().String().Values(names...)))
		}
		f.Var().Id(x.Var).Op("=").Add(ddbe("Index")).Values(m...)
	}
}
