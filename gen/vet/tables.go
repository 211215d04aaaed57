package vet

import (
	"bytes"
	"fmt"
	"go/parser"
	"go/types"
	"path/filepath"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/ddbegen/ddbegen/gen"
	"github.com/ddbegen/ddbegen/gen/schema"
	"github.com/ddbegen/ddbegen/gen/tag"
)

// stored is the fact that a struct is stored in an encrypted table.
type stored struct {
	Table      string // its physical name
	Repository string // the name of the type that stores it
	Secret     bool   // a field is not to be printed
}

// AFact implements [analysis.Fact].
func (*stored) AFact() {}

func (s *stored) String() string { return fmt.Sprintf("stored in %s", s.Table) }

// tables finds the table structs of a package and of all that it imports.
var tables = &analysis.Analyzer{
	Name:             "ddbetables",
	Doc:              "find the structs that are stored in encrypted tables",
	URL:              manual,
	Run:              findTables,
	RunDespiteErrors: true, // without a generated file nothing compiles
	ResultType:       reflect.TypeFor[*found](),
	FactTypes:        []analysis.Fact{(*stored)(nil)},
}

// found is what is known of table structs.
type found struct {
	structs     map[*types.TypeName]*stored
	diagnostics []schema.Diagnostic // of this package
	model       *schema.Package     // of this package; nil if it has no tables, or diagnostics
}

func findTables(pass *analysis.Pass) (any, error) {
	result := &found{structs: map[*types.TypeName]*stored{}}
	source := schema.Source{Fset: pass.Fset, Types: pass.Pkg, Info: pass.TypesInfo}
	var problems []schema.Diagnostic
	for _, file := range pass.Files {
		if strings.HasSuffix(pass.Fset.File(file.FileStart).Name(), "_test.go") {
			problems = append(problems, schema.Unbuilt(pass.Fset, file)...)
			continue
		}
		source.Files = append(source.Files, file)
	}
	for _, name := range pass.IgnoredFiles {
		if content, err := pass.ReadFile(name); err != nil || filepath.Base(name) == gen.OutputName || !bytes.Contains(content, []byte(tag.DirectivePrefix)) {
			continue // one that cannot be read is the business of the build
		}
		// What can be read of a broken file is enough.
		if file, _ := parser.ParseFile(pass.Fset, name, nil, parser.ParseComments|parser.SkipObjectResolution); file != nil {
			problems = append(problems, schema.Unbuilt(pass.Fset, file)...)
		}
	}
	raw, wrong := schema.Read(source)
	problems = append(problems, wrong...)
	if len(raw) > 0 {
		model, more := schema.Build(source, raw)
		problems = append(problems, more...)
		if model != nil && len(problems) == 0 {
			result.model = model
			for _, s := range model.Structs {
				if name, ok := pass.Pkg.Scope().Lookup(s.Name).(*types.TypeName); ok {
					pass.ExportObjectFact(name, describe(s))
				}
			}
		}
	}
	result.diagnostics = problems
	for _, f := range pass.AllObjectFacts() {
		if name, ok := f.Object.(*types.TypeName); ok {
			result.structs[name] = f.Fact.(*stored)
		}
	}
	return result, nil
}

func describe(s *schema.Struct) *stored {
	fact := &stored{Table: s.Table.PhysicalName, Repository: s.Repository, Secret: len(s.Redacted) > 0}
	if fact.Table == "" {
		fact.Table = s.Table.LogicalName
	}
	return fact
}

// of returns what is known of a type that is a table struct itself.
func (f *found) of(t types.Type) (*types.TypeName, *stored) {
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return nil, nil
	}
	name := named.Origin().Obj()
	return name, f.structs[name]
}

// origin is of, also for a type that was made of a table struct and has its fields
// and tags. Of several the one comes first whose repository does in the alphabet.
func (f *found) origin(t types.Type) (name *types.TypeName, fact *stored) {
	if name, fact = f.of(t); fact != nil {
		return name, fact
	}
	for n, s := range f.structs {
		if types.Identical(n.Type().Underlying(), t.Underlying()) && (fact == nil || s.Repository < fact.Repository) {
			name, fact = n, s
		}
	}
	return name, fact
}

// elements returns the table struct that values of a type hold where attributevalue
// finds it: T itself, or the T of a pointer, slice, array or map, or of a field.
func (f *found) elements(t types.Type, seen map[types.Type]bool) (*types.TypeName, *stored) {
	if t == nil || seen[t] {
		return nil, nil
	}
	seen[t] = true
	if name, fact := f.origin(t); fact != nil {
		return name, fact
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		for i := range u.NumFields() {
			v := u.Field(i)
			if av := reflect.StructTag(u.Tag(i)).Get("dynamodbav"); av == "-" || strings.HasPrefix(av, "-,") || !v.Exported() && !v.Embedded() {
				continue
			}
			if name, fact := f.elements(v.Type(), seen); fact != nil {
				return name, fact
			}
		}
	case *types.Chan:
	case interface{ Elem() types.Type }:
		return f.elements(u.Elem(), seen)
	}
	return nil, nil
}

// table returns the struct of the table with this physical name; of several the
// one whose repository comes first in the alphabet.
func (f *found) table(name string) (first *stored) {
	for _, s := range f.structs {
		if s.Table == name && (first == nil || s.Repository < first.Repository) {
			first = s
		}
	}
	return first
}
