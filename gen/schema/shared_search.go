package schema

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// compareSearch reports beacons and the like that two structs define otherwise.
func (t *sharing) compareSearch(earlier, s *scope) {
	t.comparePartitions(earlier, s)
	t.compareTenants(earlier, s)
	const fix = "write the same, or choose another name"
	for _, b := range s.inOrder() {
		if o := earlier.standard[b.Name]; o != nil && *o.StandardBeacon != *b.StandardBeacon {
			t.conflict(b.at.at(b.name), o.at.at(o.name), earlier, fix, "beacon %q is another one in struct %s", b.Name, earlier.name())
		}
		for _, o := range earlier.inOrder() {
			if o.Name != b.Name && o.location.Text == b.location.Text {
				t.conflict(b.at.at(b.location), o.at.at(o.location), earlier, "use the one that is there", "beacons %q and %q are on the same location", o.Name, b.Name)
			}
		}
	}
	for _, v := range s.virtual {
		for _, o := range earlier.virtual {
			switch {
			case o.Name == v.Name && !reflect.DeepEqual(o.VirtualField, v.VirtualField):
				t.conflict(v.at.at(v.name), o.at.at(o.name), earlier, fix, "virtual field %q is another one in struct %s", v.Name, earlier.name())
			case o.Name != v.Name && slices.Equal(o.locations(), v.locations()):
				t.conflict(v.at.at(v.name), o.at.at(o.name), earlier, "use the one that is there", "virtual fields %q and %q are made of the same attributes", o.Name, v.Name)
			}
		}
	}
	t.compareVirtualAlone(earlier, s)
	t.compareVirtualAlone(s, earlier)
	for _, c := range s.compound {
		if o := earlier.compound[c.Name]; o != nil {
			t.compareCompound(earlier, o, c)
			t.firstUsed(earlier, s, o, c)
		}
	}
	t.compareParts(earlier, s)
}

// compareVirtualAlone reports a beacon on what is all that a virtual field of the
// other struct is made of: it is a text there, and the two hashes would differ.
func (t *sharing) compareVirtualAlone(other, s *scope) {
	for _, b := range s.inOrder() {
		for _, v := range other.virtual {
			if slices.Equal(v.locations(), []string{b.location.Text}) {
				t.conflict(b.at.at(b.location), v.at.at(v.name), other, fmt.Sprintf("put the beacon on %q, or make the virtual field of more", v.Name),
					"virtual field %q is made of nothing but %q, which has a beacon of its own", v.Name, b.location.Text)
			}
		}
	}
}

func (t *sharing) comparePartitions(earlier, s *scope) {
	d, at, ok := single[*tag.Partitions](s)
	first, firstAt, also := single[*tag.Partitions](earlier)
	if ok && also && (d.Max.Value != first.Max.Value || d.Default.Value != first.Default.Value) {
		t.conflict(at.line(), firstAt.line(), earlier, "write the same, or write it above one of the structs", "the beacons of one table are spread over the same number of partitions")
	}
}

// compareTenants holds that every struct of a table has its tenant.
func (t *sharing) compareTenants(earlier, s *scope) {
	for _, pair := range [][2]*scope{{earlier, s}, {s, earlier}} {
		with, without := pair[0], pair[1]
		d, at, ok := single[*tag.Tenant](with)
		if !ok {
			continue
		}
		o, otherAt, also := single[*tag.Tenant](without)
		switch {
		case also && o.Attribute.Text != d.Attribute.Text:
			t.conflict(otherAt.at(o.Attribute), at.at(d.Attribute), with, "name the same attribute", "a table has one attribute that names the branch key, and not %q and %q", d.Attribute.Text, o.Attribute.Text)
		case !also && (without.result.Table.Search != nil || without.attributes[d.Attribute.Text] == nil):
			t.conflict(without.structName(), at.at(d.Attribute), with, fmt.Sprintf("give it the attribute %q and, if it has beacons, //ddbe:tenant %s", d.Attribute.Text, tag.Spell(d.Attribute.Text)),
				"every item of the table needs the attribute that names its branch key, and struct %s does not say so", without.name())
		}
	}
}

