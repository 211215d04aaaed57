package codec

import (
	"errors"
	"reflect"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Any is the codec of an empty interface. It is the one codec that reflects, for
// it hands the value to package attributevalue: whatever that makes of the
// dynamic type is stored, and reading gives string, float64, bool, []byte,
// []any, map[string]any and slices for sets. Options of the field reach the
// interface itself and not what is in it.
func Any() Codec[any] { return anyCodec{} }

type anyCodec struct{}

// box makes attributevalue see an interface as it sees one in a struct.
type box struct{ Value any }

func (anyCodec) zero(v *any) zeroness { return nilIf(*v == nil) }

func (c anyCodec) encode(v *any, m mode) (types.AttributeValue, error) {
	switch value := (*v).(type) {
	case []any:
		return Slice[any](c).encode(&value, mode{depth: m.depth})
	case map[string]any:
		return Map(String[string](), Codec[any](c)).encode(&value, mode{depth: m.depth})
	}
	if r := reflect.ValueOf(*v); !r.IsValid() || r.Kind() == reflect.Pointer && r.IsNil() {
		return null(), nil
	}
	av, err := marshal(box{*v})
	if err != nil {
		return nil, encodeError[any](refusal{err})
	}
	if err := check(av, m.depth); err != nil {
		return nil, encodeError[any](err)
	}
	return av, nil
}

// marshal encodes the value in b. Deep in a value attributevalue calls value
// methods on nil pointers, and that panic becomes an error.
func marshal(b box) (av types.AttributeValue, err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("a method panicked")
		}
	}()
	item, err := attributevalue.MarshalMapWithOptions(b, func(o *attributevalue.EncoderOptions) {
		o.UseEncodingMarshalers = true
	})
	return item["Value"], err
}

func (anyCodec) decode(av types.AttributeValue, v *any) error {
	if err := check(av, 0); err != nil {
		return decodeError[any](av, err)
	}
	var value any
	if err := attributevalue.Unmarshal(av, &value); err != nil {
		return decodeError[any](av, ErrSyntax) // a number; the text quotes it
	}
	*v = value
	return nil
}

// check looks through an attribute value that somebody else made, at the given
// depth, for what this package refuses. It returns a reason.
func check(av types.AttributeValue, depth uint8) error {
	if depth > maxDepth {
		return ErrDepth
	}
	if typeOf(av) == "" {
		return ErrAttributeValue
	}
	switch av := av.(type) {
	case *types.AttributeValueMemberS:
		return checkText(av.Value)
	case *types.AttributeValueMemberN:
		return checkNumber(av.Value)
	case *types.AttributeValueMemberSS:
		return checkEach(av.Value, checkText)
	case *types.AttributeValueMemberNS:
		return checkEach(av.Value, checkNumber)
	case *types.AttributeValueMemberL:
		return checkEach(av.Value, func(e types.AttributeValue) error { return check(e, depth+1) })
	case *types.AttributeValueMemberM:
		for name, e := range av.Value {
			if err := checkText(name); err != nil {
				return err
			}
			if err := check(e, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkEach[E any](elems []E, check func(E) error) error {
	for _, e := range elems {
		if err := check(e); err != nil {
			return err
		}
	}
	return nil
}

func checkText(s string) error {
	if !utf8.ValidString(s) {
		return ErrUTF8
	}
	return nil
}

func checkNumber(s string) error {
	if !isNumber(s) {
		return ErrSyntax
	}
	return nil
}
