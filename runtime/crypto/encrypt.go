package crypto

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/ddbegen/ddbegen/internal/derive"
	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// Encrypted is what an item gets in exchange for its plaintext.
type Encrypted struct {
	// Attributes replace those of the same name, or are added: the encrypted
	// attributes in canonical order, then the header and the footer. All are of
	// type Binary. It is empty if the policy is to write plaintext.
	Attributes []attribute.Attribute
	// Header is nil if the policy is to write plaintext.
	Header *ParsedHeader
}

// Encrypt encrypts and signs an item (specification:
// structured-encryption/encrypt-structure). attrs are all attributes of the item
// with their canonical values; attributes whose action is DO_NOTHING need no
// value and may be left out. Under a policy to write plaintext none needs a
// value. attrs is neither changed nor kept.
//
// What is wrong with the item is an [*AttributeError]; other errors are those of
// the materials provider.
func (e *ItemEncryptor) Encrypt(ctx context.Context, attrs []attribute.Attribute) (*Encrypted, error) {
	if e.WritesPlaintext() {
		if err := e.checkPlaintext(attrs); err != nil {
			return nil, err
		}
		return &Encrypted{}, nil
	}
	r := e.newRecord(attrs)
	defer r.release()
	if err := e.scopeOnEncrypt(r); err != nil {
		return nil, err
	}
	keys, err := e.keysOf(r)
	if err != nil {
		return nil, err
	}

	m, err := e.newMaterials(ctx, e.contextOf(r, keys, e.version))
	if err != nil {
		return nil, err
	}
	defer m.wipe()
	h, fieldRoot, err := e.newHeader(r, m)
	if err != nil {
		return nil, err
	}
	defer clear(fieldRoot)
	replaced, sealed, err := r.encrypt(fieldRoot)
	if err != nil {
		return nil, err
	}
	digest := r.digest(h.raw, m.serialized, sealed)
	foot, err := newFooter(m, digest)
	if err != nil {
		return nil, err
	}

	replaced = append(replaced,
		attribute.Attribute{Name: attribute.HeaderName, Type: attribute.Binary, Value: h.raw},
		attribute.Attribute{Name: attribute.FooterName, Type: attribute.Binary, Value: foot})
	return &Encrypted{replaced, newParsedHeader(h, r, m.EncryptionContext)}, nil
}

// checkPlaintext refuses an item that could not be encrypted once the policy is
// to do so, as far as names tell.
func (e *ItemEncryptor) checkPlaintext(attrs []attribute.Attribute) error {
	required := append([]string{e.partition}, e.inContext...)
	if e.sort != "" {
		required = append(required, e.sort)
	}
	for _, name := range required {
		if !slices.ContainsFunc(attrs, func(a attribute.Attribute) bool { return a.Name == name }) {
			return &AttributeError{name, ErrMissingAttribute}
		}
	}
	for _, a := range attrs {
		if attribute.Reserved(a.Name) {
			return &AttributeError{a.Name, ErrReserved}
		}
	}
	return nil
}

// scopeOnEncrypt fills r with the attributes that are to be signed.
func (e *ItemEncryptor) scopeOnEncrypt(r *record) error {
	inContext := 0
	for i := range r.attrs {
		name := r.attrs[i].Name
		c, known := e.actions[name]
		action := c.action
		if !known {
			var err error
			if action, err = e.Action(name); err != nil {
				return err
			}
			if err := checkName(name); err != nil {
				return &AttributeError{name, err}
			}
			c.rank = noRank
		}
		switch action {
		case attribute.DoNothing:
			continue
		case attribute.EncryptAndSign:
			r.encrypted++
		case attribute.SignAndIncludeInEncryptionContext:
			inContext++
		}
		r.add(i, action, c.rank)
	}
	if len(r.fields) > maxSigned {
		return fmt.Errorf("the item has %d signed attributes, more than %d", len(r.fields), maxSigned)
	}
	if err := r.sort(); err != nil {
		return err
	}
	if inContext < len(e.inContext) {
		for _, name := range e.inContext {
			if _, err := r.find(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// keysOf returns the key attributes of the item r.
func (e *ItemEncryptor) keysOf(r *record) ([]*attribute.Attribute, error) {
	partition, err := r.find(e.partition)
	if err != nil {
		return nil, err
	}
	if e.sort == "" {
		return []*attribute.Attribute{partition}, nil
	}
	sort, err := r.find(e.sort)
	if err != nil {
		return nil, err
	}
	return []*attribute.Attribute{partition, sort}, nil
}

// contextOf returns the encryption context of the item r by the rules of this
// version of the header.
func (e *ItemEncryptor) contextOf(r *record, keys []*attribute.Attribute, version byte) EncryptionContext {
	if version == versionKeys {
		return e.keyContext(keys)
	}
	return e.attributeContext(r.included())
}

// newHeader returns a header that commits to the data key of m, and the root of
// the keys of the fields.
func (e *ItemEncryptor) newHeader(r *record, m *EncryptionMaterials) (h *header, fieldRoot []byte, err error) {
	messageID := make([]byte, messageIDLen)
	rand.Read(messageID) // never fails: crypto/rand ends the program instead
	stored := m.storedContext()
	names, size, err := stored.sorted(nil)
	if err != nil {
		return nil, nil, err
	}
	h = &header{
		version: e.version, suite: m.Suite, messageID: messageID, legend: r.legend(),
		context: stored, dataKeys: m.EncryptedDataKeys,
	}
	size += 2 + messageIDLen + 2 + len(h.legend) + 1 + derive.CommitmentLen
	for _, k := range h.dataKeys {
		size += 6 + len(k.ProviderID) + len(k.ProviderInfo) + len(k.Ciphertext)
	}
	h.raw = appendHeader(make([]byte, 0, size), h, names)

	commit, fieldRoot := derive.Record(m.PlaintextDataKey.InsecureBytes(), messageID)
	defer clear(commit)
	h.commitment = derive.Commitment(commit, h.raw)
	h.raw = append(h.raw, h.commitment...)
	return h, fieldRoot, nil
}

// sealedLen returns the length of the stored form of an encrypted attribute.
func sealedLen(a *attribute.Attribute) int { return typeLen + len(a.Value) + tagLen }

// encrypt encrypts the fields whose action says so. It returns them with room
// for header and footer, and the memory in which their values lie one behind the
// other (specification: structured-encryption/encrypt-structure, "Terminal Data
// Encryption").
func (r *record) encrypt(fieldRoot []byte) (replaced []attribute.Attribute, sealed []byte, err error) {
	if err := r.deriveFieldKeys(fieldRoot); err != nil {
		return nil, nil, err
	}
	size := 0
	for i := range r.fields {
		if f := &r.fields[i]; f.action == attribute.EncryptAndSign {
			size += sealedLen(r.attribute(f))
		}
	}
	sealed = make([]byte, 0, size)
	replaced = make([]attribute.Attribute, 0, r.encrypted+2)
	for _, place := range r.order {
		f := r.at(place)
		if f.action != attribute.EncryptAndSign {
			continue
		}
		a := r.attribute(f)
		aead, nonce, err := r.fieldCipher(len(replaced))
		if err != nil {
			return nil, nil, err
		}
		start := len(sealed)
		sealed = binary.BigEndian.AppendUint16(sealed, uint16(a.Type))
		sealed = aead.Seal(sealed, nonce, a.Value, r.pathOf(f))
		value := sealed[start:len(sealed):len(sealed)]
		replaced = append(replaced, attribute.Attribute{Name: a.Name, Type: attribute.Binary, Value: value})
	}
	return replaced, sealed, nil
}
