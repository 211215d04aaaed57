package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// A command is what ddbegen does instead of generating when its first argument
// is the command's name. It returns the exit code; an error means trouble.
type command func(ctx context.Context, args []string, stdout, stderr io.Writer) (int, error)

// commands has every command but help by its name.
var commands = map[string]command{
	"diff":   diff,
	"export": export,
	"table":  table,
}

// verbs are what can stand behind ddbegen, and what it does then.
var verbs = []struct{ name, does string }{
	{"diff", "print what the tags change of what stored items depend on"},
	{"export", "write the schema for clients in other languages"},
	{"table", "write the definitions of tables for the tools that create them"},
	{"table verify", "compare a table, as DynamoDB describes it, with its definition"},
	{"help tags", "print the grammar of tags and directives"},
	{"help COMMAND", "print the flags of a command"},
}

// usage writes how ddbegen is called.
func usage(w io.Writer) error {
	var b strings.Builder
	b.WriteString("usage: ddbegen [flags] [packages]\n\nDdbegen writes the repositories of tagged structs. Other commands:\n\n")
	for _, v := range verbs {
		fmt.Fprintf(&b, "  ddbegen %-14s%s\n", v.name, v.does)
	}
	b.WriteString("\nWithout packages they are for the one in the working directory; ./... means all below it. Flags of ddbegen itself:\n\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// suggest adds to the error of an unknown package the command that its name was
// probably meant to be.
func suggest(err error, word string) error {
	if word == "" || !strings.Contains(err.Error(), "package "+word+" is not in ") {
		return err
	}
	known := map[string]string{} // verbs by their last words
	var words []string
	for _, v := range verbs {
		name := strings.TrimSuffix(strings.TrimSuffix(v.name, " COMMAND"), " tags")
		last := name[strings.LastIndex(name, " ")+1:]
		known[last] = name
		words = append(words, last)
	}
	if near, ok := known[tag.Nearest(word, words)]; ok {
		return fmt.Errorf("%w; did you mean ddbegen %s? A package in the directory %s is ./%[3]s", err, near, word)
	}
	return err
}
