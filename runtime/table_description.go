package runtime

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// TableDescription is what DynamoDB says of a table, as far as encryption needs
// it: its primary key and its secondary indexes. It is made by [DescribeTable].
// It is not safe for concurrent use with Refresh.
type TableDescription struct {
	Name         string // physical
	PartitionKey string
	SortKey      string // "" for a table without one
	Indexes      []SecondaryIndex

	db   dynamodb.DescribeTableAPIClient
	keys map[string]types.ScalarAttributeType // of table and indexes
}

// SecondaryIndex is a global or local secondary index.
type SecondaryIndex struct {
	Name          string
	Local         bool
	PartitionKeys []string // one, or up to four of a global index
	SortKeys      []string // none, one, or up to four of a global index
	Projection    types.ProjectionType
	Included      []string // besides keys, where the projection is INCLUDE
}

// DescribeTable asks DynamoDB for the description of a table. It needs the
// permission dynamodb:DescribeTable, and says so if that is missing.
func DescribeTable(ctx context.Context, db dynamodb.DescribeTableAPIClient, table string, opts ...func(*dynamodb.Options)) (*TableDescription, error) {
	d := &TableDescription{Name: table, db: db}
	if err := d.Refresh(ctx, opts...); err != nil {
		return nil, err
	}
	return d, nil
}

// Refresh asks DynamoDB again. After an error d is as it was.
func (d *TableDescription) Refresh(ctx context.Context, opts ...func(*dynamodb.Options)) error {
	out, err := d.db.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &d.Name}, opts...)
	if err != nil {
		if api := smithy.APIError(nil); errors.As(err, &api) && api.ErrorCode() == "AccessDeniedException" {
			return fmt.Errorf("ddbe: table %q: the permission dynamodb:DescribeTable is needed, or the option WithoutTableCheck of Open or WithoutTableDescription of NewClient: %w", d.Name, err)
		}
		return fmt.Errorf("ddbe: describe table %q: %w", d.Name, err)
	}
	if out == nil || out.Table == nil {
		return fmt.Errorf("ddbe: describe table %q: the answer has no table", d.Name)
	}
	d.read(out.Table)
	return nil
}

