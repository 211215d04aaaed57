package schema

import "github.com/ddbegen/ddbegen/gen/tag"

// The codes of problems in what the words mean together. Those in the words
// themselves are in gen/tag.
const (
	StrayDirective     tag.Code = "stray-directive"
	StrayTag           tag.Code = "stray-tag"
	DuplicateDirective tag.Code = "duplicate-directive"
	MissingTable       tag.Code = "missing-table"
	BuildConstraint    tag.Code = "build-constraint"
	NotSupported       tag.Code = "not-supported"

	TableName    tag.Code = "table-name"
	TTL          tag.Code = "ttl"
	Suite        tag.Code = "suite"
	UnsignedName tag.Code = "unsigned-name"

	Discriminator tag.Code = "discriminator"
	TableConflict tag.Code = "table-conflict"

	UntaggedField    tag.Code = "untagged-field"
	UnexportedField  tag.Code = "unexported-field"
	RestField        tag.Code = "rest-field"
	SkippedAttribute tag.Code = "skipped-attribute"
	FieldType        tag.Code = "field-type"
	DynamodbavOption tag.Code = "dynamodbav-option"

	AttributeName      tag.Code = "attribute-name"
	ReservedName       tag.Code = "reserved-name"
	DuplicateAttribute tag.Code = "duplicate-attribute"
	NameClash          tag.Code = "name-clash"

	KeyMissing       tag.Code = "key-missing"
	KeyDuplicate     tag.Code = "key-duplicate"
	KeyEncrypted     tag.Code = "key-encrypted"
	KeyUnsigned      tag.Code = "key-unsigned"
	KeyContext       tag.Code = "key-context"
	KeyType          tag.Code = "key-type"
	KeyBeacon        tag.Code = "key-beacon"
	KeyOmitempty     tag.Code = "key-omitempty"
	ContextOmitempty tag.Code = "context-omitempty"

	BeaconUndefined  tag.Code = "beacon-undefined"
	BeaconMismatch   tag.Code = "beacon-mismatch"
	BeaconName       tag.Code = "beacon-name"
	DuplicateBeacon  tag.Code = "duplicate-beacon"
	BeaconMissing    tag.Code = "beacon-missing"
	BeaconLength     tag.Code = "beacon-length"
	BeaconLocation   tag.Code = "beacon-location"
	BeaconSource     tag.Code = "beacon-source"
	BeaconStyle      tag.Code = "beacon-style"
	BeaconPartitions tag.Code = "beacon-partitions"

	VirtualSource    tag.Code = "virtual-source"
	VirtualDuplicate tag.Code = "virtual-duplicate"
	Transform        tag.Code = "transform"

	Split       tag.Code = "split"
	PartSource  tag.Code = "part-source"
	PartName    tag.Code = "part-name"
	PartPrefix  tag.Code = "part-prefix"
	NoParts     tag.Code = "no-parts"
	Constructor tag.Code = "constructor"

	Tenant tag.Code = "tenant"

	IndexName       tag.Code = "index-name"
	IndexKey        tag.Code = "index-key"
	IndexProjection tag.Code = "index-projection"
	LocalIndex      tag.Code = "local-index"
)
