package schemaproof_test

import (
	"fmt"
	"hash/crc32"
	"testing"
	"time"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/codec"
	"github.com/ddbegen/ddbegen/runtime/crypto"

	"github.com/ddbegen/ddbegen/gen/lock"
	"github.com/ddbegen/ddbegen/gen/schema"
	"github.com/ddbegen/ddbegen/gen/tag"
)

// record stands for the struct of any model: its fields by name, each a pointer
// to a value of the field's type.
type record map[string]any

// slot returns where the field of this name is.
func slot[V any](r *record, name string) *V {
	if *r == nil {
		*r = record{}
	}
	p, ok := (*r)[name].(*V)
	if !ok {
		p = new(V)
		(*r)[name] = p
	}
	return p
}

// digits is the text of a field in the item with this number: a number, so that
// a field means the same as a string and as a number, and one that no random
// bytes are likely to hold.
func digits(name string, item int) string {
	return fmt.Sprint(1_000_000_000 + int64(crc32.ChecksumIEEE([]byte(name))%900_000)*1000 + int64(item))
}

func number(name string, item int) int64 {
	var n int64
	if _, err := fmt.Sscan(digits(name, item), &n); err != nil {
		panic(err)
	}
	return n
}

// field is a field of any type: how it is stored and what it holds in an item.
type field struct {
	bind func(name string, options ...codec.Option) codec.Field[record]
	fill func(r *record, name, path string, item int)
}

func fieldOf[V any](c codec.Codec[V], value func(path string, item int) V) field {
	return field{
		bind: func(name string, options ...codec.Option) codec.Field[record] {
			return codec.NewField(name, c, func(r *record) *V { return slot[V](r, name) }, options...)
		},
		fill: func(r *record, name, path string, item int) { *slot[V](r, name) = value(path, item) },
	}
}

// fieldFor returns the field for a codec of a model.
func fieldFor(t testing.TB, c *schema.Codec) field {
	t.Helper()
	of := c.Func
	for _, a := range c.Args {
		of += " " + a.Func
	}
	when := func(path string, item int) time.Time { return time.Unix(number(path, item), 0).UTC() }
	switch of {
	case "String":
		return fieldOf(codec.String[string](), digits)
	case "Int":
		if lock.Kind(c.Form(nil)) == "int8" {
			return fieldOf(codec.Int[int8](), func(p string, i int) int8 { return int8(number(p, i) % 100) })
		}
		return fieldOf(codec.Int[int64](), number)
	case "Uint":
		return fieldOf(codec.Uint[uint64](), func(p string, i int) uint64 { return uint64(number(p, i)) })
	case "Float":
		if lock.Kind(c.Form(nil)) == "float32" {
			return fieldOf(codec.Float[float32](), func(p string, i int) float32 { return float32(number(p, i)) })
		}
		return fieldOf(codec.Float[float64](), func(p string, i int) float64 { return float64(number(p, i)) })
	case "Bool":
		return fieldOf(codec.Bool[bool](), func(_ string, i int) bool { return i%2 == 0 })
	case "Bytes":
		return fieldOf(codec.Bytes[[]byte](), func(p string, i int) []byte { return []byte(digits(p, i)) })
	case "Time":
		return fieldOf(codec.Time(), when)
	case "UnixTime":
		return fieldOf(codec.UnixTime(), when)
	case "AsString Int":
		return fieldOf(codec.AsString(codec.Int[int64]()), number)
	case "Pointer String":
		return fieldOf(codec.Pointer(codec.String[string]()), func(p string, i int) *string { s := digits(p, i); return &s })
	case "StringSet String":
		return fieldOf(codec.StringSet(codec.String[string]()), func(p string, i int) []string { return []string{digits(p, i), digits(p, i+500)} })
	case "NumberSet Int":
		return fieldOf(codec.NumberSet(codec.Int[int64]()), func(p string, i int) []int64 { return []int64{number(p, i), number(p, i+500)} })
	case "Slice String":
		return fieldOf(codec.Slice(codec.String[string]()), func(p string, i int) []string { return []string{digits(p, i), digits(p, i+500)} })
	case "Slice Int":
		return fieldOf(codec.Slice(codec.Int[int64]()), func(p string, i int) []int64 { return []int64{number(p, i), number(p, i+500)} })
	case "Map String String":
		return fieldOf(codec.Map(codec.String[string](), codec.Codec[string](codec.String[string]())), func(p string, i int) map[string]string { return map[string]string{"k": digits(p, i)} })
	case "Map Int String":
		return fieldOf(codec.Map(codec.Int[int64](), codec.Codec[string](codec.String[string]())), func(p string, i int) map[int64]string { return map[int64]string{number(p, i): digits(p, i)} })
	case "Array Slice":
		texts := codec.Slice(codec.String[string]())
		if brackets := lock.Kind(c.Form(nil)); brackets == "list[1]" {
			return fieldOf(codec.Array(texts, func(a *[1]string) []string { return a[:] }), func(p string, i int) [1]string { return [1]string{digits(p, i)} })
		}
		return fieldOf(codec.Array(texts, func(a *[2]string) []string { return a[:] }), func(p string, i int) [2]string { return [2]string{digits(p, i), digits(p, i+500)} })
	case "Any":
		return fieldOf(codec.Any(), func(p string, i int) any { return digits(p, i) })
	case "Struct":
		var fields codec.Fields[record]
		fills := map[string]field{}
		for _, f := range c.Struct.Fields {
			inner := fieldFor(t, f.Codec)
			fields = append(fields, inner.bind(f.Name))
			fills[f.Name] = inner
		}
		return fieldOf(codec.Struct(fields...), func(p string, i int) record {
			r := record{}
			for name, f := range fills {
				f.fill(&r, name, p+"."+name, i)
			}
			return r
		})
	}
	t.Fatalf("no field for the codec %s", of)
	return field{}
}

// attributeOf returns the attribute of a model in the terms of the runtime.
func attributeOf(a *schema.Attribute) ddbe.Attribute {
	switch a.Action {
	case tag.Encrypt:
		return ddbe.EncryptedAttr(a.Name)
	case tag.Context:
		return ddbe.InContextAttr(a.Name)
	case tag.None:
		return ddbe.UnsignedAttr(a.Name)
	default:
		return ddbe.SignedAttr(a.Name)
	}
}

// schemaOf returns what generated code would say of the struct.
func schemaOf(t testing.TB, s *schema.Struct) *ddbe.Schema[record] {
	t.Helper()
	table := &ddbe.TableSchema{LogicalName: s.Table.LogicalName, AllowedUnsignedPrefix: s.Table.UnsignedPrefix}
	if s.Table.Suite != "" {
		table.Suite = crypto.SuiteHMAC
	}
	for _, other := range s.Table.Structs {
		for _, a := range other.Attributes {
			table.Attributes = append(table.Attributes, attributeOf(a))
		}
		if d := other.Discriminator; d != nil {
			table.Attributes = append(table.Attributes, ddbe.SignedAttr(d.Attribute))
		}
	}
	result := &ddbe.Schema[record]{Table: table}
	if d := s.Discriminator; d != nil {
		result.Discriminator = ddbe.Discriminator{Attribute: d.Attribute, Value: d.Value}
	}
	for _, a := range s.Attributes {
		var options []codec.Option
		for _, o := range a.Options {
			options = append(options, map[string]codec.Option{"OmitEmpty": codec.OmitEmpty, "NullEmpty": codec.NullEmpty}[o])
		}
		result.Fields = append(result.Fields, fieldFor(t, a.Codec).bind(a.Name, options...))
	}
	table.Keys = keysOf(s.Keys)
	for _, name := range s.Table.UnsignedNames {
		table.Attributes = append(table.Attributes, ddbe.UnsignedAttr(name))
	}
	if s.Table.Search != nil {
		table.Search = searchOf(s.Table.Search)
	}
	for _, x := range s.Table.Indexes {
		table.Indexes = append(table.Indexes, indexOf(x))
	}
	return result
}

