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

// reports runs go vet with the tool on packages of this module and returns what it
// reports, without the names of packages.
func reports(t *testing.T, packages ...string) string {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	tool := filepath.Join(t.TempDir(), "ddbevet")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", tool, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	command := exec.CommandContext(t.Context(), "go", append([]string{"vet", "-vettool=" + tool}, packages...)...)
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
