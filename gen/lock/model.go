package lock

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ddbegen/ddbegen/gen/schema"
	"github.com/ddbegen/ddbegen/gen/tag"
)

// BeaconPrefix begins the names of stored beacons (specification:
// searchable-encryption/beacons).
const BeaconPrefix = "aws_dbe_b_"

var actions = map[tag.Action]string{tag.Encrypt: Encrypt, tag.Sign: Sign, tag.Context: Context, tag.None: None}

// suites maps the names of algorithm suites in runtime/crypto to their ids.
var suites = map[string]string{"": "0x6701", "SuiteECDSA": "0x6701", "SuiteHMAC": "0x6700"}

// Of returns what the items of a package depend on.
func Of(p *schema.Package) *File {
	f := &File{Format: Format, Tables: map[string]*Table{}}
	for _, s := range p.Structs {
		name := s.Table.LogicalName
		if f.Tables[name] == nil {
			f.Tables[name] = tableOf(s.Table)
		}
		f.Tables[name].add(s)
	}
	for _, t := range f.Tables {
		t.tell()
	}
	return f
}

func tableOf(t *schema.Table) *Table {
	table := &Table{
		Suite: suites[t.Suite], Attributes: map[string]Attribute{},
		Unsigned: slices.Sorted(slices.Values(t.UnsignedNames)), UnsignedPrefix: t.UnsignedPrefix,
	}
	if t.Search != nil {
		table.search(t.Search)
	}
	return table
}

// add adds what the items of one struct have.
func (t *Table) add(s *schema.Struct) {
	t.Structs = append(t.Structs, s.Name)
	slices.Sort(t.Structs)
	if d := s.Discriminator; d != nil {
		t.Discriminator = d.Attribute
		if t.DiscriminatorValues == nil {
			t.DiscriminatorValues = map[string]string{}
		}
		t.DiscriminatorValues[s.Name] = d.Value
	}
	for i, key := range s.Keys {
		*[]*string{&t.PartitionKey, &t.SortKey}[i] = key.Name
	}
	for _, a := range s.Attributes {
		t.Attributes[a.Name] = t.Attributes[a.Name].with(s.Name, a)
	}
	for _, x := range s.Table.Indexes {
		if t.Indexes == nil {
			t.Indexes = map[string]Index{}
		}
		t.Indexes[x.Name] = Index{
			PartitionKey: t.stored(x.Partition), SortKey: t.stored(x.Sort), Local: x.Local,
			Projection: x.Projection, Include: slices.Sorted(slices.Values(x.Include)),
		}
	}
}

// with returns the attribute of a table where one more struct has it.
func (a Attribute) with(structure string, field *schema.Attribute) Attribute {
	stored := storedAs(field)
	if a.Action == "" {
		return Attribute{Action: actions[field.Action], Stored: stored, fields: map[string]Stored{structure: stored}}
	}
	a.Stored = a.or(stored)
	a.fields[structure] = stored
	return a
}

func storedAs(a *schema.Attribute) Stored {
	is := Stored{Reads: map[string][]string{}}
	a.Codec.Shape(func(path string, c *schema.Codec) {
		is.Reads[path] = c.Reads()
		if path == "" {
			is.Type = typeOf(c)
			return
		}
		if outer, element := strings.CutSuffix(path, "[]"); element && (outer == "" && isSet(is.Type) || isSet(is.Nested[outer])) {
			return // the type of a set says what its elements are
		}
		if is.Nested == nil {
			is.Nested = map[string]string{}
		}
		is.Nested[path] = typeOf(c)
	})
	a.Codec.Forms(a.Options, func(path, form string) {
		if path == "" {
			is.Form = form
			return
		}
		if is.NestedForms == nil {
			is.NestedForms = map[string]string{}
		}
		is.NestedForms[path] = form
	})
	return is
}

func isSet(text string) bool { return text == "SS" || text == "NS" || text == "BS" }

func typeOf(c *schema.Codec) string {
	kinds := c.Wire.Kinds()
	if len(kinds) == len(allKinds) {
		return Any
	}
	return typeText(kinds)
}

// typeText writes the kinds of a type.
func typeText(kinds []string) string {
	kinds = slices.Clone(kinds)
	if len(kinds) > 1 {
		kinds = slices.DeleteFunc(kinds, func(k string) bool { return k == "NULL" })
	}
	return strings.Join(kinds, "|")
}

// allKinds are DynamoDB's letters for its types, in the order in which a type
// names them.
var allKinds = []string{"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"}

