package gen

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/tools/go/gcexportdata"
	"golang.org/x/tools/go/packages"
)

// importer finds the types of imported packages: in their export data, or, where
// a package does not compile, in its source. A package whose generated file is
// missing does not.
type importer struct {
	fset *token.FileSet
	err  error // trouble that is not that of a field's type

	exports map[string]string      // files with export data, by package path
	sources map[string][]*ast.File // of packages without

	mu      sync.Mutex
	types   map[string]*types.Package
	reading []string // the packages that are being checked, each imported by the one before
}

// newImporter returns an importer of what files import.
func newImporter(c *goCommand, fset *token.FileSet, files []*ast.File) (*importer, error) {
	m := &importer{fset: fset, exports: map[string]string{}, sources: map[string][]*ast.File{}, types: map[string]*types.Package{}}
	for want := m.missing(files); len(want) > 0; {
		found, err := c.list(packages.NeedName|packages.NeedFiles|packages.NeedExportFile, want...)
		if err != nil {
			return nil, err
		}
		for _, path := range want {
			m.sources[path] = nil // also of what is not found
		}
		var next []*ast.File
		for _, p := range found {
			if p.ExportFile != "" {
				m.exports[p.PkgPath] = p.ExportFile
				continue
			}
			m.sources[p.PkgPath] = m.parse(p.GoFiles)
			next = append(next, m.sources[p.PkgPath]...)
		}
		want = m.missing(next)
	}
	return m, nil
}

// missing returns the imports of files of which nothing is known. Words that the
// go command reads as something else than one package are none.
func (m *importer) missing(files []*ast.File) (paths []string) {
	for _, file := range files {
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if _, known := m.sources[path]; err != nil || known || slices.Contains([]string{"C", "unsafe", "all", "std", "cmd", "tool", "work", ""}, path) ||
				strings.Contains(path, "...") || strings.ContainsAny(path, "=@ ") || strings.HasPrefix(path, "-") || strings.HasSuffix(path, ".go") {
				continue
			}
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// parse parses what can be parsed of files, but not what was generated.
func (m *importer) parse(names []string) (files []*ast.File) {
	for _, name := range names {
		if filepath.Base(name) == OutputName {
			continue
		}
		if file, _ := parser.ParseFile(m.fset, name, nil, parser.SkipObjectResolution); file != nil { // the rest is the business of the package
			files = append(files, file)
		}
	}
	return files
}

// all imports what files import, before anything is checked: reading the export
// data of one package may add objects to the scope of another one, which must not
// happen while a checker looks into it. What is not found, the checker reports.
func (m *importer) all(files []*ast.File) {
	for _, file := range files {
		for _, spec := range file.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil && path != "C" {
				_, _ = m.Import(path)
			}
		}
	}
}

// Import implements [types.Importer].
func (m *importer) Import(path string) (*types.Package, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.find(path)
}

func (m *importer) find(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if p := m.types[path]; p != nil && p.Complete() {
		return p, nil
	}
	var err error
	if name, ok := m.exports[path]; ok {
		var p *types.Package
		if p, err = m.export(path, name); err != nil {
			// The user cannot see it in the field: report it.
			m.err = fmt.Errorf("read the types of package %s: %w", path, err)
		}
		return p, err
	}
	files := m.sources[path]
	if len(files) == 0 {
		return nil, fmt.Errorf("there is no package %s", path)
	}
	if i := slices.Index(m.reading, path); i >= 0 {
		err = fmt.Errorf("import cycle: %s imports %s", strings.Join(m.reading[i:], " imports "), path)
		m.err = err
		return nil, err
	}
	m.reading = append(m.reading, path)
	p := types.NewPackage(path, files[0].Name.Name)
	config := typesConfig(importerFunc(m.find))
	_ = types.NewChecker(config, m.fset, p, nil).Files(files) // what does not compile is not looked at
	m.reading = m.reading[:len(m.reading)-1]
	p.MarkComplete()
	m.types[path] = p
	return p, nil
}

// export reads export data.
func (m *importer) export(path, name string) (*types.Package, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	//lint:ignore SA1019 go list -export gives archives up to Go 1.27
	r, err := gcexportdata.NewReader(file)
	if err != nil {
		return nil, err
	}
	return gcexportdata.Read(r, m.fset, m.types, path)
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }
