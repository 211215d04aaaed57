package diff

import (
	"reflect"
	"slices"

	"github.com/ddbegen/ddbegen/gen/lock"
	"github.com/ddbegen/ddbegen/gen/tag"
)

// reordered reports whether a compound beacon has the constructors that it had in
// another order, which no item tells: the items of each struct can have the parts of
// the same constructors in the same order. A table has the constructors of its
// structs in the order of these.
func (c *comparison) reordered(was, now lock.Compound) bool {
	in := func(all [][]lock.Part) func(k []lock.Part) bool {
		return func(k []lock.Part) bool {
			return slices.ContainsFunc(all, func(o []lock.Part) bool { return reflect.DeepEqual(o, k) })
		}
	}
	if was.Split != now.Split || was.Encrypted != now.Encrypted || len(was.Constructors) != len(now.Constructors) ||
		slices.ContainsFunc(was.Constructors, func(k []lock.Part) bool { return !in(now.Constructors)(k) }) {
		return false
	}
	for _, structure := range c.now.Structs {
		left := func(all [][]lock.Part) [][]lock.Part {
			return slices.DeleteFunc(slices.Clone(all), func(k []lock.Part) bool { return !c.canHave(structure, k) })
		}
		if !reflect.DeepEqual(left(was.Constructors), left(now.Constructors)) {
			return false
		}
	}
	return true
}

// canHave reports whether an item of a struct, of today or of before, can have all
// that a constructor requires.
func (c *comparison) canHave(structure string, parts []lock.Part) bool {
	for _, p := range parts {
		location := p.Text
		if p.Beacon != "" {
			location = c.was.Standard[p.Beacon].Location
		}
		if !p.Optional && slices.ContainsFunc(c.attributesAt(location), func(name string) bool { return !c.has(structure, name) }) {
			return false
		}
	}
	return true
}

// attributesAt returns the attributes behind a location, which may be a virtual
// field.
func (c *comparison) attributesAt(location string) (all []string) {
	locations := []string{location}
	if parts := c.was.Virtual[location]; parts != nil {
		locations = nil
		for _, p := range parts {
			locations = append(locations, lock.Source(p))
		}
	}
	for _, text := range locations {
		if l, problem := tag.ParseLocation(text); problem == "" {
			all = append(all, l.Attribute)
		}
	}
	return all
}

func (c *comparison) has(structure, name string) bool {
	_, had := c.was.In(c.was.Named(c.now, structure), name)
	_, has := c.now.In(structure, name)
	_, retired := c.was.Retired[name]
	return had || has || retired
}
