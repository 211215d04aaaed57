package vet

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"
)

// Packages whose calls are looked at.
const (
	runtimePath        = "github.com/ddbegen/ddbegen/runtime"
	dynamodbPath       = "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	attributevaluePath = "github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
)

// function is the function or method that is called, as far as it is known
// before the program runs.
type function struct {
	path     string // of its package
	receiver string // the name of the type that it is a method of, or ""
	name     string
	*types.Signature
}

// callee returns what is called, and ok false for anything that is not a
// declared function or a method of a concrete type.
func callee(pass *analysis.Pass, call *ast.CallExpr) (f function, ok bool) {
	called := typeutil.StaticCallee(pass.TypesInfo, call)
	if called == nil || called.Pkg() == nil {
		return f, false
	}
	f = function{path: called.Pkg().Path(), name: called.Name(), Signature: called.Signature()}
	if r := f.Recv(); r != nil {
		if named := namedBehind(r.Type()); named != nil {
			f.receiver = named.Obj().Name()
		}
	}
	return f, true
}

// is reports whether the function is one of these methods, or functions where
// receiver is "".
func (f function) is(path, receiver string, names ...string) bool {
	return f.path == path && f.receiver == receiver && slices.Contains(names, f.name)
}

// namedBehind returns the named type that t is or points to, or nil.
func namedBehind(t types.Type) *types.Named {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, _ := types.Unalias(t).(*types.Named)
	return named
}

// isNamed reports whether t is the type path.name.
func isNamed(t types.Type, path, name string) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == name && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == path
}

// hasMethod reports whether values of t have a method, whose signature is given
// with full package paths.
func hasMethod(t types.Type, name, signature string) bool {
	o, _, _ := types.LookupFieldOrMethod(t, false, nil, name)
	f, ok := o.(*types.Func)
	if !ok {
		return false
	}
	parameters := make([]string, 0, 2)
	for v := range f.Signature().Params().Variables() {
		parameters = append(parameters, types.TypeString(v.Type(), nil))
	}
	results := make([]string, 0, 1)
	for v := range f.Signature().Results().Variables() {
		results = append(results, types.TypeString(v.Type(), nil))
	}
	return signature == "("+strings.Join(parameters, ", ")+") "+strings.Join(results, ", ")
}

// text returns the value of a constant string.
func text(pass *analysis.Pass, e ast.Expr) (string, bool) {
	v := pass.TypesInfo.Types[e].Value
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}
