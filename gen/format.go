package gen

import "golang.org/x/tools/imports"

// format lays the source out as gofmt does, with the imports of the standard
// library apart. It adds and removes none.
func format(name string, source []byte) ([]byte, error) {
	return imports.Process(name, source, &imports.Options{FormatOnly: true, Comments: true, TabIndent: true, TabWidth: 8})
}
