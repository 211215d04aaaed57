package expression

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

var typeNames = []string{"S", "N", "B", "SS", "NS", "BS", "BOOL", "NULL", "L", "M"}

// Type returns the service's letters for the type of a value, such as "S", or
// "" for nil, a nil member and a member that this SDK does not know.
func Type(av types.AttributeValue) string {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return named("S", v != nil)
	case *types.AttributeValueMemberN:
		return named("N", v != nil)
	case *types.AttributeValueMemberB:
		return named("B", v != nil)
	case *types.AttributeValueMemberSS:
		return named("SS", v != nil)
	case *types.AttributeValueMemberNS:
		return named("NS", v != nil)
	case *types.AttributeValueMemberBS:
		return named("BS", v != nil)
	case *types.AttributeValueMemberBOOL:
		return named("BOOL", v != nil)
	case *types.AttributeValueMemberNULL:
		return named("NULL", v != nil)
	case *types.AttributeValueMemberL:
		return named("L", v != nil)
	case *types.AttributeValueMemberM:
		return named("M", v != nil)
	default:
		return ""
	}
}

func named(name string, present bool) string {
	if present {
		return name
	}
	return ""
}

// Equal reports whether two values are of one type and equal: numbers by value,
// sets in any order, lists and maps by their elements. A missing value equals
// nothing.
func Equal(a, b types.AttributeValue) bool {
	if t := Type(a); t == "" || t != Type(b) {
		return false
	}
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		return a.Value == b.(*types.AttributeValueMemberS).Value
	case *types.AttributeValueMemberN:
		return equalNumbers(a.Value, b.(*types.AttributeValueMemberN).Value)
	case *types.AttributeValueMemberB:
		return bytes.Equal(a.Value, b.(*types.AttributeValueMemberB).Value)
	case *types.AttributeValueMemberSS:
		return equalSets(a.Value, b.(*types.AttributeValueMemberSS).Value, func(s string) string { return s })
	case *types.AttributeValueMemberNS:
		return equalSets(a.Value, b.(*types.AttributeValueMemberNS).Value, normalNumber)
	case *types.AttributeValueMemberBS:
		return equalSets(a.Value, b.(*types.AttributeValueMemberBS).Value, func(b []byte) string { return string(b) })
	case *types.AttributeValueMemberBOOL:
		return a.Value == b.(*types.AttributeValueMemberBOOL).Value
	case *types.AttributeValueMemberNULL:
		return true
	case *types.AttributeValueMemberL:
		return slices.EqualFunc(a.Value, b.(*types.AttributeValueMemberL).Value, Equal)
	case *types.AttributeValueMemberM:
		return equalMaps(a.Value, b.(*types.AttributeValueMemberM).Value)
	default:
		return false // unreachable: Type knows no other
	}
}

func equalMaps(a, b map[string]types.AttributeValue) bool {
	if len(a) != len(b) {
		return false
	}
	for name, value := range a {
		if !Equal(value, b[name]) {
			return false
		}
	}
	return true
}

func equalSets[T any](a, b []T, key func(T) string) bool {
	if len(a) != len(b) {
		return false
	}
	return slices.Equal(sortedKeys(a, key), sortedKeys(b, key))
}

func sortedKeys[T any](set []T, key func(T) string) []string {
	keys := make([]string, len(set))
	for i, v := range set {
		keys[i] = key(v)
	}
	slices.Sort(keys)
	return keys
}

// Compare orders two values of one type: strings and binaries by their bytes,
// numbers by value. Other types and text that is no number have no order.
func Compare(a, b types.AttributeValue) (order int, ok bool) {
	if t := Type(a); t == "" || t != Type(b) {
		return 0, false
	}
	switch a := a.(type) {
	case *types.AttributeValueMemberS:
		return strings.Compare(a.Value, b.(*types.AttributeValueMemberS).Value), true
	case *types.AttributeValueMemberB:
		return bytes.Compare(a.Value, b.(*types.AttributeValueMemberB).Value), true
	case *types.AttributeValueMemberN:
		return compareNumbers(a.Value, b.(*types.AttributeValueMemberN).Value)
	default:
		return 0, false
	}
}

