package crypto

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Providers whose encrypted data keys have a form of their own.
const (
	providerRawECDH      = "raw-ecdh"
	providerKMSECDH      = "aws-kms-ecdh"
	providerHierarchical = "aws-kms-hierarchy"
)

// DataKeyDescription is what can be read from an encrypted data key without any
// key (specification: dynamodb-encryption-client/ddb-get-encrypted-data-key-description).
type DataKeyDescription struct {
	ProviderID string
	// KeyID names the key that wrapped the data key; see [EncryptedDataKey.KeyID].
	KeyID string
	// BranchKeyID and BranchKeyVersion, a UUID, are set for the provider
	// aws-kms-hierarchy.
	BranchKeyID      string
	BranchKeyVersion string
}

// DescribeDataKeys returns who wrapped the data keys of an item, from its header
// (the value of the attribute aws_dbe_head). Nothing is authenticated: whoever
// can write the table can make it say anything.
func DescribeDataKeys(header []byte) ([]DataKeyDescription, error) {
	h, err := parseHeader(header)
	if err != nil {
		return nil, err
	}
	descriptions := make([]DataKeyDescription, len(h.dataKeys))
	for i, key := range h.dataKeys {
		d := DataKeyDescription{ProviderID: key.ProviderID, KeyID: key.KeyID()}
		if key.ProviderID == providerHierarchical {
			version, err := branchKeyVersion(key.Ciphertext)
			if err != nil {
				return nil, err
			}
			d.BranchKeyID, d.BranchKeyVersion = string(key.ProviderInfo), version
		}
		descriptions[i] = d
	}
	return descriptions, nil
}

// branchKeyVersion returns the version that stands in the ciphertext of the
// hierarchical keyring: after the wrapped data key, a salt of 16 bytes and an IV
// of 12.
func branchKeyVersion(ciphertext []byte) (string, error) {
	const start, end = wrappedKeyLen + 16 + 12, wrappedKeyLen + 16 + 12 + 16
	if len(ciphertext) < end {
		return "", fmt.Errorf("%w: an encrypted data key of %s is too short", ErrFormat, providerHierarchical)
	}
	u := hex.EncodeToString(ciphertext[start:end])
	return u[:8] + "-" + u[8:12] + "-" + u[12:16] + "-" + u[16:20] + "-" + u[20:], nil
}

// KeyID names, in printable form, the key that wrapped the data key: the text of
// the provider info where it is text, such as a KMS key ARN or a branch key id;
// for a raw AES keyring the key name alone; for ECDH the recipient's and the
// sender's compressed public keys in hex; else the provider info in hex.
func (k EncryptedDataKey) KeyID() string {
	info := k.ProviderInfo
	if k.ProviderID == providerRawECDH || k.ProviderID == providerKMSECDH {
		if recipient, sender, ok := cutECDHInfo(info); ok {
			return "recipient " + hex.EncodeToString(recipient) + " sender " + hex.EncodeToString(sender)
		}
	}
	return printable(trimRawAESInfo(info))
}

// trimRawAESInfo returns the key name of the provider info of a raw AES keyring,
// or info itself. The name is followed by the length of the tag in bits, the
// length of the IV, and the IV.
func trimRawAESInfo(info []byte) []byte {
	const suffix = 4 + 4 + 12
	name := len(info) - suffix
	if name < 0 || binary.BigEndian.Uint32(info[name:]) != 128 || binary.BigEndian.Uint32(info[name+4:]) != 12 {
		return info
	}
	return info[:name]
}

// cutECDHInfo splits the provider info of an ECDH keyring: a version, then the
// public keys of recipient and sender, each behind its length in four bytes.
func cutECDHInfo(info []byte) (recipient, sender []byte, ok bool) {
	if len(info) < 1 || info[0] != 1 {
		return nil, nil, false
	}
	recipient, rest, ok := cutLong(info[1:])
	if !ok {
		return nil, nil, false
	}
	sender, rest, ok = cutLong(rest)
	return recipient, sender, ok && len(rest) == 0
}

func cutLong(b []byte) (block, rest []byte, ok bool) {
	if len(b) < 4 {
		return nil, nil, false
	}
	n := binary.BigEndian.Uint32(b)
	if b = b[4:]; uint64(n) > uint64(len(b)) {
		return nil, nil, false
	}
	return b[:n], b[n:], true
}

// printable returns b as text if it is text without control characters, else in
// hex: names from a header must not be able to write into a log or a terminal.
func printable(b []byte) string {
	if !utf8.Valid(b) {
		return "0x" + hex.EncodeToString(b)
	}
	for _, r := range string(b) {
		if !unicode.IsPrint(r) {
			return strconv.QuoteToASCII(string(b))
		}
	}
	return string(b)
}
