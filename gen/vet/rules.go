package vet

import (
	"fmt"
	"path/filepath"

	"golang.org/x/tools/go/analysis"

	"github.com/ddbegen/ddbegen/gen"
	"github.com/ddbegen/ddbegen/gen/schema"
)

// stale is the code of a generated file that is not up to date.
const stale = "stale"

// Rules reports what the generator would refuse.
var Rules = &analysis.Analyzer{
	Name: "ddbe",
	Doc: `check ddbe tags and directives

Everything that ddbegen refuses to generate code for is reported where it is
written: see docs/tags.md for the grammar and the codes. A package whose
generated file is missing or not up to date is reported at its first table
struct, directives included, which the compiler does not see.`,
	URL:              manual,
	Run:              reportRules,
	RunDespiteErrors: true,
	Requires:         []*analysis.Analyzer{tables},
}

func reportRules(pass *analysis.Pass) (any, error) {
	found := pass.ResultOf[tables].(*found)
	for _, d := range found.diagnostics {
		report := analysis.Diagnostic{Pos: d.Pos, End: d.End, Category: string(d.Code), Message: message(string(d.Code), d.Message, d.Fix)}
		for _, r := range d.Related {
			report.Related = append(report.Related, analysis.RelatedInformation{Pos: r.Pos, Message: r.Message})
		}
		report.SuggestedFixes = fixes(pass, d)
		pass.Report(report)
	}
	if found.model == nil {
		return nil, nil
	}
	return nil, reportStale(pass, found.model)
}

// reportStale compares the generated file with what it should be.
func reportStale(pass *analysis.Pass, model *schema.Package) error {
	what := "there is no " + gen.OutputName
	for _, file := range pass.Files {
		name := pass.Fset.File(file.FileStart).Name()
		if filepath.Base(name) != gen.OutputName {
			continue
		}
		content, err := pass.ReadFile(name)
		if err != nil {
			return fmt.Errorf("read the generated file: %w", err)
		}
		if same, err := gen.UpToDate(model, content); err != nil || same {
			return err
		}
		what = gen.OutputName + " is not what the tags and directives of the package say"
	}
	first := pass.Pkg.Scope().Lookup(model.Structs[0].Name)
	pass.Report(analysis.Diagnostic{Pos: first.Pos(), Category: stale, Message: message(stale, what, "run go generate")})
	return nil
}

// message writes a diagnostic as the generator does.
func message(code, what, remedy string) string {
	what += " [" + code + "]"
	if remedy != "" {
		what += "\n\t" + remedy
	}
	return what
}
