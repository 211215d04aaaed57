package embedded

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

// maxItemSize is the largest item in bytes, names included.
const maxItemSize = 400 << 10

// An item is what a table stores. Its values are valid and its numbers
// normalised from the moment it is decoded; nobody changes a value in place.
type item map[string]types.AttributeValue

// size returns the bytes that the service counts for an item (DynamoDB
// developer guide, "DynamoDB item sizes and formats").
func (it item) size() int {
	n := 0
	for name, av := range it {
		n += len(name) + sizeOf(av)
	}
	return n
}

func sizeOf(av types.AttributeValue) int {
	n := 0
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return sizeOfNumber(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberBOOL, *types.AttributeValueMemberNULL:
		return 1
	case *types.AttributeValueMemberSS:
		for _, s := range v.Value {
			n += len(s)
		}
	case *types.AttributeValueMemberNS:
		for _, s := range v.Value {
			n += sizeOfNumber(s)
		}
	case *types.AttributeValueMemberBS:
		for _, b := range v.Value {
			n += len(b)
		}
	case *types.AttributeValueMemberL:
		n = 3
		for _, e := range v.Value {
			n += 1 + sizeOf(e)
		}
	case *types.AttributeValueMemberM:
		n = 3
		for name, e := range v.Value {
			n += 1 + len(name) + sizeOf(e)
		}
	}
	return n
}

// sizeOfNumber counts one byte for two digits, which are paired from the
// decimal point, one for the exponent and one for a minus sign.
func sizeOfNumber(normal string) int {
	digits, exponent, negative := decimal(normal)
	if digits == "" {
		return 1
	}
	n := 1 + (len(digits)+1)/2
	if len(digits)%2 == 0 && exponent%2 != 0 {
		n++
	}
	if negative {
		n++
	}
	return n
}

// project returns the parts of an item that paths lead to, nested as they are
// in the item.
func (it item) project(paths expression.Projection) item {
	if paths == nil {
		return it
	}
	var root pathTree
	for _, p := range paths {
		root.at(p).leaf = true
	}
	projected, _ := root.project(&types.AttributeValueMemberM{Value: it}).(*types.AttributeValueMemberM)
	if projected == nil {
		return item{}
	}
	return projected.Value
}

// only returns the named attributes of an item.
func (it item) only(names []string) item {
	part := make(item, len(names))
	for _, name := range names {
		if av, found := it[name]; found {
			part[name] = av
		}
	}
	return part
}
