package attribute

import (
	"cmp"
	"unicode/utf8"
)

// CompareUTF16 compares two strings of valid UTF-8 by UTF-16 code units, the
// order of string sets and map keys in the record format. It differs from the
// order of bytes where a character beyond U+FFFF meets one from U+E000 to
// U+FFFF (specification: ddb-attribute-serialization, "Set Entries").
func CompareUTF16(a, b string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return cmp.Compare(unitRank(a[i]), unitRank(b[i]))
		}
	}
	return cmp.Compare(len(a), len(b))
}

// unitRank ranks a byte of UTF-8 by the UTF-16 code units it can begin. Lead
// bytes F0 to F4 begin surrogate pairs, which lie below U+E000; EE and EF begin
// U+E000 to U+FFFF. Where two valid strings first differ, either both bytes
// begin a character or both continue one, so no other byte is affected.
func unitRank(c byte) int {
	if c == 0xEE || c == 0xEF {
		return int(c) + 0x100
	}
	return int(c)
}

// UTF16Len returns the length of s in UTF-16 code units. Invalid UTF-8 counts
// one unit for each byte.
func UTF16Len(s string) int {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return utf16Len(s)
		}
	}
	return len(s)
}

func utf16Len(s string) int {
	n := 0
	for _, r := range s {
		n++
		if r > 0xFFFF {
			n++
		}
	}
	return n
}
