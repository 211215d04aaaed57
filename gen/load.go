package gen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
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
	config := &packages.Config{Context: ctx, Mode: mode, Dir: cfg.Dir, Env: cfg.Env}
	if len(cfg.Tags) > 0 {
		config.BuildFlags = []string{"-tags=" + strings.Join(cfg.Tags, ",")}
	}
	var err error
	if config.Overlay, err = overlay(config, patterns); err != nil {
		return nil, err
	}
	all, err := packages.Load(config, patterns...)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(all, lacksImport) {
		// A dependency does not compile, perhaps because what is generated in it
		// is missing as well. Its types are still in its source.
		config.Mode |= packages.NeedDeps
		if all, err = packages.Load(config, patterns...); err != nil {
			return nil, err
		}
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

// overlay replaces the generated files of the packages by empty ones, so that
// what they hold, however old or broken it is, does not matter.
func overlay(config *packages.Config, patterns []string) (map[string][]byte, error) {
	listing := *config
	listing.Mode = packages.NeedName | packages.NeedFiles
	all, err := packages.Load(&listing, patterns...)
	if err != nil {
		return nil, err
	}
	empty := map[string][]byte{}
	for _, p := range all {
		output := filepath.Join(p.Dir, OutputName)
		content, err := os.ReadFile(output)
		if errors.Is(err, os.ErrNotExist) || p.Dir == "" {
			continue
		}
		if err != nil {
			return nil, err
		}
		if !bytes.Contains(content, []byte(schema.Header)) {
			return nil, fmt.Errorf("%s was not generated: it lacks the line %q. Rename the file, since its name is that of the generated one", output, schema.Header)
		}
		if name := packageName(p, output); name != "" {
			empty[output] = []byte(schema.Header + "\n\npackage " + name + "\n")
		}
	}
	return empty, nil
}

// packageName returns the name of a package by what its author wrote, since the
// generated file may hold anything. It is "" where that is all there is.
func packageName(p *packages.Package, output string) string {
	for _, name := range p.GoFiles {
		if name == output {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly)
		if err == nil {
			return file.Name.Name
		}
	}
	return ""
}

// lacksImport reports whether the types of an imported package could not be
// read, in a package where that may matter.
func lacksImport(p *packages.Package) bool {
	return hasDirectives(p) && slices.ContainsFunc(p.TypeErrors, func(e types.Error) bool { return strings.Contains(e.Msg, "could not import") })
}

func hasDirectives(p *packages.Package) bool {
	return slices.ContainsFunc(p.Syntax, func(f *ast.File) bool {
		return slices.ContainsFunc(f.Comments, func(g *ast.CommentGroup) bool {
			return slices.ContainsFunc(g.List, func(c *ast.Comment) bool { return strings.HasPrefix(c.Text, "//ddbe:") })
		})
	})
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
	return l, nil
}
