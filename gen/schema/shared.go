package schema

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// share finds the structs that lie in one table, and merges what they say about
// it. It comes after each has been checked alone.
func (b *builder) share() {
	for i, s := range b.scopes {
		s.result.Table.Structs = []*Struct{s.result}
		if s.table.Broken {
			continue
		}
		for _, first := range b.scopes[:i] {
			if first.table.Name.Text == s.table.Name.Text && !first.table.Broken {
				first.others = append(first.others, s)
				s.sameTable = true
				break
			}
		}
	}
	var tables [][]*scope
	for _, first := range b.scopes {
		if first.sameTable {
			continue
		}
		structs := append([]*scope{first}, first.others...)
		tables = append(tables, structs)
		countLocal(structs)
		if len(first.others) > 0 {
			b.shareTable(structs)
		}
	}
	b.physicalNames(tables)
	for _, s := range b.scopes {
		s.emptyRest()
	}
}

// sharing is a table of several structs.
type sharing struct {
	*builder
	scopes []*scope
}

func (b *builder) shareTable(scopes []*scope) {
	t := &sharing{b, scopes}
	for i, s := range scopes {
		t.told(s)
		for _, earlier := range scopes[:i] {
			if t.toldApart(earlier, s); !earlier.broken && !s.broken {
				t.compare(earlier, s)
			}
		}
	}
	if len(b.diagnostics) == 0 {
		t.merge()
	}
}

func (s *scope) name() string { return s.result.Name }

// conflict reports what two structs cannot both say about their table.
func (t *sharing) conflict(at, other place, earlier *scope, fix, format string, args ...any) {
	t.report(at, TableConflict, fix, format, args...).see(other, "struct %s, which shares the table, says otherwise here", earlier.name())
}

// told reports a struct without a discriminator.
func (t *sharing) told(s *scope) {
	if d, _, ok := single[*tag.Discriminator](s); !ok {
		t.report(s.tablePlace.at(s.table.Name), Discriminator, fmt.Sprintf("add //ddbe:discriminator NAME=%s, with the same NAME above each of them", strings.ToLower(s.name())),
			"struct %s shares its table, and nothing tells its items from those of the others", s.name())
	} else if d.Broken {
		s.broken = true
	}
}

// toldApart compares the discriminators of two structs.
func (t *sharing) toldApart(earlier, s *scope) {
	a, b := earlier.result.Discriminator, s.result.Discriminator
	if a == nil || b == nil {
		return
	}
	d, at, _ := single[*tag.Discriminator](s)
	first, firstAt, _ := single[*tag.Discriminator](earlier)
	switch {
	case a.Attribute != b.Attribute:
		t.conflict(at.at(d.Attribute), firstAt.at(first.Attribute), earlier, fmt.Sprintf("write //ddbe:discriminator %s=%s", tag.Spell(a.Attribute), tag.Spell(b.Value)),
			"structs of one table have one discriminator attribute, and those of %s and %s differ", earlier.name(), s.name())
	case a.Value == b.Value:
		t.report(at.at(d.Value), Discriminator, "choose another value", "structs %s and %s have the same discriminator %q", earlier.name(), s.name(), a.Value).
			see(firstAt.at(first.Value), "it is also here")
	}
}

// compare reports everything in which two structs contradict each other.
func (t *sharing) compare(earlier, s *scope) {
	t.compareTable(earlier, s)
	t.compareTTL(earlier, s)
	t.compareAttributes(earlier, s)
	t.compareAttributes(s, earlier)
	t.compareKeys(earlier, s)
	t.compareIndexes(earlier, s)
	t.compareSearch(earlier, s)
	t.compareNames(earlier, s)
	t.compareNames(s, earlier)
	t.compareContext(earlier, s)
	t.compareContext(s, earlier)
	t.compareUnsigned(earlier, s)
	t.compareUnsigned(s, earlier)
	t.untoldBeacons(earlier, s)
	t.untoldBeacons(s, earlier)
}

func (t *sharing) compareTable(earlier, s *scope) {
	words := func(s *scope) []tag.Word { return []tag.Word{s.table.Physical, s.table.Suite} }
	for i, w := range words(s) {
		if other := words(earlier)[i]; w.Written() && other.Written() && w.Text != other.Text {
			t.conflict(s.tablePlace.at(w), earlier.tablePlace.at(other), earlier, "write the same, or write it above one of the structs",
				"table %q cannot be %q and %q", s.table.Name.Text, other.Text, w.Text)
		}
	}
	u, at, ok := single[*tag.Unsigned](s)
	first, firstAt, also := single[*tag.Unsigned](earlier)
	if ok && also && u.Prefix.Written() && first.Prefix.Written() && u.Prefix.Text != first.Prefix.Text {
		t.conflict(at.at(u.Prefix), firstAt.at(first.Prefix), earlier, "write the same, or write it above one of the structs",
			"a table has one prefix of unsigned attributes, and not %q and %q", first.Prefix.Text, u.Prefix.Text)
	}
}

