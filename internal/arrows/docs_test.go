package arrows

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestDocsNameEveryOption holds that whoever reads the pages meets every option and
// every policy of the packages below runtime. What only its declaration names is
// found by nobody.
func TestDocsNameEveryOption(t *testing.T) {
	text := docs(t)
	found := map[string]bool{}
	for _, file := range publicFiles(t) {
		for _, name := range options(file) {
			found[name] = true
			if !regexp.MustCompile(`\b` + file.Name.Name + `\.` + name + `\b|ddbe\.` + name + `\b`).MatchString(text) {
				t.Errorf("no page names %s of package %s", name, file.Name.Name)
			}
		}
	}
	for _, name := range []string{"WithKeyStore", "Descending", "WithBatchAttempts", "WithGrantTokens", "InsecureAllowPlaintextRead"} {
		if !found[name] {
			t.Errorf("%s was not found among the options: the test no longer sees them all", name)
		}
	}
}

// TestDocsNameImportPaths holds that the pages say where packages come from.
func TestDocsNameImportPaths(t *testing.T) {
	text := docs(t)
	for _, path := range []string{"", "/beacon", "/crypto", "/crypto/awskms", "/crypto/branchkey", "/crypto/hierarchical", "/crypto/keycache", "/crypto/raw", "/embedded", "/keystore"} {
		if !regexp.MustCompile("[\"`]" + module + "runtime" + path + "[\"`]").MatchString(text) {
			t.Errorf("no page has the import path %sruntime%s", module, path)
		}
	}
}

// docs returns the text of all pages.
func docs(t *testing.T) string {
	t.Helper()
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) == 0 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	var all strings.Builder
	for _, page := range pages {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// publicFiles returns the files of the packages below runtime that programs import.
func publicFiles(t *testing.T) []*ast.File {
	t.Helper()
	var files []*ast.File
	err := filepath.WalkDir("../../runtime", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "internal" || d.Name() == "testdata"):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		files = append(files, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// options returns the exported functions of a file that return an option, and the
// policies.
func options(file *ast.File) []string {
	var names []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv != nil || !d.Name.IsExported() || d.Type.Results == nil || len(d.Type.Results.List) != 1 {
				continue
			}
			if result, ok := d.Type.Results.List[0].Type.(*ast.Ident); ok && strings.HasSuffix(result.Name, "Option") {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			policies := false // constants that say no type have that of the one above
			for _, spec := range d.Specs {
				value, ok := spec.(*ast.ValueSpec)
				if !ok || d.Tok != token.CONST {
					continue
				}
				if kind, ok := value.Type.(*ast.Ident); ok {
					policies = kind.Name == "PlaintextPolicy"
				}
				if policies {
					names = append(names, value.Names[0].Name)
				}
			}
		}
	}
	return names
}
