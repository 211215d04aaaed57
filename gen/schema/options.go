package schema

import (
	"fmt"
	"go/types"
	"maps"
	"slices"
)

// idle returns the error of an option that attributevalue would ignore, since
// nothing that it is about is ever empty.
func idle(c *Codec, options []string, name func(types.Type) string) *typeError {
	for _, word := range slices.Sorted(maps.Keys(avOptions)) {
		option, why := avOptions[word], ""
		switch {
		case !slices.Contains(options, option):
			continue
		case (option == "OmitEmpty" || option == "NullEmpty") && neverEmpty(c.Type):
			why = fmt.Sprintf("attributevalue takes no %s for empty, and %s is one", kindOf(c.Type), name(c.Type))
		case option == "OmitEmptyElem" && !hasEmpty(c, true), option == "NullEmptyElem" && !hasEmpty(c, false):
			why = fmt.Sprintf("no element of %s is ever empty", name(c.Type))
			if elems(c) == nil {
				why = fmt.Sprintf("%s has no elements", name(c.Type))
			}
		default:
			continue
		}
		fix := "remove it"
		if option == "OmitEmpty" || option == "NullEmpty" {
			fix = "remove it, or make the field a pointer, which is empty when it is nil"
		}
		return &typeError{code: DynamodbavOption, message: fmt.Sprintf("option %q does nothing here: %s", word, why), fix: fix, option: word}
	}
	return nil
}

// neverEmpty reports whether no value of t is empty as attributevalue has it.
func neverEmpty(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		return true
	case *types.Array:
		return u.Len() > 0
	}
	return false
}

func kindOf(t types.Type) string {
	if _, ok := t.Underlying().(*types.Array); ok {
		return "array"
	}
	return "struct"
}

// elems returns the codec of the elements of lists, sets and maps, or nil where
// there are none.
func elems(c *Codec) *Codec {
	for slices.Contains([]string{"Pointer", "Named", "Array"}, c.Func) {
		c = c.Args[0]
	}
	switch c.Func {
	case "Slice", "StringSet", "NumberSet", "BinarySet":
		return c.Args[0]
	case "Map":
		return c.Args[1]
	case "Any":
		return c // anything may be inside
	}
	return nil
}

// hasEmpty reports whether an element of a value can be empty; with deep also an
// element of an element.
func hasEmpty(c *Codec, deep bool) bool {
	elem := elems(c)
	return elem != nil && (elem.Func == "Any" || !neverEmpty(elem.Type) || deep && hasEmpty(elem, true))
}
