package canon

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// ErrFormat is the kind of every error of [Parse].
var ErrFormat = errors.New("not the canonical form of an attribute value")

var (
	errShort     = fmt.Errorf("%w: it ends too early", ErrFormat)
	errTrailing  = fmt.Errorf("%w: bytes follow its end", ErrFormat)
	errType      = fmt.Errorf("%w: unknown type id", ErrFormat)
	errMapKey    = fmt.Errorf("%w: a map key is not a string of 1 to 65,535 bytes", ErrFormat)
	errBool      = fmt.Errorf("%w: a boolean is one byte, 0 or 1", ErrFormat)
	errNull      = fmt.Errorf("%w: a null has no bytes", ErrFormat)
	errEncoding  = fmt.Errorf("%w: invalid UTF-8", ErrFormat)
	errTwice     = fmt.Errorf("%w: duplicate element or key", ErrFormat)
	errNestedFar = fmt.Errorf("%w: nested deeper than 32 levels", ErrFormat)
)

// Parse returns the attribute value with these canonical bytes. Every byte must
// be used. Elements may stand in any order and numbers in any spelling: they
// are returned as they are, which is also what other clients accept. Binary
// values share memory with value; strings do not.
//
// Errors wrap [ErrFormat] and contain no part of the value.
func Parse(id attribute.Type, value []byte) (types.AttributeValue, error) {
	return parseValue(id, value, 1)
}

func parseValue(id attribute.Type, value []byte, depth int) (types.AttributeValue, error) {
	if depth > maxDepth {
		return nil, errNestedFar
	}
	switch id {
	case attribute.Null:
		if len(value) != 0 {
			return nil, errNull
		}
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case attribute.String:
		if !ValidText(value) {
			return nil, errEncoding
		}
		return &types.AttributeValueMemberS{Value: string(value)}, nil
	case attribute.Number:
		if !ValidText(value) {
			return nil, errEncoding
		}
		return &types.AttributeValueMemberN{Value: string(value)}, nil
	case attribute.Binary:
		return &types.AttributeValueMemberB{Value: value[:len(value):len(value)]}, nil
	case attribute.Bool:
		if len(value) != 1 || value[0] > 1 {
			return nil, errBool
		}
		return &types.AttributeValueMemberBOOL{Value: value[0] == 1}, nil
	case attribute.StringSet:
		set, err := parseTexts(value)
		if err != nil {
			return nil, err
		}
		return &types.AttributeValueMemberSS{Value: set}, nil
	case attribute.NumberSet:
		set, err := parseTexts(value)
		if err != nil {
			return nil, err
		}
		return &types.AttributeValueMemberNS{Value: set}, nil
	case attribute.BinarySet:
		set, err := parseBinaries(value)
		if err != nil {
			return nil, err
		}
		return &types.AttributeValueMemberBS{Value: set}, nil
	case attribute.Map:
		m, err := parseMap(value, depth)
		if err != nil {
			return nil, err
		}
		return &types.AttributeValueMemberM{Value: m}, nil
	case attribute.List:
		list, err := parseList(value, depth)
		if err != nil {
			return nil, err
		}
		return &types.AttributeValueMemberL{Value: list}, nil
	default:
		return nil, errType
	}
}

func parseTexts(value []byte) ([]string, error) {
	elements, err := parseBinaries(value)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(elements))
	for i, e := range elements {
		if !ValidText(e) {
			return nil, errEncoding
		}
		texts[i] = string(e)
	}
	return texts, nil
}

// parseBinaries returns the elements of a set, each sharing memory with value.
func parseBinaries(value []byte) ([][]byte, error) {
	r := reader{value}
	count, err := r.count(wordLen)
	if err != nil {
		return nil, err
	}
	set := make([][]byte, count)
	for i := range set {
		if set[i], err = r.block(); err != nil {
			return nil, err
		}
	}
	if hasDuplicates(set) {
		return nil, errTwice
	}
	return set, r.end()
}

func hasDuplicates(set [][]byte) bool {
	ascending := true
	for i := 1; i < len(set) && ascending; i++ {
		ascending = bytes.Compare(set[i-1], set[i]) < 0
	}
	if ascending {
		return false
	}
	seen := make(map[string]struct{}, len(set))
	for _, e := range set {
		seen[string(e)] = struct{}{}
	}
	return len(seen) < len(set)
}

func parseMap(value []byte, depth int) (map[string]types.AttributeValue, error) {
	r := reader{value}
	count, err := r.count(2 * (typeLen + wordLen))
	if err != nil {
		return nil, err
	}
	m := make(map[string]types.AttributeValue, count)
	for range count {
		id, err := r.typeID()
		if err != nil {
			return nil, err
		}
		key, err := r.block()
		if err != nil {
			return nil, err
		}
		if id != attribute.String || len(key) == 0 || len(key) > maxKeyLen {
			return nil, errMapKey
		}
		if !ValidText(key) {
			return nil, errEncoding
		}
		if _, twice := m[string(key)]; twice {
			return nil, errTwice
		}
		if m[string(key)], err = r.element(depth + 1); err != nil {
			return nil, err
		}
	}
	return m, r.end()
}

func parseList(value []byte, depth int) ([]types.AttributeValue, error) {
	r := reader{value}
	count, err := r.count(typeLen + wordLen)
	if err != nil {
		return nil, err
	}
	list := make([]types.AttributeValue, count)
	for i := range list {
		if list[i], err = r.element(depth + 1); err != nil {
			return nil, err
		}
	}
	return list, r.end()
}

// reader takes parts from the front of rest.
type reader struct{ rest []byte }

func (r *reader) take(n int) ([]byte, error) {
	if len(r.rest) < n {
		return nil, errShort
	}
	part := r.rest[:n:n]
	r.rest = r.rest[n:]
	return part, nil
}

func (r *reader) word() (uint32, error) {
	b, err := r.take(wordLen)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint32(b), nil
}

// count reads the number of elements, each of at least size bytes. It bounds
// what a forged count can make the caller allocate.
func (r *reader) count(size int) (int, error) {
	n, err := r.word()
	if err != nil {
		return 0, err
	}
	if uint64(n)*uint64(size) > uint64(len(r.rest)) {
		return 0, errShort
	}
	return int(n), nil
}

// block reads a length and as many bytes.
func (r *reader) block() ([]byte, error) {
	n, err := r.word()
	if err != nil {
		return nil, err
	}
	if uint64(n) > uint64(len(r.rest)) {
		return nil, errShort
	}
	return r.take(int(n))
}

func (r *reader) typeID() (attribute.Type, error) {
	b, err := r.take(typeLen)
	if err != nil {
		return 0, err
	}
	return attribute.Type(binary.BigEndian.Uint16(b)), nil
}

func (r *reader) element(depth int) (types.AttributeValue, error) {
	id, err := r.typeID()
	if err != nil {
		return nil, err
	}
	value, err := r.block()
	if err != nil {
		return nil, err
	}
	return parseValue(id, value, depth)
}

func (r *reader) end() error {
	if len(r.rest) != 0 {
		return errTrailing
	}
	return nil
}
