package crypto

import (
	"iter"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// ParsedHeader says how an item was encrypted. On decrypt it is authentic.
type ParsedHeader struct {
	Version byte // 1, or 2 if attributes are in the encryption context
	Suite   Suite
	// EncryptedDataKeys have whole ciphertexts, as in [EncryptionMaterials].
	EncryptedDataKeys []EncryptedDataKey
	// StoredEncryptionContext is the part of EncryptionContext in the header.
	StoredEncryptionContext EncryptionContext
	EncryptionContext       EncryptionContext

	signed []signedAttribute
}

type signedAttribute struct {
	name   string
	action attribute.Action
}

func newParsedHeader(h *header, r *record, ec EncryptionContext) *ParsedHeader {
	p := &ParsedHeader{
		Version: h.version, Suite: h.suite, EncryptedDataKeys: h.dataKeys,
		StoredEncryptionContext: h.context, EncryptionContext: ec,
		signed: make([]signedAttribute, len(r.fields)),
	}
	for i, place := range r.order {
		f := r.at(place)
		p.signed[i] = signedAttribute{f.Name, f.action}
	}
	return p
}

// Actions yields the signed attributes of the item, in canonical order, with
// what was done to them on encrypt.
func (p *ParsedHeader) Actions() iter.Seq2[string, attribute.Action] {
	return func(yield func(string, attribute.Action) bool) {
		for _, s := range p.signed {
			if !yield(s.name, s.action) {
				return
			}
		}
	}
}
