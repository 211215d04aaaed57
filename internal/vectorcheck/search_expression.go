package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// conditions are the members of a request that hold conditions. The other
// expressions have no parentheses and no order of evaluation.
var conditions = []string{"KeyConditionExpression", "FilterExpression", "ConditionExpression"}

var tokenPattern = regexp.MustCompile(`[#:]?[A-Za-z0-9_]+|<>|<=|>=|[^\s]`)

// placeholders are the names and values that expressions of a request stand for.
type placeholders struct {
	names, values map[string]any
	used          map[string]bool
}

// tokens are the tokens of an expression, with names and values in the place of
// their placeholders: strings, and attribute values.
func (p *placeholders) tokens(text string) ([]any, error) {
	var tokens []any
	for _, token := range tokenPattern.FindAllString(text, -1) {
		var content any = token
		switch token[0] {
		case '#':
			content = p.names[token]
			p.used[token] = true
		case ':':
			content = p.values[token]
			if v, ok := content.(map[string]any); ok {
				content = value(v)
			}
			p.used[token] = true
		default:
			if upper := strings.ToUpper(token); slices.Contains([]string{"AND", "OR", "NOT", "IN", "BETWEEN"}, upper) {
				content = upper
			}
		}
		if content == nil {
			return nil, fmt.Errorf("the placeholder %s stands for nothing", token)
		}
		tokens = append(tokens, content)
	}
	return tokens, nil
}

// condition is a condition without the parentheses that do not matter: an AND or
// OR of conditions, a NOT of one, or the tokens of a predicate.
type condition struct {
	Operator  string      `json:"operator,omitempty"`
	Operands  []condition `json:"operands,omitempty"`
	Predicate []any       `json:"predicate,omitempty"`
}

// parser reads the tokens of a condition by precedence: OR, AND, NOT.
type parser struct{ rest []any }

func parseCondition(tokens []any) (condition, error) {
	p := &parser{tokens}
	c := p.joined("OR", func() condition { return p.joined("AND", p.negated) })
	if len(p.rest) > 0 {
		return c, fmt.Errorf("a condition ends before %v", p.rest[0])
	}
	return c, nil
}

func (p *parser) next(token string) bool {
	if len(p.rest) == 0 || p.rest[0] != token {
		return false
	}
	p.rest = p.rest[1:]
	return true
}

func (p *parser) joined(operator string, operand func() condition) condition {
	var operands []condition
	for {
		if c := operand(); c.Operator == operator {
			operands = append(operands, c.Operands...)
		} else {
			operands = append(operands, c)
		}
		if !p.next(operator) {
			break
		}
	}
	if len(operands) == 1 {
		return operands[0]
	}
	return condition{Operator: operator, Operands: operands}
}

func (p *parser) negated() condition {
	if p.next("NOT") {
		return condition{Operator: "NOT", Operands: []condition{p.negated()}}
	}
	if p.next("(") {
		c := p.joined("OR", func() condition { return p.joined("AND", p.negated) })
		p.next(")")
		return c
	}
	return p.predicate()
}

func (p *parser) predicate() condition {
	var c condition
	depth, between := 0, false
	for len(p.rest) > 0 {
		switch token := p.rest[0]; {
		case token == "(":
			depth++
		case token == ")" && depth == 0, token == "OR" && depth == 0, token == "AND" && depth == 0 && !between:
			return c
		case token == ")":
			depth--
		case token == "BETWEEN":
			between = true
		case token == "AND":
			between = false
		}
		c.Predicate = append(c.Predicate, p.rest[0])
		p.rest = p.rest[1:]
	}
	return c
}

// predicates calls visit with each predicate.
func (c condition) predicates(visit func([]any)) {
	if c.Predicate != nil {
		visit(c.Predicate)
	}
	for _, operand := range c.Operands {
		operand.predicates(visit)
	}
}

// existence makes the name under attribute_exists that of the stored beacon,
// where it is that of a compound beacon. No item has an attribute of the latter
// name: asking for it by that name has one answer always, which is not what a
// caller can have meant.
func (c condition) existence(stored map[string]string) {
	c.predicates(func(tokens []any) {
		if len(tokens) != 4 || tokens[0] != "attribute_exists" && tokens[0] != "attribute_not_exists" {
			return
		}
		if name, ok := tokens[2].(string); ok && stored[name] != "" {
			tokens[2] = stored[name]
		}
	})
}

// rewritten returns nil if sent, for which no known answer is right, is asked as
// it should be: it has the predicates of asked, with beacons in the place of
// names and other values in the place of those compared with them, and compares
// nothing with an encrypted attribute.
func rewritten(asked, sent condition, actions map[string]attribute.Action) error {
	var before, after [][]any
	asked.predicates(func(tokens []any) { before = append(before, tokens) })
	sent.predicates(func(tokens []any) { after = append(after, tokens) })
	if len(before) != len(after) {
		return fmt.Errorf("%d predicates became %d", len(before), len(after))
	}
	for i := range before {
		if len(before[i]) != len(after[i]) {
			return fmt.Errorf("predicate %v became %v", before[i], after[i])
		}
		hashed := slices.ContainsFunc(after[i], func(token any) bool {
			name, _ := token.(string)
			return strings.HasPrefix(name, attribute.BeaconPrefix)
		})
		for j, token := range after[i] {
			name, isName := token.(string)
			was, _ := before[i][j].(string)
			same := fmt.Sprint(token) == fmt.Sprint(before[i][j])
			switch {
			case isName && actions[name] == attribute.EncryptAndSign:
				return fmt.Errorf("predicate %v compares an encrypted attribute", after[i])
			case isName && !same && name != attribute.BeaconPrefix+was:
				return fmt.Errorf("predicate %v became %v", before[i], after[i])
			case !isName && hashed == same:
				return fmt.Errorf("value %d of predicate %v is not that which it should be", j, after[i])
			}
		}
	}
	return nil
}
