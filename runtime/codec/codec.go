package codec

import (
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Codec converts values of type V to attribute values and back. Codecs are
// made by the constructors of this package, see the table in the package
// comment. A Codec is immutable and safe for concurrent use.
type Codec[V any] interface {
	// zero classifies *v for omitempty and nullempty.
	zero(v *V) zeroness
	// encode converts *v without regard to zero, as attributevalue does with
	// what a pointer points to. A nil attribute value leaves the value out.
	encode(v *V, m mode) (types.AttributeValue, error)
	// decode sets *v. The caller has ruled out that av is nil or a nil pointer;
	// it may be NULL.
	decode(av types.AttributeValue, v *V) error
}

// A KeyCodec is a [Codec] of a type that may also be the key of a map.
type KeyCodec[V any] interface {
	Codec[V]
	formatKey(v *V) (string, error)
	parseKey(s string, v *V) error
}

// A NumberCodec is a [Codec] of a type that is stored as a number, so that
// [AsString] may store it as a string instead.
type NumberCodec[V any] interface {
	KeyCodec[V]
	format(v *V) (string, error)
	parse(s string, v *V) error
}

// Option says what happens to empty values of a field or of its elements. What
// is empty follows attributevalue: the zero value of a string, number or bool,
// and a nil slice, map, pointer or interface; never a struct, and never a slice
// or map that is not nil. Options combine with |.
type Option uint8

// The options, named after those of the dynamodbav tag.
const (
	// OmitEmpty leaves the field out of the item if it is empty.
	OmitEmpty Option = 1 << iota
	// NullEmpty stores NULL if the field is empty.
	NullEmpty
	// OmitEmptyElem leaves empty elements out of the field's slice, map or set,
	// and out of those nested in it.
	OmitEmptyElem
	// NullEmptyElem stores NULL for empty elements of the field's slice or map.
	NullEmptyElem

	allOptions = OmitEmpty | NullEmpty | OmitEmptyElem | NullEmptyElem
)

// mode is what a value inherits from the field it is in.
type mode struct {
	options Option
	depth   uint8
}

// maxDepth is how deep DynamoDB lets lists and maps nest (Amazon DynamoDB
// Developer Guide, "Quotas": nested attribute depth). It also ends the walk
// through a value that contains itself.
const maxDepth = 32

// elem returns the mode of the elements of a list, map or set. omitemptyelem
// reaches every level, nullemptyelem the first.
func (m mode) elem() mode {
	e := mode{options: m.options & OmitEmptyElem, depth: m.depth + 1}
	if m.options&OmitEmptyElem != 0 {
		e.options |= OmitEmpty
	}
	if m.options&NullEmptyElem != 0 {
		e.options |= NullEmpty
	}
	return e
}

// zeroness says whether a value is empty, and if so what becomes of it when no
// option asks for anything.
type zeroness uint8

const (
	notZero zeroness = iota
	isZero           // encoded as any other value
	isNil            // encoded as NULL
)

func zeroIf(zero bool) zeroness {
	if zero {
		return isZero
	}
	return notZero
}

func nilIf(null bool) zeroness {
	if null {
		return isNil
	}
	return notZero
}

// encode converts *v as the field or element that m describes. A nil attribute
// value leaves it out.
func encode[V any](c Codec[V], v *V, m mode) (types.AttributeValue, error) {
	if z := c.zero(v); z != notZero {
		switch m.options & (OmitEmpty | NullEmpty) {
		case OmitEmpty | NullEmpty:
			return nil, encodeError[V](ErrOptions)
		case OmitEmpty:
			return nil, nil
		case NullEmpty:
			return null(), nil
		}
		if z == isNil {
			return null(), nil
		}
	}
	return c.encode(v, m)
}

// decode sets *v from av. A missing attribute value counts as NULL.
func decode[V any](c Codec[V], av types.AttributeValue, v *V) error {
	if av == nil {
		av = null()
	}
	if typeOf(av) == "" {
		return decodeError[V](av, ErrAttributeValue)
	}
	return c.decode(av, v)
}

// decodeOther is what a codec does with an attribute value that is not of its
// type: NULL is the zero value, anything else is refused.
func decodeOther[V any](av types.AttributeValue, v *V) error {
	if _, ok := av.(*types.AttributeValueMemberNULL); ok {
		var zero V
		*v = zero
		return nil
	}
	return decodeError[V](av, ErrType)
}

func null() types.AttributeValue { return &types.AttributeValueMemberNULL{Value: true} }

// typeOf returns DynamoDB's letters for the type of av, and "" for a nil
// pointer or a type that this package does not know.
func typeOf(av types.AttributeValue) string {
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return unlessNil("S", av)
	case *types.AttributeValueMemberN:
		return unlessNil("N", av)
	case *types.AttributeValueMemberB:
		return unlessNil("B", av)
	case *types.AttributeValueMemberBOOL:
		return unlessNil("BOOL", av)
	case *types.AttributeValueMemberNULL:
		return unlessNil("NULL", av)
	case *types.AttributeValueMemberM:
		return unlessNil("M", av)
	case *types.AttributeValueMemberL:
		return unlessNil("L", av)
	case *types.AttributeValueMemberSS:
		return unlessNil("SS", av)
	case *types.AttributeValueMemberNS:
		return unlessNil("NS", av)
	case *types.AttributeValueMemberBS:
		return unlessNil("BS", av)
	default:
		return ""
	}
}

func unlessNil[M any](letters string, av *M) string {
	if av == nil {
		return ""
	}
	return letters
}

// goType names V in an error.
func goType[V any]() string { return reflect.TypeFor[V]().String() }
