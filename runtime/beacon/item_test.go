package beacon_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
)

// jsonItem is an item in DynamoDB's JSON. It has a serialisation of its own,
// written from the specification, so that a mistake in that of the item
// encryptor does not hide here.
type jsonItem map[string]jsonValue

type jsonValue struct {
	S    *string
	N    *string
	B    []byte
	BOOL *bool
	NULL *bool
	SS   []string
	NS   []string
	BS   [][]byte
	M    map[string]jsonValue
	L    []jsonValue
	kind string
}

func (v *jsonValue) UnmarshalJSON(text []byte) error {
	var kinds map[string]json.RawMessage
	if err := json.Unmarshal(text, &kinds); err != nil {
		return err
	}
	if len(kinds) != 1 {
		return fmt.Errorf("a value has %d types", len(kinds))
	}
	for kind := range kinds {
		v.kind = kind
	}
	type plain jsonValue
	return json.Unmarshal(text, (*plain)(v))
}

func s(text string) jsonValue { return jsonValue{kind: "S", S: &text} }
func n(text string) jsonValue { return jsonValue{kind: "N", N: &text} }

func (i jsonItem) Value(loc attribute.Location) (beacon.Value, bool, error) {
	v, found := i[loc.Attribute]
	for _, step := range loc.Steps {
		switch {
		case !found:
		case step.List && v.kind == "L" && step.Index < len(v.L):
			v = v.L[step.Index]
		case !step.List && v.kind == "M":
			v, found = v.M[step.Key]
		default:
			found = false
		}
	}
	if !found {
		return beacon.Value{}, false, nil
	}
	value, err := v.value()
	return value, err == nil, err
}

func (v jsonValue) value() (beacon.Value, error) {
	elements, err := v.elements()
	if err != nil {
		return beacon.Value{}, err
	}
	canonical, err := v.canonical()
	if err != nil {
		return beacon.Value{}, err
	}
	value := beacon.Value{Type: types[v.kind], Canonical: canonical, Elements: elements}
	switch v.kind {
	case "S":
		value.Text = *v.S
	case "N":
		value.Text = *v.N
	}
	return value, nil
}

var types = map[string]attribute.Type{
	"NULL": attribute.Null, "S": attribute.String, "N": attribute.Number, "B": attribute.Binary, "BOOL": attribute.Bool,
	"SS": attribute.StringSet, "NS": attribute.NumberSet, "BS": attribute.BinarySet, "M": attribute.Map, "L": attribute.List,
}

func (v jsonValue) elements() ([][]byte, error) {
	var elements [][]byte
	for _, text := range v.SS {
		elements = append(elements, []byte(text))
	}
	for _, text := range v.NS {
		number, err := attribute.NormalizeNumber(text)
		if err != nil {
			return nil, err
		}
		elements = append(elements, []byte(number))
	}
	return append(elements, v.BS...), nil
}

func (v jsonValue) canonical() ([]byte, error) {
	switch v.kind {
	case "S":
		return []byte(*v.S), nil
	case "N":
		number, err := attribute.NormalizeNumber(*v.N)
		return []byte(number), err
	case "B":
		return v.B, nil
	case "BOOL":
		if *v.BOOL {
			return []byte{1}, nil
		}
		return []byte{0}, nil
	case "NULL":
		return nil, nil
	case "L":
		out := binary.BigEndian.AppendUint32(nil, uint32(len(v.L)))
		for _, element := range v.L {
			nested, err := element.nested()
			if err != nil {
				return nil, err
			}
			out = append(out, nested...)
		}
		return out, nil
	case "M":
		out := binary.BigEndian.AppendUint32(nil, uint32(len(v.M)))
		var keys []string
		for key := range v.M {
			keys = append(keys, key)
		}
		slices.SortFunc(keys, attribute.CompareUTF16)
		for _, key := range keys {
			nested, err := v.M[key].nested()
			if err != nil {
				return nil, err
			}
			out = append(out, 0, 1)
			out = appendSized(out, []byte(key))
			out = append(out, nested...)
		}
		return out, nil
	}
	elements, err := v.elements()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(elements, func(a, b []byte) int {
		if v.kind == "BS" {
			return bytes.Compare(a, b)
		}
		return attribute.CompareUTF16(string(a), string(b))
	})
	out := binary.BigEndian.AppendUint32(nil, uint32(len(elements)))
	for _, element := range elements {
		out = appendSized(out, element)
	}
	return out, nil
}

func (v jsonValue) nested() ([]byte, error) {
	canonical, err := v.canonical()
	out := binary.BigEndian.AppendUint16(nil, uint16(types[v.kind]))
	return appendSized(out, canonical), err
}

func appendSized(out, b []byte) []byte {
	return append(binary.BigEndian.AppendUint32(out, uint32(len(b))), b...)
}
