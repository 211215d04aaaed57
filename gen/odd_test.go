package gen_test

import (
	"bytes"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
	"golang.org/x/tools/txtar"

	"github.com/ddbegen/ddbegen/gen"
)

// TestOddTypes holds that whatever types a struct has, it is refused or what is
// generated from it compiles: those of testdata/odd.txtar, and some that are put
// together at random.
func TestOddTypes(t *testing.T) {
	dir := t.TempDir()
	oddModule(t, dir)
	archive, err := txtar.ParseFile("testdata/odd.txtar")
	if err != nil {
		t.Fatal(err)
	}
	wants := map[string]string{} // directory to what happens to it
	for _, f := range archive.Files {
		name := filepath.Dir(f.Name)
		write(t, filepath.Join(dir, f.Name), inTable(name, string(f.Data)))
		line, _, _ := strings.Cut(string(f.Data), "\n")
		if _, want, ok := strings.Cut(line, " // "); ok {
			wants[name] = want
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 24 {
		name := fmt.Sprintf("random%02d", i)
		wants[name] = "either"
		write(t, filepath.Join(dir, name, "random.go"), inTable(name, oddSource(random)))
	}

	refused := oddGenerate(t, dir)
	broken := oddErrors(t, dir)
	generated := 0
	for _, name := range slices.Sorted(maps.Keys(wants)) {
		t.Run(name, func(t *testing.T) {
			if wants[name] == "generated" && refused[name] != nil {
				t.Errorf("refused:\n%s", strings.Join(refused[name], ""))
			}
			if wants[name] == "refused" && refused[name] == nil {
				t.Error("not refused")
			}
			if refused[name] == nil {
				generated++
				for _, e := range broken[name] {
					t.Errorf("what was generated does not compile: %v", e)
				}
			}
			if testing.Verbose() {
				t.Log(strings.Join(refused[name], ""))
			}
		})
	}
	if generated < len(wants)/3 {
		t.Errorf("only %d of %d packages were generated", generated, len(wants))
	}
}

// oddGenerate writes the generated files of the packages of a module, and returns
// what is reported about the others by their directories.
func oddGenerate(t *testing.T, dir string) map[string][]string {
	t.Helper()
	result, err := gen.Generate(t.Context(), gen.Config{Dir: dir, Patterns: []string{"./..."}})
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string][]string{}
	for _, d := range result.Diagnostics {
		name, err := filepath.Rel(dir, filepath.Dir(d.Position.Filename))
		if err != nil {
			t.Fatal(err)
		}
		refused[name] = append(refused[name], d.Format(dir))
	}
	for _, f := range result.Files {
		if err := f.Write(); err != nil {
			t.Fatal(err)
		}
	}
	return refused
}

// oddErrors returns what the compiler says about the packages of a module.
func oddErrors(t *testing.T, dir string) map[string][]packages.Error {
	t.Helper()
	mode := packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedTypesSizes
	loaded, err := packages.Load(&packages.Config{Context: t.Context(), Dir: dir, Mode: mode}, "./...")
	if err != nil {
		t.Fatal(err)
	}
	broken := map[string][]packages.Error{}
	for _, p := range loaded {
		broken[filepath.Base(p.Dir)] = p.Errors
	}
	return broken
}

// TestChangesOfOtherPackagesAreSeen holds that a package stops compiling when a
// struct that it embeds from another one changes.
func TestChangesOfOtherPackagesAreSeen(t *testing.T) {
	const base = "package base\n\n//ddbe:embedded\ntype Audit struct {\n\tBy string `ddbe:\"encrypt,sign\"`\n\t*Deep\n\tAlias\n}\n\n" +
		"type Deep struct {\n\tAt int `ddbe:\"sign\"`\n}\n\ntype Alias = struct {\n\tTo int `ddbe:\"none\"`\n}\n"
	const table = "package p\n\nimport \"example.com/odd/base\"\n\n//ddbe:table Odd\ntype T struct {\n\tID string `ddbe:\"partition,sign\"`\n\t*base.Audit\n}\n"
	dir := t.TempDir()
	oddModule(t, dir)
	write(t, filepath.Join(dir, "dep", "go.mod"), "module example.com/dep\n")
	write(t, filepath.Join(dir, "base", "base.go"), base)
	write(t, filepath.Join(dir, "p", "p.go"), table)
	if refused := oddGenerate(t, dir); len(refused) > 0 {
		t.Fatal(refused)
	}
	if broken := oddErrors(t, dir); len(broken["p"]) > 0 {
		t.Fatal(broken["p"])
	}
	for name, change := range map[string][2]string{
		"action":             {`encrypt,sign`, `sign`},
		"type":               {"By string", "By []byte"},
		"new field":          {"\t*Deep\n", "\t*Deep\n\tNew int `ddbe:\"sign\"`\n"},
		"unexported field":   {"\t*Deep\n", "\t*Deep\n\tcache int\n"},
		"embedded in it":     {"At int", "At int64"},
		"name in embedded":   {"At int `", "At int `dynamodbav:\"at\" "},
		"behind an alias":    {`none`, `sign`},
		"pointer taken away": {"*Deep", "Deep"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(base, change[0], change[1], 1)
			if changed == base {
				t.Fatal("nothing was changed")
			}
			write(t, filepath.Join(dir, "base", "base.go"), changed)
			if broken := oddErrors(t, dir); len(broken["base"]) > 0 || len(broken["p"]) == 0 {
				t.Errorf("base: %v, the table struct: %v", broken["base"], broken["p"])
			}
		})
	}
}

