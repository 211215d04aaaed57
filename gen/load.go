package gen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/ddbegen/ddbegen/gen/schema"
)

// loaded is a package as its author wrote it: without what was generated.
type loaded struct {
	source schema.Source
	output string       // absolute path of the generated file
	broken []Diagnostic // syntax errors
}

// mode is what is asked of a package. Without NeedDeps the types of imported
// packages come from export data, which the go command has in its cache.
const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedTypes | packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo

// load loads the packages of cfg in the order of their paths.
func load(ctx context.Context, cfg Config) ([]*loaded, error) {
	patterns := cfg.Patterns
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	config := &packages.Config{Context: ctx, Mode: mode, Dir: cfg.Dir, Env: cfg.Env, ParseFile: parse}
	if len(cfg.Tags) > 0 {
		config.BuildFlags = []string{"-tags=" + strings.Join(cfg.Tags, ",")}
	}
	all, err := packages.Load(config, patterns...)
	if err != nil {
		return nil, err
	}
	var result []*loaded
	for _, p := range all {
		l, err := take(p)
		if err != nil {
			return nil, err
		}
		if l != nil {
			result = append(result, l)
		}
	}
	slices.SortFunc(result, func(a, b *loaded) int { return strings.Compare(a.output, b.output) })
	return result, nil
}

// parse reads a file, but an empty one in place of a generated one: what that
// holds, however old or broken it is, does not matter. A packages.Config.Overlay
// would do the same, and would have the types of all imports read from source.
func parse(fset *token.FileSet, name string, content []byte) (*ast.File, error) {
	if filepath.Base(name) == OutputName && bytes.Contains(content, []byte(schema.Header)) {
		content = []byte(schema.Header + "\n\npackage " + packageName(content) + "\n")
	}
	return parser.ParseFile(fset, name, content, parser.ParseComments|parser.AllErrors|parser.SkipObjectResolution)
}

var packageClause = regexp.MustCompile(`(?m)^package (\w+)`)

func packageName(content []byte) string {
	if m := packageClause.FindSubmatch(content); m != nil {
		return string(m[1])
	}
	return "unknown" // a type error, which nobody looks at
}

// take checks that a package could be loaded. It returns nil for a package
// without Go files of its own.
func take(p *packages.Package) (*loaded, error) {
	l := &loaded{source: schema.Source{Fset: p.Fset, Files: p.Syntax, Types: p.Types, Info: p.TypesInfo}}
	for _, e := range p.Errors {
		switch {
		case e.Kind == packages.ParseError:
			l.broken = append(l.broken, syntaxError(e))
		case e.Kind == packages.ListError && len(p.Syntax) == 0:
			return nil, fmt.Errorf("load package %s: %w", p.PkgPath, e)
		}
	}
	if len(p.Syntax) == 0 {
		return nil, nil
	}
	l.output = filepath.Join(p.Dir, OutputName)
	content, err := os.ReadFile(l.output)
	if err == nil && !bytes.Contains(content, []byte(schema.Header)) {
		return nil, fmt.Errorf("%s was not generated: it lacks the line %q. Rename it, since its name is that of the generated file", l.output, schema.Header)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return l, nil
}
