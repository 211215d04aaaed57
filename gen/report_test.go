package gen_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/gen"
	"github.com/ddbegen/ddbegen/gen/lock"
)

// reported is a package in which everything that a report can say is wrong.
const reported = `package note

//ddbe:table Notes
//ddbe:index Ward-index partition=Ward
type Note struct {
	ID   string ` + "`ddbe:\"partition,sign\"`" + `
	Né   string ` + "`json:\"é😀\" dynamodbav:\"text\" ddbe:\"sign\"`" + `
	Ward string ` + "`ddbe:\"encrypt,sign\"`" + `
	New  string ` + "`ddbe:\"sign\"`" + `
}
`

// results returns the result of packages with diagnostics and with changes.
func results(t *testing.T) (dir string, diagnostics, changes *gen.Result) {
	t.Helper()
	dir = t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/report\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "wrong", "wrong née.go"), strings.Replace(reported, `ddbe:"sign"`, `ddbe:"sgin"`, 1))
	right := strings.ReplaceAll(reported, "//ddbe:index Ward-index partition=Ward\n", "")
	write(t, filepath.Join(dir, "right", "right.go"), strings.ReplaceAll(right, `ddbe:"sign"`+"`", `ddbe:"encrypt,sign"`+"`"))
	run := func(pattern string, accept ...string) *gen.Result {
		result, err := gen.Generate(t.Context(), gen.Config{Dir: dir, Patterns: []string{pattern}, Accept: accept})
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	for _, f := range run("./right").Files {
		if err := f.Write(); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "right", "right.go"), strings.ReplaceAll(right, "New ", "Newer "))
	return dir, run("./wrong"), run("./right", "BREAK-READ:Notes.attribute.New")
}

func TestReport(t *testing.T) {
	dir, diagnostics, changes := results(t)
	all := &gen.Result{Diagnostics: diagnostics.Diagnostics, Changes: changes.Changes, Files: []gen.File{{Path: filepath.Join(dir, "right", lock.Name), Content: nil}}}
	report, err := all.Report(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"report.json":  func(b *bytes.Buffer) error { return report.WriteJSON(b) },
		"report.sarif": func(b *bytes.Buffer) error { return report.WriteSARIF(b, dir) },
	} {
		var got bytes.Buffer
		if err := write(&got); err != nil {
			t.Fatal(err)
		}
		if !json.Valid(got.Bytes()) {
			t.Errorf("%s is not JSON", name)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.MkdirAll("testdata", 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got.String() != string(want) {
			t.Errorf("%s: got\n%s", name, &got)
		}
	}
}

// TestEmptyReport holds that a report without anything in it has empty lists, as
// the schema of SARIF asks for, and not null.
func TestEmptyReport(t *testing.T) {
	report, err := (&gen.Result{}).Report(t.TempDir(), true)
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := report.WriteJSON(&got); err != nil {
		t.Fatal(err)
	}
	if err := report.WriteSARIF(&got, ""); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(got.String(), "null") {
		t.Errorf("a list is null:\n%s", &got)
	}
}
