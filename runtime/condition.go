package runtime

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// condition is what must hold of the stored item for a write to happen. The zero
// condition always holds.
type condition struct {
	tests  []string // all of which must hold
	names  map[string]string
	values Item
}

// text returns the condition as an expression, or nil for one that always holds.
func (c *condition) text() *string {
	if len(c.tests) == 0 {
		return nil
	}
	text := strings.Join(c.tests, " AND ")
	return &text
}

// require adds what other requires. Its placeholders are others than those of c.
func (c *condition) require(other condition) {
	if c.names == nil {
		*c = other
		return
	}
	c.tests = append(c.tests, other.tests...)
	maps.Copy(c.names, other.names)
	maps.Copy(c.values, other.values)
}

// unchanged returns the condition that nobody has written the item since it had
// this header, which is nil for an item without one.
func unchanged(header types.AttributeValue) condition {
	names := map[string]string{"#h": attribute.HeaderName}
	if header == nil {
		return condition{tests: []string{"attribute_not_exists(#h)"}, names: names}
	}
	return condition{tests: []string{"#h = :h"}, names: names, values: Item{":h": header}}
}

// ofKind returns the condition that the item, if there is one, is none of another
// struct.
func (t *Table[T]) ofKind() condition {
	d := t.schema.Discriminator
	if d == (Discriminator{}) {
		return condition{}
	}
	return condition{
		tests:  []string{"(attribute_not_exists(#kind) OR #kind = :kind)"},
		names:  map[string]string{"#kind": d.Attribute},
		values: Item{":kind": &types.AttributeValueMemberS{Value: d.Value}},
	}
}

// otherKind adds [ErrOtherKind] to the error of a write whose one condition was
// ofKind, if that is why it failed.
func (t *Table[T]) otherKind(err error) error {
	failed := (*types.ConditionalCheckFailedException)(nil)
	at := (*ItemError)(nil)
	if !errors.As(err, &failed) || !errors.As(err, &at) {
		return err
	}
	d := t.schema.Discriminator
	return &ItemError{Op: at.Op, Key: at.Key, Err: fmt.Errorf("%w, and stays: its attribute %q is not %q: %w", ErrOtherKind, d.Attribute, d.Value, at.Err)}
}
