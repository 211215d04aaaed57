package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	genexport "github.com/ddbegen/ddbegen/gen/export"
)

// export writes the schema of packages for clients in other languages.
func export(ctx context.Context, args []string, stdout, stderr io.Writer) (int, error) {
	names := "json, " + strings.Join(slices.Sorted(maps.Keys(genexport.Languages)), ", ")
	flags := flag.NewFlagSet("ddbegen export", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		_, _ = fmt.Fprintln(stderr, "usage: ddbegen export [flags] [packages]") // nobody is left to tell
		flags.PrintDefaults()
	}
	format := flags.String("format", "json", "one of "+names)
	namespace := flags.String("package", "", "the `name` of the package in Java, or of the namespace in .NET")
	tags := flags.String("tags", "", tagsUsage)
	if code, ok := parse(flags, args); !ok {
		return code, nil
	}
	language, ok := genexport.Languages[*format]
	switch {
	case !ok && *format != "json":
		return trouble, fmt.Errorf("unknown format %q: the formats are %s", *format, names)
	case !language.Namespace && *namespace != "":
		return trouble, fmt.Errorf("-package has no effect with the format %s", *format)
	}
	packages, code, err := models(ctx, *tags, flags.Args(), stderr)
	if code != clean || err != nil {
		return code, err
	}
	document := genexport.Of(packages)
	if *format == "json" {
		return clean, genexport.JSON(stdout, document)
	}
	return clean, language.Source(stdout, document, *namespace)
}
