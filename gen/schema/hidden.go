package schema

import (
	"go/types"
	"strings"
)

// hiddenType returns a type in t that code in pkg cannot write, or nil: one that
// is not exported or in a package that cannot be imported, or a struct or an
// interface with unexported members of another package.
func hiddenType(pkg *types.Package, t types.Type) types.Type {
	h := hidden{pkg: pkg}
	return h.in(t)
}

// hidden looks for a type that cannot be written.
type hidden struct {
	pkg   *types.Package
	depth int // of type arguments and literals, which only a type that is made of itself has without end
}

func (h hidden) in(t types.Type) types.Type {
	if h.depth++; h.depth > 2*maxDepth {
		return t
	}
	switch t := types.Unalias(t).(type) {
	case *types.Named:
		if t.Obj().Pkg() != nil && !canName(h.pkg, t.Obj()) {
			return t
		}
		return h.list(t.TypeArgs())
	case *types.Map:
		if key := h.in(t.Key()); key != nil {
			return key
		}
		return h.in(t.Elem())
	case *types.Struct:
		for v := range t.Fields() {
			if !v.Exported() && v.Pkg() != h.pkg {
				return t
			}
			if field := h.in(v.Type()); field != nil {
				return field
			}
		}
	case *types.Interface:
		for m := range t.ExplicitMethods() {
			if !m.Exported() && m.Pkg() != h.pkg {
				return t
			}
			if signature := h.in(m.Type()); signature != nil {
				return signature
			}
		}
		for e := range t.EmbeddedTypes() {
			if embedded := h.in(e); embedded != nil {
				return embedded
			}
		}
	case *types.Signature:
		for _, tuple := range []*types.Tuple{t.Params(), t.Results()} {
			for v := range tuple.Variables() {
				if parameter := h.in(v.Type()); parameter != nil {
					return parameter
				}
			}
		}
	case interface{ Elem() types.Type }:
		return h.in(t.Elem())
	}
	return nil
}

func (h hidden) list(all *types.TypeList) types.Type {
	for t := range all.Types() {
		if hidden := h.in(t); hidden != nil {
			return hidden
		}
	}
	return nil
}

// CanWrite reports whether code in pkg can write an alias. Where it cannot, it
// writes what the alias stands for.
func CanWrite(pkg *types.Package, t *types.Alias) bool {
	return t.Obj().Pkg() != nil && canName(pkg, t.Obj()) && hidden{pkg: pkg}.list(t.TypeArgs()) == nil
}

// canName reports whether code in pkg can name a type of a package.
func canName(pkg *types.Package, o *types.TypeName) bool {
	if o.Parent() != nil && o.Parent() != o.Pkg().Scope() {
		return false // it is declared in a function
	}
	return o.Pkg() == pkg || o.Exported() && importable(pkg.Path(), o.Pkg().Path())
}

// importable reports whether a package outside of the standard library may import
// another one (go command: internal directories).
func importable(from, path string) bool {
	if path == "main" || strings.HasPrefix(path, "vendor/") || strings.HasPrefix(path, "internal/") {
		return false
	}
	internal := strings.LastIndex("/"+path+"/", "/internal/")
	if internal < 0 {
		return true
	}
	parent := path[:internal-1]
	return from == parent || strings.HasPrefix(from, parent+"/")
}
