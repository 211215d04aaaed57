package tag

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Span is a half-open range of bytes in the source text that a [Text] was made
// from.
type Span struct{ Start, End int }

// Text is a string together with the place in the source of each of its bytes,
// which the quoting of string literals would else hide.
type Text struct {
	Value string
	at    []int // of each byte of Value, and of its end
}

// Plain returns text that stands in the source as it is, from offset on.
func Plain(value string, offset int) Text {
	at := make([]int, len(value)+1)
	for i := range at {
		at[i] = offset + i
	}
	return Text{Value: value, at: at}
}

// Literal returns the text of a Go string literal, raw or interpreted, as it is
// written in the source.
func Literal(literal string) (Text, error) { return unquote(Plain(literal, 0)) }

// Span returns where the bytes from start to end of the text stand.
func (t Text) Span(start, end int) Span { return Span{t.at[start], t.at[end]} }

func (t Text) slice(start, end int) Text {
	return Text{Value: t.Value[start:end], at: t.at[start : end+1]}
}

// unquote undoes the quoting of a Go string literal.
func unquote(quoted Text) (Text, error) {
	s := quoted.Value
	if len(s) < 2 || s[0] != s[len(s)-1] || s[0] != '"' && s[0] != '`' {
		return Text{}, strconv.ErrSyntax
	}
	inner := quoted.slice(1, len(s)-1)
	if s[0] == '`' {
		return inner, nil
	}
	var t Text
	var b strings.Builder
	for rest := inner.Value; rest != ""; {
		r, multibyte, tail, err := strconv.UnquoteChar(rest, '"')
		if err != nil {
			return Text{}, err
		}
		start := b.Len()
		if r < utf8.RuneSelf || !multibyte {
			b.WriteByte(byte(r))
		} else {
			b.WriteRune(r)
		}
		for range b.Len() - start {
			t.at = append(t.at, inner.at[len(inner.Value)-len(rest)])
		}
		rest = tail
	}
	t.Value = b.String()
	t.at = append(t.at, inner.at[len(inner.Value)])
	return t, nil
}

// Lookup returns the value of key in a struct tag, by the convention of
// [reflect.StructTag]. A tag that does not follow the convention, which
// reflection would ignore in silence, is a problem; so is a key that is written
// twice.
func (t Text) Lookup(key string) (value Text, ok bool, problems []Problem) {
	for i := 0; ; {
		for i < len(t.Value) && t.Value[i] == ' ' {
			i++
		}
		if i == len(t.Value) {
			return value, ok, problems
		}
		name, quoted, next, valid := t.pair(i)
		if !valid {
			return value, ok, append(problems, Problem{
				Span: t.Span(i, len(t.Value)), Code: TagSyntax,
				Message: "the struct tag does not follow the convention key:\"value\" from here on",
				Fix:     "separate pairs by a space, with no space around the colon",
			})
		}
		if name == key && ok {
			problems = append(problems, Problem{
				Span: t.Span(i, next), Code: DuplicateOption,
				Message: fmt.Sprintf("the struct tag has the key %q twice", key),
				Fix:     "write one tag",
			})
		} else if name == key {
			value, ok = quoted, true
		}
		i = next
	}
}

// pair reads the key and value that begin at i.
func (t Text) pair(i int) (key string, value Text, next int, ok bool) {
	colon := i
	for colon < len(t.Value) && t.Value[colon] > ' ' && t.Value[colon] != ':' && t.Value[colon] != '"' && t.Value[colon] != 0x7f {
		colon++
	}
	if colon == i || colon+1 >= len(t.Value) || t.Value[colon] != ':' || t.Value[colon+1] != '"' {
		return "", Text{}, 0, false
	}
	end := colon + 2
	for end < len(t.Value) && t.Value[end] != '"' {
		if t.Value[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(t.Value) {
		return "", Text{}, 0, false
	}
	value, err := unquote(t.slice(colon+1, end+1))
	return t.Value[i:colon], value, end + 1, err == nil
}
