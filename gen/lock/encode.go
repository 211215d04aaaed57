package lock

import (
	"bytes"
	"encoding/json"
	"strings"
)

// Encode returns the file in the one form that it is written in: the same for
// the same content, and with short objects on one line, so that a review shows
// one line for one thing that changed.
func (f *File) Encode() ([]byte, error) {
	var compact bytes.Buffer
	e := json.NewEncoder(&compact)
	e.SetEscapeHTML(false)
	if err := e.Encode(f); err != nil {
		return nil, err
	}
	l := layout{in: bytes.TrimSpace(compact.Bytes())}
	l.value(0)
	l.out.WriteByte('\n')
	return l.out.Bytes(), nil
}

// maxLine is the length in bytes of the longest object that is written on one
// line, without its name and indentation.
const maxLine = 120

// layout breaks compact JSON, which it trusts, into lines.
type layout struct {
	in  []byte
	out bytes.Buffer
}

// value moves one value. An object or array that holds no other, and is short,
// stays on its line.
func (l *layout) value(depth int) {
	switch n := l.length(); {
	case l.in[0] != '{' && l.in[0] != '[' || n == len("{}"):
		l.move(n)
	case n <= maxLine && !bytes.ContainsAny(unquoted(l.in[1:n]), "{["):
		l.line(n)
	default:
		l.lines(depth)
	}
}

func (l *layout) move(n int) {
	l.out.Write(l.in[:n])
	l.in = l.in[n:]
}

// line moves an object or array of n bytes, with spaces after its punctuation.
func (l *layout) line(n int) {
	for end := len(l.in) - n; len(l.in) > end; {
		n := 1
		if l.in[0] == '"' {
			n = l.length()
		}
		c := l.in[0]
		l.move(n)
		if c == ',' || c == ':' {
			l.out.WriteByte(' ')
		}
	}
}

// lines moves an object or array, each member on lines of its own.
func (l *layout) lines(depth int) {
	indent := "\n" + strings.Repeat("  ", depth)
	end := l.in[0] + 2 // the bracket that closes it, in ASCII
	for l.in[0] != end {
		l.move(1) // the bracket that opens it, or a comma
		l.out.WriteString(indent + "  ")
		if end == '}' {
			l.move(l.length())
			l.move(1) // the colon
			l.out.WriteByte(' ')
		}
		l.value(depth + 1)
	}
	l.out.WriteString(indent)
	l.move(1)
}

// length returns the length of the value at the beginning of the rest.
func (l *layout) length() int {
	depth, text := 0, false
	for i := 0; i < len(l.in); i++ {
		switch c := l.in[i]; {
		case text && c == '\\':
			i++
			continue
		case c == '"':
			text = !text
		case text:
			continue
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ',' || c == ':':
			if depth == 0 {
				return i
			}
			continue
		}
		if depth < 0 {
			return i // a number or a word at the end of what it is in
		}
		if depth == 0 && !text && strings.IndexByte(`"}]`, l.in[i]) >= 0 {
			return i + 1
		}
	}
	return len(l.in)
}

// unquoted returns compact JSON without its texts.
func unquoted(in []byte) []byte {
	var out []byte
	text := false
	for i := 0; i < len(in); i++ {
		switch {
		case text && in[i] == '\\':
			i++
		case in[i] == '"':
			text = !text
		case !text:
			out = append(out, in[i])
		}
	}
	return out
}
