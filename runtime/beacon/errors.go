package beacon

// A Reason is why a beacon cannot be computed from an item or for a query. Every
// error of a [Set], a [Beacon] or [Keys] that is not the [Item]'s own wraps one:
//
//	errors.Is(err, beacon.ErrNoKey)
type Reason string

// Error implements error.
func (r Reason) Error() string { return string(r) }

// The reasons.
const (
	ErrType          Reason = "value of a type that it cannot be computed from"
	ErrNotUTF8       Reason = "text is not UTF-8"
	ErrSurrogate     Reason = "a transform cut a character beyond U+FFFF in two: positions count UTF-16 code units"
	ErrSplitInValue  Reason = "value holds the split character"
	ErrNoPart        Reason = "value has a piece that begins with the prefix of no part"
	ErrConstructor   Reason = "no constructor makes this sequence of parts"
	ErrOperator      Reason = "operator cannot be used"
	ErrRange         Reason = "limits of a range must be in clear behind what they have in common"
	ErrPartOnly      Reason = "it is not stored: query a compound beacon that it is a part of"
	ErrNoKey         Reason = "a beacon key is needed, and none is known: compare the key field with a branch key id"
	ErrBeaconKey     Reason = "a beacon key has 32 bytes"
	ErrForeignKeys   Reason = "keys were derived for the beacons of another table"
	ErrPartition     Reason = "partition number out of range"
	ErrUnknownBeacon Reason = "no such beacon"
)

// A Rule is what a configuration must hold to. Every error of [New] wraps the
// rules that the configuration breaks:
//
//	errors.Is(err, beacon.ErrLength)
type Rule string

// Error implements error.
func (r Rule) Error() string { return string(r) }

// The rules, in the order in which they are looked at
// (specification: searchable-encryption/search-config and
// searchable-encryption/beacons, "Initialization Failure").
const (
	ErrMaxPartitions     Rule = "MaxPartitions must be 1 to 254, or 0 for 1"
	ErrDefaultPartitions Rule = "DefaultPartitions must be at least 1 and below MaxPartitions, or 0 for MaxPartitions"

	ErrDuplicateName  Rule = "a name must be given once among the virtual fields, and once among the beacons"
	ErrNameConfigured Rule = "the name must not be that of a configured attribute"
	ErrNameUnsigned   Rule = "the name must not be that of an attribute that is allowed to be unsigned"
	ErrNameReserved   Rule = "the name must not begin with aws_dbe_, which is reserved"
	ErrName           Rule = "the name must be UTF-8 and, with what is put before it, 1 to 65535 bytes long"
	ErrLocation       Rule = "the location must be the name of an attribute, then any number of .key and [0] to [9]"

	ErrVirtualEmpty     Rule = "a virtual field must have a part"
	ErrVirtualUnsigned  Rule = "a virtual field must be made of signed or encrypted attributes"
	ErrVirtualDuplicate Rule = "no two virtual fields may be made of the same locations"
	ErrTransform        Rule = "a transform must have valid arguments"

	ErrNoStandardBeacon  Rule = "there must be a standard beacon, even if only signed beacons are wanted"
	ErrLength            Rule = "the length must be 1 to 63 bits"
	ErrPartitions        Rule = "the number of partitions must be at least 1 and below MaxPartitions, or 0 for DefaultPartitions"
	ErrNotEncrypted      Rule = "a standard beacon must be on an encrypted attribute, or on a virtual field with one"
	ErrBelowVirtual      Rule = "a virtual field is a text, in which nothing lies"
	ErrSetOfVirtual      Rule = "a virtual field is a text, and not a set"
	ErrLocationTaken     Rule = "no two standard beacons may be on one location"
	ErrLocationOfVirtual Rule = "a standard beacon and a virtual field of one part may not be on one location: put the beacon on the virtual field"

	ErrSharedUnknown  Rule = "a beacon must be shared with a standard beacon"
	ErrSharedSelf     Rule = "a beacon cannot be shared with itself"
	ErrSharedChain    Rule = "a beacon cannot be shared with one that is itself shared: share both with the same"
	ErrSharedLength   Rule = "beacons that are shared must have the same length"
	ErrPartOnlyUnused Rule = "a beacon of style PartOnly must be a part of a compound beacon"

	ErrEncryptedPart   Rule = "an encrypted part must be a standard beacon"
	ErrEncryptedSet    Rule = "an encrypted part cannot be a beacon of style AsSet or SharedSet"
	ErrSignedPart      Rule = "a signed part must be on an attribute that is signed and not encrypted"
	ErrPrefix          Rule = "a prefix must be UTF-8 and not empty"
	ErrPrefixSplit     Rule = "a prefix must not hold the split character"
	ErrDuplicatePart   Rule = "the name of a part must be given once"
	ErrDuplicatePrefix Rule = "a prefix must be given once"
	ErrGlobalPart      Rule = "a part of one beacon must not have the name or prefix of a part for all"
	ErrAmbiguousPrefix Rule = "no prefix may be the beginning of another one of the same beacon"

	ErrSplit                Rule = "the split character must be one of U+0001 to U+FFFF"
	ErrNoParts              Rule = "a compound beacon without constructors must have parts of its own"
	ErrConstructorEmpty     Rule = "a constructor must have a part"
	ErrConstructorOptional  Rule = "a constructor must have a required part"
	ErrConstructorPart      Rule = "a constructor can only name parts of the beacon and parts for all"
	ErrConstructorDuplicate Rule = "no two constructors of a beacon may have the same required parts"

	ErrKeyFieldEncrypted Rule = "the key field must not be encrypted: it names the key to decrypt with"
	ErrKeyFieldBeacon    Rule = "the key field must not be a beacon"
	ErrKeyFieldVirtual   Rule = "the key field must not be a virtual field"
)

// ConfigError is one way in which a configuration breaks a rule. [New] joins
// all of them; errors.As finds the first.
type ConfigError struct {
	Rule    Rule
	Subject string   // what breaks the rule, such as `compound beacon "unit"`
	Names   []string // of the beacons, parts and attributes involved, that of Subject first
	Detail  string   // what was found, if Rule does not say it
}

// Error implements error.
func (e *ConfigError) Error() string {
	if e.Detail == "" {
		return e.Subject + ": " + string(e.Rule)
	}
	return e.Subject + ": " + e.Detail + "; " + string(e.Rule)
}

// Unwrap returns the rule.
func (e *ConfigError) Unwrap() error { return e.Rule }
