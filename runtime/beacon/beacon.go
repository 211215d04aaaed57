// Package beacon computes the searchable side of encrypted items: standard,
// compound and signed beacons, virtual fields and partitions. It works on
// canonical bytes and text alone; it reads no network and knows no AWS type.
//
// A [Config] says what the beacons of a table are, and [New] makes a [Set] of
// it. A write takes two steps, because signed beacons are signed with the item
// and the others are not: [Set.Signed] before encryption, [Set.Encrypted], from
// the same plaintext, after it. A query asks the [Beacon] that an expression
// names what to look for ([Beacon.Query], [Beacon.Between]) and afterwards, as
// beacons collide, tests the decrypted items against [Beacon.Plain].
//
// # What stored beacons depend on
//
// A beacon is found only if it is computed as it was stored, by whichever client
// of the format. Some of it is not what one would expect, and cannot change:
//
//   - A number in a compound beacon or a virtual field is the text that the
//     caller wrote: 1.0 and 1 are two values there. The standard beacon of a
//     number is computed from its normal form, in which they are one.
//   - [Substring] and [Segments] can never keep the last unit or piece.
//   - All positions count UTF-16 code units, and [Upper] and [Lower] change
//     ASCII letters only.
//   - The type is not hashed: the number 1 and the string "1" have one beacon,
//     and so have the empty string and NULL.
//   - The prefix of an encrypted part is not hashed.
//   - The location of a signed part that does not say one is an attribute with
//     the name of the part, even if that name holds "." or "["; the name of a
//     standard beacon is read as a location.
//
// Specification: aws-database-encryption-sdk-dynamodb,
// specification/searchable-encryption.
package beacon

import (
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// Set is the beacons of one table, checked. It is made by [New] and safe for
// concurrent use.
type Set struct {
	beacons       []*Beacon // by name
	byName        map[string]*Beacon
	standard      []*Beacon // in the order of the configuration
	virtual       []*virtualField
	maxPartitions int
	keyField      string
	removeKey     bool
}

// Beacon is one beacon of a [Set].
type Beacon struct {
	set       *Set
	name      string
	attribute string
	compound  *compound // nil: a standard beacon, and then:

	index      int // in set.standard
	source     source
	bits       int
	partitions int
	partOnly   bool
	asSet      bool
	shared     *Beacon // the standard beacon whose key this one takes; may be nil
}

// Beacon returns the beacon that name means in an expression: its own name, or
// the name of the attribute that it is stored in.
func (s *Set) Beacon(name string) (*Beacon, bool) {
	if b, found := s.byName[name]; found {
		return b, true
	}
	b, found := s.byName[strings.TrimPrefix(name, attribute.BeaconPrefix)]
	return b, found && b.attribute == name
}

// Beacons returns all beacons in the order of their names. The caller must not
// change the slice.
func (s *Set) Beacons() []*Beacon { return s.beacons }

// SignedBeacons returns the names of the signed beacons in order. Each is an
// attribute of the item, which the item encryptor must treat as SignOnly.
func (s *Set) SignedBeacons() []string {
	var names []string
	for _, b := range s.beacons {
		if !b.Encrypted() {
			names = append(names, b.name)
		}
	}
	return names
}

// MaxPartitions returns over how many partitions items are spread, at least 1.
func (s *Set) MaxPartitions() int { return s.maxPartitions }

// KeyField returns the attribute that names the branch key of an item, or "" if
// one beacon key serves the table.
func (s *Set) KeyField() string { return s.keyField }

// RemovesKeyField reports whether the key field is neither encrypted nor signed.
// It is then taken out of an item before the item is encrypted and stored.
func (s *Set) RemovesKeyField() bool { return s.removeKey }

// Name returns the name of b in its configuration.
func (b *Beacon) Name() string { return b.name }

// Attribute returns the name of the attribute that b is stored in: "aws_dbe_b_"
// and its name, or the name alone for a signed beacon. A beacon of style
// PartOnly is not stored; see [Beacon.Stored].
func (b *Beacon) Attribute() string { return b.attribute }

// Compound reports whether b is a compound beacon, signed or not.
func (b *Beacon) Compound() bool { return b.compound != nil }

// Encrypted reports whether b holds anything hashed. If not, it is a signed
// beacon, an attribute under the signature.
func (b *Beacon) Encrypted() bool { return b.compound == nil || b.compound.encrypted() }

// Stored reports whether b is in items by itself, and not only as a part of
// compound beacons.
func (b *Beacon) Stored() bool { return !b.partOnly }

// AsSet reports whether b is stored as a string set, a beacon for each element.
func (b *Beacon) AsSet() bool { return b.asSet }

// Sources returns the names of the attributes that b is made of, each once. A
// projection that holds b must hold them too.
func (b *Beacon) Sources() []string {
	var names []string
	if b.compound == nil {
		names = b.source.attributes()
	} else {
		for _, p := range b.compound.parts {
			names = append(names, p.source().attributes()...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// IsOf reports whether b is computed from the attribute of this name as a whole,
// and nothing else.
func (b *Beacon) IsOf(name string) bool {
	return b.compound == nil && b.source.virtual == nil && b.source.loc.Attribute == name && len(b.source.loc.Steps) == 0
}

// Comparable reports whether equal values have equal hashes in b and other, so
// that an expression can compare the two: standard beacons of which one is
// shared with the other, or both with a third, over the same partitions.
func (b *Beacon) Comparable(other *Beacon) bool {
	return b.compound == nil && other.compound == nil &&
		b.keyOwner() == other.keyOwner() &&
		b.asSet == other.asSet && b.partitions == other.partitions &&
		!b.partOnly && !other.partOnly
}

func (b *Beacon) keyOwner() *Beacon {
	if b.shared != nil {
		return b.shared
	}
	return b
}
