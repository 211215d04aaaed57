// Ddbegen writes the repositories of structs that are stored in encrypted
// DynamoDB tables. Put this line into a package,
//
//	//go:generate go tool ddbegen
//
// say in tags and directives what happens to each field (docs/tags.md), and run
// go generate. The code appears in ddbe_gen.go.
//
// Usage:
//
//	ddbegen [-check] [-tags list] [packages]
//
// Without packages it is for the one in the working directory; ./... loads all
// of them once. With -check nothing is written: a difference between what is
// there and what would be generated is printed instead.
//
// The exit code is 0 if all is well, 1 if something is wrong with the source or,
// with -check, if generated files differ, and 2 for any other trouble.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/ddbegen/ddbegen/gen"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

const (
	clean   = 0
	wrong   = 1
	trouble = 2
)

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) > 0 && commands[args[0]] != nil {
		code, err := commands[args[0]](ctx, args[1:], stdout, stderr)
		if err != nil {
			_, _ = fmt.Fprintf(stderr, "ddbegen %s: %v\n", args[0], err) // nobody is left to tell
			return trouble
		}
		return code
	}
	flags := flag.NewFlagSet("ddbegen", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = fmt.Fprintln(stderr, "usage: ddbegen [-check] [-tags list] [packages]") // nobody is left to tell
		flags.PrintDefaults()
	}
	check := flags.Bool("check", false, "write nothing; print how generated files differ from what they should be")
	tags := flags.String("tags", "", "comma-separated `list` of build tags")
	if err := flags.Parse(args); err != nil {
		return trouble
	}
	code, err := generate(ctx, *check, *tags, flags.Args(), stdout, stderr)
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "ddbegen: %v\n", err) // nobody is left to tell
		return trouble
	}
	return code
}

func generate(ctx context.Context, check bool, tags string, patterns []string, stdout, stderr io.Writer) (int, error) {
	dir, err := os.Getwd()
	if err != nil {
		return trouble, err
	}
	config := gen.Config{Dir: dir, Patterns: patterns, Tags: strings.FieldsFunc(tags, func(r rune) bool { return r == ',' })}
	result, err := gen.Generate(ctx, config)
	if err != nil {
		return trouble, err
	}
	if result.Tables == 0 && len(result.Files)+len(result.Diagnostics) == 0 {
		return trouble, fmt.Errorf("no struct with a //ddbe:table directive in %s", strings.Join(append(patterns, ".")[:max(1, len(patterns))], " "))
	}
	code := clean
	for _, d := range result.Diagnostics {
		code = wrong
		if _, err := io.WriteString(stderr, d.Format(dir)); err != nil {
			return trouble, err
		}
	}
	for _, f := range result.Files {
		if !check {
			if err := f.Write(); err != nil {
				return trouble, err
			}
			continue
		}
		diff, err := f.Diff(dir)
		if err != nil {
			return trouble, err
		}
		if diff != "" {
			code = wrong
			if _, err := io.WriteString(stdout, diff); err != nil {
				return trouble, err
			}
		}
	}
	return code, nil
}
