package beacon

import (
	"fmt"
	"slices"
	"strings"
)

// A Combination is a compound beacon as it is made of certain parts.
type Combination struct {
	beacon *Beacon
	parts  constructor // all required
}

// Combination returns b as it is made of these parts, in whatever order, for an
// item that has these and no others. The error is for parts that no constructor
// takes together, and for those of which the first constructor that fits would
// leave out some.
func (b *Beacon) Combination(parts ...string) (*Combination, error) {
	if b.compound == nil {
		return nil, fmt.Errorf("beacon %q: %w: it is no compound beacon", b.name, ErrConstructor)
	}
	has := func(p constructorPart) bool { return slices.Contains(parts, p.name) }
	for _, k := range b.compound.constructors {
		if slices.ContainsFunc(k, func(p constructorPart) bool { return p.required && !has(p) }) {
			continue
		}
		made := slices.DeleteFunc(slices.Clone(k), func(p constructorPart) bool { return !has(p) })
		for _, name := range parts {
			if !slices.ContainsFunc(made, func(p constructorPart) bool { return p.name == name }) {
				return nil, fmt.Errorf("beacon %q: %w: the beacon of an item with the parts %s is made without %q", b.name, ErrConstructor, strings.Join(parts, ", "), name)
			}
		}
		for i := range made {
			made[i].required = true
		}
		return &Combination{b, made}, nil
	}
	return nil, fmt.Errorf("beacon %q: %w: %s", b.name, ErrConstructor, strings.Join(parts, ", "))
}

// Sources returns the names of the attributes that the parts are made of, each
// once.
func (c *Combination) Sources() []string {
	var names []string
	for _, p := range c.parts {
		names = append(names, p.source().attributes()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Plain returns the text of the beacon with nothing hashed, made of the parts as
// they are in a plaintext item, or false where one is missing.
func (c *Combination) Plain(item Item) (Value, bool, error) {
	v, made, err := c.beacon.compound.plain(c.parts, item)
	if err != nil {
		return Value{}, false, fmt.Errorf("beacon %q: %w", c.beacon.name, err)
	}
	return v, made, nil
}
