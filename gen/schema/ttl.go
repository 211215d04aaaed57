package schema

import (
	"fmt"
	"go/types"
	"maps"
	"slices"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// ttl reads the option ttl of //ddbe:table. DynamoDB compares the number in the
// attribute, as it is stored, with the seconds since 1970 (Amazon DynamoDB
// Developer Guide, "Using time to live").
func (s *scope) ttl() {
	w := s.table.TTL
	if s.table.Broken || !w.Written() {
		return
	}
	name := w.Text
	s.result.Table.TTL = name
	at := s.tablePlace.at(w)
	a := s.attributes[name]
	switch {
	case len(name) > 255:
		s.report(at, TTL, "choose a shorter name", "the name of the attribute by which items expire is at most 255 bytes long")
	case a == nil && (s.standard[name] != nil || s.compound[name] != nil || s.virtual[name] != nil):
		s.report(at, TTL, "name an attribute", "items cannot expire by %q, which is a beacon or a virtual field", name)
	case a == nil && !s.broken:
		s.report(at, TTL, s.hint(name, slices.Collect(maps.Keys(s.attributes)), func(name string) bool {
			a := s.attributes[name]
			return a.Action != tag.Encrypt && a.Codec != nil && expires(a.Codec)
		}), "there is no attribute %q", name)
	case a == nil:
	case a.Action == tag.Encrypt:
		corrected := a.field.tag
		corrected.Action, corrected.Beacons = tag.Sign, nil
		s.report(at, TTL, fmt.Sprintf("sign it with `%s`, or leave ttl out", corrected), "items cannot expire by %q, which is encrypted: DynamoDB must read it", name).
			see(a.field.at(a.field.tag.ActionSpan), "its tag is here")
	case a.Codec == nil:
	case !expires(a.Codec):
		s.report(at, TTL, "make it an integer of the seconds since 1970, or a time.Time with the dynamodbav option unixtime", "items cannot expire by %q, %s", name, s.notSeconds(a.Codec)).
			see(a.field.typePlace(), "field %s is here", a.GoName)
	}
}

// seconds returns the codec behind pointers and names.
func seconds(c *Codec) *Codec {
	for c.Func == "Pointer" || c.Func == "Named" {
		c = c.Args[0]
	}
	return c
}

// expires reports whether values of a codec are seconds since 1970. An integer of
// 16 bits ends before the first table was made.
func expires(c *Codec) bool {
	c = seconds(c)
	b, _ := c.Type.Underlying().(*types.Basic)
	integer := b != nil && b.Info()&types.IsInteger != 0 && !isDuration(c.Type) &&
		!slices.Contains([]types.BasicKind{types.Int8, types.Int16, types.Uint8, types.Uint16}, b.Kind())
	return c.Func == "UnixTime" || integer && c.Wire == wireN
}

// notSeconds says why values of a codec are not seconds since 1970.
func (s *scope) notSeconds(c *Codec) string {
	if c = seconds(c); c.Wire == wireN {
		return "since a " + s.codecs.name(c.Type) + " does not hold seconds since 1970"
	}
	return "which is stored as " + c.Wire.String()
}

func isDuration(t types.Type) bool {
	n, ok := t.(*types.Named)
	return ok && n.Obj().Name() == "Duration" && n.Obj().Pkg() != nil && n.Obj().Pkg().Path() == "time"
}

// compareTTL holds that the structs of a table say the same about what expires.
// Items of a struct without the attribute never do.
func (t *sharing) compareTTL(earlier, s *scope) {
	for _, pair := range [][2]*scope{{earlier, s}, {s, earlier}} {
		with, other := pair[0], pair[1]
		w, otherWord := with.table.TTL, other.table.TTL
		if !w.Written() {
			continue
		}
		if otherWord.Written() {
			if w.Text != otherWord.Text {
				t.conflict(s.tablePlace.at(s.table.TTL), earlier.tablePlace.at(earlier.table.TTL), earlier, "name the same attribute",
					"the items of a table expire by one attribute, and not by %q and %q", earlier.table.TTL.Text, s.table.TTL.Text)
			}
			return
		}
		if a := other.attributes[w.Text]; a != nil {
			t.conflict(a.field.attributePlace(), with.tablePlace.at(w), with, fmt.Sprintf("write ttl=%s above %s too, or give the attribute another name", tag.Spell(w.Text), other.name()),
				"items of struct %s expire by %q too, and its //ddbe:table does not say so", other.name(), w.Text)
		}
	}
}
