// Ddbevet checks ddbe tags and directives, and the code around the structs that
// have them, as a tool of go vet:
//
//	go get -tool github.com/ddbegen/ddbegen/cmd/ddbevet
//	go vet -vettool=$(go tool -n ddbevet) ./...
//
// Each analyzer has a flag of its name; docs/vet.md says what each reports.
package main

import (
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/ddbegen/ddbegen/gen/vet"
)

func main() { unitchecker.Main(vet.Analyzers()...) }
