package runtime

import (
	"slices"
	"strings"
	"testing"
)

var statements = map[string][]string{ // nil: refused
	`SELECT * FROM People`:                            {"People"},
	`select name from "People" where x = 1`:           {"People"},
	"SELECT *\tFROM\nPeople\r\nWHERE x=1":             {"People"},
	`SELECT "from", 'FROM x' FROM "People"."index"`:   {"People"},
	`SELECT * FROM People.index`:                      {"People"},
	`SELECT * FROM People;`:                           {"People"},
	`SELECT * FROM 'People'`:                          {"People"},
	`SELECT * FROM "Peo""ple" AS p`:                   {`Peo"ple`},
	`EXISTS (SELECT * FROM People)`:                   {"People"},
	`exists ( select * from "People" where a = 'b' )`: {"People"},
	`INSERT INTO "People" VALUE {'a': 1}`:             {"People"},
	`UPDATE "People" SET x = 1`:                       {"People"},
	`delete from People where a = 'from Other'`:       {"People"},
	`SELECT * FROM A WHERE x IN (SELECT y FROM B)`:    {"A", "B"},
	`SELECT * FROM "arn:aws:dynamodb:r:1:table/T"`:    {"arn:aws:dynamodb:r:1:table/T"},

	``:                               nil,
	`   `:                            nil,
	`SELECT 1`:                       nil,
	`SELECT * FROM`:                  nil,
	`SELECT * FROM ""`:               nil,
	`SELECT * FROM ?`:                nil,
	`SELECT * FROM People--c`:        nil,
	`SELECT * FROM Peo/**/ple`:       nil,
	"-- c\nSELECT * FROM People":     nil,
	"SELECT * FROM `People`":         nil,
	`SELECT * FROM People-x`:         nil,
	`SELECT * FROM A, B`:             nil,
	`SELECT * FROM "People`:          nil,
	`SELECT * FROM "A" "B"`:          nil,
	`SELECT * FROM (SELECT 1)`:       nil,
	`UPSERT INTO People`:             nil,
	`INSERT People`:                  nil,
	`DELETE People`:                  nil,
	`UPDATE`:                         nil,
	`DROP TABLE People`:              nil,
	`EXISTS`:                         nil,
	`EXISTS SELECT * FROM People`:    nil,
	`SELECT * FROM People[0]`:        nil,
	`SELECT * FROM "People"'x'`:      nil,
	`SELECT * FROM People WHERE x="`: nil,
}

func TestStatementTables(t *testing.T) {
	for statement, want := range statements {
		got, err := statementTables(statement)
		if (err != nil) != (want == nil) || !slices.Equal(got, want) {
			t.Errorf("%q: %q, %v, want %q", statement, got, err, want)
		}
	}
}

// FuzzStatementTables holds that the table of a statement is seen however the
// rest of the statement looks, or the statement refused.
func FuzzStatementTables(f *testing.F) {
	for statement := range statements {
		before, after, _ := strings.Cut(statement, "People")
		f.Add(before, after)
	}
	f.Fuzz(func(t *testing.T, before, after string) {
		const name = "Secret"
		statement := before + name + after
		names, err := statementTables(statement)
		if err != nil || len(names) == 0 {
			return
		}
		// With another name at the same place something else must come out, or the
		// name is not that of a table.
		other, err := statementTables(before + "Public" + after)
		if err != nil {
			t.Fatalf("%q has tables %q, and with another word it is refused", statement, names)
		}
		if len(other) != len(names) {
			t.Fatalf("%q has %d tables, and %d with another word", statement, len(names), len(other))
		}
	})
}
