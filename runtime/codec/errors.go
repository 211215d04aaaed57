package codec

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The reasons inside an [*Error], for errors.Is.
var (
	// ErrType says that an attribute has another type than the Go type is read from.
	ErrType = errors.New("the Go type is not read from this attribute type; correct the field's type or its tag")
	// ErrOverflow says that a number or a sequence does not fit the Go type.
	ErrOverflow = errors.New("the value does not fit the Go type; use a wider one")
	// ErrSyntax says that text is not the number, time or key that it should be.
	ErrSyntax = errors.New("the text is not in the form that the Go type has")
	// ErrNotFinite says that a float is NaN or infinite.
	ErrNotFinite = errors.New("DynamoDB has no number for NaN and infinities; store a string or leave the field out")
	// ErrUTF8 says that a string or a map key is not valid UTF-8.
	ErrUTF8 = errors.New("the text is not valid UTF-8; use []byte for bytes")
	// ErrElement says that an element of a set cannot be in a set of this type.
	ErrElement = errors.New("an element of a set must be a value of the set's type and not nil; omitemptyelem leaves empty ones out")
	// ErrKey says that a map key or an attribute name is empty.
	ErrKey = errors.New("a map key must not be empty")
	// ErrDepth says that lists and maps nest deeper than DynamoDB allows, or that
	// a value contains itself.
	ErrDepth = errors.New("lists and maps nest deeper than 32 levels, or the value contains itself")
	// ErrOptions says that a field both omits and nulls its empty values, or has
	// an option that this package does not know.
	ErrOptions = errors.New("omitempty and nullempty exclude each other, as do omitemptyelem and nullemptyelem; keep one")
	// ErrAttributeValue says that there is a nil pointer, or a type unknown to
	// this package, where an attribute value should be.
	ErrAttributeValue = errors.New("there is no attribute value of a known type; use one of the types.AttributeValueMember types")
	// ErrRefused says that a method of the Go type returned an error, which
	// errors.Unwrap reaches but the text leaves out, because it may quote the value.
	ErrRefused = errors.New("the type's own method returned an error")
	// ErrNilStruct says that a struct to encode or to decode into is a nil pointer.
	ErrNilStruct = errors.New("the struct is a nil pointer; pass the address of one")
)

// Error says which attribute could not be converted, and why. It never holds
// the value itself.
type Error struct {
	// Attribute is the path of the attribute: its name, then ".name" for a member
	// of a nested struct, "[3]" for an element of a list or set and "[*]" for a
	// member of a map, whose keys belong to the value.
	Attribute string
	// Type is the attribute's type on decode, in DynamoDB's letters such as "SS",
	// or "map key" for the key of a map. It is empty on encode.
	Type string
	// GoType is the type of the Go value.
	GoType string
	// Reason is one of the errors of this package, or matches [ErrRefused].
	Reason error
}

// Error names the attribute, the two types and the reason.
func (e *Error) Error() string {
	if e.Type == "" {
		return fmt.Sprintf("encode attribute %q from Go type %s: %v", e.Attribute, e.GoType, e.Reason)
	}
	return fmt.Sprintf("decode attribute %q of type %s into Go type %s: %v", e.Attribute, e.Type, e.GoType, e.Reason)
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Reason }

// refusal is the error of a method that somebody else wrote. Its text may quote
// the value, so it is there for errors.Is and errors.As only.
type refusal struct{ cause error }

func (refusal) Error() string        { return ErrRefused.Error() }
func (refusal) Is(target error) bool { return target == ErrRefused }
func (r refusal) Unwrap() error      { return r.cause }

func encodeError[V any](reason error) error {
	return &Error{GoType: goType[V](), Reason: reason}
}

func decodeError[V any](av types.AttributeValue, reason error) error {
	t := typeOf(av)
	if t == "" {
		t = fmt.Sprintf("%T", av)
	}
	return &Error{Type: t, GoType: goType[V](), Reason: reason}
}

// at puts a segment in front of the path of err.
func at(segment string, err error) error {
	e, ok := err.(*Error)
	if !ok {
		return err // unreachable: codecs are of this package and return an *Error
	}
	if e.Attribute != "" && e.Attribute[0] != '[' {
		segment += "."
	}
	e.Attribute = segment + e.Attribute
	return e
}
