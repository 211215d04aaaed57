package vet

import (
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

func TestRules(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), Rules, "rules")
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

func TestAnalyzersAreValid(t *testing.T) {
	if err := analysis.Validate(Analyzers()); err != nil {
		t.Error(err)
	}
}
