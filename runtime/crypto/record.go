package crypto

import (
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"slices"
	"sync"

	"github.com/ddbegen/ddbegen/internal/derive"
	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// maxSigned is how many attributes the two-byte length of the legend can count.
const maxSigned = maxUint16

// field is a signed attribute on its way through one item. It has no pointers,
// which would make the garbage collector look at scratch memory.
type field struct {
	index  int32 // of the attribute
	rank   int32 // of its name; see configured
	action attribute.Action
}

// record is the signed part of one item, with the scratch memory of one walk. It
// must be released.
type record struct {
	encryptor *ItemEncryptor
	attrs     []attribute.Attribute // the caller's
	fields    []field
	encrypted int // how many of fields are encrypted

	// order holds, in canonical order once sorted, the rank of each field above
	// its index in fields. Numbers are faster to sort than fields.
	order   []uint64
	unknown bool // whether a field has no rank

	path   []byte // canonical path of an attribute without rank
	toHash []byte // collected for hash, which is much faster in long writes
	keys   []byte // the key stream of the encrypted fields
	hash   hash.Hash
}

var records = sync.Pool{New: func() any { return &record{hash: sha512.New384()} }}

func (e *ItemEncryptor) newRecord(attrs []attribute.Attribute) *record {
	r := records.Get().(*record)
	r.encryptor, r.attrs = e, attrs
	r.fields = slices.Grow(r.fields, len(attrs))
	r.order = slices.Grow(r.order, len(attrs))
	return r
}

// release wipes what is secret and gives the scratch memory back.
func (r *record) release() {
	clear(r.keys)
	r.encryptor, r.attrs, r.fields, r.order, r.encrypted, r.unknown = nil, nil, r.fields[:0], r.order[:0], 0, false
	records.Put(r)
}

// add adds the attribute at index, whose name has this rank.
func (r *record) add(index int, action attribute.Action, rank int32) {
	if rank == noRank {
		r.unknown = true
	}
	r.order = append(r.order, uint64(rank)<<32|uint64(len(r.fields)))
	r.fields = append(r.fields, field{int32(index), rank, action})
}

// at returns the field at a place in r.order.
func (r *record) at(place uint64) *field { return &r.fields[uint32(place)] }

func (r *record) attribute(f *field) *attribute.Attribute { return &r.attrs[f.index] }

// name returns the name of the field at a place in r.order.
func (r *record) name(place uint64) string { return r.attribute(r.at(place)).Name }

// sort finds the canonical order and refuses names that occur twice.
func (r *record) sort() error {
	same := func(a, b uint64) bool { return a>>32 == b>>32 } // one rank, one name
	if !r.unknown {
		slices.Sort(r.order)
	} else {
		slices.SortFunc(r.order, func(a, b uint64) int { return attribute.ComparePath(r.name(a), r.name(b)) })
		same = func(a, b uint64) bool { return r.name(a) == r.name(b) }
	}
	for i := 1; i < len(r.order); i++ {
		if same(r.order[i-1], r.order[i]) {
			return &AttributeError{r.name(r.order[i]), errors.New("it is given twice")}
		}
	}
	return nil
}

// pathOf returns the canonical path of f. It is valid until the next call.
func (r *record) pathOf(f *field) []byte {
	if f.rank != noRank {
		return r.encryptor.paths[f.rank]
	}
	r.path = attribute.AppendPath(r.path[:0], r.encryptor.table, r.attribute(f).Name)
	return r.path
}

// legend returns what is done to each field, in canonical order.
func (r *record) legend() []byte {
	legend := make([]byte, len(r.order))
	for i, place := range r.order {
		switch r.at(place).action {
		case attribute.EncryptAndSign:
			legend[i] = legendEncrypt
		case attribute.SignAndIncludeInEncryptionContext:
			legend[i] = legendContext
		default:
			legend[i] = legendSign
		}
	}
	return legend
}

// legendAction returns the action that a legend byte stands for.
func legendAction(c byte) (action attribute.Action, known bool) {
	switch c {
	case legendEncrypt:
		return attribute.EncryptAndSign, true
	case legendSign:
		return attribute.SignOnly, true
	case legendContext:
		return attribute.SignAndIncludeInEncryptionContext, true
	default:
		return 0, false
	}
}

// resolve sets the action of each field from the legend of a header
// (specification: structured-encryption/decrypt-structure, "Calculate Crypto
// Schema").
func (r *record) resolve(legend []byte) error {
	if len(legend) != len(r.order) {
		return ErrScope
	}
	for i, c := range legend {
		action, known := legendAction(c)
		if !known {
			return fmt.Errorf("%w: its legend has an unknown action", ErrFormat)
		}
		if action == attribute.EncryptAndSign {
			r.encrypted++
		}
		r.at(r.order[i]).action = action
	}
	return nil
}

// included returns the attributes that go into the encryption context.
func (r *record) included() []*attribute.Attribute {
	var included []*attribute.Attribute
	for i := range r.fields {
		if f := &r.fields[i]; f.action == attribute.SignAndIncludeInEncryptionContext {
			included = append(included, r.attribute(f))
		}
	}
	return included
}

// find returns the attribute with this name.
func (r *record) find(name string) (*attribute.Attribute, error) {
	for i := range r.fields {
		if a := r.attribute(&r.fields[i]); a.Name == name {
			return a, nil
		}
	}
	return nil, &AttributeError{name, ErrMissingAttribute}
}

// deriveFieldKeys fills keys with the key stream of the encrypted fields.
func (r *record) deriveFieldKeys(fieldRoot []byte) error {
	size := r.encrypted * derive.FieldLen
	r.keys = slices.Grow(r.keys[:0], size)[:size]
	if size == 0 {
		return nil
	}
	return derive.Fields(r.keys, fieldRoot, 0)
}

// fieldCipher returns the cipher and the nonce of the n-th encrypted field.
func (r *record) fieldCipher(n int) (cipher.AEAD, []byte, error) {
	key, nonce := derive.Field(r.keys[n*derive.FieldLen:])
	aead, err := newGCM(key)
	return aead, nonce, err
}

// digest returns the SHA-384 of the record: header, serialised full encryption
// context and every signed attribute as it is stored (specification:
// structured-encryption/footer, "Canonical Record"). encrypted holds the stored
// values of the encrypted fields, one behind the other; it is nil if the
// attributes are the stored ones.
func (r *record) digest(header, context, encrypted []byte) []byte {
	r.hash.Reset()
	r.collect(header)
	r.toHash = binary.BigEndian.AppendUint64(r.toHash, uint64(len(context)))
	r.collect(context)
	for _, place := range r.order {
		f := r.at(place)
		a := r.attribute(f)
		value := a.Value
		b := append(r.toHash, r.pathOf(f)...)
		if f.action == attribute.EncryptAndSign {
			if encrypted != nil {
				n := sealedLen(a)
				value, encrypted = encrypted[:n], encrypted[n:]
			}
			b = binary.BigEndian.AppendUint64(b, uint64(len(value)-typeLen))
			b = append(b, "ENCRYPTED"...)
		} else {
			b = binary.BigEndian.AppendUint64(b, uint64(len(value)))
			b = append(b, "PLAINTEXT"...)
			b = binary.BigEndian.AppendUint16(b, uint16(a.Type))
		}
		r.toHash = b
		r.collect(value)
	}
	r.hash.Write(r.toHash) // hashes return no error
	r.toHash = r.toHash[:0]
	return r.hash.Sum(nil)
}

// maxCollected bounds what is collected for one write to the hash, in bytes.
const maxCollected = 4096

// collect adds part to what is hashed. A large part is not copied.
func (r *record) collect(part []byte) {
	if len(part) > maxCollected-len(r.toHash) {
		r.hash.Write(r.toHash)
		r.toHash = r.toHash[:0]
		if len(part) > maxCollected {
			r.hash.Write(part)
			return
		}
	}
	r.toHash = append(r.toHash, part...)
}

// recipientTagLen is the length in bytes of what authenticates a record for the
// holders of one data key.
const recipientTagLen = sha512.Size384

func recipientTag(dst []byte, key Key, digest []byte) []byte {
	mac := hmac.New(sha512.New384, key.InsecureBytes())
	mac.Write(digest)
	return mac.Sum(dst)
}

// footerLen returns the length of the footer of an item with n data keys.
func footerLen(n int, s Suite) int {
	size := n * recipientTagLen
	if s.Signs() {
		size += signatureLen
	}
	return size
}

// newFooter returns the value of the attribute aws_dbe_foot: a tag for each data
// key and, if the suite signs, a signature.
func newFooter(m *EncryptionMaterials, digest []byte) ([]byte, error) {
	foot := make([]byte, 0, footerLen(len(m.SigningKeys), m.Suite))
	for _, key := range m.SigningKeys {
		foot = recipientTag(foot, key, digest)
	}
	if m.SigningKey == nil {
		return foot, nil
	}
	signature, err := sign(m.SigningKey, digest)
	return append(foot, signature...), err
}

// verifyFooter checks that the holder of the opened data key, and if the suite
// signs the holder of the signing key, vouches for digest.
func verifyFooter(foot []byte, dataKeys int, m *DecryptionMaterials, digest []byte) error {
	if len(foot) != footerLen(dataKeys, m.Suite) {
		return fmt.Errorf("%w: footer has %d bytes, not %d", ErrFormat, len(foot), footerLen(dataKeys, m.Suite))
	}
	tags, signature := foot[:dataKeys*recipientTagLen], foot[dataKeys*recipientTagLen:]
	var want [recipientTagLen]byte
	recipientTag(want[:0], m.SigningKey, digest)
	// Any one tag may be ours: the footer does not say which, and the data keys
	// of others may have been damaged.
	vouched := false
	for tag := range slices.Chunk(tags, recipientTagLen) {
		vouched = hmac.Equal(tag, want[:]) || vouched
	}
	if !vouched {
		return ErrAuthentication
	}
	if m.VerificationKey != nil && !verify(m.VerificationKey, digest, signature) {
		return ErrAuthentication
	}
	return nil
}
