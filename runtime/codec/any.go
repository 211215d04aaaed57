package codec

import (
	"errors"
	"reflect"
	"sync"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Any is the codec of an empty interface. It is the one codec that reflects, for
// it hands the value to package attributevalue: whatever that makes of the
// dynamic type is stored, and reading gives string, float64, bool, []byte,
// []any, map[string]any and slices for sets. A value that contains itself is
// refused if it is made of []any and map[string]any; of others, attributevalue
// says that it does not return.
func Any() Codec[any] { return anyCodec{} }

type anyCodec struct{}

func (anyCodec) zero(v *any) zeroness { return nilIf(*v == nil) }

func (c anyCodec) encode(v *any, m mode) (types.AttributeValue, error) {
	switch value := (*v).(type) {
	case nil:
		return null(), nil
	case []any:
		return Slice[any](c).encode(&value, m)
	case map[string]any:
		return Map(String[string](), Codec[any](c)).encode(&value, m)
	}
	av, err := marshal(*v, m.options)
	if err != nil {
		return nil, encodeError[any](refusal{err})
	}
	if av == nil {
		return nil, nil
	}
	if err := check(av, m.depth); err != nil {
		return nil, encodeError[any](err)
	}
	return av, nil
}

// boxes are structs with one interface field, one for each set of options.
var boxes = sync.OnceValue(func() (boxes [allOptions + 1]reflect.Type) {
	tags := map[Option]string{OmitEmpty: ",omitempty", NullEmpty: ",nullempty", OmitEmptyElem: ",omitemptyelem", NullEmptyElem: ",nullemptyelem"}
	for options := range boxes {
		tag := "Value"
		for o, t := range tags {
			if Option(options)&o != 0 {
				tag += t
			}
		}
		boxes[options] = reflect.StructOf([]reflect.StructField{{
			Name: "Value",
			Type: reflect.TypeFor[any](),
			Tag:  reflect.StructTag(`dynamodbav:"` + tag + `"`),
		}})
	}
	return boxes
})

// marshal encodes v as attributevalue does a field with the options. That calls
// methods on nil pointers inside interfaces; their panic becomes an error.
func marshal(v any, o Option) (av types.AttributeValue, err error) {
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && r.IsNil() {
		if o&OmitEmpty != 0 && o&OmitEmptyElem != 0 {
			return nil, nil
		}
		return null(), nil
	}
	defer func() {
		if recover() != nil {
			err = errors.New("a method panicked")
		}
	}()
	box := reflect.New(boxes()[o&allOptions]).Elem()
	box.Field(0).Set(reflect.ValueOf(v))
	item, err := attributevalue.MarshalMapWithOptions(box.Interface(), func(o *attributevalue.EncoderOptions) {
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
