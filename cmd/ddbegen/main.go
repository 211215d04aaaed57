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
//	ddbegen [-check] [-fix] [-accept change] [-format text] [-tags list] [packages]
//	ddbegen diff [-against revision] [-format text] [-tags list] [packages]
//	ddbegen table [-format name] [-keystore name] [-table name] [-tags list] [packages]
//	ddbegen table verify [-keystore name] [-table name] [-tags list] [packages] <description
//	ddbegen export [-format name] [-package name] [-tags list] [packages]
//	ddbegen help [tags | command]
//
// Without packages it is for the one in the working directory; ./... loads all
// of them once. With -check nothing is written: a difference between what is
// there and what would be generated is printed instead. With -fix the source is
// changed first, where the remedy of a diagnostic leaves no choice.
//
// Beside the code lies ddbegen.lock.json, which says what stored items depend on.
// A change that would expose, lose or hide something in them stops ddbegen until
// -accept names it (docs/schema-changes.md); ddbegen diff shows all changes.
// ddbegen table writes the definitions of the tables for the tools that create
// them (docs/tables.md), and ddbegen export the schema for the clients in other
// languages (docs/export.md).
//
// The exit code is 0 if all is well, 1 if something is wrong with the source, if
// a change is not accepted or, with -check, if files differ, and 2 for any other
// trouble.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"

	"github.com/ddbegen/ddbegen/gen"
)

func main() {
	debug.SetGCPercent(800) // a run is over before more pays
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
	if len(args) > 0 {
		do := commands[args[0]]
		if args[0] == "help" {
			do = help
		}
		if do != nil {
			code, err := do(ctx, args[1:], stdout, stderr)
			if err != nil {
				_, _ = fmt.Fprintf(stderr, "ddbegen %s: %v\n", args[0], suggest(err, strings.Join(args[1:min(2, len(args))], ""))) // nobody is left to tell
				return trouble
			}
			return code
		}
	}
	o := options{}
	flags := newFlags(&o, stderr)
	if code, ok := parse(flags, args); !ok {
		return code
	}
	code, err := generate(ctx, o, flags.Args(), stdout, stderr)
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "ddbegen: %v\n", suggest(err, flags.Arg(0))) // nobody is left to tell
		return trouble
	}
	return code
}

// newFlags returns the flags of ddbegen without a command, which set o.
func newFlags(o *options, output io.Writer) *flag.FlagSet {
	flags := flag.NewFlagSet("ddbegen", flag.ContinueOnError)
	flags.SetOutput(output)
	flags.Usage = func() {
		_ = usage(output) // nobody is left to tell
		flags.PrintDefaults()
	}
	flags.BoolVar(&o.fix, "fix", false, "change the source where the remedy of what is wrong with it leaves no choice")
	flags.BoolVar(&o.check, "check", false, "write nothing; print how generated files differ from what they should be")
	flags.Func("accept", "the `name` of a change that is not safe and is to be made; may be repeated", o.addAccepted)
	o.common(flags)
	return flags
}

func generate(ctx context.Context, o options, patterns []string, stdout, stderr io.Writer) (int, error) {
	config, err := o.config(patterns)
	if err != nil {
		return trouble, err
	}
	result, err := gen.Generate(ctx, config)
	if o.fix && err == nil {
		result, err = fix(ctx, config, result)
	}
	if err != nil {
		return trouble, err
	}
	if err := anyTable(result, patterns); err != nil {
		return trouble, err
	}
	if !o.check {
		for _, f := range result.Files {
			if err := f.Write(); err != nil {
				return trouble, err
			}
		}
	}
	return o.report(result, config.Dir, stdout, stderr)
}

// fixRounds bounds how often a fix may bring up what another one is for.
const fixRounds = 8

// fix changes the source as the diagnostics of a result say, and returns the
// result of what it is then.
func fix(ctx context.Context, config gen.Config, result *gen.Result) (*gen.Result, error) {
	for range fixRounds {
		files, err := result.Fixed()
		if err != nil || len(files) == 0 {
			return result, err
		}
		for _, f := range files {
			if err := f.Write(); err != nil {
				return nil, err
			}
		}
		if result, err = gen.Generate(ctx, config); err != nil {
			return nil, err
		}
	}
	return result, nil
}
