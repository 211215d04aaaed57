package table_test

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/ddbegen/ddbegen/internal/judges"
)

// write puts a golden file of a case where a judge can read it.
func (g golden) write(t *testing.T, name string) string {
	t.Helper()
	i := slices.IndexFunc(g.archive.Files, func(f txtar.File) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("%s has no %s", g.path, name)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, g.archive.Files[i].Data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCloudFormationIsValid asks cfn-lint, remarks included.
func TestCloudFormationIsValid(t *testing.T) {
	lint := judges.Program(t, "moto/bin/cfn-lint")
	var paths []string
	for _, g := range cases(t, "ok") {
		paths = append(paths, g.write(t, "tables.yaml"))
	}
	args := append([]string{"--include-checks", "I", "--"}, paths...)
	if out, err := exec.CommandContext(t.Context(), lint, args...).CombinedOutput(); err != nil {
		t.Errorf("cfn-lint: %v\n%s", err, out)
	}
	// The judge must see what matters: a key that is not declared.
	template, err := os.ReadFile(paths[0])
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(template), "AttributeName", "AttributeName: \"other\" #", 1)
	if err := os.WriteFile(paths[0], []byte(broken), 0o644); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), lint, "--", paths[0]).CombinedOutput(); err == nil {
		t.Errorf("cfn-lint accepts a key without a definition:\n%s", out)
	}
}

// tableResource is what python-hcl2 makes of a resource aws_dynamodb_table.
// Strings have their quotes.
type tableResource struct {
	HashKey    string                        `json:"hash_key"`
	RangeKey   string                        `json:"range_key"`
	Global     []indexBlock                  `json:"global_secondary_index"`
	Local      []indexBlock                  `json:"local_secondary_index"`
	Attributes []struct{ Name, Type string } `json:"attribute"`
	Recovery   []struct{ Enabled bool }      `json:"point_in_time_recovery"`
	TTL        []struct {
		Name    string `json:"attribute_name"`
		Enabled bool
	}
}

type indexBlock struct {
	HashKey    string   `json:"hash_key"`
	RangeKey   string   `json:"range_key"`
	Projection string   `json:"projection_type"`
	Included   []string `json:"non_key_attributes"`
}

// TestTerraformDeclaresKeysAlone reads the resources with a parser that others
// wrote. An attribute that is declared and is not a key makes every plan show a
// difference, and a key that is not declared is refused.
func TestTerraformDeclaresKeysAlone(t *testing.T) {
	parser := judges.Program(t, "hcl/bin/hcl2tojson")
	for _, g := range cases(t, "ok") {
		t.Run(g.name(), func(t *testing.T) {
			out, err := exec.CommandContext(t.Context(), parser, g.write(t, "tables.tf")).Output()
			if err != nil {
				t.Fatalf("python-hcl2: %v", err)
			}
			var module struct {
				Resource []map[string]map[string]tableResource
				Variable []map[string]any
			}
			if err := json.Unmarshal(out, &module); err != nil {
				t.Fatal(err)
			}
			if len(module.Resource) < 2 || len(module.Variable) != len(module.Resource) {
				t.Fatalf("%d resources and %d variables", len(module.Resource), len(module.Variable))
			}
			for _, resource := range module.Resource {
				for name, r := range resource[`"aws_dynamodb_table"`] {
					compareKeys(t, name, r)
				}
			}
		})
	}
}

func compareKeys(t *testing.T, name string, r tableResource) {
	keys := map[string]bool{r.HashKey: true, r.RangeKey: true}
	for _, x := range r.Local {
		if x.HashKey != "" {
			t.Errorf("%s: a local index has no hash_key of its own", name)
		}
	}
	for _, x := range slices.Concat(r.Global, r.Local) {
		keys[x.HashKey], keys[x.RangeKey] = true, true
		if includes := len(x.Included) > 0; !slices.Contains([]string{`"ALL"`, `"KEYS_ONLY"`, `"INCLUDE"`}, x.Projection) || includes != (x.Projection == `"INCLUDE"`) {
			t.Errorf("%s: projection %s of %s", name, x.Projection, x.Included)
		}
	}
	delete(keys, "") // no sort key
	var declared []string
	for _, a := range r.Attributes {
		declared = append(declared, a.Name)
	}
	slices.Sort(declared)
	if want := slices.Sorted(maps.Keys(keys)); !slices.Equal(declared, want) {
		t.Errorf("%s declares %q, and its keys are %q", name, declared, want)
	}
	if len(r.TTL) > 1 || len(r.TTL) == 1 && (!r.TTL[0].Enabled || r.TTL[0].Name == "") {
		t.Errorf("%s: items expire by %v", name, r.TTL)
	}
	if len(r.Recovery) != 1 || !r.Recovery[0].Enabled {
		t.Errorf("%s: point-in-time recovery is %v", name, r.Recovery)
	}
}
