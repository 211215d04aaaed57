package runtime

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// checkTable compares the table in DynamoDB with the schema that is to be stored
// in it, and reports everything that would fail or leak later.
func checkTable(ctx context.Context, db DynamoDB, name string, schema *TableSchema, r *records) error {
	out, err := db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		if api := smithy.APIError(nil); errors.As(err, &api) && api.ErrorCode() == "AccessDeniedException" {
			return fmt.Errorf("ddbe: opening table %q needs the permission dynamodb:DescribeTable, or the option WithoutTableCheck: %w", name, err)
		}
		return fmt.Errorf("ddbe: describe table %q: %w", name, err)
	}
	if out.Table == nil {
		return fmt.Errorf("ddbe: describe table %q: the answer has no table", name)
	}
	c := tableCheck{table: out.Table, records: r}
	c.keys()
	for _, index := range schema.Indexes {
		c.index(index)
	}
	c.encryptedIndexKeys()
	if len(c.problems) > 0 {
		return &TableMismatchError{Table: name, Problems: c.problems}
	}
	return nil
}

type tableCheck struct {
	table    *types.TableDescription
	records  *records
	problems []string
}

func (c *tableCheck) problem(format string, args ...any) {
	c.problems = append(c.problems, fmt.Sprintf(format, args...))
}

// keys compares the primary key.
func (c *tableCheck) keys() {
	partition, sort := keyNames(c.table.KeySchema)
	if want := c.records.config.PartitionKeyName; partition != want {
		c.problem("its partition key is %q and the schema's is %q", partition, want)
	}
	if want := c.records.config.SortKeyName; sort != want {
		switch {
		case want == "":
			c.problem("it has the sort key %q and the schema has none", sort)
		case sort == "":
			c.problem("it has no sort key and the schema's is %q", want)
		default:
			c.problem("its sort key is %q and the schema's is %q", sort, want)
		}
	}
}

// index compares one index of the schema with the table's.
func (c *tableCheck) index(want Index) {
	keys, projection, found := c.find(want.Name)
	if !found {
		c.problem("it has no index %q: create it with the partition key %q", want.Name, c.records.storedName(want.Partition))
		return
	}
	partition, sort := keyNames(keys)
	if stored := c.records.storedName(want.Partition); partition != stored {
		c.problem("index %q has the partition key %q, and queries need %q", want.Name, partition, stored)
	} else {
		c.beaconType(want.Name, want.Partition, stored)
	}
	if want.Sort != "" {
		if stored := c.records.storedName(want.Sort); sort != stored {
			c.problem("index %q has the sort key %q, and queries need %q", want.Name, sort, stored)
		} else {
			c.beaconType(want.Name, want.Sort, stored)
		}
	}
	if projection == nil || projection.ProjectionType != types.ProjectionTypeAll {
		c.problem("index %q does not project all attributes, so that its items could not be verified: create it with the projection ALL", want.Name)
	}
}

// beaconType reports an index key on a beacon that is not of type S.
func (c *tableCheck) beaconType(index, name, stored string) {
	if !c.records.isBeacon(name) {
		return
	}
	for _, d := range c.table.AttributeDefinitions {
		if aws.ToString(d.AttributeName) == stored && d.AttributeType != types.ScalarAttributeTypeS {
			c.problem("index %q has the key %q of type %s, and beacons are of type S", index, stored, d.AttributeType)
		}
	}
}

// encryptedIndexKeys reports secondary indexes on an attribute that is stored
// encrypted: DynamoDB would see only ciphertext, and refuse or never find it.
func (c *tableCheck) encryptedIndexKeys() {
	report := func(index *string, keys []types.KeySchemaElement) {
		for _, k := range keys {
			if name := aws.ToString(k.AttributeName); c.records.encrypts(name) {
				c.problem("index %q has the key %q, which is encrypted: put the index on a beacon of it", aws.ToString(index), name)
			}
		}
	}
	for _, g := range c.table.GlobalSecondaryIndexes {
		report(g.IndexName, g.KeySchema)
	}
	for _, l := range c.table.LocalSecondaryIndexes {
		report(l.IndexName, l.KeySchema)
	}
}

func (c *tableCheck) find(name string) ([]types.KeySchemaElement, *types.Projection, bool) {
	for _, g := range c.table.GlobalSecondaryIndexes {
		if aws.ToString(g.IndexName) == name {
			return g.KeySchema, g.Projection, true
		}
	}
	for _, l := range c.table.LocalSecondaryIndexes {
		if aws.ToString(l.IndexName) == name {
			return l.KeySchema, l.Projection, true
		}
	}
	return nil, nil, false
}

func keyNames(schema []types.KeySchemaElement) (partition, sort string) {
	for _, k := range schema {
		switch k.KeyType {
		case types.KeyTypeHash:
			partition = aws.ToString(k.AttributeName)
		case types.KeyTypeRange:
			sort = aws.ToString(k.AttributeName)
		}
	}
	return partition, sort
}
