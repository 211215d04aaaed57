package hierarchical

import (
	"context"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// A Supplier chooses the branch key of an item, such as its tenant's. It is
// asked on encryption and again on decryption, and must give the same answer for
// the same attributes. It must be safe for concurrent use.
type Supplier interface {
	// BranchKeyID returns the id of the branch key for an item with these
	// attributes. It must not keep or change them. An error fails the operation.
	BranchKeyID(ctx context.Context, attributes Attributes) (string, error)
}

// Static is a [Supplier] that chooses one branch key for all items: its id.
type Static string

// BranchKeyID implements [Supplier].
func (s Static) BranchKeyID(context.Context, Attributes) (string, error) { return string(s), nil }

// SupplierFunc is a [Supplier] that is a function.
type SupplierFunc func(ctx context.Context, attributes Attributes) (string, error)

// BranchKeyID implements [Supplier].
func (f SupplierFunc) BranchKeyID(ctx context.Context, attributes Attributes) (string, error) {
	return f(ctx, attributes)
}

// Attributes are what a supplier chooses by: the attributes of an item that are
// bound to its data key, in ascending order of their names. These are the
// partition key and the sort key. In a table that has attributes with the action
// SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT they are all of these, and the strings
// aws_dbe_table_name, aws_dbe_partition_name and aws_dbe_sort_name beside them.
type Attributes []attribute.Attribute

// Get returns the attribute of this name.
func (a Attributes) Get(name string) (value attribute.Attribute, ok bool) {
	for _, value := range a {
		if value.Name == name {
			return value, true
		}
	}
	return attribute.Attribute{}, false
}

// Text returns the text of the attribute of this name, if it is a string or a
// number; numbers are normalised.
func (a Attributes) Text(name string) (text string, ok bool) {
	value, ok := a.Get(name)
	if !ok || value.Type != attribute.String && value.Type != attribute.Number {
		return "", false
	}
	return string(value.Value), true
}
