package roundtrip

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"

	ddbe "github.com/ddbegen/ddbegen/runtime"
)

// Marshal returns the plain item of a struct as attributevalue makes it, with the
// options that the codecs follow.
func Marshal(v any) (ddbe.Item, error) {
	return attributevalue.MarshalMapWithOptions(v, func(o *attributevalue.EncoderOptions) { o.UseEncodingMarshalers = true })
}

// Unmarshal is the reverse of [Marshal].
func Unmarshal(item ddbe.Item, v any) error {
	return attributevalue.UnmarshalMapWithOptions(item, v, func(o *attributevalue.DecoderOptions) {
		o.UseEncodingUnmarshalers = true
		o.FixUnmarshalIndividualSetValues = true
	})
}