// oddModule writes the go.mod of a module with the dependencies of this one, and
// one more.
func oddModule(t *testing.T, dir string) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	_, requirements, ok := bytes.Cut(mod, []byte("\nrequire ("))
	if !ok {
		t.Fatal("go.mod has no requirements")
	}
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "go.sum"), string(sum))
	write(t, filepath.Join(dir, "go.mod"), "module example.com/odd\n\ngo 1.26.0\n\n"+
		"require (\n\tgithub.com/ddbegen/ddbegen v0.0.0\n\texample.com/dep v0.0.0\n)\n\n"+
		"replace (\n\tgithub.com/ddbegen/ddbegen => "+root+"\n\texample.com/dep => ./dep\n)\n\nrequire ("+string(requirements))
	t.Setenv("GOPROXY", "off")
	t.Setenv("GOFLAGS", "-mod=mod")
}

// inTable gives the struct of a package a table of its own.
func inTable(name, source string) string {
	return strings.Replace(source, "//ddbe:table Odd\n", "//ddbe:table Odd-"+name+"\n", 1)
}

// oddSource writes a table struct with fields of types at random.
func oddSource(random *rand.Rand) string {
	var b strings.Builder
	b.WriteString("package p\n\nimport (\n\t\"time\"\n\n\tdep \"example.com/dep\"\n\t\"example.com/odd/types\"\n)\n\n" +
		"//ddbe:table Odd\ntype T struct {\n\tID string `ddbe:\"partition,sign\"`\n")
	for i := range 4 {
		fmt.Fprintf(&b, "\tF%d %s `ddbe:\"encrypt,sign\"`\n", i, oddType(random, 3))
	}
	b.WriteString("\towner\n}\n\ntype owner struct {\n")
	for i := range 2 {
		fmt.Fprintf(&b, "\tO%d %s `ddbe:\"sign\"`\n", i, oddType(random, 2))
	}
	b.WriteString("}\n\ntype own[T any] struct {\n\tA T\n\tb *own[T]\n\tC []own[T]\n\t*dep.Stamp\n}\n\ntype text string\n\nvar (\n\t_ time.Time\n\t_ dep.Stamp\n\t_ types.Text\n)\n")
	return b.String()
}

// oddType writes a type at random, which may be one that cannot be stored.
func oddType(random *rand.Rand, depth int) string {
	if depth == 0 || random.IntN(4) == 0 {
		leaves := []string{"string", "int", "[]byte", "bool", "float64", "any", "text", "time.Time", "types.Text", "types.Texts", "types.Open", "types.HalfOpen", "dep.Stamp", "dep.Recursive", "types.Alias", "types.ThroughHidden", "types.AnonymousOpen", "types.LeaksFunc"}
		if random.IntN(20) == 0 {
			leaves = []string{"chan int", "types.Leaks", "types.Anonymous", "dep.Holder", "func()", "types.Event"}
		}
		return leaves[random.IntN(len(leaves))]
	}
	inner := func() string { return oddType(random, depth-1) }
	switch random.IntN(9) {
	case 0:
		return "*" + strings.TrimPrefix(inner(), "*")
	case 1:
		return "[]" + inner()
	case 2:
		return "[2]" + inner()
	case 3:
		return "map[string]" + inner()
	case 4:
		return "types.Box[" + inner() + "]"
	case 5:
		return "types.Pair[text, " + inner() + "]"
	case 6:
		return "own[" + inner() + "]"
	case 7:
		return "struct { A " + inner() + "; B []" + inner() + " }"
	default:
		return "dep.Alias[" + inner() + "]"
	}
}
