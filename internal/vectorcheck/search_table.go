package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/codec"
)

// searchTable is a table of a vector, opened as a generated repository opens
// its own. Its DynamoDB is one item.
type searchTable struct {
	table    *runtime.Table[row]
	names    []string // of the attributes that a row can hold
	db       *oneItem
	keys     []string // of the primary key
	keyField string   // of a multi-tenant table
}

// row is the struct of the table: any value for each of its attributes.
type row struct{ values []*cell }

// cell is one attribute of a row.
type cell struct{ value types.AttributeValue }

// MarshalDynamoDBAttributeValue implements attributevalue.Marshaler.
func (c cell) MarshalDynamoDBAttributeValue() (types.AttributeValue, error) { return c.value, nil }

// UnmarshalDynamoDBAttributeValue implements attributevalue.Unmarshaler.
func (c *cell) UnmarshalDynamoDBAttributeValue(value types.AttributeValue) error {
	c.value = value
	return nil
}

// rowFields are the fields of a row with these attributes.
func rowFields(names []string) []codec.Field[row] {
	fields := make([]codec.Field[row], len(names))
	for i, name := range names {
		whole := codec.NewField(name, codec.Custom[cell, *cell](), func(c *cell) *cell { return c })
		// An embedded pointer that is nil leaves its field out of the item.
		fields[i] = codec.Via(func(r *row) **cell {
			if r.values == nil {
				r.values = make([]*cell, len(names))
			}
			return &r.values[i]
		}, whole)
	}
	return fields
}

func (t *searchTable) row(i item) (*row, error) {
	r := &row{make([]*cell, len(t.names))}
	for name, value := range i {
		at, found := slices.BinarySearch(t.names, name)
		if !found {
			return nil, fmt.Errorf("%w: attribute %q in an item", errNotCovered, name)
		}
		r.values[at] = &cell{value}
	}
	return r, nil
}

func (t *searchTable) item(r *row) item {
	i := item{}
	for at, c := range r.values {
		if c != nil {
			i[t.names[at]] = c.value
		}
	}
	return i
}

// put returns what a write of plain stores.
func (t *searchTable) put(ctx context.Context, plain item) (item, error) {
	r, err := t.row(plain)
	if err != nil {
		return nil, err
	}
	before := maps.Clone(plain)
	if err := t.table.Put(ctx, r); err != nil {
		return nil, err
	}
	if !equalItems(before, plain) {
		return nil, fmt.Errorf("%w: the caller's item was changed", errWrongAnswer)
	}
	return t.db.stored, nil
}

// get returns what a read of stored returns.
func (t *searchTable) get(ctx context.Context, stored item) (item, error) {
	key := item{}
	for _, name := range t.keys {
		key[name] = stored[name]
	}
	probe, err := t.row(key)
	if err != nil {
		return nil, err
	}
	t.db.stored = stored
	r, err := t.table.Get(ctx, probe)
	if err != nil {
		return nil, err
	}
	return t.item(r), nil
}

func (t *searchTable) resolve(plain item) (*runtime.ResolvedAttributes, error) {
	r, err := t.row(plain)
	if err != nil {
		return nil, err
	}
	return t.table.ResolveAttributes(r)
}

// oneItem is a DynamoDB that holds the item that was put last.
type oneItem struct{ stored item }

var errOneItem = errors.New("this DynamoDB only puts and gets an item")

func (o *oneItem) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	o.stored = in.Item
	return &dynamodb.PutItemOutput{}, nil
}

func (o *oneItem) GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	return &dynamodb.GetItemOutput{Item: o.stored}, nil
}

func (o *oneItem) DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	return nil, errOneItem
}

func (o *oneItem) DeleteItem(context.Context, *dynamodb.DeleteItemInput, ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	return nil, errOneItem
}

func (o *oneItem) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return nil, errOneItem
}
