// Package canon turns DynamoDB attribute values into the canonical bytes that
// are signed, encrypted and hashed, and back (specification:
// dynamodb-encryption-client/ddb-attribute-serialization). It is the only place
// where the two meet.
package canon

import (
	"encoding/binary"
	"errors"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// Bounds of the format.
const (
	maxDepth  = 32        // a top-level value has depth 1
	maxKeyLen = 1<<16 - 1 // of a map key, in bytes of UTF-8
	wordLen   = 4         // of a count or a length
	typeLen   = 2         // of a type id
)

var (
	errNil       = errors.New("the attribute value is nil: give it a value or leave the attribute out")
	errUnknown   = errors.New("the attribute value has a type that this version does not know")
	errDepth     = errors.New("the value is nested deeper than 32 levels: flatten it")
	errUTF8      = errors.New("a string is not valid UTF-8: store it as binary")
	errDuplicate = errors.New("a set holds the same element twice: remove one")
	errKeyLen    = errors.New("a map key must have 1 to 65,535 bytes")
	errTooLong   = errors.New("the value is longer than the format can say (4 GiB)")
)

// TypeOf returns the type of av. It fails on nil, on a nil pointer and on a
// type that the format does not know.
func TypeOf(av types.AttributeValue) (attribute.Type, error) {
	var id attribute.Type
	var isNil bool
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		id, isNil = attribute.String, v == nil
	case *types.AttributeValueMemberN:
		id, isNil = attribute.Number, v == nil
	case *types.AttributeValueMemberB:
		id, isNil = attribute.Binary, v == nil
	case *types.AttributeValueMemberBOOL:
		id, isNil = attribute.Bool, v == nil
	case *types.AttributeValueMemberNULL:
		id, isNil = attribute.Null, v == nil
	case *types.AttributeValueMemberSS:
		id, isNil = attribute.StringSet, v == nil
	case *types.AttributeValueMemberNS:
		id, isNil = attribute.NumberSet, v == nil
	case *types.AttributeValueMemberBS:
		id, isNil = attribute.BinarySet, v == nil
	case *types.AttributeValueMemberM:
		id, isNil = attribute.Map, v == nil
	case *types.AttributeValueMemberL:
		id, isNil = attribute.List, v == nil
	case nil:
		isNil = true
	default:
		return 0, errUnknown
	}
	if isNil {
		return 0, errNil
	}
	return id, nil
}

// ValidText reports whether b is valid UTF-8. Most texts are short and ASCII, for
// which it takes a fraction of the time of [utf8.Valid].
func ValidText(b []byte) bool {
	const high = 0x8080808080808080 // the bit that no ASCII character has
	rest := b
	for ; len(rest) >= 8; rest = rest[8:] {
		if binary.LittleEndian.Uint64(rest)&high != 0 {
			return utf8.Valid(b)
		}
	}
	var all byte
	for _, c := range rest {
		all |= c
	}
	return all < utf8.RuneSelf || utf8.Valid(b)
}