func indexOf(x *schema.Index) ddbe.Index {
	return ddbe.Index{Name: x.Name, Partition: x.Partition, Sort: x.Sort, Projection: projections[x.Projection], Included: x.Include}
}

// keysOf returns the primary key. A key without an attribute is a signed beacon.
func keysOf(keys []schema.Key) ddbe.Keys {
	if a := keys[0].Attribute; a != nil && a.Action == tag.Context {
		return primaryKey(keys, ddbe.InContextAttr)
	}
	return primaryKey(keys, ddbe.SignedAttr)
}

func primaryKey[A ddbe.KeyAction](keys []schema.Key, attr func(string) ddbe.Attr[A]) ddbe.Keys {
	if len(keys) == 1 {
		return ddbe.PartitionOnly(attr(keys[0].Name))
	}
	return ddbe.PartitionAndSort(attr(keys[0].Name), attr(keys[1].Name))
}

func searchOf(s *schema.Search) *beacon.Config {
	c := &beacon.Config{MaxPartitions: s.MaxPartitions, DefaultPartitions: s.DefaultPartitions, KeyField: s.KeyField}
	for _, b := range s.Standard {
		style := beacon.Style{}
		switch b.Style {
		case "partOnly":
			style = beacon.PartOnly()
		case "asSet":
			style = beacon.AsSet()
		case "shared":
			style = beacon.Shared(b.Other)
		case "sharedSet":
			style = beacon.SharedSet(b.Other)
		}
		c.Standard = append(c.Standard, beacon.Standard{Name: b.Name, Length: b.Length, Location: b.Location, Style: style, Partitions: b.Partitions})
	}
	encrypted := func(parts []schema.EncryptedPart) (all []beacon.EncryptedPart) {
		for _, p := range parts {
			all = append(all, beacon.EncryptedPart{Name: p.Name, Prefix: p.Prefix})
		}
		return all
	}
	signed := func(parts []schema.SignedPart) (all []beacon.SignedPart) {
		for _, p := range parts {
			all = append(all, beacon.SignedPart{Name: p.Name, Prefix: p.Prefix, Location: p.Location})
		}
		return all
	}
	c.EncryptedParts, c.SignedParts = encrypted(s.EncryptedParts), signed(s.SignedParts)
	for _, b := range s.Compound {
		compound := beacon.Compound{Name: b.Name, Split: b.Split, Encrypted: encrypted(b.Encrypted), Signed: signed(b.Signed)}
		for _, parts := range b.Constructors {
			var constructor beacon.Constructor
			for _, p := range parts {
				constructor = append(constructor, beacon.ConstructorPart{Name: p.Name, Required: !p.Optional})
			}
			compound.Constructors = append(compound.Constructors, constructor)
		}
		c.Compound = append(c.Compound, compound)
	}
	for _, v := range s.Virtual {
		virtual := beacon.VirtualField{Name: v.Name}
		for _, p := range v.Parts {
			part := beacon.VirtualPart{Location: p.Location}
			for _, call := range p.Transforms {
				part.Transforms = append(part.Transforms, transformOf(call))
			}
			virtual.Parts = append(virtual.Parts, part)
		}
		c.Virtual = append(c.Virtual, virtual)
	}
	return c
}

func transformOf(c schema.TransformCall) beacon.Transform {
	switch c.Func {
	case "Upper":
		return beacon.Upper()
	case "Lower":
		return beacon.Lower()
	case "Insert":
		return beacon.Insert(c.Arguments[0].(string))
	case "Prefix":
		return beacon.Prefix(c.Arguments[0].(int))
	case "Suffix":
		return beacon.Suffix(c.Arguments[0].(int))
	case "Substring":
		return beacon.Substring(c.Arguments[0].(int), c.Arguments[1].(int))
	case "Segment":
		return beacon.Segment(c.Arguments[0].(rune), c.Arguments[1].(int))
	default:
		return beacon.Segments(c.Arguments[0].(rune), c.Arguments[1].(int), c.Arguments[2].(int))
	}
}
