package gen_test

import (
	"testing"

	"github.com/ddbegen/ddbegen/gen"
)

// BenchmarkGenerate generates the golden packages, none of which has changed.
func BenchmarkGenerate(b *testing.B) {
	for b.Loop() {
		if _, err := gen.Generate(b.Context(), gen.Config{Dir: golden, Patterns: []string{"./ok/..."}}); err != nil {
			b.Fatal(err)
		}
	}
}
