package expression

import (
	"strconv"
	"strings"
)

// Parentheses stand only where precedence asks for them: the service refuses
// redundant ones.

func (n *And) String() string {
	return printOperand(n.Left, isOr(n.Left)) + " AND " + printOperand(n.Right, isOr(n.Right) || isAnd(n.Right))
}

func (n *Or) String() string {
	return n.Left.String() + " OR " + printOperand(n.Right, isOr(n.Right))
}

func (n *Not) String() string {
	return "NOT " + printOperand(n.Condition, isOr(n.Condition) || isAnd(n.Condition))
}

func printOperand(c Condition, parentheses bool) string {
	if parentheses {
		return "(" + c.String() + ")"
	}
	return c.String()
}

func isAnd(c Condition) bool {
	_, ok := c.(*And)
	return ok
}

func isOr(c Condition) bool {
	_, ok := c.(*Or)
	return ok
}

func (n *Comparison) String() string {
	return n.Left.String() + " " + string(n.Operator) + " " + n.Right.String()
}

func (n *Between) String() string {
	return n.Operand.String() + " BETWEEN " + n.Low.String() + " AND " + n.High.String()
}

func (n *In) String() string { return n.Operand.String() + " IN (" + join(n.List) + ")" }

func (n *Function) String() string { return n.Name + "(" + join(n.Arguments) + ")" }

func (n *Arithmetic) String() string {
	return n.Left.String() + " " + string(n.Operator) + " " + n.Right.String()
}

func (n *Value) String() string { return n.Name }

func (n *Path) String() string {
	var b strings.Builder
	for i, e := range n.Elements {
		switch {
		case e.IsIndex:
			b.WriteString("[" + strconv.Itoa(e.Index) + "]")
			continue
		case i > 0:
			b.WriteByte('.')
		}
		if e.Alias != "" {
			b.WriteString(e.Alias)
		} else {
			b.WriteString(e.Name)
		}
	}
	return b.String()
}

func (n Projection) String() string { return join(n) }

func (n *Action) String() string {
	switch n.Verb {
	case Set:
		return n.Path.String() + " = " + n.Value.String()
	case Remove:
		return n.Path.String()
	default:
		return n.Path.String() + " " + n.Value.String()
	}
}

func (n *Update) String() string {
	var b strings.Builder
	for i := range n.Actions {
		action := &n.Actions[i]
		switch {
		case i == 0:
			b.WriteString(string(action.Verb) + " ")
		case n.Actions[i-1].Verb == action.Verb:
			b.WriteString(", ")
		default:
			b.WriteString(" " + string(action.Verb) + " ")
		}
		b.WriteString(action.String())
	}
	return b.String()
}

func join[T Node](all []T) string {
	texts := make([]string, len(all))
	for i, n := range all {
		texts[i] = n.String()
	}
	return strings.Join(texts, ", ")
}
