package embedded

import (
	"bytes"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

func drawNumber(t *rapid.T, label string) string {
	text := rapid.StringMatching(`-?[0-9]{1,12}(\.[0-9]{1,12})?(e-?[0-9]{1,2})?`).Draw(t, label)
	normal, err := normalNumber(text)
	if err != nil {
		t.Skip("outside the range of numbers")
	}
	return normal
}

// drawKeyValues draws two values of one type, near to each other.
func drawKeyValues(t *rapid.T) (a, b types.AttributeValue) {
	switch rapid.IntRange(0, 2).Draw(t, "type") {
	case 0:
		text := rapid.StringOf(rapid.SampledFrom([]rune{0, 1, 'a', 'b', 'é', 0x10FFFF}))
		return &types.AttributeValueMemberS{Value: text.Draw(t, "a")}, &types.AttributeValueMemberS{Value: text.Draw(t, "b")}
	case 1:
		binary := rapid.SliceOf(rapid.SampledFrom([]byte{0, 1, 254, 255}))
		return &types.AttributeValueMemberB{Value: binary.Draw(t, "a")}, &types.AttributeValueMemberB{Value: binary.Draw(t, "b")}
	default:
		return &types.AttributeValueMemberN{Value: drawNumber(t, "a")}, &types.AttributeValueMemberN{Value: drawNumber(t, "b")}
	}
}

func TestEncodedKeysHaveTheOrderOfTheirValues(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawKeyValues(t)
		// What follows a key must not change the order: it is another key.
		tail := rapid.SliceOfN(rapid.Byte(), 0, 3)
		x := append(appendKeyValue(nil, a), tail.Draw(t, "tail of a")...)
		y := append(appendKeyValue(nil, b), tail.Draw(t, "tail of b")...)
		want, ok := expression.Compare(a, b)
		if !ok {
			t.Fatalf("no order between %v and %v", a, b)
		}
		if want != 0 && bytes.Compare(x, y) != want {
			t.Errorf("the encodings of %v and %v compare %d, want %d", a, b, bytes.Compare(x, y), want)
		}
	})
}

func TestEncodedPrefixCoversWhatBeginsWithIt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawKeyValues(t)
		if expression.Type(a) == "N" {
			t.Skip("numbers have no prefix")
		}
		from := appendPrefix(nil, b)
		to := after(from)
		key := appendKeyValue(nil, a)
		within := bytes.Compare(key, from) >= 0 && (to == nil || bytes.Compare(key, to) < 0)
		if want := expression.BeginsWith(a, b); within != want {
			t.Errorf("%v is within the interval of the prefix %v: %t, want %t", a, b, within, want)
		}
	})
}

func TestSegmentsCoverAllHashesOnce(t *testing.T) {
	for _, total := range []int{1, 2, 3, 7, 1000, 1_000_000} {
		if first := segmentStart(0, total); !bytes.Equal(first, make([]byte, 8)) {
			t.Errorf("segment 0 of %d begins at %x", total, first)
		}
		for segment := 1; segment < total; segment += 1 + total/1000 {
			if bytes.Compare(segmentStart(segment-1, total), segmentStart(segment, total)) >= 0 {
				t.Errorf("segment %d of %d does not begin after the one before", segment, total)
			}
		}
		if segmentStart(total, total) != nil {
			t.Errorf("the last segment of %d has an end", total)
		}
	}
}

func TestAfter(t *testing.T) {
	for _, c := range []struct{ prefix, want []byte }{
		{[]byte{1, 2}, []byte{1, 3}},
		{[]byte{1, 0xFF}, []byte{2}},
		{[]byte{0xFF, 0xFF}, nil},
		{nil, nil},
	} {
		if got := after(c.prefix); !bytes.Equal(got, c.want) {
			t.Errorf("after(%x) = %x, want %x", c.prefix, got, c.want)
		}
	}
}
