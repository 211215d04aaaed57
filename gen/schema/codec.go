package schema

import (
	"fmt"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// Codec is an expression of runtime/codec: how values of a Go type become
// attribute values. Its package comment has the table that this file follows.
type Codec struct {
	Func   string         // the constructor, or Self
	Type   types.Type     // the Go type that it converts
	Of     types.Type     // type argument, nil for none
	Args   []*Codec       // codecs of keys, elements or the kind
	Struct *StructCodec   // for Struct and Self
	Wire   attributeTypes // what it may be stored as
}

// Self is the Func of the codec of a struct inside that struct.
const Self = "self"

// StructCodec is the codec of a nested struct.
type StructCodec struct {
	Type      types.Type
	Guard     []GuardField // every field; nil where a package cannot write them all
	Fields    []*NestedField
	Recursive bool   // the struct contains itself
	Var       string // the package variable that holds it, or "" where it stands in place
	outer     map[*StructCodec]bool
}

// NestedField is a field of a nested struct.
type NestedField struct {
	Name    string
	Path    []Step // from the struct through embedded ones to the field
	Codec   *Codec
	Options []string
}

// attributeTypes is a set of DynamoDB types.
type attributeTypes uint16

const (
	wireS attributeTypes = 1 << iota
	wireN
	wireB
	wireBool
	wireNull
	wireSS
	wireNS
	wireBS
	wireL
	wireM
	wireAny = 1<<iota - 1
)

func (w attributeTypes) String() string {
	if w == wireAny {
		return "any type"
	}
	if w != wireNull {
		w &^= wireNull // only pointers and the like are null, and nobody is surprised
	}
	var names []string
	for i, name := range []string{"a string", "a number", "binary", "a boolean", "null", "a string set", "a number set", "a binary set", "a list", "a map"} {
		if w&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " or ")
}

// typeError says why a field cannot be stored.
type typeError struct {
	code         tag.Code
	message, fix string
	field        *types.Var // the field of a nested struct that is the cause, or nil
	other        *types.Var // another one that has to do with it, or nil
	span         tag.Span   // of the cause in the dynamodbav tag of the field
	option       string     // that is the cause
	endless      bool       // the cause is the type of the outermost field
}

func refuse(fix, format string, args ...any) *typeError {
	return &typeError{code: FieldType, message: fmt.Sprintf(format, args...), fix: fix}
}

// leaveOut is the remedy for a type that has no codec.
const leaveOut = "use a type that DynamoDB can store, or leave the field out with `ddbe:\"-\"`"

const unknownTypeFix = "define or import it; go build says more"

// invalid reports whether a type is made of one that the compiler does not know.
func invalid(t types.Type) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Basic:
		return t.Kind() == types.Invalid
	case *types.Map:
		return invalid(t.Key()) || invalid(t.Elem())
	case *types.Named:
		for a := range t.TypeArgs().Types() {
			if invalid(a) {
				return true
			}
		}
	case *types.Signature:
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				if invalid(v.Type()) {
					return true
				}
			}
		}
	case interface{ Elem() types.Type }:
		return invalid(t.Elem())
	}
	return false
}

// codecs builds codecs, and keeps those of the nested structs of a package.
type codecs struct {
	pkg    *types.Package
	nested []*StructCodec // of named structs, in the order in which they were met
	open   []*StructCodec // structs whose fields are being read
	within []types.Type   // named types other than structs around what is being read, up to the next struct
}

// maxDepth bounds how deep structs lie in each other: a generic struct can hold
// itself with another type argument, without end.
const maxDepth = 32

func (c *codecs) name(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == c.pkg {
			return ""
		}
		return p.Name()
	})
}

