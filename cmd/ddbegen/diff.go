package main

import (
	"context"
	"flag"
	"fmt"
	"io"

	"github.com/ddbegen/ddbegen/gen"
)

// diff prints what the tags change of what stored items depend on, with the
// class of each change, its reason and the way there.
func diff(ctx context.Context, args []string, stdout, stderr io.Writer) (int, error) {
	flags := flag.NewFlagSet("ddbegen diff", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = fmt.Fprintln(stderr, "usage: ddbegen diff [-against revision] [-format text] [-tags list] [packages]") // nobody is left to tell
		flags.PrintDefaults()
	}
	o := options{safe: true}
	flags.StringVar(&o.against, "against", "", "compare with the lock files of this git `revision`, or with this file, instead of those in the work tree")
	o.common(flags)
	if code, ok := parse(flags, args); !ok {
		return code, nil
	}
	config, err := o.config(flags.Args())
	if err != nil {
		return trouble, err
	}
	result, err := gen.Compare(ctx, config, o.against)
	if err != nil {
		return trouble, err
	}
	if err := anyTable(result, flags.Args()); err != nil {
		return trouble, err
	}
	return o.report(result, config.Dir, stdout, stderr)
}
