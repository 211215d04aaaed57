package expression

import (
	"strconv"
)

// parser reads one expression by recursive descent. Depth is bounded by
// MaxLength.
type parser struct {
	text   string
	tokens []token
	next   int

	operators int
	redundant bool // parentheses directly around parentheses
}

// fewTokens is how many tokens are kept on the stack.
const fewTokens = 32

func checkLength(text string) error {
	if text == "" {
		return errorf("The expression can not be empty;")
	}
	if len(text) > MaxLength {
		return errorf("Expression size has exceeded the maximum allowed size; expression size: %d", len(text))
	}
	return nil
}

// ParseCondition parses a ConditionExpression, a FilterExpression or a
// KeyConditionExpression.
func (s *Scope) ParseCondition(text string) (Condition, error) {
	if err := checkLength(text); err != nil {
		return nil, err
	}
	var few [fewTokens]token
	p := &parser{text: text, tokens: lex(few[:0], text)}
	root, err := p.or()
	if err != nil {
		return nil, err
	}
	c, ok := root.node.(Condition)
	if !ok || p.peek().kind != tokenEnd {
		return nil, p.syntaxError()
	}
	if err := s.checkCondition(c, p); err != nil {
		return nil, err
	}
	return c, nil
}

// ParseProjection parses a ProjectionExpression.
func (s *Scope) ParseProjection(text string) (Projection, error) {
	if err := checkLength(text); err != nil {
		return nil, err
	}
	var few [fewTokens]token
	p := &parser{text: text, tokens: lex(few[:0], text)}
	paths, err := list(p, p.path)
	if err != nil {
		return nil, err
	}
	if p.peek().kind != tokenEnd {
		return nil, p.syntaxError()
	}
	if err := s.checkProjection(paths); err != nil {
		return nil, err
	}
	return paths, nil
}

// ParseUpdate parses an UpdateExpression.
func (s *Scope) ParseUpdate(text string) (*Update, error) {
	if err := checkLength(text); err != nil {
		return nil, err
	}
	var few [fewTokens]token
	p := &parser{text: text, tokens: lex(few[:0], text)}
	var update Update
	var verbs []Verb
	for p.peek().kind != tokenEnd || len(verbs) == 0 {
		verb, ok := p.verb()
		if !ok {
			return nil, p.syntaxError()
		}
		verbs = append(verbs, verb)
		actions, err := list(p, func() (Action, error) { return p.action(verb) })
		if err != nil {
			return nil, err
		}
		update.Actions = append(update.Actions, actions...)
	}
	if err := s.checkUpdate(&update, verbs, p); err != nil {
		return nil, err
	}
	return &update, nil
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) accept(text string) bool {
	if p.peek().is(text) {
		p.next++
		return true
	}
	return false
}

func (p *parser) expect(text string) error {
	if !p.accept(text) {
		return p.syntaxError()
	}
	return nil
}

// syntaxError names the next token and the text around it: the token before and
// the token after.
func (p *parser) syntaxError() error {
	t := p.peek()
	first, last := max(p.next-1, 0), min(p.next+1, len(p.tokens)-1)
	near := p.text[p.tokens[first].start:p.tokens[last].end]
	e := errorf("Syntax error; token: %s, near: %s", strconv.Quote(t.text), strconv.Quote(near))
	e.Offset = t.start
	return e
}

// list reads one or more elements with commas between them.
func list[T any](p *parser, element func() (T, error)) ([]T, error) {
	var all []T
	for {
		e, err := element()
		if err != nil {
			return nil, err
		}
		all = append(all, e)
		if !p.accept(",") {
			return all, nil
		}
	}
}

// A term is what stands between logical operators. Until the closing
// parenthesis it is not known whether "(" begins a condition or an operand, so
// a term may be either.
type term struct {
	node          Node
	parenthesised bool
}

func (p *parser) or() (term, error) {
	return p.binary("OR", p.and, func(l, r Condition) Condition { return &Or{l, r} })
}

func (p *parser) and() (term, error) {
	return p.binary("AND", p.not, func(l, r Condition) Condition { return &And{l, r} })
}

func (p *parser) binary(keyword string, operand func() (term, error), join func(l, r Condition) Condition) (term, error) {
	left, err := operand()
	for err == nil && p.peek().is(keyword) {
		l, ok := left.node.(Condition)
		if !ok {
			return term{}, p.syntaxError()
		}
		p.next++
		p.operators++
		var right term
		if right, err = operand(); err != nil {
			return term{}, err
		}
		r, ok := right.node.(Condition)
		if !ok {
			return term{}, p.syntaxError()
		}
		left = term{node: join(l, r)}
	}
	return left, err
}

func (p *parser) not() (term, error) {
	if !p.accept("NOT") {
		return p.primary()
	}
	p.operators++
	t, err := p.not()
	if err != nil {
		return term{}, err
	}
	c, ok := t.node.(Condition)
	if !ok {
		return term{}, p.syntaxError()
	}
	return term{node: &Not{c}}, nil
}

