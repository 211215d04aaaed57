package branchkey

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
)

// VersionLen is the length of the binary form of a version in bytes.
const VersionLen = 16

// NewVersion returns a random UUID in lower case (RFC 9562, version 4).
func NewVersion() string {
	var b [VersionLen]byte
	// crypto/rand.Read never returns an error: it ends the program instead.
	_, _ = rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return FormatVersion(b)
}

// FormatVersion returns the text of a version: 36 characters, lower case.
func FormatVersion(b [VersionLen]byte) string {
	var text [36]byte
	hex.Encode(text[0:8], b[0:4])
	hex.Encode(text[9:13], b[4:6])
	hex.Encode(text[14:18], b[6:8])
	hex.Encode(text[19:23], b[8:10])
	hex.Encode(text[24:36], b[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// ParseVersion returns the 16 bytes of a version, or an error that wraps
// [ErrMalformed]. It takes exactly what [FormatVersion] returns: an item names
// its version by these bytes, so that a version in another spelling would be
// encrypted with and never found again.
func ParseVersion(version string) ([VersionLen]byte, error) {
	var b [VersionLen]byte
	if len(version) == 36 {
		bare := version[0:8] + version[9:13] + version[14:18] + version[19:23] + version[24:36]
		if _, err := hex.Decode(b[:], []byte(bare)); err == nil && FormatVersion(b) == version {
			return b, nil
		}
	}
	return [VersionLen]byte{}, fmt.Errorf("%w: the version %q is not a UUID in lower case", ErrMalformed, version)
}
