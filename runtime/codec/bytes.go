package codec

import (
	"bytes"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Bytes is the codec of []byte: B. The bytes are copied in both directions.
func Bytes[V ~[]byte]() Codec[V] { return bytesCodec[V]{} }

type bytesCodec[V ~[]byte] struct{}

func (bytesCodec[V]) zero(v *V) zeroness { return nilIf(*v == nil) }

func (bytesCodec[V]) encode(v *V, _ mode) (types.AttributeValue, error) {
	return &types.AttributeValueMemberB{Value: copyBytes(*v)}, nil
}

func (bytesCodec[V]) decode(av types.AttributeValue, v *V) error {
	if av, ok := av.(*types.AttributeValueMemberB); ok {
		*v = copyBytes(av.Value)
		return nil
	}
	return decodeOther(av, v)
}

// copyBytes returns a copy that is never nil, since a nil slice means NULL.
func copyBytes(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return bytes.Clone(b)
}
