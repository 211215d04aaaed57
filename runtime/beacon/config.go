package beacon

import "github.com/ddbegen/ddbegen/runtime/attribute"

// Config is the beacons of one table, as a caller or a generated file writes
// them. [New] checks it. What a stored beacon was computed with can never be
// changed: an item written before the change would not be found after it.
// (specification: searchable-encryption/search-config, "Beacon Version").
type Config struct {
	Standard []Standard // at least one
	Compound []Compound
	Virtual  []VirtualField

	// Parts that the constructors of every compound beacon may name.
	EncryptedParts []EncryptedPart
	SignedParts    []SignedPart

	// MaxPartitions is over how many partitions the items of the table are
	// spread, 1 to 254; 0 means 1. Equal values in different partitions have
	// different beacons. It may grow, never shrink.
	MaxPartitions int
	// DefaultPartitions is the number of partitions of a standard beacon that
	// does not say its own, below MaxPartitions; 0 means MaxPartitions.
	DefaultPartitions int

	// KeyField is the attribute that names the branch key of an item, in a table
	// whose tenants each have a beacon key of their own. It may be empty: then
	// one beacon key serves the table.
	KeyField string
}

// Standard is a beacon on one encrypted value: equal values have equal
// beacons, and so, on purpose, do some that differ
// (specification: searchable-encryption/beacons, "Standard Beacon").
type Standard struct {
	Name       string
	Length     int    // bits, 1 to 63
	Location   string // of the value, such as "address.zip" or a virtual field; empty means Name
	Style      Style
	Partitions int // 1 to MaxPartitions-1; 0 means DefaultPartitions
}

// Style says how a standard beacon differs from a plain one, the zero Style.
type Style struct {
	partOnly, asSet, isShared bool
	shared                    string
}

// PartOnly is the style of a beacon that is not stored by itself: it only
// serves as an encrypted part of compound beacons.
func PartOnly() Style { return Style{partOnly: true} }

// Shared is the style of a beacon that is computed as the standard beacon
// other is, so that the values of the two can be compared with each other.
func Shared(other string) Style { return Style{isShared: true, shared: other} }

// AsSet is the style of a beacon on a set: each element has its own beacon.
func AsSet() Style { return Style{asSet: true} }

// SharedSet is [AsSet] and [Shared] together.
func SharedSet(other string) Style { return Style{asSet: true, isShared: true, shared: other} }

// Compound is a beacon that joins parts into one string: encrypted parts as
// their beacons, signed parts in clear. One that has signed parts only is a
// signed beacon: an attribute of its own, in clear, under the signature
// (specification: searchable-encryption/beacons, "Compound Beacon").
type Compound struct {
	Name      string
	Split     rune // between the parts; no value of a part may hold it
	Encrypted []EncryptedPart
	Signed    []SignedPart
	// Constructors are tried in this order. Without any, the beacon is made of
	// its own signed parts, then its own encrypted ones, all required.
	Constructors []Constructor
}

// EncryptedPart is a standard beacon as a part of compound beacons.
type EncryptedPart struct {
	Name   string // of the standard beacon
	Prefix string // in clear before the beacon, such as "L-"
}

// SignedPart is a signed attribute as a part of compound beacons.
type SignedPart struct {
	Name     string
	Prefix   string // before the text, such as "Y-"
	Location string // of the text; empty means Name
}

// Constructor is one way to make a compound beacon: its parts in their order.
type Constructor []ConstructorPart

// ConstructorPart names a part of a constructor.
type ConstructorPart struct {
	Name     string
	Required bool // an item without it cannot have this beacon by this constructor
}

// Required is a part that the item must have.
func Required(name string) ConstructorPart { return ConstructorPart{Name: name, Required: true} }

// Optional is a part that is left out where the item does not have it.
func Optional(name string) ConstructorPart { return ConstructorPart{Name: name} }

// VirtualField is a string made of parts of an item for the use of beacons. It
// is not stored (specification: searchable-encryption/virtual).
type VirtualField struct {
	Name  string
	Parts []VirtualPart
}

// VirtualPart is the text at Location after Transforms, in their order.
type VirtualPart struct {
	Location   string
	Transforms []Transform
}

// At is the virtual part at location, such as
//
//	beacon.At("hasTestResult", beacon.Prefix(1))
func At(location string, transforms ...Transform) VirtualPart {
	return VirtualPart{Location: location, Transforms: transforms}
}

// Scope is what [New] must know of the table besides its beacons.
type Scope struct {
	Actions map[string]attribute.Action // of each configured attribute
	// Attributes that are not configured and may be in an item unsigned.
	AllowedUnsigned       []string
	AllowedUnsignedPrefix string
}
