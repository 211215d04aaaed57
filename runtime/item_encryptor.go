package runtime

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/internal/canon"
)

// ItemEncryptor encrypts and decrypts items of one table without a request to
// it, for programs that get items elsewhere, such as from a stream or an export.
// It adds no beacons. It is safe for concurrent use. It is made by
// [TableConfig.ItemEncryptor] or [NewItemEncryptor].
type ItemEncryptor struct {
	crypto *crypto.ItemEncryptor
}

// NewItemEncryptor checks c and returns an item encryptor for it. Every error is
// a [*crypto.ConfigError].
func NewItemEncryptor(c crypto.Config) (*ItemEncryptor, error) {
	e, err := crypto.New(c)
	if err != nil {
		return nil, err
	}
	return &ItemEncryptor{e}, nil
}

// EncryptItem returns item as it is to be stored, and how it was encrypted. The
// attributes that are not encrypted are in it unchanged. item is not changed,
// but shares these values with the result.
//
// What is wrong with the item is a [*crypto.AttributeError]. The header is nil
// where the policy is to write plaintext.
func (e *ItemEncryptor) EncryptItem(ctx context.Context, item map[string]types.AttributeValue) (map[string]types.AttributeValue, *crypto.ParsedHeader, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if e.crypto.WritesPlaintext() {
		if _, err := e.crypto.Encrypt(ctx, namesOf(item)); err != nil {
			return nil, nil, err
		}
		return maps.Clone(item), nil, nil
	}
	c := newCanonicalItem()
	defer c.release()
	for name, value := range item {
		// Attributes that are merely allowed to be unsigned must still be values.
		if e.crypto.LeavesAlone(name) {
			continue
		}
		if err := c.add(name, value); err != nil {
			return nil, nil, err
		}
	}
	encrypted, err := e.crypto.Encrypt(ctx, c.attributes)
	if err != nil {
		return nil, nil, err
	}
	out := maps.Clone(item)
	stored := make([]types.AttributeValueMemberB, len(encrypted.Attributes))
	for i, a := range encrypted.Attributes {
		stored[i].Value = a.Value
		out[a.Name] = &stored[i]
	}
	return out, encrypted.Header, nil
}

// DecryptItem verifies a stored item and returns it as it was before
// encryption, without the attributes that the record format added, and how it
// was encrypted. Encrypted numbers come back in normal form and encrypted sets
// in canonical order; what was only signed comes back as it is stored. item is
// not changed, but shares values with the result.
//
// For its errors see [crypto.ItemEncryptor.Decrypt]. The header is nil where the
// policy accepted the item as plaintext; the result is then a copy of it.
func (e *ItemEncryptor) DecryptItem(ctx context.Context, item map[string]types.AttributeValue) (map[string]types.AttributeValue, *crypto.ParsedHeader, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	_, head := item[attribute.HeaderName]
	_, foot := item[attribute.FooterName]
	if !head && !foot && e.crypto.ReadsPlaintext() {
		if _, err := e.crypto.Decrypt(ctx, namesOf(item)); err != nil {
			return nil, nil, err
		}
		return maps.Clone(item), nil, nil
	}
	c := newCanonicalItem()
	defer c.release()
	var few [8]string
	reserved := few[:0]
	for name, value := range item {
		if attribute.Reserved(name) {
			reserved = append(reserved, name)
		}
		if e.crypto.Verifies(name) {
			if err := c.add(name, value); err != nil {
				return nil, nil, err
			}
		}
	}
	decrypted, err := e.crypto.Decrypt(ctx, c.attributes)
	if err != nil {
		return nil, nil, err
	}
	out := maps.Clone(item)
	for _, name := range reserved {
		delete(out, name)
	}
	texts := newTexts(decrypted.Attributes)
	for _, a := range decrypted.Attributes {
		if text := texts.next(a); text != nil {
			out[a.Name] = text
		} else if out[a.Name], err = AttributeValue(a); err != nil {
			return nil, nil, err
		}
	}
	return out, decrypted.Header, nil
}

// texts makes the strings of an item out of one string and one slice of values:
// most attributes are strings, and two allocations for each would be a good part
// of what decrypting an item costs.
type texts struct {
	all    string
	values []types.AttributeValueMemberS
}

