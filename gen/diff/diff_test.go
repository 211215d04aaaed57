package diff_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/ddbegen/ddbegen/gen/diff"
	"github.com/ddbegen/ddbegen/gen/lock"
	"github.com/ddbegen/ddbegen/internal/schematest"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// text writes changes for a golden file.
func text(all []diff.Change) string {
	var b strings.Builder
	for _, c := range all {
		fmt.Fprintf(&b, "%s\n", c.Name())
		switch {
		case c.Stops():
			b.WriteString("\tstops until it is accepted\n")
		case c.Warning:
			b.WriteString("\tis a warning\n")
		}
		fmt.Fprintf(&b, "\t%s\n", c.Message())
		for i, step := range c.Rollout {
			fmt.Fprintf(&b, "\t%d. %s\n", i+1, step)
		}
	}
	return b.String()
}

func lockOf(t testing.TB, source []byte) *lock.File {
	t.Helper()
	if len(source) == 0 {
		return nil
	}
	if f, err := lock.Parse(source); err == nil {
		return f
	}
	return lock.Of(schematest.Package(t, string(source)))
}

// TestGoldens compares what is said of each change in testdata: was is source or
// a lock file, now is source.
func TestGoldens(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) < 10 {
		t.Fatalf("%d goldens, %v", len(paths), err)
	}
	stopping, harmless := 0, 0
	seen := map[diff.Class]bool{}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			file := func(name string) *txtar.File {
				i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == name })
				if i < 0 {
					archive.Files = append(archive.Files, txtar.File{Name: name})
					i = len(archive.Files) - 1
				}
				return &archive.Files[i]
			}
			was, now := lockOf(t, file("was").Data), lockOf(t, file("now").Data)
			all := diff.Compare(was, now)
			for _, c := range all {
				seen[c.Class] = true
			}
			if slices.ContainsFunc(all, diff.Change.Stops) {
				stopping++
			} else {
				harmless++
			}
			got := text(all)
			for range 5 { // maps have no order
				if again := text(diff.Compare(was, now)); again != got {
					t.Fatalf("differs from run to run:\n%s\n%s", got, again)
				}
			}
			if want := file("want"); string(want.Data) != got {
				if !*update {
					t.Fatalf("got\n%s\nwant\n%s", got, want.Data)
				}
				want.Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if stopping < harmless {
		t.Errorf("%d changes that stop and %d that do not: show more of the former", stopping, harmless)
	}
	for _, c := range diff.Classes() {
		if !seen[c] {
			t.Errorf("no golden shows the class %s", c)
		}
	}
}

// TestNothingChanges holds that no schema differs from itself, nor from what was
// written of it.
func TestNothingChanges(t *testing.T) {
	paths, err := filepath.Glob("../../testdata/golden/ok/*/" + lock.Name)
	if err != nil || len(paths) == 0 {
		t.Fatal(paths, err)
	}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		f, err := lock.Parse(content)
		if err != nil {
			t.Fatal(err)
		}
		if all := diff.Compare(f, f); len(all) > 0 {
			t.Errorf("%s differs from itself:\n%s", path, text(all))
		}
	}
}

func TestAccept(t *testing.T) {
	all := []diff.Change{
		{Class: diff.Leak, Table: "T", Kind: "attribute", Subject: "a"},
		{Class: diff.BreakRead, Table: "T", Kind: "attribute", Subject: "a"},
		{Class: diff.MixedFleet, Table: "T", Kind: "attribute", Subject: "b", Warning: true},
		{Class: diff.Safe, Table: "T", Kind: "suite"},
	}
	unknown := diff.Accept(all, []string{"LEAK:T.attribute.a", "MIXED-FLEET:T.attribute.b", "SAFE:T.suite", "LEAK:T.attribute.A", "LEAK", ""})
	if want := []string{"MIXED-FLEET:T.attribute.b", "SAFE:T.suite", "LEAK:T.attribute.A", "LEAK", ""}; !slices.Equal(unknown, want) {
		t.Errorf("unknown names %q, want %q", unknown, want)
	}
	for i, stops := range []bool{false, true, false, false} {
		if all[i].Stops() != stops {
			t.Errorf("%s stops: %v", all[i].Name(), all[i].Stops())
		}
	}
}

func TestAcceptedSince(t *testing.T) {
	file := func(names ...string) *lock.File {
		f := &lock.File{}
		for _, n := range names {
			f.Accepted = append(f.Accepted, lock.Accepted{Change: n})
		}
		return f
	}
	for _, c := range []struct {
		was, now *lock.File
		want     string
	}{
		{nil, file("a"), "[a]"},
		{file("a"), file("a"), "[]"},
		{file("a"), file("a", "a", "b"), "[a b]"},
		{file("a", "b"), file("b"), "[]"},
	} {
		if got := fmt.Sprint(diff.AcceptedSince(c.was, c.now)); got != c.want {
			t.Errorf("%v since %v: %s, want %s", c.now, c.was, got, c.want)
		}
	}
}
