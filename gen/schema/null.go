package schema

import (
	"slices"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// null reports whether a value with these options may be stored as NULL, and not
// be left out. Nobody knows it of a type that converts itself to anything.
func null(c *Codec, options []string) bool {
	switch {
	case slices.Contains(options, "NullEmpty"):
		return true
	case slices.Contains(options, "OmitEmpty"), c.Wire == wireAny && c.Func != "Any":
		return false
	}
	return c.Wire&wireNull != 0
}

func (f found) null() bool { return f.codec != nil && null(f.codec, f.options) }

// ofElements returns the options of the elements of a value, as runtime/codec has
// them: omitemptyelem reaches every level, nullemptyelem the first.
func ofElements(options []string) (all []string) {
	if slices.Contains(options, "OmitEmptyElem") {
		all = append(all, "OmitEmptyElem", "OmitEmpty")
	}
	if slices.Contains(options, "NullEmptyElem") {
		all = append(all, "NullEmpty")
	}
	return all
}

// notNull is the remedy for an attribute that must not be NULL, up to its end.
func notNull(a *attribute) string {
	switch {
	case slices.Contains(a.Options, "NullEmpty"):
		return "write omitempty in place of nullempty in its dynamodbav tag"
	case a.Action == tag.Context:
		return "use a type that has no nil, or take it out of the encryption context and add omitempty to its dynamodbav tag"
	}
	return "add omitempty to its dynamodbav tag"
}

// nullParts reports parts that may be NULL in a beacon of which parts may be
// missing. NULL is there, and has a text: who looks for items without the part
// would not find those where it is nil.
func (s *scope) nullParts(c *compound, parts []part) {
	optional := func(k []ConstructorPart) bool {
		return slices.ContainsFunc(k, func(p ConstructorPart) bool { return p.Optional })
	}
	if len(c.Constructors) < 2 && !slices.ContainsFunc(c.Constructors, optional) {
		return
	}
	for _, p := range parts {
		i := slices.IndexFunc(p.values, func(v value) bool { return v.null })
		if i < 0 || !c.names(p.name) {
			continue
		}
		v := p.values[i]
		fix := notNull(v.attribute) + ", so that an item lacks the part where the field is empty"
		if len(v.path) != 0 || v.path == nil {
			fix = "store nothing there that can be nil, or leave it out with omitempty at its own field, or omitemptyelem at that of the list or map"
		}
		s.report(p.at.at(p.word.Name), Constructor, fix, "part %q of beacon %q is not missing where %s is empty: NULL has a text", p.name, c.Name, v).
			see(v.attribute.field.typePlace(), "field %s is here", v.attribute.GoName)
	}
}

// names reports whether a constructor names a part.
func (c *CompoundBeacon) names(part string) bool {
	return slices.ContainsFunc(c.Constructors, func(k []ConstructorPart) bool {
		return slices.ContainsFunc(k, func(p ConstructorPart) bool { return p.Name == part })
	})
}
