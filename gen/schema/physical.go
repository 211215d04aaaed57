package schema

import (
	"cmp"
	"strings"
	"unicode/utf8"
)

// Name returns the name of the table in DynamoDB, or its ARN.
func (t *Table) Name() string { return cmp.Or(t.PhysicalName, t.LogicalName) }

// named is a table of structs with its name in DynamoDB.
type named struct {
	name  string
	at    place // of the word that says so
	first *scope
}

// physicalName returns the name in DynamoDB that the structs of a table give it.
func physicalName(structs []*scope) named {
	for _, s := range structs {
		if w := s.table.Physical; w.Written() {
			return named{w.Text, s.tablePlace.at(w), structs[0]}
		}
	}
	first := structs[0]
	return named{first.table.Name.Text, first.tablePlace.at(first.table.Name), first}
}

// physicalNames reports tables that DynamoDB would refuse for their names, and
// tables that have the same one.
func (b *builder) physicalNames(tables [][]*scope) {
	seen := map[string]named{}
	for _, structs := range tables {
		if structs[0].table.Broken {
			continue
		}
		n := physicalName(structs)
		logical := structs[0].table.Name.Text
		if n.name == logical && !dynamoName(n.name) && n.name != "" && utf8.ValidString(n.name) {
			b.report(n.at, TableName, "add physical=NAME, with 3 to 255 of a-z, A-Z, 0-9, _, - and .", "DynamoDB accepts no table with the name %q", n.name)
		}
		if other, ok := seen[n.name]; ok {
			b.report(n.at, TableConflict, "give one of them another physical=, or let the structs share one table: with one logical name, and a //ddbe:discriminator above each",
				"tables %q and %q are both called %q in DynamoDB", other.first.table.Name.Text, logical, n.name).
				see(other.at, "table %q is here", other.first.table.Name.Text)
		}
		seen[n.name] = n
	}
}

// validPhysical reports whether a text is the name of a table in DynamoDB or its
// ARN, which ends with the name (AWS service authorization reference, "Resource
// types defined by Amazon DynamoDB").
func validPhysical(text string) bool {
	if strings.HasPrefix(text, "arn:") {
		_, name, ok := strings.Cut(text, ":table/")
		return ok && dynamoName(name)
	}
	return dynamoName(text)
}
