package schema

import (
	"go/types"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// redact finds the fields that are not to be printed, and which methods see to
// it. What the struct has itself wins: its own Format, String or LogValue, or a
// field of that name. A String of its own is what fmt prints, so Format is left
// out with it. An analyzer also sees what was generated and what tests declare, which does not count.
func (s *scope) redact() {
	for _, a := range s.order {
		if a.Action == tag.Encrypt {
			s.result.Redacted = append(s.result.Redacted, dotted(a.Path))
		}
	}
	if s.result.Rest != nil {
		s.result.Redacted = append(s.result.Redacted, dotted(s.result.Rest))
	}
	declared, ok := s.src.Info.Defs[s.raw.spec.Name].(*types.TypeName)
	if len(s.result.Redacted) == 0 || !ok || endless(declared.Type()) {
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
