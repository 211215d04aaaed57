package vet

import (
	"os"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

func TestRules(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), Rules, "rules")
}

// TestUnbuilt holds that directives in files that are not built with the package
// are not passed over.
func TestUnbuilt(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), Rules, "unbuilt")
}

func TestPlaintext(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), Plaintext, "plaintext")
}

func TestLog(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), Log, "logs")
}

func TestContext(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), Context, "lost")
}

func TestStale(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), Rules, "stale")
}

// TestManual holds that the manual explains every analyzer and every code.
func TestManual(t *testing.T) {
	manual, err := os.ReadFile("../../docs/vet.md")
	if err != nil {
		t.Fatal(err)
	}
	words := []string{stale, plaintextItem, rawWrite, printedSecret, lostContext}
	for _, a := range Analyzers() {
		words = append(words, a.Name)
	}
	for _, w := range words {
		if !strings.Contains(string(manual), "`"+w+"`") {
			t.Errorf("docs/vet.md does not explain %q", w)
		}
	}
}

func TestAnalyzersAreValid(t *testing.T) {
	if err := analysis.Validate(Analyzers()); err != nil {
		t.Error(err)
	}
}
