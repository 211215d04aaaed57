package embedded

import (
	"bytes"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

func wrongOperandType() error {
	return validationErrorf("An operand in the update expression has an incorrect data type")
}

// update returns an item with the actions of an update. Every action sees the
// item as it was before (DynamoDB developer guide, "Update expressions").
func (it item) update(u *expression.Update) (item, error) {
	var root pathTree
	for _, action := range u.Actions {
		change, err := it.change(action)
		if err != nil {
			return nil, err
		}
		leaf := root.at(action.Path)
		leaf.leaf, leaf.change = true, change
	}
	updated, err := root.updateMap(it)
	if err != nil {
		return nil, err
	}
	return updated.(*types.AttributeValueMemberM).Value, nil
}

// change returns what an action does to the value at its path.
func (it item) change(action expression.Action) (func(types.AttributeValue) (types.AttributeValue, error), error) {
	switch action.Verb {
	case expression.Set:
		av, err := it.operand(action.Value)
		return func(types.AttributeValue) (types.AttributeValue, error) { return av, err }, err
	case expression.Remove:
		return func(types.AttributeValue) (types.AttributeValue, error) { return nil, nil }, nil
	case expression.Add:
		operand := action.Value.(*expression.Value).Value
		return func(old types.AttributeValue) (types.AttributeValue, error) { return add(old, operand) }, nil
	default:
		operand := action.Value.(*expression.Value).Value
		return func(old types.AttributeValue) (types.AttributeValue, error) { return subtractSet(old, operand) }, nil
	}
}

// operand returns the value of an operand of SET.
func (it item) operand(o expression.Operand) (types.AttributeValue, error) {
	switch o := o.(type) {
	case *expression.Value:
		return o.Value, nil
	case *expression.Path:
		if av := o.Get(it); av != nil {
			return av, nil
		}
		return nil, validationErrorf("The provided expression refers to an attribute that does not exist in the item")
	case *expression.Arithmetic:
		return it.arithmetic(o)
	case *expression.Function:
		if o.Name == "if_not_exists" {
			if av := o.Arguments[0].(*expression.Path).Get(it); av != nil {
				return av, nil
			}
			return it.operand(o.Arguments[1])
		}
		return it.listAppend(o.Arguments)
	default:
		return nil, wrongOperandType() // unreachable: the interface is closed
	}
}

func (it item) arithmetic(a *expression.Arithmetic) (types.AttributeValue, error) {
	left, err := it.operand(a.Left)
	if err != nil {
		return nil, err
	}
	right, err := it.operand(a.Right)
	if err != nil {
		return nil, err
	}
	x, ok := left.(*types.AttributeValueMemberN)
	y, ok2 := right.(*types.AttributeValueMemberN)
	if !ok || !ok2 {
		return nil, wrongOperandType()
	}
	sum, err := addNumbers(x.Value, y.Value, a.Operator == expression.Minus)
	if err != nil {
		return nil, err
	}
	return &types.AttributeValueMemberN{Value: sum}, nil
}

func (it item) listAppend(arguments []expression.Operand) (types.AttributeValue, error) {
	var all []types.AttributeValue
	for _, a := range arguments {
		av, err := it.operand(a)
		if err != nil {
			return nil, err
		}
		list, ok := av.(*types.AttributeValueMemberL)
		if !ok {
			return nil, wrongOperandType()
		}
		all = append(all, list.Value...)
	}
	return &types.AttributeValueMemberL{Value: all}, nil
}

// add adds to a number or joins sets; a missing value is zero or empty.
func add(old, operand types.AttributeValue) (types.AttributeValue, error) {
	if old == nil {
		return operand, nil
	}
	switch v := operand.(type) {
	case *types.AttributeValueMemberN:
		o, ok := old.(*types.AttributeValueMemberN)
		if !ok {
			return nil, wrongOperandType()
		}
		sum, err := addNumbers(o.Value, v.Value, false)
		return &types.AttributeValueMemberN{Value: sum}, err
	case *types.AttributeValueMemberSS:
		if o, ok := old.(*types.AttributeValueMemberSS); ok {
			return &types.AttributeValueMemberSS{Value: union(o.Value, v.Value, equalStrings)}, nil
		}
	case *types.AttributeValueMemberNS:
		if o, ok := old.(*types.AttributeValueMemberNS); ok {
			return &types.AttributeValueMemberNS{Value: union(o.Value, v.Value, equalStrings)}, nil
		}
	case *types.AttributeValueMemberBS:
		if o, ok := old.(*types.AttributeValueMemberBS); ok {
			return &types.AttributeValueMemberBS{Value: union(o.Value, v.Value, bytes.Equal)}, nil
		}
	}
	return nil, wrongOperandType()
}

// subtractSet removes the elements of a set; an empty set is removed whole.
func subtractSet(old, operand types.AttributeValue) (types.AttributeValue, error) {
	if old == nil {
		return nil, nil
	}
	switch v := operand.(type) {
	case *types.AttributeValueMemberSS:
		if o, ok := old.(*types.AttributeValueMemberSS); ok {
			if rest := difference(o.Value, v.Value, equalStrings); len(rest) > 0 {
				return &types.AttributeValueMemberSS{Value: rest}, nil
			}
			return nil, nil
		}
	case *types.AttributeValueMemberNS:
		if o, ok := old.(*types.AttributeValueMemberNS); ok {
			if rest := difference(o.Value, v.Value, equalStrings); len(rest) > 0 {
				return &types.AttributeValueMemberNS{Value: rest}, nil
			}
			return nil, nil
		}
	case *types.AttributeValueMemberBS:
		if o, ok := old.(*types.AttributeValueMemberBS); ok {
			if rest := difference(o.Value, v.Value, bytes.Equal); len(rest) > 0 {
				return &types.AttributeValueMemberBS{Value: rest}, nil
			}
			return nil, nil
		}
	}
	return nil, wrongOperandType()
}

func equalStrings(a, b string) bool { return a == b }

func union[T any](a, b []T, equal func(x, y T) bool) []T {
	return append(slices.Clip(a), difference(b, a, equal)...)
}

// difference returns the elements of a that are not in b.
func difference[T any](a, b []T, equal func(x, y T) bool) []T {
	var rest []T
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y T) bool { return equal(x, y) }) {
			rest = append(rest, x)
		}
	}
	return rest
}
