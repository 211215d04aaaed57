package export_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/ddbegen/ddbegen/gen/export"
	"github.com/ddbegen/ddbegen/gen/schema"
	"github.com/ddbegen/ddbegen/internal/schematest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// outputs are the golden files of each language; namespaces are those that the
// command line would name.
var outputs = []struct{ file, language, namespace string }{
	{"TableConfigs.java", "java", "com.example.tables"},
	{"TableConfigs.cs", "dotnet", "Example.Tables"},
	{"table_configs.rs", "rust", ""},
}

func cases(t *testing.T, folder string) map[string]*txtar.Archive {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no cases in %s: %v", folder, err)
	}
	all := map[string]*txtar.Archive{}
	for _, path := range paths {
		if all[path], err = txtar.ParseFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

func packages(t *testing.T, archive *txtar.Archive) (all []*schema.Package) {
	t.Helper()
	for _, f := range archive.Files {
		if f.Name == "app.go" || f.Name == "other.go" {
			all = append(all, schematest.Package(t, string(f.Data)))
		}
	}
	return all
}

// compare compares what was made with a golden file of a case.
func compare(t *testing.T, path string, archive *txtar.Archive, name, got string) {
	t.Helper()
	i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == name })
	if i < 0 {
		i = len(archive.Files)
		archive.Files = append(archive.Files, txtar.File{Name: name})
	}
	want := string(archive.Files[i].Data)
	if want == got {
		return
	}
	if !*update {
		t.Errorf("%s: made\n%s\nwant\n%s", name, got, want)
		return
	}
	archive.Files[i].Data = []byte(got)
	if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestLanguages compares every language of every case with its golden file, and
// writes each twice: maps must not show.
func TestLanguages(t *testing.T) {
	for path, archive := range cases(t, "ok") {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			for range 2 {
				d := export.Of(packages(t, archive))
				var out bytes.Buffer
				if err := export.JSON(&out, d); err != nil {
					t.Fatal(err)
				}
				compare(t, path, archive, "tables.json", out.String())
				for _, o := range outputs {
					out.Reset()
					if err := export.Languages[o.language].Source(&out, d, o.namespace); err != nil {
						t.Fatal(err)
					}
					compare(t, path, archive, o.file, out.String())
				}
			}
		})
	}
}

// TestJSONReadsBack holds that nothing of a document is lost in JSON.
func TestJSONReadsBack(t *testing.T) {
	for path, archive := range cases(t, "ok") {
		d := export.Of(packages(t, archive))
		var out bytes.Buffer
		if err := export.JSON(&out, d); err != nil {
			t.Fatal(err)
		}
		decoder := json.NewDecoder(&out)
		decoder.DisallowUnknownFields()
		got := &export.Document{}
		if err := decoder.Decode(got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, d) {
			t.Errorf("%s: read %+v, wrote %+v", path, got, d)
		}
	}
}

// TestTableOfTwoPackages holds that a table that two packages have is one, and that
// tables with other names in DynamoDB are others.
func TestTableOfTwoPackages(t *testing.T) {
	const source = "package app\n\n//ddbe:table orders\ntype Order struct {\n\tID string `ddbe:\"partition,sign\"`\n}\n"
	var all []*schema.Package
	for _, s := range []string{source, source, strings.Replace(source, "orders", "orders physical=others", 1)} {
		all = append(all, schematest.Package(t, s))
	}
	var names []string
	for _, table := range export.Of(all).Tables {
		names = append(names, table.TableName)
	}
	if want := []string{"orders", "others"}; !slices.Equal(names, want) {
		t.Errorf("tables %q, want %q", names, want)
	}
}

func document(t *testing.T) *export.Document {
	t.Helper()
	return export.Of([]*schema.Package{schematest.Package(t, "//ddbe:table orders\ntype Order struct {\n\tID string `ddbe:\"partition,sign\"`\n}\n")})
}

func TestNamespaces(t *testing.T) {
	d := document(t)
	for _, c := range []struct {
		language, namespace string
		ok                  bool
	}{
		{"java", "", true}, {"java", "com.example.tables_2", true}, {"dotnet", "Example", true}, {"rust", "", true},
		{"rust", "example", false}, {"java", "com..example", false}, {"java", ".", false}, {"java", "1st", false},
		{"java", "com.example;", false}, {"dotnet", "Example Tables", false}, {"dotnet", "Größe", false},
	} {
		var out bytes.Buffer
		if err := export.Languages[c.language].Source(&out, d, c.namespace); (err == nil) != c.ok {
			t.Errorf("%s in %q: %v", c.language, c.namespace, err)
		}
		if !c.ok && out.Len() > 0 {
			t.Errorf("%s in %q was written", c.language, c.namespace)
		}
	}
}

// full is a device without room.
type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestErrorsOfTheWriter(t *testing.T) {
	d := document(t)
	for name, language := range export.Languages {
		if err := language.Source(full{}, d, ""); !errors.Is(err, errFull) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := export.JSON(full{}, d); !errors.Is(err, errFull) {
		t.Errorf("json: %v", err)
	}
}
