package gen

import (
	"strings"
	"testing"
)

// TestSame holds that layout is no difference and everything else is one.
func TestSame(t *testing.T) {
	const source = "// Package p is one.\npackage p\n\nvar x = struct{ a int; b string }{1, `a\nb`}\n\nfunc f() { g(1, 2) }\n"
	for _, equal := range []string{
		strings.ReplaceAll(source, "\n", "\r\n"),
		strings.ReplaceAll(source, " {", "{"),
		strings.Replace(source, "{ g(1, 2) }", "{\n\tg(1,\n\t\t2)\n}", 1),
		strings.Replace(source, "; ", "\n", 1),
		source + "\n\n",
	} {
		if !same([]byte(source), []byte(equal)) || !same([]byte(equal), []byte(source)) {
			t.Errorf("it is said to differ:\n%s", equal)
		}
	}
	for _, different := range []string{
		"",
		source + "const a = 1",
		source[:len(source)-3],
		strings.Replace(source, "1, `", "2, `", 1),
		strings.Replace(source, "a\nb", "a\n b", 1),
		strings.Replace(source, "is one", "is  one", 1),
		strings.Replace(source, "g(1, 2)", "g(1); (2)", 1),
		"\x00" + source,
	} {
		if same([]byte(source), []byte(different)) || same([]byte(different), []byte(source)) {
			t.Errorf("it is said to be the same:\n%s", different)
		}
	}
}

func TestGroupImports(t *testing.T) {
	for source, want := range map[string]string{
		"package p\n\nimport (\n\ta \"x.org/b\"\n\n\t\"fmt\"\n\t\"x.org/a\"\n\t\"context\"\n)\n\nvar x = 1\n": "package p\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\n\t\"x.org/a\"\n\ta \"x.org/b\"\n)\n\nvar x = 1\n",
		"package p\n\nimport (\n\t\"x.org/b\"\n)\n":                                                           "package p\n\nimport (\n\t\"x.org/b\"\n)\n",
		"package p\n\nimport \"fmt\"\n":                                                                       "package p\n\nimport \"fmt\"\n",
	} {
		if got := string(groupImports([]byte(source))); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}
