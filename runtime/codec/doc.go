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
// In the table, V is the field's type as written, "…" the codec of the element,
// and an accessor is what the third argument of [NewField] is. The first line
// that fits is the one to use.
//
//	Go type, dynamodbav options                      expression
//	-----------------------------------------------  ------------------------------------------------
//	time.Time                                        Time()
//	time.Time, unixtime                              UnixTime()
//	json.Number, attributevalue.Number               Number[V]()
//	    (kind string with Float64, Int64, String)
//	pointer *V                                       Pointer(…)
//
//	V or *V has MarshalDynamoDBAttributeValue and *V UnmarshalDynamoDBAttributeValue:
//	  of kind struct or array                        Custom[V]()
//	  of another kind                                CustomOver(…)         … is the codec of the kind
//	V or *V has MarshalText and *V UnmarshalText:
//	  of kind struct or array                        Text[V]()
//	  of another kind                                TextOver(…)           … is the codec of the kind
//	V or *V has MarshalBinary and *V UnmarshalBinary:
//	  of kind struct or array                        Binary[V]()
//	  of another kind                                BinaryOver(…)         … is the codec of the kind
//
//	kind string                                      String[V]()
//	kind bool                                        Bool[V]()
//	kind int, int8 … int64                           Int[V]()
//	kind uint, uint8 … uint64                        Uint[V]()
//	kind float32, float64                            Float[V]()
//	any of the number types above, string            AsString(…)
//	[]byte, named or not                             Bytes[V]()
//	any                                              Any()
//
//	[][]byte, unnamed                                BinarySet(Bytes[[]byte]())   binaryset is implied
//	[]E, binaryset                                   BinarySet(…)
//	[]E, numberset                                   NumberSet(…)
//	[]E, stringset                                   StringSet(…)
//	[]E                                              Slice(…)
//	[N]E, [N]byte                                    Array(the codec of []E, func(a *[N]E) []E { return a[:] })
//	map[K]E                                          Map(codec of K, …)           K: kind string, bool or number, or text
//	struct                                           Struct(NewField(…), …)
//	struct that contains itself                      Recursive(func(self codec.Codec[V]) codec.Codec[V] { return codec.Struct(…) })
//
// A named type N whose underlying type is B, of kind slice, map or array, and a
// type defined as time.Time, use the codec of B:
//
//	as a field       the accessor converts:  func(t *T) *B { return (*B)(&t.Field) }
//	as an element    Named(codec of B, func(n *N) *B { return (*B)(n) })
//
// # Options of a field
//
//	omitempty      OmitEmpty        omitemptyelem   OmitEmptyElem
//	nullempty      NullEmpty        nullemptyelem   NullEmptyElem
//
// Options stand at the field, as they do in the tag, and reach the elements of
// its slices and maps from there. The tag options string, unixtime, stringset,
// numberset and binaryset belong to the type and are constructors.
//
// The fields of an embedded struct are fields of the outer struct, with an
// accessor that goes through it; those of an embedded pointer to a struct are
// wrapped in [Via].
//
// # Where results differ from attributevalue
//
// Encoding gives what attributevalue.MarshalMapWithOptions with
// UseEncodingMarshalers gives for a pointer to the struct, and decoding into a
// zero struct what UnmarshalMapWithOptions with UseEncodingUnmarshalers and
// FixUnmarshalIndividualSetValues gives. These differences are on purpose.
//
// Refused, where attributevalue passes on a value that is wrong or unreadable:
// NaN, infinities and number text that is no number; text that is not UTF-8;
// a set or list longer than the array it is read into, and binary that has not
// the length of the array; a list or set read into a []byte; a map read into a
// time; a value nested deeper than DynamoDB allows, which is also what a cyclic
// value comes to; a nil pointer where an attribute value was expected; a
// MarshalDynamoDBAttributeValue that returns neither value nor error.
//
// Better, where attributevalue could not read back what it wrote or ignores
// the tag: UnixTime writes a number although time.Time has MarshalText; methods
// on pointer receivers count in map values too; elements of a set may have
// UnmarshalText; map keys are written as their value, not as their String
// method says; a set whose elements were all left out by omitemptyelem is NULL,
// since DynamoDB has no empty set; times outside the years 0 to 9999 are
// refused for every time type.
//
// Attribute names are compared exactly: attributevalue falls back to ignoring
// case, which would let an attribute that nobody signed stand in for one that is
// signed. Decoding replaces slices, maps and pointers of the target and never
// writes through those that it finds there.
package codec
