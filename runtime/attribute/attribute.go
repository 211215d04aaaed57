// Package attribute is the vocabulary that the item encryptor, the beacons and
// the encrypted client share: what an attribute is made of, what happens to it
// before it leaves the process, and where a value lies in an item. It imports
// neither the AWS SDK nor any other package of this module.
package attribute

import "strings"

// Reserved prefixes of attribute and encryption context names.
const (
	// ReservedPrefix begins the names of the attributes that the record format
	// itself writes: header, footer and beacons. No attribute of a caller may
	// begin with it.
	ReservedPrefix = "aws_dbe_"
	// HeaderName is the attribute that holds the header of an encrypted item.
	HeaderName = ReservedPrefix + "head"
	// FooterName is the attribute that holds the tags and the signature.
	FooterName = ReservedPrefix + "foot"
	// BeaconPrefix begins the names of the attributes that hold beacons.
	BeaconPrefix = ReservedPrefix + "b_"
)

// Reserved reports whether name belongs to the record format.
func Reserved(name string) bool { return strings.HasPrefix(name, ReservedPrefix) }

// Type is the two-byte type id of a value in the record format
// (specification: ddb-attribute-serialization, "Type ID").
type Type uint16

// The types of DynamoDB and their ids on the wire.
const (
	Null      Type = 0x0000
	String    Type = 0x0001
	Number    Type = 0x0002
	Bool      Type = 0x0004
	StringSet Type = 0x0101
	NumberSet Type = 0x0102
	BinarySet Type = 0x01FF
	Map       Type = 0x0200
	List      Type = 0x0300
	Binary    Type = 0xFFFF
)

// String returns DynamoDB's own letters for the type, such as "S" or "NS".
func (t Type) String() string {
	switch t {
	case Null:
		return "NULL"
	case String:
		return "S"
	case Number:
		return "N"
	case Bool:
		return "BOOL"
	case StringSet:
		return "SS"
	case NumberSet:
		return "NS"
	case BinarySet:
		return "BS"
	case Map:
		return "M"
	case List:
		return "L"
	case Binary:
		return "B"
	default:
		return "unknown type"
	}
}

// Action says what happens to an attribute before it leaves the process
// (specification: structured-encryption/structures, "Crypto Action"). The zero
// Action is none of them and is refused wherever an action is expected.
type Action uint8

// The four actions.
const (
	EncryptAndSign Action = iota + 1
	SignAndIncludeInEncryptionContext
	SignOnly
	DoNothing
)

// Signed reports whether the action puts the attribute under the signature.
func (a Action) Signed() bool { return a != 0 && a != DoNothing }

// String returns the name of the action in the specification's spelling.
func (a Action) String() string {
	switch a {
	case EncryptAndSign:
		return "ENCRYPT_AND_SIGN"
	case SignAndIncludeInEncryptionContext:
		return "SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT"
	case SignOnly:
		return "SIGN_ONLY"
	case DoNothing:
		return "DO_NOTHING"
	default:
		return "no action"
	}
}

// Attribute is a top-level attribute in canonical form. Value is the
// serialisation of the record format without the type id, which travels in
// Type (specification: ddb-attribute-serialization).
type Attribute struct {
	Name  string
	Type  Type
	Value []byte
}
