package lock

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// In returns what a struct of the table stores in an attribute, and whether it
// has it or its items may have it still.
func (t *Table) In(structure, name string) (Stored, bool) {
	a, ok := t.Attributes[name]
	if !ok || !slices.Contains(t.Structs, structure) {
		return Stored{}, false
	}
	if s, ok := a.fields[structure]; ok {
		return s, true
	}
	if a.Structs != nil {
		s, ok := a.Structs[structure]
		return s, ok
	}
	if a.Only != "" && !slices.Contains(strings.Split(a.Only, ","), structure) {
		return Stored{}, false
	}
	return a.Stored, true
}

// tell writes down which structs have an attribute, where that is not all of
// them or they do not store the same.
func (t *Table) tell() {
	for name, a := range t.Attributes {
		for _, s := range a.fields {
			if !s.Same(a.Stored) {
				a.Structs = a.fields
			}
		}
		if a.Structs == nil && len(a.fields) < len(t.Structs) {
			a.Only = strings.Join(slices.Sorted(maps.Keys(a.fields)), ",")
		}
		t.Attributes[name] = a
	}
}

// remember adds to the attributes of t what items of its structs have from before,
// and the structs have no longer. It returns t, or a changed copy.
func (t *Table) remember(old *Table) map[string]Attribute {
	all := maps.Clone(t.Attributes)
	for name, a := range all {
		for _, structure := range t.Structs {
			if _, has := t.In(structure, name); has {
				continue
			}
			was, had := old.In(old.Named(t, structure), name)
			if !had {
				continue
			}
			was.Retired = true
			if a.Structs = maps.Clone(a.Structs); a.Structs == nil {
				a.Only, a.Structs = "", maps.Clone(a.fields)
			}
			a.Structs[structure] = was
		}
		all[name] = a
	}
	return all
}

// Named returns the name that a struct of the table now has in t: that of the
// struct whose items have the same discriminator, since the name of a Go type may
// change.
func (t *Table) Named(now *Table, structure string) string {
	value := now.DiscriminatorValues[structure]
	for name, v := range t.DiscriminatorValues {
		if v == value {
			return name
		}
	}
	if len(t.Structs) == 1 && len(now.Structs) == 1 {
		return t.Structs[0]
	}
	return structure
}

// Same reports whether two structs store an attribute alike.
func (s Stored) Same(o Stored) bool {
	return s.Type == o.Type && maps.Equal(s.Nested, o.Nested) && s.Form == o.Form && maps.Equal(s.NestedForms, o.NestedForms)
}

// or returns what two structs of a table store in an attribute.
func (s Stored) or(o Stored) Stored {
	union := func(x, y string) string {
		if x == Any || y == Any {
			return Any
		}
		return typeText(slices.DeleteFunc(slices.Clone(allKinds), func(k string) bool {
			return !slices.Contains(Kinds(x), k) && !slices.Contains(Kinds(y), k)
		}))
	}
	both := Stored{Type: cmp.Or(s.Type, o.Type), Nested: maps.Clone(s.Nested), Reads: maps.Clone(s.Reads)}
	if o.Type != both.Type {
		both.Type = union(both.Type, o.Type)
	}
	for path, t := range o.Nested {
		if both.Nested == nil {
			both.Nested = map[string]string{}
		}
		if mine, ok := both.Nested[path]; ok {
			t = union(mine, t)
		}
		both.Nested[path] = t
	}
	if s.Form == o.Form {
		both.Form = s.Form
	}
	for path, form := range s.NestedForms {
		if o.NestedForms[path] == form {
			if both.NestedForms == nil {
				both.NestedForms = map[string]string{}
			}
			both.NestedForms[path] = form
		}
	}
	for path, kinds := range o.Reads {
		if mine, ok := both.Reads[path]; ok {
			// Every struct must be able to read it.
			kinds = slices.DeleteFunc(slices.Clone(mine), func(k string) bool { return !slices.Contains(kinds, k) })
		}
		both.Reads[path] = kinds
	}
	return both
}
