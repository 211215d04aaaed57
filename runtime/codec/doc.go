// Package codec converts the fields of Go structs to DynamoDB attribute values
// and back, with the results of
// [github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue] and without
// reflection per item. Generated code describes a struct as a table of fields,
// one line each; a person can write the same table by hand:
//
//	var addressCodec = codec.Struct(
//		codec.NewField("street", codec.String[string](), func(a *Address) *string { return &a.Street }),
//		codec.NewField("since", codec.Time(), func(a *Address) *time.Time { return &a.Since }),
//		codec.NewField("tags", codec.StringSet(codec.String[Tag]()), func(a *Address) *[]Tag { return &a.Tags }, codec.OmitEmpty),
//	)
//
// # Go type to expression
//
// In the table, V is the type as written and … the codec of the element, of the
// pointer's target, or of the kind. The first line that fits is the one to use.
//
//	Go type, dynamodbav options                      expression
//	-----------------------------------------------  -------------------------------------------
//	time.Time                                        Time()
//	time.Time, unixtime                              UnixTime()
//	*V                                               Pointer(…)     the options belong to …
//
//	V or *V has MarshalDynamoDBAttributeValue, and
//	*V has UnmarshalDynamoDBAttributeValue:
//	    struct or array                              Custom[V]()
//	    another kind                                 CustomOver(…)
//	V or *V has MarshalText, *V UnmarshalText:
//	    struct or array                              Text[V]()
//	    another kind                                 TextOver(…)
//	V or *V has MarshalBinary, *V UnmarshalBinary:
//	    struct or array                              Binary[V]()
//	    another kind                                 BinaryOver(…)
//
//	json.Number, attributevalue.Number, and others   Number[V]()
//	    of kind string with Float64, Int64, String
//	string                                           String[V]()
//	bool                                             Bool[V]()
//	int, int8 … int64                                Int[V]()
//	uint, uint8 … uint64                             Uint[V]()
//	float32, float64                                 Float[V]()
//	any number above, string                         AsString(…)
//	[]byte                                           Bytes[V]()
//	any                                              Any()
//
//	[][]byte as such, not a named type               BinarySet(Bytes[[]byte]())
//	[]E, binaryset                                   BinarySet(…)
//	[]E, numberset                                   NumberSet(…)
//	[]E, stringset                                   StringSet(…)
//	[]E                                              Slice(…)
//	[N]E                                             Array(codec of []E, func(a *V) []E { return a[:] })
//	map[K]E, where K has a [KeyCodec]                Map(codec of K, …)
//	struct                                           Struct(NewField(…), …)
//	struct that contains itself                      Recursive(func(self codec.Codec[V]) codec.Codec[V] { return … })
//
// Lines from json.Number on speak of kinds, so that named types are included. A
// named slice or map N, and a type defined as time.Time without methods, borrow
// the codec of the type B that they are made of:
//
//	as a field       in the accessor:  func(t *T) *B { return (*B)(&t.Field) }
//	as an element    Named(codec of B, func(n *N) *B { return (*B)(n) })
//
// There is no codec for what attributevalue skips or cannot read back: channels,
// functions, complex numbers, uintptr, interfaces with methods, pointers to
// pointers, slices of a named byte type, and types with only one method of a pair.
//
// # Options of a field
//
//	omitempty      OmitEmpty        omitemptyelem   OmitEmptyElem
//	nullempty      NullEmpty        nullemptyelem   NullEmptyElem
//
// Options stand at the field, as they do in the tag, and reach the elements of
// its slices and maps from there. As in attributevalue, no struct is ever empty,
// and so no time is. The tag options string, unixtime, stringset, numberset and
// binaryset belong to the type and are constructors.
//
// The fields of an embedded struct are fields of the outer struct, with an
// accessor that goes through it; those of an embedded pointer to a struct are
// wrapped in [Via]. Of fields with one attribute name attributevalue takes the one
// that lies least deep; a table of fields has one.
//
// # Where results differ from attributevalue
//
// Encoding gives what attributevalue.MarshalMapWithOptions with
// UseEncodingMarshalers gives for a pointer to the struct, and decoding into a
// zero struct what UnmarshalMapWithOptions with UseEncodingUnmarshalers and
// FixUnmarshalIndividualSetValues gives. These differences are on purpose.
//
// Refused, where attributevalue passes on a value that is wrong or unreadable:
//   - NaN and infinities, and number literals that are no number
//   - text that is not UTF-8, and years outside 0 to 9999 in named time types
//   - a list or set longer than the array that it is read into, and bytes that
//     do not have its length
//   - a list of numbers read into bytes, and a map read into a time or into
//     another struct with methods
//   - values nested deeper than DynamoDB allows, as cyclic values are
//   - nil where an attribute value is expected, also from
//     MarshalDynamoDBAttributeValue
//
// Better, where attributevalue does not read what it wrote or ignores the tag:
//   - UnixTime writes a number although time.Time has MarshalText
//   - methods on a pointer receiver count in the values of a map too
//   - UnmarshalText and UnmarshalBinary count in the elements of a set too
//   - a map key is written as its value, not as its String method says
//   - a set that omitemptyelem leaves without elements is NULL: DynamoDB has no
//     empty set
//   - the greatest float32 is not an overflow
//   - an embedded pointer to a struct that is not exported can be read
//
// Attribute names are compared exactly. attributevalue falls back to ignoring
// case, which would let an attribute that nobody signed stand in for one that is
// signed. And decoding replaces slices, maps and pointers of the target; it never
// writes through those that it finds there.
package codec
