package expression

import "iter"

// Walk calls visit for every operand under n in the order of the text, with the
// node that it stands in: *Comparison, *Between, *In, *Function, *Arithmetic,
// *Action or Projection. An operand that is a *Function or *Arithmetic is
// visited before its own operands; a *Function that is a condition is no
// operand, only its arguments are. Walk ends with the first error of visit.
//
// To replace an operand, visit changes its fields.
func Walk(n Node, visit func(o Operand, parent Node) error) error {
	operands := func(all ...Operand) error {
		for _, o := range all {
			if o == nil {
				continue
			}
			if err := visit(o, n); err != nil {
				return err
			}
			switch o.(type) {
			case *Function, *Arithmetic:
				if err := Walk(o, visit); err != nil {
					return err
				}
			}
		}
		return nil
	}
	switch n := n.(type) {
	case *And:
		return walkBoth(n.Left, n.Right, visit)
	case *Or:
		return walkBoth(n.Left, n.Right, visit)
	case *Not:
		return Walk(n.Condition, visit)
	case *Comparison:
		return operands(n.Left, n.Right)
	case *Between:
		return operands(n.Operand, n.Low, n.High)
	case *In:
		if err := operands(n.Operand); err != nil {
			return err
		}
		return operands(n.List...)
	case *Function:
		return operands(n.Arguments...)
	case *Arithmetic:
		return operands(n.Left, n.Right)
	case Projection:
		for _, path := range n {
			if err := visit(path, n); err != nil {
				return err
			}
		}
	case *Update:
		for i := range n.Actions {
			if err := Walk(&n.Actions[i], visit); err != nil {
				return err
			}
		}
	case *Action:
		return operands(n.Path, n.Value)
	}
	return nil
}

func walkBoth(left, right Condition, visit func(Operand, Node) error) error {
	if err := Walk(left, visit); err != nil {
		return err
	}
	return Walk(right, visit)
}

// Predicates yields the conditions that AND, OR and NOT join, in the order of
// the text: *Comparison, *Between, *In and *Function.
func Predicates(c Condition) iter.Seq[Condition] {
	return func(yield func(Condition) bool) { predicates(c, yield) }
}

func predicates(c Condition, yield func(Condition) bool) bool {
	switch c := c.(type) {
	case *And:
		return predicates(c.Left, yield) && predicates(c.Right, yield)
	case *Or:
		return predicates(c.Left, yield) && predicates(c.Right, yield)
	case *Not:
		return predicates(c.Condition, yield)
	default:
		return yield(c)
	}
}

// Clone returns a copy of c that shares no node with it, so that one can be
// rewritten without the other. Attribute values are shared.
func Clone(c Condition) Condition {
	switch c := c.(type) {
	case *And:
		return &And{Clone(c.Left), Clone(c.Right)}
	case *Or:
		return &Or{Clone(c.Left), Clone(c.Right)}
	case *Not:
		return &Not{Clone(c.Condition)}
	case *Comparison:
		return &Comparison{c.Operator, cloneOperand(c.Left), cloneOperand(c.Right)}
	case *Between:
		return &Between{cloneOperand(c.Operand), cloneOperand(c.Low), cloneOperand(c.High)}
	case *In:
		return &In{cloneOperand(c.Operand), cloneOperands(c.List)}
	case *Function:
		return &Function{c.Name, cloneOperands(c.Arguments)}
	default:
		return c // unreachable: the interface is closed
	}
}

func cloneOperands(all []Operand) []Operand {
	clones := make([]Operand, len(all))
	for i, o := range all {
		clones[i] = cloneOperand(o)
	}
	return clones
}

func cloneOperand(o Operand) Operand {
	switch o := o.(type) {
	case *Path:
		clone := emptyPath()
		clone.Elements = append(clone.Elements, o.Elements...)
		return clone
	case *Value:
		clone := *o
		return &clone
	case *Function:
		return &Function{o.Name, cloneOperands(o.Arguments)}
	case *Arithmetic:
		return &Arithmetic{o.Operator, cloneOperand(o.Left), cloneOperand(o.Right)}
	default:
		return o // unreachable: the interface is closed
	}
}
