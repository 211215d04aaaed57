package expression

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The service reports one error for an expression with several. The checks
// below stand in its order: what concerns the whole expression first, then
// predicate by predicate.

// arity is the number of operands of each function.
var arity = map[string]int{
	"attribute_exists":     1,
	"attribute_not_exists": 1,
	"attribute_type":       2,
	"begins_with":          2,
	"contains":             2,
	"size":                 1,
	"if_not_exists":        2,
	"list_append":          2,
}

func ofUpdate(function string) bool {
	return function == "if_not_exists" || function == "list_append"
}

func (s *Scope) checkCondition(c Condition, p *parser) error {
	if p.redundant {
		return errorf("The expression has redundant parentheses;")
	}
	if err := checkOperators(p); err != nil {
		return err
	}
	if err := checkFunctions(c, func(name string) bool { return !ofUpdate(name) }, "a condition"); err != nil {
		return err
	}
	if err := checkMisuse(c); err != nil {
		return err
	}
	if err := s.checkReserved(c); err != nil {
		return err
	}
	for predicate := range Predicates(c) {
		for _, check := range []func(Condition) error{s.resolve, checkArity, checkDistinct, checkTypes} {
			if err := check(predicate); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Scope) checkProjection(paths Projection) error {
	if err := s.checkReserved(paths); err != nil {
		return err
	}
	if err := s.resolveNode(paths); err != nil {
		return err
	}
	return checkOverlap(paths)
}

func (s *Scope) checkUpdate(u *Update, verbs []Verb, p *parser) error {
	if err := s.checkReserved(u); err != nil {
		return err
	}
	if err := checkOperators(p); err != nil {
		return err
	}
	if err := checkFunctions(u, ofUpdate, "an update"); err != nil {
		return err
	}
	for i, verb := range verbs {
		if slices.Contains(verbs[:i], verb) {
			return errorf("The %q section can only be used once in an update expression;", verb)
		}
	}
	if err := s.resolveNode(u); err != nil {
		return err
	}
	paths := make([]*Path, len(u.Actions))
	for i, a := range u.Actions {
		paths[i] = a.Path
	}
	if err := checkOverlap(paths); err != nil {
		return err
	}
	for _, a := range u.Actions {
		if err := checkActionType(a); err != nil {
			return err
		}
	}
	return Walk(u, func(o Operand, _ Node) error { return checkUpdateOperand(o) })
}

func checkOperators(p *parser) error {
	if p.operators > MaxOperators {
		return errorf("The expression contains too many operators and functions; number: %d, maximum: %d", p.operators, MaxOperators)
	}
	return nil
}

// functions yields every call under n, conditions included, in the order of
// the text.
func functions(n Node) []*Function {
	var all []*Function
	operands := func(n Node) {
		// The callback never fails.
		_ = Walk(n, func(o Operand, _ Node) error {
			if f, ok := o.(*Function); ok {
				all = append(all, f)
			}
			return nil
		})
	}
	c, ok := n.(Condition)
	if !ok {
		operands(n)
		return all
	}
	for predicate := range Predicates(c) {
		if f, ok := predicate.(*Function); ok {
			all = append(all, f)
		}
		operands(predicate)
	}
	return all
}

func checkFunctions(n Node, allowed func(name string) bool, expression string) error {
	for _, f := range functions(n) {
		if _, known := arity[f.Name]; !known {
			return errorf("Invalid function name; function: %s", f.Name)
		}
	}
	for _, f := range functions(n) {
		if !allowed(f.Name) {
			return errorf("The function is not allowed in %s expression; function: %s", expression, f.Name)
		}
	}
	return nil
}

// checkMisuse refuses size as a condition and every other function as an
// operand.
func checkMisuse(c Condition) error {
	misused := func(f *Function) error {
		return errorf("The function is not allowed to be used this way in an expression; function: %s", f.Name)
	}
	for predicate := range Predicates(c) {
		if f, ok := predicate.(*Function); ok && f.Name == "size" {
			return misused(f)
		}
		err := Walk(predicate, func(o Operand, _ Node) error {
			if f, ok := o.(*Function); ok && f.Name != "size" {
				return misused(f)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Scope) checkReserved(n Node) error {
	if s.AllowReserved {
		return nil
	}
	return Walk(n, func(o Operand, _ Node) error {
		path, ok := o.(*Path)
		if !ok {
			return nil
		}
		for _, e := range path.Elements {
			if e.Alias == "" && IsReserved(e.Name) {
				return errorf("Attribute name is a reserved keyword; reserved keyword: %s", e.Name)
			}
		}
		return nil
	})
}

func (s *Scope) resolve(c Condition) error { return s.resolveNode(c) }

// resolveNode gives names and values to the nodes.
func (s *Scope) resolveNode(n Node) error {
	return Walk(n, func(o Operand, _ Node) error {
		switch o := o.(type) {
		case *Path:
			for i, e := range o.Elements {
				if e.Alias == "" {
					continue
				}
				name, found := s.names[e.Alias]
				if !found {
					return errorf("An expression attribute name used in the document path is not defined; attribute name: %s", e.Alias)
				}
				s.used = append(s.used, e.Alias)
				o.Elements[i].Name = name
			}
		case *Value:
			value, found := s.values[o.Name]
			if !found {
				return errorf("An expression attribute value used in expression is not defined; attribute value: %s", o.Name)
			}
			s.used = append(s.used, o.Name)
			o.Value = value
		}
		return nil
	})
}

func checkArity(c Condition) error {
	if in, ok := c.(*In); ok && len(in.List) > MaxIn {
		return wrongArity("IN", len(in.List))
	}
	for _, f := range functions(c) {
		if len(f.Arguments) != arity[f.Name] {
			return wrongArity(f.Name, len(f.Arguments))
		}
	}
	return nil
}

func wrongArity(name string, n int) error {
	return errorf("Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", name, n)
}

func checkDistinct(c Condition) error {
	same := func(operator string, operands []Operand) error {
		if len(operands) != 2 {
			return nil
		}
		a, ok := operands[0].(*Path)
		b, ok2 := operands[1].(*Path)
		if !ok || !ok2 || !samePath(a, b) {
			return nil
		}
		return errorf("The first operand must be distinct from the remaining operands for this operator or function; operator: %s, first operand: %s",
			operator, describe(a))
	}
	if comparison, ok := c.(*Comparison); ok {
		return same(string(comparison.Operator), []Operand{comparison.Left, comparison.Right})
	}
	if f, ok := c.(*Function); ok {
		return same(f.Name, f.Arguments)
	}
	return nil
}

func samePath(a, b *Path) bool {
	return slices.EqualFunc(a.Elements, b.Elements, func(x, y Element) bool {
		return x.IsIndex == y.IsIndex && x.Index == y.Index && x.Name == y.Name
	})
}

// describe prints the resolved elements of a path as the service does.
func describe(p *Path) string {
	elements := make([]string, len(p.Elements))
	for i, e := range p.Elements {
		elements[i] = e.Name
		if e.IsIndex {
			elements[i] = "[" + strconv.Itoa(e.Index) + "]"
		}
	}
	return "[" + strings.Join(elements, ", ") + "]"
}

func checkTypes(c Condition) error {
	for _, f := range functions(c) {
		if err := checkFunctionTypes(f); err != nil {
			return err
		}
	}
	switch c := c.(type) {
	case *Comparison:
		if c.Operator != Equals && c.Operator != NotEquals {
			return checkOrdered(string(c.Operator), c.Left, c.Right)
		}
	case *Between:
		if err := checkOrdered("BETWEEN", c.Operand, c.Low, c.High); err != nil {
			return err
		}
		return checkBounds(c.Low, c.High)
	}
	return nil
}

// constantType returns the type of an operand that does not depend on an item,
// or "".
func constantType(o Operand) string {
	if v, ok := o.(*Value); ok {
		return Type(v.Value)
	}
	return ""
}

func wrongType(name, operandType string) error {
	return errorf("Incorrect operand type for operator or function; operator or function: %s, operand type: %s", name, operandType)
}

func checkFunctionTypes(f *Function) error {
	switch f.Name {
	case "attribute_exists", "attribute_not_exists":
		return checkIsPath(f)
	case "begins_with":
		for _, a := range f.Arguments {
			if t := constantType(a); t != "" && t != "S" && t != "B" {
				return wrongType(f.Name, t)
			}
		}
	case "attribute_type":
		t := constantType(f.Arguments[1])
		if t == "" {
			return wrongType(f.Name, "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")
		}
		name, ok := f.Arguments[1].(*Value).Value.(*types.AttributeValueMemberS)
		if !ok {
			return wrongType(f.Name, t)
		}
		if !slices.Contains(typeNames, name.Value) {
			e := errorf("Invalid attribute type name found; type: %s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}", name.Value)
			e.Redacted = "Invalid attribute type name found; valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"
			return e
		}
	case "size":
		if t := constantType(f.Arguments[0]); t == "N" || t == "BOOL" || t == "NULL" {
			return wrongType(f.Name, t)
		}
	}
	return nil
}

func checkIsPath(f *Function) error {
	if _, ok := f.Arguments[0].(*Path); !ok {
		return errorf("Operator or function requires a document path; operator or function: %s", f.Name)
	}
	return nil
}

func checkOrdered(name string, operands ...Operand) error {
	for _, o := range operands {
		switch t := constantType(o); t {
		case "", "S", "N", "B":
		default:
			return wrongType(name, t)
		}
	}
	return nil
}

func checkBounds(low, high Operand) error {
	l, ok := low.(*Value)
	h, ok2 := high.(*Value)
	if !ok || !ok2 {
		return nil
	}
	order, comparable := Compare(l.Value, h.Value)
	problem := "same data type for lower and upper bounds"
	if comparable {
		if order <= 0 {
			return nil
		}
		problem = "upper bound to be greater than or equal to lower bound"
	}
	e := errorf("The BETWEEN operator requires %s; lower bound operand: AttributeValue: %s, upper bound operand: AttributeValue: %s",
		problem, describeValue(l.Value), describeValue(h.Value))
	e.Redacted = "The BETWEEN operator requires " + problem
	return e
}

func describeValue(av types.AttributeValue) string {
	text := ""
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		text = v.Value
	case *types.AttributeValueMemberN:
		text = v.Value
	case *types.AttributeValueMemberB:
		text = base64.StdEncoding.EncodeToString(v.Value)
	}
	return "{" + Type(av) + ":" + text + "}"
}

// checkOverlap refuses paths of which one leads into the other, and paths of
// which one takes a list for what the other takes for a map.
func checkOverlap(paths []*Path) error {
	var conflict error
	for i, b := range paths {
		for _, a := range paths[:i] {
			switch err, overlap := compareElements(a, b); {
			case overlap:
				return err
			case conflict == nil:
				conflict = err
			}
		}
	}
	return conflict
}

func compareElements(a, b *Path) (err error, overlap bool) {
	for i := range min(len(a.Elements), len(b.Elements)) {
		x, y := a.Elements[i], b.Elements[i]
		if x.IsIndex != y.IsIndex {
			return errorf("Two document paths conflict with each other; must remove or rewrite one of these paths; path one: %s, path two: %s",
				describe(a), describe(b)), false
		}
		if x.Name != y.Name || x.Index != y.Index {
			return nil, false
		}
	}
	return errorf("Two document paths overlap with each other; must remove or rewrite one of these paths; path one: %s, path two: %s",
		describe(a), describe(b)), true
}

// longTypes are the names of types in errors about ADD and DELETE.
var longTypes = map[string]string{
	"S": "STRING", "N": "NUMBER", "B": "BINARY", "NULL": "NULL", "BOOL": "BOOLEAN", "L": "LIST", "M": "MAP",
}

func checkActionType(a Action) error {
	if a.Verb != Add && a.Verb != Delete {
		return nil
	}
	t := constantType(a.Value)
	if long := longTypes[t]; long != "" && (a.Verb != Add || t != "N") {
		return errorf("Incorrect operand type for operator or function; operator: %s, operand type: %s", a.Verb, long)
	}
	return nil
}

func checkUpdateOperand(o Operand) error {
	switch o := o.(type) {
	case *Function:
		if len(o.Arguments) != arity[o.Name] {
			return wrongArity(o.Name, len(o.Arguments))
		}
		if o.Name == "if_not_exists" {
			return checkIsPath(o)
		}
		for _, a := range o.Arguments {
			if t := constantType(a); t != "" && t != "L" {
				return wrongType(o.Name, t)
			}
		}
	case *Arithmetic:
		for _, a := range []Operand{o.Left, o.Right} {
			if t := constantType(a); t != "" && t != "N" {
				return wrongType(string(o.Operator), t)
			}
		}
	}
	return nil
}
