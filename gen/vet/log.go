package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"strings"
	"unicode/utf8"

	"golang.org/x/tools/go/analysis"

	"github.com/ddbegen/ddbegen/gen/schema"
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
	for _, a := range arguments(pass, f, call) {
		e := a.Expr
		s := secrets{found: found, slog: f.path == "log/slog", verb: a.verb, wraps: f.is("fmt", "", "Errorf")}
		name := s.of(pass.TypesInfo.TypeOf(e))
		if name == "" {
			continue
		}
		remedy := "print the fields that may be read"
		switch {
		case s.nested && s.slog:
			remedy += "; slog redacts an attribute itself, not what is inside it"
		case !s.slog && strings.ContainsRune("wp", a.letter):
			remedy += fmt.Sprintf("; with %%%c fmt does not call the methods that redact them", a.letter)
		}
		where := f.path
		if i := strings.LastIndexByte(where, '/'); i >= 0 {
			where = where[i+1:]
		}
		pass.Report(analysis.Diagnostic{
			Pos: e.Pos(), End: e.End(), Category: printedSecret,
			Message: message(printedSecret, fmt.Sprintf("%s.%s prints the encrypted fields of %s in plain text", where, f.name, name), remedy),
		})
	}
}

// verb is how fmt is told to print an argument.
type verb struct {
	letter rune
	sharp  bool // with the flag #
}

// argument is an expression that is printed.
type argument struct {
	ast.Expr
	verb
}

// arguments returns the arguments of a call that are printed with all that they
// hold.
func arguments(pass *analysis.Pass, f function, call *ast.CallExpr) (all []argument) {
	last := f.Params().Len() - 1
	switch {
	case f.path == "log/slog":
		for i, e := range call.Args {
			if last >= 0 && isAny(f.Params().At(min(i, last)).Type()) {
				all = append(all, argument{e, verb{letter: 'v'}})
			}
		}
		return all
	case f.path != "fmt" && f.path != "log" || !f.Variadic() || call.Ellipsis.IsValid() || strings.Contains(f.name, "can"): // fmt.Scan
		return nil
	}
	if last > len(call.Args) {
		return nil // it does not compile
	}
	values := call.Args[last:]
	if strings.HasSuffix(f.name, "f") && last > 0 {
		if format, ok := text(pass, call.Args[last-1]); ok {
			for _, v := range spelledOut(format) {
				if v.position < len(values) {
					all = append(all, argument{values[v.position], v.verb})
				}
			}
			return all
		}
	}
	for _, e := range values {
		all = append(all, argument{e, verb{letter: 'v'}})
	}
	return all
}

// isAny reports whether t is any, or that of the parameter ...any.
func isAny(t types.Type) bool {
	if s, ok := t.(*types.Slice); ok {
		t = s.Elem()
	}
	i, ok := t.Underlying().(*types.Interface)
	return ok && i.Empty()
}

// spelled is a verb in a format, with the position of its argument.
type spelled struct {
	verb
	position int
}

// spelledOut returns the verbs of a format that can show what is in an argument:
// any but %T.
func spelledOut(format string) (all []spelled) {
	position := 0
	for {
		_, rest, ok := strings.Cut(format, "%")
		if !ok {
			return all
		}
		flags := rest
		rest = strings.TrimLeft(rest, "+-# 0")
		flags = strings.TrimSuffix(flags, rest)
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
		letter, size := utf8.DecodeRuneInString(rest)
		format = rest[size:]
		if letter == '%' || size == 0 {
			continue
		}
		if letter != 'T' {
			all = append(all, spelled{verb{letter, strings.Contains(flags, "#")}, position})
		}
		position++
	}
}

// secrets looks for structs with encrypted fields in what is printed.
type secrets struct {
	found  *found
	slog   bool // what slog prints, and not fmt
	verb        // what fmt prints it with
	wraps  bool // fmt.Errorf, which takes an error for %w
	json   bool // what the JSON handler of slog prints
	nested bool // the struct that was found lies inside of what is printed
	seen   map[visit]bool
}

