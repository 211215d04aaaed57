package schema

import (
	"cmp"
	"fmt"
	"go/token"
	"go/types"
	"slices"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// Diagnostic is one thing that is wrong with the source, and what to do about
// it. It has the shape of an analysis diagnostic.
type Diagnostic struct {
	Pos, End token.Pos // of the word that causes it
	Code     tag.Code
	Message  string
	Fix      string // the remedy, as a sentence; it may be empty
	Related  []Related

	elsewhere bool // the cause is in another package
}

// Related is another place that a diagnostic is about.
type Related struct {
	Pos     token.Pos
	Message string
}

// place is a range of the source. What a field of another package causes has the
// place of the embedded field that it comes through.
type place struct {
	pos, end  token.Pos
	elsewhere *types.Var // that field, or nil
}

// reporter collects diagnostics.
type reporter struct{ diagnostics []Diagnostic }

func (r *reporter) report(at place, code tag.Code, fix, format string, args ...any) *Diagnostic {
	d := Diagnostic{Pos: at.pos, End: at.end, Code: code, Message: fmt.Sprintf(format, args...), Fix: fix}
	if v := at.elsewhere; v != nil {
		d.elsewhere = true
		if v.Pos().IsValid() {
			d.Related = []Related{{v.Pos(), fmt.Sprintf("field %s is declared here", v.Name())}}
		}
	}
	r.diagnostics = append(r.diagnostics, d)
	return &r.diagnostics[len(r.diagnostics)-1]
}

// see adds another place to a diagnostic.
func (d *Diagnostic) see(at place, format string, args ...any) *Diagnostic {
	d.Related = append(d.Related, Related{Pos: at.pos, Message: fmt.Sprintf(format, args...)})
	return d
}

// problems reports what gen/tag found in a text that begins at base.
func (r *reporter) problems(base token.Pos, problems []tag.Problem) {
	for _, p := range problems {
		r.report(spanAt(base, p.Span), p.Code, p.Fix, "%s", p.Message)
	}
}

func spanAt(base token.Pos, s tag.Span) place {
	return place{pos: base + token.Pos(s.Start), end: base + token.Pos(s.End)}
}

// sorted returns the diagnostics in the order of the source, each once.
func (r *reporter) sorted(fset *token.FileSet) []Diagnostic {
	slices.SortStableFunc(r.diagnostics, func(a, b Diagnostic) int {
		p, q := fset.Position(a.Pos), fset.Position(b.Pos)
		return cmp.Or(cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Offset, q.Offset), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(r.diagnostics, func(a, b Diagnostic) bool {
		return a.Pos == b.Pos && a.Code == b.Code && a.Message == b.Message
	})
}