func (p *parser) primary() (term, error) {
	if !p.accept("(") {
		o, err := p.operand()
		if err != nil {
			return term{}, err
		}
		return p.comparison(o, false)
	}
	inner, err := p.or()
	if err != nil {
		return term{}, err
	}
	if err := p.expect(")"); err != nil {
		return term{}, err
	}
	if inner.parenthesised {
		p.redundant = true
	}
	if o, ok := inner.node.(Operand); ok {
		return p.comparison(o, true)
	}
	return term{inner.node, true}, nil
}

// comparison reads what follows an operand; nothing does if the operand is a
// condition by itself or stands in parentheses.
func (p *parser) comparison(left Operand, parenthesised bool) (term, error) {
	t := p.peek()
	switch {
	case t.is("BETWEEN"):
		p.next++
		p.operators++
		low, err := p.operand()
		if err != nil {
			return term{}, err
		}
		if err := p.expect("AND"); err != nil {
			return term{}, err
		}
		high, err := p.operand()
		if err != nil {
			return term{}, err
		}
		return term{node: &Between{left, low, high}}, nil
	case t.is("IN"):
		p.next++
		p.operators++
		if err := p.expect("("); err != nil {
			return term{}, err
		}
		all, err := list(p, p.operand)
		if err != nil {
			return term{}, err
		}
		return term{node: &In{left, all}}, p.expect(")")
	case t.kind == tokenPunctuation && isComparator(Operator(t.text)):
		p.next++
		p.operators++
		right, err := p.operand()
		if err != nil {
			return term{}, err
		}
		return term{node: &Comparison{Operator(t.text), left, right}}, nil
	default:
		return term{left, parenthesised}, nil
	}
}

func isComparator(o Operator) bool {
	switch o {
	case Equals, NotEquals, Less, LessOrEqual, Greater, GreaterOrEqual:
		return true
	default:
		return false
	}
}

func (p *parser) operand() (Operand, error) {
	t := p.peek()
	switch {
	case t.is("("):
		p.next++
		if p.peek().is("(") {
			p.redundant = true
		}
		o, err := p.operand()
		if err != nil {
			return nil, err
		}
		return o, p.expect(")")
	case t.kind == tokenValue:
		p.next++
		return &Value{Name: t.text}, nil
	case t.kind == tokenWord && !isKeyword(t) && p.tokens[p.next+1].is("("):
		p.next += 2
		p.operators++
		arguments, err := list(p, p.operand)
		if err != nil {
			return nil, err
		}
		return &Function{t.text, arguments}, p.expect(")")
	default:
		return p.path()
	}
}

func isKeyword(t token) bool {
	return t.is("AND") || t.is("OR") || t.is("NOT") || t.is("BETWEEN") || t.is("IN")
}

func (p *parser) path() (*Path, error) {
	path := emptyPath()
	for {
		t := p.peek()
		switch {
		case t.kind == tokenAlias:
			path.Elements = append(path.Elements, Element{Alias: t.text})
		case t.kind == tokenWord && !isKeyword(t):
			path.Elements = append(path.Elements, Element{Name: t.text})
		default:
			return nil, p.syntaxError()
		}
		p.next++
		for p.accept("[") {
			t := p.peek()
			index, err := strconv.Atoi(t.text)
			if t.kind != tokenDigits || err != nil {
				return nil, p.syntaxError()
			}
			p.next++
			path.Elements = append(path.Elements, Element{Index: index, IsIndex: true})
			if err := p.expect("]"); err != nil {
				return nil, err
			}
		}
		if !p.accept(".") {
			return path, nil
		}
	}
}

func (p *parser) verb() (Verb, bool) {
	for _, verb := range []Verb{Set, Remove, Add, Delete} {
		if p.accept(string(verb)) {
			return verb, true
		}
	}
	return "", false
}

func (p *parser) action(verb Verb) (Action, error) {
	path, err := p.path()
	if err != nil {
		return Action{}, err
	}
	action := Action{Verb: verb, Path: path}
	p.operators++
	switch verb {
	case Set:
		if err := p.expect("="); err != nil {
			return Action{}, err
		}
		action.Value, err = p.sum()
	case Add, Delete:
		t := p.peek()
		if t.kind != tokenValue {
			return Action{}, p.syntaxError()
		}
		p.next++
		action.Value = &Value{Name: t.text}
	}
	return action, err
}

// sum reads the right side of SET: one operand, or two with + or - between.
func (p *parser) sum() (Operand, error) {
	parenthesised := p.peek().is("(") && p.sumInParentheses()
	if parenthesised {
		p.next++
	}
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	for _, operator := range []Operator{Plus, Minus} {
		if p.accept(string(operator)) {
			p.operators++
			right, err := p.operand()
			if err != nil {
				return nil, err
			}
			left = &Arithmetic{operator, left, right}
			break
		}
	}
	if parenthesised {
		return left, p.expect(")")
	}
	return left, nil
}

// sumInParentheses reports whether the parenthesis that opens here closes after
// a + or - that stands directly inside it.
func (p *parser) sumInParentheses() bool {
	depth := 0
	for _, t := range p.tokens[p.next:] {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
			if depth == 0 {
				return false
			}
		case depth == 1 && (t.is("+") || t.is("-")):
			return true
		}
	}
	return false
}
