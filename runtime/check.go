package runtime

import (
	"context"
	"fmt"
	"slices"
)

// checkTable compares the table in DynamoDB with the schema that is to be stored
// in it, and reports everything that would fail or leak later.
func checkTable(ctx context.Context, db DynamoDB, name string, schema *TableSchema, r *records) error {
	d, err := DescribeTable(ctx, db, name)
	if err != nil {
		return err
	}
	problems := d.problems(r)
	for _, index := range schema.Indexes {
		if problem := d.unfit(r, index); problem != "" {
			problems = append(problems, problem)
		}
	}
	if len(problems) > 0 {
		return &TableMismatchError{Table: name, Problems: problems}
	}
	return nil
}

// unfit returns why the queries of an index of the schema cannot work, or "".
func (d *TableDescription) unfit(r *records, want Index) string {
	index, found := d.Index(want.Name)
	if !found {
		return fmt.Sprintf("it has no index %q: create it with the partition key %q", want.Name, r.storedName(want.Partition))
	}
	if stored := r.storedName(want.Partition); !slices.Equal(index.PartitionKeys, []string{stored}) {
		return fmt.Sprintf("index %q has the partition key %s, and queries need %q", want.Name, quoted(index.PartitionKeys), stored)
	}
	if stored := r.storedName(want.Sort); want.Sort != "" && !slices.Equal(index.SortKeys, []string{stored}) {
		return fmt.Sprintf("index %q has the sort key %s, and queries need %q", want.Name, quoted(index.SortKeys), stored)
	}
	if want.whole() && !index.whole() {
		return fmt.Sprintf("index %q does not project all attributes, so that its items could not be verified: create it with the projection ALL, or say in the schema what it projects", want.Name)
	}
	var missing []string
	for _, name := range want.Included {
		if !index.projects(d, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Sprintf("index %q does not project %s: create one with the projection INCLUDE and %s", want.Name, quoted(missing), quoted(want.Included))
	}
	return ""
}
