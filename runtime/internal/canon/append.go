package canon

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// Append appends the canonical bytes of av to dst, without the type id, which
// it returns. Numbers are normalised, sets and map keys sorted; av itself is
// not changed. It refuses what the format cannot say or read back: nil values,
// invalid UTF-8, text that is no number, duplicates in a set, map keys of 0 or
// more than 65,535 bytes, and nesting deeper than 32 levels. On error it
// returns dst as it was; no error contains a part of the value.
func Append(dst []byte, av types.AttributeValue) (attribute.Type, []byte, error) {
	id, out, err := appendValue(dst, av, 1)
	if err != nil {
		return 0, dst, err
	}
	if uint64(len(out)-len(dst)) > math.MaxUint32 {
		return 0, dst, errTooLong
	}
	return id, out, nil
}

func appendValue(dst []byte, av types.AttributeValue, depth int) (attribute.Type, []byte, error) {
	id, err := TypeOf(av)
	if err != nil {
		return 0, nil, err
	}
	if depth > maxDepth {
		return 0, nil, errDepth
	}
	switch v := av.(type) {
	case *types.AttributeValueMemberNULL:
		// No bytes: the type says it all.
	case *types.AttributeValueMemberS:
		dst, err = appendString(dst, v.Value)
	case *types.AttributeValueMemberN:
		dst, err = attribute.AppendNumber(dst, v.Value)
	case *types.AttributeValueMemberB:
		dst = append(dst, v.Value...)
	case *types.AttributeValueMemberBOOL:
		if v.Value {
			dst = append(dst, 1)
		} else {
			dst = append(dst, 0)
		}
	case *types.AttributeValueMemberSS:
		dst, err = appendStrings(dst, v.Value)
	case *types.AttributeValueMemberNS:
		dst, err = appendNumbers(dst, v.Value)
	case *types.AttributeValueMemberBS:
		dst, err = appendBinaries(dst, v.Value)
	case *types.AttributeValueMemberM:
		dst, err = appendMap(dst, v.Value, depth)
	case *types.AttributeValueMemberL:
		dst, err = appendList(dst, v.Value, depth)
	}
	return id, dst, err
}

func appendString(dst []byte, s string) ([]byte, error) {
	start := len(dst)
	dst = append(dst, s...)
	if !ValidText(dst[start:]) {
		return nil, errUTF8
	}
	return dst, nil
}

func appendStrings(dst []byte, set []string) ([]byte, error) {
	for _, s := range set {
		if !utf8.ValidString(s) {
			return nil, errUTF8
		}
	}
	return appendSet(dst, set, attribute.CompareUTF16)
}

func appendNumbers(dst []byte, set []string) ([]byte, error) {
	var few [16]string
	normal := append(few[:0], set...)
	for i, s := range normal {
		n, err := attribute.NormalizeNumber(s)
		if err != nil {
			return nil, err
		}
		normal[i] = n
	}
	return appendSet(dst, normal, attribute.CompareUTF16)
}

func appendBinaries(dst []byte, set [][]byte) ([]byte, error) {
	return appendSet(dst, set, bytes.Compare)
}

// appendSet appends the elements of set in the order of compare.
func appendSet[E string | []byte](dst []byte, set []E, compare func(a, b E) int) ([]byte, error) {
	if !slices.IsSortedFunc(set, compare) {
		var few [16]E
		set = append(few[:0], set...)
		slices.SortFunc(set, compare)
	}
	dst = appendWord(dst, len(set))
	for i, e := range set {
		if i > 0 && compare(set[i-1], e) == 0 {
			return nil, errDuplicate
		}
		dst = appendWord(dst, len(e))
		dst = append(dst, e...)
	}
	return dst, nil
}

func appendMap(dst []byte, m map[string]types.AttributeValue, depth int) ([]byte, error) {
	var few [16]string
	keys := few[:0]
	for key := range m {
		if len(key) == 0 || len(key) > maxKeyLen {
			return nil, errKeyLen
		}
		if !utf8.ValidString(key) {
			return nil, errUTF8
		}
		keys = append(keys, key)
	}
	slices.SortFunc(keys, attribute.CompareUTF16)

	dst = appendWord(dst, len(keys))
	for _, key := range keys {
		dst = binary.BigEndian.AppendUint16(dst, uint16(attribute.String))
		dst = appendWord(dst, len(key))
		dst = append(dst, key...)
		var err error
		if dst, err = appendElement(dst, m[key], depth+1); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

func appendList(dst []byte, list []types.AttributeValue, depth int) ([]byte, error) {
	dst = appendWord(dst, len(list))
	for _, av := range list {
		var err error
		if dst, err = appendElement(dst, av, depth+1); err != nil {
			return nil, err
		}
	}
	return dst, nil
}

// appendElement appends a value inside a map or list: type id, length, value.
func appendElement(dst []byte, av types.AttributeValue, depth int) ([]byte, error) {
	start := len(dst)
	dst = append(dst, make([]byte, typeLen+wordLen)...)
	id, dst, err := appendValue(dst, av, depth)
	if err != nil {
		return nil, err
	}
	binary.BigEndian.PutUint16(dst[start:], uint16(id))
	binary.BigEndian.PutUint32(dst[start+typeLen:], uint32(len(dst)-start-typeLen-wordLen))
	return dst, nil
}

// appendWord appends a count or a length. Append refuses a value in which one
// of them would not fit: each is less than the length of the whole.
func appendWord(dst []byte, n int) []byte {
	return binary.BigEndian.AppendUint32(dst, uint32(n))
}
