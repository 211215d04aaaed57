package gen

import (
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
	var models []*schema.Package
	var diagnostics []Diagnostic
	for _, p := range packages {
		model, tables, problems := p.model()
		diagnostics = append(diagnostics, problems...)
		if len(problems) == 0 && tables > 0 {
			models = append(models, model)
		}
	}
	sortDiagnostics(diagnostics)
	return models, diagnostics, nil
}

// Source returns the generated file of a package, as [Generate] does.
func Source(model *schema.Package) ([]byte, error) {
	source, err := emit.Package(model)
	if err != nil {
		return nil, fmt.Errorf("emit package %s: %w", model.Path, err)
	}
	content, err := format(OutputName, source)
	if err != nil {
		return nil, fmt.Errorf("format package %s: %w", model.Path, err)
	}
	return content, nil
}