// of returns the codec of t. The format is the tag option that belongs to the
// type: string, unixtime, stringset, numberset or binaryset, or "".
func (c *codecs) of(t types.Type, format string) (*Codec, *typeError) {
	t = types.Unalias(t)
	if b, ok := t.(*types.Basic); ok && b.Kind() == types.Invalid {
		return nil, refuse(unknownTypeFix, "the type of the field is not known")
	}
	if _, ok := t.(*types.TypeParam); ok {
		return nil, refuse("use a type that is known", "a type parameter cannot be stored")
	}
	switch {
	case isTime(t) && format == "unixtime":
		return &Codec{Func: "UnixTime", Type: t, Wire: wireN}, nil
	case isTime(t) && format == "":
		return &Codec{Func: "Time", Type: t, Wire: wireS}, nil
	}
	if p, ok := t.(*types.Pointer); ok {
		if _, ok := types.Unalias(p.Elem()).Underlying().(*types.Pointer); ok {
			return nil, refuse("use one pointer", "%s is a pointer to a pointer, and a nil in it could not be told from one outside", c.name(t))
		}
		elem, err := c.exactly(p.Elem(), format)
		if err != nil {
			return nil, err
		}
		return &Codec{Func: "Pointer", Type: t, Args: []*Codec{elem}, Wire: elem.Wire | wireNull}, nil
	}
	if m, name := converts(t); name != "" {
		return c.byMethods(t, m, format)
	}
	if _, ok := t.Underlying().(*types.Struct); ok {
		return c.byKind(t, format)
	}
	if slices.ContainsFunc(c.within, func(o types.Type) bool { return types.Identical(o, t) }) {
		return nil, refuse("put a struct between the two", "type %s contains itself", c.name(t))
	}
	if _, ok := t.(*types.Named); ok {
		c.within = append(c.within, t)
		defer func() { c.within = c.within[:len(c.within)-1] }()
	}
	return c.byKind(t, format)
}

// exactly is of for places that need a codec of t itself, not of the type
// under it.
func (c *codecs) exactly(t types.Type, format string) (*Codec, *typeError) {
	codec, err := c.of(t, format)
	if err != nil || types.Identical(codec.Type, t) {
		return codec, err
	}
	return &Codec{Func: "Named", Type: types.Unalias(t), Args: []*Codec{codec}, Wire: codec.Wire}, nil
}

func (c *codecs) byMethods(t types.Type, m methodPair, format string) (*Codec, *typeError) {
	switch {
	case !m.unmarshal.of(t):
		return nil, refuse(fmt.Sprintf("add the method %s to *%s", m.unmarshal, c.name(t)), "%s has %s and no %s: it could be written and not read back", c.name(t), m.marshal.name, m.unmarshal.name)
	case !m.marshal.of(t):
		return nil, refuse(fmt.Sprintf("add the method %s to %s", m.marshal, c.name(t)), "%s has %s and no %s: it could be read and not written", c.name(t), m.unmarshal.name, m.marshal.name)
	}
	for _, one := range []method{m.marshal, m.unmarshal} {
		if v := one.lentBy(t); v != nil {
			return nil, refuse(fmt.Sprintf("write `%s %s`, so that it is not embedded, or give %s a %s and a %s of its own", v.Name(), c.name(v.Type()), c.name(t), m.marshal.name, m.unmarshal.name), "%s has its %s from the embedded field %s, so that nothing else in it would be stored", c.name(t), one.name, v.Name())
		}
	}
	if format != "" {
		return nil, noFormat(format, "%s converts itself with %s", c.name(t), m.marshal.name)
	}
	switch t.Underlying().(type) {
	case *types.Struct, *types.Array:
		return &Codec{Func: m.codec, Type: t, Of: t, Wire: m.wire}, nil
	case *types.Interface:
		return nil, refuse("use a concrete type", "a value of interface type %s could not be read back", c.name(t))
	}
	base, err := c.byKind(t, "")
	if err != nil {
		return nil, err
	}
	if !types.Identical(base.Type, t) {
		base = &Codec{Func: "Named", Type: t, Args: []*Codec{base}}
	}
	return &Codec{Func: m.codec + "Over", Type: t, Args: []*Codec{base}, Wire: m.wire | base.Wire&wireNull}, nil
}

func noFormat(format, why string, args ...any) *typeError {
	return &typeError{code: DynamodbavOption, message: fmt.Sprintf("option %q does nothing here: "+why, append([]any{format}, args...)...), fix: "remove the option", option: format}
}

func (c *codecs) byKind(t types.Type, format string) (*Codec, *typeError) {
	if u, ok := t.Underlying().(*types.Basic); ok {
		return c.basic(t, u, format)
	}
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return c.slice(u, t, format)
	case *types.Array:
		if format != "" {
			return nil, noFormat(format, "%s is an array", c.name(t))
		}
		elems, err := c.slice(types.NewSlice(u.Elem()), t, "")
		if err != nil {
			return nil, err
		}
		return &Codec{Func: "Array", Type: t, Args: []*Codec{elems}, Wire: elems.Wire &^ wireNull}, nil
	case *types.Map:
		if format != "" {
			return nil, noFormat(format, "%s is a map", c.name(t))
		}
		return c.mapping(u)
	case *types.Struct:
		if time := timeUnder(u); time != nil {
			return c.of(time, format)
		}
		if format != "" {
			return nil, noFormat(format, "%s is a struct", c.name(t))
		}
		return c.structure(t, u)
	case *types.Interface:
		if u.NumMethods() == 0 && types.Identical(t, u) && format == "" {
			return &Codec{Func: "Any", Type: t, Wire: wireAny}, nil
		}
	}
	return nil, refuse(leaveOut, "type %s cannot be stored in an item", c.name(t))
}

