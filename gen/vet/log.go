package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
	"unicode/utf8"

	"golang.org/x/tools/go/analysis"
)

// printedSecret is the code of what Log reports.
const printedSecret = "printed-secret"

// Log reports structs with encrypted fields that are printed.
var Log = &analysis.Analyzer{
	Name: "ddbelog",
	Doc: `find structs with encrypted fields that are printed or logged

A value that fmt, log or log/slog writes with all its fields is plain text in a
log. A struct whose methods redact it is not reported where those are used:
Format or String by fmt and log, LogValue by slog for the attribute itself.`,
	URL:      manual,
	Run:      reportLog,
	Requires: []*analysis.Analyzer{tables},
}

func reportLog(pass *analysis.Pass) (any, error) {
	found := pass.ResultOf[tables].(*found)
	if len(found.structs) == 0 {
		return nil, nil
	}
	for _, file := range pass.Files {
		if ast.IsGenerated(file) {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				printed(pass, found, call)
			}
			return true
		})
	}
	return nil, nil
}

// printed reports the arguments of a call that are printed with their secrets.
func printed(pass *analysis.Pass, found *found, call *ast.CallExpr) {
	f, ok := callee(pass, call)
	if !ok {
		return
	}
	for _, e := range arguments(pass, f, call) {
		s := secrets{found: found, slog: f.path == "log/slog", seen: map[types.Type]bool{}}
		name := s.in(pass.TypesInfo.TypeOf(e), true, true)
		if name == nil {
			continue
		}
		remedy := "print the fields that may be read"
		if s.nested && s.slog {
			remedy += "; slog redacts an attribute itself, not what is inside it"
		}
		where := f.path
		if i := strings.LastIndexByte(where, '/'); i >= 0 {
			where = where[i+1:]
		}
		pass.Report(analysis.Diagnostic{
			Pos: e.Pos(), End: e.End(), Category: printedSecret,
			Message: message(printedSecret, fmt.Sprintf("%s.%s prints the encrypted fields of %s in plain text", where, f.name, name.Name()), remedy),
		})
	}
}

// arguments returns the arguments of a call that are printed with all that they
// hold.
func arguments(pass *analysis.Pass, f function, call *ast.CallExpr) []ast.Expr {
	switch {
	case f.path == "log/slog":
		return call.Args
	case f.path != "fmt" && f.path != "log" || !f.Variadic() || call.Ellipsis.IsValid() || strings.Contains(f.name, "can"): // fmt.Scan
		return nil
	}
	first := f.Params().Len() - 1
	if first > len(call.Args) {
		return nil // it does not compile
	}
	values := call.Args[first:]
	if !strings.HasSuffix(f.name, "f") || first == 0 {
		return values
	}
	format, ok := text(pass, call.Args[first-1])
	if !ok {
		return values
	}
	var all []ast.Expr
	for _, i := range spelledOut(format) {
		if i < len(values) {
			all = append(all, values[i])
		}
	}
	return all
}

// spelledOut returns the positions of the arguments that a format prints with a
// verb that shows what is in them: any but %T and %p.
func spelledOut(format string) (all []int) {
	position := 0
	for {
		_, rest, ok := strings.Cut(format, "%")
		if !ok {
			return all
		}
		rest = strings.TrimLeft(rest, "+-# 0")
		for rest != "" {
			switch c := rest[0]; {
			case c == '*': // a width or precision takes an argument
				position++
				rest = rest[1:]
				continue
			case c == '.' || '0' <= c && c <= '9':
				rest = rest[1:]
				continue
			case c == '[':
				var index int
				end := strings.IndexByte(rest, ']')
				if _, err := fmt.Sscanf(rest, "[%d]", &index); err != nil || end < 0 {
					return all // vet's own printf check says what is wrong
				}
				position, rest = index-1, rest[end+1:]
				continue
			}
			break
		}
		verb, size := utf8.DecodeRuneInString(rest)
		format = rest[size:]
		if verb == '%' || size == 0 {
			continue
		}
		if verb != 'T' && verb != 'p' {
			all = append(all, position)
		}
		position++
	}
}

// secrets looks for structs with encrypted fields in what is printed.
type secrets struct {
	found  *found
	slog   bool // what slog prints, and not fmt
	nested bool // the struct that was found lies inside of what is printed
	seen   map[types.Type]bool
}

// in returns a struct with encrypted fields that is printed as a part of a value
// of type t, or nil. Top says that the value is the argument itself, and methods
// that it can be asked for its text, which fmt does not do in unexported fields.
func (s *secrets) in(t types.Type, top, methods bool) *types.TypeName {
	if t == nil || s.seen[t] {
		return nil
	}
	s.seen[t] = true
	if methods && s.redacted(t, top) {
		return nil
	}
	if name, fact := s.found.of(t); fact != nil && fact.Secret {
		s.nested = !top
		return name
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if top || s.slog { // below the top fmt prints an address, and the JSON of slog a value
			return s.in(u.Elem(), top, methods)
		}
	case *types.Map:
		if name := s.in(u.Key(), false, methods); name != nil {
			return name
		}
		return s.in(u.Elem(), false, methods)
	case *types.Struct:
		for f := range u.Fields() {
			if !s.slog || f.Exported() {
				if name := s.in(f.Type(), false, methods && f.Exported()); name != nil {
					return name
				}
			}
		}
	case interface{ Elem() types.Type }:
		if _, ok := u.(*types.Chan); !ok {
			return s.in(u.Elem(), false, methods)
		}
	}
	return nil
}

// redacted reports whether a type says itself how it is printed.
func (s *secrets) redacted(t types.Type, top bool) bool {
	if s.slog {
		return top && hasMethod(t, "LogValue", "() log/slog.Value") ||
			!top && (hasMethod(t, "MarshalJSON", "() []byte, error") || hasMethod(t, "MarshalText", "() []byte, error"))
	}
	return hasMethod(t, "Format", "(fmt.State, rune) ") || hasMethod(t, "String", "() string") || hasMethod(t, "Error", "() string")
}
