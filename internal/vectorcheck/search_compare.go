package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// whole are the members of a request that say which part of an item to return.
// A client may read whole items, whose signature it must verify, and take the
// part itself.
var whole = []string{"ProjectionExpression", "AttributesToGet", "Select"}

// sameRequest returns nil if got asks DynamoDB for what want asks.
func (s *searchClient) sameRequest(got, want any) error {
	x, err := s.meaning(got)
	if err != nil {
		return err
	}
	y, err := s.meaning(want)
	if err != nil {
		return err
	}
	if _, leaves := descend(x)["unused"]; !leaves {
		// DynamoDB refuses placeholders that nothing uses: they may be left out.
		delete(descend(y), "unused")
	}
	return difference(x, y)
}

// meaning is a request in which only what matters can differ: conditions are
// parsed, other expressions are tokens, and names and values are in the place of
// their placeholders.
func (s *searchClient) meaning(request any) (any, error) {
	switch request := request.(type) {
	case []any:
		out := make([]any, len(request))
		for i, element := range request {
			var err error
			if out[i], err = s.meaning(element); err != nil {
				return nil, err
			}
		}
		return out, nil
	case map[string]any:
		if isAttributeValue(request) {
			return value(request), nil
		}
		out := map[string]any{}
		for member, content := range request {
			var err error
			if out[member], err = s.meaning(content); err != nil {
				return nil, err
			}
		}
		delete(out, "ExpressionAttributeNames")
		delete(out, "ExpressionAttributeValues")
		p := newPlaceholders(request)
		for member, content := range request {
			text, isText := content.(string)
			if !isText || !strings.HasSuffix(member, "Expression") {
				continue
			}
			tokens, err := p.tokens(text)
			if err != nil {
				return nil, err
			}
			out[member] = tokens
			if slices.Contains(conditions, member) {
				c, err := parseCondition(tokens)
				if err != nil {
					return nil, err
				}
				table, _ := request["TableName"].(string)
				stored, err := s.compounds(table)
				if err != nil {
					return nil, err
				}
				c.existence(stored)
				out[member] = c
			}
		}
		out["unused"] = p.unused()
		for _, member := range whole {
			delete(out, member)
		}
		return compacted(out), nil
	}
	return request, nil
}

func newPlaceholders(request map[string]any) *placeholders {
	p := &placeholders{used: map[string]bool{}}
	p.names, _ = request["ExpressionAttributeNames"].(map[string]any)
	p.values, _ = request["ExpressionAttributeValues"].(map[string]any)
	return p
}

func (p *placeholders) unused() []any {
	var unused []any
	for _, placeholder := range slices.Sorted(maps.Keys(p.names)) {
		if !p.used[placeholder] {
			unused = append(unused, placeholder)
		}
	}
	for _, placeholder := range slices.Sorted(maps.Keys(p.values)) {
		if !p.used[placeholder] {
			unused = append(unused, placeholder)
		}
	}
	return unused
}

// sameAnswer returns nil if got is the response want.
func sameAnswer(got, want any) error {
	want, err := generic(want)
	if err != nil {
		return err
	}
	return difference(normal(got), normal(want))
}

// normal is a response with what counts as equal made equal.
func normal(response any) any {
	switch response := response.(type) {
	case []any:
		out := make([]any, len(response))
		for i, element := range response {
			out[i] = normal(element)
		}
		return out
	case map[string]any:
		if isAttributeValue(response) {
			return value(response)
		}
		out := map[string]any{}
		for member, content := range response {
			out[member] = normal(content)
		}
		return compacted(out)
	}
	return response
}

// compacted leaves out members that say nothing.
func compacted(members map[string]any) map[string]any {
	maps.DeleteFunc(members, func(_ string, content any) bool {
		switch content := content.(type) {
		case nil:
			return true
		case map[string]any:
			return len(content) == 0
		case []any:
			return len(content) == 0
		}
		return content == float64(0)
	})
	return members
}

var valueTypes = []string{"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "M", "L"}

func isAttributeValue(object map[string]any) bool {
	if len(object) != 1 {
		return false
	}
	for kind := range object {
		return slices.Contains(valueTypes, kind)
	}
	return false
}

// value is an attribute value with its sets in order.
func value(v map[string]any) any {
	out := map[string]any{}
	for kind, content := range v {
		switch content := content.(type) {
		case []any:
			elements := slices.Clone(content)
			if kind != "L" {
				slices.SortFunc(elements, func(a, b any) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
			}
			for i, element := range elements {
				if nested, ok := element.(map[string]any); ok {
					elements[i] = value(nested)
				}
			}
			out[kind] = elements
		case map[string]any:
			members := map[string]any{}
			for name, member := range content {
				members[name] = member
				if nested, ok := member.(map[string]any); ok {
					members[name] = value(nested)
				}
			}
			out[kind] = members
		default:
			out[kind] = content
		}
	}
	return out
}

func difference(got, want any) error {
	if reflect.DeepEqual(got, want) {
		return nil
	}
	x, errX := marshal(got)
	y, errY := marshal(want)
	if err := errors.Join(errX, errY); err != nil {
		return err
	}
	return fmt.Errorf("got %s, want %s", strings.TrimSpace(string(x)), strings.TrimSpace(string(y)))
}