func (t *sharing) compareCompound(earlier *scope, o, c *compound) {
	switch {
	case o.Split != c.Split:
		t.conflict(c.at.at(c.name), o.at.at(o.name), earlier, "write the same, or choose another name", "beacon %q has another split character in struct %s", c.Name, earlier.name())
	case o.signed != c.signed:
		t.conflict(c.at.at(c.name), o.at.at(o.name), earlier, "write encrypted parts in both, or choose another name", "beacon %q has an encrypted part in one of structs %s and %s, and is signed in the other", c.Name, earlier.name(), t.ownerOf(c))
	}
}

func (t *sharing) ownerOf(c *compound) string {
	i := slices.IndexFunc(t.scopes, func(s *scope) bool { return s.compound[c.Name] == c })
	return t.scopes[i].name()
}

// everyPart returns the parts that a compound beacon of a struct can have, which
// are those of its own directive and those of //ddbe:parts.
func (s *scope) everyPart(c *compound) (all []part) {
	if d, ok := c.at.Directive.(*tag.Compound); ok {
		all = s.parts(c.at, d.Encrypted, d.Signed)
	}
	return slices.Concat(all, s.globals())
}

func (s *scope) globals() []part {
	if d, at, ok := single[*tag.Parts](s); ok && !d.Broken {
		return s.parts(at, d.Encrypted, d.Signed)
	}
	return nil
}

func (p part) same(o part) bool {
	return p.name == o.name && p.prefix == o.prefix && p.encrypted == o.encrypted && p.word.Location.Text == o.word.Location.Text
}

// compareParts reports parts of the same beacon that could not be told from each
// other. The parts of //ddbe:parts are those of all beacons.
func (t *sharing) compareParts(earlier, s *scope) {
	t.compareOwnParts(earlier, s)
	t.compareOwnParts(s, earlier)
	for _, c := range s.compound {
		o := earlier.compound[c.Name]
		if o == nil || o.Split != c.Split {
			continue
		}
		for _, p := range s.everyPart(c) {
			for _, q := range earlier.everyPart(o) {
				t.comparePart(earlier, p, q)
			}
		}
	}
	for _, p := range s.globals() {
		for _, q := range earlier.globals() {
			t.comparePart(earlier, p, q)
		}
	}
}

// compareOwnParts reports parts of one beacon of s that //ddbe:parts of the other
// struct has for all beacons.
func (t *sharing) compareOwnParts(other, s *scope) {
	for _, c := range s.compound {
		d, ok := c.at.Directive.(*tag.Compound)
		if !ok || d.Broken {
			continue
		}
		for _, p := range s.parts(c.at, d.Encrypted, d.Signed) {
			for _, q := range other.globals() {
				if p.name == q.name || p.prefix == q.prefix {
					t.conflict(p.at.at(p.word.Name), q.at.at(q.word.Name), other, "give it another name and another prefix, or write //ddbe:parts in both structs and name the part in a //ddbe:constructor",
						"the part %q with the prefix %q is one for all beacons of the table, and not beacon %q's own", q.name, q.prefix, c.Name)
				}
			}
		}
	}
}

func (t *sharing) comparePart(earlier *scope, p, q part) {
	switch at, other := p.at.at(p.word.Prefix), q.at.at(q.word.Prefix); {
	case p.same(q):
	case p.name == q.name:
		t.conflict(p.at.at(p.word.Name), q.at.at(q.word.Name), earlier, "write the same, or give it another name", "part %q is another one in struct %s", p.name, earlier.name())
	case strings.HasPrefix(p.prefix, q.prefix) || strings.HasPrefix(q.prefix, p.prefix):
		t.conflict(at, other, earlier, "choose prefixes of which none begins with another", "the prefixes %q and %q begin alike", q.prefix, p.prefix)
	}
}

