// Package schema is the model of what a Go package stores in encrypted tables.
// Read takes the tags and directives from the syntax; Build checks them against
// each other and the Go types, by every rule there is, and returns the model. A
// model that was returned is legal: nothing after this package checks again.
package schema

import (
	"go/token"
	"go/types"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// Package is what one Go package stores.
type Package struct {
	Name    string
	Path    string
	Types   *types.Package
	Structs []*Struct      // in the order of the source
	Nested  []*StructCodec // of the structs inside of them
	// Constraint says when the files of the structs are built, as in a //go:build
	// line; "" for always.
	Constraint string

	source Source
}

// Struct is a Go struct that is stored in a table.
type Struct struct {
	Name       string
	Guard      []GuardField // every field, as it is written
	Table      *Table
	Attributes []*Attribute // in the order of the fields
	Keys       []Key        // partition key, then the sort key if there is one
	Key        []*Argument  // what a method asks for to name an item
	// Discriminator tells its items from those of other structs in the table. It
	// is nil where there is none.
	Discriminator *DiscriminatorValue
	Rest          []Step // the field for the attributes without a field; nil for none

	// Redacted are the fields that are not printed, dotted behind embedded structs.
	Redacted []string
	Prints   []string // which of Format, String and LogValue are generated

	RedactedVar string
	SchemaVar   string
	Repository  string
	Constructor string
	Argument    string // the name of a value of the struct as an argument
}

// DiscriminatorValue is a signed attribute that no struct has a field for, and
// the string that it holds in the items of one struct.
type DiscriminatorValue struct{ Attribute, Value string }

// GuardField is a field of a struct as the compiler sees it.
type GuardField struct {
	Var *types.Var
	Tag string // the literal, or "" for none
}

// Step is one on the way to a value in a struct: to a field, to an element of a
// list or to that of a key in a map.
type Step struct {
	Name string // of the field, or the index or the key as Go writes it
	Type types.Type
}

// Attribute is a field of a struct that is stored as an attribute.
type Attribute struct {
	Name    string
	GoName  string
	Path    []Step // the field, behind the embedded structs that it is in
	Action  tag.Action
	Role    tag.Role
	Codec   *Codec
	Options []string // the codec options, such as OmitEmpty
	Var     string   // the variable that stands for it in generated code
}

// Type returns the Go type of the field.
func (a *Attribute) Type() types.Type { return a.Path[len(a.Path)-1].Type }

// Key is one key of the primary key.
type Key struct {
	Name      string
	Attribute *Attribute // nil for a signed beacon
}

// Argument is a value that a method asks for.
type Argument struct {
	Name string
	Path []Step // where it is in the struct
	// Words are the names of the steps of Path but for those to embedded structs.
	Words []string
	// Optional says that it may be nil, which asks for items that lack a part.
	Optional bool
}

// Table is the configuration of one table. Structs that share a table have the
// same one but for the indexes.
type Table struct {
	Structs        []*Struct // in the order of the source
	LogicalName    string
	PhysicalName   string    // "" for the logical name
	Pos            token.Pos // where a directive first names it
	TTL            string    // the attribute by which items expire; "" for none
	Suite          string    // name in runtime/crypto; "" for the default
	UnsignedNames  []string
	UnsignedPrefix string
	Search         *Search  // nil without beacons
	Indexes        []*Index // that the struct queries
	Var            string
}

// Search is the beacons of a table, in the terms of runtime/beacon.
type Search struct {
	Standard          []*StandardBeacon
	Compound          []*CompoundBeacon
	Virtual           []*VirtualField
	EncryptedParts    []EncryptedPart
	SignedParts       []SignedPart
	MaxPartitions     int
	DefaultPartitions int
	KeyField          string
}

// StandardBeacon is a beacon on one encrypted value.
type StandardBeacon struct {
	Name       string
	Length     int
	Location   string // "" for the name
	Style      string // "", partOnly, asSet, shared or sharedSet
	Other      string // the beacon that it shares with
	Partitions int
}

// CompoundBeacon is a beacon that joins parts.
type CompoundBeacon struct {
	Name         string
	Split        rune
	Encrypted    []EncryptedPart
	Signed       []SignedPart
	Constructors [][]ConstructorPart
}

// EncryptedPart is a standard beacon as a part. Attribute is set where the
// beacon is that of the attribute with the same name.
type EncryptedPart struct {
	Name, Prefix string
	Attribute    *Attribute
}

// SignedPart is a signed attribute as a part. Attribute is set where the part
// is the attribute with the same name.
type SignedPart struct {
	Name, Prefix, Location string
	Attribute              *Attribute
}

// ConstructorPart names a part of a constructor.
type ConstructorPart struct {
	Name     string
	Optional bool
}

// VirtualField is a text made of parts of an item.
type VirtualField struct {
	Name  string
	Parts []VirtualPart
}

// VirtualPart is the text at a location after transforms.
type VirtualPart struct {
	Location   string
	Transforms []TransformCall
}

// TransformCall is a transform with its arguments, each a string, a rune or an
// int.
type TransformCall struct {
	Func      string // in runtime/beacon
	Arguments []any
}

// Index is a secondary index and the methods that query it.
type Index struct {
	Name            string
	Partition, Sort string   // names of attributes or beacons
	Local           bool     // it has the partition key of the table
	Projection      string   // "" for all attributes, KeysOnly or Include
	Include         []string // attributes as they are stored, where it is Include
	Queries         []*Query // by all keys, then by the partition key alone
	Var             string
}

// Query is a method that queries an index.
type Query struct {
	Method    string
	Arguments []*Argument // what it asks for
	Words     string      // what is looked for, for a person
	Notes     []string    // sentences about what is found
	Partition bool        // it looks for the partition key and not for the sort key
	Made      []Made      // beacons of which more must be said than what they are made of
}

// Made says of which parts a compound beacon is made that is looked for.
type Made struct {
	Beacon string
	Parts  []MadePart
}

// MadePart is a part that is there, if none of the arguments is nil.
type MadePart struct {
	Name string
	If   []*Argument
}
