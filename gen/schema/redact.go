package schema

import (
	"go/types"
	"reflect"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// redact finds the fields that are not to be printed, encrypted ones and those that
// hold other structs with such, and which methods see to it. What the struct has itself wins: its own Format, String or LogValue, or a
// field of that name. A String of its own is what fmt prints, so Format is left
// out with it. An analyzer also sees what was generated and what tests declare, which does not count.
func (s *scope) redact() {
	for _, a := range s.order {
		if a.Action == tag.Encrypt || holds(a.Type(), map[*types.TypeName]bool{}) {
			s.result.Redacted = append(s.result.Redacted, dotted(a.Path))
		}
	}
	if s.result.Rest != nil {
		s.result.Redacted = append(s.result.Redacted, dotted(s.result.Rest))
	}
	declared, ok := s.src.Info.Defs[s.raw.spec.Name].(*types.TypeName)
	if !ok || endless(declared.Type()) {
		return
	}
	s.leftOut(declared.Type(), "", nil)
	if len(s.result.Redacted) == 0 {
		return
	}
	own := func(name string) bool {
		o, index, _ := types.LookupFieldOrMethod(declared.Type(), true, s.src.Types, name)
		_, field := o.(*types.Var)
		return field || o != nil && len(index) == 1 && s.src.declares(o) // a method of an embedded struct prints that struct alone
	}
	for _, name := range []string{"Format", "String", "LogValue"} {
		if !own(name) && (name != "Format" || !s.prints(declared.Type())) {
			s.result.Prints = append(s.result.Prints, name)
		}
	}
}

// leftOut adds the fields of a struct, and of those that it embeds, that are no
// attributes and hold structs with fields that are not printed.
func (s *scope) leftOut(t types.Type, prefix string, within []types.Type) {
	u := structOf(t)
	if u == nil || slices.ContainsFunc(within, func(o types.Type) bool { return sameStruct(o, t) }) {
		return
	}
	for i := range u.NumFields() {
		v := u.Field(i)
		switch words, tagged := reflect.StructTag(u.Tag(i)).Lookup(tag.Key); {
		case words == "-" && holds(v.Type(), map[*types.TypeName]bool{}):
			s.result.Redacted = append(s.result.Redacted, prefix+v.Name())
		case !tagged && v.Embedded():
			s.leftOut(deref(v.Type()), prefix+v.Name()+".", append(slices.Clip(within), t))
		}
	}
}

// holds reports whether there can be a struct with a field that is not printed in
// a value of type t: the JSON handler of slog and, in unexported fields, fmt would
// not ask it for its text.
func holds(t types.Type, seen map[*types.TypeName]bool) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		for a := range t.TypeArgs().Types() {
			if holds(a, seen) {
				return true
			}
		}
		if seen[t.Obj()] {
			return false
		}
		seen[t.Obj()] = true
		return holds(t.Origin().Underlying(), seen)
	case *types.Struct:
		for i := range t.NumFields() {
			if Secret(t.Tag(i)) || holds(t.Field(i).Type(), seen) {
				return true
			}
		}
	case *types.Map:
		return holds(t.Key(), seen) || holds(t.Elem(), seen)
	case *types.Chan:
	case interface{ Elem() types.Type }:
		return holds(t.Elem(), seen)
	}
	return false
}

// Secret reports whether the struct tag of a field says that it is not to be
// printed.
func Secret(structTag string) bool {
	words := strings.Split(reflect.StructTag(structTag).Get(tag.Key), ",")
	return slices.Contains(words, "encrypt") || slices.Contains(words, "rest")
}

// prints reports whether a type has a method of its own that fmt prints it with.
func (s *scope) prints(t types.Type) bool {
	named, ok := t.(*types.Named)
	if !ok {
		return false
	}
	for m := range named.Methods() {
		if slices.Contains([]string{"String", "GoString", "Error"}, m.Name()) && s.src.declares(m) {
			return true
		}
	}
	return false
}

func dotted(path []Step) string {
	var names []string
	for _, step := range path {
		names = append(names, step.Name)
	}
	return strings.Join(names, ".")
}
