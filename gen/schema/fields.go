package schema

import (
	"fmt"
	"go/types"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// av is a dynamodbav tag.
type av struct {
	name    string // "" for the name of the field
	skip    bool
	format  string   // the option that belongs to the type
	options []string // the options that belong to the field, as runtime/codec names them
}

var (
	avFormats = []string{"string", "unixtime", "stringset", "numberset", "binaryset"}
	avOptions = map[string]string{"omitempty": "OmitEmpty", "nullempty": "NullEmpty", "omitemptyelem": "OmitEmptyElem", "nullemptyelem": "NullEmptyElem"}
)

// parseAV reads a dynamodbav tag with the meaning that attributevalue gives it,
// and refuses what attributevalue would ignore. The spans of the problems are
// those of text.
func parseAV(text tag.Text) (av, []tag.Problem) {
	var a av
	var problems []tag.Problem
	report := func(start, end int, fix, format string, args ...any) {
		problems = append(problems, tag.Problem{Span: text.Span(start, end), Code: DynamodbavOption, Message: fmt.Sprintf(format, args...), Fix: fix})
	}
	seen := map[string]bool{}
	for start, first := 0, true; start <= len(text.Value); first = false {
		end := start + strings.IndexByte(text.Value[start:]+",", ',')
		word := text.Value[start:end]
		codecOption, isOption := avOptions[word]
		switch {
		case first && word == "-":
			a.skip = true
		case first:
			a.name = word
		case seen[word]:
			report(start, end, "remove one", "dynamodbav option %q is written twice", word)
		case isOption:
			a.options = append(a.options, codecOption)
		case slices.Contains(avFormats, word) && a.format != "":
			report(start, end, "keep one of them", "dynamodbav options %q and %q contradict each other", a.format, word)
		case slices.Contains(avFormats, word):
			a.format = word
		default:
			fix := "the options are omitempty, omitemptyelem, nullempty, nullemptyelem, string, unixtime, stringset, numberset and binaryset"
			if near := tag.Nearest(word, append(slices.Sorted(maps.Keys(avOptions)), avFormats...)); near != "" {
				fix = fmt.Sprintf("did you mean %q?", near)
			}
			report(start, end, fix, "unknown dynamodbav option %q, which would be ignored", word)
		}
		seen[word] = !first
		if seen["omitempty"] && seen["nullempty"] && (word == "omitempty" || word == "nullempty") {
			report(start, end, "keep one of them", "dynamodbav options \"omitempty\" and \"nullempty\" contradict each other")
		}
		start = end + 1
	}
	return a, problems
}

// field is a field of a nested struct that is stored.
type field struct {
	name   string
	path   []*types.Var
	av     av
	tagged bool // the name is from the tag
}

// fields returns the stored fields of a nested struct as attributevalue finds
// them: exported ones, and those that embedded structs lend, where the least
// depth wins.
func (c *codecs) fields(u *types.Struct) ([]field, *typeError) {
	all, err := c.walk(u, nil)
	if err != nil {
		return nil, err
	}
	var visible []field
	for _, f := range all {
		rivals := slices.DeleteFunc(slices.Clone(all), func(o field) bool { return o.name != f.name })
		slices.SortStableFunc(rivals, func(a, b field) int {
			if len(a.path) != len(b.path) {
				return len(a.path) - len(b.path)
			}
			return boolOrder(b.tagged) - boolOrder(a.tagged)
		})
		if len(rivals) > 1 && len(rivals[0].path) == len(rivals[1].path) && rivals[0].tagged == rivals[1].tagged {
			return nil, refuse("rename one of them", "two fields have the attribute name %q, and attributevalue would leave out both", f.name)
		}
		if slices.Equal(rivals[0].path, f.path) {
			visible = append(visible, f)
		}
	}
	return visible, nil
}

func boolOrder(b bool) int {
	if b {
		return 1
	}
	return 0
}

func (c *codecs) walk(u *types.Struct, outer []*types.Var) ([]field, *typeError) {
	var all []field
	for i := range u.NumFields() {
		v := u.Field(i)
		if !v.Exported() && !v.Embedded() {
			continue
		}
		a, problems := parseAV(tag.Plain(reflect.StructTag(u.Tag(i)).Get("dynamodbav"), 0))
		if len(problems) > 0 {
			return nil, &typeError{problems[0].Code, fmt.Sprintf("field %s: %s", v.Name(), problems[0].Message), problems[0].Fix}
		}
		if a.skip {
			continue
		}
		path := append(slices.Clone(outer), v)
		if v.Embedded() && a.name == "" {
			base := v.Type()
			if p, ok := types.Unalias(base).(*types.Pointer); ok {
				base = p.Elem()
			}
			if s, ok := base.Underlying().(*types.Struct); ok {
				if slices.ContainsFunc(outer, func(o *types.Var) bool { return types.Identical(deref(o.Type()), base) }) {
					continue
				}
				inner, err := c.walk(s, path)
				if err != nil {
					return nil, err
				}
				all = append(all, inner...)
				continue
			}
		}
		if !v.Exported() {
			continue
		}
		name := a.name
		if name == "" {
			name = v.Name()
		}
		all = append(all, field{name: name, path: path, av: a, tagged: a.name != ""})
	}
	return all, nil
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}
