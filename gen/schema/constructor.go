package schema

import (
	"slices"
	"strings"
)

// way is one way to make a compound beacon: the parts of a constructor, with
// what they are made of.
type way struct {
	beacon string
	parts  []wayPart
}

type wayPart struct {
	part
	optional bool
}

// ways returns a key for each constructor of a compound beacon, but for those
// that are never used: whose required parts another one, which is tried before,
// takes for its own.
func (s *scope) ways(c *compound) (keys []indexKey) {
	parts := s.everyPart(c)
	for i, k := range c.Constructors {
		earlier := c.Constructors[:i]
		if slices.ContainsFunc(earlier, func(e []ConstructorPart) bool { return len(beyond(parts, e, k)) == 0 }) {
			continue
		}
		key := indexKey{title: title(c.Name), derived: c.Name, ways: &way{beacon: c.Name}}
		optional := false
		for _, p := range k {
			j := slices.IndexFunc(parts, func(o part) bool { return o.name == p.Name })
			if j < 0 {
				continue // it was reported
			}
			key.ways.parts = append(key.ways.parts, wayPart{parts[j], p.Optional})
			key.values = append(key.values, parts[j].values...)
			optional = optional || p.Optional
			if len(c.Constructors) > 1 && !p.Optional {
				key.title += s.partTitle(p.Name)
			}
		}
		key.fields = fieldNames(key.values)
		if optional {
			key.notes = append(key.notes, "Nil is for items without the value.")
		}
		if len(c.Constructors) == 1 && !optional {
			key.ways = nil
		}
		var others []string
		for _, e := range earlier {
			if words := enumerate(s.partTitles(beyond(parts, e, k))); !slices.Contains(others, words) {
				others = append(others, words)
			}
		}
		if len(others) > 0 {
			key.notes = append(key.notes, "Items that also have "+strings.Join(others, ", or ")+" are not found: their "+c.Name+" is made otherwise.")
		}
		keys = append(keys, key)
	}
	return keys
}

// beyond returns the required parts of a constructor that an item may lack from
// which another one can be made: those with a value that no required part of the
// other one is made of.
func beyond(parts []part, k, other []ConstructorPart) []string {
	valuesOf := func(name string) []value {
		i := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
		if i < 0 {
			return nil // it was reported
		}
		return parts[i].values
	}
	var has []value
	for _, name := range requiredParts(other) {
		has = append(has, valuesOf(name)...)
	}
	return slices.DeleteFunc(without(k, other), func(name string) bool {
		values := valuesOf(name)
		lacks := func(v value) bool { return !slices.ContainsFunc(has, v.equal) }
		return len(values) > 0 && !slices.ContainsFunc(values, lacks)
	})
}

// without returns the required parts of a constructor that are not required by
// another one.
func without(k, other []ConstructorPart) []string {
	required := requiredParts(other)
	return slices.DeleteFunc(requiredParts(k), func(name string) bool { return slices.Contains(required, name) })
}

func (s *scope) partTitle(name string) string {
	if a := s.attributes[name]; a != nil {
		return a.GoName
	}
	return title(name)
}

func (s *scope) partTitles(names []string) (all []string) {
	for _, name := range names {
		all = append(all, s.partTitle(name))
	}
	return all
}

// required returns the values without which an item does not have the key.
func (k indexKey) required() (values []value) {
	if k.ways == nil {
		return k.values
	}
	for _, p := range k.ways.parts {
		if !p.optional {
			values = append(values, p.values...)
		}
	}
	return values
}

// made says of which parts the key is made when it is looked for. The arguments
// are those of a method, for the values that are asked.
func (k indexKey) made(asked []value, arguments []*Argument) Made {
	m := Made{Beacon: k.ways.beacon}
	for _, p := range k.ways.parts {
		part := MadePart{Name: p.name}
		for i, v := range asked {
			if p.optional && arguments[i].Optional && slices.ContainsFunc(p.values, v.equal) {
				part.If = append(part.If, arguments[i])
			}
		}
		m.Parts = append(m.Parts, part)
	}
	return m
}

// onlyConstructor reports a primary key whose values do not say which constructor
// makes it.
func (s *scope) onlyConstructor(at place, c *compound) bool {
	constructors := c.Constructors
	if len(constructors) > 1 || len(constructors) == 1 && slices.ContainsFunc(constructors[0], func(p ConstructorPart) bool { return p.Optional }) {
		s.report(at, KeyBeacon, "give the beacon one constructor whose parts are all required", "a primary key is always made in one way, and beacon %q has optional parts or several constructors", c.Name).
			see(c.at.at(c.name), "beacon %q is here", c.Name)
		return false
	}
	return true
}
