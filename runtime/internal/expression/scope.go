package expression

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A Scope is what one request substitutes in its expressions. It remembers what
// they use. It is not safe for concurrent use.
type Scope struct {
	// AllowReserved accepts reserved words as names, as the service does not.
	AllowReserved bool

	names  map[string]string
	values map[string]types.AttributeValue
	used   []string // placeholders, as often as they were used
	few    [4]string
}

// NewScope returns the scope of a request's ExpressionAttributeNames and
// ExpressionAttributeValues, either of which may be nil. It keeps both maps.
func NewScope(names map[string]string, values map[string]types.AttributeValue) (*Scope, error) {
	if names != nil && len(names) == 0 {
		return nil, errorf("ExpressionAttributeNames must not be empty")
	}
	for key, name := range names {
		if !isPlaceholder(key, '#') || name == "" {
			return nil, invalidNames(names)
		}
	}
	if values != nil && len(values) == 0 {
		return nil, errorf("ExpressionAttributeValues must not be empty")
	}
	for key, value := range values {
		if !isPlaceholder(key, ':') || Type(value) == "" {
			return nil, invalidValues(values)
		}
	}
	s := &Scope{names: names, values: values}
	s.used = s.few[:0]
	return s, nil
}

// invalidNames returns the error for the first key that is not valid, in their
// order.
func invalidNames(names map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(names)) {
		if !isPlaceholder(key, '#') {
			return errorf("ExpressionAttributeNames contains invalid key: Syntax error; key: %q", key)
		}
		if names[key] == "" {
			return errorf("ExpressionAttributeNames contains invalid value: Empty attribute name for key %s", key)
		}
	}
	return nil
}

// invalidValues returns the error for the first key that is not valid, in their
// order.
func invalidValues(values map[string]types.AttributeValue) error {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		if !isPlaceholder(key, ':') {
			return errorf("ExpressionAttributeValues contains invalid key: Syntax error; key: %q", key)
		}
		if Type(values[key]) == "" {
			return errorf("ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key %s", key)
		}
	}
	return nil
}

func isPlaceholder(key string, mark byte) bool {
	return len(key) > 1 && key[0] == mark && skipName(key, 1) == len(key)
}

// CheckUnused returns an error if a name or a value of the scope is in none of
// the expressions that it has parsed.
func (s *Scope) CheckUnused() error {
	slices.Sort(s.used)
	if unused := unusedKeys(s.names, s.used); unused != "" {
		return errorf("Value provided in ExpressionAttributeNames unused in expressions: keys: {%s}", unused)
	}
	if unused := unusedKeys(s.values, s.used); unused != "" {
		return errorf("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}", unused)
	}
	return nil
}

// unusedKeys returns the keys that are not in used, which is sorted.
func unusedKeys[V any](all map[string]V, used []string) string {
	var unused []string
	for key := range all {
		if _, found := slices.BinarySearch(used, key); !found {
			unused = append(unused, key)
		}
	}
	slices.Sort(unused)
	return strings.Join(unused, ", ")
}

// Placeholders returns the names and values that conditions, each of which may be
// nil, substitute; maps without entries are nil. It is an error if one placeholder
// stands for two things.
func Placeholders(conditions ...Condition) (names map[string]string, values map[string]types.AttributeValue, err error) {
	visit := func(o Operand, _ Node) error {
		switch o := o.(type) {
		case *Path:
			for _, e := range o.Elements {
				if e.Alias == "" {
					continue
				}
				if other, found := names[e.Alias]; found && other != e.Name {
					return errorf("the expression attribute name %s stands for two names", e.Alias)
				}
				if names == nil {
					names = map[string]string{}
				}
				names[e.Alias] = e.Name
			}
		case *Value:
			if other, found := values[o.Name]; found && other != o.Value && !Equal(other, o.Value) {
				return errorf("the expression attribute value %s stands for two values", o.Name)
			}
			if values == nil {
				values = map[string]types.AttributeValue{}
			}
			values[o.Name] = o.Value
		}
		return nil
	}
	for _, c := range conditions {
		if err := Walk(c, visit); err != nil {
			return nil, nil, err
		}
	}
	return names, values, nil
}
