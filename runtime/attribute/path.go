package attribute

import (
	"cmp"
	"encoding/binary"
	"strings"
)

// AppendPath appends the canonical path of the attribute name in the table with
// this logical name: the table name, the depth 1 in eight bytes, `$`, the length
// of the attribute name in eight bytes and the name. The length counts UTF-16
// code units, not bytes. The path is what binds an encrypted value to its
// attribute (specification: structured-encryption/header, "Canonical Path").
func AppendPath(dst []byte, table, name string) []byte {
	dst = append(dst, table...)
	dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 1, '$')
	dst = binary.BigEndian.AppendUint64(dst, uint64(UTF16Len(name)))
	return append(dst, name...)
}

// ComparePath compares the canonical paths of two attributes of one table: the
// order in which attributes are signed. Shorter names, in UTF-16 code units,
// come first; names of equal length are compared by bytes.
func ComparePath(a, b string) int {
	if c := cmp.Compare(UTF16Len(a), UTF16Len(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}
