package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// lostContext is the code of what Context reports.
const lostContext = "lost-context"

// Context reports repositories that are called with a context of nobody's.
var Context = &analysis.Analyzer{
	Name: "ddbecontext",
	Doc: `find repository calls that ignore the context of their caller

context.Background() and context.TODO() have no deadline and are never
cancelled. They are reported as the context of a repository's method, or of the
function that opens it, where the surrounding function has a context or an
*http.Request.`,
	URL: manual,
	Run: reportContext,
}

func reportContext(pass *analysis.Pass) (any, error) {
	for _, file := range pass.Files {
		if ast.IsGenerated(file) {
			continue
		}
		needed := needsContext(pass, file)
		ast.PreorderStack(file, nil, func(n ast.Node, stack []ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if lost := background(pass, call); lost != nil {
				reportLost(pass, lost, stack, needed)
			}
			return true
		})
	}
	return nil, nil
}

// background returns the context.Background() or context.TODO() that a
// repository is called with, or nil.
func background(pass *analysis.Pass, call *ast.CallExpr) *ast.CallExpr {
	f, ok := callee(pass, call)
	if !ok || len(call.Args) == 0 || !ofRepository(f) {
		return nil
	}
	root, ok := ast.Unparen(call.Args[0]).(*ast.CallExpr)
	if !ok {
		return nil
	}
	f, ok = callee(pass, root)
	if !ok || !f.is("context", "", "Background", "TODO") {
		return nil
	}
	return root
}

// ofRepository reports whether a function is a method of a generated repository
// or opens one.
func ofRepository(f function) bool {
	if r := f.Recv(); r != nil {
		return isRepository(r.Type())
	}
	return f.Results().Len() == 2 && isRepository(f.Results().At(0).Type())
}

// isRepository reports whether t is a pointer to a struct of nothing but a
// ddbe.Table.
func isRepository(t types.Type) bool {
	named := namedBehind(t)
	if named == nil {
		return false
	}
	s, ok := named.Underlying().(*types.Struct)
	if !ok || s.NumFields() != 1 {
		return false
	}
	table := namedBehind(s.Field(0).Type())
	return table != nil && isNamed(table.Origin(), runtimePath, "Table")
}

// reportLost reports a context, within the nodes of stack, where there is one to
// pass instead.
func reportLost(pass *analysis.Pass, lost *ast.CallExpr, stack []ast.Node, needed bool) {
	v, own := reachable(pass, lost.Pos())
	if v == nil {
		return
	}
	f, _ := callee(pass, lost)
	detached := "context.WithoutCancel(" + own + ")"
	report := analysis.Diagnostic{
		Pos: lost.Pos(), End: lost.End(), Category: lostContext,
		Message: message(lostContext, fmt.Sprintf("context.%s() ignores the deadline and the cancellation of %s", f.name, own),
			fmt.Sprintf("pass %s, or %s for what must outlive it", own, detached)),
	}
	instead := own
	if slices.ContainsFunc(stack, func(n ast.Node) bool { return outlives(n) && n.Pos() > v.Pos() }) {
		instead = detached
	}
	if needed || instead == detached {
		report.SuggestedFixes = []analysis.SuggestedFix{{
			Message:   "Pass " + instead,
			TextEdits: []analysis.TextEdit{{Pos: lost.Pos(), End: lost.End(), NewText: []byte(instead)}},
		}}
	}
	pass.Report(report)
}

// outlives reports whether what a statement calls may run when the context of
// the function is over.
func outlives(n ast.Node) bool {
	switch n.(type) {
	case *ast.GoStmt, *ast.DeferStmt:
		return true
	}
	return false
}

// reachable returns the innermost variable that is or has a context at a place,
// and the expression of the context.
func reachable(pass *analysis.Pass, at token.Pos) (own *types.Var, expression string) {
	innermost := pass.Pkg.Scope().Innermost(at)
	for scope := innermost; scope != nil && scope.Parent() != pass.Pkg.Scope() && own == nil; scope = scope.Parent() {
		for _, name := range scope.Names() {
			v, ok := scope.Lookup(name).(*types.Var)
			if !ok || name == "_" || own != nil && v.Pos() < own.Pos() {
				continue
			}
			if _, visible := innermost.LookupParent(name, at); visible != v {
				continue
			}
			if e := contextOf(v); e != "" {
				own, expression = v, e
			}
		}
	}
	return own, expression
}

// contextOf returns the expression of the context that a variable is or has, or
// "".
func contextOf(v *types.Var) string {
	if isNamed(v.Type(), "context", "Context") {
		return v.Name()
	}
	if named := namedBehind(v.Type()); named != nil && isNamed(named, "net/http", "Request") {
		return v.Name() + ".Context()"
	}
	return ""
}

// needsContext reports whether a file needs its import of package context when
// it has no context.Background() and no context.TODO().
func needsContext(pass *analysis.Pass, file *ast.File) bool {
	needed := false
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok && s.Sel.Name != "Background" && s.Sel.Name != "TODO" {
			if id, ok := s.X.(*ast.Ident); ok {
				p, ok := pass.TypesInfo.Uses[id].(*types.PkgName)
				needed = needed || ok && p.Imported().Path() == "context"
			}
		}
		return !needed
	})
	return needed
}
