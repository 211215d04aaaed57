package gen

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/ddbegen/ddbegen/gen/schema"
)

// seeds are the directives and tags of all cases that are refused.
func seeds(f *testing.F) (all [][2]string) {
	cases, err := filepath.Glob("../testdata/golden/bad/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range cases {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		var directives, tags []string
		for line := range strings.Lines(string(archive.Files[0].Data)) {
			line = strings.TrimSpace(line)
			if strings.HasPrefix(line, "//ddbe:") {
				directives = append(directives, line)
			} else if i := strings.IndexByte(line, '`'); i >= 0 && len(tags) < 4 {
				tags = append(tags, strings.Trim(line[i:], "`"))
			}
		}
		all = append(all, [2]string{strings.Join(directives, "\n"), strings.Join(tags, "\n")})
	}
	return all
}

// FuzzGenerate holds that no directives and tags make the generator panic, that
// every diagnostic has a place, and that what is accepted becomes a Go file.
func FuzzGenerate(f *testing.F) {
	all := seeds(f)
	if len(all) < 50 {
		f.Fatalf("only %d seeds", len(all))
	}
	for _, s := range all {
		f.Add(s[0], s[1])
	}
	f.Add("//ddbe:table T physical=test\n//ddbe:beacon B length=3\n//ddbe:index b-index partition=B", "ddbe:\"partition,sign\"\nddbe:\"sort,sign\"\nddbe:\"encrypt,sign\"\nddbe:\"sign\"")
	f.Fuzz(func(t *testing.T, directives, tags string) {
		l, ok := fuzzed(directives, tags)
		if !ok {
			return
		}
		result, err := generate(l)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range result.Diagnostics {
			if d.Position.Line == 0 || d.Code == "" || d.Message == "" {
				t.Errorf("%+v", d)
			}
		}
		for _, file := range result.Files {
			if _, err := parser.ParseFile(token.NewFileSet(), "", file.Content, parser.SkipObjectResolution); file.Content != nil && err != nil {
				t.Errorf("%v\n%s", err, file.Content)
			}
		}
	})
}

// fuzzed is a package with one struct, which has these directives and tags.
func fuzzed(directives, tags string) (*loaded, bool) {
	var b strings.Builder
	b.WriteString("package p\n\n")
	for line := range strings.SplitSeq(directives, "\n") {
		if !strings.HasPrefix(line, "//") {
			return nil, false
		}
		b.WriteString(line + "\n")
	}
	b.WriteString("type T struct {\n")
	fields := []string{"A string", "B int", "C N", "D []string"}
	for i, tag := range strings.Split(tags, "\n") {
		if i < len(fields) {
			b.WriteString(fields[i] + " " + strconv.Quote(tag) + "\n")
		}
	}
	b.WriteString("}\n\ntype N struct { X string; Y []N }\n")
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", b.String(), parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, false
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Error: func(error) {}}
	pkg, _ := config.Check("p", fset, []*ast.File{file}, info) // what the compiler refuses may be asked too
	return &loaded{source: schema.Source{Fset: fset, Files: []*ast.File{file}, Types: pkg, Info: info}, output: "ddbe_gen.go"}, true
}
