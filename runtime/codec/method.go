package codec

import (
	"encoding"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TextMethods is what [Text] asks of a type: MarshalText on the value or the
// pointer, UnmarshalText on the pointer.
type TextMethods[V any] interface {
	*V
	encoding.TextMarshaler
	encoding.TextUnmarshaler
}

// BinaryMethods is what [Binary] asks of a type.
type BinaryMethods[V any] interface {
	*V
	encoding.BinaryMarshaler
	encoding.BinaryUnmarshaler
}

// CustomMethods is what [Custom] asks of a type.
type CustomMethods[V any] interface {
	*V
	attributevalue.Marshaler
	attributevalue.Unmarshaler
}

// Text is the codec of a struct or array type with the methods of package
// encoding for text: S. It is read from B if it has UnmarshalBinary too.
// Errors of its methods match [ErrRefused].
func Text[V any, P TextMethods[V]]() KeyCodec[V] { return textCodec[V, P]{} }

// TextOver is [Text] for a type of another kind: base is the codec of the kind,
// which says what is empty and reads all that is not S.
func TextOver[V any, P TextMethods[V]](base Codec[V]) KeyCodec[V] {
	return textCodec[V, P]{kindCodec[V]{base}}
}

// Binary is the codec of a struct or array type with the methods of package
// encoding for bytes: B. It is read from S if it has UnmarshalText too. Errors of
// its methods match [ErrRefused].
func Binary[V any, P BinaryMethods[V]]() Codec[V] { return binaryCodec[V, P]{} }

// BinaryOver is [Binary] for a type of another kind: base is the codec of the
// kind, which says what is empty and reads all that is not B.
func BinaryOver[V any, P BinaryMethods[V]](base Codec[V]) Codec[V] {
	return binaryCodec[V, P]{kindCodec[V]{base}}
}

// Custom is the codec of a struct or array type with the methods of
// [attributevalue.Marshaler] and [attributevalue.Unmarshaler], which read and
// write any attribute type, NULL included. Errors of its methods match
// [ErrRefused]; what it writes must be UTF-8 where it is text, a number where it
// is a number, and nowhere nil.
func Custom[V any, P CustomMethods[V]]() Codec[V] { return customCodec[V, P]{} }

// CustomOver is [Custom] for a type of another kind: base is the codec of the
// kind, which says what is empty.
func CustomOver[V any, P CustomMethods[V]](base Codec[V]) Codec[V] {
	return customCodec[V, P]{kindCodec[V]{base}}
}

// kindCodec is the codec of a type's kind, without regard to its methods. Structs
// and arrays have none: they are never empty.
type kindCodec[V any] struct{ base Codec[V] }

func (c kindCodec[V]) zero(v *V) zeroness {
	if c.base == nil {
		return notZero
	}
	return c.base.zero(v)
}

func (c kindCodec[V]) decode(av types.AttributeValue, v *V) error {
	if c.base == nil {
		return decodeOther(av, v)
	}
	return c.base.decode(av, v)
}

type textCodec[V any, P TextMethods[V]] struct{ kindCodec[V] }

func (c textCodec[V, P]) encode(v *V, _ mode) (types.AttributeValue, error) {
	s, err := c.formatKey(v)
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberS{Value: s}, nil
}

func (c textCodec[V, P]) decode(av types.AttributeValue, v *V) error {
	switch t := av.(type) {
	case *types.AttributeValueMemberS:
		return unmarshalText[V](av, t.Value, P(v))
	case *types.AttributeValueMemberB:
		if u, ok := any(v).(encoding.BinaryUnmarshaler); ok {
			return unmarshalBinary[V](av, t.Value, u)
		}
	}
	return c.kindCodec.decode(av, v)
}

func (textCodec[V, P]) formatKey(v *V) (string, error) {
	text, err := P(v).MarshalText()
	if err != nil {
		return "", encodeError[V](refusal{err})
	}
	if !utf8.Valid(text) {
		return "", encodeError[V](ErrUTF8)
	}
	return string(text), nil
}

func (textCodec[V, P]) parseKey(s string, v *V) error {
	return parseText(s, P(v))
}

func unmarshalText[V any](av types.AttributeValue, s string, u encoding.TextUnmarshaler) error {
	if err := parseText(s, u); err != nil {
		return decodeError[V](av, err)
	}
	return nil
}

// parseText returns a reason.
func parseText(s string, u encoding.TextUnmarshaler) error {
	if !utf8.ValidString(s) {
		return ErrUTF8
	}
	if err := u.UnmarshalText([]byte(s)); err != nil {
		return refusal{err}
	}
	return nil
}

type binaryCodec[V any, P BinaryMethods[V]] struct{ kindCodec[V] }

func (c binaryCodec[V, P]) encode(v *V, _ mode) (types.AttributeValue, error) {
	b, err := P(v).MarshalBinary()
	if err != nil {
		return nil, encodeError[V](refusal{err})
	}
	return &types.AttributeValueMemberB{Value: b}, nil
}

func (c binaryCodec[V, P]) decode(av types.AttributeValue, v *V) error {
	switch t := av.(type) {
	case *types.AttributeValueMemberB:
		return unmarshalBinary[V](av, t.Value, P(v))
	case *types.AttributeValueMemberS:
		if u, ok := any(v).(encoding.TextUnmarshaler); ok {
			return unmarshalText[V](av, t.Value, u)
		}
	}
	return c.kindCodec.decode(av, v)
}

func unmarshalBinary[V any](av types.AttributeValue, b []byte, u encoding.BinaryUnmarshaler) error {
	if err := u.UnmarshalBinary(b); err != nil {
		return decodeError[V](av, refusal{err})
	}
	return nil
}

type customCodec[V any, P CustomMethods[V]] struct{ kindCodec[V] }

func (c customCodec[V, P]) encode(v *V, m mode) (types.AttributeValue, error) {
	av, err := P(v).MarshalDynamoDBAttributeValue()
	if err != nil {
		return nil, encodeError[V](refusal{err})
	}
	if err := check(av, m.depth); err != nil {
		return nil, encodeError[V](err)
	}
	return av, nil
}

func (c customCodec[V, P]) decode(av types.AttributeValue, v *V) error {
	if err := P(v).UnmarshalDynamoDBAttributeValue(av); err != nil {
		return decodeError[V](av, refusal{err})
	}
	return nil
}
