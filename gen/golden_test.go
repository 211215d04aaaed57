package gen_test

import (
	"bytes"
	"context"
	"flag"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/ddbegen/ddbegen/gen"
	"github.com/ddbegen/ddbegen/gen/lock"
	"github.com/ddbegen/ddbegen/gen/tag"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const golden = "../testdata/golden"

// TestRefusals compares what is reported about each case of bad with what the
// case wants, to the column.
func TestRefusals(t *testing.T) {
	cases, err := filepath.Glob(golden + "/bad/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/bad\n\ngo 1.26\n")
	archives := map[string]*txtar.Archive{}
	for _, path := range cases {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		archives[name] = archive
		for _, f := range archive.Files {
			if f.Name != "want" {
				write(t, filepath.Join(dir, name, f.Name), string(f.Data))
			}
		}
	}
	result, err := gen.Generate(t.Context(), gen.Config{Dir: dir, Patterns: []string{"./..."}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range result.Files {
		if strings.HasPrefix(f.Path, filepath.Join(dir, "across")) {
			t.Errorf("%s would be written, though two packages contradict each other", f.Path)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(archives)) {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			for _, d := range result.Diagnostics {
				if strings.HasPrefix(d.Position.Filename, filepath.Join(dir, name)+string(filepath.Separator)) {
					got.WriteString(d.Format(filepath.Join(dir, name)))
				}
			}
			compareWant(t, filepath.Join(golden, "bad", name+".txtar"), archives[name], got.String())
		})
	}
}

func compareWant(t *testing.T, path string, archive *txtar.Archive, got string) {
	t.Helper()
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
	if i < 0 {
		i = len(archive.Files)
		archive.Files = append(archive.Files, txtar.File{Name: "want"})
	}
	if got == "" {
		t.Error("nothing was reported")
	}
	if string(archive.Files[i].Data) == got {
		return
	}
	if !*update {
		t.Errorf("reported\n%s\nwant\n%s", got, archive.Files[i].Data)
		return
	}
	archive.Files[i].Data = []byte(got)
	write(t, path, string(txtar.Format(archive)))
}

// TestEveryCodeHasARefusal holds that each code of a diagnostic is shown by a
// case and explained in the manual.
func TestEveryCodeHasARefusal(t *testing.T) {
	cases, err := filepath.Glob(golden + "/bad/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	var all []byte
	for _, path := range cases {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if f.Name == "want" {
				all = append(all, f.Data...)
			}
		}
	}
	manual, err := os.ReadFile("../docs/tags.md")
	if err != nil {
		t.Fatal(err)
	}
	codes := codes(t)
	if len(codes) < 50 {
		t.Fatalf("only %d codes were found in the source", len(codes))
	}
	for _, code := range codes {
		if !bytes.Contains(all, []byte("["+code+"]\n")) {
			t.Errorf("no case for the code %q", code)
		}
		if !bytes.Contains(manual, []byte("\n| `"+code+"` | ")) {
			t.Errorf("docs/tags.md does not explain the code %q", code)
		}
	}
}

// codes returns the constants of type tag.Code in the source.
func codes(t *testing.T) (all []string) {
	t.Helper()
	for _, path := range []string{"tag/code.go", "schema/code.go", "diagnostic.go", "locked.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || spec.Type == nil || len(spec.Values) != 1 {
				return true
			}
			literal, ok := spec.Values[0].(*ast.BasicLit)
			if !ok {
				return true
			}
			code, err := strconv.Unquote(literal.Value)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, code)
			return true
		})
	}
	return all
}

// TestGenerated compares the generated files of the packages in ok.
func TestGenerated(t *testing.T) {
	if *update {
		// Nothing is stored: the packages may change as they like.
		locks, err := filepath.Glob(golden + "/ok/*/" + lock.Name)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range locks {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		}
	}
	result, err := gen.Generate(t.Context(), gen.Config{Dir: golden, Patterns: []string{"./ok/..."}})
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.Abs(golden)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range result.Diagnostics {
		t.Error(d.Format(dir))
	}
	for _, c := range result.Changes {
		if c.Stops() {
			t.Error(c.Format(dir))
		}
	}
	for _, f := range result.Files {
		// A file that is right but for its layout is left as it is.
		if formatted, err := format.Source(f.Content); filepath.Ext(f.Path) == ".go" && (err != nil || !bytes.Equal(formatted, f.Content)) {
			t.Errorf("%s is not formatted: remove it and run this with -update: %v", f.Path, err)
		}
		if *update {
			if err := f.Write(); err != nil {
				t.Fatal(err)
			}
		}
		diff, err := f.Diff(dir)
		if err != nil {
			t.Fatal(err)
		}
		if diff != "" {
			t.Error(diff)
		}
	}
}

// TestGeneratedCompiles runs go vet on the packages in ok, and their tests.
func TestGeneratedCompiles(t *testing.T) {
	for _, args := range [][]string{{"vet", "./ok/..."}, {"test", "./ok/..."}} {
		command := exec.CommandContext(t.Context(), "go", args...)
		command.Dir = golden
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// TestGenerateStopsWithItsContext holds that a cancelled run is an error and not
// an empty result.
func TestGenerateStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := gen.Generate(ctx, gen.Config{Dir: golden, Patterns: []string{"./ok/inspection"}}); err == nil {
		t.Error("no error")
	}
}

// TestManualIsRight holds that every directive that the manual shows is one.
func TestManualIsRight(t *testing.T) {
	manual, err := os.ReadFile("../docs/tags.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for line := range strings.Lines(string(manual)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, tag.DirectivePrefix) {
			continue
		}
		d, problems := tag.ParseDirective(line)
		if len(problems) > 0 {
			t.Errorf("%s: %v", line, problems)
			continue
		}
		shown[d.Where().Verb.Text] = true
	}
	for _, verb := range tag.Verbs() {
		if !shown[verb] {
			t.Errorf("no example of //ddbe:%s", verb)
		}
	}
}

// TestManualGenerates holds that every table struct that the manual shows as a whole
// is accepted.
func TestManualGenerates(t *testing.T) {
	manual, err := os.ReadFile("../docs/tags.md")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "go.mod"), "module example.com/manual\n\ngo 1.26\n")
	shown := 0
	for _, rest := range strings.Split(string(manual), "```go\n")[1:] {
		block, _, ok := strings.Cut(rest, "```")
		if !ok {
			t.Fatal("a block of Go has no end")
		}
		if strings.Contains(block, tag.DirectivePrefix+"table ") && strings.Contains(block, " struct {\n") {
			shown++
			write(t, filepath.Join(dir, "p"+strconv.Itoa(shown), "block.go"), "package p\n\n"+block)
		}
	}
	result, err := gen.Generate(t.Context(), gen.Config{Dir: dir, Patterns: []string{"./..."}})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range result.Diagnostics {
		t.Error(d.Format(dir))
	}
	if shown < 3 || result.Tables != shown {
		t.Errorf("%d structs of %d", result.Tables, shown)
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
