package main

import (
	"context"
	_ "embed" // the grammar
	"fmt"
	"io"
	"strings"
)

// grammar is that of docs/tags.md: embedding does not reach there.
//
//go:embed tags.txt
var grammar string

// help prints the grammar of tags and directives.
func help(_ context.Context, args []string, stdout, _ io.Writer) (int, error) {
	if topic := strings.Join(args, " "); topic != "tags" {
		return trouble, fmt.Errorf("there is no help on %q: ddbegen help tags prints the grammar of tags and directives, and ddbegen -h the flags", topic)
	}
	_, err := io.WriteString(stdout, grammar)
	return clean, err
}
