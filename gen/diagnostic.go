package gen

import (
	"cmp"
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/schema"
	"github.com/ddbegen/ddbegen/gen/tag"
)

// Syntax is the code of what the Go parser refuses.
const Syntax tag.Code = "syntax"

// Diagnostic is a [schema.Diagnostic] with positions that need no file set.
type Diagnostic struct {
	Position token.Position
	Code     tag.Code
	Message  string
	Fix      string
	Related  []Related
	Edit     *Edit // what Fix asks for, where that is exactly one change of the source; or nil
}

// Related is another place that a diagnostic is about.
type Related struct {
	Position token.Position
	Message  string
}

// Format writes d with file names relative to dir:
//
//	customer.go:8:37: partition key TenantID cannot be encrypted: DynamoDB must read it [key-encrypted]
//		write `ddbe:"partition,sign"`; to search by a secret value, add a beacon
func (d Diagnostic) Format(dir string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s [%s]\n", position(d.Position, dir), d.Message, d.Code)
	if d.Fix != "" {
		fmt.Fprintf(&b, "\t%s\n", d.Fix)
	}
	for _, r := range d.Related {
		fmt.Fprintf(&b, "\t%s: %s\n", position(r.Position, dir), r.Message)
	}
	return b.String()
}

// position writes a position for a person, with its file relative to dir.
func position(p token.Position, dir string) string {
	p.Filename = relative(p.Filename, dir)
	return p.String()
}

// relative returns the name of a file relative to dir if it lies below it or that is
// shorter, as the go command shows names.
func relative(name, dir string) string {
	if r, err := filepath.Rel(dir, name); err == nil && (filepath.IsLocal(r) || len(r) < len(name)) {
		return filepath.ToSlash(r)
	}
	return name
}

// positioned returns what is wrong with a package.
func (l *loaded) positioned(all []schema.Diagnostic) []Diagnostic {
	var result []Diagnostic
	for _, d := range all {
		p := Diagnostic{Position: l.source.Fset.Position(d.Pos), Code: d.Code, Message: d.Message, Fix: d.Fix}
		for _, r := range d.Related {
			p.Related = append(p.Related, Related{l.source.Fset.Position(r.Pos), r.Message})
		}
		if edit, ok := l.source.Edit(d, os.ReadFile); ok {
			p.Edit = &Edit{l.source.Fset.Position(edit.Pos), l.source.Fset.Position(edit.End), edit.Text, edit.Message}
		}
		result = append(result, p)
	}
	return result
}

func sortDiagnostics(all []Diagnostic) {
	slices.SortStableFunc(all, func(a, b Diagnostic) int { return comparePositions(a.Position, b.Position) })
}

func comparePositions(a, b token.Position) int {
	return cmp.Or(
		cmp.Compare(a.Filename, b.Filename),
		cmp.Compare(a.Line, b.Line),
		cmp.Compare(a.Column, b.Column),
	)
}
