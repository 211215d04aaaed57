package runtime

import (
	"errors"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

// newScope returns the scope of a request's expressions. The rules of the server
// that do not matter to the client, such as that reserved words must be
// substituted, are left to the server.
func newScope(names map[string]string, values Item) (*expression.Scope, error) {
	if len(names) == 0 {
		names = nil
	}
	if len(values) == 0 {
		values = nil
	}
	scope, err := expression.NewScope(names, values)
	if err != nil {
		return nil, err
	}
	scope.AllowReserved = true
	return scope, nil
}

// parseCondition parses a condition. Its error holds no value of the request.
func parseCondition(scope *expression.Scope, text string) (expression.Condition, error) {
	c, err := scope.ParseCondition(text)
	if fault := (*expression.Error)(nil); errors.As(err, &fault) && fault.Redacted != "" {
		return nil, errors.New(fault.Redacted)
	}
	return c, err
}

// testExpressions refuses what a write cannot ask of the server, in its update and
// its conditions, each of which may be nil; and names and values that none of them
// uses. The server would refuse the latter too, but only after it has seen them.
func (t *clientTable) testExpressions(operation string, names map[string]string, values Item, update *string, conditions ...*string) error {
	refuse := func(reason string, err error) error {
		return &RequestError{Operation: operation, Table: t.name, Reason: reason, Err: err}
	}
	scope, err := newScope(names, values)
	if err != nil {
		return refuse("its expressions cannot be read", err)
	}
	if update != nil {
		u, err := scope.ParseUpdate(*update)
		if err != nil {
			return refuse("its update cannot be read", err)
		}
		if err := t.testUpdate(operation, u); err != nil {
			return err
		}
	}
	for _, text := range conditions {
		if text == nil {
			continue
		}
		c, err := parseCondition(scope, *text)
		if err != nil {
			return refuse("its condition cannot be read", err)
		}
		if err := t.testCondition(operation, c); err != nil {
			return err
		}
	}
	if err := scope.CheckUnused(); err != nil {
		return refuse("its expressions cannot be sent", err)
	}
	return nil
}

// testCondition refuses a condition that the server cannot evaluate on stored
// items: an encrypted attribute can only be asked for whether it is there and for
// its size (specification: dynamodb-encryption-client/ddb-sdk-integration,
// "Condition Expression").
func (t *clientTable) testCondition(operation string, c expression.Condition) error {
	var forbidden []string
	measured := false
	// The callback never fails.
	_ = expression.Walk(c, func(o expression.Operand, parent expression.Node) error {
		switch o := o.(type) {
		case *expression.Path:
			if !t.records.comparesStored(o, parent) {
				forbidden = append(forbidden, o.Root())
			}
		case *expression.Value:
			f, ok := parent.(*expression.Function)
			measured = measured || ok && f.Name == "size"
		}
		return nil
	})
	if measured {
		return t.refuse(operation, "its condition asks for the size of a value of the request: give the number, so that a value that is encrypted in the table is not sent")
	}
	if len(forbidden) > 0 {
		return t.refuse(operation, "its condition names %s, which the server has only encrypted or hashed: ask there for attribute_exists or size, or read the item and compare here", quoted(forbidden))
	}
	return nil
}

// testKey refuses a key that holds more than the primary key: the rest may be
// plaintext of what the table has encrypted.
func (t *clientTable) testKey(operation string, key Key) error {
	var others []string
	for name := range key {
		if !slices.Contains(t.records.keyNames(), name) {
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		return t.refuse(operation, "its key holds %s, which the primary key does not have: give the key attributes alone", quoted(others))
	}
	return nil
}

// testStartKey refuses a start key that is not a LastEvaluatedKey of this table:
// those hold no attribute that is encrypted.
func (t *clientTable) testStartKey(operation string, key Key) error {
	var secret []string
	for name := range key {
		if t.records.encrypts(name) && name != pageTokenName {
			secret = append(secret, name)
		}
	}
	if len(secret) > 0 {
		return t.refuse(operation, "its ExclusiveStartKey holds %s, which is encrypted in the table: give the LastEvaluatedKey of an earlier page", quoted(secret))
	}
	return nil
}

// comparesStored reports whether the server can evaluate a condition in which
// path stands in parent on a stored item.
func (r *records) comparesStored(path *expression.Path, parent expression.Node) bool {
	name := path.Root()
	function := ""
	if f, ok := parent.(*expression.Function); ok && !path.Nested() {
		function = f.Name
	}
	exists := function == "attribute_exists" || function == "attribute_not_exists"
	switch {
	case attribute.Reserved(name):
		return exists
	case r.encrypts(name):
		return exists || function == "size"
	default:
		b, ok := r.beacon(name)
		return !ok || !b.Encrypted()
	}
}

// testUpdate refuses an update that names an attribute which is signed or belongs
// to the record format: the server cannot sign (specification:
// dynamodb-encryption-client/ddb-sdk-integration, "Update Expression").
func (t *clientTable) testUpdate(operation string, u *expression.Update) error {
	var forbidden []string
	// The callback never fails.
	_ = expression.Walk(u, func(o expression.Operand, _ expression.Node) error {
		if path, ok := o.(*expression.Path); ok && t.records.protects(path.Root()) {
			forbidden = append(forbidden, path.Root())
		}
		return nil
	})
	if len(forbidden) > 0 {
		return t.refuse(operation, "its update names %s, which is signed: the server cannot sign; read the item, change it and put it under a condition on what was read", quoted(forbidden))
	}
	return nil
}

// protects reports whether an update must leave the attribute alone.
func (r *records) protects(name string) bool {
	return attribute.Reserved(name) || r.action(name).Signed() || r.isBeacon(name)
}

// quoted returns names in order, each once, and leaves the slice as it is.
func quoted(names []string) string {
	sorted := slices.Sorted(slices.Values(names))
	return `"` + strings.Join(slices.Compact(sorted), `", "`) + `"`
}
