package embedded

import (
	"crypto/sha256"
	"encoding/binary"
	"math/bits"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The engine's keys begin with a hash of the partition key, so that a scan is
// in no useful order, as in the service, and a segment is a range of hashes.
// Then follow the key values, each in an encoding whose bytewise order is the
// order of the service and of which none is the beginning of another.

const hashLength = 8

// appendPartition appends the hash and the encoding of a partition key.
func appendPartition(dst []byte, av types.AttributeValue) []byte {
	encoded := appendKeyValue(nil, av)
	hash := sha256.Sum256(encoded)
	dst = append(dst, hash[:hashLength]...)
	return append(dst, encoded...)
}

// segmentStart returns where a segment of a parallel scan begins, or nil for
// the end of the table (segment = total).
func segmentStart(segment, total int) []byte {
	if segment == total {
		return nil
	}
	quotient, _ := bits.Div64(uint64(segment), 0, uint64(total))
	return binary.BigEndian.AppendUint64(nil, quotient)
}

// appendKeyValue appends the encoding of a string, number or binary.
func appendKeyValue(dst []byte, av types.AttributeValue) []byte {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return append(appendEscaped(dst, v.Value), 0, 0)
	case *types.AttributeValueMemberB:
		return append(appendEscaped(dst, v.Value), 0, 0)
	case *types.AttributeValueMemberN:
		return appendOrderedNumber(dst, v.Value)
	default:
		return dst // unreachable: keys are checked before
	}
}

// appendEscaped writes 0x00 as 0x00 0xFF, so that 0x00 0x00 ends a value below
// every longer one.
func appendEscaped[T string | []byte](dst []byte, value T) []byte {
	for i := range len(value) {
		dst = append(dst, value[i])
		if value[i] == 0 {
			dst = append(dst, 0xFF)
		}
	}
	return dst
}

// appendOrderedNumber writes the sign, the exponent, the digits and an end. For
// a negative number all but the sign is inverted.
func appendOrderedNumber(dst []byte, normal string) []byte {
	const negativeSign, zeroSign, positiveSign = 1, 2, 3
	const bias = 0x4000
	digits, exponent, negative := decimal(normal)
	if digits == "" {
		return append(dst, zeroSign)
	}
	if !negative {
		dst = append(dst, positiveSign)
		dst = binary.BigEndian.AppendUint16(dst, uint16(exponent+bias))
		return append(append(dst, digits...), 0)
	}
	dst = append(dst, negativeSign)
	dst = binary.BigEndian.AppendUint16(dst, ^uint16(exponent+bias))
	for i := range len(digits) {
		dst = append(dst, ^digits[i])
	}
	return append(dst, 0xFF)
}

// after returns the least key above all that begin with prefix, or nil if there
// is none.
func after(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i] != 0xFF {
			end[i]++
			return end[:i+1]
		}
	}
	return nil
}
