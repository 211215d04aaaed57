package lock_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/gen/lock"
	"github.com/ddbegen/ddbegen/internal/schematest"
)

// goldens returns the lock files of the golden packages, by name.
func goldens(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("../../testdata/golden/ok/*/" + lock.Name)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]byte{}
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		all[filepath.Base(filepath.Dir(path))] = content
	}
	if len(all) < 8 {
		t.Fatalf("only %d golden lock files", len(all))
	}
	return all
}

func encode(t testing.TB, f *lock.File) string {
	t.Helper()
	content, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestGoldensAreReadAndWrittenAlike(t *testing.T) {
	for name, content := range goldens(t) {
		f, err := lock.Parse(content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := encode(t, f); got != string(content) {
			t.Errorf("%s: written again\n%s", name, got)
		}
	}
}

// TestWhiteSpaceIsFree holds that formatters and other line ends do no harm.
func TestWhiteSpaceIsFree(t *testing.T) {
	for name, content := range goldens(t) {
		for _, other := range []string{
			strings.ReplaceAll(string(content), "\n", "\r\n"),
			strings.ReplaceAll(string(content), "  ", "\t"),
			strings.Join(strings.Fields(string(content)), " "),
		} {
			if f, err := lock.Parse([]byte(other)); err != nil || encode(t, f) != string(content) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// everything is a struct that uses all that a lock file can say.
const everything = `package app

//ddbe:table T physical=test suite=0x6700
//ddbe:unsigned zeta,alpha prefix=":"
//ddbe:partitions max=6 default=3
//ddbe:tenant Tenant
//ddbe:virtual V = upper(prefix(A,1)) + insert(segment("odd (name","@",0),"(")
//ddbe:beacon V length=10
//ddbe:beacon A length=20 partitions=2
//ddbe:beacon B length=20 style=shared(A)
//ddbe:beacon zip length=8 loc=Address.zip style=partOnly
//ddbe:parts encrypted=zip:Z- signed=S:S-
//ddbe:compound C split=~ encrypted=A:A-
//ddbe:constructor C = A + zip?
//ddbe:constructor C = S + A?
//ddbe:compound D split="\"" signed=P@Pairs[0]:P-
//ddbe:index s-index partition=S sort=Tenant
//ddbe:index b-index partition=B
type Row struct {
	Tenant  string         ` + "`ddbe:\"partition,sign\"`" + `
	A       string         ` + "`ddbe:\"encrypt,sign,beacon=C,beacon=V\"`" + `
	B       string         ` + "`ddbe:\"encrypt,sign\"`" + `
	S       string         ` + "`ddbe:\"sign,beacon=C\"`" + `
	OddName string         ` + "`dynamodbav:\"odd (name\" ddbe:\"encrypt,sign,beacon=V\"`" + `
	Pairs   []string       ` + "`ddbe:\"sign,beacon=D\"`" + `
	Address Address        ` + "`ddbe:\"encrypt,sign,beacon=C\"`" + `
	Any     any            ` + "`ddbe:\"encrypt,sign\"`" + `
	Tree    *Tree          ` + "`ddbe:\"encrypt,sign\"`" + `
	Phone   map[string]int ` + "`ddbe:\"none\"`" + `
}

type Address struct {
	Zip   string ` + "`dynamodbav:\"zip\"`" + `
	Lines []string
}

type Tree struct {
	Left, Right *Tree
	Names       map[string][]string
}
`

func TestEverything(t *testing.T) {
	got := encode(t, lock.Of(schematest.Package(t, everything)))
	const want = `{
  "format": 1,
  "tables": {
    "T": {
      "structs": ["Row"],
      "suite": "0x6700",
      "partition_key": "Tenant",
      "attributes": {
        "A": {"action": "encrypt,sign", "type": "S", "form": "text"},
        "Address": {
          "action": "encrypt,sign",
          "type": "M",
          "nested": {".Lines": "L", ".Lines[]": "S", ".zip": "S"},
          "form": "struct",
          "nested_forms": {".Lines": "list", ".Lines[]": "text", ".zip": "text"}
        },
        "Any": {"action": "encrypt,sign", "type": "any", "form": "any"},
        "B": {"action": "encrypt,sign", "type": "S", "form": "text"},
        "Pairs": {
          "action": "sign",
          "type": "L",
          "nested": {"[]": "S"},
          "form": "list",
          "nested_forms": {"[]": "text"}
        },
        "Phone": {
          "action": "none",
          "type": "M",
          "nested": {"{}": "N"},
          "form": "map[text]",
          "nested_forms": {"{}": "int64"}
        },
        "S": {"action": "sign", "type": "S", "form": "text"},
        "Tenant": {"action": "sign", "type": "S", "form": "text"},
        "Tree": {
          "action": "encrypt,sign",
          "type": "M",
          "nested": {".Left": "M", ".Names": "M", ".Names{}": "L", ".Names{}[]": "S", ".Right": "M"},
          "form": "*struct",
          "nested_forms": {".Left": "*struct", ".Names": "map[text]", ".Names{}": "list", ".Names{}[]": "text", ".Right": "*struct"}
        },
        "odd (name": {"action": "encrypt,sign", "type": "S", "form": "text"}
      },
      "unsigned": ["alpha", "zeta"],
      "unsigned_prefix": ":",
      "standard_beacons": {
        "A": {"location": "A", "length": 20, "partitions": 2},
        "B": {"location": "B", "length": 20, "style": "shared", "shared_with": "A", "partitions": 3},
        "V": {"location": "V", "length": 10, "partitions": 3},
        "zip": {"location": "Address.zip", "length": 8, "style": "partOnly", "partitions": 3}
      },
      "compound_beacons": {
        "C": {
          "split": "~",
          "constructors": [
            [
              {"prefix": "A-", "beacon": "A"},
              {"prefix": "Z-", "beacon": "zip", "optional": true}
            ],
            [
              {"prefix": "S-", "text": "S"},
              {"prefix": "A-", "beacon": "A", "optional": true}
            ]
          ]
        },
        "D": {
          "split": "\"",
          "constructors": [
            [
              {"prefix": "P-", "text": "Pairs[0]"}
            ]
          ]
        }
      },
      "virtual_fields": {
        "V": ["upper(prefix(A,1))", "insert(segment(\"odd (name\",\"@\",0),\"(\")"]
      },
      "max_partitions": 6,
      "tenant": "Tenant",
      "indexes": {
        "b-index": {"partition_key": "aws_dbe_b_B"},
        "s-index": {"partition_key": "S", "sort_key": "Tenant"}
      }
    }
  }
}
`
	if got != want {
		t.Errorf("got\n%s", got)
	}
	if f, err := lock.Parse([]byte(got)); err != nil || encode(t, f) != want {
		t.Errorf("read again: %v", err)
	}
}

func TestSourceOfVirtualParts(t *testing.T) {
	for part, want := range map[string]string{
		`A`: "A", `a.b[0]`: "a.b[0]", `upper(prefix(A,1))`: "A", `insert(a.b,"(x)")`: "a.b",
		`segment("odd (name",",",0)`: "odd (name", `"a(b"`: "a(b",
	} {
		if got := lock.Source(part); got != want {
			t.Errorf("Source(%s) = %q, want %q", part, got, want)
		}
	}
}

// small is a lock file that refusals spoil.
const small = `{
  "format": 1,
  "tables": {
    "T": {
      "structs": ["Row"],
      "suite": "0x6701",
      "partition_key": "ID",
      "attributes": {
        "A": {"action": "encrypt,sign", "type": "S"},
        "ID": {"action": "sign", "type": "S"}
      },
      "unsigned": ["a", "b"],
      "standard_beacons": {
        "A": {"location": "A", "length": 20}
      },
      "compound_beacons": {
        "C": {
          "split": ".",
          "constructors": [
            [
              {"prefix": "A-", "beacon": "A"}
            ]
          ]
        }
      },
      "indexes": {
        "a-index": {"partition_key": "aws_dbe_b_A"}
      }
    }
  },
  "accepted": [
    {"change": "LEAK:T.attribute.B"}
  ]
}
`

// TestRefusals spoils a lock file in every way that matters.
func TestRefusals(t *testing.T) {
	if f, err := lock.Parse([]byte(small)); err != nil || encode(t, f) != small {
		t.Fatalf("the file before it is spoilt: %v", err)
	}
	for _, c := range []struct{ old, new, want string }{
		{small, "", "line 1: it ends too early"},
		{small, "null", `it has no "format"`},
		{small, "[]", "line 1: \"\" cannot be a array"},
		{small, "\xff", "it is not UTF-8"},
		{`"format": 1`, `"format": 0`, "its format is 0, which no ddbegen wrote: take the file from version control"},
		{`"format": 1`, `"format": 2`, "its format is 2, and this ddbegen reads 1: it was written by a newer ddbegen: update the module"},
		{`"format": 1`, `"format": "1"`, `line 2: "format" cannot be a string`},
		{`"format": 1,`, ``, `it has no "format"`},
		{`"structs"`, `"structures"`, `line 5: unknown field "structures": it was written by a newer ddbegen`},
		{`"action": "sign"`, `"action": "sign", "colour": "red"`, `line 10: unknown field "colour"`},
		{`  "tables": {`, "<<<<<<< HEAD\n\"tables\": {", "line 3: it holds the marks of a merge conflict: take the file of either side"},
		{`"length": 20}`, `"length": 20]`, "line 14: it is not JSON"},
		{`"0x6701"`, `"0x6702"`, `table "T": unknown algorithm suite "0x6702"`},
		{`"partition_key": "ID"`, `"partition_key": ""`, `table "T": it has no partition key`},
		{`"encrypt,sign"`, `"encrypt"`, `attribute "A": unknown action "encrypt"`},
		{`"action": "sign", "type": "S"`, `"action": "sign", "type": "X"`, `attribute "ID": unknown type "X"`},
		{`"action": "sign", "type": "S"`, `"action": "sign", "type": "N|S"`, `attribute "ID": unknown type "N|S"`},
		{`"action": "sign", "type": "S"`, `"action": "sign", "type": "M", "nested": {".x": "?"}`, `unknown type "?" at ".x"`},
		{`"action": "sign", "type": "S"`, `"action": "sign", "type": "S", "form": "int128"`, `attribute "ID": unknown form "int128"`},
		{`"action": "sign", "type": "S"`, `"action": "sign", "type": "S", "form": "text", "nested_forms": {".x": "[]"}`, `unknown form "[]" at ".x"`},
		{`["a", "b"]`, `["b", "a"]`, "not sorted"},
		{`"action": "sign", "type": "S"`, `"action": "sign", "type": "S", "only": "Other"`, `attribute "ID": "Other" are not structs of the table`},
		{`"action": "sign", "type": "S"`, `"action": "sign", "type": "S", "structs": {"Other": {"type": "S"}}`, `attribute "ID": there is no struct "Other"`},
		{`"action": "sign", "type": "S"`, `"action": "sign", "type": "S", "structs": {"Row": {"type": "X"}}`, `attribute "ID": unknown type "X"`},
		{`"length": 20`, `"length": 64`, `beacon "A": 64 bits are not possible`},
		{`"length": 20`, `"length": 20, "style": "round"`, `beacon "A": unknown style "round"`},
		{`"length": 20`, `"length": 20, "style": "shared"`, "shared, and not with a standard beacon"},
		{`"length": 20`, `"length": 20, "shared_with": "A"`, "shared, and not with a standard beacon"},
		{`"length": 20`, `"length": 20, "partitions": 2`, `2 partitions are not possible`},
		{`"location": "A"`, `"location": ""`, "it has no location"},
		{`"beacon": "A"}`, `"beacon": "B"}`, `beacon "C": a part has no prefix, or is not one standard beacon or one location`},
		{`"beacon": "A"}`, `"beacon": "A", "text": "A"}`, `beacon "C": a part`},
		{`"prefix": "A-", `, ``, `beacon "C": a part`},
		{`"split": "."`, `"split": ".."`, `beacon "C": it has no split character`},
		{`{"prefix": "A-", "beacon": "A"}`, ``, "a constructor has no part"},
		{`"C": {`, `"A": {`, `beacon "A" is standard and compound`},
		{`"aws_dbe_b_A"`, `""`, `index "a-index" has no partition key`},
		{`"aws_dbe_b_A"`, `"aws_dbe_b_A", "projection": "all"`, `index "a-index" has the unknown projection "all"`},
		{`"aws_dbe_b_A"`, `"aws_dbe_b_A", "projection": "include"`, `index "a-index" has a projection that includes nothing`},
		{`"aws_dbe_b_A"`, `"aws_dbe_b_A", "include": ["A"]`, `includes something without one`},
		{`"aws_dbe_b_A"`, `"aws_dbe_b_A", "projection": "include", "include": ["B", "A"]`, `index "a-index" includes attributes that are not sorted`},
		{`"unsigned": ["a", "b"]`, `"max_partitions": 255`, "255 partitions are not possible"},
		{`"unsigned": ["a", "b"]`, `"discriminator": "kind"`, "it has a discriminator without values"},
		{`"change": "LEAK:T.attribute.B"`, `"change": ""`, "an accepted change has no name"},
		{`"T": {`, `"": {`, "a table has no name or no content"},
		{`"format": 1`, `"Format": 1`, "not as ddbegen writes it"},
		{`"format": 1`, `"format": 1, "format": 1`, "not as ddbegen writes it: a name stands twice"},
		{`"A": {"action": "encrypt,sign", "type": "S"},`, `"A": {"action": "sign", "type": "S"}, "A": {"action": "encrypt,sign", "type": "S"},`, "a name stands twice"},
		{"]\n}\n", "]\n}\n{}", "line 35: something follows"},
	} {
		spoilt := strings.Replace(small, c.old, c.new, 1)
		if spoilt == small {
			t.Errorf("nothing is spoilt by %s", c.new)
		}
		f, err := lock.Parse([]byte(spoilt))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("with %s for %s: error %v, want %q", c.new, c.old, err, c.want)
		}
		if problem := (*lock.ParseError)(nil); f != nil || !errors.As(err, &problem) || problem.Fix == "" || problem.Line < 1 {
			t.Errorf("with %s: got a file, or an error without line or remedy: %v", c.new, err)
		}
	}
}

// TestNextRemembers holds that what only stored items have is not forgotten, and
// what was accepted is not either.
func TestNextRemembers(t *testing.T) {
	of := func(fields string) *lock.File {
		return lock.Of(schematest.Package(t, "//ddbe:table T physical=test\ntype Row struct {\nID string `ddbe:\"partition,sign\"`\n"+fields+"\n}"))
	}
	both, one := of("A string `ddbe:\"encrypt,sign\"`"), of("")
	first := (*lock.File)(nil).Next(both, nil)
	if encode(t, first) != encode(t, both) {
		t.Error("the first file differs from the model")
	}
	second := first.Next(one, []lock.Accepted{{Change: "BREAK-READ:T.attribute.A"}})
	if got := second.Tables["T"].Retired["A"]; got.Action != lock.Encrypt || got.Type != "S" || len(second.Tables["T"].Attributes) != 1 {
		t.Errorf("the attribute is forgotten: %s", encode(t, second))
	}
	third := second.Next(one, nil)
	if encode(t, third) != encode(t, second) {
		t.Errorf("a run without a change changes the file:\n%s", encode(t, third))
	}
	fourth := third.Next(both, nil)
	if fourth.Tables["T"].Retired != nil || len(fourth.Accepted) != 1 {
		t.Errorf("after the field is back: %s", encode(t, fourth))
	}
	if read, err := lock.Parse([]byte(encode(t, second))); err != nil || encode(t, read) != encode(t, second) {
		t.Errorf("a file with a retired attribute is not read: %v", err)
	}
	if one.Tables["T"].Retired != nil || first.Accepted != nil {
		t.Error("Next changed its arguments")
	}
}

// twoStructs is a table whose structs have different attributes, or different
// types of one.
const twoStructs = `//ddbe:table T physical=test
//ddbe:discriminator kind=row
type Row struct {
	ID   string ` + "`ddbe:\"partition,sign\"`" + `
	Both string ` + "`ddbe:\"encrypt,sign\"`" + `
	Any  any    ` + "`ddbe:\"encrypt,sign\"`" + `
	Mine int    ` + "`ddbe:\"sign\"`" + `
}

//ddbe:table T physical=test
//ddbe:discriminator kind=other
type Other struct {
	ID   string ` + "`ddbe:\"partition,sign\"`" + `
	Both string ` + "`ddbe:\"encrypt,sign\"`" + `
	Any  string ` + "`ddbe:\"encrypt,sign\"`" + `
}
`

// TestStructsOfATable holds that a lock file says what each struct stores, and
// remembers what one no longer has.
func TestStructsOfATable(t *testing.T) {
	f := lock.Of(schematest.Package(t, twoStructs))
	written := encode(t, f)
	for _, want := range []string{
		`"Both": {"action": "encrypt,sign", "type": "S", "form": "text"}`,
		`"Mine": {"action": "sign", "type": "N", "form": "int64", "only": "Row"}`,
		"\"Any\": {\n          \"action\": \"encrypt,sign\",\n          \"type\": \"any\",\n          \"structs\": {\n            \"Other\": {\"type\": \"S\", \"form\": \"text\"},\n            \"Row\": {\"type\": \"any\", \"form\": \"any\"}",
	} {
		if !strings.Contains(written, want) {
			t.Errorf("no %s in\n%s", want, written)
		}
	}
	read, err := lock.Parse([]byte(written))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []*lock.File{f, read} {
		for _, c := range []struct{ structure, name, want string }{
			{"Row", "Any", "any"}, {"Other", "Any", "S"}, {"Row", "Mine", "N"}, {"Other", "Mine", ""},
			{"Row", "Both", "S"}, {"Other", "Both", "S"}, {"Nobody", "Both", ""}, {"Row", "Nothing", ""},
		} {
			if got, ok := file.Tables["T"].In(c.structure, c.name); got.Type != c.want || ok != (c.want != "") {
				t.Errorf("%s stores %q as %q, %v, want %q", c.structure, c.name, got.Type, ok, c.want)
			}
		}
	}
	without := strings.Replace(twoStructs, "type Other struct {", "type Else struct {", 1) // the name of a Go type may change
	without = strings.Replace(without, "	Both string `ddbe:\"encrypt,sign\"`\n	Any  string", "	Any  string", 1)
	next := read.Next(lock.Of(schematest.Package(t, without)), nil)
	if s, ok := next.Tables["T"].In("Else", "Both"); !ok || !s.Retired || s.Type != "S" {
		t.Errorf("what Else had is forgotten:\n%s", encode(t, next))
	}
	again, err := lock.Parse([]byte(encode(t, next)))
	if err != nil {
		t.Fatal(err)
	}
	if third := again.Next(lock.Of(schematest.Package(t, without)), nil); encode(t, third) != encode(t, next) {
		t.Errorf("a run without a change changes the file:\n%s", encode(t, third))
	}
}

// TestEncodeAnything holds that any names and texts come back.
func TestEncodeAnything(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringN(1, 12, -1)
		f := &lock.File{Format: lock.Format, Tables: map[string]*lock.Table{}}
		for range rapid.IntRange(0, 3).Draw(t, "tables") {
			table := &lock.Table{
				Structs: []string{name.Draw(t, "struct")}, Suite: "0x6701", PartitionKey: name.Draw(t, "key"),
				Attributes: rapid.MapOf(name, rapid.SampledFrom([]lock.Attribute{
					{Action: lock.Encrypt, Stored: lock.Stored{Type: "S"}},
					{Action: lock.None, Stored: lock.Stored{Type: lock.Any}},
					{Action: lock.Sign, Stored: lock.Stored{Type: "M", Nested: map[string]string{".a": "S|N", "{}[]": "L"}}},
				})).Draw(t, "attributes"),
				UnsignedPrefix: rapid.String().Draw(t, "prefix"),
				Virtual:        rapid.MapOf(name, rapid.SliceOfN(name, 1, 3)).Draw(t, "virtual"),
				Indexes:        rapid.MapOf(name, rapid.SampledFrom([]lock.Index{{PartitionKey: "x"}, {PartitionKey: "x", SortKey: "y", Local: true, Projection: lock.Keys}, {PartitionKey: "x", Projection: lock.Include, Include: []string{"a", "b"}}})).Draw(t, "indexes"),
			}
			f.Tables[name.Draw(t, "table")] = table
		}
		content, err := f.Encode()
		if err != nil {
			t.Fatal(err)
		}
		got, err := lock.Parse(content)
		if err != nil {
			t.Fatalf("%v in\n%s", err, content)
		}
		again, err := got.Encode()
		if err != nil || !bytes.Equal(again, content) {
			t.Fatalf("written again\n%s\nwas\n%s", again, content)
		}
		for _, line := range strings.Split(string(content), "\n") {
			if strings.TrimRight(line, " ") != line && !strings.HasSuffix(line, "\"") {
				t.Fatalf("a space at the end of a line in\n%s", content)
			}
		}
	})
}

// FuzzParse holds that no input makes the reader panic, and that what it accepts
// is written and read as the same.
func FuzzParse(f *testing.F) {
	seeds := 0
	for _, content := range goldens(f) {
		f.Add(content)
		seeds++
	}
	f.Add([]byte(small))
	f.Add([]byte(`{"format":1,"tables":{}}`))
	if seeds == 0 {
		f.Fatal("no seeds")
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		first, err := lock.Parse(content)
		if err != nil {
			return
		}
		written, err := first.Encode()
		if err != nil {
			t.Fatal(err)
		}
		second, err := lock.Parse(written)
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, written)
		}
		if !reflect.DeepEqual(first, second) {
			t.Fatalf("what was written reads otherwise:\n%s", written)
		}
	})
}
