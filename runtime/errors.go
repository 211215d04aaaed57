package runtime

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that callers branch on, with [errors.Is].
var (
	// ErrNotFound is returned when no item has the key that was asked for.
	ErrNotFound = errors.New("item not found")
	// ErrConflict is returned by Update when other writers kept changing the
	// item between its being read and its being written back.
	ErrConflict = errors.New("item was changed by another writer")
	// ErrOtherKind is returned when the item with a key belongs to another struct
	// of the same table: its discriminator is not that of the schema.
	ErrOtherKind = errors.New("item is of another kind")
	// ErrEmptyKey is returned when an attribute that is a key of the table or of an
	// index is empty or null, which DynamoDB refuses.
	ErrEmptyKey = errors.New("a key of the table or of an index is empty: give it a value or, for an index, tag the field omitempty, which keeps the item out of the index")
	// ErrNoIndex is returned when a query names an index that the schema lacks.
	ErrNoIndex = errors.New("no such index in the schema")
)

// ConfigError says why a table configuration was refused. Nothing was sent
// anywhere.
type ConfigError struct {
	Table  string // logical table name, possibly empty
	Reason string // what is wrong, and the remedy
	Err    error  // the cause, or nil
}

func (e *ConfigError) Error() string {
	var b strings.Builder
	b.WriteString("ddbe: configuration of table ")
	fmt.Fprintf(&b, "%q", e.Table)
	if e.Reason != "" {
		b.WriteString(": " + e.Reason)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

func (e *ConfigError) Unwrap() error { return e.Err }

// TableMismatchError says how a table in DynamoDB differs from the schema that
// is to be stored in it. Problems holds one sentence each, with the remedy.
type TableMismatchError struct {
	Table    string // physical table name
	Problems []string
}

func (e *TableMismatchError) Error() string {
	return fmt.Sprintf("ddbe: table %q does not fit its schema: %s", e.Table, strings.Join(e.Problems, "; "))
}

// ItemError says which item an operation failed on. The key is in the field and
// not in the text, because keys may be personal and texts end in logs.
type ItemError struct {
	Op  string // what failed, such as "decrypt"
	Key Key
	Err error
}

func (e *ItemError) Error() string { return fmt.Sprintf("ddbe: %s item: %s", e.Op, e.Err) }

func (e *ItemError) Unwrap() error { return e.Err }
