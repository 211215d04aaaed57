package schema

import (
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/token"
	"io"
	"path/filepath"
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// constraintOf returns when a file is built: what its //go:build line and its
// name say; nil for always.
func constraintOf(fset *token.FileSet, file *ast.File) constraint.Expr {
	expr := nameConstraint(filepath.Base(fset.File(file.FileStart).Name()))
	for _, group := range file.Comments {
		for _, c := range group.List {
			if c.Pos() > file.Package || !constraint.IsGoBuild(c.Text) {
				continue
			}
			line, err := constraint.Parse(c.Text)
			switch {
			case err != nil: // unreachable: the go command has read the line
			case expr == nil:
				return line
			default:
				return &constraint.AndExpr{X: expr, Y: line}
			}
		}
	}
	return expr
}

// nameConstraint returns what the end of a file's name says, as _linux_amd64.go
// does. Which words are systems and architectures, go/build knows.
func nameConstraint(name string) constraint.Expr {
	const none = "none"
	built := func(goos, goarch string) bool {
		context := build.Context{
			GOOS: goos, GOARCH: goarch,
			OpenFile: func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("package p\n")), nil },
		}
		ok, err := context.MatchFile("", name)
		return ok && err == nil
	}
	words := strings.Split(strings.TrimSuffix(strings.TrimSuffix(name, ".go"), "_test"), "_")
	last := words[len(words)-1]
	switch {
	case built(none, none):
		return nil
	case built(last, none), built(none, last):
		return &constraint.TagExpr{Tag: last}
	case len(words) > 1 && built(words[len(words)-2], last):
		return &constraint.AndExpr{X: &constraint.TagExpr{Tag: words[len(words)-2]}, Y: &constraint.TagExpr{Tag: last}}
	}
	return nil // it begins with "_" or ".": never built
}

// constraint finds out when the structs are built: their code is generated for
// that, so it is the same for all.
func (b *builder) constraint(raws []*Raw) (common string) {
	for i, raw := range raws {
		is := ""
		if expr := constraintOf(b.src.Fset, b.file(raw)); expr != nil {
			is = expr.String()
		}
		if i == 0 {
			common = is
		}
		if is != common {
			name, first := raw.spec.Name, raws[0].spec.Name
			b.report(place{pos: name.Pos(), end: name.End()}, BuildConstraint,
				"give both files the same constraint, or put one of the structs into a package of its own",
				"%s is built %s, and %s %s: they have one generated file", name.Name, when(is), first.Name, when(common)).
				see(place{pos: first.Pos(), end: first.End()}, "%s is here", first.Name)
		}
	}
	return common
}

func when(expr string) string {
	if expr == "" {
		return "always"
	}
	return "only where " + expr + " holds"
}

// file returns the file that a struct is in.
func (b *builder) file(raw *Raw) *ast.File {
	for _, file := range b.src.Files {
		if file.FileStart <= raw.spec.Pos() && raw.spec.Pos() < file.FileEnd {
			return file
		}
	}
	panic("schema: a struct of another package") // unreachable: it was read from one of the files
}

// Unbuilt reports the first directive in a file of a package that is not built
// with it, for tests or because of a constraint. Nobody would miss the others
// after that.
func Unbuilt(fset *token.FileSet, file *ast.File) []Diagnostic {
	var r reporter
	for _, group := range file.Comments {
		for _, c := range group.List {
			if !strings.HasPrefix(c.Text, tag.DirectivePrefix) {
				continue
			}
			at := place{pos: c.Pos(), end: c.End()}
			if strings.HasSuffix(fset.File(file.FileStart).Name(), "_test.go") {
				r.report(at, StrayDirective,
					"move the struct to a file that is not a test; for tests alone, to a package that only tests import",
					"this directive has no effect: the file is built for tests alone")
				return r.diagnostics
			}
			expr, what := constraintOf(fset, file), "is not built here"
			if expr != nil {
				what = "is built " + when(expr.String())
			}
			r.report(at, BuildConstraint,
				"name the configuration with -tags, GOOS or GOARCH; a package has table structs for one configuration",
				"this directive has no effect: the file %s", what)
			return r.diagnostics
		}
	}
	return nil
}
