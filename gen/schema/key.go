package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// keys checks the attributes of the primary key.
func (s *scope) keys() {
	var context *attribute
	first := map[tag.Role]*attribute{}
	for _, a := range s.order {
		if a.Role != tag.NoRole && first[a.Role] != nil {
			s.report(a.field.at(a.field.tag.RoleSpan), KeyDuplicate, "keep one", "ddbe table %s has two %s keys, %s and %s", s.result.Name, a.Role, first[a.Role].GoName, a.GoName).
				see(first[a.Role].field.at(first[a.Role].field.tag.RoleSpan), "the first one is here")
		} else if a.Role != tag.NoRole {
			first[a.Role] = a
		}
		if a.Action == tag.Context && context == nil {
			context = a
		}
	}
	for _, role := range []tag.Role{tag.Partition, tag.Sort} {
		if a := first[role]; a != nil {
			s.key(a, context)
			s.keyOf[role] = Key{a.Name, &a.Attribute}
		}
	}
	s.context = context
}

// key checks one attribute of the primary key. The first attribute in the
// encryption context is nil where there is none.
func (s *scope) key(a, context *attribute) {
	at := a.field.at(a.field.tag.ActionSpan)
	corrected := a.field.tag
	corrected.Action = tag.Sign
	if context != nil {
		corrected.Action = tag.Context
	}
	switch {
	case a.Action == tag.Encrypt:
		s.report(at, KeyEncrypted, fmt.Sprintf("write `%s`; to search by a secret value, add a beacon", corrected), "%s key %s cannot be encrypted: DynamoDB must read it", a.Role, a.GoName)
	case a.Action == tag.None:
		s.report(at, KeyUnsigned, fmt.Sprintf("write `%s`", corrected), "%s key %s must be signed: an item could be moved to another key unseen", a.Role, a.GoName)
	case a.Action == tag.Sign && context != nil:
		s.report(at, KeyContext, fmt.Sprintf("write `%s`", corrected), "%s key %s must be in the encryption context as soon as any attribute is", a.Role, a.GoName).
			see(context.field.at(context.field.tag.ActionSpan), "attribute %s is in the encryption context", context.GoName)
	}
	s.keyName(a.field.attributePlace(), a.Name)
	switch {
	case a.Codec == nil || keyType(a.Codec):
	case a.Codec.Func == "Pointer":
		s.report(a.field.typePlace(), KeyType, "use a type that is not a pointer", "%s key %s can be nil, and every item has a key", a.Role, a.GoName)
	default:
		s.report(a.field.typePlace(), KeyType, "use a string, a number, []byte, or a type with MarshalText", "%s key %s is stored as %s, and DynamoDB takes a string, a number or binary", a.Role, a.GoName, a.Codec.Wire)
	}
}

// keyName reports whether an attribute can be a key under the name that it is
// stored with (API reference, KeySchemaElement), and says so where it cannot.
func (s *scope) keyName(at place, stored string) bool {
	if len(stored) <= 255 {
		return true
	}
	what := "the name of a key attribute is at most 255 bytes long"
	if strings.HasPrefix(stored, beaconPrefix) {
		what += ", and this beacon is stored with " + beaconPrefix + " in front"
	}
	s.report(at, AttributeName, "choose a shorter name", "%s", what)
	return false
}

// storedName returns the name of the attribute that an attribute or a beacon is
// stored as.
func (s *scope) storedName(name string) string {
	if c := s.compound[name]; s.standard[name] != nil || c != nil && !c.signed {
		return beaconPrefix + name
	}
	return name
}

// keyType reports whether a codec always gives what DynamoDB takes for a key:
// a string, a number or bytes. A nil []byte is one empty key among others, and
// refused by DynamoDB as such.
func keyType(c *Codec) bool {
	wire := c.Wire
	if c.Func == "Bytes" || c.Func == "Array" {
		wire &^= wireNull
	}
	return wire == wireS || wire == wireN || wire == wireB
}

// keyBeacons reads //ddbe:key, which makes signed beacons keys, and collects the
// keys. It comes after the beacons are known.
func (s *scope) keyBeacons() {
	d, at, ok := single[*tag.PrimaryKey](s)
	if ok && !d.Broken {
		s.keyBeacon(at, tag.Partition, d.Partition)
		s.keyBeacon(at, tag.Sort, d.Sort)
	}
	if _, ok := s.keyOf[tag.Partition]; !ok && !s.broken && !s.anyUnknown() {
		s.report(s.structName(), KeyMissing, "write `ddbe:\"partition,sign\"` on the field that is the partition key", "ddbe table %s has no partition key", s.result.Name)
	}
	var values []value
	for _, role := range []tag.Role{tag.Partition, tag.Sort} {
		k, ok := s.keyOf[role]
		if !ok {
			continue
		}
		s.result.Keys = append(s.result.Keys, k)
		if k.Attribute != nil {
			values = append(values, value{attribute: s.attributes[k.Name], path: []Step{}})
		} else {
			values = append(values, s.compound[k.Name].values...)
		}
	}
	s.result.Key = arguments(values)
}

func (s *scope) keyBeacon(at rawDirective, role tag.Role, w tag.Word) {
	c := s.compound[w.Text]
	switch {
	case !w.Written():
	case s.keyOf[role].Attribute != nil:
		a := s.attributes[s.keyOf[role].Name]
		s.report(at.at(w), KeyDuplicate, "keep one", "ddbe table %s has two %s keys, beacon %q and field %s", s.result.Name, role, w.Text, a.GoName).
			see(a.field.at(a.field.tag.RoleSpan), "the field is here")
	case c == nil:
		if !s.broken {
			s.report(at.at(w), KeyBeacon, s.hint(w.Text, slices.Collect(maps.Keys(s.compound)), func(name string) bool { return s.compound[name].signed }), "there is no signed beacon %q", w.Text)
		}
	case c.broken:
	case role == tag.Sort && s.keyOf[tag.Partition].Name == c.Name:
		s.report(at.at(w), KeyDuplicate, "leave sort= out if the table has no sort key", "beacon %q cannot be the partition key and the sort key", w.Text)
	case !c.signed:
		s.report(at.at(w), KeyBeacon, "make it of signed parts only", "beacon %q has an encrypted part, and a primary key is never encrypted", w.Text).
			see(c.at.at(c.name), "beacon %q is here", w.Text)
	case s.context != nil:
		s.report(at.at(w), KeyContext, "make the key of attributes, or take the context away", "a signed beacon is not in the encryption context, where a key must be as soon as any attribute is").
			see(s.context.field.at(s.context.field.tag.ActionSpan), "attribute %s is in the encryption context", s.context.GoName)
	case !s.keyName(at.at(w), w.Text):
	case s.onlyConstructor(at.at(w), c) && s.reachable(at.at(w), KeyBeacon, c.at.at(c.name), c.values):
		s.keyOf[role] = Key{Name: c.Name}
		return
	}
	s.keyBroken = s.keyBroken || w.Written()
}

// anyUnknown reports whether a tag could not be read, in which a key may hide.
func (s *scope) anyUnknown() bool {
	return s.keyBroken || slices.ContainsFunc(s.raw.fields, func(f rawField) bool { return f.tagged && f.tag.Action == 0 }) ||
		slices.ContainsFunc(s.raw.directives, func(d rawDirective) bool {
			k, ok := d.Directive.(*tag.PrimaryKey)
			return ok && k.Broken
		})
}
