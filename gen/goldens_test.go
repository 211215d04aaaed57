package gen_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestGoldensRoundTrip holds that what is generated is also run: each package in ok
// has a test that writes and reads an item. There are at least as many refusals.
func TestGoldensRoundTrip(t *testing.T) {
	packages, err := filepath.Glob(golden + "/ok/*")
	if err != nil {
		t.Fatal(err)
	}
	refusals, err := filepath.Glob(golden + "/bad/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) == 0 || len(refusals) < len(packages) {
		t.Errorf("%d packages and %d refusals", len(packages), len(refusals))
	}
	for _, dir := range packages {
		tests, err := filepath.Glob(dir + "/*_test.go")
		if err != nil {
			t.Fatal(err)
		}
		found := slices.ContainsFunc(tests, func(path string) bool {
			content, err := os.ReadFile(path)
			return err == nil && bytes.Contains(content, []byte("roundtrip.New(t,")) && bytes.Contains(content, []byte("roundtrip.Item(t,"))
		})
		if !found {
			t.Errorf("%s: no test writes and reads an item", dir)
		}
	}
}

// TestManualHasNoOtherCodes holds that the manual explains no code that nothing
// reports.
func TestManualHasNoOtherCodes(t *testing.T) {
	manual, err := os.ReadFile("../docs/tags.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(manual), "\n## Codes\n")
	if !ok {
		t.Fatal("docs/tags.md has no codes")
	}
	all := codes(t)
	for line := range strings.Lines(table) {
		if code, _, ok := strings.Cut(strings.TrimPrefix(line, "| `"), "` | "); ok && strings.HasPrefix(line, "| `") && !slices.Contains(all, code) {
			t.Errorf("docs/tags.md explains the code %q, which there is not", code)
		}
	}
}
