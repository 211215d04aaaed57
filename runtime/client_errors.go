package runtime

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// RequestError says why the encrypted client refused a request. Nothing was sent.
type RequestError struct {
	Operation string // such as "Query"
	Table     string // as the request names it
	Reason    string // what is wrong, and the remedy
	Err       error  // the cause, or nil
}

func (e *RequestError) Error() string {
	text := fmt.Sprintf("ddbe: %s on table %q", e.Operation, e.Table)
	if e.Reason != "" {
		text += ": " + e.Reason
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

func (e *RequestError) Unwrap() error { return e.Err }

func (t *clientTable) refuse(operation, format string, args ...any) error {
	return &RequestError{Operation: operation, Table: t.name, Reason: fmt.Sprintf(format, args...)}
}

// failure is an error of DynamoDB that carries items, with these decrypted. It
// reads as the original, and errors.As finds the decrypted exception in it, not
// the original one.
type failure struct {
	original  error
	condition *types.ConditionalCheckFailedException
	cancelled *types.TransactionCanceledException
	unopened  error // why an item is left out that could not be decrypted, or nil
}

func (f *failure) Error() string {
	if f.unopened != nil {
		return f.original.Error() + ": " + f.unopened.Error()
	}
	return f.original.Error()
}

func (f *failure) As(target any) bool {
	switch target := target.(type) {
	case **types.ConditionalCheckFailedException:
		*target = f.condition
		return f.condition != nil
	case **types.TransactionCanceledException:
		*target = f.cancelled
		return f.cancelled != nil
	default:
		return false
	}
}

func (f *failure) Unwrap() []error {
	if f.unopened != nil {
		return []error{f.original, f.unopened}
	}
	return []error{f.original}
}

// openFailure returns err with the item of a failed condition decrypted. An item
// that cannot be is left out.
func (t *clientTable) openFailure(ctx context.Context, err error) error {
	failed := (*types.ConditionalCheckFailedException)(nil)
	if !errors.As(err, &failed) || len(failed.Item) == 0 {
		return err
	}
	exception := *failed
	f := &failure{original: err, condition: &exception}
	exception.Item, f.unopened = t.openItem(ctx, failed.Item)
	return f
}

// openCancelled returns err with the items in the reasons of a cancelled
// transaction decrypted; tables holds the table of each of its elements, nil for
// those that are not configured.
func openCancelled(ctx context.Context, tables []*clientTable, err error) error {
	cancelled := (*types.TransactionCanceledException)(nil)
	if !errors.As(err, &cancelled) {
		return err
	}
	exception := *cancelled
	exception.CancellationReasons = slices.Clone(cancelled.CancellationReasons)
	f := &failure{original: err, cancelled: &exception}
	var unopened []error
	for i := range exception.CancellationReasons {
		reason := &exception.CancellationReasons[i]
		if len(reason.Item) == 0 || i < len(tables) && tables[i] == nil {
			continue
		}
		if i >= len(tables) {
			reason.Item = nil // of no element of the request: its table is not known
			continue
		}
		item, err := tables[i].openItem(ctx, reason.Item)
		if reason.Item = item; err != nil {
			unopened = append(unopened, err)
		}
	}
	f.unopened = errors.Join(unopened...)
	return f
}

// openItem verifies and decrypts one stored item.
func (t *clientTable) openItem(ctx context.Context, stored Item) (Item, error) {
	item, err := t.records.open(ctx, stored)
	if err != nil {
		return nil, &ItemError{Op: "decrypt", Key: t.records.keyOf(stored), Err: err}
	}
	return item, nil
}
