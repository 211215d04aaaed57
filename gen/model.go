package gen

import (
	"context"

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
