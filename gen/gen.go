// Package gen generates the repositories of the structs that are stored in
// encrypted tables. It runs at build time and knows Go types; it knows no keys.
package gen

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ddbegen/ddbegen/gen/schema"
)

// OutputName is the base name of the file that is generated in each package.
const OutputName = "ddbe_gen.go"

// Config says what to generate.
type Config struct {
	Dir      string   // where the patterns are relative to; "" for the working directory
	Patterns []string // packages as for go list; none for the package in Dir
	Tags     []string // build tags
	Env      []string // environment of the go command; nil for that of this process
	// Accept names changes that are not safe and are to be made all the same.
	Accept []string
}

// Result is what would be written, or why nothing is.
type Result struct {
	// Files are the generated files and lock files of the packages in which nothing
	// is wrong.
	Files []File
	// Changes are how the structs differ from what their items depend on by the
	// lock files. Where one stops, its package has no files.
	Changes []Change
	// Diagnostics are all that is wrong, in the order of the source.
	Diagnostics []Diagnostic
	// Tables counts the structs that were found.
	Tables int

	model *schema.Package // of one package; nil where anything is wrong
}

// File is a file as it should be.
type File struct {
	Path    string // absolute
	Content []byte // nil for a file that should not be there
}

// Generate returns the generated files of the packages in cfg; [File.Write] is
// the step after it. It writes and prints nothing. The error is for trouble that
// no change of a struct would end.
func Generate(ctx context.Context, cfg Config) (*Result, error) {
	packages, err := load(ctx, cfg)
	if err != nil {
		return nil, err
	}
	results, errs := make([]Result, len(packages)), make([]error, len(packages))
	each(len(packages), func(i int) {
		if results[i], errs[i] = generate(packages[i]); errs[i] == nil {
			errs[i] = packages[i].lock(&results[i], cfg.Accept)
		}
	})
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	across(packages, results)
	result := merge(results)
	for i, p := range packages {
		if r := results[i]; p.foreign != "" && r.Tables+len(r.Files)+len(r.Diagnostics) > 0 {
			return nil, fmt.Errorf("package %s belongs to module %s: generate its code there; ./... is for the packages of this module alone", p.source.Types.Path(), p.foreign)
		}
	}
	for _, name := range cfg.Accept {
		if !slices.ContainsFunc(result.Changes, func(c Change) bool { return c.Accepted && c.Name() == name }) {
			return nil, fmt.Errorf("-accept %s: there is no such change; ddbegen diff names those that there are", name)
		}
	}
	return result, nil
}

// generate turns one package into its generated file, or into what is wrong with
// it.
func generate(p *loaded) (Result, error) {
	model, tables, problems := p.model()
	result := Result{Tables: tables, Diagnostics: problems, model: model}
	switch {
	case len(problems) > 0:
		return result, nil
	case tables == 0:
		result.Files = p.orphan()
		return result, nil
	}
	output := File{Path: p.output}
	current, err := output.current()
	if err != nil {
		return Result{}, err
	}
	if output.Content, err = contentOf(model, current); err != nil {
		return Result{}, err
	}
	result.Files = []File{output}
	return result, nil
}

// model reads a package and checks what it says. It also returns how many structs
// it found.
func (l *loaded) model() (model *schema.Package, tables int, problems []Diagnostic) {
	if len(l.broken) > 0 {
		return nil, 0, slices.Concat(l.broken, l.unbuilt)
	}
	raw, wrong := schema.Read(l.source)
	model, more := schema.Build(l.source, raw)
	return model, len(raw), append(l.positioned(append(wrong, more...)), l.unbuilt...)
}

func merge(results []Result) *Result {
	all := &Result{}
	for _, r := range results {
		all.Files = append(all.Files, r.Files...)
		all.Diagnostics = append(all.Diagnostics, r.Diagnostics...)
		all.Changes = append(all.Changes, r.Changes...)
		all.Tables += r.Tables
	}
	sortDiagnostics(all.Diagnostics)
	sortChanges(all.Changes)
	return all
}