// visit is a type at a place where it is printed in one way.
type visit struct {
	types.Type
	top, methods bool
}

// of returns the name of a struct with encrypted fields that is printed as a part
// of a value of type t, or "".
func (s *secrets) of(t types.Type) string {
	if t == nil {
		return ""
	}
	if !s.slog {
		return s.search(t, s.asks(t))
	}
	if hasMethod(t, "LogValue", "() log/slog.Value") {
		return ""
	}
	s.json = true
	if name := s.search(t, true); name != "" {
		return name
	}
	s.json = false // the text handler prints it with fmt
	return s.search(t, !hasMethod(t, "MarshalText", "() []byte, error"))
}

func (s *secrets) search(t types.Type, methods bool) string {
	s.seen = map[visit]bool{}
	return s.in(t, true, methods)
}

// asks reports whether fmt asks an argument for its text, and not only for its
// fields, as it does for a verb that does not fit (package fmt, printArg).
func (s *secrets) asks(t types.Type) bool {
	switch s.letter {
	case 'w':
		return s.wraps && hasMethod(t, "Error", "() string")
	case 'p':
		return false
	}
	return true
}

// in returns the name of a struct with encrypted fields that is printed as a part
// of a value of type t, or "". Top says that the value is the argument itself, and
// methods that it can be asked for its text, which fmt does not do in unexported
// fields.
func (s *secrets) in(t types.Type, top, methods bool) string {
	v := visit{t, top, methods}
	if s.seen[v] || methods && s.redacted(t) {
		return ""
	}
	s.seen[v] = true
	if name, fact := s.found.of(t); fact != nil && fact.Secret {
		s.nested = !top
		return name.Name()
	}
	switch u := t.Underlying().(type) {
	case *types.Pointer:
		if top && s.letter != 'p' || s.json { // below the top fmt prints an address, and the JSON of slog a value
			return s.in(u.Elem(), top, methods)
		}
	case *types.Map:
		if top && s.letter == 'p' {
			return ""
		}
		if name := s.in(u.Key(), false, methods); name != "" {
			return name
		}
		return s.in(u.Elem(), false, methods)
	case *types.Struct:
		return s.fields(t, u, top, methods)
	case *types.Chan:
	case interface{ Elem() types.Type }:
		if _, ok := u.(*types.Slice); ok && top && s.letter == 'p' {
			return ""
		}
		return s.in(u.Elem(), false, methods)
	}
	return ""
}

// fields is in for the fields of a struct, which may have the tags of a table
// struct without being one: one that others embed, or a type that was defined as
// another one and has none of its methods.
func (s *secrets) fields(t types.Type, u *types.Struct, top, methods bool) string {
	for i := range u.NumFields() {
		f := u.Field(i)
		if s.json && (!f.Exported() && !f.Embedded() || reflect.StructTag(u.Tag(i)).Get("json") == "-") {
			continue
		}
		if schema.Secret(u.Tag(i)) {
			s.nested = !top
			return types.TypeString(t, func(*types.Package) string { return "" })
		}
		if name := s.in(f.Type(), false, methods && f.Exported()); name != "" {
			return name
		}
	}
	return ""
}

// redacted reports whether a type says itself how it is printed.
func (s *secrets) redacted(t types.Type) bool {
	isError := hasMethod(t, "Error", "() string")
	switch {
	case s.json:
		return isError || hasMethod(t, "MarshalJSON", "() []byte, error") || hasMethod(t, "MarshalText", "() []byte, error")
	case hasMethod(t, "Format", "(fmt.State, rune) "):
		return true
	case s.sharp && s.letter == 'v':
		return hasMethod(t, "GoString", "() string")
	}
	return strings.ContainsRune("vsxXqw", s.letter) && (isError || hasMethod(t, "String", "() string"))
}
