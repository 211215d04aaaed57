// Package emit writes the model of a package as Go source: one function for
// each visible block of the output, in the order of the output.
package emit

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/ddbegen/ddbegen/gen/schema"
	"github.com/ddbegen/ddbegen/internal/abi"
)

// The packages that generated code imports.
const (
	runtimePath = "github.com/ddbegen/ddbegen/runtime"
	beaconPath  = runtimePath + "/beacon"
	codecPath   = runtimePath + "/codec"
	cryptoPath  = runtimePath + "/crypto"
	typesPath   = "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Package returns the source of the generated file of p. It is not formatted,
// and its imports are not grouped.
func Package(p *schema.Package) ([]byte, error) {
	f := newFile(p)
	f.handshake()
	for _, s := range p.Structs {
		f.guard(jen.Id(s.Name), s.Name, s.Guard)
		f.attributes(s)
		if s.Table.Structs[0] == s {
			f.table(s)
		}
		f.indexes(s)
		f.schema(s)
		f.redacted(s)
		f.repository(s)
	}
	f.nestedStructs(p)
	var out bytes.Buffer
	if err := f.Render(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// file is the file that is being written.
type file struct {
	*jen.File
	pkg  *schema.Package
	self map[*schema.StructCodec]string // what a struct calls itself while its codec is being written
	own  []string                       // the packages that every file may import
	// arguments are what functions call their arguments, as no package of a type is
	// called.
	arguments []string
	declared  []string // what the file declares
}

func newFile(p *schema.Package) *file {
	f := &file{File: jen.NewFilePathName(p.Path, p.Name), pkg: p, self: map[*schema.StructCodec]string{}, arguments: arguments(p), declared: declared(p)}
	f.NoFormat = true
	f.HeaderComment(strings.TrimPrefix(schema.Header, "// "))
	runtime := f.free("ddbe")
	for slices.Contains(f.arguments, runtime) {
		runtime = f.free(runtime + "pkg")
	}
	f.ImportAlias(runtimePath, runtime)
	for path, name := range map[string]string{
		beaconPath: "beacon", codecPath: "codec", cryptoPath: "crypto", typesPath: "types", "context": "context", "fmt": "fmt", "iter": "iter", "log/slog": "slog",
	} {
		f.imported(path, name)
		f.own = append(f.own, path)
	}
	return f
}

// imported says under which name a package is imported: its own, unless the
// package that is being generated declares that name itself.
func (f *file) imported(path, name string) {
	if path == runtimePath {
		return // it has its alias
	}
	if free := f.free(name); free != name {
		f.ImportAlias(path, free)
		return
	}
	f.ImportName(path, name)
}

// free returns name, changed if the package declares it. Accessors call their
// argument by one letter, so no import does.
func (f *file) free(name string) string {
	for len(name) == 1 || f.pkg.Declared(name) != nil || slices.Contains(f.declared, name) {
		name += "pkg"
	}
	return name
}

// typePackage says under which name the package of a type is imported. Types stand
// where the arguments of a function have hidden the names of packages.
func (f *file) typePackage(path, name string) {
	if slices.Contains(f.own, path) {
		return
	}
	if hides := func(name string) bool {
		return slices.Contains(f.arguments, name) || strings.Trim(name, name[:1]) == "" || strings.ReplaceAll(strings.TrimRight(name, "0"), "self", "") == ""
	}; hides(name) {
		f.ImportAlias(path, f.free(name+"pkg"))
		return
	}
	f.imported(path, name)
}

// arguments returns what the methods of the repositories of p call their
// arguments.
func arguments(p *schema.Package) []string {
	all := []string{"db", "keyring", "opts", "ctx", "change", "table", "err", "verb"}
	for _, s := range p.Structs {
		all = append(all, s.Argument)
		keys := s.Key
		for _, x := range s.Table.Indexes {
			for _, q := range x.Queries {
				keys = slices.Concat(keys, q.Arguments)
			}
		}
		for _, a := range keys {
			all = append(all, a.Name)
		}
	}
	return all
}

// declared returns what the file of p declares.
func declared(p *schema.Package) (all []string) {
	for _, s := range p.Structs {
		all = append(all, s.SchemaVar, s.RedactedVar, s.Repository, s.Constructor, s.Table.Var)
		for _, x := range s.Table.Indexes {
			all = append(all, x.Var)
		}
		for _, a := range s.Attributes {
			all = append(all, a.Var)
		}
	}
	for _, c := range p.Nested {
		all = append(all, c.Var)
	}
	return all
}

// comment begins a declaration with its comment, broken into lines.
func (f *file) comment(format string, args ...any) {
	f.Line()
	line := ""
	for _, word := range strings.Fields(fmt.Sprintf(format, args...)) {
		if line != "" && len("// ")+len(line)+1+len(word) > 80 {
			f.Comment("// " + line) // with the slashes: jen.Comment would leave out its own before a "/*"
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	f.Comment("// " + line)
}

func ddbe(name string) *jen.Statement { return jen.Qual(runtimePath, name) }

// lines writes items in braces or parentheses, each on a line of its own.
func lines(open, end string, items ...jen.Code) *jen.Statement {
	return jen.Custom(jen.Options{Open: open, Close: end, Separator: ",", Multi: true}, items...)
}

// inline writes a body on one line.
func inline(statement jen.Code) *jen.Statement {
	return jen.Custom(jen.Options{Open: "{ ", Close: " }"}, statement)
}

// member is a key and a value of a composite literal. Unlike those of jen.Dict,
// members stay in the order in which they are written.
func member(name string, value jen.Code) jen.Code { return jen.Id(name).Op(":").Add(value) }

func (f *file) handshake() {
	f.comment("A compile error here means that ddbegen and the ddbe module have drifted apart: run go generate, or update the module.")
	f.Const().Id("_").Op("=").
		Add(ddbe("Require")).Call(jen.Lit(abi.Generated).Op("-").Add(ddbe("OldestGenerated"))).Op("+").
		Add(ddbe("Require")).Call(ddbe("NewestGenerated").Op("-").Lit(abi.Generated))
}

// guard writes a declaration that stops compiling when a field or a tag of a
// struct changes: assignability compares tags, and a conversion would not.
func (f *file) guard(structType jen.Code, name string, fields []schema.GuardField) {
	f.comment("A compile error here means that %s or one of its tags has changed: run go generate.", name)
	f.Var().Id("_").Add(structType).Op("=").StructFunc(func(g *jen.Group) {
		for _, field := range fields {
			line := jen.Null()
			if !field.Var.Embedded() {
				line.Id(field.Var.Name())
			}
			line.Add(f.typ(field.Var.Type()))
			if field.Tag != "" {
				line.Op(field.Tag) // as it is written: jen.Tag would sort the keys
			}
			g.Add(line)
		}
	}).Values()
}