// compareAttributes compares the attributes of s with those of other, and with
// what other says about attributes that it has no field for.
func (t *sharing) compareAttributes(other, s *scope) {
	u, at, unsigned := single[*tag.Unsigned](other)
	for _, a := range s.order {
		if b := other.attributes[a.Name]; b != nil && slices.Index(t.scopes, other) < slices.Index(t.scopes, s) {
			t.compareAttribute(other, a, b)
		}
		if !a.known() {
			continue
		}
		if d := other.result.Discriminator; d != nil && d.Attribute == a.Name && (s.result.Discriminator == nil || s.result.Discriminator.Attribute != a.Name) {
			w, place, _ := single[*tag.Discriminator](other)
			t.conflict(a.field.namePlace(), place.at(w.Attribute), other, "give one of them another name", "attribute %q is the discriminator of struct %s", a.Name, other.name())
		}
		if !unsigned || a.Action == tag.None {
			continue
		}
		for _, w := range u.Names {
			if w.Text == a.Name {
				t.conflict(a.field.at(a.field.tag.ActionSpan), at.at(w), other, "give one of them another name", "attribute %q is signed here, and unsigned in struct %s", a.Name, other.name())
			}
		}
		if u.Prefix.Text != "" && strings.HasPrefix(a.Name, u.Prefix.Text) {
			t.conflict(a.field.at(a.field.tag.ActionSpan), at.at(u.Prefix), other, "choose another prefix, or another attribute name", "attribute %q is signed, and its name begins with the prefix of unsigned ones", a.Name)
		}
	}
}

func (t *sharing) compareAttribute(earlier *scope, a, b *attribute) {
	if a.known() && b.known() && a.Action != b.Action {
		corrected := a.field.tag
		corrected.Action = b.Action
		t.conflict(a.field.at(a.field.tag.ActionSpan), b.field.at(b.field.tag.ActionSpan), earlier,
			fmt.Sprintf("write `%s`, or give one of the attributes another name", corrected), "attribute %q has another action in struct %s", a.Name, earlier.name())
	}
	if a.Role != b.Role {
		at := a.field.namePlace()
		if a.Role != tag.NoRole {
			at = a.field.at(a.field.tag.RoleSpan)
		}
		t.conflict(at, b.field.namePlace(), earlier, "structs of one table have one primary key", "attribute %q is not the same key in structs %s and %s", a.Name, earlier.name(), t.owner(a))
	} else if a.Role != tag.NoRole && a.Codec != nil && b.Codec != nil && a.Codec.Wire&^wireNull != b.Codec.Wire&^wireNull {
		t.conflict(a.field.typePlace(), b.field.typePlace(), earlier, "use types that are stored alike", "%s key %s is stored as %s, and as %s in struct %s", a.Role, a.GoName, a.Codec.Wire, b.Codec.Wire, earlier.name())
	}
}

// owner returns the name of the struct that has an attribute.
func (t *sharing) owner(a *attribute) string {
	i := slices.IndexFunc(t.scopes, func(s *scope) bool { return s.attributes[a.Name] == a })
	return t.scopes[i].name()
}

// compareKeys reports primary keys of different attributes.
func (t *sharing) compareKeys(earlier, s *scope) {
	names := func(s *scope) (all []string) {
		for _, k := range s.result.Keys {
			all = append(all, k.Name)
		}
		return all
	}
	if a, b := names(earlier), names(s); len(a) > 0 && len(b) > 0 && !slices.Equal(a, b) {
		t.conflict(s.structName(), earlier.structName(), earlier, "name the attributes alike in their dynamodbav tags",
			"structs of one table have one primary key, and that of %s is %s and that of %s is %s", earlier.name(), enumerate(a), s.name(), enumerate(b))
	}
}

// compareContext reports attributes of s in the encryption context that items of
// the other struct do not have, and could not be encrypted without.
func (t *sharing) compareContext(other, s *scope) {
	for _, a := range s.order {
		if a.Action == tag.Context && other.attributes[a.Name] == nil {
			t.conflict(other.structName(), a.field.at(a.field.tag.ActionSpan), s, fmt.Sprintf("add a field for %q to %s, or take it out of the context", a.Name, other.name()),
				"every item of the table has the attributes of the encryption context, and struct %s has no field for %q", other.name(), a.Name)
		}
	}
}

// compareIndexKeys reports attributes that are the key of an index of s, and that
// the other struct stores as another type: DynamoDB would refuse its items.
func (t *sharing) compareIndexKeys(other, s *scope) {
	for i, x := range s.result.Table.Indexes {
		for _, key := range []string{x.Partition, x.Sort} {
			a, b := s.attributes[key], other.attributes[key]
			if a != nil && b != nil && a.signed() && a.Codec != nil && b.Codec != nil && a.Codec.Wire&^wireNull != b.Codec.Wire&^wireNull {
				t.report(b.field.typePlace(), TableConflict, "use types that are stored alike", "the key %q of index %q is stored as %s, and here as %s", key, x.Name, a.Codec.Wire, b.Codec.Wire).
					see(s.indexPlaces[i], "index %q is here", x.Name)
			}
		}
	}
}

func (t *sharing) compareIndexes(earlier, s *scope) {
	t.compareIndexKeys(earlier, s)
	t.compareIndexKeys(s, earlier)
	for i, x := range s.result.Table.Indexes {
		for j, o := range earlier.result.Table.Indexes {
			if x.Name != o.Name {
				continue
			}
			if x.Partition != o.Partition || x.Sort != o.Sort {
				t.conflict(s.indexPlaces[i], earlier.indexPlaces[j], earlier, "write the same keys, or give one of them another name", "index %q has other keys in struct %s", x.Name, earlier.name())
				continue
			}
			if x.Local != o.Local {
				t.conflict(s.indexPlaces[i], earlier.indexPlaces[j], earlier, "write the same, or give one of them another name", "index %q is local in one of structs %s and %s, and global in the other", x.Name, earlier.name(), s.name())
			}
			if x.Projection != o.Projection {
				t.conflict(s.indexPlaces[i], earlier.indexPlaces[j], earlier, "write the same projection, or give one of them another name", "index %q has another projection in struct %s", x.Name, earlier.name())
			}
		}
	}
}
