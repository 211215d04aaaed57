package foreign

import "strings"

// Quote writes a string literal in double quotes. Quotes and backslashes have a
// backslash before them, runes that are plain stand as they are, and escape writes
// the others.
func Quote(s string, plain func(rune) bool, escape func(rune) string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case plain(r):
			b.WriteRune(r)
		default:
			b.WriteString(escape(r))
		}
	}
	b.WriteByte('"')
	return b.String()
}
