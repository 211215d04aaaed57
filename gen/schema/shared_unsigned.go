package schema

import (
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// compareUnsigned reports what s names and the other struct lets be unsigned: the
// discriminator, which is signed, and beacons and virtual fields, which could not
// be told from the attribute. Fields are compared with the attributes.
func (t *sharing) compareUnsigned(other, s *scope) {
	u, place, ok := single[*tag.Unsigned](other)
	if !ok || u.Broken {
		return
	}
	compare := func(at rawDirective, w tag.Word, what string) {
		for _, name := range u.Names {
			if name.Text == w.Text {
				t.conflict(at.at(w), place.at(name), other, "choose another name", "%s %q has the name of an attribute that may be unsigned", what, w.Text)
			}
		}
		if u.Prefix.Text != "" && strings.HasPrefix(w.Text, u.Prefix.Text) {
			t.conflict(at.at(w), place.at(u.Prefix), other, "choose another name, or another prefix", "the name of %s %q begins with the prefix of unsigned attributes", what, w.Text)
		}
	}
	if d, at, ok := single[*tag.Discriminator](s); ok {
		compare(at, d.Attribute, "discriminator")
	}
	for _, v := range s.virtual {
		compare(v.at, v.name, "virtual field")
	}
	for _, b := range s.standard {
		compare(b.at, b.name, "beacon")
	}
	for _, c := range s.compound {
		compare(c.at, c.name, "beacon")
	}
}
