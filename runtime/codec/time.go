package codec

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Time is the codec of time.Time: S in RFC 3339 with as many digits of a second
// as needed, at most nine, and the time's own offset. It is read from S and,
// like [UnixTime], from N. A year outside 0 to 9999 is refused with [ErrOverflow].
func Time() Codec[time.Time] { return timeCodec{} }

// UnixTime is the codec of time.Time with the tag option unixtime: N, the
// seconds since the beginning of 1970 UTC, rounded down. It is read from S too.
// This is the form that DynamoDB's time to live asks for.
func UnixTime() Codec[time.Time] { return timeCodec{unix: true} }

type timeCodec struct{ unix bool }

// zero follows attributevalue, for which no time is empty.
func (timeCodec) zero(*time.Time) zeroness { return notZero }

func (c timeCodec) encode(v *time.Time, _ mode) (types.AttributeValue, error) {
	if c.unix {
		return &types.AttributeValueMemberN{Value: strconv.FormatInt(v.Unix(), 10)}, nil
	}
	var buffer [len(time.RFC3339Nano)]byte
	text, err := v.AppendText(buffer[:0])
	if err != nil {
		return nil, encodeError[time.Time](ErrOverflow)
	}
	return &types.AttributeValueMemberS{Value: string(text)}, nil
}

func (timeCodec) decode(av types.AttributeValue, v *time.Time) error {
	switch t := av.(type) {
	case *types.AttributeValueMemberS:
		if err := v.UnmarshalText([]byte(t.Value)); err != nil {
			return decodeError[time.Time](av, ErrSyntax)
		}
		return nil
	case *types.AttributeValueMemberN:
		seconds, err := strconv.ParseInt(t.Value, 10, 64)
		if err != nil {
			return decodeError[time.Time](av, numberReason(err))
		}
		*v = time.Unix(seconds, 0)
		return nil
	case *types.AttributeValueMemberB:
		if err := v.UnmarshalBinary(t.Value); err != nil {
			return decodeError[time.Time](av, ErrSyntax)
		}
		return nil
	}
	return decodeOther(av, v)
}
