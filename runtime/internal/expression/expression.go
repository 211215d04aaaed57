// Package expression reads, checks, evaluates, rewrites and prints the
// expressions of DynamoDB: conditions, filters, key conditions, projections and
// updates (DynamoDB developer guide, "Using expressions in DynamoDB").
//
// A [Scope] holds the names and values that a request substitutes. It parses
// texts into trees whose nodes are plain structs with resolved names and values;
// whoever rewrites a tree replaces fields of nodes and prints it with String.
//
// The messages of errors are the service's own, so that an emulation can pass
// them on.
package expression

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// Limits of the service (DynamoDB developer guide, "Quotas", Expression
// parameters).
const (
	MaxLength    = 4096 // bytes of one expression
	MaxOperators = 300  // operators and functions of one expression
	MaxIn        = 100  // operands of IN
)

// An Error is a fault in an expression.
type Error struct {
	Offset  int // in bytes, of the faulty token; -1 if it has no one place
	Message string
	// Redacted is Message without the values of the request that it holds, or
	// empty if it holds none.
	Redacted string
}

func (e *Error) Error() string { return e.Message }

func errorf(format string, args ...any) *Error {
	return &Error{Offset: -1, Message: fmt.Sprintf(format, args...)}
}

// An Item is what conditions are evaluated on.
type Item = map[string]types.AttributeValue

// A Node is a part of a tree.
type Node interface {
	// String returns the node as text with the substituted names and values that
	// it was parsed from.
	String() string
}

// A Condition is true or false: *And, *Or, *Not, *Comparison, *Between, *In or
// *Function.
type Condition interface {
	Node
	condition()
}

// An Operand is or names a value: *Path, *Value or *Function; in an update also
// *Arithmetic.
type Operand interface {
	Node
	operand()
}

// And is true if both conditions are.
type And struct{ Left, Right Condition }

// Or is true if one of the conditions is.
type Or struct{ Left, Right Condition }

// Not is true if the condition is false.
type Not struct{ Condition Condition }

// An Operator compares or calculates.
type Operator string

// The operators.
const (
	Equals         Operator = "="
	NotEquals      Operator = "<>"
	Less           Operator = "<"
	LessOrEqual    Operator = "<="
	Greater        Operator = ">"
	GreaterOrEqual Operator = ">="
	Plus           Operator = "+"
	Minus          Operator = "-"
)

// Comparison compares two operands. It is false if one of them is missing or if
// the types differ, except for <>, which then is true.
type Comparison struct {
	Operator    Operator // one of the six of comparison
	Left, Right Operand
}

// Between is true if Low <= Operand <= High.
type Between struct{ Operand, Low, High Operand }

// In is true if the operand equals one of the list.
type In struct {
	Operand Operand
	List    []Operand
}

// Function is a call. As a condition it is attribute_exists,
// attribute_not_exists, attribute_type, begins_with or contains; as an operand
// of a condition it is size, of an update if_not_exists or list_append.
type Function struct {
	Name      string
	Arguments []Operand
}

// Arithmetic adds or subtracts two numbers in an update.
type Arithmetic struct {
	Operator    Operator // Plus or Minus
	Left, Right Operand
}

// Path leads to a value in an item: an attribute, then steps into maps and
// lists. It has at least one element, and the first is a name.
type Path struct{ Elements []Element }

// An Element is one step of a path.
type Element struct {
	Name    string // of an attribute or of a key of a map; substituted if Alias is set
	Alias   string // such as "#n", or "" if the name stands in the text itself
	Index   int    // of a list, if IsIndex
	IsIndex bool
}

// Value is a value of the request.
type Value struct {
	Name  string // such as ":v"
	Value types.AttributeValue
}

func (*And) condition()        {}
func (*Or) condition()         {}
func (*Not) condition()        {}
func (*Comparison) condition() {}
func (*Between) condition()    {}
func (*In) condition()         {}
func (*Function) condition()   {}

func (*Function) operand()   {}
func (*Arithmetic) operand() {}
func (*Path) operand()       {}
func (*Value) operand()      {}

// NewPath returns the path to a whole attribute. If alias is not empty, it
// stands for the name in the text.
func NewPath(name, alias string) *Path {
	path := emptyPath()
	path.Elements = append(path.Elements, Element{Name: name, Alias: alias})
	return path
}

// emptyPath returns a path with room for one element beside it: most paths have
// no more.
func emptyPath() *Path {
	path := new(struct {
		Path
		first [1]Element
	})
	path.Elements = path.first[:0]
	return &path.Path
}

// Root returns the name of the attribute that the path begins with.
func (p *Path) Root() string { return p.Elements[0].Name }

// Nested reports whether the path leads into an attribute.
func (p *Path) Nested() bool { return len(p.Elements) > 1 }

// Location returns where the path leads.
func (p *Path) Location() attribute.Location {
	location := attribute.Location{Attribute: p.Root()}
	for _, e := range p.Elements[1:] {
		location.Steps = append(location.Steps, attribute.Step{Key: e.Name, List: e.IsIndex, Index: e.Index})
	}
	return location
}

// A Projection is the paths of a ProjectionExpression.
type Projection []*Path

// An Update is the actions of an UpdateExpression in the order of the text.
type Update struct{ Actions []Action }

// A Verb is a clause of an update.
type Verb string

// The four verbs.
const (
	Set    Verb = "SET"
	Remove Verb = "REMOVE"
	Add    Verb = "ADD"
	Delete Verb = "DELETE"
)

// An Action is what an update does at one path.
type Action struct {
	Verb  Verb
	Path  *Path
	Value Operand // nil for Remove, a *Value for Add and Delete
}
