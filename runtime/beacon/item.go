package beacon

import (
	"fmt"
	"unicode/utf8"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// Item is what beacons read of an item.
type Item interface {
	// Value returns what lies at loc in the plaintext item, or false where there
	// is nothing: no such attribute, key or index, or no map or list to step
	// into. An error is for a value that has no canonical form.
	Value(loc attribute.Location) (Value, bool, error)
}

// Value is one value in the forms that beacons are computed from.
type Value struct {
	Type attribute.Type
	// Canonical is the serialisation of the record format, without the type id.
	// It is not read for a String, whose canonical bytes are those of Text.
	Canonical []byte
	// Text is a String or a Number as the caller spelled it; not read for others.
	Text string
	// Elements are the canonical bytes of each element of a set, in the caller's
	// order; not read for others.
	Elements [][]byte
	// Of are the types of the values that a text was put together from, in order:
	// NULL and "null" are one text, and two values. [Beacon.Plain] sets it; nothing
	// is hashed of it.
	Of []attribute.Type
}

// StringValue returns the value of type String that holds text.
func StringValue(text string) Value { return Value{Type: attribute.String, Text: text} }

// text returns v as it is joined into compound beacons and virtual fields. A
// number is not normalised there: that is how stored beacons were computed.
func (v Value) text() (string, error) {
	switch v.Type {
	case attribute.String, attribute.Number:
		if !utf8.ValidString(v.Text) {
			return "", ErrNotUTF8
		}
		return v.Text, nil
	case attribute.Bool:
		if len(v.Canonical) == 1 && v.Canonical[0] == 1 {
			return "true", nil
		}
		return "false", nil
	case attribute.Null:
		return "null", nil
	default:
		return "", fmt.Errorf("%w: it is of type %v, and only S, N, BOOL and NULL are text", ErrType, v.Type)
	}
}

func (v Value) isSet() bool {
	return v.Type == attribute.StringSet || v.Type == attribute.NumberSet || v.Type == attribute.BinarySet
}
