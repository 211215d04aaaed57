package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen"
	"github.com/ddbegen/ddbegen/gen/schema"
	gentable "github.com/ddbegen/ddbegen/gen/table"
)

// tableFlags are the flags that ddbegen table and ddbegen table verify share.
type tableFlags struct {
	*flag.FlagSet
	keyStore, table, tags *string
}

func newTableFlags(name, arguments string, stderr io.Writer) tableFlags {
	f := tableFlags{FlagSet: flag.NewFlagSet("ddbegen "+name, flag.ContinueOnError)}
	f.SetOutput(stderr)
	f.Usage = func() {
		_, _ = fmt.Fprintf(stderr, "usage: ddbegen %s [flags] %s\n", name, arguments) // nobody is left to tell
		f.PrintDefaults()
	}
	f.keyStore = f.String("keystore", "", "also the key store with this `name`; without packages, the key store alone")
	f.table = f.String("table", "", "only the table with this logical `name`")
	f.tags = f.String("tags", "", tagsUsage)
	return f
}

// table writes the definitions of tables, or compares one with a table that is
// there.
func table(ctx context.Context, args []string, stdout, stderr io.Writer) (int, error) {
	if len(args) > 0 && args[0] == "verify" {
		return verifyTable(ctx, args[1:], os.Stdin, stdout, stderr)
	}
	flags := newTableFlags("table", "[packages]", stderr)
	name := flags.String("format", "create-table", "one of "+gentable.FormatNames())
	if code, ok := parse(flags.FlagSet, args); !ok {
		return code, nil
	}
	format, ok := gentable.Formats[*name]
	if !ok {
		return trouble, fmt.Errorf("unknown format %q: the formats are %s", *name, gentable.FormatNames())
	}
	all, code, err := flags.definitions(ctx, stderr)
	if code != clean || err != nil {
		return code, err
	}
	if err := format(stdout, all); err != nil {
		return trouble, err
	}
	if *name != "create-table" {
		return clean, nil
	}
	// Nobody misses it before it is needed.
	commands, err := all[0].Afterwards()
	if err != nil {
		return trouble, err
	}
	for _, command := range commands {
		if _, err := fmt.Fprintf(stderr, "then: %s\n", command); err != nil {
			return trouble, err
		}
	}
	return clean, nil
}

// verifyTable compares a table that is there with its definition.
func verifyTable(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	flags := newTableFlags("table verify", "[packages] <description", stderr)
	if code, ok := parse(flags.FlagSet, args); !ok {
		return code, nil
	}
	all, code, err := flags.definitions(ctx, stderr)
	if code != clean || err != nil {
		return code, err
	}
	live, err := gentable.ReadLive(stdin)
	if err != nil {
		return trouble, err
	}
	d, err := gentable.Choose(all, live)
	if err != nil {
		return trouble, err
	}
	for _, missing := range live.Missing() {
		if _, err := fmt.Fprintln(stderr, "not compared: "+missing); err != nil {
			return trouble, err
		}
	}
	for _, problem := range d.Verify(live) {
		code = wrong
		if _, err := fmt.Fprintf(stdout, "table %s: %s\n", live.Table.TableName, problem); err != nil {
			return trouble, err
		}
	}
	return code, nil
}

// definitions returns the definitions that the flags and arguments are about.
// The exit code is not clean where there are none because something is wrong
// with the source, which has been printed.
func (f tableFlags) definitions(ctx context.Context, stderr io.Writer) ([]*gentable.Definition, int, error) {
	var all []*gentable.Definition
	if *f.keyStore == "" || f.NArg() > 0 {
		packages, code, err := models(ctx, *f.tags, f.Args(), stderr)
		if code != clean || err != nil {
			return nil, code, err
		}
		if all, err = gentable.Of(packages); err != nil {
			return nil, wrong, writeError(stderr, err)
		}
	}
	if *f.table != "" {
		name := *f.table
		all = slices.DeleteFunc(all, func(d *gentable.Definition) bool { return d.LogicalName != name })
		if len(all) == 0 {
			return nil, trouble, fmt.Errorf("there is no table %q", name)
		}
	}
	if *f.keyStore != "" {
		d, err := gentable.KeyStore(*f.keyStore)
		if err != nil {
			return nil, trouble, err
		}
		all = append(all, d)
	}
	return all, clean, nil
}

// models returns the models of packages. The exit code is not clean where
// something is wrong with one, which has been printed.
func models(ctx context.Context, tags string, patterns []string, stderr io.Writer) ([]*schema.Package, int, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, trouble, err
	}
	packages, diagnostics, err := gen.Model(ctx, gen.Config{
		Dir: dir, Patterns: patterns, Tags: buildTags(tags),
	})
	if err != nil {
		return nil, trouble, err
	}
	for _, d := range diagnostics {
		if _, err := io.WriteString(stderr, d.Format(dir)); err != nil {
			return nil, trouble, err
		}
	}
	switch {
	case len(diagnostics) > 0:
		return nil, wrong, nil
	case len(packages) == 0:
		return nil, trouble, errors.New("no struct with a //ddbe:table directive in " + strings.Join(append(patterns, ".")[:max(1, len(patterns))], " "))
	}
	return packages, clean, nil
}

// writeError writes what is wrong with the source, each on a line.
func writeError(stderr io.Writer, err error) error {
	_, failed := fmt.Fprintln(stderr, err)
	return failed
}
