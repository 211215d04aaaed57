// Package generic has fields of generic types, and embeds a generic struct.
package generic

import (
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Reading is a [Sample] of degrees.
//
//ddbe:table Samples
//ddbe:beacon value length=12
//ddbe:index value-index partition=value
type Reading struct {
	Sample[string, Celsius]
	Raw    Box[[]byte]                  `ddbe:"encrypt,sign"`
	Many   Box[[]string]                `ddbe:"encrypt,sign"`
	One    *Box[string]                 `ddbe:"sign"`
	Last   Maybe[Celsius]               `ddbe:"encrypt,sign"`
	Series []Pair[string, Box[Celsius]] `ddbe:"encrypt,sign"`
	ByDay  map[string]Maybe[[]string]   `ddbe:"encrypt,sign"`
	Tree   Tree[Celsius]                `ddbe:"encrypt,sign"`
	Sets   Set[string]                  `dynamodbav:",stringset,omitempty" ddbe:"encrypt,sign"`
}

// Sample has the key of whatever embeds it.
type Sample[K ~string, V any] struct {
	ID    K `dynamodbav:"id" ddbe:"partition,sign"`
	Value V `dynamodbav:"value" ddbe:"encrypt,sign"`
	*Trace[V]
}

// Trace is embedded by pointer with the type argument of another struct.
type Trace[V any] struct {
	Before []V `dynamodbav:"before" ddbe:"encrypt,sign"`
}

// Celsius is a type argument.
type Celsius float64

// Box holds a value.
type Box[T any] struct{ Value T }

// Pair holds two.
type Pair[K comparable, V any] struct {
	Key   K `dynamodbav:"k"`
	Value V `dynamodbav:"v"`
}

// Tree contains itself.
type Tree[T any] struct {
	Value T
	Kids  []Tree[T]
	Left  *Tree[T] `dynamodbav:",omitempty"`
}

// Set is a generic slice.
type Set[E any] []E

// Maybe is a value that may be missing, and stored by its own methods: NULL
// stands for a missing one.
type Maybe[T any] struct {
	value T
	ok    bool
}

// Some returns a value that is there.
func Some[T any](v T) Maybe[T] { return Maybe[T]{v, true} }

// MarshalDynamoDBAttributeValue implements attributevalue.Marshaler.
func (m Maybe[T]) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) {
	if !m.ok {
		return &types.AttributeValueMemberNULL{Value: true}, nil
	}
	return attributevalue.Marshal(m.value)
}

// UnmarshalDynamoDBAttributeValue implements attributevalue.Unmarshaler.
func (m *Maybe[T]) UnmarshalDynamoDBAttributeValue(av types.AttributeValue) error {
	*m = Maybe[T]{}
	if _, null := av.(*types.AttributeValueMemberNULL); null {
		return nil
	}
	m.ok = true
	return attributevalue.Unmarshal(av, &m.value)
}
