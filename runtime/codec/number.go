package codec

import (
	"errors"
	"math"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type signed interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64
}

type unsigned interface {
	~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

type float interface{ ~float32 | ~float64 }

// Int is the codec of the signed integers: N.
func Int[V ~int | ~int8 | ~int16 | ~int32 | ~int64]() NumberCodec[V] {
	return numberCodec[V, intText[V]]{}
}

// Uint is the codec of the unsigned integers: N.
func Uint[V ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64]() NumberCodec[V] {
	return numberCodec[V, uintText[V]]{}
}

// Float is the codec of the floats: N, in decimal notation without an exponent.
// NaN and infinities are refused with [ErrNotFinite].
func Float[V ~float32 | ~float64]() NumberCodec[V] { return numberCodec[V, floatText[V]]{} }

// Number is the codec of number literals such as json.Number and
// attributevalue.Number: N with the literal as it is, and read from S as well.
// Text that is not a decimal number is refused with [ErrSyntax].
func Number[V ~string]() NumberCodec[V] {
	return numberCodec[V, literalText[V]]{readString: true}
}

// AsString stores a number as S: the tag option string. It is read from N too.
func AsString[V any](number NumberCodec[V]) Codec[V] { return asString[V]{number} }

// text is how a type of number is written and read. The errors are reasons, not
// yet an [*Error].
type text[V any] interface {
	zero(v *V) bool
	format(v *V) (string, error)
	parse(s string, v *V) error
	formatKey(v *V) (string, error)
}

type numberCodec[V any, T text[V]] struct {
	text       T
	readString bool
}

func (c numberCodec[V, T]) zero(v *V) zeroness { return zeroIf(c.text.zero(v)) }

func (c numberCodec[V, T]) encode(v *V, _ mode) (types.AttributeValue, error) {
	s, err := c.format(v)
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberN{Value: s}, nil
}

func (c numberCodec[V, T]) decode(av types.AttributeValue, v *V) error {
	switch n := av.(type) {
	case *types.AttributeValueMemberN:
		return decodeText(c, av, n.Value, v)
	case *types.AttributeValueMemberS:
		if c.readString {
			return decodeText(c, av, n.Value, v)
		}
	}
	return decodeOther(av, v)
}

func (c numberCodec[V, T]) format(v *V) (string, error) {
	s, err := c.text.format(v)
	if err != nil {
		return "", encodeError[V](err)
	}
	return s, nil
}

func (c numberCodec[V, T]) parse(s string, v *V) error { return c.text.parse(s, v) }

func (c numberCodec[V, T]) formatKey(v *V) (string, error) {
	s, err := c.text.formatKey(v)
	if err != nil {
		return "", encodeError[V](err)
	}
	return s, nil
}

func (c numberCodec[V, T]) parseKey(s string, v *V) error { return c.text.parse(s, v) }

func decodeText[V any, C interface{ parse(string, *V) error }](c C, av types.AttributeValue, s string, v *V) error {
	if err := c.parse(s, v); err != nil {
		return decodeError[V](av, err)
	}
	return nil
}

type intText[V signed] struct{}

func (intText[V]) zero(v *V) bool                   { return *v == 0 }
func (intText[V]) format(v *V) (string, error)      { return strconv.FormatInt(int64(*v), 10), nil }
func (t intText[V]) formatKey(v *V) (string, error) { return t.format(v) }

func (intText[V]) parse(s string, v *V) error {
	i, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return numberReason(err)
	}
	if int64(V(i)) != i {
		return ErrOverflow
	}
	*v = V(i)
	return nil
}

type uintText[V unsigned] struct{}

func (uintText[V]) zero(v *V) bool                   { return *v == 0 }
func (uintText[V]) format(v *V) (string, error)      { return strconv.FormatUint(uint64(*v), 10), nil }
func (t uintText[V]) formatKey(v *V) (string, error) { return t.format(v) }

func (uintText[V]) parse(s string, v *V) error {
	u, err := strconv.ParseUint(s, 10, 64)
	if err != nil {
		return numberReason(err)
	}
	if uint64(V(u)) != u {
		return ErrOverflow
	}
	*v = V(u)
	return nil
}

type floatText[V float] struct{}

func (floatText[V]) zero(v *V) bool                 { return *v == 0 }
func (floatText[V]) format(v *V) (string, error)    { return formatFloat(*v, 'f') }
func (floatText[V]) formatKey(v *V) (string, error) { return formatFloat(*v, 'g') }

func formatFloat[V float](v V, format byte) (string, error) {
	f := float64(v)
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return "", ErrNotFinite
	}
	return strconv.FormatFloat(f, format, -1, bits[V]()), nil
}

// bits returns the size of a float type, which decides what its shortest
// notation is.
func bits[V float]() int {
	x := math.MaxFloat64
	if math.IsInf(float64(V(x)), 0) {
		return 32
	}
	return 64
}

func (floatText[V]) parse(s string, v *V) error {
	f, err := strconv.ParseFloat(s, bits[V]())
	if err != nil {
		return numberReason(err)
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return ErrNotFinite
	}
	*v = V(f)
	return nil
}

type literalText[V ~string] struct{}

func (literalText[V]) zero(v *V) bool                   { return *v == "" }
func (t literalText[V]) formatKey(v *V) (string, error) { return t.format(v) }

func (literalText[V]) format(v *V) (string, error) {
	if !isNumber(string(*v)) {
		return "", ErrSyntax
	}
	return string(*v), nil
}

func (literalText[V]) parse(s string, v *V) error {
	if !isNumber(s) {
		return ErrSyntax
	}
	*v = V(s)
	return nil
}

// isNumber reports whether s is a decimal number: digits with at most one
// point among them, a sign before and an exponent after.
func isNumber(s string) bool {
	whole, s := cutDigits(cutSign(s))
	if s != "" && s[0] == '.' {
		var fraction int
		fraction, s = cutDigits(s[1:])
		whole += fraction
	}
	if whole == 0 || s == "" {
		return whole > 0
	}
	if s[0] != 'e' && s[0] != 'E' {
		return false
	}
	exponent, s := cutDigits(cutSign(s[1:]))
	return exponent > 0 && s == ""
}

func cutSign(s string) string {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[1:]
	}
	return s
}

func cutDigits(s string) (n int, rest string) {
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n, s[n:]
}

// numberReason leaves out the text that strconv quotes.
func numberReason(err error) error {
	if errors.Is(err, strconv.ErrRange) {
		return ErrOverflow
	}
	return ErrSyntax
}

type asString[V any] struct{ number NumberCodec[V] }

func (c asString[V]) zero(v *V) zeroness { return c.number.zero(v) }

func (c asString[V]) encode(v *V, _ mode) (types.AttributeValue, error) {
	s, err := c.number.format(v)
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberS{Value: s}, nil
}

func (c asString[V]) decode(av types.AttributeValue, v *V) error {
	if s, ok := av.(*types.AttributeValueMemberS); ok {
		return decodeText(c.number, av, s.Value, v)
	}
	return c.number.decode(av, v)
}
