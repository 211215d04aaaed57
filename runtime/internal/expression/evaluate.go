package expression

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Evaluate reports whether an item fulfils a condition. Missing attributes and
// differing types are not errors: a comparison with them is false, except <>,
// which is true (DynamoDB developer guide, "Comparison operator and function
// reference").
func Evaluate(c Condition, item Item) bool {
	switch c := c.(type) {
	case *And:
		return Evaluate(c.Left, item) && Evaluate(c.Right, item)
	case *Or:
		return Evaluate(c.Left, item) || Evaluate(c.Right, item)
	case *Not:
		return !Evaluate(c.Condition, item)
	case *Comparison:
		return compare(c.Operator, valueOf(c.Left, item), valueOf(c.Right, item))
	case *Between:
		v := valueOf(c.Operand, item)
		return compare(GreaterOrEqual, v, valueOf(c.Low, item)) && compare(LessOrEqual, v, valueOf(c.High, item))
	case *In:
		v := valueOf(c.Operand, item)
		for _, o := range c.List {
			if Equal(v, valueOf(o, item)) {
				return true
			}
		}
		return false
	case *Function:
		return call(c, item)
	default:
		return false // unreachable: the interface is closed
	}
}

func compare(operator Operator, a, b types.AttributeValue) bool {
	switch operator {
	case Equals:
		return Equal(a, b)
	case NotEquals:
		return !Equal(a, b)
	}
	order, comparable := Compare(a, b)
	if !comparable {
		return false
	}
	switch operator {
	case Less:
		return order < 0
	case LessOrEqual:
		return order <= 0
	case Greater:
		return order > 0
	case GreaterOrEqual:
		return order >= 0
	default:
		return false // unreachable: the parser knows no other
	}
}

func call(f *Function, item Item) bool {
	argument := func(i int) types.AttributeValue {
		if i >= len(f.Arguments) {
			return nil
		}
		return valueOf(f.Arguments[i], item)
	}
	first := argument(0)
	switch f.Name {
	case "attribute_exists":
		return first != nil
	case "attribute_not_exists":
		return first == nil
	case "attribute_type":
		name, ok := argument(1).(*types.AttributeValueMemberS)
		return ok && first != nil && name.Value == Type(first)
	case "begins_with":
		return BeginsWith(first, argument(1))
	case "contains":
		return Contains(first, argument(1))
	default:
		return false // unreachable: the parser knows no other
	}
}

// valueOf returns the value of an operand, or nil if it is missing.
func valueOf(o Operand, item Item) types.AttributeValue {
	switch o := o.(type) {
	case *Path:
		return o.Get(item)
	case *Value:
		return present(o.Value)
	case *Function:
		if o.Name != "size" || len(o.Arguments) != 1 {
			return nil
		}
		n, ok := Size(valueOf(o.Arguments[0], item))
		if !ok {
			return nil
		}
		return &types.AttributeValueMemberN{Value: strconv.Itoa(n)}
	default:
		return nil
	}
}

// Get returns the value that the path leads to, or nil.
func (p *Path) Get(item Item) types.AttributeValue {
	var value types.AttributeValue
	for i, e := range p.Elements {
		if i == 0 {
			value = item[e.Name]
			continue
		}
		switch v := present(value).(type) {
		case *types.AttributeValueMemberM:
			if e.IsIndex {
				return nil
			}
			value = v.Value[e.Name]
		case *types.AttributeValueMemberL:
			if !e.IsIndex || e.Index >= len(v.Value) {
				return nil
			}
			value = v.Value[e.Index]
		default:
			return nil
		}
	}
	return present(value)
}

// present returns nil for a nil pointer of a member type.
func present(av types.AttributeValue) types.AttributeValue {
	if Type(av) == "" {
		return nil
	}
	return av
}