func (d *TableDescription) read(table *types.TableDescription) {
	d.PartitionKey, d.SortKey = keyNames(table.KeySchema)
	d.Indexes = nil
	for _, g := range table.GlobalSecondaryIndexes {
		d.Indexes = append(d.Indexes, secondaryIndex(g.IndexName, false, g.KeySchema, g.Projection))
	}
	for _, l := range table.LocalSecondaryIndexes {
		d.Indexes = append(d.Indexes, secondaryIndex(l.IndexName, true, l.KeySchema, l.Projection))
	}
	slices.SortFunc(d.Indexes, func(a, b SecondaryIndex) int { return strings.Compare(a.Name, b.Name) })
	d.keys = make(map[string]types.ScalarAttributeType, len(table.AttributeDefinitions))
	for _, a := range table.AttributeDefinitions {
		d.keys[aws.ToString(a.AttributeName)] = a.AttributeType
	}
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

func secondaryIndex(name *string, local bool, keys []types.KeySchemaElement, p *types.Projection) SecondaryIndex {
	i := SecondaryIndex{Name: aws.ToString(name), Local: local}
	for _, k := range keys {
		if k.KeyType == types.KeyTypeHash {
			i.PartitionKeys = append(i.PartitionKeys, aws.ToString(k.AttributeName))
		} else {
			i.SortKeys = append(i.SortKeys, aws.ToString(k.AttributeName))
		}
	}
	if p != nil {
		i.Projection, i.Included = p.ProjectionType, slices.Clone(p.NonKeyAttributes)
	}
	return i
}

// Index returns the secondary index of this name.
func (d *TableDescription) Index(name string) (SecondaryIndex, bool) {
	for _, i := range d.Indexes {
		if i.Name == name {
			return i, true
		}
	}
	return SecondaryIndex{}, false
}

// ProtectedIndexKeys returns the attributes of the primary key, which must not be
// encrypted. They are what [AttributeActions.SetIndexKeys] takes.
func (d *TableDescription) ProtectedIndexKeys() []string {
	if d.SortKey == "" {
		return []string{d.PartitionKey}
	}
	return []string{d.PartitionKey, d.SortKey}
}

// EncryptionContextValues is what the encryption context of an item says of its
// table.
type EncryptionContextValues struct {
	TableName        string
	PartitionKeyName string
	SortKeyName      string // "" for a table without one
}

// EncryptionContextValues returns what the encryption context of the table's
// items says of it, if its logical name is its physical one.
func (d *TableDescription) EncryptionContextValues() EncryptionContextValues {
	return EncryptionContextValues{TableName: d.Name, PartitionKeyName: d.PartitionKey, SortKeyName: d.SortKey}
}

// Configure sets the names of the keys in c and, if it has none, the logical
// table name.
func (d *TableDescription) Configure(c *TableConfig) {
	if c.LogicalTableName == "" {
		c.LogicalTableName = d.Name
	}
	c.PartitionKeyName, c.SortKeyName = d.PartitionKey, d.SortKey
}

// whole reports whether the items of the index are whole items.
func (i *SecondaryIndex) whole() bool { return i.Projection == types.ProjectionTypeAll }

// keys returns the key attributes of the index, partition keys first.
func (i *SecondaryIndex) keys() []string { return slices.Concat(i.PartitionKeys, i.SortKeys) }

// projects reports whether the items of the index have the attribute.
func (i *SecondaryIndex) projects(d *TableDescription, name string) bool {
	return i.whole() || slices.Contains(i.Included, name) || slices.Contains(i.keys(), name) || slices.Contains(d.ProtectedIndexKeys(), name)
}

// problems returns what fails or leaks with items as r makes them.
func (d *TableDescription) problems(r *records) []string {
	var problems []string
	fail := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if want := r.config.PartitionKeyName; d.PartitionKey != want {
		fail("its partition key is %q and the configured one is %q", d.PartitionKey, want)
	}
	if want := r.config.SortKeyName; d.SortKey != want {
		fail("its sort key is %q and the configured one is %q", d.SortKey, want)
	}
	for _, name := range d.ProtectedIndexKeys() {
		if b, ok := r.beacon(name); ok && !b.Encrypted() && d.keys[name] != types.ScalarAttributeTypeS {
			fail("its key %q is of type %s, and a signed beacon is of type S", name, d.keys[name])
		}
	}
	if r.config.PlaintextPolicy == crypto.InsecureForcePlaintextWrite {
		return problems // a table that is still to be encrypted is used with the indexes it has
	}
	for _, index := range d.Indexes {
		for _, name := range index.keys() {
			if why := r.unfitKey(name, d.keys[name]); why != "" {
				fail("index %q has the key %q, %s", index.Name, name, why)
			}
		}
	}
	return problems
}

// unfitKey returns why the attribute cannot be the key of a secondary index, or
// "".
func (r *records) unfitKey(name string, keyType types.ScalarAttributeType) string {
	b, isBeacon := r.beacon(name)
	switch {
	case isBeacon && !b.Stored():
		return "a beacon of style PartOnly, which is not stored: put the index on a compound beacon that it is a part of"
	case isBeacon && b.AsSet():
		return "a beacon of style AsSet, which is stored as a set: no index can be on it"
	case isBeacon && name != b.Attribute():
		return fmt.Sprintf("which is the name of a beacon that is stored as %q: put the index on that", b.Attribute())
	case isBeacon && keyType != types.ScalarAttributeTypeS:
		return fmt.Sprintf("which is a beacon, of type %s: beacons are of type S", keyType)
	case isBeacon:
		return ""
	case attribute.Reserved(name):
		return "which is not a beacon of the configuration"
	case r.encrypts(name):
		return "which is encrypted: put the index on a beacon of it"
	default:
		return ""
	}
}

// described returns the description of the table, or nil if the client makes
// none. What would fail is an error.
func (c *Client) described(ctx context.Context, t *clientTable, opts []func(*dynamodb.Options)) (*TableDescription, error) {
	if !c.describe {
		return nil, nil
	}
	if d := t.description.Load(); d != nil {
		return d, nil
	}
	return c.redescribed(ctx, t, opts)
}

func (c *Client) redescribed(ctx context.Context, t *clientTable, opts []func(*dynamodb.Options)) (*TableDescription, error) {
	d, err := DescribeTable(ctx, c.db, t.name, opts...)
	if err != nil {
		return nil, err
	}
	if problems := d.problems(t.records); len(problems) > 0 {
		return nil, &TableMismatchError{Table: t.name, Problems: problems}
	}
	t.description.Store(d)
	return d, nil
}

// Describe returns the description of a configured table that the client works
// with. The caller must not change it.
func (c *Client) Describe(ctx context.Context, table string, opts ...func(*dynamodb.Options)) (*TableDescription, error) {
	t, err := c.lookup("Describe", &table)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return nil, &RequestError{Operation: "Describe", Table: table, Reason: "the table is not configured"}
	}
	return c.redescribed(ctx, t, opts)
}

// index returns the secondary index that a request names, or nil if it names none
// or DynamoDB knows none of this name, which it will say.
func (c *Client) index(ctx context.Context, t *clientTable, name *string, opts []func(*dynamodb.Options)) (*TableDescription, *SecondaryIndex, error) {
	d, err := c.described(ctx, t, opts)
	if d == nil || err != nil || name == nil {
		return d, nil, err
	}
	if i, ok := d.Index(*name); ok {
		return d, &i, nil
	}
	// It may be younger than the description.
	if d, err = c.redescribed(ctx, t, opts); err != nil {
		return nil, nil, err
	}
	if i, ok := d.Index(*name); ok {
		return d, &i, nil
	}
	return d, nil, nil
}

// Check describes every configured table and compares it with its configuration.
// It reports all that would fail or leak, which the client itself reports when a
// table is first used; a program calls it when it starts. It needs the permission
// dynamodb:DescribeTable. The error joins a [*TableMismatchError] for each table
// that differs.
//
// An index whose projection is not ALL is no error: its items take a second
// request. [Client.Describe] says what each index projects.
func (c *Client) Check(ctx context.Context, opts ...func(*dynamodb.Options)) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(c.tables)) {
		t := c.tables[name]
		d, err := DescribeTable(ctx, c.db, name, opts...)
		if err != nil {
			return err
		}
		if problems := d.problems(t.records); len(problems) > 0 {
			errs = append(errs, &TableMismatchError{Table: name, Problems: problems})
		}
	}
	return errors.Join(errs...)
}