func (c *codecs) basic(t types.Type, u *types.Basic, format string) (*Codec, *typeError) {
	codec := &Codec{Type: t, Of: t}
	switch info := u.Info(); {
	case u.Kind() == types.Uintptr || u.Kind() == types.UnsafePointer || info&types.IsComplex != 0:
		return nil, refuse(leaveOut, "type %s cannot be stored in an item", c.name(t))
	case isNumberText(t):
		codec.Func, codec.Wire = "Number", wireN
	case info&types.IsString != 0:
		codec.Func, codec.Wire = "String", wireS
	case info&types.IsBoolean != 0:
		codec.Func, codec.Wire = "Bool", wireBool
	case info&types.IsUnsigned != 0:
		codec.Func, codec.Wire = "Uint", wireN
	case info&types.IsInteger != 0:
		codec.Func, codec.Wire = "Int", wireN
	default:
		codec.Func, codec.Wire = "Float", wireN
	}
	switch {
	case format == "string" && codec.Wire == wireN:
		return &Codec{Func: "AsString", Type: t, Args: []*Codec{codec}, Wire: wireS}, nil
	case format != "":
		return nil, noFormat(format, "%s is stored as %s", c.name(t), codec.Wire)
	}
	return codec, nil
}

// slice returns the codec of a slice that t, which errors name, is or is
// backed by.
func (c *codecs) slice(u *types.Slice, t types.Type, format string) (*Codec, *typeError) {
	if b, ok := u.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Uint8 {
		switch {
		case format != "":
			return nil, noFormat(format, "%s is stored as binary", c.name(t))
		case !types.Identical(u.Elem(), types.Typ[types.Byte]):
			return nil, refuse("use []byte", "%s is stored as binary, which only a slice of byte itself can be", c.name(t))
		}
		if _, ok := t.Underlying().(*types.Slice); !ok {
			t = u // the slice of an array
		}
		return &Codec{Func: "Bytes", Type: t, Of: t, Wire: wireB | wireNull}, nil
	}
	if format == "" && types.Identical(t, types.NewSlice(types.NewSlice(types.Typ[types.Byte]))) {
		format = "binaryset"
	}
	elem, err := c.exactly(u.Elem(), "")
	if err != nil {
		return nil, err
	}
	codec := &Codec{Func: "Slice", Type: u, Args: []*Codec{elem}, Wire: wireL | wireNull}
	sets := map[string]struct {
		constructor string
		wire, elem  attributeTypes
	}{
		"stringset": {"StringSet", wireSS, wireS},
		"numberset": {"NumberSet", wireNS, wireN},
		"binaryset": {"BinarySet", wireBS, wireB},
	}
	if set, ok := sets[format]; ok {
		if elem.Wire&set.elem == 0 {
			return nil, noFormat(format, "an element of %s is stored as %s", c.name(t), elem.Wire)
		}
		codec.Func, codec.Wire = set.constructor, set.wire|wireNull
	} else if format != "" {
		return nil, noFormat(format, "%s is a slice", c.name(t))
	}
	return codec, nil
}

func (c *codecs) mapping(u *types.Map) (*Codec, *typeError) {
	key, err := c.of(u.Key(), "")
	if err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"String", "Bool", "Int", "Uint", "Float", "Number", "Text", "TextOver"}, key.Func) {
		return nil, refuse("use a string, number or boolean, or a type with MarshalText", "type %s cannot be the key of a map in an item", c.name(u.Key()))
	}
	elem, err := c.exactly(u.Elem(), "")
	if err != nil {
		return nil, err
	}
	return &Codec{Func: "Map", Type: u, Args: []*Codec{key, elem}, Wire: wireM | wireNull}, nil
}

