package vet

import (
	"golang.org/x/tools/go/analysis"

	"github.com/ddbegen/ddbegen/gen/schema"
)

// fixes returns the change to the source that a remedy asks for, if there is
// exactly one.
func fixes(pass *analysis.Pass, d schema.Diagnostic) []analysis.SuggestedFix {
	source := schema.Source{Fset: pass.Fset, Files: pass.Files, Types: pass.Pkg, Info: pass.TypesInfo}
	edit, ok := source.Edit(d, pass.ReadFile)
	if !ok {
		return nil
	}
	change := analysis.TextEdit{Pos: edit.Pos, End: edit.End, NewText: []byte(edit.Text)}
	return []analysis.SuggestedFix{{Message: edit.Message, TextEdits: []analysis.TextEdit{change}}}
}
