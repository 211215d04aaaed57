package beacon

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// hashText is the hash of a text in a partition (specification:
// searchable-encryption/beacons, "String Hash").
func (b *Beacon) hashText(text string, keys *Keys, partition int) (string, error) {
	key, err := keys.of(b)
	if err != nil {
		return "", err
	}
	return hashBeacon(key, text, b.bits, partition%b.partitions), nil
}

// hashValue is the hash of a value of any type, as a whole.
func (b *Beacon) hashValue(v Value, keys *Keys, partition int) (string, error) {
	if v.Type == attribute.String {
		if !utf8.ValidString(v.Text) {
			return "", ErrNotUTF8
		}
		return b.hashText(v.Text, keys, partition)
	}
	key, err := keys.of(b)
	if err != nil {
		return "", err
	}
	return hashBeacon(key, v.Canonical, b.bits, partition%b.partitions), nil
}

// hashElements is the set of the hashes of the elements of v, in their order.
func (b *Beacon) hashElements(v Value, keys *Keys, partition int) ([]string, error) {
	if !v.isSet() {
		return nil, fmt.Errorf("%w: its style is a set, and the value is of type %v", ErrType, v.Type)
	}
	key, err := keys.of(b)
	if err != nil {
		return nil, err
	}
	set := make([]string, 0, len(v.Elements))
	for _, element := range v.Elements {
		// Elements that collide leave one hash: DynamoDB refuses a set with two.
		if h := hashBeacon(key, element, b.bits, partition%b.partitions); !slices.Contains(set, h) {
			set = append(set, h)
		}
	}
	return set, nil
}
