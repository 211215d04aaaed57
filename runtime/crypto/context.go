package crypto

import (
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// Names in the encryption context of an item. No attribute may begin with
// [ReservedContextPrefix].
const (
	ReservedContextPrefix = "aws-crypto-"

	contextTable     = ReservedContextPrefix + "table-name"
	contextPartition = ReservedContextPrefix + "partition-name"
	contextSort      = ReservedContextPrefix + "sort-name"
	contextAttribute = ReservedContextPrefix + "attr." // then the attribute's name
	contextLegend    = ReservedContextPrefix + "legend"
	contextPublicKey = ReservedContextPrefix + "public-key"
)

const maxUint16 = 1<<16 - 1

var errContext = errors.New("an encryption context holds at most 65,535 pairs of at most 65,535 bytes of UTF-8 each: put less into it")

// Canonical returns the bytes under which keyrings bind a data key to the
// context: [EncryptionContext.Serialize], except that an empty context has no
// bytes (specification: framework/structures, "Serialization").
func (ec EncryptionContext) Canonical() ([]byte, error) {
	if len(ec) == 0 {
		return nil, nil
	}
	return ec.Serialize()
}

// Serialize returns the context as it stands in headers and in what is signed:
// a count, then for each pair, in ascending order of the names' bytes, length
// and name, length and value; every number in two bytes. It fails on more than
// 65,535 pairs, on a longer name or value, and on invalid UTF-8.
func (ec EncryptionContext) Serialize() ([]byte, error) {
	var few [16]string
	names, size, err := ec.sorted(few[:0])
	if err != nil {
		return nil, err
	}
	return ec.append(make([]byte, 0, size), names), nil
}

// sorted appends the names in order to names, and returns the size of the
// serialised context. It checks what cannot be serialised.
func (ec EncryptionContext) sorted(names []string) (_ []string, size int, err error) {
	if len(ec) > maxUint16 {
		return nil, 0, errContext
	}
	size = 2
	for name, value := range ec {
		if len(name) > maxUint16 || len(value) > maxUint16 || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return nil, 0, errContext
		}
		names = append(names, name)
		size += 2 + len(name) + 2 + len(value)
	}
	slices.Sort(names)
	return names, size, nil
}

// append appends the serialised pairs with these names, which sorted returned.
func (ec EncryptionContext) append(dst []byte, names []string) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(names)))
	for _, name := range names {
		dst = appendBlock(dst, name)
		dst = appendBlock(dst, ec[name])
	}
	return dst
}

// appendBlock appends the length of s in two bytes, then s.
func appendBlock[T string | []byte](dst []byte, s T) []byte {
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(s)))
	return append(dst, s...)
}

// keyContext returns the encryption context of an item whose header has version
// 1: names of table and keys, and the keys' values (specification:
// dynamodb-encryption-client/ddb-encryption-context, version 1). values are the
// partition key and, if the table has one, the sort key.
func (e *ItemEncryptor) keyContext(values []*attribute.Attribute) EncryptionContext {
	ec := e.baseContext()
	for _, v := range values {
		ec[contextAttribute+v.Name] = encodeTyped(v)
	}
	return ec
}

// attributeContext returns the encryption context of an item whose header has
// version 2: names of table and keys, and every attribute that is included,
// readable where it is text (same source, version 2).
func (e *ItemEncryptor) attributeContext(values []*attribute.Attribute) EncryptionContext {
	ec := e.baseContext()
	values = slices.Clone(values)
	slices.SortFunc(values, func(a, b *attribute.Attribute) int { return strings.Compare(a.Name, b.Name) })
	legend := make([]byte, len(values))
	for i, v := range values {
		var text string
		switch v.Type {
		case attribute.String:
			legend[i], text = 'S', string(v.Value)
		case attribute.Number:
			legend[i], text = 'N', string(v.Value)
		case attribute.Null:
			legend[i], text = 'L', "null"
		case attribute.Bool:
			legend[i], text = 'L', "false"
			if len(v.Value) == 1 && v.Value[0] == 1 {
				text = "true"
			}
		default:
			legend[i], text = 'B', encodeTyped(v)
		}
		ec[contextAttribute+v.Name] = text
	}
	ec[contextLegend] = string(legend)
	return ec
}

func (e *ItemEncryptor) baseContext() EncryptionContext {
	// Room for the keys, the legend and the public key.
	ec := make(EncryptionContext, 8)
	ec[contextTable] = e.table
	ec[contextPartition] = e.partition
	if e.sort != "" {
		ec[contextSort] = e.sort
	}
	return ec
}

// encodeTyped returns the type id and the canonical bytes of v in base64.
func encodeTyped(v *attribute.Attribute) string {
	var few [96]byte
	b := binary.BigEndian.AppendUint16(few[:0], uint16(v.Type))
	return base64.StdEncoding.EncodeToString(append(b, v.Value...))
}

var errSelector = errors.New("the encryption context is not that of a DynamoDB item")

// SelectorContext returns the attributes that the context of an item names: what
// a supplier of branch key ids chooses by. For a context of version 1 these are
// the keys of the item; for version 2 every attribute whose action is
// SIGN_AND_INCLUDE_IN_ENCRYPTION_CONTEXT, and beside them the strings
// aws_dbe_table_name, aws_dbe_partition_name and, where there is a sort key,
// aws_dbe_sort_name (specification:
// dynamodb-encryption-client/ddb-encryption-branch-key-id-supplier). They are
// in ascending order of their names.
func (ec EncryptionContext) SelectorContext() ([]attribute.Attribute, error) {
	var few [16]string
	names := few[:0]
	for name := range ec {
		if strings.HasPrefix(name, contextAttribute) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	legend, v2 := ec[contextLegend]
	if v2 && len(legend) != len(names) {
		return nil, fmt.Errorf("%w: its legend has another length than its attributes", errSelector)
	}

	attrs := make([]attribute.Attribute, 0, len(names)+3)
	for i, name := range names {
		kind := byte('B')
		if v2 {
			kind = legend[i]
		}
		a, err := parseContextValue(kind, ec[name])
		if err != nil {
			return nil, err
		}
		a.Name = strings.TrimPrefix(name, contextAttribute)
		attrs = append(attrs, a)
	}
	if v2 {
		for _, name := range [...]struct{ context, attribute string }{
			{contextTable, attribute.ReservedPrefix + "table_name"},
			{contextPartition, attribute.ReservedPrefix + "partition_name"},
			{contextSort, attribute.ReservedPrefix + "sort_name"},
		} {
			if value, ok := ec[name.context]; ok {
				attrs = append(attrs, attribute.Attribute{Name: name.attribute, Type: attribute.String, Value: []byte(value)})
			}
		}
		slices.SortFunc(attrs, func(a, b attribute.Attribute) int { return strings.Compare(a.Name, b.Name) })
	}
	return attrs, nil
}

func parseContextValue(kind byte, text string) (attribute.Attribute, error) {
	switch {
	case kind == 'S':
		return attribute.Attribute{Type: attribute.String, Value: []byte(text)}, nil
	case kind == 'N':
		return attribute.Attribute{Type: attribute.Number, Value: []byte(text)}, nil
	case kind == 'L' && text == "null":
		return attribute.Attribute{Type: attribute.Null}, nil
	case kind == 'L' && text == "true":
		return attribute.Attribute{Type: attribute.Bool, Value: []byte{1}}, nil
	case kind == 'L' && text == "false":
		return attribute.Attribute{Type: attribute.Bool, Value: []byte{0}}, nil
	case kind == 'B':
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil || len(b) < typeLen {
			return attribute.Attribute{}, fmt.Errorf("%w: a value is not base64 of a typed value", errSelector)
		}
		return attribute.Attribute{Type: attribute.Type(binary.BigEndian.Uint16(b)), Value: b[typeLen:]}, nil
	default:
		return attribute.Attribute{}, fmt.Errorf("%w: its legend and values disagree", errSelector)
	}
}
