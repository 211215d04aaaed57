package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// The projections of an index besides that of all attributes, which is "".
const (
	KeysOnly = "keys"
	Include  = "include"
)

// maxIncluded is how many attributes an index can include (API reference,
// Projection).
const maxIncluded = 20

// projection reads which attributes an index holds. DynamoDB puts the keys of
// the table and of the index into it without being told, and they are not among
// those that it is told.
func (s *scope) projection(x *Index, d *tag.Index, at rawDirective) {
	switch d.Projection.Text {
	case KeysOnly:
		x.Projection = KeysOnly
		return
	case Include:
		x.Projection = Include
	default:
		return
	}
	named := map[string]bool{}
	var stay []string // what of it is right
	reported := len(s.diagnostics)
	for _, w := range d.Include {
		twice := named[w.Text]
		if twice {
			s.report(at.at(w), IndexProjection, "remove one", "index %q includes %q twice", x.Name, w.Text)
		}
		named[w.Text] = true
		attribute, beacon := s.included(at.at(w), w.Text)
		if s.keyOfIndex(x, attribute) && beacon == "" || s.keyOfTable(beacon) {
			s.report(at.at(w), IndexProjection, "remove it", "%q is a key, which is in the index without being named", w.Text)
			continue
		}
		if !twice && attribute+beacon != "" {
			stay = append(stay, w.Text)
		}
		if attribute != "" {
			x.Include = append(x.Include, attribute)
		}
		if beacon != "" && w.Text != x.Partition && w.Text != x.Sort {
			x.Include = append(x.Include, beacon)
		}
	}
	s.includesBeacons(x, d, at, stay, named)
	if len(x.Include) > maxIncluded {
		s.report(at.at(d.Projection), IndexProjection, "write projection=all", "index %q includes %d attributes, and DynamoDB takes %d", x.Name, len(x.Include), maxIncluded)
	}
	if len(x.Include) == 0 && !s.broken && len(s.diagnostics) == reported {
		s.report(at.at(d.Projection), IndexProjection, "write projection=keys", "index %q includes nothing but its keys", x.Name)
	}
}

// keyOfIndex reports whether the attribute is in the index whatever it includes.
func (s *scope) keyOfIndex(x *Index, name string) bool {
	return name != "" && (name == x.Partition || name == x.Sort || s.keyOfTable(name))
}

func (s *scope) keyOfTable(name string) bool {
	for _, k := range s.keyOf {
		if k.Name == name {
			return true
		}
	}
	return false
}

// included finds the attributes that a name in include( ) means, as they are
// stored: an attribute, a beacon, or an attribute and the beacon with its name.
func (s *scope) included(at place, name string) (attribute, beacon string) {
	if s.attributes[name] != nil {
		attribute = name
	}
	b, c := s.standard[name], s.compound[name]
	switch {
	case b != nil && b.Style == "partOnly" && attribute == "":
		s.report(at, IndexProjection, "remove it", "beacon %q is never stored", name).see(b.at.at(b.name), "the beacon is here")
		return "", ""
	case b != nil && b.Style != "partOnly":
		beacon = beaconPrefix + name
	case c != nil && c.signed:
		beacon = name
	case c != nil:
		beacon = beaconPrefix + name
	}
	if attribute == "" && beacon == "" && !s.broken {
		known := slices.Collect(maps.Keys(s.attributes))
		known = slices.AppendSeq(known, maps.Keys(s.standard))
		known = slices.AppendSeq(known, maps.Keys(s.compound))
		s.report(at, IndexProjection, s.hint(name, known, func(name string) bool {
			b := s.standard[name]
			return !s.keyOfTable(name) && (b == nil || b.Style != "partOnly" || s.attributes[name] != nil)
		}), "there is no attribute or beacon %q", name)
	}
	return attribute, beacon
}

// includesBeacons reports beacons in an index that does not include them by name,
// or not all that they are made of: whatever else reads such an index, as the other
// clients of the format do, cannot look behind the beacon. What it should include
// are stay and what is missing.
func (s *scope) includesBeacons(x *Index, d *tag.Index, at rawDirective, stay []string, named map[string]bool) {
	var beacons, missing []string
	for _, w := range slices.Concat([]tag.Word{d.Partition, d.Sort}, d.Include) {
		before := len(missing)
		for _, name := range s.behind(x, w.Text) {
			if !named[name] {
				missing = append(missing, name)
			}
			named[name] = true // said once
		}
		if len(missing) > before {
			beacons = append(beacons, fmt.Sprintf("%q", w.Text))
		}
	}
	if len(beacons) == 0 {
		return
	}
	var all []string
	for _, name := range slices.Concat(stay, missing) {
		all = append(all, tag.Spell(name))
	}
	what := "the beacon " + beacons[0] + " only with its name and all that it is made of"
	if len(beacons) > 1 {
		what = "the beacons " + enumerate(beacons) + " only with their names and all that they are made of"
	}
	s.report(at.at(d.Projection), IndexProjection, fmt.Sprintf("write projection=include(%s)", strings.Join(all, ",")),
		"index %q includes %s, and %s not named", x.Name, what, are(missing))
}

// behind returns what an index names that includes a beacon: the beacon, and what
// it is made of and the index does not have anyway.
func (s *scope) behind(x *Index, beacon string) (names []string) {
	var values []value
	switch b, c := s.standard[beacon], s.compound[beacon]; {
	case b != nil && !b.broken:
		values = b.values
	case c != nil && !c.broken:
		values = c.values
	default:
		return nil
	}
	names = []string{beacon}
	for _, a := range sources(values) {
		if a.Name != beacon && (!s.keyOfIndex(x, a.Name) || s.standard[a.Name] != nil) {
			names = append(names, a.Name)
		}
	}
	return names
}

// are writes names with the verb.
func are(names []string) string {
	var quoted []string
	for _, n := range names {
		quoted = append(quoted, fmt.Sprintf("%q", n))
	}
	if len(names) == 1 {
		return quoted[0] + " is"
	}
	return enumerate(quoted) + " are"
}
