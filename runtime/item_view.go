package runtime

import (
	"bytes"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/internal/canon"
)

// plainItem is a plaintext item as the beacons read it.
type plainItem Item

var _ beacon.Item = plainItem(nil)

// Value returns what lies at loc, or false where there is nothing.
func (p plainItem) Value(loc attribute.Location) (beacon.Value, bool, error) {
	value, ok := p[loc.Attribute]
	if !ok {
		return beacon.Value{}, false, nil
	}
	for _, step := range loc.Steps {
		if value, ok = descend(value, step); !ok {
			return beacon.Value{}, false, nil
		}
	}
	v, err := beaconValue(value)
	return v, err == nil, err
}

// normalItem is a plaintext item whose numbers are read in their normal spelling,
// in which they come back from the table. So an item that was read and is written
// again keeps its compound beacons, and equal numbers have equal ones.
type normalItem Item

// Value returns what lies at loc, or false where there is nothing.
func (n normalItem) Value(loc attribute.Location) (beacon.Value, bool, error) {
	v, found, err := plainItem(n).Value(loc)
	if v.Type == attribute.Number {
		v.Text = string(v.Canonical)
	}
	return v, found, err
}

// view returns a plaintext item as beacons read it. A client writes what its
// caller spelled, as the clients in other languages do.
func (r *records) view(item Item) beacon.Item {
	if r.typed {
		return normalItem(item)
	}
	return plainItem(item)
}

func descend(value types.AttributeValue, step attribute.Step) (types.AttributeValue, bool) {
	switch v := value.(type) {
	case *types.AttributeValueMemberM:
		if step.List || v == nil {
			return nil, false
		}
		next, ok := v.Value[step.Key]
		return next, ok
	case *types.AttributeValueMemberL:
		if !step.List || v == nil || step.Index >= len(v.Value) {
			return nil, false
		}
		return v.Value[step.Index], true
	default:
		return nil, false
	}
}

// beaconValue returns value in the forms that beacons are computed from.
func beaconValue(value types.AttributeValue) (beacon.Value, error) {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		if v != nil {
			return beacon.StringValue(v.Value), nil
		}
	case *types.AttributeValueMemberSS:
		if v != nil {
			return setValue(value, len(v.Value), func(i int) types.AttributeValue { return &types.AttributeValueMemberS{Value: v.Value[i]} })
		}
	case *types.AttributeValueMemberNS:
		if v != nil {
			return setValue(value, len(v.Value), func(i int) types.AttributeValue { return &types.AttributeValueMemberN{Value: v.Value[i]} })
		}
	case *types.AttributeValueMemberBS:
		if v != nil {
			return setValue(value, len(v.Value), func(i int) types.AttributeValue { return &types.AttributeValueMemberB{Value: v.Value[i]} })
		}
	}
	id, canonical, err := canon.Append(nil, value)
	if err != nil {
		return beacon.Value{}, err
	}
	out := beacon.Value{Type: id, Canonical: canonical}
	if n, ok := value.(*types.AttributeValueMemberN); ok {
		out.Text = n.Value
	}
	return out, nil
}

// equalPlain reports whether two values that beacons are computed from are the
// same, and not only their beacons.
func equalPlain(a, b beacon.Value) bool {
	if a.Type != b.Type {
		return false
	}
	if a.Type == attribute.String {
		return a.Text == b.Text && slices.Equal(a.Of, b.Of)
	}
	return bytes.Equal(a.Canonical, b.Canonical)
}

// setValue returns a set with the canonical bytes of each of its n elements.
func setValue(set types.AttributeValue, n int, element func(int) types.AttributeValue) (beacon.Value, error) {
	id, canonical, err := canon.Append(nil, set)
	if err != nil {
		return beacon.Value{}, err
	}
	out := beacon.Value{Type: id, Canonical: canonical, Elements: make([][]byte, n)}
	for i := range n {
		if _, out.Elements[i], err = canon.Append(nil, element(i)); err != nil {
			return beacon.Value{}, err
		}
	}
	return out, nil
}