// structure returns the codec of a nested struct. One that does not lie inside
// a struct that contains it is kept, and built once.
func (c *codecs) structure(t types.Type, u *types.Struct) (*Codec, *typeError) {
	for _, s := range c.open {
		if types.Identical(s.Type, t) {
			s.Recursive = true
			c.open[len(c.open)-1].outer[s] = true
			return &Codec{Func: Self, Type: t, Struct: s, Wire: wireM}, nil
		}
	}
	for _, s := range c.nested {
		if s.Var != "" && types.Identical(s.Type, t) {
			return &Codec{Func: "Struct", Type: t, Struct: s, Wire: wireM}, nil
		}
	}
	if len(c.open) == maxDepth {
		err := refuse("use a type that does not contain itself with other type arguments", "type %s lies more than %d structs deep", c.name(c.open[0].Type), maxDepth)
		err.endless = true
		return nil, err
	}
	s := &StructCodec{Type: t, outer: map[*StructCodec]bool{}}
	named, isNamed := t.(*types.Named)
	if isNamed && !slices.ContainsFunc(c.nested, func(o *StructCodec) bool { return types.Identical(o.Type, t) }) {
		s.Guard = c.guard(u)
	}
	at := len(c.nested)
	c.nested = append(c.nested, s)
	c.open = append(c.open, s)
	within := c.within
	c.within = nil
	err := c.members(s, u)
	c.open, c.within = c.open[:len(c.open)-1], within
	if err != nil {
		return nil, err
	}
	delete(s.outer, s)
	if len(c.open) > 0 {
		for o := range s.outer {
			c.open[len(c.open)-1].outer[o] = true
		}
	}
	switch {
	case isNamed && len(s.outer) == 0:
		s.Var = codecVar(c.pkg, named)
	case s.Guard == nil:
		c.nested = slices.Delete(c.nested, at, at+1) // nothing of it is written apart
	}
	return &Codec{Func: "Struct", Type: t, Struct: s, Wire: wireM}, nil
}

// guarded notes a struct of which no codec is made.
func (c *codecs) guarded(t types.Type) {
	u, ok := t.Underlying().(*types.Struct)
	if ok && hiddenType(c.pkg, t) == nil && !slices.ContainsFunc(c.nested, func(o *StructCodec) bool { return types.Identical(o.Type, t) }) {
		c.nested = append(c.nested, &StructCodec{Type: t, Guard: c.guard(u)})
	}
}

// guard returns the fields of a struct as the compiler sees them, or nil where
// code of the package cannot name one.
func (c *codecs) guard(u *types.Struct) []GuardField {
	var all []GuardField
	for i := range u.NumFields() {
		v := u.Field(i)
		if v.Pkg() != c.pkg && !v.Exported() || hiddenType(c.pkg, v.Type()) != nil || invalid(v.Type()) {
			return nil
		}
		literal := ""
		if u.Tag(i) != "" {
			literal = quoteTag(u.Tag(i))
		}
		all = append(all, GuardField{v, literal})
	}
	return all
}

// quoteTag writes a struct tag as a literal.
func quoteTag(tag string) string {
	if strconv.CanBackquote(tag) {
		return "`" + tag + "`"
	}
	return strconv.Quote(tag)
}

func (c *codecs) members(s *StructCodec, u *types.Struct) *typeError {
	fields, err := c.fields(s.Type, u)
	if err != nil {
		return err
	}
	if len(fields) == 0 {
		return refuse("give it MarshalText and UnmarshalText, or leave the field out with `ddbe:\"-\"`", "type %s has no exported field: nothing of it would be stored", c.name(s.Type))
	}
	for _, f := range fields {
		field, err := c.member(s, f)
		if err != nil {
			return c.inside(f.leaf(), err)
		}
		s.Fields = append(s.Fields, field)
	}
	return nil
}

// inside makes the error of a field of a nested struct, or of something inside of
// it, that of the innermost field of the package whose type stands there: not of a
// struct of another package, nor of one whose type is a type argument.
func (c *codecs) inside(v *types.Var, err *typeError) *typeError {
	switch {
	case err.endless:
	case err.field == nil:
		err.field = v
	case !c.here(err):
		err.message = fmt.Sprintf("field %s: %s", err.field.Name(), err.message)
		err.fix = "use another type, or leave the field out with `ddbe:\"-\"`"
		err.field, err.other = v, err.field
		err.option, err.span = "", tag.Span{}
	}
	return err
}

