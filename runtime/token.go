package runtime

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash"
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// A query of several beacon partitions reads them side by side, each with an
// ExclusiveStartKey of its own. A page token holds all of them. It travels as a
// LastEvaluatedKey of one attribute, so that paginators and callers carry it as
// they do any other. It is encrypted, because it holds key values of items that
// the caller was not given, and it opens only with the beacon key of the tenant
// and for the query that it was made for.

// ErrPageToken is returned when an ExclusiveStartKey is not the LastEvaluatedKey
// of an earlier page of the same query.
var ErrPageToken = errors.New("the ExclusiveStartKey is not of an earlier page of this query: begin the query anew")

const (
	pageTokenName = attribute.ReservedPrefix + "page"
	pageTokenInfo = "ddbegen page token 1"
)

// newPageCipher derives the cipher of page tokens from a beacon key: AES-256-GCM
// under a key of HKDF-SHA512, whose info is none of a beacon's (RFC 5869).
func newPageCipher(beaconKey []byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha512.New, beaconKey, nil, pageTokenInfo, 32)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// cursor is where the next page of one partition begins.
type cursor struct {
	start Key // nil for the beginning
	done  bool
}

func sealPageToken(pages cipher.AEAD, cursors []cursor, query []byte) (Key, error) {
	plain, err := appendCursors(nil, cursors)
	if err != nil {
		return nil, err
	}
	sealed := pages.Seal(nil, nil, plain, query)
	return Key{pageTokenName: &types.AttributeValueMemberS{Value: base64.RawURLEncoding.EncodeToString(sealed)}}, nil
}

// openPageToken returns the n cursors in a token, or those of the first page if
// there is none. Every error is [ErrPageToken].
func openPageToken(pages cipher.AEAD, token Key, n int, query []byte) ([]cursor, error) {
	if len(token) == 0 {
		return make([]cursor, n), nil
	}
	text, ok := token[pageTokenName].(*types.AttributeValueMemberS)
	if !ok || text == nil || len(token) != 1 {
		return nil, ErrPageToken
	}
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text.Value)
	if err != nil {
		return nil, ErrPageToken
	}
	plain, err := pages.Open(nil, nil, sealed, query)
	if err != nil {
		return nil, ErrPageToken
	}
	cursors, ok := parseCursors(plain)
	if !ok || len(cursors) != n {
		return nil, ErrPageToken
	}
	return cursors, nil
}

// appendCursors writes, for each cursor, the number of attributes of its key plus
// one, or 0 for one that is done; then each attribute as name, type and canonical
// value, names and values behind their lengths.
func appendCursors(dst []byte, cursors []cursor) ([]byte, error) {
	for _, c := range cursors {
		if c.done {
			dst = append(dst, 0)
			continue
		}
		dst = binary.AppendUvarint(dst, uint64(len(c.start))+1)
		for _, name := range slices.Sorted(maps.Keys(c.start)) {
			a, err := CanonicalAttribute(name, c.start[name])
			if err != nil {
				return nil, err
			}
			dst = appendBlock(dst, name)
			dst = binary.BigEndian.AppendUint16(dst, uint16(a.Type))
			dst = appendBlock(dst, a.Value)
		}
	}
	return dst, nil
}

func appendBlock[T string | []byte](dst []byte, block T) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(block)))
	return append(dst, block...)
}

// parseCursors reads what appendCursors wrote. Its input is authentic; that it
// checks everything guards against a token of another version of this package.
func parseCursors(b []byte) (cursors []cursor, ok bool) {
	for len(b) > 0 {
		attributes, n := binary.Uvarint(b)
		if n <= 0 {
			return nil, false
		}
		b = b[n:]
		c := cursor{done: attributes == 0}
		if attributes > 1 {
			c.start = Key{}
		}
		for ; attributes > 1; attributes-- {
			var name, value []byte
			if name, b, ok = cutBlock(b); !ok || len(b) < 2 {
				return nil, false
			}
			a := attribute.Attribute{Name: string(name), Type: attribute.Type(binary.BigEndian.Uint16(b))}
			if value, b, ok = cutBlock(b[2:]); !ok {
				return nil, false
			}
			a.Value = value
			av, err := AttributeValue(a)
			if err != nil {
				return nil, false
			}
			c.start[a.Name] = av
		}
		cursors = append(cursors, c)
	}
	return cursors, true
}

func cutBlock(b []byte) (block, rest []byte, ok bool) {
	length, n := binary.Uvarint(b)
	if n <= 0 || length > uint64(len(b)-n) {
		return nil, nil, false
	}
	b = b[n:]
	return b[:length], b[length:], true
}

// fingerprint names the query that a page token is of: the table, the index, the
// conditions with all that they substitute, the order, the tenant and the
// partitions.
func (p *plan) fingerprint(in *dynamodb.QueryInput, queries int) ([]byte, error) {
	h := sha256.New()
	add := func(blocks ...string) {
		for _, b := range blocks {
			writeBlock(h, []byte(b))
		}
	}
	add(pageTokenInfo, p.table.records.config.LogicalTableName, p.keyID, strconv.Itoa(queries))
	add(aws.ToString(in.IndexName), strconv.FormatBool(in.ScanIndexForward == nil || *in.ScanIndexForward))
	add(aws.ToString(in.KeyConditionExpression), aws.ToString(in.FilterExpression))
	for _, name := range slices.Sorted(maps.Keys(in.ExpressionAttributeNames)) {
		add(name, in.ExpressionAttributeNames[name])
	}
	for _, name := range slices.Sorted(maps.Keys(in.ExpressionAttributeValues)) {
		a, err := CanonicalAttribute(name, in.ExpressionAttributeValues[name])
		if err != nil {
			return nil, err
		}
		add(name, a.Type.String(), string(a.Value))
	}
	return h.Sum(nil), nil
}

func writeBlock(h hash.Hash, b []byte) {
	var length [8]byte
	binary.BigEndian.PutUint64(length[:], uint64(len(b)))
	// A hash.Hash never returns an error.
	h.Write(length[:])
	h.Write(b)
}
