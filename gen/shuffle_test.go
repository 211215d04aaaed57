package gen

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestOutputDoesNotDependOnOrder generates from files in any order, several
// times, and compares.
func TestOutputDoesNotDependOnOrder(t *testing.T) {
	packages, err := load(t.Context(), Config{Dir: "../testdata/golden", Patterns: []string{"./ok/..."}})
	if err != nil {
		t.Fatal(err)
	}
	several := 0
	for _, p := range packages {
		if len(p.source.Files) > 1 {
			several++
		}
		first := source(t, p)
		for range 5 {
			p.source.Files = slices.Clone(p.source.Files)
			rand.Shuffle(len(p.source.Files), func(i, j int) {
				p.source.Files[i], p.source.Files[j] = p.source.Files[j], p.source.Files[i]
			})
			if source(t, p) != first {
				t.Errorf("%s differs from run to run", p.output)
			}
		}
	}
	if several == 0 {
		t.Error("no package has several files")
	}
}

func source(t *testing.T, p *loaded) string {
	t.Helper()
	result, err := generate(p)
	if result.Tables == 0 {
		return "" // its structs are embedded in other packages
	}
	if err != nil || len(result.Files) != 1 {
		t.Fatal(err, result.Diagnostics)
	}
	return string(result.Files[0].Content)
}
