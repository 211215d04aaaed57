package codec

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Slice is the codec of a slice: L, and read from SS, NS and BS as well.
func Slice[E any](elem Codec[E]) Codec[[]E] { return listCodec[E]{elem, list} }

// StringSet is the codec of a slice with the tag option stringset: SS, whose
// elements elem must encode as S. An empty set is NULL. It is read from L and
// the other sets as well, as are the other two.
func StringSet[E any](elem Codec[E]) Codec[[]E] { return listCodec[E]{elem, stringSet} }

// NumberSet is the codec of a slice with the tag option numberset: NS, whose
// elements elem must encode as N.
func NumberSet[E any](elem Codec[E]) Codec[[]E] { return listCodec[E]{elem, numberSet} }

// BinarySet is the codec of a slice with the tag option binaryset, and of
// [][]byte without it: BS, whose elements elem must encode as B.
func BinarySet[E any](elem Codec[E]) Codec[[]E] { return listCodec[E]{elem, binarySet} }

// Array is the codec of an array, made from the codec of a slice and a function
// that slices the array:
//
//	codec.Array(codec.Bytes[[]byte](), func(a *[16]byte) []byte { return a[:] })
//
// A list or set that is shorter than the array leaves the rest zero; one that is
// longer, and bytes of another length, are refused with [ErrOverflow].
func Array[A, E any](slice Codec[[]E], of func(*A) []E) Codec[A] {
	return arrayCodec[A, E]{slice, of}
}

// kind is the attribute type that a slice is written as.
type kind uint8

const (
	list kind = iota
	stringSet
	numberSet
	binarySet
)

type listCodec[E any] struct {
	elem Codec[E]
	kind kind
}

func (c listCodec[E]) zero(v *[]E) zeroness { return nilIf(*v == nil) }

func (c listCodec[E]) encode(v *[]E, m mode) (types.AttributeValue, error) {
	m = m.elem()
	if m.depth > maxDepth {
		return nil, encodeError[[]E](ErrDepth)
	}
	switch c.kind {
	case stringSet:
		return encodeSet(c.elem, *v, m,
			func(e *types.AttributeValueMemberS) string { return e.Value },
			func(s []string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: s} })
	case numberSet:
		return encodeSet(c.elem, *v, m,
			func(e *types.AttributeValueMemberN) string { return e.Value },
			func(s []string) types.AttributeValue { return &types.AttributeValueMemberNS{Value: s} })
	case binarySet:
		return encodeSet(c.elem, *v, m,
			func(e *types.AttributeValueMemberB) []byte { return e.Value },
			func(s [][]byte) types.AttributeValue { return &types.AttributeValueMemberBS{Value: s} })
	}

	l := make([]types.AttributeValue, 0, len(*v))
	for i := range *v {
		av, err := encode(c.elem, &(*v)[i], m)
		if err != nil {
			return nil, at(index(i), err)
		}
		if av != nil {
			l = append(l, av)
		}
	}
	return &types.AttributeValueMemberL{Value: l}, nil
}

// encodeSet encodes the elements of a set, each of which must come out as an M.
func encodeSet[E, M, S any](elem Codec[E], elems []E, m mode, value func(*M) S, set func([]S) types.AttributeValue) (types.AttributeValue, error) {
	s := make([]S, 0, len(elems))
	for i := range elems {
		av, err := encode(elem, &elems[i], m)
		if err != nil {
			return nil, at(index(i), err)
		}
		if av == nil {
			continue
		}
		e, ok := any(av).(*M)
		if !ok {
			return nil, at(index(i), encodeError[E](ErrElement))
		}
		s = append(s, value(e))
	}
	if len(s) == 0 {
		return null(), nil // DynamoDB has no empty set
	}
	return set(s), nil
}

func (c listCodec[E]) decode(av types.AttributeValue, v *[]E) error {
	switch l := av.(type) {
	case *types.AttributeValueMemberL:
		return decodeElems(c.elem, len(l.Value), func(i int) types.AttributeValue { return l.Value[i] }, v)
	case *types.AttributeValueMemberSS:
		elems := make([]types.AttributeValueMemberS, len(l.Value))
		return decodeElems(c.elem, len(elems), func(i int) types.AttributeValue {
			elems[i].Value = l.Value[i]
			return &elems[i]
		}, v)
	case *types.AttributeValueMemberNS:
		elems := make([]types.AttributeValueMemberN, len(l.Value))
		return decodeElems(c.elem, len(elems), func(i int) types.AttributeValue {
			elems[i].Value = l.Value[i]
			return &elems[i]
		}, v)
	case *types.AttributeValueMemberBS:
		elems := make([]types.AttributeValueMemberB, len(l.Value))
		return decodeElems(c.elem, len(elems), func(i int) types.AttributeValue {
			elems[i].Value = l.Value[i]
			return &elems[i]
		}, v)
	}
	return decodeOther(av, v)
}

func decodeElems[E any](elem Codec[E], n int, value func(i int) types.AttributeValue, v *[]E) error {
	s := make([]E, n)
	for i := range s {
		if err := decode(elem, value(i), &s[i]); err != nil {
			return at(index(i), err)
		}
	}
	*v = s
	return nil
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

type arrayCodec[A, E any] struct {
	slice Codec[[]E]
	of    func(*A) []E
}

func (c arrayCodec[A, E]) zero(v *A) zeroness { return zeroIf(len(c.of(v)) == 0) }

func (c arrayCodec[A, E]) encode(v *A, m mode) (types.AttributeValue, error) {
	s := c.of(v)
	return c.slice.encode(&s, m)
}

func (c arrayCodec[A, E]) decode(av types.AttributeValue, v *A) error {
	var s []E
	if err := c.slice.decode(av, &s); err != nil {
		return err
	}
	to := c.of(v)
	_, binary := av.(*types.AttributeValueMemberB)
	if len(s) > len(to) || binary && len(s) != len(to) {
		return decodeError[A](av, ErrOverflow)
	}
	clear(to[copy(to, s):])
	return nil
}
