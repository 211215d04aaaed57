package runtime

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/codec"
	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// The actions as types. They have no values; they mark an [Attr], so that the
// compiler refuses an attribute where its action is wrong.
type (
	// Signed marks an attribute that is stored as it is, under the signature.
	Signed struct{}
	// InContext marks an attribute that is stored as it is, under the signature,
	// and bound in clear into the encryption context that a KMS sees.
	InContext struct{}
	// Encrypted marks an attribute that is encrypted and signed.
	Encrypted struct{}
	// Unsigned marks an attribute that is left alone: neither encrypted nor
	// signed. Whoever can write the table can change it unseen.
	Unsigned struct{}
)

// AnyAction is every action that an attribute can have.
type AnyAction interface {
	Signed | InContext | Encrypted | Unsigned
}

// KeyAction is the actions that a primary key can have. DynamoDB must read a
// key, so it is never encrypted; the record must vouch for it, so it is always
// signed.
type KeyAction interface {
	Signed | InContext
}

// Attr is an attribute of an item. Its type says what happens to it before it
// leaves the process. The zero Attr is refused by [Open].
type Attr[A AnyAction] struct {
	name   string
	action attribute.Action
}

// SignedAttr returns the attribute with this name, signed but not encrypted.
func SignedAttr(name string) Attr[Signed] {
	return Attr[Signed]{name, attribute.SignOnly}
}

// InContextAttr returns the attribute with this name, signed and bound into the
// encryption context. Its value appears in clear in requests to KMS.
func InContextAttr(name string) Attr[InContext] {
	return Attr[InContext]{name, attribute.SignAndIncludeInEncryptionContext}
}

// EncryptedAttr returns the attribute with this name, encrypted and signed.
func EncryptedAttr(name string) Attr[Encrypted] {
	return Attr[Encrypted]{name, attribute.EncryptAndSign}
}

// UnsignedAttr returns the attribute with this name, neither encrypted nor
// signed.
func UnsignedAttr(name string) Attr[Unsigned] {
	return Attr[Unsigned]{name, attribute.DoNothing}
}

// Name returns the attribute's name in the item.
func (a Attr[A]) Name() string { return a.name }

// Action returns what happens to the attribute.
func (a Attr[A]) Action() attribute.Action { return a.action }

// An Attribute is an [Attr] of any action.
type Attribute interface {
	Name() string
	Action() attribute.Action
	isAttribute()
}

func (a Attr[A]) isAttribute() {}

// Keys names the attributes of a table's primary key. It is made by
// [PartitionOnly] or [PartitionAndSort].
type Keys struct {
	partition, sort string
}

// PartitionOnly returns the primary key of a table without a sort key. An
// encrypted or unsigned attribute does not compile.
func PartitionOnly[A KeyAction](partition Attr[A]) Keys {
	return Keys{partition: partition.name}
}

// PartitionAndSort returns the primary key of a table with a sort key. Both
// have the same action; an encrypted or unsigned attribute does not compile.
func PartitionAndSort[A KeyAction](partition, sort Attr[A]) Keys {
	return Keys{partition: partition.name, sort: sort.name}
}

// Partition returns the name of the partition key.
func (k Keys) Partition() string { return k.partition }

// Sort returns the name of the sort key, or "" for a table without one.
func (k Keys) Sort() string { return k.sort }

// EncryptedPart returns the part of a compound beacon that holds the standard
// beacon of attribute a behind prefix. Only an encrypted attribute compiles.
func EncryptedPart(a Attr[Encrypted], prefix string) beacon.EncryptedPart {
	return beacon.EncryptedPart{Name: a.name, Prefix: prefix}
}

// SignedPart returns the part of a compound beacon that holds the plain text of
// attribute a behind prefix. Only a signed attribute compiles.
func SignedPart[A KeyAction](a Attr[A], prefix string) beacon.SignedPart {
	return beacon.SignedPart{Name: a.name, Prefix: prefix}
}

// TableSchema is what one table holds: its attributes with their actions, its
// key, and how it is searched. It is what the generator writes.
type TableSchema struct {
	// LogicalName is bound into every item. It stays when the table is copied
	// or restored under another name.
	LogicalName string
	Keys        Keys
	Attributes  []Attribute
	// AllowedUnsignedPrefix, where it is not empty, allows every attribute whose
	// name begins with it to be unsigned, beside the [Unsigned] ones.
	AllowedUnsignedPrefix string
	// Suite is the algorithm suite of new items; zero is the default, with
	// digital signatures.
	Suite   crypto.Suite
	Search  *beacon.Config // nil for a table without beacons
	Indexes []Index
}

// Schema is how a struct T lies in a table.
type Schema[T any] struct {
	Table  *TableSchema
	Fields codec.Fields[T]
	// Rest, where it is not nil, is the field that receives the attributes of an
	// item for which T has no other field, and whose entries are written with the
	// item. The table must know the action of each.
	Rest func(*T) *map[string]types.AttributeValue
	// Discriminator tells the items of T from those of other structs in the same
	// table. The zero Discriminator is for a table of T alone.
	Discriminator Discriminator
}

// Discriminator is a signed attribute and the string that it holds in every item
// of one struct. Writing sets it; reading refuses an item that has another
// value, and a query passes over it.
type Discriminator struct {
	Attribute, Value string
}

// marks reports whether item has the discriminator. The zero Discriminator marks
// every item.
func (d Discriminator) marks(item Item) bool {
	if d.Attribute == "" {
		return true
	}
	value, ok := item[d.Attribute].(*types.AttributeValueMemberS)
	return ok && value != nil && value.Value == d.Value
}

// Field returns the row of a schema that stores one field of T: the attribute,
// the codec of its type, and where the field is. The accessor must return a
// pointer into its argument; it serves writing and reading.
func Field[T, V any](a Attribute, c codec.Codec[V], at func(*T) *V, opts ...codec.Option) codec.Field[T] {
	return codec.NewField(a.Name(), c, at, opts...)
}
