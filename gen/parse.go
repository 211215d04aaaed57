package gen

import (
	"bytes"
	"errors"
	"go/parser"
	"go/scanner"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/ddbegen/ddbegen/gen/schema"
)

const parserMode = parser.ParseComments | parser.AllErrors | parser.SkipObjectResolution

// parse parses the files of a package, and notes their syntax errors.
func (l *loaded) parse(contents []sourceFile) {
	for _, f := range contents {
		file, err := parser.ParseFile(l.source.Fset, f.name, f.content, parserMode)
		if file != nil {
			l.source.Files = append(l.source.Files, file)
		}
		if list := (scanner.ErrorList)(nil); errors.As(err, &list) {
			for _, e := range list {
				l.broken = append(l.broken, Diagnostic{Position: e.Pos, Code: Syntax, Message: e.Msg, Fix: "correct it first: nothing is generated from a file that cannot be read"})
			}
		}
	}
}

// findUnbuilt notes what is wrong with the files of a package that the go command
// does not build, or builds for tests alone: directives in them, which would be
// passed over without a word.
func (l *loaded) findUnbuilt(p *packages.Package) error {
	names := slices.Clone(p.IgnoredFiles)
	if p.Dir != "" {
		entries, err := os.ReadDir(p.Dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if name := filepath.Join(p.Dir, e.Name()); strings.HasSuffix(name, "_test.go") && e.Name()[0] != '.' && e.Name()[0] != '_' && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	var problems []schema.Diagnostic
	for _, name := range names {
		if filepath.Ext(name) != ".go" || filepath.Base(name) == OutputName {
			continue
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if !bytes.Contains(content, []byte("//ddbe:")) {
			continue
		}
		// What can be read of a broken file is enough.
		if file, _ := parser.ParseFile(l.source.Fset, name, content, parserMode); file != nil {
			problems = append(problems, schema.Unbuilt(l.source.Fset, file)...)
		}
	}
	l.unbuilt = l.positioned(problems)
	return nil
}
