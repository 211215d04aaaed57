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

	names  []string // of the signed attributes, in canonical order
	legend []byte   // what was done to each
}

func newParsedHeader(h *header, r *record, ec EncryptionContext) *ParsedHeader {
	names := make([]string, len(r.order))
	for i, place := range r.order {
		names[i] = r.name(place)
	}
	return &ParsedHeader{
		Version: h.version, Suite: h.suite, EncryptedDataKeys: h.dataKeys,
		StoredEncryptionContext: h.context, EncryptionContext: ec,
		names: names, legend: h.legend,
	}
}

// Actions yields the signed attributes of the item, in canonical order, with
// what was done to them on encrypt.
func (p *ParsedHeader) Actions() iter.Seq2[string, attribute.Action] {
	return func(yield func(string, attribute.Action) bool) {
		for i, name := range p.names {
			if action, _ := legendAction(p.legend[i]); !yield(name, action) {
				return
			}
		}
	}
}
