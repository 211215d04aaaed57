package beacon

import (
	"fmt"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// Result is a beacon as it is stored or looked for: a string, or a set of
// strings.
type Result struct {
	Attribute string // that it is stored in
	Text      string
	Set       []string // not nil: the beacon is this set, and not Text
}

// Signed returns the signed beacons of a plaintext item, in the order of their
// names. They are part of the item before it is encrypted and signed. An
// attribute of that name that the item has already must be equal.
func (s *Set) Signed(item Item) ([]Result, error) {
	var results []Result
	for _, b := range s.beacons {
		if b.Encrypted() {
			continue
		}
		text, made, err := b.compound.value(item, plain)
		if err != nil {
			return nil, fmt.Errorf("beacon %q: %w", b.name, err)
		}
		if made {
			results = append(results, Result{Attribute: b.attribute, Text: text})
		}
	}
	return results, nil
}

// Encrypted returns the beacons of a plaintext item that are neither signed
// beacons nor of style PartOnly, in the order of their names. They are added to
// the item after it is encrypted. partition is that of the item, from 0 to
// MaxPartitions-1; each beacon is computed in its remainder by the beacon's own
// number of partitions.
func (s *Set) Encrypted(item Item, keys *Keys, partition int) ([]Result, error) {
	if err := s.checkPartition(partition); err != nil {
		return nil, err
	}
	results := make([]Result, 0, len(s.beacons))
	for _, b := range s.beacons {
		if !b.Encrypted() || b.partOnly {
			continue
		}
		result, made, err := b.stored(item, keys, partition)
		if err != nil {
			return nil, fmt.Errorf("beacon %q: %w", b.name, err)
		}
		if made {
			results = append(results, result)
		}
	}
	return results, nil
}

func (b *Beacon) stored(item Item, keys *Keys, partition int) (Result, bool, error) {
	result := Result{Attribute: b.attribute}
	if b.compound != nil {
		text, made, err := b.compound.value(item, hashed(keys, partition))
		result.Text = text
		return result, made, err
	}
	v, found, err := b.source.value(item)
	switch {
	case err != nil || !found:
	case b.asSet && v.Type == attribute.Null:
		return result, false, nil // DynamoDB has no empty set: what is empty is NULL
	case b.asSet:
		result.Set, err = b.hashElements(v, keys, partition)
	default:
		result.Text, err = b.hashValue(v, keys, partition)
	}
	return result, found, err
}

func (s *Set) checkPartition(partition int) error {
	if partition < 0 || partition >= s.maxPartitions {
		return fmt.Errorf("%w: %d is not 0 to %d", ErrPartition, partition, s.maxPartitions-1)
	}
	return nil
}

// Plain returns what b is computed from in a plaintext item: the value of a
// standard beacon, the text of a compound one with nothing hashed. It is what
// the condition of a query is tested against once the item is decrypted.
func (b *Beacon) Plain(item Item) (Value, bool, error) {
	v, found, err := b.plain(item)
	if err != nil {
		return Value{}, false, fmt.Errorf("beacon %q: %w", b.name, err)
	}
	return v, found, nil
}

func (b *Beacon) plain(item Item) (Value, bool, error) {
	if b.compound == nil {
		v, found, err := b.source.value(item)
		if found && b.source.virtual != nil && err == nil {
			v.Of, err = b.source.appendTypes(nil, item)
		}
		return v, found, err
	}
	for _, k := range b.compound.constructors {
		if v, made, err := b.compound.plain(k, item); err != nil || made {
			return v, made, err
		}
	}
	return Value{}, false, nil
}

// Resolved is the text of virtual fields and compound beacons, by name.
type Resolved struct {
	VirtualFields   map[string]string
	CompoundBeacons map[string]string
}

// Resolve returns the virtual fields and the compound beacons of a plaintext
// item with nothing hashed, so that a configuration can be tried out before
// items are stored. What the item has not the parts for is absent.
func (s *Set) Resolve(item Item) (Resolved, error) {
	resolved := Resolved{VirtualFields: map[string]string{}, CompoundBeacons: map[string]string{}}
	for _, f := range s.virtual {
		text, found, err := f.text(item)
		if err != nil {
			return Resolved{}, err
		}
		if found {
			resolved.VirtualFields[f.name] = text
		}
	}
	for _, b := range s.beacons {
		if b.compound == nil {
			continue
		}
		text, made, err := b.compound.value(item, plain)
		if err != nil {
			return Resolved{}, fmt.Errorf("beacon %q: %w", b.name, err)
		}
		if made {
			resolved.CompoundBeacons[b.name] = text
		}
	}
	return resolved, nil
}
