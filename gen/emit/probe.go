package emit

import (
	"go/types"
	"slices"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/ddbegen/ddbegen/gen/schema"
)

// argumentType is the type of an argument: that of the value, or a pointer to it
// for one that may be nil.
func argumentType(a *schema.Argument) types.Type {
	t := types.Unalias(a.Path[len(a.Path)-1].Type)
	p, isPointer := t.(*types.Pointer)
	switch {
	case isPointer && a.Optional, types.IsInterface(t):
		return t
	case isPointer:
		return p.Elem()
	case a.Optional:
		return types.NewPointer(a.Path[len(a.Path)-1].Type)
	default:
		return a.Path[len(a.Path)-1].Type
	}
}

// parameters writes arguments as parameters, with the type after the last of
// those that share it.
func (f *file) parameters(arguments []*schema.Argument) []jen.Code {
	var all []jen.Code
	for i, a := range arguments {
		p := jen.Id(a.Name)
		if i == len(arguments)-1 || !types.Identical(argumentType(a), argumentType(arguments[i+1])) {
			p.Add(f.typ(argumentType(a)))
		}
		all = append(all, p)
	}
	return all
}

// probe writes a struct that holds the arguments of a method, so that they are
// encoded by the same code as a stored item.
func (f *file) probe(s *schema.Struct, arguments []*schema.Argument) jen.Code {
	return jen.Op("&").Id(s.Name).Values(f.probeFields(arguments, 0)...)
}

// argument writes the value of an argument where its type is that of the field.
func argument(a *schema.Argument) jen.Code {
	t := types.Unalias(a.Path[len(a.Path)-1].Type)
	_, isPointer := t.(*types.Pointer)
	switch {
	case isPointer && !a.Optional:
		return jen.Op("&").Id(a.Name)
	case isPointer || !a.Optional || types.IsInterface(t):
		return jen.Id(a.Name)
	default:
		return ddbe("OrZero").Call(jen.Id(a.Name))
	}
}

// probeStep is where arguments lead at a depth of their paths.
type probeStep struct {
	schema.Step
	value jen.Code
}

// probeSteps returns the steps of arguments at a depth, each once, with what
// stands there.
func (f *file) probeSteps(arguments []*schema.Argument, depth int) (all []probeStep) {
	for i, a := range arguments {
		step := a.Path[depth]
		through := func(o *schema.Argument) bool { return o.Path[depth].Name == step.Name }
		switch {
		case slices.ContainsFunc(arguments[:i], through):
		case depth == len(a.Path)-1:
			all = append(all, probeStep{step, argument(a)})
		default:
			inner := slices.DeleteFunc(slices.Clone(arguments), func(o *schema.Argument) bool { return !through(o) })
			all = append(all, probeStep{step, f.probeLiteral(step.Type, inner, depth+1)})
		}
	}
	return all
}

func (f *file) probeFields(arguments []*schema.Argument, depth int) (members []jen.Code) {
	for _, s := range f.probeSteps(arguments, depth) {
		members = append(members, member(s.Name, s.value))
	}
	return members
}

// probeLiteral writes a value of type t that holds arguments.
func (f *file) probeLiteral(t types.Type, arguments []*schema.Argument, depth int) jen.Code {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		return jen.Op("&").Add(f.probeLiteral(p.Elem(), arguments, depth))
	}
	literal := f.typ(t)
	switch t.Underlying().(type) {
	case *types.Map:
		return literal.Values(f.probeEntries(arguments, depth)...)
	case *types.Slice, *types.Array:
		return literal.Values(f.probeElements(arguments, depth)...)
	case *types.Interface:
		if _, err := strconv.Atoi(arguments[0].Path[depth].Name); err == nil {
			return jen.Index().Any().Values(f.probeElements(arguments, depth)...)
		}
		return jen.Map(jen.String()).Any().Values(f.probeEntries(arguments, depth)...)
	default:
		return literal.Values(f.probeFields(arguments, depth)...)
	}
}

func (f *file) probeEntries(arguments []*schema.Argument, depth int) (entries []jen.Code) {
	for _, s := range f.probeSteps(arguments, depth) {
		entries = append(entries, jen.Op(s.Name).Op(":").Add(s.value))
	}
	return entries
}

// probeElements writes the elements of a list up to the last that is asked for.
// The others are like one that is: a zero value might have no encoding, or be
// left out.
func (f *file) probeElements(arguments []*schema.Argument, depth int) (elements []jen.Code) {
	steps := f.probeSteps(arguments, depth)
	slices.SortFunc(steps, func(a, b probeStep) int { return index(a) - index(b) })
	for _, s := range steps {
		for len(elements) <= index(s) {
			elements = append(elements, s.value)
		}
	}
	return elements
}

// index is the place of an element in its list, which the grammar limits to one
// digit.
func index(s probeStep) int { return int(s.Name[0] - '0') }

// madeOf writes of which parts a beacon is made that is looked for.
func madeOf(m schema.Made) []jen.Code {
	all := []jen.Code{jen.Lit(m.Beacon)}
	for _, p := range m.Parts {
		name := jen.Lit(p.Name)
		var given *jen.Statement
		for _, a := range p.If {
			if given != nil {
				given.Op("&&")
			} else {
				given = &jen.Statement{}
			}
			given.Add(jen.Id(a.Name).Op("!=").Nil())
		}
		if given != nil {
			all = append(all, ddbe("Given").Call(name, given))
		} else {
			all = append(all, name)
		}
	}
	return all
}

// needing writes, for each argument that only makes parts together with others,
// that it is given and makes none.
func needing(all []schema.Made) (calls [][]jen.Code) {
	var parts [][]*schema.Argument
	var arguments []*schema.Argument
	for _, m := range all {
		for _, p := range m.Parts {
			parts = append(parts, p.If)
			for _, a := range p.If {
				if !slices.Contains(arguments, a) {
					arguments = append(arguments, a)
				}
			}
		}
	}
	for _, a := range arguments {
		var others []string
		condition := jen.Id(a.Name).Op("!=").Nil()
		alone := false // whether it makes a part by itself
		for _, p := range parts {
			if !slices.Contains(p, a) {
				continue
			}
			alone = alone || len(p) == 1
			missing := &jen.Statement{}
			for _, o := range p {
				if o == a {
					continue
				}
				if len(*missing) > 0 {
					missing.Op("||")
				}
				missing.Id(o.Name).Op("==").Nil()
				if !slices.Contains(others, o.Name) {
					others = append(others, o.Name)
				}
			}
			if len(p) > 2 {
				missing = jen.Parens(missing)
			}
			condition.Op("&&").Add(missing)
		}
		if alone {
			continue
		}
		call := []jen.Code{jen.Lit(a.Name), condition}
		for _, o := range others {
			call = append(call, jen.Lit(o))
		}
		calls = append(calls, call)
	}
	return calls
}
