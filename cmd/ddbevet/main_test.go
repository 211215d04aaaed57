package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// build builds the tool and returns its path.
func build(t *testing.T) string {
	t.Helper()
	tool := filepath.Join(t.TempDir(), "ddbevet")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", tool, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return tool
}

// reports runs go vet with the tool on packages of this module and returns what it
// reports, without the names of packages.
func reports(t *testing.T, packages ...string) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "go", append([]string{"vet", "-vettool=" + build(t)}, packages...)...)
	command.Dir = root
	out, err := command.CombinedOutput()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	var report strings.Builder
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "# ") {
			report.WriteString(line)
		}
	}
	return report.String()
}

// TestStructsOfOtherPackages holds that table structs are known in the packages
// that use them.
func TestStructsOfOtherPackages(t *testing.T) {
	want, err := os.ReadFile("testdata/app.txt")
	if err != nil {
		t.Fatal(err)
	}
	got := reports(t, "./cmd/ddbevet/testdata/app")
	if !slices.Equal(sorted(got), sorted(string(want))) {
		t.Errorf("reported\n%s\nwant\n%s", got, want)
	}
}

// sorted returns the lines of a text in an order that does not depend on which
// analyzer came first.
func sorted(text string) []string { return slices.Sorted(strings.Lines(text)) }

// TestGeneratedPackagesAreClean holds that nothing is reported about packages
// whose generated files are up to date.
func TestGeneratedPackagesAreClean(t *testing.T) {
	if got := reports(t, "./testdata/golden/ok/..."); got != "" {
		t.Errorf("reported\n%s", got)
	}
}

// TestFix holds that go fix applies what ddbevet offers, outside of an editor.
func TestFix(t *testing.T) {
	dir := t.TempDir()
	source := filepath.Join(dir, "customer.go")
	for path, content := range map[string]string{
		filepath.Join(dir, "go.mod"): "module example.com/fix\n\ngo 1.26\n",
		source:                       "package fix\n\n//ddbe:table customers\ntype Customer struct {\n\tID string `ddbe:\"partition,encrypt,sign\"`\n}\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.CommandContext(t.Context(), "go", "fix", "-fixtool="+build(t), "./...")
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go fix: %v\n%s", err, out)
	}
	got, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	if want := "`ddbe:\"partition,sign\"`"; !strings.Contains(string(got), want) {
		t.Errorf("no %s in\n%s", want, got)
	}
}
