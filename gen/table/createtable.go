package table

import (
	"encoding/json"
	"fmt"
	"io"
)

// createTable is the input of CreateTable (API reference).
type createTable struct {
	TableName                 string
	AttributeDefinitions      []attributeDefinition
	KeySchema                 []keyElement
	GlobalSecondaryIndexes    []secondaryIndex `json:",omitempty"`
	LocalSecondaryIndexes     []secondaryIndex `json:",omitempty"`
	BillingMode               string
	DeletionProtectionEnabled bool `json:",omitempty"`
}

type attributeDefinition struct{ AttributeName, AttributeType string }

type keyElement struct{ AttributeName, KeyType string }

type secondaryIndex struct {
	IndexName  string
	KeySchema  []keyElement
	Projection Projection
}

// keyTypes are the roles of the keys of a table or an index, in their order.
var keyTypes = []string{"HASH", "RANGE"}

func keySchema(keys []Key) []keyElement {
	var all []keyElement
	for i, k := range keys {
		all = append(all, keyElement{k.Name, keyTypes[i]})
	}
	return all
}

func (d *Definition) createTable() createTable {
	in := createTable{TableName: d.Name, KeySchema: keySchema(d.Keys), BillingMode: "PAY_PER_REQUEST", DeletionProtectionEnabled: d.Protected}
	for _, k := range d.attributes() {
		in.AttributeDefinitions = append(in.AttributeDefinitions, attributeDefinition{k.Name, k.Type})
	}
	in.GlobalSecondaryIndexes, in.LocalSecondaryIndexes = secondaryIndexes(d.Global), secondaryIndexes(d.Local)
	return in
}

func secondaryIndexes(indexes []Index) (all []secondaryIndex) {
	for _, x := range indexes {
		all = append(all, secondaryIndex{x.Name, keySchema(x.Keys), x.Projection})
	}
	return all
}

// CreateTable writes the input of CreateTable for one table, as
// aws dynamodb create-table --cli-input-json reads it.
func CreateTable(w io.Writer, all []*Definition) error {
	return one(w, all, "create-table", func(d *Definition) any { return d.createTable() })
}

// one writes the input of an operation that is for one table.
func one(w io.Writer, all []*Definition, format string, input func(*Definition) any) error {
	if len(all) != 1 {
		return fmt.Errorf("%s is for one table at a time, and there are %d: choose one with -table", format, len(all))
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(input(all[0]))
}
