package main

import (
	"context"
	"io"
)

// A command is what ddbegen does instead of generating when its first argument
// is the command's name. It returns the exit code; an error means trouble.
type command func(ctx context.Context, args []string, stdout, stderr io.Writer) (int, error)

// commands has every command by its name.
var commands = map[string]command{
	"diff":   diff,
	"export": export,
	"help":   help,
	"table":  table,
}
