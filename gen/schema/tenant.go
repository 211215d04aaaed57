package schema

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// tenant reads //ddbe:tenant.
func (s *scope) tenant(search *Search) {
	d, at, ok := single[*tag.Tenant](s)
	if !ok || d.Broken {
		s.broken = s.broken || ok
		return
	}
	name := d.Attribute.Text
	search.KeyField = name
	switch a := s.attributes[name]; {
	case s.standard[name] != nil || s.compound[name] != nil || s.virtual[name] != nil:
		s.report(at.at(d.Attribute), Tenant, "name an attribute", "%q is a beacon or a virtual field, and not an attribute that names a branch key", name)
	case a == nil && !s.broken:
		s.report(at.at(d.Attribute), Tenant, s.hint(name, slices.Collect(maps.Keys(s.attributes)), s.canBeTenant), "there is no attribute %q", name)
	case a == nil:
	default:
		s.tenantAction(at.at(d.Attribute), a)
		s.tenantValue(at.at(d.Attribute), a)
		if len(s.standard) == 0 && !s.broken {
			s.report(at.line(), Tenant, "remove it", "there is no beacon whose key a tenant could have")
		}
	}
}

func (s *scope) canBeTenant(name string) bool {
	a := s.attributes[name]
	return a.Codec != nil && a.Codec.Wire == wireS && (a.Action == tag.Context || a.Role != tag.NoRole && a.signed())
}

// tenantAction reports a tenant attribute by which a keyring could not choose the
// branch key: it sees the primary key, and what is in the encryption context
// (specification: ddb-encryption-branch-key-id-supplier).
func (s *scope) tenantAction(at place, a *attribute) {
	if !a.known() || a.Action == tag.Context || a.Role != tag.NoRole && a.signed() {
		return
	}
	corrected := a.field.tag
	corrected.Action = tag.Context
	if a.Action == tag.Encrypt {
		corrected.Beacons = nil
	}
	fix := fmt.Sprintf("write `%s`", corrected)
	if d, _, ok := single[*tag.PrimaryKey](s); ok && !d.Broken {
		for _, w := range []tag.Word{d.Partition, d.Sort} {
			if c := s.compound[w.Text]; c != nil && a.signed() && (c.broken || slices.Contains(sources(c.values), a)) {
				return // the key shows it
			}
		}
		fix = "sign it, and make it a part of a beacon that //ddbe:key names"
	}
	s.report(at, Tenant, fix, "attribute %q must be in the encryption context or the primary key: it names the key that its item is encrypted with", a.Name).
		see(a.field.at(a.field.tag.ActionSpan), "its tag is here")
}

// tenantValue reports a tenant attribute that does not always hold the id of a
// branch key. What a key or the context may not be is reported there.
func (s *scope) tenantValue(at place, a *attribute) {
	for _, option := range []string{"omitempty", "nullempty"} {
		if slices.Contains(a.Options, avOptions[option]) && a.Role == tag.NoRole && (a.Action != tag.Context || option == "nullempty") {
			s.report(at, Tenant, "remove "+option+" from the field", "attribute %q cannot be left out: it names a branch key", a.Name).
				see(a.field.option(option), "the option is here")
		}
	}
	switch {
	case a.Codec == nil || a.Codec.Wire == wireS:
	case a.Codec.Func == "Pointer":
		s.report(at, Tenant, "make it a string", "attribute %q can be nil, and it names a branch key", a.Name).
			see(a.field.typePlace(), "field %s is here", a.GoName)
	default:
		s.report(at, Tenant, "make it a string", "attribute %q is stored as %s, and a branch key id is a string", a.Name, a.Codec.Wire).
			see(a.field.typePlace(), "field %s is here", a.GoName)
	}
}
