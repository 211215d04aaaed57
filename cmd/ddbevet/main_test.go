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

// asTool makes the program of the tests the tool.
const asTool = "DDBEVET_TEST_AS_TOOL"

func TestMain(m *testing.M) {
	if os.Getenv(asTool) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// run runs the go command with the tool in a directory and returns what it
// prints.
func run(t *testing.T, dir, command, flag string, packages ...string) (string, error) {
	t.Helper()
	tool, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "go", append([]string{command, flag + "=" + tool}, packages...)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), asTool+"=1")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// reports runs go vet with the tool on packages of this module and returns what it
// reports, without the names of packages.
func reports(t *testing.T, packages ...string) string {
	t.Helper()
	out, err := run(t, "../..", "vet", "-vettool", packages...)
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	var report strings.Builder
	for line := range strings.Lines(out) {
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
		source:                       "package fix\n\n//ddbe:table customers\ntype Customer struct {\n\tID string `ddbe:\"sign,partition\"`\n}\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := run(t, dir, "fix", "-fixtool", "./..."); err != nil {
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
