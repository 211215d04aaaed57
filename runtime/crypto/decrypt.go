package crypto

import (
	"context"
	"crypto/hmac"
	"encoding/binary"
	"fmt"

	"github.com/ddbegen/ddbegen/internal/derive"
	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// Decrypted is the plaintext of an item.
type Decrypted struct {
	// Attributes replace those of the same name: those that were encrypted, in
	// canonical order, with their canonical values. The attributes whose names
	// begin with aws_dbe_ are to be dropped; all others were authenticated as they
	// are, or are allowed to be unsigned. Attributes is empty for an item that was
	// accepted as plaintext.
	Attributes []attribute.Attribute
	// Header is nil for an item that was accepted as plaintext.
	Header *ParsedHeader
}

// Decrypt verifies and decrypts an item (specification:
// structured-encryption/decrypt-structure). attrs are all attributes of the item
// with their canonical values; those for which [ItemEncryptor.Verifies] is false
// need no value and may be left out. An item that is to be accepted as plaintext
// needs no values. attrs is neither changed nor kept.
//
// An error wraps [ErrAuthentication], [ErrFormat], [ErrNotEncrypted], a
// [*NoKeyError], [ErrMissingAttribute] for a key attribute, or what the
// materials provider returned.
func (e *ItemEncryptor) Decrypt(ctx context.Context, attrs []attribute.Attribute) (*Decrypted, error) {
	r := e.newRecord(attrs)
	defer r.release()
	head, foot, err := e.scopeOnDecrypt(r)
	if err != nil {
		return nil, err
	}
	keys, err := e.keysOf(r)
	if err != nil {
		return nil, err
	}
	if head == nil && foot == nil && e.ReadsPlaintext() {
		return &Decrypted{}, nil
	}
	h, err := r.open(head, foot)
	if err != nil {
		return nil, err
	}

	m, err := e.openMaterials(ctx, h, e.contextOf(r, keys, h.version))
	if err != nil {
		return nil, err
	}
	defer m.wipe()
	commit, fieldRoot := derive.Record(m.PlaintextDataKey.InsecureBytes(), h.messageID)
	defer clear(commit)
	defer clear(fieldRoot)
	if !hmac.Equal(h.commitment, derive.Commitment(commit, h.committed())) {
		return nil, ErrAuthentication
	}
	digest := r.digest(h.raw, m.serialized, nil)
	if err := verifyFooter(foot.Value, len(h.dataKeys), m, digest); err != nil {
		return nil, err
	}
	plain, err := r.decrypt(fieldRoot)
	if err != nil {
		return nil, err
	}
	return &Decrypted{plain, newParsedHeader(h, r, m.EncryptionContext)}, nil
}

// scopeOnDecrypt fills r with the attributes that must be signed, and returns
// header and footer.
func (e *ItemEncryptor) scopeOnDecrypt(r *record) (head, foot *attribute.Attribute, err error) {
	for i := range r.attrs {
		a := &r.attrs[i]
		if c, known := e.actions[a.Name]; known {
			if c.action != attribute.DoNothing {
				r.add(i, attribute.SignOnly, c.rank)
			}
			continue
		}
		switch {
		case a.Name == attribute.HeaderName:
			head = a
		case a.Name == attribute.FooterName:
			foot = a
		case e.Verifies(a.Name):
			r.add(i, attribute.SignOnly, noRank)
		}
	}
	return head, foot, r.sort()
}

// open reads the header and learns from it what was done to each field.
func (r *record) open(head, foot *attribute.Attribute) (*header, error) {
	switch {
	case head == nil && foot == nil:
		return nil, ErrNotEncrypted
	case head == nil || foot == nil:
		return nil, fmt.Errorf("%w: it lacks header or footer", ErrFormat)
	case head.Type != attribute.Binary || foot.Type != attribute.Binary:
		return nil, fmt.Errorf("%w: header or footer is not of type B", ErrFormat)
	}
	h, err := parseHeader(head.Value)
	if err != nil {
		return nil, err
	}
	if err := r.resolve(h.legend); err != nil {
		return nil, err
	}
	for i := range r.fields {
		f := &r.fields[i]
		a := r.attribute(f)
		if f.action == attribute.EncryptAndSign && (a.Type != attribute.Binary || len(a.Value) < typeLen+tagLen) {
			return nil, ErrAuthentication
		}
	}
	return h, nil
}

// decrypt returns the plaintext of the encrypted fields.
func (r *record) decrypt(fieldRoot []byte) ([]attribute.Attribute, error) {
	if err := r.deriveFieldKeys(fieldRoot); err != nil {
		return nil, err
	}
	size := 0
	for i := range r.fields {
		if f := &r.fields[i]; f.action == attribute.EncryptAndSign {
			size += len(r.attribute(f).Value) - typeLen - tagLen
		}
	}
	room := make([]byte, 0, size)
	plain := make([]attribute.Attribute, 0, r.encrypted)
	for _, place := range r.order {
		f := r.at(place)
		if f.action != attribute.EncryptAndSign {
			continue
		}
		a := r.attribute(f)
		aead, nonce, err := r.fieldCipher(len(plain))
		if err != nil {
			return nil, err
		}
		start := len(room)
		if room, err = aead.Open(room, nonce, a.Value[typeLen:], r.pathOf(f)); err != nil {
			return nil, ErrAuthentication // the cause says no more
		}
		plain = append(plain, attribute.Attribute{
			Name:  a.Name,
			Type:  attribute.Type(binary.BigEndian.Uint16(a.Value)),
			Value: room[start:len(room):len(room)],
		})
	}
	return plain, nil
}
