package expression

import (
	"strconv"
	"strings"
)

func (n *And) String() string        { return text(n) }
func (n *Or) String() string         { return text(n) }
func (n *Not) String() string        { return text(n) }
func (n *Comparison) String() string { return text(n) }
func (n *Between) String() string    { return text(n) }
func (n *In) String() string         { return text(n) }
func (n *Function) String() string   { return text(n) }
func (n *Arithmetic) String() string { return text(n) }
func (n *Value) String() string      { return n.Name }
func (n *Path) String() string       { return text(n) }
func (n Projection) String() string  { return text(n) }
func (n *Action) String() string     { return text(n) }
func (n *Update) String() string     { return text(n) }

func text(n Node) string {
	var p printer
	p.Grow(64) // one allocation for most
	p.node(n)
	return p.String()
}

type printer struct{ strings.Builder }

// node writes n. Parentheses stand only where precedence asks for them: the
// service refuses redundant ones.
func (p *printer) node(n Node) {
	switch n := n.(type) {
	case *And:
		p.condition(n.Left, isOr(n.Left))
		p.WriteString(" AND ")
		p.condition(n.Right, isOr(n.Right) || isAnd(n.Right))
	case *Or:
		p.node(n.Left)
		p.WriteString(" OR ")
		p.condition(n.Right, isOr(n.Right))
	case *Not:
		p.WriteString("NOT ")
		p.condition(n.Condition, isOr(n.Condition) || isAnd(n.Condition))
	case *Comparison:
		p.operation(n.Left, n.Operator, n.Right)
	case *Between:
		p.operation(n.Operand, "BETWEEN", n.Low)
		p.WriteString(" AND ")
		p.node(n.High)
	case *In:
		p.node(n.Operand)
		p.WriteString(" IN (")
		printAll(p, n.List)
		p.WriteByte(')')
	case *Function:
		p.WriteString(n.Name)
		p.WriteByte('(')
		printAll(p, n.Arguments)
		p.WriteByte(')')
	case *Arithmetic:
		p.operation(n.Left, n.Operator, n.Right)
	case *Value:
		p.WriteString(n.Name)
	case *Path:
		p.path(n)
	case Projection:
		printAll(p, n)
	case *Action:
		p.action(n)
	case *Update:
		p.update(n)
	}
}

func (p *printer) condition(c Condition, parentheses bool) {
	if !parentheses {
		p.node(c)
		return
	}
	p.WriteByte('(')
	p.node(c)
	p.WriteByte(')')
}

func isAnd(c Condition) bool {
	_, ok := c.(*And)
	return ok
}

func isOr(c Condition) bool {
	_, ok := c.(*Or)
	return ok
}

func (p *printer) operation(left Operand, operator Operator, right Operand) {
	p.node(left)
	p.WriteByte(' ')
	p.WriteString(string(operator))
	p.WriteByte(' ')
	p.node(right)
}

func printAll[T Node](p *printer, all []T) {
	for i, n := range all {
		if i > 0 {
			p.WriteString(", ")
		}
		p.node(n)
	}
}

func (p *printer) path(n *Path) {
	for i, e := range n.Elements {
		switch {
		case e.IsIndex:
			p.WriteString("[" + strconv.Itoa(e.Index) + "]")
			continue
		case i > 0:
			p.WriteByte('.')
		}
		if e.Alias != "" {
			p.WriteString(e.Alias)
		} else {
			p.WriteString(e.Name)
		}
	}
}

func (p *printer) action(n *Action) {
	p.path(n.Path)
	switch n.Verb {
	case Set:
		p.WriteString(" = ")
		p.node(n.Value)
	case Add, Delete:
		p.WriteByte(' ')
		p.node(n.Value)
	}
}

func (p *printer) update(n *Update) {
	for i := range n.Actions {
		action := &n.Actions[i]
		switch {
		case i == 0:
			p.WriteString(string(action.Verb) + " ")
		case n.Actions[i-1].Verb == action.Verb:
			p.WriteString(", ")
		default:
			p.WriteString(" " + string(action.Verb) + " ")
		}
		p.action(action)
	}
}
