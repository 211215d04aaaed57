package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// file is one file of vectors.
type file struct {
	path   string // as it is opened
	family string
	raw    []byte
}

// result is the outcome of one vector; err is nil if it passed.
type result struct {
	id  string
	err error
	// rule is how the answer of the vector counts, where vectors say that.
	rule string
}

// A runner runs the vectors of a file.
type runner func(ctx context.Context, f *file) ([]result, error)

// runners holds the runner of each family. A source file of this package that
// covers families adds them in its init.
var runners = map[string]runner{}

// namers say, in order, which family a file belongs to. The first that knows
// wins; a file that none knows is of the family of its base name.
var namers []func(f *file) (family string, ok bool)

func init() {
	namers = append(namers, func(f *file) (string, bool) {
		var head struct {
			Family string `json:"family"`
		}
		err := json.Unmarshal(f.raw, &head)
		return head.Family, err == nil && head.Family != ""
	})
}

func familyOf(f *file) string {
	for _, name := range namers {
		if family, ok := name(f); ok {
			return family
		}
	}
	return strings.TrimSuffix(filepath.Base(f.path), ".json")
}

// tally is the outcome of one family.
type tally struct {
	passed, total int
	failures      []result
	rules         map[string]int // how many vectors were judged by each
	unknown       []string       // paths of files that no runner takes
}

// check runs the files below dirs and reports to w. It returns whether every
// vector passed and every family is known.
func check(ctx context.Context, w io.Writer, dirs []string) (clean bool, err error) {
	var order []string
	tallies := map[string]*tally{}
	for _, dir := range dirs {
		files, err := readFiles(dir)
		if err != nil {
			return false, err
		}
		for _, f := range files {
			t := tallies[f.family]
			if t == nil {
				t = &tally{rules: map[string]int{}}
				tallies[f.family] = t
				order = append(order, f.family)
			}
			run, ok := runners[f.family]
			if !ok {
				t.unknown = append(t.unknown, f.path)
				continue
			}
			results, err := run(ctx, f)
			if err != nil {
				return false, fmt.Errorf("%s: %w", f.path, err)
			}
			for _, r := range results {
				t.total++
				if r.rule != "" {
					t.rules[r.rule]++
				}
				if r.err == nil {
					t.passed++
				} else {
					t.failures = append(t.failures, r)
				}
			}
		}
	}
	return report(w, order, tallies), nil
}

func report(w io.Writer, order []string, tallies map[string]*tally) (clean bool) {
	passed, failed := 0, 0
	clean = len(order) > 0
	for _, family := range order {
		t := tallies[family]
		for _, path := range t.unknown {
			fmt.Fprintf(w, "%s: not a known family (%s)\n", family, path)
			clean = false
		}
		if len(t.unknown) > 0 && t.total == 0 {
			continue
		}
		fmt.Fprintf(w, "%s %d/%d\n", family, t.passed, t.total)
		for _, rule := range slices.Sorted(maps.Keys(t.rules)) {
			fmt.Fprintf(w, "  judged as %s: %d\n", rule, t.rules[rule])
		}
		for _, f := range t.failures {
			fmt.Fprintf(w, "  FAIL %s: %s\n", f.id, f.err)
		}
		passed, failed = passed+t.passed, failed+len(t.failures)
	}
	fmt.Fprintf(w, "%d passed, %d failed\n", passed, failed)
	return clean && failed == 0
}

// readFiles returns the JSON files below dir, which may be one file, in the
// order of their paths.
func readFiles(dir string) ([]*file, error) {
	var files []*file
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".json" {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		f := &file{path: path, raw: raw}
		f.family = familyOf(f)
		files = append(files, f)
		return nil
	})
	slices.SortFunc(files, func(a, b *file) int { return strings.Compare(a.path, b.path) })
	return files, err
}