// all returns the constructors of a compound beacon, the one that is not written
// too.
func (c *CompoundBeacon) all() [][]ConstructorPart {
	if len(c.Constructors) > 0 {
		return c.Constructors
	}
	var parts []ConstructorPart
	for _, p := range c.Signed {
		parts = append(parts, ConstructorPart{Name: p.Name})
	}
	for _, p := range c.Encrypted {
		parts = append(parts, ConstructorPart{Name: p.Name})
	}
	return [][]ConstructorPart{parts}
}

// firstUsed reports a constructor of the earlier struct that would be used for
// items of s: constructors are tried in the order of the structs.
func (t *sharing) firstUsed(earlier, s *scope, o, c *compound) {
	values := map[string][]value{}
	for _, p := range earlier.everyPart(o) {
		values[p.name] = p.values
	}
	for _, k := range o.all() {
		fits := !slices.ContainsFunc(c.all(), func(own []ConstructorPart) bool { return slices.Equal(own, k) })
		for _, name := range requiredParts(k) {
			for _, a := range sources(values[name]) {
				fits = fits && s.attributes[a.Name] != nil
			}
		}
		if fits {
			t.conflict(c.at.at(c.name), o.at.at(o.name), earlier, "write the same constructors, choose another name, or make them of attributes that the other struct does not have",
				"beacon %q of an item of struct %s would be made as struct %s says, which has all that it needs", c.Name, s.name(), earlier.name())
			return
		}
	}
}

// compareNames reports beacons and virtual fields of one struct whose name an
// attribute of the other one has.
func (t *sharing) compareNames(other, s *scope) {
	taken := func(at place, name, what string, a *attribute) {
		t.conflict(at, a.field.namePlace(), other, "choose another name", "%s cannot have the name %q: it is an attribute of struct %s", what, name, other.name())
	}
	for _, v := range s.virtual {
		if a := other.attributes[v.Name]; a != nil {
			taken(v.at.at(v.name), v.Name, "a virtual field", a)
		}
	}
	for _, c := range s.compound {
		if a := other.attributes[c.Name]; a != nil && (c.signed || a.known() && a.Action != tag.Encrypt) {
			taken(c.at.at(c.name), c.Name, "a compound beacon", a)
		}
		if b := other.standard[c.Name]; b != nil {
			t.conflict(c.at.at(c.name), b.at.at(b.name), other, "choose another name", "beacon %q is a standard one in struct %s", c.Name, other.name())
		}
	}
	for _, b := range s.standard {
		if a := other.attributes[b.Name]; a != nil && a.known() && a.Action != tag.Encrypt && b.location.Text != b.Name {
			taken(b.at.at(b.name), b.Name, "a standard beacon", a)
		}
	}
}

// untoldBeacons reports attributes of s that would get a beacon that other has
// and s does not speak of.
func (t *sharing) untoldBeacons(other, s *scope) {
	for _, b := range other.inOrder() {
		if b.Style == "partOnly" || s.standard[b.Name] != nil || s.broken {
			continue
		}
		all := sources(b.values)
		for _, a := range all {
			if s.attributes[a.Name] == nil {
				all = nil
			}
		}
		if len(all) > 0 {
			a := s.attributes[all[0].Name]
			t.conflict(a.field.namePlace(), b.at.at(b.name), other, fmt.Sprintf("write the same //ddbe:beacon %s above %s, or give the attribute another name", tag.Spell(b.Name), s.name()),
				"attribute %q gets the beacon %q too, and struct %s does not say so", a.Name, b.Name, s.name())
		}
	}
}

