package embedded

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxDepth is how deep lists and maps may be nested.
const maxDepth = 32

// maxName is the longest name of an attribute or key of a map in bytes; the
// service refuses 65,536 although the developer guide says 64 KB.
const maxName = 65535

// UnmarshalJSON reads the attributes of an item or a key and checks them.
func (it *item) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	r := reader{text: text}
	decoded, err := r.attributes(0)
	*it = decoded
	return err
}

// MarshalJSON writes the attributes in the order of their names.
func (it item) MarshalJSON() ([]byte, error) { return appendAttributes(nil, it), nil }

// values are the ExpressionAttributeValues of a request. An error in one names
// its placeholder and waits until expressions are parsed: the service reports
// faults of other members first.
type values struct {
	attributes map[string]types.AttributeValue // nil if the member is absent
	err        error
}

func (v *values) UnmarshalJSON(text []byte) error {
	if string(text) == "null" {
		return nil
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		return err
	}
	v.attributes = make(map[string]types.AttributeValue, len(raw))
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		r := reader{text: raw[name]}
		av, err := r.value(0)
		if invalid, ok := err.(*apiError); ok && invalid.code == "ValidationException" {
			err = validationErrorf("ExpressionAttributeValues contains invalid value: %s for key %s", invalid.message, name)
		}
		if err != nil {
			v.err = err
			return nil
		}
		v.attributes[name] = av
	}
	return nil
}

// reader reads attribute values from JSON that encoding/json has checked.
type reader struct {
	text []byte
	next int
}

func serializationError(message string) error {
	return apiErrorf("SerializationException", "%s", message)
}

// peek returns the next byte that is no white space.
func (r *reader) peek() byte {
	for {
		switch c := r.text[r.next]; c {
		case ' ', '\t', '\n', '\r':
			r.next++
		default:
			return c
		}
	}
}

// members calls f with the name of each member of an object, positioned before
// its value.
func (r *reader) members(f func(name string) error) error {
	if r.peek() != '{' {
		return serializationError("Unexpected field type")
	}
	return r.sequence('}', func() error {
		name, err := r.string()
		if err != nil {
			return err
		}
		r.peek()
		r.next++ // the colon
		return f(name)
	})
}

func (r *reader) elements(f func() error) error {
	if r.peek() != '[' {
		return serializationError("Unexpected field type")
	}
	return r.sequence(']', f)
}

func (r *reader) sequence(end byte, f func() error) error {
	r.next++
	for r.peek() != end {
		if err := f(); err != nil {
			return err
		}
		if r.peek() == ',' {
			r.next++
		}
	}
	r.next++
	return nil
}

func (r *reader) string() (string, error) {
	if r.peek() != '"' {
		return "", serializationError("NUMBER_VALUE, boolean or structure cannot be converted to String")
	}
	start := r.next + 1
	plain := true
	for i := start; ; i++ {
		switch r.text[i] {
		case '\\':
			plain = false
			i++
		case '"':
			r.next = i + 1
			if !plain {
				var s string
				err := json.Unmarshal(r.text[start-1:i+1], &s)
				return s, err
			}
			if !utf8.Valid(r.text[start:i]) {
				return "", serializationError("a string is not valid UTF-8")
			}
			return string(r.text[start:i]), nil
		}
	}
}

func (r *reader) attributes(depth int) (map[string]types.AttributeValue, error) {
	attributes := map[string]types.AttributeValue{}
	err := r.members(func(name string) (err error) {
		if len(name) == 0 || len(name) > maxName {
			return invalidParameter("Attribute names must have 1 to %d bytes; this one has %d", maxName, len(name))
		}
		attributes[name], err = r.value(depth)
		return err
	})
	return attributes, err
}

