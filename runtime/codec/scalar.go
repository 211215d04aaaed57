package codec

import (
	"strconv"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// String is the codec of a type of kind string: S, and read from N as well.
func String[V ~string]() KeyCodec[V] { return stringCodec[V]{} }

type stringCodec[V ~string] struct{}

func (stringCodec[V]) zero(v *V) zeroness { return zeroIf(*v == "") }

func (c stringCodec[V]) encode(v *V, _ mode) (types.AttributeValue, error) {
	s, err := c.formatKey(v)
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberS{Value: s}, nil
}

func (c stringCodec[V]) decode(av types.AttributeValue, v *V) error {
	var text string
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		text = av.Value
	case *types.AttributeValueMemberN:
		text = av.Value
	default:
		return decodeOther(av, v)
	}
	if err := c.parseKey(text, v); err != nil {
		return decodeError[V](av, err)
	}
	return nil
}

func (stringCodec[V]) formatKey(v *V) (string, error) {
	s := string(*v)
	if !utf8.ValidString(s) {
		return "", encodeError[V](ErrUTF8)
	}
	return s, nil
}

func (stringCodec[V]) parseKey(s string, v *V) error {
	if !utf8.ValidString(s) {
		return ErrUTF8
	}
	*v = V(s)
	return nil
}

// Bool is the codec of a type of kind bool: BOOL.
func Bool[V ~bool]() KeyCodec[V] { return boolCodec[V]{} }

type boolCodec[V ~bool] struct{}

func (boolCodec[V]) zero(v *V) zeroness { return zeroIf(!bool(*v)) }

func (boolCodec[V]) encode(v *V, _ mode) (types.AttributeValue, error) {
	return &types.AttributeValueMemberBOOL{Value: bool(*v)}, nil
}

func (boolCodec[V]) decode(av types.AttributeValue, v *V) error {
	if av, ok := av.(*types.AttributeValueMemberBOOL); ok {
		*v = V(av.Value)
		return nil
	}
	return decodeOther(av, v)
}

func (boolCodec[V]) formatKey(v *V) (string, error) { return strconv.FormatBool(bool(*v)), nil }

func (boolCodec[V]) parseKey(s string, v *V) error {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return ErrSyntax
	}
	*v = V(b)
	return nil
}
