package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// The codes of what Plaintext reports.
const (
	plaintextItem = "plaintext-item"
	rawWrite      = "raw-write"
)

// Plaintext reports table structs that are made into items without encryption,
// and writes that go past it.
var Plaintext = &analysis.Analyzer{
	Name: "ddbeplaintext",
	Doc: `find items of encrypted tables that are not encrypted

attributevalue.MarshalMap of a table struct is a plain-text item. It is reported
unless the function hands it to a ddbe.Client or a ddbe.ItemEncryptor. So is a
write with dynamodb.Client of such an item, or into a table that a table struct
is stored in.`,
	URL:      manual,
	Run:      reportPlaintext,
	Requires: []*analysis.Analyzer{tables},
}

func reportPlaintext(pass *analysis.Pass) (any, error) {
	found := pass.ResultOf[tables].(*found)
	if len(found.structs) == 0 {
		return nil, nil
	}
	for _, file := range pass.Files {
		if ast.IsGenerated(file) {
			continue
		}
		for _, d := range file.Decls {
			p := plaintext{pass: pass, found: found, holds: map[types.Object][]*ast.CallExpr{}, tables: map[types.Object][]ast.Expr{}}
			p.declaration(d)
		}
	}
	return nil, nil
}

// plaintext follows plain-text items through one declaration.
type plaintext struct {
	pass  *analysis.Pass
	found *found
	holds map[types.Object][]*ast.CallExpr // the items that a variable holds
	// tables are the names of tables that are assigned in a variable, wherever.
	tables map[types.Object][]ast.Expr
}

func (p *plaintext) declaration(d ast.Decl) {
	for changed := true; changed; { // a variable may be used above where it is set
		changed = false
		ast.Inspect(d, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					changed = p.assign(left, right(n.Rhs, i, len(n.Lhs))) || changed
				}
			case *ast.ValueSpec:
				for i, left := range n.Names {
					changed = p.assign(left, right(n.Values, i, len(n.Names))) || changed
				}
			}
			return true
		})
	}
	var items []*ast.CallExpr
	encrypted := map[*ast.CallExpr]bool{}
	ast.Inspect(d, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		f, ok := callee(p.pass, call)
		switch {
		case !ok:
		case p.marshals(call) != nil:
			items = append(items, call)
		case f.is(runtimePath, "Client", "PutItem", "UpdateItem", "BatchWriteItem", "TransactWriteItems"),
			f.is(runtimePath, "ItemEncryptor", "EncryptItem"):
			for _, item := range p.items(call.Args...) {
				encrypted[item] = true
			}
		case f.is(dynamodbPath, "Client", "PutItem", "UpdateItem", "BatchWriteItem", "TransactWriteItems"):
			p.write(call, f.name)
		}
		return true
	})
	for _, item := range items {
		if !encrypted[item] {
			p.item(item)
		}
	}
}

// right returns what the variable i of n is set to.
func right(values []ast.Expr, i, n int) ast.Expr {
	switch {
	case len(values) == n:
		return values[i]
	case len(values) == 1 && i == 0: // item, err := f()
		return values[0]
	}
	return nil
}

// assign notes what a variable holds from now on, or one of whose fields or
// elements does.
func (p *plaintext) assign(left, right ast.Expr) (changed bool) {
	if right == nil {
		return false
	}
	variable := p.root(left)
	if variable == nil {
		return false
	}
	if field, ok := left.(*ast.SelectorExpr); ok && field.Sel.Name == "TableName" && !slices.Contains(p.tables[variable], right) {
		p.tables[variable] = append(p.tables[variable], right)
	}
	for _, item := range p.items(right) {
		if !slices.Contains(p.holds[variable], item) {
			p.holds[variable] = append(p.holds[variable], item)
			changed = true
		}
	}
	return changed
}

// root returns the variable that an expression selects from, or nil.
func (p *plaintext) root(e ast.Expr) types.Object {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			if o := p.pass.TypesInfo.Defs[x]; o != nil {
				return o
			}
			return p.pass.TypesInfo.Uses[x]
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.UnaryExpr: // &in
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// items returns the plain-text items that the values of expressions hold. What a
// function makes of an item is not known, so that it holds none.
func (p *plaintext) items(all ...ast.Expr) (items []*ast.CallExpr) {
	for _, e := range all {
		ast.Inspect(e, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.CallExpr:
				if p.marshals(n) != nil {
					items = append(items, n)
				}
				t := p.pass.TypesInfo.Types[n.Fun]
				return t.IsType() || t.IsBuiltin()
			case *ast.Ident:
				items = append(items, p.holds[p.pass.TypesInfo.Uses[n]]...)
			}
			return true
		})
	}
	return items
}

