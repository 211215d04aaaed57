package gen

import (
	"bytes"
	goformat "go/format"
	"go/scanner"
	"go/token"
	"slices"
	"strconv"
)

// format lays the source out as gofmt does.
func format(source []byte) ([]byte, error) { return goformat.Source(source) }

// groupImports sorts the lines of the import declaration, those of the standard
// library first and apart.
func groupImports(source []byte) []byte {
	const begin, end = "\nimport (\n", "\n)"
	before, rest, ok := bytes.Cut(source, []byte(begin))
	block, after, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		return source // it imports one package at most
	}
	var std, others [][]byte
	for line := range bytes.SplitSeq(block, []byte("\n")) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		if path, _, _ := bytes.Cut(importPath(line), []byte("/")); bytes.ContainsRune(path, '.') {
			others = append(others, line)
		} else {
			std = append(std, line)
		}
	}
	byPath := func(a, b []byte) int { return bytes.Compare(importPath(a), importPath(b)) }
	slices.SortFunc(std, byPath)
	slices.SortFunc(others, byPath)
	if len(std) > 0 && len(others) > 0 {
		std = append(std, nil)
	}
	block = bytes.Join(append(std, others...), []byte("\n"))
	return slices.Concat(before, []byte(begin), block, []byte(end), after)
}

// importPath returns what is in quotes in a line.
func importPath(line []byte) []byte {
	path, err := strconv.QuotedPrefix(string(line[max(0, bytes.IndexByte(line, '"')):]))
	if err != nil {
		return line
	}
	return []byte(path[1 : len(path)-1])
}

// same reports whether two sources are the same but for their layout: spaces and
// line ends. Those differ from one gofmt to another, and from one checkout to
// another. Where gofmt changes more of a source than its layout, it says no.
func same(a, b []byte) bool {
	next, other := tokens(a), tokens(b)
	for {
		t, text := next()
		u, otherText := other()
		switch {
		case t != u || text != otherText || t == token.ILLEGAL:
			return false
		case t == token.EOF:
			return true
		}
	}
}

// tokens returns a function that returns the tokens of a source one by one, but
// for the semicolons that a line end stands for or makes superfluous.
func tokens(source []byte) func() (token.Token, string) {
	var s scanner.Scanner
	fset := token.NewFileSet()
	s.Init(fset.AddFile("", fset.Base(), len(source)), source, func(token.Position, string) {}, scanner.ScanComments)
	_, t, text := s.Scan()
	return func() (token.Token, string) {
		is, its := t, text
		_, t, text = s.Scan()
		if is != token.SEMICOLON {
			return is, its
		}
		if t == token.RBRACE || t == token.RPAREN || t == token.EOF {
			is, its = t, text
			_, t, text = s.Scan()
			return is, its
		}
		return is, ""
	}
}