// merge gives every struct of a table the configuration of all.
func (t *sharing) merge() {
	var all Table
	search := &Search{}
	for _, s := range t.scopes {
		table := s.result.Table
		all.Structs = append(all.Structs, s.result)
		if table.PhysicalName != "" {
			all.PhysicalName = table.PhysicalName
		}
		if table.Suite != "" {
			all.Suite = table.Suite
		}
		if table.TTL != "" {
			all.TTL = table.TTL
		}
		if table.UnsignedPrefix != "" {
			all.UnsignedPrefix = table.UnsignedPrefix
		}
		for _, name := range table.UnsignedNames {
			if !slices.Contains(all.UnsignedNames, name) {
				all.UnsignedNames = append(all.UnsignedNames, name)
			}
		}
		if table.Search != nil {
			search.add(table.Search)
			all.Search = search
		}
	}
	// A name is unsigned as soon as one struct says so; as a field it says more.
	for _, s := range t.scopes {
		all.UnsignedNames = slices.DeleteFunc(all.UnsignedNames, func(name string) bool { return s.attributes[name] != nil })
	}
	t.mergeProjections()
	all.Pos = t.scopes[0].result.Table.Pos
	for _, s := range t.scopes {
		all.LogicalName, all.Indexes = s.result.Table.LogicalName, s.result.Table.Indexes
		*s.result.Table = all
	}
}

// mergeProjections makes an index include what the structs that query it say
// together.
func (t *sharing) mergeProjections() {
	include := map[string][]string{}
	for _, s := range t.scopes {
		for _, x := range s.result.Table.Indexes {
			include[x.Name] = union(include[x.Name], x.Include, func(name string) string { return name })
		}
	}
	for _, s := range t.scopes {
		for _, x := range s.result.Table.Indexes {
			x.Include = include[x.Name]
		}
	}
}

// add adds the beacons of another struct, which do not contradict those of s.
func (s *Search) add(o *Search) {
	if o.MaxPartitions != 0 {
		s.MaxPartitions, s.DefaultPartitions = o.MaxPartitions, o.DefaultPartitions
	}
	if o.KeyField != "" {
		s.KeyField = o.KeyField
	}
	s.Standard = union(s.Standard, o.Standard, func(b *StandardBeacon) string { return b.Name })
	s.Virtual = union(s.Virtual, o.Virtual, func(v *VirtualField) string { return v.Name })
	s.EncryptedParts = union(s.EncryptedParts, o.EncryptedParts, EncryptedPart.name)
	s.SignedParts = union(s.SignedParts, o.SignedParts, SignedPart.name)
	for _, c := range o.Compound {
		i := slices.IndexFunc(s.Compound, func(mine *CompoundBeacon) bool { return mine.Name == c.Name })
		if i < 0 {
			s.Compound = append(s.Compound, c)
			continue
		}
		s.Compound[i] = s.Compound[i].with(c)
	}
}

func (p EncryptedPart) name() string { return p.Name }

func (p SignedPart) name() string { return p.Name }

// union returns all, and of more what has another name.
func union[T any](all, more []T, name func(T) string) []T {
	for _, m := range more {
		if !slices.ContainsFunc(all, func(a T) bool { return name(a) == name(m) }) {
			all = append(all, m)
		}
	}
	return all
}

// with returns the beacon that c and o are in one table.
func (c *CompoundBeacon) with(o *CompoundBeacon) *CompoundBeacon {
	constructors := slices.Clone(c.all())
	for _, k := range o.all() {
		if !slices.ContainsFunc(constructors, func(mine []ConstructorPart) bool { return slices.Equal(mine, k) }) {
			constructors = append(constructors, k)
		}
	}
	both := &CompoundBeacon{
		Name: c.Name, Split: c.Split,
		Encrypted: union(slices.Clone(c.Encrypted), o.Encrypted, EncryptedPart.name),
		Signed:    union(slices.Clone(c.Signed), o.Signed, SignedPart.name),
	}
	if len(constructors) > 1 || len(c.Constructors)+len(o.Constructors) > 0 {
		both.Constructors = constructors
	}
	return both
}
