// Package vet has the rules of gen/schema as analyzers, and more that are about
// the code around a table struct: where its values are written unencrypted,
// printed, or read without a deadline. Command ddbevet runs them all.
package vet

import (
	"golang.org/x/tools/go/analysis"
)

// Analyzers returns all analyzers of this package.
func Analyzers() []*analysis.Analyzer {
	return []*analysis.Analyzer{Rules, Plaintext, Log, Context}
}

const manual = "https://pkg.go.dev/github.com/ddbegen/ddbegen/gen/vet"
