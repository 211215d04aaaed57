package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// item is an item in DynamoDB's JSON, such as {"a": {"S": "text"}}.
type item map[string]types.AttributeValue

func (i *item) UnmarshalJSON(b []byte) error {
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(b, &raw); err != nil || raw == nil {
		return err
	}
	*i = make(item, len(raw))
	for name, v := range raw {
		value, err := parseValue(v)
		if err != nil {
			return fmt.Errorf("attribute %q: %w", name, err)
		}
		(*i)[name] = value
	}
	return nil
}

func (i item) MarshalJSON() ([]byte, error) {
	out := make(map[string]any, len(i))
	for name, value := range i {
		v, err := plainValue(value)
		if err != nil {
			return nil, fmt.Errorf("attribute %q: %w", name, err)
		}
		out[name] = v
	}
	return marshal(out)
}

// marshal is json.Marshal without the escapes for HTML.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return b.Bytes(), err
}

func parseValue(raw json.RawMessage) (types.AttributeValue, error) {
	var member map[string]json.RawMessage
	if err := json.Unmarshal(raw, &member); err != nil {
		return nil, err
	}
	if len(member) != 1 {
		return nil, fmt.Errorf("an attribute value has %d types, not one", len(member))
	}
	for kind, raw := range member {
		return parseMember(kind, raw)
	}
	return nil, errors.New("unreachable")
}

func parseMember(kind string, raw json.RawMessage) (types.AttributeValue, error) {
	switch kind {
	case "S":
		v := &types.AttributeValueMemberS{}
		return v, json.Unmarshal(raw, &v.Value)
	case "N":
		v := &types.AttributeValueMemberN{}
		return v, json.Unmarshal(raw, &v.Value)
	case "B":
		v := &types.AttributeValueMemberB{}
		return v, json.Unmarshal(raw, &v.Value)
	case "BOOL":
		v := &types.AttributeValueMemberBOOL{}
		return v, json.Unmarshal(raw, &v.Value)
	case "NULL":
		v := &types.AttributeValueMemberNULL{}
		return v, json.Unmarshal(raw, &v.Value)
	case "SS":
		v := &types.AttributeValueMemberSS{}
		return v, json.Unmarshal(raw, &v.Value)
	case "NS":
		v := &types.AttributeValueMemberNS{}
		return v, json.Unmarshal(raw, &v.Value)
	case "BS":
		v := &types.AttributeValueMemberBS{}
		return v, json.Unmarshal(raw, &v.Value)
	case "M":
		var m item
		err := json.Unmarshal(raw, &m)
		return &types.AttributeValueMemberM{Value: m}, err
	case "L":
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return nil, err
		}
		v := &types.AttributeValueMemberL{Value: make([]types.AttributeValue, len(list))}
		for i, e := range list {
			var err error
			if v.Value[i], err = parseValue(e); err != nil {
				return nil, err
			}
		}
		return v, nil
	default:
		return nil, fmt.Errorf("unknown type %q of an attribute value", kind)
	}
}

// plainValue returns a value that encodes to DynamoDB's JSON.
func plainValue(av types.AttributeValue) (any, error) {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return map[string]string{"S": v.Value}, nil
	case *types.AttributeValueMemberN:
		return map[string]string{"N": v.Value}, nil
	case *types.AttributeValueMemberB:
		return map[string][]byte{"B": present(v.Value)}, nil
	case *types.AttributeValueMemberBOOL:
		return map[string]bool{"BOOL": v.Value}, nil
	case *types.AttributeValueMemberNULL:
		return map[string]bool{"NULL": v.Value}, nil
	case *types.AttributeValueMemberSS:
		return map[string][]string{"SS": present(v.Value)}, nil
	case *types.AttributeValueMemberNS:
		return map[string][]string{"NS": present(v.Value)}, nil
	case *types.AttributeValueMemberBS:
		set := make([][]byte, len(v.Value))
		for i, b := range v.Value {
			set[i] = present(b)
		}
		return map[string][][]byte{"BS": set}, nil
	case *types.AttributeValueMemberM:
		return map[string]item{"M": v.Value}, nil
	case *types.AttributeValueMemberL:
		list := make([]any, len(v.Value))
		for i, e := range v.Value {
			var err error
			if list[i], err = plainValue(e); err != nil {
				return nil, err
			}
		}
		return map[string][]any{"L": list}, nil
	default:
		return nil, fmt.Errorf("unknown attribute value %T", av)
	}
}

// present returns s, or an empty slice for nil, which JSON would write as null.
func present[E any](s []E) []E {
	if s == nil {
		return []E{}
	}
	return s
}

// equalItems reports whether a and b are the same to the byte, but that sets
// and lists without elements are the same whether nil or empty.
func equalItems(a, b item) bool {
	x, errX := marshal(a)
	y, errY := marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
