package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const vectors = "../../testdata/vectors"

// Every file of vectors whose family this command covers passes.
func TestKnownAnswers(t *testing.T) {
	files, err := readFiles(vectors)
	if err != nil || len(files) == 0 {
		t.Fatalf("read %s: %d files, %v", vectors, len(files), err)
	}
	for _, f := range files {
		run, ok := runners[f.family]
		if !ok {
			continue
		}
		t.Run(f.family, func(t *testing.T) {
			t.Parallel()
			results, err := run(t.Context(), f)
			if err != nil || len(results) == 0 {
				t.Fatalf("%d results, %v", len(results), err)
			}
			for _, r := range results {
				if r.err != nil {
					t.Errorf("%s: %s", r.id, r.err)
				}
			}
		})
	}
}

// What seal writes, check accepts, and it holds as many vectors as the input has
// positive ones.
func TestSeal(t *testing.T) {
	out := t.TempDir()
	for _, family := range []string{
		"raw-aes-types", "raw-rsa", "raw-ecdh", "multi", "plaintext-override",
		"aws-kms", "aws-kms-multi", "aws-kms-mrk", "aws-kms-discovery", "aws-kms-rsa", "aws-kms-ecdh",
		"aws-kms-hierarchical",
	} {
		in := filepath.Join(vectors, "items", family+".json")
		sealed := filepath.Join(out, family+".json")
		var report bytes.Buffer
		if code := run(t.Context(), []string{"seal", in, sealed}, &report, &report); code != 0 {
			t.Fatalf("seal %s: exit code %d\n%s", family, code, &report)
		}
		content, err := os.ReadFile(sealed)
		if err != nil {
			t.Fatal(err)
		}
		original, err := os.ReadFile(in)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := strings.Count(string(content), `"expect"`), strings.Count(string(original), `"expect": "success"`); got != want {
			t.Errorf("seal %s: %d vectors, not %d", family, got, want)
		}
	}
	var report bytes.Buffer
	if code := run(t.Context(), []string{"check", out}, &report, &report); code != 0 {
		t.Errorf("check of what was sealed: exit code %d\n%s", code, &report)
	}
}

// The output is a contract: a line for each family, failures with id and
// reason, and a last line with the sums.
func TestReport(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a.json", `{"family": "raw-rsa", "vectors": [
		{"id": "raw-rsa-x", "op": "config", "config": {"logicalTableName": "t"}, "keyring": {"type": "multi"}, "expect": "success"},
		{"id": "raw-rsa-y", "op": "config", "config": {"logicalTableName": "t"}, "keyring": {"type": "multi"}, "expect": "error"},
		{"id": "raw-rsa-z", "op": "config", "config": {"logicalTableName": "t"}, "keyring": {"type": "unheard of"}, "expect": "error"}]}`)
	write("b.json", `{"family": "unheard-of", "vectors": []}`)

	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"check", dir}, &stdout, &stderr)
	want := `raw-rsa 1/3
  FAIL raw-rsa-x: keyring: multi-keyring: it has no members: give it a generator or a child
  FAIL raw-rsa-z: keyring: not covered: keyring of type "unheard of"
unheard-of: not a known family (` + filepath.Join(dir, "b.json") + `)
1 passed, 2 failed
`
	if code != 1 || stdout.String() != want || stderr.Len() != 0 {
		t.Errorf("exit code %d, output\n%s%swant\n%s", code, &stdout, &stderr, want)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"check"}, {"seal", "in"}, {"open", "x"}, {"check", "no such directory"}} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), args, &stdout, &stderr); code != 2 || stderr.Len() == 0 {
			t.Errorf("run(%q) = %d, %q; want 2 and a message", args, code, &stderr)
		}
	}
}
