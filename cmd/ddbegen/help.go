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

// help prints how ddbegen or one of its commands is called, or the grammar of tags
// and directives.
func help(ctx context.Context, args []string, stdout, _ io.Writer) (int, error) {
	switch topic := strings.Join(args, " "); topic {
	case "", "help", "-h", "-help", "--help":
		newFlags(&options{}, stdout).Usage()
		return clean, nil
	case "tags":
		_, err := io.WriteString(stdout, grammar)
		return clean, err
	case "diff", "export", "table", "table verify":
		return commands[args[0]](ctx, append(args[1:], "-h"), stdout, stdout)
	default:
		return trouble, fmt.Errorf("there is no help on %q: ddbegen help lists the commands, and ddbegen help tags prints the grammar of tags and directives", topic)
	}
}