// here reports whether the cause of an error can be changed where its field is.
func (c *codecs) here(err *typeError) bool {
	inTag := err.option != "" || err.span != tag.Span{}
	return err.field.Pkg() == c.pkg && (inTag || err.field.Origin() == err.field)
}

// member returns a field of a nested struct with its codec.
func (c *codecs) member(s *StructCodec, f field) (*NestedField, *typeError) {
	leaf := f.leaf()
	for _, embedded := range f.path[:len(f.path)-1] {
		c.guarded(deref(embedded.Type()))
	}
	steps, err := c.steps(s.Type, f.path)
	if err != nil {
		return nil, err
	}
	for _, step := range steps {
		if hidden := hiddenType(c.pkg, step.Type); hidden != nil {
			return nil, refuse("use a type that this package can name", "type %s cannot be named outside of its package", c.name(hidden))
		}
	}
	codec, err := c.of(leaf.Type(), f.av.format)
	if err != nil {
		return nil, err
	}
	if err := idle(codec, f.av.options, c.name); err != nil {
		return nil, err
	}
	return &NestedField{Name: f.name, Path: steps, Codec: codec, Options: f.av.options}, nil
}

// found is what lies at the end of steps.
type found struct {
	codec   *Codec   // nil where the type is not known
	path    []Step   // the way there, nil where Go cannot write it
	options []string // what the tags say about it
	absent  bool     // the attribute may be there without it
}

// to returns what lies one step further.
func (f found) to(name string, codec *Codec) found {
	if f.path == nil || name == "" {
		return found{codec: codec, options: ofElements(f.options), absent: true}
	}
	return found{codec, append(slices.Clip(f.path), Step{name, codec.Type}), ofElements(f.options), true}
}

// find follows steps into a value with the options of its field. The message is ""
// unless nothing can lie there.
func (c *Codec) find(options []string, steps []tag.Step) (f found, message string) {
	f = found{codec: c, path: []Step{}, options: options}
	for _, step := range steps {
		for f.codec != nil && slices.Contains([]string{"Pointer", "Named", "Array"}, f.codec.Func) {
			f.absent = f.absent || f.codec.Func == "Pointer"
			f.codec = f.codec.Args[0]
		}
		c := f.codec
		switch {
		case c == nil || c.Wire == wireAny && c.Func != "Any":
			return found{absent: true}, ""
		case c.Func == "Any" && step.List:
			f = f.to(strconv.Itoa(step.Index), c)
		case c.Func == "Any":
			f = f.to(strconv.Quote(step.Key), c)
		case step.List && c.Func == "Slice":
			f = f.to(strconv.Itoa(step.Index), c.Args[0])
		case step.List:
			return f, fmt.Sprintf("there is %s, and not a list, before [%d]", c.Wire, step.Index)
		case c.Func == "Map":
			f = f.to(c.Args[0].key(step.Key), c.Args[1])
		case c.Struct != nil:
			field, message := c.Struct.field(step.Key)
			if message != "" {
				return f, message
			}
			f.codec, f.options = field.Codec, field.Options
			f.absent = f.absent || leftOut(field.Options, field.Path)
			if f.path != nil {
				f.path = append(f.path, field.Path...)
			}
		default:
			return f, fmt.Sprintf("there is %s, and not a map, before .%s", c.Wire, step.Key)
		}
	}
	return f, ""
}

// key writes a key of a map in Go, or returns "" where it cannot.
func (c *Codec) key(text string) string {
	switch c.Func {
	case "String", "Number":
		return strconv.Quote(text)
	case "Bool":
		if text == "true" || text == "false" {
			return text
		}
	case "Int":
		if n, err := strconv.ParseInt(text, 10, 64); err == nil && strconv.FormatInt(n, 10) == text {
			return text
		}
	case "Uint":
		if n, err := strconv.ParseUint(text, 10, 64); err == nil && strconv.FormatUint(n, 10) == text {
			return text
		}
	}
	return ""
}

func (s *StructCodec) field(key string) (field *NestedField, message string) {
	var names []string
	for _, f := range s.Fields {
		if f.Name == key {
			return f, ""
		}
		names = append(names, f.Name)
	}
	if near := tag.Nearest(key, names); near != "" {
		return nil, fmt.Sprintf("%q is not a key of the map; did you mean %q?", key, near)
	}
	return nil, fmt.Sprintf("%q is not a key of the map; its keys are %s", key, strings.Join(names, ", "))
}
