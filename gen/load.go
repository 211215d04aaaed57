package gen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/packages"

	"github.com/ddbegen/ddbegen/gen/schema"
)

// loaded is a package as its author wrote it: without what was generated.
type loaded struct {
	source  schema.Source
	output  string       // absolute path of the generated file
	foreign string       // the path of its module, if that is another one than the user's
	broken  []Diagnostic // syntax errors
	unbuilt []Diagnostic // directives in files that the go command does not build
}

// load loads the packages of cfg in the order of their paths. Packages that have
// nothing to do with tables are left out.
//
// What the go command does is most of the time that a run takes. It is asked for
// the files of the packages first, and then, by the imports in these, for the
// export data of the packages that they import: what the generated files import
// need not be built.
func load(ctx context.Context, cfg Config) ([]*loaded, error) {
	goCommand, err := newGoCommand(ctx, cfg)
	if err != nil {
		return nil, err
	}
	patterns, err := patterns(cfg)
	if err != nil {
		return nil, err
	}
	listed, err := goCommand.list(packages.NeedName|packages.NeedFiles|packages.NeedModule, patterns...)
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	all, errs := make([]*loaded, len(listed)), make([]error, len(listed))
	each(len(listed), func(i int) { all[i], errs[i] = read(fset, listed[i]) })
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(l *loaded) bool { return l == nil })
	slices.SortFunc(all, func(a, b *loaded) int { return strings.Compare(a.output, b.output) })

	var files []*ast.File
	for _, l := range all {
		files = append(files, l.source.Files...)
	}
	imports, err := newImporter(goCommand, fset, files)
	if err != nil {
		return nil, err
	}
	imports.all(files)
	each(len(all), func(i int) { all[i].check(imports) })
	return all, imports.err
}

// patterns returns the patterns of cfg. Files are none: a package whose other
// files are not read would lose their structs.
func patterns(cfg Config) ([]string, error) {
	for _, p := range cfg.Patterns {
		path := p
		if !filepath.IsAbs(path) {
			path = filepath.Join(cfg.Dir, path)
		}
		if info, err := os.Stat(path); strings.HasSuffix(p, ".go") && (err != nil || !info.IsDir()) {
			return nil, fmt.Errorf("%s is a file, and code is generated for packages: name its directory, as in ./%s", p, filepath.ToSlash(filepath.Dir(p)))
		}
	}
	if len(cfg.Patterns) == 0 {
		return []string{"."}, nil
	}
	return cfg.Patterns, nil
}

// each calls f for 0 to n-1, as many at a time as there are processors, and
// waits.
func each(n int, f func(i int)) {
	var group sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i := range n {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			f(i)
		})
	}
	group.Wait()
}

// read parses a package, and checks that the go command found nothing wrong with
// it. It returns nil for a package that has nothing to do with tables.
func read(fset *token.FileSet, p *packages.Package) (*loaded, error) {
	l := &loaded{source: schema.Source{Fset: fset, Types: types.NewPackage(p.PkgPath, p.Name)}, output: filepath.Join(p.Dir, OutputName)}
	if p.Module != nil && !p.Module.Main {
		l.foreign = p.Module.Path
	}
	written := false // by this generator
	if p.Dir != "" {
		content, err := os.ReadFile(l.output)
		switch written = bytes.Contains(content, []byte(schema.Header)); {
		case err == nil && !written:
			return nil, fmt.Errorf("%s was not generated: it lacks the line %q. Rename it, since its name is that of the generated file, or delete it", l.output, schema.Header)
		case err != nil && !errors.Is(err, os.ErrNotExist):
			return nil, err
		}
	}
	contents, relevant, err := l.contents(p)
	if err != nil {
		return nil, err
	}
	if err := l.findUnbuilt(p); err != nil {
		return nil, err
	}
	if (relevant || written || len(p.Errors) > 0) && p.Dir != "" {
		l.parse(contents)
	}
	if err := l.refused(p); err != nil {
		return nil, err
	}
	if _, err := os.Stat(l.lockPath()); p.Dir == "" || err != nil && !relevant && !written && len(l.broken)+len(l.unbuilt) == 0 {
		return nil, nil
	}
	return l, nil
}

// sourceFile is a file and what is in it.
type sourceFile struct {
	name    string
	content []byte
}

// contents reads the files of a package but the generated one: what that holds,
// however old or broken it is, does not matter. It says whether there may be a
// tag or directive in any.
func (l *loaded) contents(p *packages.Package) (all []sourceFile, relevant bool, err error) {
	for _, name := range p.GoFiles {
		if filepath.Base(name) == OutputName {
			continue
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return nil, false, err
		}
		all = append(all, sourceFile{name, content})
		relevant = relevant || bytes.Contains(content, []byte("ddbe:"))
	}
	return all, relevant, nil
}

// refused returns why the go command refuses a package, unless it has been said,
// or is about the generated file alone.
func (l *loaded) refused(p *packages.Package) error {
	for _, e := range p.Errors {
		name := ""
		if len(l.source.Files) > 0 {
			name = l.source.Files[0].Name.Name
		}
		oneName := !slices.ContainsFunc(l.source.Files, func(f *ast.File) bool { return f.Name.Name != name })
		if len(l.broken) > 0 || len(l.unbuilt) > 0 && len(p.GoFiles) == 0 || strings.Contains(e.Pos+e.Msg, OutputName) && oneName {
			continue
		}
		if e.Pos != "" && e.Pos != "-" {
			return fmt.Errorf("%s: %s", e.Pos, e.Msg)
		}
		return errors.New(e.Msg)
	}
	return nil
}

// check finds the types of a package. Code that does not compile is nobody's
// business here, unless it is the type of a field: then it is found there.
func (l *loaded) check(imports types.Importer) {
	files := l.source.Files
	if len(files) > 0 {
		l.source.Types.SetName(files[0].Name.Name)
	}
	l.source.Info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	config := typesConfig(imports)
	_ = types.NewChecker(config, l.source.Fset, l.source.Types, l.source.Info).Files(files) // nobody's business
}

func typesConfig(imports types.Importer) *types.Config {
	return &types.Config{Importer: imports, Error: func(error) {}, IgnoreFuncBodies: true, FakeImportC: true, Sizes: types.SizesFor("gc", runtime.GOARCH)}
}
