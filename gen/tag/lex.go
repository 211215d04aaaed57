package tag

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a word, a quoted word or one mark of punctuation.
type token struct {
	kind byte // 'w' for a word, 0 at the end, or the mark itself
	Word
}

// punctuation is what ends a word that is not in quotes. A name that holds any
// of these is written in quotes.
const punctuation = ",:=()+?@"

// Spell returns a word as a directive has it: in quotes where it must be.
func Spell(word string) string {
	special := func(r rune) bool {
		return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == '"' || r == utf8.RuneError || strings.ContainsRune(punctuation, r)
	}
	if word == "" || strings.ContainsFunc(word, special) {
		return strconv.Quote(word)
	}
	return word
}

// halfQuoted is the problem of a word of which only a piece is in quotes: first is
// what comes before or in the quotes.
func halfQuoted(line string, first Word) *Problem {
	start, i, text := first.Span.Start, first.Span.End, first.Text
	for i < len(line) {
		r, size := utf8.DecodeRuneInString(line[i:])
		if unicode.IsSpace(r) || strings.ContainsRune(punctuation, r) {
			break
		}
		if quoted, err := strconv.QuotedPrefix(line[i:]); r == '"' && err == nil {
			if value, err := strconv.Unquote(quoted); err == nil {
				text += value
				i += len(quoted)
				continue
			}
		}
		text += line[i : i+size]
		i += size
	}
	return &Problem{Span: Span{start, i}, Code: DirectiveSyntax, Message: "only a piece of the word is in quotes", Fix: "write " + Spell(text)}
}

// lex cuts line into tokens, from offset on. The last token has kind 0. After a
// problem it returns the tokens before it.
func lex(line string, offset int) ([]token, *Problem) {
	var tokens []token
	end := token{0, Word{"", Span{len(line), len(line)}}}
	for i := offset; i < len(line); {
		r, size := utf8.DecodeRuneInString(line[i:])
		if n := len(tokens); n > 0 && tokens[n-1].kind == 'w' && tokens[n-1].Span.End == i && !unicode.IsSpace(r) && !strings.ContainsRune(punctuation, r) {
			problem := halfQuoted(line, tokens[n-1].Word)
			return append(tokens[:n-1], end), problem
		}
		switch {
		case unicode.IsSpace(r):
			i += size
		case strings.ContainsRune(punctuation, r):
			tokens = append(tokens, token{byte(r), Word{line[i : i+1], Span{i, i + 1}}})
			i++
		case r == '"':
			quoted, err := strconv.QuotedPrefix(line[i:])
			if err != nil {
				return append(tokens, end), &Problem{Span: Span{i, len(line)}, Code: DirectiveSyntax, Message: "the quoted text does not end", Fix: `write it as in Go, such as "a, b"`}
			}
			value, err := strconv.Unquote(quoted)
			if err != nil {
				return append(tokens, end), &Problem{Span: Span{i, i + len(quoted)}, Code: DirectiveSyntax, Message: "this is not a quoted text", Fix: `write it as in Go, such as "a, b"`}
			}
			tokens = append(tokens, token{'w', Word{value, Span{i, i + len(quoted)}}})
			i += len(quoted)
		default:
			start := i
			for i < len(line) {
				r, size := utf8.DecodeRuneInString(line[i:])
				if unicode.IsSpace(r) || r == '"' || strings.ContainsRune(punctuation, r) {
					break
				}
				i += size
			}
			tokens = append(tokens, token{'w', Word{line[start:i], Span{start, i}}})
		}
	}
	return append(tokens, end), nil
}
