package expression

import "strings"

type tokenKind uint8

const (
	tokenEnd         tokenKind = iota
	tokenWord                  // a keyword, a function, or a name that is not substituted
	tokenAlias                 // #name
	tokenValue                 // :value
	tokenDigits                // an index of a list
	tokenPunctuation           // a comparator or one of ( ) [ ] . , + -
	tokenInvalid
)

type token struct {
	kind       tokenKind
	text       string
	start, end int // offsets in the expression
}

// is reports whether t is this punctuation or, in any case of letters, keyword.
func (t token) is(text string) bool {
	switch t.kind {
	case tokenPunctuation:
		return t.text == text
	case tokenWord:
		return strings.EqualFold(t.text, text)
	default:
		return false
	}
}

// lex cuts an expression into tokens and appends them; the last is tokenEnd. Only
// a letter can begin a word: other names must be substituted.
func lex(tokens []token, text string) []token {
	for i := 0; ; {
		for i < len(text) && isSpace(text[i]) {
			i++
		}
		start := i
		if i == len(text) {
			return append(tokens, token{tokenEnd, "<EOF>", start, start})
		}
		c := text[i]
		i++
		kind := tokenInvalid
		switch {
		case isLetter(c):
			kind = tokenWord
			i = skipName(text, i)
		case isDigit(c):
			kind = tokenDigits
			for i < len(text) && isDigit(text[i]) {
				i++
			}
		case c == '#' || c == ':':
			i = skipName(text, i)
			if i-start > 1 {
				kind = tokenValue
				if c == '#' {
					kind = tokenAlias
				}
			}
		case c == '<' || c == '>':
			kind = tokenPunctuation
			if i < len(text) && (text[i] == '=' || c == '<' && text[i] == '>') {
				i++
			}
		case strings.IndexByte("=()[].,+-", c) >= 0:
			kind = tokenPunctuation
		default:
			for i < len(text) && text[i]&0xC0 == 0x80 {
				i++ // the rest of a character of UTF-8
			}
		}
		tokens = append(tokens, token{kind, text[start:i], start, i})
	}
}

func skipName(text string, i int) int {
	for i < len(text) && (isLetter(text[i]) || isDigit(text[i]) || text[i] == '_') {
		i++
	}
	return i
}

func isSpace(c byte) bool  { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
