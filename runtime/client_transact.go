package runtime

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TransactGetItems reads items in one transaction and decrypts them. Projections
// are applied to the decrypted items.
func (c *Client) TransactGetItems(ctx context.Context, in *dynamodb.TransactGetItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactGetItemsOutput, error) {
	if in == nil {
		in = &dynamodb.TransactGetItemsInput{}
	}
	const operation = "TransactGetItems"
	request := *in
	request.TransactItems = slices.Clone(in.TransactItems)
	tables := make([]*clientTable, len(in.TransactItems))
	projections := make([]*projection, len(in.TransactItems))
	configured := false
	for i := range request.TransactItems {
		get := request.TransactItems[i].Get
		if get == nil {
			continue
		}
		t, err := c.lookup(operation, get.TableName)
		if err != nil {
			return nil, err
		}
		if t == nil {
			continue
		}
		if _, err := c.described(ctx, t, opts); err != nil {
			return nil, err
		}
		if err := t.testKey(operation, get.Key); err != nil {
			return nil, err
		}
		if projections[i], err = readProjection(get.ProjectionExpression, get.ExpressionAttributeNames, nil); err != nil {
			return nil, &RequestError{Operation: operation, Table: t.name, Err: err}
		}
		tables[i], configured = t, true
		whole := *get
		whole.ProjectionExpression, whole.ExpressionAttributeNames = nil, nil
		request.TransactItems[i].Get = &whole
	}
	if !configured {
		return c.db.TransactGetItems(ctx, in, opts...)
	}
	out, err := c.db.TransactGetItems(ctx, &request, opts...)
	if err != nil {
		return nil, openCancelled(ctx, tables, err)
	}
	if out == nil || len(out.Responses) == 0 {
		return out, nil
	}
	if len(out.Responses) != len(in.TransactItems) {
		return nil, fmt.Errorf("ddbe: %s: DynamoDB returned %d items for a request of %d: whose they are cannot be told", operation, len(out.Responses), len(in.TransactItems))
	}
	response := *out
	response.Responses = append([]types.ItemResponse(nil), out.Responses...)
	err = parallel(ctx, len(tables), func(ctx context.Context, i int) error {
		if tables[i] == nil || len(out.Responses[i].Item) == 0 {
			return nil
		}
		item, err := tables[i].openItem(ctx, out.Responses[i].Item)
		response.Responses[i].Item = projections[i].of(item)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &response, nil
}

// TransactWriteItems writes in one transaction. A Put is encrypted; conditions
// and updates hold to the rules of [Client.PutItem] and [Client.UpdateItem].
// Encrypting is not repeatable: a call that is made again with the same
// ClientRequestToken is another request to DynamoDB, which refuses it. Retries
// within one call are not concerned.
func (c *Client) TransactWriteItems(ctx context.Context, in *dynamodb.TransactWriteItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error) {
	if in == nil {
		in = &dynamodb.TransactWriteItemsInput{}
	}
	request := *in
	request.TransactItems = slices.Clone(in.TransactItems)
	tables := make([]*clientTable, len(in.TransactItems))
	var puts []int
	for i := range in.TransactItems {
		t, err := c.checkTransactWrite(ctx, &in.TransactItems[i], opts)
		if err != nil {
			return nil, fmt.Errorf("element %d of the transaction: %w", i+1, err)
		}
		tables[i] = t
		if t != nil && in.TransactItems[i].Put != nil && !t.writesPlaintext() {
			puts = append(puts, i)
		}
	}
	err := parallel(ctx, len(puts), func(ctx context.Context, n int) error {
		i := puts[n]
		put := *in.TransactItems[i].Put
		item, err := tables[i].seal(ctx, put.Item)
		put.Item = item
		request.TransactItems[i].Put = &put
		return err
	})
	if err != nil {
		return nil, err
	}
	out, err := c.db.TransactWriteItems(ctx, &request, opts...)
	if err != nil {
		return nil, openCancelled(ctx, tables, err)
	}
	return out, nil
}

// checkTransactWrite checks one element of a transaction and returns its table,
// or nil if that is not configured.
func (c *Client) checkTransactWrite(ctx context.Context, item *types.TransactWriteItem, opts []func(*dynamodb.Options)) (*clientTable, error) {
	const operation = "TransactWriteItems"
	var table *clientTable
	members := 0
	check := func(name *string, test func(*clientTable) error) error {
		members++
		t, err := c.lookup(operation, name)
		if err != nil || t == nil {
			return err
		}
		if _, err := c.described(ctx, t, opts); err != nil {
			return err
		}
		table = t
		return test(t)
	}
	if p := item.Put; p != nil {
		err := check(p.TableName, func(t *clientTable) error {
			if t.writesPlaintext() {
				return nil
			}
			return t.testExpressions(operation, p.ExpressionAttributeNames, p.ExpressionAttributeValues, nil, p.ConditionExpression)
		})
		if err != nil {
			return nil, err
		}
	}
	if u := item.Update; u != nil {
		err := check(u.TableName, func(t *clientTable) error {
			if err := t.testKey(operation, u.Key); err != nil {
				return err
			}
			return t.testExpressions(operation, u.ExpressionAttributeNames, u.ExpressionAttributeValues, u.UpdateExpression, u.ConditionExpression)
		})
		if err != nil {
			return nil, err
		}
	}
	if d := item.Delete; d != nil {
		err := check(d.TableName, func(t *clientTable) error {
			if err := t.testKey(operation, d.Key); err != nil {
				return err
			}
			return t.testExpressions(operation, d.ExpressionAttributeNames, d.ExpressionAttributeValues, nil, d.ConditionExpression)
		})
		if err != nil {
			return nil, err
		}
	}
	if k := item.ConditionCheck; k != nil {
		err := check(k.TableName, func(t *clientTable) error {
			if err := t.testKey(operation, k.Key); err != nil {
				return err
			}
			return t.testExpressions(operation, k.ExpressionAttributeNames, k.ExpressionAttributeValues, nil, k.ConditionExpression)
		})
		if err != nil {
			return nil, err
		}
	}
	// Of an element with two members the table of an item in an error could not be
	// told; DynamoDB refuses it, too.
	if members != 1 {
		return nil, &RequestError{Operation: operation, Reason: fmt.Sprintf("it has %d of Put, Update, Delete and ConditionCheck, and it takes exactly one", members)}
	}
	return table, nil
}