func (r *reader) value(depth int) (types.AttributeValue, error) {
	var av types.AttributeValue
	err := r.members(func(name string) error {
		if r.peek() == 'n' { // null is an absent member
			r.next += len("null")
			return nil
		}
		if av != nil {
			return validationErrorf("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
		}
		var err error
		av, err = r.member(name, depth)
		return err
	})
	if err == nil && av == nil {
		err = validationErrorf("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	}
	return av, err
}

func (r *reader) member(name string, depth int) (types.AttributeValue, error) {
	if depth > maxDepth {
		return nil, validationErrorf("Nesting Levels have exceeded supported limits: Attributes contains nested structure deeper than %d levels", maxDepth)
	}
	switch name {
	case "S":
		s, err := r.string()
		return &types.AttributeValueMemberS{Value: s}, err
	case "N":
		n, err := r.number()
		return &types.AttributeValueMemberN{Value: n}, err
	case "B":
		b, err := r.binary()
		return &types.AttributeValueMemberB{Value: b}, err
	case "BOOL":
		b, err := r.boolean()
		return &types.AttributeValueMemberBOOL{Value: b}, err
	case "NULL":
		b, err := r.boolean()
		if err == nil && !b {
			err = invalidParameter("Null attribute value types must have the value of true")
		}
		return &types.AttributeValueMemberNULL{Value: b}, err
	case "SS":
		set, err := readSet(r, r.string, func(s string) string { return s }, name)
		return &types.AttributeValueMemberSS{Value: set}, err
	case "NS":
		set, err := readSet(r, r.number, func(s string) string { return s }, name)
		return &types.AttributeValueMemberNS{Value: set}, err
	case "BS":
		set, err := readSet(r, r.binary, base64.StdEncoding.EncodeToString, name)
		return &types.AttributeValueMemberBS{Value: set}, err
	case "L":
		list := []types.AttributeValue{}
		err := r.elements(func() error {
			av, err := r.value(depth + 1)
			list = append(list, av)
			return err
		})
		return &types.AttributeValueMemberL{Value: list}, err
	case "M":
		m, err := r.attributes(depth + 1)
		return &types.AttributeValueMemberM{Value: m}, err
	default:
		return nil, serializationError("unknown type of attribute value: " + name)
	}
}

func (r *reader) number() (string, error) {
	s, err := r.string()
	if err != nil {
		return "", err
	}
	return normalNumber(s)
}

func (r *reader) binary() ([]byte, error) {
	s, err := r.string()
	if err != nil {
		return nil, serializationError("only base-64-encoded strings are convertible to bytes")
	}
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return nil, serializationError("Invalid Base64: " + err.Error())
	}
	return b, nil
}

func (r *reader) boolean() (bool, error) {
	switch r.peek() {
	case 't':
		r.next += len("true")
		return true, nil
	case 'f':
		r.next += len("false")
		return false, nil
	default:
		return false, serializationError("Unexpected token received from parser")
	}
}

// readSet reads the elements of a set; print makes them comparable.
func readSet[T any](r *reader, read func() (T, error), print func(T) string, name string) ([]T, error) {
	set := []T{}
	var printed []string
	duplicate := false
	err := r.elements(func() error {
		e, err := read()
		if err != nil {
			return err
		}
		duplicate = duplicate || slices.Contains(printed, print(e))
		set, printed = append(set, e), append(printed, print(e))
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case len(set) == 0 && name == "SS":
		return nil, invalidParameter("An string set  may not be empty")
	case len(set) == 0 && name == "NS":
		return nil, invalidParameter("An number set  may not be empty")
	case len(set) == 0:
		return nil, invalidParameter("Binary sets should not be empty")
	case duplicate && name == "SS":
		return nil, invalidParameter("Input collection [%s] contains duplicates.", strings.Join(printed, ", "))
	case duplicate && name == "NS":
		return nil, validationErrorf("Input collection contains duplicates")
	case duplicate:
		return nil, invalidParameter("Input collection [%s]of type BS contains duplicates.", strings.Join(printed, ", "))
	}
	return set, nil
}

// appendAttributes appends an item as JSON in the order of its names.
func appendAttributes(dst []byte, it map[string]types.AttributeValue) []byte {
	dst = append(dst, '{')
	for i, name := range sortedNames(it) {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendString(dst, name)
		dst = append(dst, ':')
		dst = appendValue(dst, it[name])
	}
	return append(dst, '}')
}

func sortedNames(it map[string]types.AttributeValue) []string {
	names := make([]string, 0, len(it))
	for name := range it {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func appendValue(dst []byte, av types.AttributeValue) []byte {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		dst = appendString(append(dst, `{"S":`...), v.Value)
	case *types.AttributeValueMemberN:
		dst = appendString(append(dst, `{"N":`...), v.Value)
	case *types.AttributeValueMemberB:
		dst = appendBinary(append(dst, `{"B":`...), v.Value)
	case *types.AttributeValueMemberBOOL:
		dst = appendBool(append(dst, `{"BOOL":`...), v.Value)
	case *types.AttributeValueMemberNULL:
		dst = append(dst, `{"NULL":true`...)
	case *types.AttributeValueMemberSS:
		dst = appendList(append(dst, `{"SS":`...), v.Value, appendString)
	case *types.AttributeValueMemberNS:
		dst = appendList(append(dst, `{"NS":`...), v.Value, appendString)
	case *types.AttributeValueMemberBS:
		dst = appendList(append(dst, `{"BS":`...), v.Value, appendBinary)
	case *types.AttributeValueMemberL:
		dst = appendList(append(dst, `{"L":`...), v.Value, appendValue)
	case *types.AttributeValueMemberM:
		dst = appendAttributes(append(dst, `{"M":`...), v.Value)
	}
	return append(dst, '}')
}

func appendList[T any](dst []byte, list []T, appendOne func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendOne(dst, e)
	}
	return append(dst, ']')
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}

func appendBinary(dst []byte, b []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, b)
	return append(dst, '"')
}

func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	start := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		if c == '"' || c == '\\' {
			dst = append(dst, '\\', c)
		} else {
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
		}
	}
	dst = append(dst, s[start:]...)
	return append(dst, '"')
}
