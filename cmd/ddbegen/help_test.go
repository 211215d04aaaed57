package main

import (
	"os"
	"strings"
	"testing"
)

// TestHelpIsTheManual holds that help prints the grammar that docs/tags.md has.
func TestHelpIsTheManual(t *testing.T) {
	manual, err := os.ReadFile("../../docs/tags.md")
	if err != nil {
		t.Fatal(err)
	}
	var blocks []string
	for _, rest := range strings.Split(string(manual), "```ebnf\n")[1:] {
		block, _, ok := strings.Cut(rest, "```")
		if !ok {
			t.Fatal("a block of grammar has no end")
		}
		blocks = append(blocks, block)
	}
	if want := strings.Join(blocks, "\n"); len(blocks) < 2 || grammar != want {
		t.Errorf("tags.txt is not the grammar of docs/tags.md; it should be\n%s", want)
	}
}
