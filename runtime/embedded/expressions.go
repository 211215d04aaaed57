package embedded

import (
	"errors"

	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

// substitutions are the members that every request with expressions has.
type substitutions struct {
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues values
}

// expressionTexts are the expressions of a request; nil is absent.
type expressionTexts struct {
	update, condition, keyCondition, filter, projection *string
}

type expressions struct {
	update       *expression.Update
	condition    expression.Condition
	keyCondition expression.Condition
	filter       expression.Condition
	projection   expression.Projection
}

// parse reads the expressions of a request in the order in which the service
// reports their errors.
func (s substitutions) parse(texts expressionTexts) (*expressions, error) {
	if s.ExpressionAttributeNames != nil && texts == (expressionTexts{}) {
		return nil, validationErrorf("ExpressionAttributeNames can only be specified when using expressions")
	}
	if s.ExpressionAttributeValues.attributes != nil && texts == (expressionTexts{projection: texts.projection}) {
		return nil, validationErrorf("ExpressionAttributeValues can only be specified when using expressions")
	}
	if err := s.ExpressionAttributeValues.err; err != nil {
		return nil, err
	}
	scope, err := expression.NewScope(s.ExpressionAttributeNames, s.ExpressionAttributeValues.attributes)
	if err != nil {
		return nil, expressionError("", err)
	}
	var e expressions
	if texts.update != nil {
		if e.update, err = scope.ParseUpdate(*texts.update); err != nil {
			return nil, expressionError("UpdateExpression", err)
		}
	}
	conditions := []struct {
		name string
		text *string
		into *expression.Condition
	}{
		{"ConditionExpression", texts.condition, &e.condition},
		{"KeyConditionExpression", texts.keyCondition, &e.keyCondition},
		{"FilterExpression", texts.filter, &e.filter},
	}
	for _, c := range conditions {
		if c.text == nil {
			continue
		}
		if *c.into, err = scope.ParseCondition(*c.text); err != nil {
			return nil, expressionError(c.name, err)
		}
	}
	if texts.projection != nil {
		if e.projection, err = scope.ParseProjection(*texts.projection); err != nil {
			return nil, expressionError("ProjectionExpression", err)
		}
	}
	if err := scope.CheckUnused(); err != nil {
		return nil, expressionError("", err)
	}
	return &e, nil
}

// expressionError makes an error of package expression one of the service.
func expressionError(name string, err error) error {
	var e *expression.Error
	if !errors.As(err, &e) {
		return err
	}
	if name != "" {
		return validationErrorf("Invalid %s: %s", name, e.Message)
	}
	return validationErrorf("%s", e.Message)
}