// Kinds returns DynamoDB's letters for a type, nil for a text that is not one.
func Kinds(text string) []string {
	if text == Any {
		return allKinds
	}
	kinds := strings.Split(text, "|")
	last := -1
	for _, k := range kinds {
		i := slices.Index(allKinds, k)
		if i <= last {
			return nil
		}
		last = i
	}
	return kinds
}

func (t *Table) search(s *schema.Search) {
	t.Tenant = s.KeyField
	if s.MaxPartitions > 1 {
		t.MaxPartitions = s.MaxPartitions
	}
	for _, v := range s.Virtual {
		if t.Virtual == nil {
			t.Virtual = map[string][]string{}
		}
		for _, p := range v.Parts {
			t.Virtual[v.Name] = append(t.Virtual[v.Name], virtualPart(p))
		}
	}
	for _, b := range s.Standard {
		if t.Standard == nil {
			t.Standard = map[string]Standard{}
		}
		partitions := cmp.Or(b.Partitions, s.DefaultPartitions, s.MaxPartitions)
		if partitions == 1 {
			partitions = 0
		}
		t.Standard[b.Name] = Standard{
			Location: cmp.Or(b.Location, b.Name), Length: b.Length,
			Style: b.Style, SharedWith: b.Other, Partitions: partitions,
		}
	}
	for _, c := range s.Compound {
		if t.Compound == nil {
			t.Compound = map[string]Compound{}
		}
		b := Compound{Split: string(c.Split), Constructors: constructors(s, c)}
		b.Encrypted = b.Signed() && len(c.Encrypted) > 0
		t.Compound[c.Name] = b
	}
}

// constructors returns the ways to make a compound beacon, with the parts in
// place of their names: where a part is defined changes nothing.
func constructors(s *schema.Search, c *schema.CompoundBeacon) [][]Part {
	byName := map[string]Part{}
	var local []Part
	for i, parts := range [][]schema.SignedPart{s.SignedParts, c.Signed} {
		for _, p := range parts {
			byName[p.Name] = Part{Prefix: p.Prefix, Text: cmp.Or(p.Location, p.Name)}
			if i == 1 {
				local = append(local, byName[p.Name])
			}
		}
	}
	for i, parts := range [][]schema.EncryptedPart{s.EncryptedParts, c.Encrypted} {
		for _, p := range parts {
			byName[p.Name] = Part{Prefix: p.Prefix, Beacon: p.Name}
			if i == 1 {
				local = append(local, byName[p.Name])
			}
		}
	}
	if len(c.Constructors) == 0 {
		return [][]Part{local}
	}
	var all [][]Part
	for _, k := range c.Constructors {
		var parts []Part
		for _, p := range k {
			part := byName[p.Name]
			part.Optional = p.Optional
			parts = append(parts, part)
		}
		all = append(all, parts)
	}
	return all
}

// virtualPart writes a part of a virtual field as a directive does.
func virtualPart(p schema.VirtualPart) string {
	text := p.Location
	if strings.ContainsFunc(text, func(r rune) bool { return strings.ContainsRune(`,:=()+?@" `, r) }) {
		text = strconv.Quote(text)
	}
	for _, t := range p.Transforms {
		text = strings.ToLower(t.Func) + "(" + text
		for _, a := range t.Arguments {
			switch a := a.(type) {
			case rune:
				text += "," + strconv.Quote(string(a))
			case string:
				text += "," + strconv.Quote(a)
			default:
				text += fmt.Sprintf(",%d", a)
			}
		}
		text += ")"
	}
	return text
}

// Source returns the location that a part of a virtual field takes its text
// from.
func Source(part string) string {
	for {
		transform, rest, ok := strings.Cut(part, "(")
		if !ok || strings.ContainsAny(transform, `,"`) {
			break
		}
		part = rest
	}
	if quoted, err := strconv.QuotedPrefix(part); err == nil {
		text, _ := strconv.Unquote(quoted) // a quoted prefix can be unquoted
		return text
	}
	if end := strings.IndexAny(part, ",)"); end >= 0 {
		return part[:end]
	}
	return part
}

// stored returns the attribute in which a key of an index is stored.
func (t *Table) stored(name string) string {
	if c, ok := t.Compound[name]; ok && c.Signed() {
		return name
	} else if ok {
		return BeaconPrefix + name
	}
	if _, ok := t.Standard[name]; ok {
		return BeaconPrefix + name
	}
	return name
}
