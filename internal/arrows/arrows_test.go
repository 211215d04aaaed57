// Package arrows holds the import arrows of docs/architecture.md.
package arrows

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	module       = "github.com/ddbegen/ddbegen/"
	architecture = "../../docs/architecture.md"
	dependencies = "testdata/dependencies.txt"
)

// words are what the page calls packages of other modules; an import may be the
// package itself or one below it.
var words = map[string][]string{
	"AWS types":    {"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"},
	"DynamoDB SDK": {"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/service/dynamodb", "github.com/aws/smithy-go"},
	"KMS SDK":      {"github.com/aws/aws-sdk-go-v2/aws", "github.com/aws/aws-sdk-go-v2/service/kms", "github.com/aws/smithy-go"},
	"AWS SDK":      {"github.com/aws/aws-sdk-go-v2", "github.com/aws/smithy-go"},
	"marshalers":   {"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"},
	"x/sync":       {"golang.org/x/sync"},
	"x/tools":      {"golang.org/x/tools"},
	"jennifer":     {"github.com/dave/jennifer"},
	"udiff":        {"github.com/aymanbagabas/go-udiff"},
	"apd":          {"github.com/cockroachdb/apd/v3"},
	"bbolt":        {"go.etcd.io/bbolt"},
	"btree":        {"github.com/tidwall/btree"},
}

// A room is a row of the table on the page.
type room struct {
	path    string // of the package, below the module; "x/..." for all below x
	all     bool   // may import every package
	below   bool   // may import every room that stands below it in the table
	rooms   []string
	outside []string
}

var quoted = regexp.MustCompile("`([^`]+)`")

// readRooms reads the rooms from the page, in order.
func readRooms(t *testing.T) []room {
	t.Helper()
	page, err := os.ReadFile(architecture)
	if err != nil {
		t.Fatal(err)
	}
	var rooms []room
	for line := range strings.Lines(string(page)) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 5 || !strings.Contains(cells[1], "`") {
			continue
		}
		r := room{path: quoted.FindStringSubmatch(cells[1])[1]}
		for word := range strings.SplitSeq(cells[3], ",") {
			word = strings.TrimSpace(word)
			switch outside, known := words[word]; {
			case quoted.MatchString(word):
				r.rooms = append(r.rooms, quoted.FindStringSubmatch(word)[1])
			case word == "all":
				r.all = true
			case word == "all below":
				r.below = true
			case known:
				r.outside = append(r.outside, outside...)
			case word != "std":
				t.Fatalf("%s: room %s may import %q, a word without a meaning in this test", architecture, r.path, word)
			}
		}
		rooms = append(rooms, r)
	}
	if len(rooms) < 10 {
		t.Fatalf("%s: found %d rooms", architecture, len(rooms))
	}
	return rooms
}

// matches reports whether a path below the module is that of a room.
func matches(roomPath, path string) bool {
	if parent, all := strings.CutSuffix(roomPath, "/..."); all {
		return path == parent || strings.HasPrefix(path, parent+"/")
	}
	return path == roomPath
}

func isBelow(parent, path string) bool {
	return path == parent || strings.HasPrefix(path, parent+"/")
}

// goPackage is what `go list -json` says of a package.
type goPackage struct {
	ImportPath string
	GoFiles    []string
	Imports    []string
	Module     *struct{ Path string }
}

func goList(t *testing.T, args ...string) []goPackage {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-json=ImportPath,GoFiles,Imports,Module"}, args...)...)
	cmd.Dir = "../.."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &stderr)
	}
	var packages []goPackage
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p goPackage
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

// Every package is a room of the page, and imports only what the page allows.
func TestArrows(t *testing.T) {
	rooms := readRooms(t)
	used := map[string]bool{}
	for _, p := range goList(t, "./...") {
		if len(p.GoFiles) == 0 {
			continue // tests alone
		}
		path := strings.TrimPrefix(p.ImportPath, module)
		i := slices.IndexFunc(rooms, func(r room) bool { return matches(r.path, path) })
		if i < 0 {
			t.Errorf("package %s is not on %s: add it with what it may import", path, architecture)
			continue
		}
		r := rooms[i]
		used[r.path] = true
		for _, imported := range p.Imports {
			if !r.allows(imported, rooms[i:]) {
				t.Errorf("%s imports %s, which %s does not allow", path, imported, architecture)
			}
		}
	}
	for _, r := range rooms {
		if !used[r.path] {
			t.Errorf("%s has a room %s without a package", architecture, r.path)
		}
	}
}

func (r room) allows(imported string, below []room) bool {
	path, ours := strings.CutPrefix(imported, module)
	first, _, _ := strings.Cut(imported, "/")
	switch {
	case r.all || !ours && !strings.Contains(first, "."): // the standard library
		return true
	case !ours:
		return slices.ContainsFunc(r.outside, func(w string) bool { return isBelow(w, imported) })
	case r.below && slices.ContainsFunc(below, func(b room) bool { return matches(b.path, path) }):
		return true
	}
	return slices.ContainsFunc(r.rooms, func(name string) bool { return matches(name, path) || strings.HasSuffix(path, "/"+name) })
}

// What crosses the whole house, said once more in words.
func TestTheseNeverMeet(t *testing.T) {
	for _, c := range []struct{ from, never string }{
		{"./gen/...", module + "runtime"},
		{"./cmd/...", module + "runtime"},
		{"./runtime", module + "gen"},
		{"./runtime", module + "runtime/embedded"},
		{"./runtime/crypto", "github.com/aws"},
		{"./runtime/crypto/raw", "github.com/aws"},
		{"./runtime/crypto/hierarchical", "github.com/aws"},
		{"./runtime/beacon", "github.com/aws"},
		{"./runtime/crypto", module + "runtime/beacon"},
		{"./runtime/beacon", module + "runtime/crypto"},
	} {
		for _, p := range goList(t, "-deps", c.from) {
			if isBelow(c.never, p.ImportPath) {
				t.Errorf("%s imports %s, itself or through others", c.from, p.ImportPath)
			}
		}
	}
}

// The modules that a program or the generator is built from. A new one changes
// the checked list.
func TestDependencies(t *testing.T) {
	var got strings.Builder
	for _, part := range []struct {
		name  string
		roots []string
	}{
		{"runtime", []string{"./runtime", "./runtime/crypto/...", "./runtime/keystore"}},
		{"embedded engine", []string{"./runtime/embedded"}},
		{"generator", []string{"./cmd/ddbegen"}},
	} {
		modules := map[string]bool{}
		for _, p := range goList(t, append([]string{"-deps"}, part.roots...)...) {
			if p.Module != nil && p.Module.Path+"/" != module {
				modules[p.Module.Path] = true
			}
		}
		fmt.Fprintf(&got, "# %s\n", part.name)
		for _, m := range slices.Sorted(maps.Keys(modules)) {
			fmt.Fprintln(&got, m)
		}
	}
	want, err := os.ReadFile(dependencies)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("the dependencies are not those of %s; if that is meant, the list becomes\n%s", dependencies, &got)
	}
}
