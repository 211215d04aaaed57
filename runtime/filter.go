package runtime

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

// filter tests decrypted items against the conditions as the caller wrote them.
// Beacons collide, so that the server also returns items that only look the same
// to it; and it is not trusted to leave out what does not match (specification:
// dynamodb-encryption-client/ddb-support, "QueryOutputForBeacons").
type filter struct {
	key, filter expression.Condition // nil where there is none
	beacons     []namedBeacon        // in the conditions
	reserved    []string             // attributes of the record format in the conditions
	computes    bool                 // whether one of beacons is not just an attribute of its name
}

// namedBeacon is a beacon by the name that it has in a condition.
type namedBeacon struct {
	name   string
	beacon *beacon.Beacon
}

// newFilter returns the filter of two conditions, each of which may be nil.
func (r *records) newFilter(key, rest expression.Condition) filter {
	f := filter{key: key, filter: rest}
	for _, c := range []expression.Condition{key, rest} {
		if c == nil {
			continue
		}
		// The callback never fails.
		_ = expression.Walk(c, func(o expression.Operand, _ expression.Node) error {
			p, ok := o.(*expression.Path)
			if !ok {
				return nil
			}
			name := p.Root()
			if b, ok := r.beacon(name); ok {
				f.add(namedBeacon{name, b})
			} else if attribute.Reserved(name) {
				f.reserved = append(f.reserved, name)
			}
			return nil
		})
	}
	return f
}

func (f *filter) add(b namedBeacon) {
	if slices.Contains(f.beacons, b) {
		return
	}
	f.beacons = append(f.beacons, b)
	f.computes = f.computes || !b.beacon.IsOf(b.name)
}

// hashes reports whether one of the conditions may be on hashed values.
func (f *filter) hashes() bool {
	return slices.ContainsFunc(f.beacons, func(b namedBeacon) bool { return b.beacon.Encrypted() })
}

// matches reports whether an item fulfils the conditions. item is decrypted, and
// stored is what it was decrypted from.
func (f *filter) matches(item, stored Item) (bool, error) {
	if f.key == nil && f.filter == nil {
		return true, nil
	}
	view := item
	if f.computes || len(f.reserved) > 0 {
		view = clone(item, len(f.beacons)+len(f.reserved))
		for _, b := range f.beacons {
			value, found, err := b.beacon.Plain(plainItem(item))
			if err != nil || !found {
				// An item that b cannot be computed from is stored without b, so that a
				// condition on b is false. An attribute of the same name stays.
				continue
			}
			if view[b.name], err = fromBeaconValue(value); err != nil {
				return false, err
			}
		}
		for _, name := range f.reserved {
			if value, ok := stored[name]; ok {
				view[name] = value
			}
		}
	}
	return (f.key == nil || expression.Evaluate(f.key, view)) && (f.filter == nil || expression.Evaluate(f.filter, view)), nil
}

// fromBeaconValue returns the attribute value that a beacon is computed from.
func fromBeaconValue(v beacon.Value) (types.AttributeValue, error) {
	switch v.Type {
	case attribute.String:
		return &types.AttributeValueMemberS{Value: v.Text}, nil
	case attribute.Number:
		return &types.AttributeValueMemberN{Value: v.Text}, nil
	default:
		return AttributeValue(attribute.Attribute{Type: v.Type, Value: v.Canonical})
	}
}
