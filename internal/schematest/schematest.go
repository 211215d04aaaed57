// Package schematest makes models of structs from source text, for tests.
package schematest

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"sync"
	"testing"

	"github.com/ddbegen/ddbegen/gen/schema"
)

// std imports packages of the standard library, each once. An import may add
// objects to packages that were imported before, so that nobody may look into
// them at the time: one model is made at a time.
var (
	std      = sync.OnceValue(importer.Default)
	building sync.Mutex
)

// Package returns the model of a file of Go source. A file without a package
// clause belongs to package app. Whatever is wrong with it fails the test.
func Package(tb testing.TB, source string) *schema.Package {
	tb.Helper()
	p, problems := Build(tb, source)
	for _, d := range problems {
		tb.Errorf("%s [%s]", d.Message, d.Code)
	}
	if p == nil {
		tb.Fatalf("no model of\n%s", source)
	}
	return p
}

// Build returns the model of a file of Go source, or what is wrong with it.
func Build(tb testing.TB, source string) (*schema.Package, []schema.Diagnostic) {
	tb.Helper()
	if !strings.Contains("\n"+source, "\npackage ") {
		source = "package app\n\n" + source
	}
	building.Lock()
	defer building.Unlock()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "app.go", source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		tb.Fatal(err)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: std(), Error: func(err error) { tb.Error(err) }}
	pkg, err := config.Check("example.com/"+file.Name.Name, fset, []*ast.File{file}, info)
	if err != nil {
		tb.Fatal(err)
	}
	src := schema.Source{Fset: fset, Files: []*ast.File{file}, Types: pkg, Info: info}
	raw, problems := schema.Read(src)
	model, more := schema.Build(src, raw)
	if problems = append(problems, more...); len(problems) > 0 {
		return nil, problems
	}
	return model, nil
}