// normalNumber returns the one spelling of a number, or the text itself if it
// is none.
func normalNumber(text string) string {
	normal, err := attribute.NormalizeNumber(text)
	if err != nil {
		return text
	}
	return normal
}

func equalNumbers(a, b string) bool {
	return a == b || normalNumber(a) == normalNumber(b)
}

func compareNumbers(a, b string) (order int, ok bool) {
	a, err := attribute.NormalizeNumber(a)
	if err != nil {
		return 0, false
	}
	b, err = attribute.NormalizeNumber(b)
	if err != nil {
		return 0, false
	}
	a, negativeA := strings.CutPrefix(a, "-")
	b, negativeB := strings.CutPrefix(b, "-")
	switch {
	case negativeA && !negativeB:
		return -1, true
	case negativeB && !negativeA:
		return 1, true
	case negativeA:
		return compareMagnitudes(b, a), true
	default:
		return compareMagnitudes(a, b), true
	}
}

// compareMagnitudes orders two normalised numbers without sign: the longer
// whole part is larger, and equally long ones are in the order of their bytes.
func compareMagnitudes(a, b string) int {
	wholeA, fractionA, _ := strings.Cut(a, ".")
	wholeB, fractionB, _ := strings.Cut(b, ".")
	return cmp.Or(
		cmp.Compare(len(wholeA), len(wholeB)),
		strings.Compare(wholeA, wholeB),
		strings.Compare(fractionA, fractionB),
	)
}

// BeginsWith reports whether a string or binary begins with another.
func BeginsWith(av, prefix types.AttributeValue) bool {
	if t := Type(av); t == "" || t != Type(prefix) {
		return false
	}
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return strings.HasPrefix(v.Value, prefix.(*types.AttributeValueMemberS).Value)
	case *types.AttributeValueMemberB:
		return bytes.HasPrefix(v.Value, prefix.(*types.AttributeValueMemberB).Value)
	default:
		return false
	}
}

// Contains reports whether a string or binary holds another as a part, or a set
// or list holds a value as an element.
func Contains(av, part types.AttributeValue) bool {
	if Type(av) == "" || Type(part) == "" {
		return false
	}
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		p, ok := part.(*types.AttributeValueMemberS)
		return ok && strings.Contains(v.Value, p.Value)
	case *types.AttributeValueMemberB:
		p, ok := part.(*types.AttributeValueMemberB)
		return ok && bytes.Contains(v.Value, p.Value)
	case *types.AttributeValueMemberSS:
		p, ok := part.(*types.AttributeValueMemberS)
		return ok && slices.Contains(v.Value, p.Value)
	case *types.AttributeValueMemberNS:
		p, ok := part.(*types.AttributeValueMemberN)
		return ok && slices.ContainsFunc(v.Value, func(n string) bool { return equalNumbers(n, p.Value) })
	case *types.AttributeValueMemberBS:
		p, ok := part.(*types.AttributeValueMemberB)
		return ok && slices.ContainsFunc(v.Value, func(b []byte) bool { return bytes.Equal(b, p.Value) })
	case *types.AttributeValueMemberL:
		return slices.ContainsFunc(v.Value, func(e types.AttributeValue) bool { return Equal(e, part) })
	default:
		return false
	}
}

// Size returns what the function size does: the bytes of a string or binary,
// the elements of a set, list or map. Other types have none.
func Size(av types.AttributeValue) (n int, ok bool) {
	if Type(av) == "" {
		return 0, false
	}
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value), true
	case *types.AttributeValueMemberB:
		return len(v.Value), true
	case *types.AttributeValueMemberSS:
		return len(v.Value), true
	case *types.AttributeValueMemberNS:
		return len(v.Value), true
	case *types.AttributeValueMemberBS:
		return len(v.Value), true
	case *types.AttributeValueMemberL:
		return len(v.Value), true
	case *types.AttributeValueMemberM:
		return len(v.Value), true
	default:
		return 0, false
	}
}
