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
		case a.skip:
			report(start, end, "remove it", "dynamodbav option %q does nothing on a field that is left out", word)
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
	name string
	path []*types.Var
	av   av
}

func (f field) leaf() *types.Var { return f.path[len(f.path)-1] }

// fields returns the stored fields of a nested struct as attributevalue finds
// them: exported ones, and those that embedded structs lend. What it would leave
// out, because another field has the name, is refused.
func (c *codecs) fields(t types.Type, u *types.Struct) ([]field, *typeError) {
	all, err := c.walk([]types.Type{t}, u, nil)
	if err != nil {
		return nil, err
	}
	byName := map[string]field{}
	for _, f := range all {
		other, ok := byName[f.name]
		if !ok {
			byName[f.name] = f
			continue
		}
		hides, hidden := other, f
		if len(hidden.path) < len(hides.path) {
			hides, hidden = hidden, hides
		}
		err := refuse("rename one of them in its dynamodbav tag, or leave it out with `dynamodbav:\"-\"`", "attributevalue would leave it out of %s, since %s has the attribute name %q too", c.name(t), c.dotted(t, hides.path), f.name)
		err.field, err.other = hidden.leaf(), hides.leaf()
		return nil, err
	}
	return all, nil
}

// dotted names a field of t by its path.
func (c *codecs) dotted(t types.Type, path []*types.Var) string {
	name := c.name(t)
	for _, v := range path {
		name += "." + v.Name()
	}
	return name
}

// walk returns the fields of u and of the structs that it embeds. The first of
// within is the struct that is read, the last is u.
func (c *codecs) walk(within []types.Type, u *types.Struct, outer []*types.Var) ([]field, *typeError) {
	var all []field
	for i := range u.NumFields() {
		v := u.Field(i)
		if !v.Exported() && !v.Embedded() {
			continue
		}
		f, embeds, err := c.read(v, u.Tag(i))
		if err != nil {
			err.field = v
			return nil, err
		}
		f.path = append(slices.Clone(outer), v)
		switch {
		case f.av.skip:
		case embeds:
			inner, err := c.embedded(within, f)
			if err != nil {
				return nil, err
			}
			all = append(all, inner...)
		case v.Exported():
			all = append(all, f)
		default:
			err := refuse("export it, or leave it out with `dynamodbav:\"-\"`", "it is embedded and not exported, so attributevalue could not read it")
			err.field = v
			return nil, err
		}
	}
	return all, nil
}

// read reads the tag of a field, and reports whether the field stands for those
// of a struct that it embeds.
func (c *codecs) read(v *types.Var, structTag string) (f field, embeds bool, err *typeError) {
	text := tag.Plain(reflect.StructTag(structTag).Get("dynamodbav"), 0)
	a, problems := parseAV(text)
	if len(problems) > 0 {
		p := problems[0]
		return f, false, &typeError{code: p.Code, message: p.Message, fix: p.Fix, span: p.Span}
	}
	f = field{name: a.name, av: a}
	if a.name == "" {
		f.name = v.Name()
	}
	embeds = v.Embedded() && !a.skip && a.name == "" && structOf(v.Type()) != nil
	if embeds && text.Value != "" {
		return f, true, &typeError{code: DynamodbavOption, message: fmt.Sprintf("dynamodbav options do nothing on embedded struct %s", v.Name()), fix: "remove them", span: tag.Span{End: len(text.Value)}}
	}
	return f, embeds, nil
}

// embedded returns the fields of a struct that is embedded in another one.
func (c *codecs) embedded(within []types.Type, f field) ([]field, *typeError) {
	t, u := deref(f.leaf().Type()), structOf(f.leaf().Type())
	_, method := converts(t)
	var err *typeError
	switch {
	case slices.ContainsFunc(within, func(o types.Type) bool { return sameStruct(o, t) }):
		err = refuse("leave it out with `dynamodbav:\"-\"`", "%s embeds itself, and attributevalue would leave the inner one out", c.name(t))
	case method != "" && !lends(u, maxDepth):
		err = refuse("give it a name in a dynamodbav tag", "embedded %s has no exported field, and its %s is not asked: nothing of it would be stored", c.name(t), method)
	default:
		return c.walk(append(slices.Clone(within), t), u, f.path)
	}
	err.field = f.leaf()
	return nil, err
}

// steps returns the way to a field as code of the package can write it: a step
// through an embedded struct that it cannot name is left out, where the compiler
// finds the rest of the way by itself.
func (c *codecs) steps(t types.Type, path []*types.Var) ([]Step, *typeError) {
	if endless(t) {
		return nil, refuse("use a type that does not embed itself", "%s embeds itself with other type arguments", c.name(t))
	}
	var steps []Step
	for i, v := range path {
		if !v.Exported() && v.Pkg() != c.pkg {
			if _, ok := types.Unalias(v.Type()).(*types.Pointer); ok {
				return nil, refuse("use a type that this package can name", "field %s lies behind the embedded pointer %s, which is not exported", path[len(path)-1].Name(), v.Name())
			}
			continue
		}
		if o, _, _ := types.LookupFieldOrMethod(t, true, c.pkg, v.Name()); o != v {
			return nil, refuse("use a type that this package can name", "another field hides %s, which lies in the embedded struct %s, which is not exported", v.Name(), path[i-1].Name())
		}
		steps, t = append(steps, Step{v.Name(), v.Type()}), v.Type()
	}
	return steps, nil
}

func deref(t types.Type) types.Type {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return p.Elem()
	}
	return t
}