// marshals returns the table struct of which a call makes a plain-text item, or
// nil.
func (p *plaintext) marshals(call *ast.CallExpr) *types.TypeName {
	f, ok := callee(p.pass, call)
	if !ok || len(call.Args) == 0 {
		return nil
	}
	if !f.is(attributevaluePath, "", "Marshal", "MarshalMap", "MarshalList", "MarshalWithOptions", "MarshalMapWithOptions", "MarshalListWithOptions") &&
		!f.is(attributevaluePath, "Encoder", "Encode") {
		return nil
	}
	name, fact := p.found.elements(p.pass.TypesInfo.TypeOf(call.Args[0]), map[types.Type]bool{})
	if fact == nil {
		return nil
	}
	return name
}

func (p *plaintext) item(call *ast.CallExpr) {
	name := p.marshals(call)
	fact := p.found.structs[name]
	p.pass.Report(analysis.Diagnostic{
		Pos: call.Pos(), End: call.End(), Category: plaintextItem,
		Message: message(plaintextItem, fmt.Sprintf("this item of %s is plain text, and the table %s is encrypted", name.Name(), fact.Table),
			fmt.Sprintf("use %s, or give the item to a ddbe.Client or a ddbe.ItemEncryptor", fact.Repository)),
	})
}

// write reports a write that goes past the encryption.
func (p *plaintext) write(call *ast.CallExpr, method string) {
	report := analysis.Diagnostic{Pos: call.Pos(), End: call.End(), Category: rawWrite}
	var fact *stored
	if items := p.items(call.Args...); len(items) > 0 {
		name := p.marshals(items[0])
		fact = p.found.structs[name]
		report.Message = fmt.Sprintf("dynamodb.Client.%s writes an item of %s unencrypted", method, name.Name())
		report.Related = []analysis.RelatedInformation{{Pos: items[0].Pos(), End: items[0].End(), Message: "the item is made here"}}
	} else if fact = p.table(call); fact != nil {
		report.Message = fmt.Sprintf("dynamodb.Client.%s writes to the encrypted table %s past its encryption", method, fact.Table)
	} else {
		return
	}
	report.Message = message(rawWrite, report.Message, fmt.Sprintf("use %s or a ddbe.Client", fact.Repository))
	p.pass.Report(report)
}

// table returns the encrypted table that a write names by a constant, or nil. Of a
// variable whose table is assigned, each that is must be encrypted.
func (p *plaintext) table(call *ast.CallExpr) (fact *stored) {
	for _, e := range call.Args {
		if names := p.tables[p.root(e)]; len(names) > 0 { // in place of what a literal says
			for _, name := range names {
				if fact = p.named(name); fact == nil {
					break // it may be the one that is written to
				}
			}
			if fact != nil {
				return fact
			}
			continue
		}
		ast.Inspect(p.literal(e), func(n ast.Node) bool {
			literal, ok := n.(*ast.CompositeLit)
			if !ok {
				return fact == nil
			}
			requests := isWriteRequests(p.pass.TypesInfo.TypeOf(literal))
			for _, e := range literal.Elts {
				kv, ok := e.(*ast.KeyValueExpr)
				if !ok || fact != nil {
					continue
				}
				if field, ok := kv.Key.(*ast.Ident); requests {
					fact = p.named(kv.Key)
				} else if ok && field.Name == "TableName" {
					fact = p.named(kv.Value)
				}
			}
			return fact == nil
		})
	}
	return fact
}

// isWriteRequests reports whether t is the type of BatchWriteItemInput.RequestItems,
// whose keys are names of tables.
func isWriteRequests(t types.Type) bool {
	m, ok := t.Underlying().(*types.Map)
	if !ok {
		return false
	}
	s, ok := m.Elem().Underlying().(*types.Slice)
	return ok && isNamed(s.Elem(), dynamodbPath+"/types", "WriteRequest")
}

// literal returns the value that a variable is declared with, where e is one.
func (p *plaintext) literal(e ast.Expr) ast.Expr {
	id, ok := e.(*ast.Ident)
	if !ok {
		return e
	}
	o := p.pass.TypesInfo.Uses[id]
	for _, file := range p.pass.Files {
		if o == nil || o.Pos() < file.FileStart || file.FileEnd <= o.Pos() {
			continue
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == len(a.Rhs) {
				for i, left := range a.Lhs {
					if left.Pos() == o.Pos() {
						e = a.Rhs[i]
					}
				}
			}
			return true
		})
	}
	return e
}

// named returns the table struct whose table has the name that an expression
// holds.
func (p *plaintext) named(e ast.Expr) (fact *stored) {
	ast.Inspect(e, func(n ast.Node) bool {
		if x, ok := n.(ast.Expr); ok {
			if name, ok := text(p.pass, x); ok {
				fact = p.found.table(name)
			}
		}
		return fact == nil
	})
	return fact
}
