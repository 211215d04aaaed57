package schema

import (
	"go/types"
	"slices"
	"strings"
)

// leftOut reports whether a field with these options, behind the embedded structs on
// the way to it, may be missing.
func leftOut(options []string, way []Step) bool {
	pointer := func(s Step) bool { _, ok := s.Type.Underlying().(*types.Pointer); return ok }
	return slices.Contains(options, "OmitEmpty") || slices.ContainsFunc(way[:len(way)-1], pointer)
}

// lacks reports whether an item may lack a key of an index, so that it is not there.
func (s *scope) lacks(key string) bool {
	missing := func(v value) bool { return v.absent || leftOut(v.attribute.Options, v.attribute.Path) }
	c := s.compound[key]
	if c == nil || len(c.Constructors) == 0 {
		k := []value{{attribute: s.attributes[key]}}
		if c != nil {
			k = c.values
		} else if b := s.standard[key]; b != nil {
			k = b.values
		}
		return slices.ContainsFunc(k, missing)
	}
	parts := s.everyPart(c)
	return !slices.ContainsFunc(c.Constructors, func(k []ConstructorPart) bool {
		required := requiredParts(k)
		return !slices.ContainsFunc(parts, func(p part) bool {
			return slices.Contains(required, p.name) && slices.ContainsFunc(p.values, missing)
		})
	})
}

// something says in a comment that there is a key, whatever it is. The keys are the
// ways to make it.
func something(keys []indexKey) string {
	switch k := keys[0]; {
	case k.derived != "":
		return article(k.derived)
	case len(k.fields) == 1:
		return article(k.fields[0])
	default:
		return enumerate(k.fields)
	}
}

func article(word string) string {
	if strings.ContainsRune("AEIOUaeiou", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}
