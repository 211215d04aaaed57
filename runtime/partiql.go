package runtime

import (
	"errors"
	"strings"
)

var errStatement = errors.New("the table of the PartiQL statement cannot be told: write SELECT … FROM, INSERT INTO, UPDATE or DELETE FROM, without comments, and the table behind it")

// statementTables returns the names of the tables in a PartiQL statement
// (Amazon DynamoDB developer guide, "PartiQL for DynamoDB"). A statement that is
// not wholly understood as far as its tables go is an error: letting it pass
// could let plaintext pass.
func statementTables(statement string) ([]string, error) {
	tokens, err := lexStatement(statement)
	if err != nil {
		return nil, err
	}
	if len(tokens) > 1 && tokens[0].is("EXISTS") && tokens[1].text == "(" {
		tokens = tokens[2:]
	}
	if len(tokens) == 0 {
		return nil, errStatement
	}
	switch first := tokens[0]; {
	case first.is("SELECT"):
		return tablesBehind("FROM", tokens[1:])
	case first.is("INSERT"), first.is("DELETE"):
		keyword := "INTO"
		if first.is("DELETE") {
			keyword = "FROM"
		}
		if len(tokens) < 2 || !tokens[1].is(keyword) {
			return nil, errStatement
		}
		return tablesBehind(keyword, tokens[1:])
	case first.is("UPDATE"):
		return tablesBehind("UPDATE", tokens)
	default:
		return nil, errStatement
	}
}

// tablesBehind returns the names behind every occurrence of keyword. There must
// be one at least.
func tablesBehind(keyword string, tokens []statementToken) ([]string, error) {
	var names []string
	for i, t := range tokens {
		if !t.is(keyword) {
			continue
		}
		if i+1 == len(tokens) || !tokens[i+1].name() {
			return nil, errStatement
		}
		if i+2 < len(tokens) && !tokens[i+2].follows() {
			return nil, errStatement
		}
		names = append(names, tokens[i+1].text)
	}
	if len(names) == 0 {
		return nil, errStatement
	}
	return names, nil
}

type statementToken struct {
	text string
	kind byte // w for a word, " or ' for a quoted text, 0 for others
}

func (t statementToken) is(keyword string) bool {
	return t.kind == 'w' && strings.EqualFold(t.text, keyword)
}

func (t statementToken) name() bool { return t.kind != 0 && t.text != "" }

// follows reports whether t can stand behind the name of a table. With anything
// else there the name may be longer, or not alone.
func (t statementToken) follows() bool {
	return t.kind == 'w' || t.text == "." || t.text == ")" || t.text == ";"
}

func lexStatement(s string) ([]statementToken, error) {
	var tokens []statementToken
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
		case strings.HasPrefix(s[i:], "--"), strings.HasPrefix(s[i:], "/*"), c == '`':
			return nil, errStatement
		case c == '"' || c == '\'':
			text, rest, err := quotedText(s[i:])
			if err != nil {
				return nil, err
			}
			tokens = append(tokens, statementToken{text, c})
			i = len(s) - len(rest)
		case isWordByte(c):
			start := i
			for i < len(s) && isWordByte(s[i]) {
				i++
			}
			tokens = append(tokens, statementToken{s[start:i], 'w'})
		default:
			tokens = append(tokens, statementToken{text: s[i : i+1]})
			i++
		}
	}
	return tokens, nil
}

// quotedText returns the text in the quotes that s begins with, in which a
// doubled quote stands for one, and what follows it.
func quotedText(s string) (text, rest string, err error) {
	quote := s[:1]
	for rest = s[1:]; ; {
		before, after, closed := strings.Cut(rest, quote)
		if !closed {
			return "", "", errStatement
		}
		text += before
		if !strings.HasPrefix(after, quote) {
			return text, after, nil
		}
		text, rest = text+quote, after[1:]
	}
}

func isWordByte(c byte) bool {
	return c >= 0x80 || c == '_' || c == '$' || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}
