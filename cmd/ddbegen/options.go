package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen"
)

// options are the flags of ddbegen and of ddbegen diff.
type options struct {
	check   bool
	fix     bool
	safe    bool // print safe changes too
	accept  []string
	against string
	format  string
	tags    string
}

var formats = []string{"text", "json", "sarif"}

// common adds the flags that both have.
func (o *options) common(flags *flag.FlagSet) {
	o.format = formats[0]
	flags.Func("format", "of what is printed: text, json or sarif (default text)", func(name string) error {
		if !slices.Contains(formats, name) {
			return fmt.Errorf("the formats are %s", strings.Join(formats, ", "))
		}
		o.format = name
		return nil
	})
	flags.StringVar(&o.tags, "tags", "", tagsUsage)
}

func (o *options) addAccepted(name string) error {
	if slices.Contains(o.accept, name) {
		return errors.New("it is named twice")
	}
	o.accept = append(o.accept, name)
	return nil
}

func (o *options) config(patterns []string) (gen.Config, error) {
	if o.check && len(o.accept) > 0 {
		return gen.Config{}, errors.New("-check writes nothing, so that -accept has no effect: leave out one of them")
	}
	if o.check && o.fix {
		return gen.Config{}, errors.New("-check writes nothing, and -fix does: leave out one of them")
	}
	dir, err := os.Getwd()
	if err != nil {
		return gen.Config{}, err
	}
	return gen.Config{Dir: dir, Patterns: patterns, Tags: buildTags(o.tags), Accept: o.accept}, nil
}

// tagsUsage is that of every -tags.
const tagsUsage = "comma-separated `list` of build tags"

// buildTags returns the tags of a list; package gen checks them.
func buildTags(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// parse parses the arguments of a command. Unless it returns true, the exit code
// is all that is left to say.
func parse(flags *flag.FlagSet, args []string) (code int, ok bool) {
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return clean, false
	case err != nil:
		return trouble, false // it has been printed
	}
	for _, arg := range flags.Args() {
		if strings.HasPrefix(arg, "-") {
			_, _ = fmt.Fprintf(flags.Output(), "%s: %s comes after a package: write all flags before the packages\n", flags.Name(), arg) // nobody is left to tell
			return trouble, false
		}
	}
	return clean, true
}

// anyTable returns an error for packages that have nothing to do with tables.
func anyTable(r *gen.Result, patterns []string) error {
	if r.Tables+len(r.Files)+len(r.Diagnostics)+len(r.Changes) > 0 {
		return nil
	}
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	return fmt.Errorf("no struct with a //ddbe:table directive in %s", strings.Join(patterns, " "))
}

// report prints a result and returns the exit code.
func (o *options) report(r *gen.Result, dir string, stdout, stderr io.Writer) (int, error) {
	report, err := r.Report(dir, o.check)
	if err != nil {
		return trouble, err
	}
	code := clean
	if len(report.Diagnostics)+len(report.Stale) > 0 || slices.ContainsFunc(r.Changes, func(c gen.Change) bool { return c.Stops() }) {
		code = wrong
	}
	switch o.format {
	case "json":
		return code, report.WriteJSON(stdout)
	case "sarif":
		return code, report.WriteSARIF(stdout, dir)
	}
	for _, d := range r.Diagnostics {
		if _, err := io.WriteString(stderr, d.Format(dir)); err != nil {
			return trouble, err
		}
	}
	changes := stderr
	if o.safe {
		changes = stdout // they are what was asked for
	}
	for _, c := range r.Changes {
		if !o.safe && (c.Accepted || !c.Stops() && !c.Warning) {
			continue
		}
		if _, err := io.WriteString(changes, c.Format(dir)); err != nil {
			return trouble, err
		}
	}
	for _, f := range report.Stale {
		if _, err := io.WriteString(stdout, f.Diff); err != nil {
			return trouble, err
		}
	}
	return code, nil
}
