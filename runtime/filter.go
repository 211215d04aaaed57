package runtime

import (
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
	conditions []expression.Condition
	beacons    map[string]*beacon.Beacon // by the names in the conditions
	reserved   []string                  // attributes of the record format in the conditions
}

// newFilter returns the filter of conditions, each of which may be nil.
func (r *records) newFilter(conditions ...expression.Condition) *filter {
	f := &filter{}
	for _, c := range conditions {
		if c == nil {
			continue
		}
		f.conditions = append(f.conditions, c)
		// The callback never fails.
		_ = expression.Walk(c, func(o expression.Operand, _ expression.Node) error {
			p, ok := o.(*expression.Path)
			if !ok {
				return nil
			}
			name := p.Root()
			if b, ok := r.beacon(name); ok {
				if f.beacons == nil {
					f.beacons = map[string]*beacon.Beacon{}
				}
				f.beacons[name] = b
			} else if attribute.Reserved(name) {
				f.reserved = append(f.reserved, name)
			}
			return nil
		})
	}
	return f
}

// matches reports whether an item fulfils the conditions. item is decrypted, and
// stored is what it was decrypted from.
func (f *filter) matches(item, stored Item) (bool, error) {
	if len(f.conditions) == 0 {
		return true, nil
	}
	view := item
	if len(f.beacons)+len(f.reserved) > 0 {
		view = clone(item, len(f.beacons)+len(f.reserved))
		for name, b := range f.beacons {
			value, found, err := b.Plain(plainItem(item))
			if err != nil || !found {
				// An item that b cannot be computed from is stored without b, so that a
				// condition on b is false. An attribute of the same name stays.
				continue
			}
			if view[name], err = fromBeaconValue(value); err != nil {
				return false, err
			}
		}
		for _, name := range f.reserved {
			if value, ok := stored[name]; ok {
				view[name] = value
			}
		}
	}
	for _, c := range f.conditions {
		if !expression.Evaluate(c, view) {
			return false, nil
		}
	}
	return true, nil
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
