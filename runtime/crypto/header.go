package crypto

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"

	"github.com/ddbegen/ddbegen/internal/derive"
)

// Sizes in the header and in values.
const (
	messageIDLen = 32
	maxDataKeys  = 255
	typeLen      = 2 // of the type id before an encrypted value
)

// Versions of the header. They differ in the encryption context of the item.
const (
	versionKeys       = 1 // the keys of the item, encoded
	versionAttributes = 2 // all attributes that are to be included, readable
)

// Legend bytes: what happened to each signed attribute, in canonical order.
const (
	legendEncrypt = 'e'
	legendSign    = 's'
	legendContext = 'c'
)

// header is the parsed value of the attribute aws_dbe_head (specification:
// structured-encryption/header).
type header struct {
	version    byte
	suite      Suite
	messageID  []byte
	legend     []byte
	context    EncryptionContext // the stored part
	dataKeys   []EncryptedDataKey
	commitment []byte
	raw        []byte // the whole of it
}

// committed returns what the commitment is computed over: all but itself.
func (h *header) committed() []byte { return h.raw[:len(h.raw)-derive.CommitmentLen] }

// appendHeader appends a header without its commitment. names are the sorted
// names of the pairs of context to store.
func appendHeader(dst []byte, h *header, names []string) []byte {
	dst = append(dst, h.version, byte(h.suite))
	dst = append(dst, h.messageID...)
	dst = appendBlock(dst, h.legend)
	dst = h.context.append(dst, names)
	dst = append(dst, byte(len(h.dataKeys)))
	for _, k := range h.dataKeys {
		dst = appendBlock(dst, k.ProviderID)
		dst = appendBlock(dst, k.ProviderInfo)
		dst = appendBlock(dst, k.Ciphertext)
	}
	return dst
}

// parseHeader reads a header strictly: what it accepts, appendHeader writes
// again byte for byte. The result does not share memory with b.
func parseHeader(b []byte) (*header, error) {
	p := headerReader{rest: bytes.Clone(b)}
	h := &header{raw: p.rest}

	h.version = p.byte()
	flavor := p.byte()
	h.messageID = p.take(messageIDLen)
	h.legend = p.block()
	h.context = p.context()
	h.dataKeys = p.dataKeys()
	h.commitment = p.rest
	switch {
	case p.short:
		return nil, fmt.Errorf("%w: header ends too early", ErrFormat)
	case p.invalid != "":
		return nil, fmt.Errorf("%w: header: %s", ErrFormat, p.invalid)
	case h.version != versionKeys && h.version != versionAttributes:
		return nil, fmt.Errorf("%w: header version %d is not supported", ErrFormat, h.version)
	case flavor > 1:
		return nil, fmt.Errorf("%w: header flavor %d is not supported", ErrFormat, flavor)
	case len(h.commitment) != derive.CommitmentLen:
		return nil, fmt.Errorf("%w: header has %d bytes after its data keys, not %d", ErrFormat, len(h.commitment), derive.CommitmentLen)
	}
	h.suite = SuiteHMAC | Suite(flavor)
	return h, nil
}

// headerReader takes parts from the front of rest. After a first problem it
// returns empty parts.
type headerReader struct {
	rest    []byte
	short   bool
	invalid string
}

func (p *headerReader) take(n int) []byte {
	if len(p.rest) < n {
		p.short, p.rest = true, nil
		return nil
	}
	part := p.rest[:n:n]
	p.rest = p.rest[n:]
	return part
}

func (p *headerReader) byte() byte {
	if b := p.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (p *headerReader) uint16() int {
	if b := p.take(2); b != nil {
		return int(binary.BigEndian.Uint16(b))
	}
	return 0
}

func (p *headerReader) block() []byte { return p.take(p.uint16()) }

func (p *headerReader) text() string {
	b := p.block()
	if !utf8.Valid(b) {
		p.invalid = "invalid UTF-8"
	}
	return string(b)
}

func (p *headerReader) context() EncryptionContext {
	count := p.uint16()
	if count == 0 {
		return nil
	}
	ec := make(EncryptionContext)
	last := ""
	for i := range count {
		name := p.text()
		value := p.text()
		if p.short {
			return nil
		}
		if i > 0 && name <= last {
			p.invalid = "its encryption context is not in ascending order"
		}
		ec[name] = value
		last = name
	}
	return ec
}

func (p *headerReader) dataKeys() []EncryptedDataKey {
	count := int(p.byte())
	if count == 0 {
		p.invalid = "it has no data keys"
		return nil
	}
	keys := make([]EncryptedDataKey, 0, count)
	for range count {
		keys = append(keys, EncryptedDataKey{ProviderID: p.text(), ProviderInfo: p.block(), Ciphertext: p.block()})
		if p.short {
			return nil
		}
	}
	return keys
}
