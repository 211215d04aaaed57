package expression

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// The operators of a [KeyTerm] besides those of comparison.
const (
	KeyBetween    Operator = "BETWEEN"
	KeyBeginsWith Operator = "begins_with"
)

// A KeyTerm is what a key condition says about one key attribute.
type KeyTerm struct {
	Name     string
	Operator Operator // a comparison except <>, KeyBetween or KeyBeginsWith
	Values   []types.AttributeValue
}

// KeyTerms takes a KeyConditionExpression apart into one term for each key
// attribute (DynamoDB developer guide, "Key condition expressions for the Query
// operation"). Whether the attributes are those of a key, and the partition key
// is compared with =, is for the caller to check.
func KeyTerms(c Condition) ([]KeyTerm, error) {
	switch c := c.(type) {
	case *And:
		left, err := KeyTerms(c.Left)
		if err != nil {
			return nil, err
		}
		right, err := KeyTerms(c.Right)
		if err != nil {
			return nil, err
		}
		for _, r := range right {
			for _, l := range left {
				if l.Name == r.Name {
					return nil, errorf("KeyConditionExpressions must only contain one condition per key")
				}
			}
		}
		return append(left, right...), nil
	case *Or:
		return nil, notIndexable("OR")
	case *Not:
		return nil, notIndexable("NOT")
	case *In:
		return nil, notIndexable("IN")
	case *Comparison:
		if c.Operator == NotEquals {
			return nil, notIndexable("<>")
		}
		return keyTerm(c.Operator, c.Left, c.Right)
	case *Between:
		if _, ok := c.Operand.(*Path); !ok {
			return nil, keyMustBeFirst(KeyBetween)
		}
		return keyTerm(KeyBetween, c.Operand, c.Low, c.High)
	case *Function:
		if c.Name != string(KeyBeginsWith) {
			return nil, notIndexable(c.Name)
		}
		if _, ok := c.Arguments[0].(*Path); !ok {
			return nil, keyMustBeFirst(KeyBeginsWith)
		}
		return keyTerm(KeyBeginsWith, c.Arguments...)
	default:
		return nil, notIndexable("") // unreachable: the interface is closed
	}
}

func notIndexable(operator string) error {
	return errorf("Invalid operator used in KeyConditionExpression: %s", operator)
}

func keyMustBeFirst(operator Operator) error {
	return errorf("Invalid condition in KeyConditionExpression: %s operator must have the key attribute as its first operand", operator)
}

func keyTerm(operator Operator, operands ...Operand) ([]KeyTerm, error) {
	term := KeyTerm{Operator: operator}
	for i, o := range operands {
		switch o := o.(type) {
		case *Value:
			term.Values = append(term.Values, o.Value)
		case *Path:
			if term.Name != "" {
				return nil, errorf("Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition")
			}
			if o.Nested() {
				return nil, errorf("KeyConditionExpressions cannot have conditions on nested attributes")
			}
			term.Name = o.Root()
			if i > 0 {
				term.Operator = mirrored(operator)
			}
		default:
			return nil, errorf("KeyConditionExpressions cannot contain nested operations")
		}
	}
	if term.Name == "" {
		return nil, errorf("Invalid condition in KeyConditionExpression: No key attribute specified")
	}
	return []KeyTerm{term}, nil
}

// mirrored returns the operator that says the same with its operands exchanged.
func mirrored(operator Operator) Operator {
	switch operator {
	case Less:
		return Greater
	case LessOrEqual:
		return GreaterOrEqual
	case Greater:
		return Less
	case GreaterOrEqual:
		return LessOrEqual
	default:
		return operator
	}
}

// Holds reports whether a value fulfils the term.
func (t KeyTerm) Holds(av types.AttributeValue) bool {
	switch t.Operator {
	case KeyBetween:
		return compare(GreaterOrEqual, av, t.Values[0]) && compare(LessOrEqual, av, t.Values[1])
	case KeyBeginsWith:
		return BeginsWith(av, t.Values[0])
	default:
		return compare(t.Operator, av, t.Values[0])
	}
}
