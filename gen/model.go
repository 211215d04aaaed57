package gen

import (
	"bytes"
	"context"
	"fmt"

	"github.com/ddbegen/ddbegen/gen/emit"
	"github.com/ddbegen/ddbegen/gen/schema"
)

// Model returns the models of the packages in cfg, for all that is made of them
// besides Go code, and what is wrong with the packages that have none. Packages
// without a table are left out. The error is for trouble that no change of a
// struct would end.
func Model(ctx context.Context, cfg Config) ([]*schema.Package, []Diagnostic, error) {
	packages, err := load(ctx, cfg)
	if err != nil {
		return nil, nil, err
	}
	results := make([]Result, len(packages))
	for i, p := range packages {
		results[i].model, results[i].Tables, results[i].Diagnostics = p.model()
	}
	across(packages, results)
	var models []*schema.Package
	for _, r := range results {
		if len(r.Diagnostics) == 0 && r.Tables > 0 {
			models = append(models, r.model)
		}
	}
	return models, merge(results).Diagnostics, nil
}

// UpToDate reports whether content is the generated file of a package, laid out
// in whatever way.
func UpToDate(model *schema.Package, content []byte) (bool, error) {
	is, err := contentOf(model, content)
	return bytes.Equal(is, content), err
}

// contentOf returns the generated file of a package: what it is already, where
// that has the wrong layout at most. To lay a file out takes longer than all else.
func contentOf(model *schema.Package, current []byte) ([]byte, error) {
	source, err := unformatted(model)
	if err != nil || same(current, source) {
		return current, err
	}
	formatted, err := format(source)
	if err != nil {
		return nil, fmt.Errorf("format package %s: %w", model.Path, err)
	}
	if same(current, formatted) {
		return current, nil
	}
	return formatted, nil
}

// unformatted returns the generated file of a package before it is laid out.
func unformatted(model *schema.Package) ([]byte, error) {
	source, err := emit.Package(model)
	if err != nil {
		return nil, fmt.Errorf("emit package %s: %w", model.Path, err)
	}
	if model.Constraint != "" {
		source = bytes.Replace(source, []byte(schema.Header+"\n"), []byte(schema.Header+"\n\n//go:build "+model.Constraint+"\n"), 1)
	}
	return groupImports(source), nil
}