func newTexts(attrs []attribute.Attribute) texts {
	count, size := 0, 0
	for _, a := range attrs {
		if a.Type == attribute.String {
			count, size = count+1, size+len(a.Value)
		}
	}
	var all strings.Builder
	all.Grow(size)
	for _, a := range attrs {
		if a.Type == attribute.String {
			all.Write(a.Value)
		}
	}
	return texts{all.String(), make([]types.AttributeValueMemberS, count)}
}

// next returns the value of the next attribute, which must be that of the slice
// that t was made of. It returns nil for one that is not a string, or not UTF-8.
func (t *texts) next(a attribute.Attribute) types.AttributeValue {
	if a.Type != attribute.String {
		return nil
	}
	value := &t.values[0]
	value.Value, t.all, t.values = t.all[:len(a.Value)], t.all[len(a.Value):], t.values[1:]
	if !canon.ValidText(a.Value) {
		return nil
	}
	return value
}

// namesOf returns the attributes of item without values: an item that stays
// plaintext is not looked into.
func namesOf(item map[string]types.AttributeValue) []attribute.Attribute {
	names := make([]attribute.Attribute, 0, len(item))
	for name := range item {
		names = append(names, attribute.Attribute{Name: name})
	}
	return names
}

// CanonicalAttribute returns the canonical form of an attribute: what package
// crypto encrypts and signs. The error is a [*crypto.AttributeError].
func CanonicalAttribute(name string, value types.AttributeValue) (attribute.Attribute, error) {
	id, b, err := canon.Append(nil, value)
	if err != nil {
		return attribute.Attribute{}, &crypto.AttributeError{Name: name, Err: err}
	}
	return attribute.Attribute{Name: name, Type: id, Value: b}, nil
}

// AttributeValue returns the value of an attribute in canonical form. Binary
// values share memory with it. The error is a [*crypto.AttributeError].
func AttributeValue(a attribute.Attribute) (types.AttributeValue, error) {
	value, err := canon.Parse(a.Type, a.Value)
	if err != nil {
		return nil, &crypto.AttributeError{Name: a.Name, Err: err}
	}
	return value, nil
}

// DescribeDataKeys returns who wrapped the data keys of a stored item, without
// any key and without authenticating anything; see [crypto.DescribeDataKeys].
func DescribeDataKeys(item map[string]types.AttributeValue) ([]crypto.DataKeyDescription, error) {
	head, ok := item[attribute.HeaderName].(*types.AttributeValueMemberB)
	if !ok || head == nil {
		return nil, fmt.Errorf("%w: it has no binary attribute %s", crypto.ErrNotEncrypted, attribute.HeaderName)
	}
	return crypto.DescribeDataKeys(head.Value)
}

// canonicalItem is an item in canonical form, in memory that is used again. It
// must be released.
type canonicalItem struct {
	attributes []attribute.Attribute
	buffer     []byte // holds the values but those of type B
}

// maxKeptBuffer is the length of the largest buffer that is kept, in bytes. No
// item is larger than 400 KB.
const maxKeptBuffer = 1 << 19

var canonicalItems = sync.Pool{New: func() any { return new(canonicalItem) }}

func newCanonicalItem() *canonicalItem { return canonicalItems.Get().(*canonicalItem) }

// release wipes the plaintext and gives the memory back.
func (c *canonicalItem) release() {
	clear(c.attributes)
	clear(c.buffer)
	if cap(c.buffer) > maxKeptBuffer {
		return
	}
	c.attributes, c.buffer = c.attributes[:0], c.buffer[:0]
	canonicalItems.Put(c)
}

func (c *canonicalItem) add(name string, value types.AttributeValue) error {
	// A binary value is its own canonical form, and often the largest value.
	if b, ok := value.(*types.AttributeValueMemberB); ok && b != nil {
		c.attributes = append(c.attributes, attribute.Attribute{Name: name, Type: attribute.Binary, Value: b.Value})
		return nil
	}
	start := len(c.buffer)
	id, buffer, err := canon.Append(c.buffer, value)
	if err != nil {
		return &crypto.AttributeError{Name: name, Err: err}
	}
	c.buffer = buffer
	c.attributes = append(c.attributes, attribute.Attribute{Name: name, Type: id, Value: buffer[start:len(buffer):len(buffer)]})
	return nil
}
