package codec

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Field is a field of the struct T: the name of its attribute, its codec and
// where it lies in T.
type Field[T any] struct {
	name    string
	binding binding[T]
}

// binding hides the type of the field.
type binding[T any] interface {
	encode(t *T, m mode) (types.AttributeValue, error)
	decode(av types.AttributeValue, t *T) error
	check() error
}

// NewField describes a field. The accessor returns the field's address and is
// never called with nil; it serves encoding and decoding.
func NewField[T, V any](name string, codec Codec[V], accessor func(*T) *V, options ...Option) Field[T] {
	var all Option
	for _, o := range options {
		all |= o
	}
	return Field[T]{name, &direct[T, V]{codec, accessor, all}}
}

// Via makes a field of an embedded pointer to a struct a field of the outer
// struct. Encoding leaves the field out while the pointer is nil; decoding sets
// the pointer once one of its attributes is there:
//
//	codec.Via(func(t *T) **Base { return &t.Base },
//		codec.NewField("id", codec.String[string](), func(b *Base) *string { return &b.ID }))
func Via[T, E any](embedded func(*T) **E, field Field[E]) Field[T] {
	return Field[T]{field.name, &promoted[T, E]{embedded, field.binding}}
}

// Name returns the name of the field's attribute.
func (f Field[T]) Name() string { return f.name }

// Encode returns the attribute value of the field in *t, or nil if omitempty or
// a nil embedded pointer leaves it out. Errors are of type [*Error].
func (f Field[T]) Encode(t *T) (types.AttributeValue, error) {
	if t == nil {
		return nil, at(f.name, encodeError[T](ErrNilStruct))
	}
	return f.encode(t, mode{})
}

// Decode sets the field in *t from an attribute value, of which nil counts as
// NULL. After an error *t may be partly set. Errors are of type [*Error].
func (f Field[T]) Decode(av types.AttributeValue, t *T) error {
	if t == nil {
		return at(f.name, decodeError[T](av, ErrNilStruct))
	}
	return f.decode(av, t)
}

func (f Field[T]) encode(t *T, m mode) (types.AttributeValue, error) {
	av, err := f.binding.encode(t, m)
	if err != nil {
		return nil, at(f.name, err)
	}
	return av, nil
}

func (f Field[T]) decode(av types.AttributeValue, t *T) error {
	if err := f.binding.decode(av, t); err != nil {
		return at(f.name, err)
	}
	return nil
}

// direct is a field that an accessor reaches.
type direct[T, V any] struct {
	codec    Codec[V]
	accessor func(*T) *V
	options  Option
}

func (d *direct[T, V]) encode(t *T, m mode) (types.AttributeValue, error) {
	return encode(d.codec, d.accessor(t), mode{options: d.options, depth: m.depth})
}

func (d *direct[T, V]) decode(av types.AttributeValue, t *T) error {
	return decode(d.codec, av, d.accessor(t))
}

func (d *direct[T, V]) check() error {
	switch {
	case d.codec == nil || d.accessor == nil:
		return errors.New("a field needs a codec and an accessor")
	case d.options&^allOptions != 0:
		return fmt.Errorf("unknown option %#x", d.options&^allOptions)
	case d.options&(OmitEmpty|NullEmpty) == OmitEmpty|NullEmpty,
		d.options&(OmitEmptyElem|NullEmptyElem) == OmitEmptyElem|NullEmptyElem:
		return ErrOptions
	}
	return nil
}

// promoted is a field of an embedded pointer.
type promoted[T, E any] struct {
	embedded func(*T) **E
	field    binding[E]
}

func (p *promoted[T, E]) encode(t *T, m mode) (types.AttributeValue, error) {
	e := *p.embedded(t)
	if e == nil {
		return nil, nil
	}
	return p.field.encode(e, m)
}

func (p *promoted[T, E]) decode(av types.AttributeValue, t *T) error {
	e := p.embedded(t)
	if *e == nil {
		*e = new(E)
	}
	return p.field.decode(av, *e)
}

func (p *promoted[T, E]) check() error {
	if p.embedded == nil || p.field == nil {
		return errors.New("a field of an embedded pointer needs an accessor of the pointer, and a field")
	}
	return p.field.check()
}

// Fields is the table of the fields of T.
type Fields[T any] []Field[T]

// Check reports the first field that cannot be used as it stands: one without a
// name, codec or accessor, with the name of another, or with options that
// exclude each other. It looks at the table only, so once is enough.
func (fs Fields[T]) Check() error {
	seen := make(map[string]bool, len(fs))
	for i, f := range fs {
		if f.name == "" || !utf8.ValidString(f.name) {
			return fmt.Errorf("field %d of %s: an attribute name is UTF-8 and not empty", i, goType[T]())
		}
		if seen[f.name] {
			return fmt.Errorf("field %d of %s: a field above has the attribute name %q too; rename one", i, goType[T](), f.name)
		}
		seen[f.name] = true
		if err := f.binding.check(); err != nil {
			return fmt.Errorf("attribute %q of %s: %w", f.name, goType[T](), err)
		}
	}
	return nil
}

// Encode returns the item of *t: a map that is the caller's, without an entry
// for fields that are left out. Errors are of type [*Error].
func (fs Fields[T]) Encode(t *T) (map[string]types.AttributeValue, error) {
	if t == nil {
		return nil, encodeError[T](ErrNilStruct)
	}
	return fs.encode(t, mode{})
}

// Decode sets the fields of *t from an item. Attributes without a field are
// ignored and fields without an attribute keep their value, so *t is best a zero
// T. After an error *t is partly set. Errors are of type [*Error].
func (fs Fields[T]) Decode(item map[string]types.AttributeValue, t *T) error {
	if t == nil {
		return &Error{Type: "M", GoType: goType[T](), Reason: ErrNilStruct}
	}
	for _, f := range fs {
		av, ok := item[f.name]
		if !ok {
			continue
		}
		if err := f.decode(av, t); err != nil {
			return err
		}
	}
	return nil
}

func (fs Fields[T]) encode(t *T, m mode) (map[string]types.AttributeValue, error) {
	item := make(map[string]types.AttributeValue, len(fs))
	for _, f := range fs {
		av, err := f.encode(t, m)
		if err != nil {
			return nil, err
		}
		if av != nil {
			item[f.name] = av
		}
	}
	return item, nil
}

// Struct is the codec of a struct inside an item: M.
func Struct[T any](fields ...Field[T]) Codec[T] { return structCodec[T]{fields} }

type structCodec[T any] struct{ fields Fields[T] }

// zero follows attributevalue, for which no struct is empty.
func (structCodec[T]) zero(*T) zeroness { return notZero }

func (c structCodec[T]) encode(t *T, m mode) (types.AttributeValue, error) {
	m.depth++
	if m.depth > maxDepth {
		return nil, encodeError[T](ErrDepth)
	}
	members, err := c.fields.encode(t, m)
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberM{Value: members}, nil
}

func (c structCodec[T]) decode(av types.AttributeValue, t *T) error {
	if m, ok := av.(*types.AttributeValueMemberM); ok {
		return c.fields.Decode(m.Value, t)
	}
	return decodeOther(av, t)
}
