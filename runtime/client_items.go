package runtime

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// begin begins an operation on one table. It returns nil if the table is not
// configured.
func (c *Client) begin(ctx context.Context, operation string, name *string, in any, opts []func(*dynamodb.Options)) (*clientTable, error) {
	t, err := c.lookup(operation, name)
	if t == nil || err != nil {
		return nil, err
	}
	if err := refuseLegacy(operation, t, in); err != nil {
		return nil, err
	}
	if _, err := c.described(ctx, t, opts); err != nil {
		return nil, err
	}
	return t, nil
}

// writesPlaintext reports whether the policy of the table is to write items as
// they are.
func (t *clientTable) writesPlaintext() bool {
	return t.records.config.PlaintextPolicy == crypto.InsecureForcePlaintextWrite
}

// seal returns item as it is stored.
func (t *clientTable) seal(ctx context.Context, item Item) (Item, error) {
	stored, err := t.records.seal(ctx, item)
	if err != nil {
		return nil, &ItemError{Op: "encrypt", Key: t.records.keyOf(item), Err: err}
	}
	return stored, nil
}

// PutItem encrypts the item and writes it. Its condition is evaluated on the
// stored item, so that it can ask of an encrypted attribute only whether it is
// there and its size.
func (c *Client) PutItem(ctx context.Context, in *dynamodb.PutItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	if in == nil {
		in = &dynamodb.PutItemInput{}
	}
	const operation = "PutItem"
	t, err := c.lookup(operation, in.TableName)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return c.db.PutItem(ctx, in, opts...)
	}
	request := *in
	if !t.writesPlaintext() {
		if t, err = c.begin(ctx, operation, in.TableName, in, opts); err != nil {
			return nil, err
		}
		if err := t.testExpressions(operation, in.ExpressionAttributeNames, in.ExpressionAttributeValues, nil, in.ConditionExpression); err != nil {
			return nil, err
		}
		if request.Item, err = t.seal(ctx, in.Item); err != nil {
			return nil, err
		}
	}
	out, err := c.db.PutItem(ctx, &request, opts...)
	if err != nil {
		return nil, t.openFailure(ctx, err)
	}
	if out == nil || len(out.Attributes) == 0 {
		return out, nil
	}
	response := *out
	response.Attributes, err = t.openItem(ctx, out.Attributes)
	if err != nil {
		return nil, err
	}
	return &response, nil
}

// GetItem reads and decrypts an item. A projection is applied to the decrypted
// item: the signature is over all of it.
func (c *Client) GetItem(ctx context.Context, in *dynamodb.GetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error) {
	if in == nil {
		in = &dynamodb.GetItemInput{}
	}
	const operation = "GetItem"
	t, err := c.begin(ctx, operation, in.TableName, in, opts)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return c.db.GetItem(ctx, in, opts...)
	}
	if err := t.testKey(operation, in.Key); err != nil {
		return nil, err
	}
	project, err := readProjection(in.ProjectionExpression, in.ExpressionAttributeNames, in.AttributesToGet)
	if err != nil {
		return nil, &RequestError{Operation: operation, Table: t.name, Err: err}
	}
	request := *in
	if project != nil {
		request.ProjectionExpression, request.AttributesToGet, request.ExpressionAttributeNames = nil, nil, nil
	}
	out, err := c.db.GetItem(ctx, &request, opts...)
	if err != nil || out == nil || len(out.Item) == 0 {
		return out, err
	}
	item, err := t.openItem(ctx, out.Item)
	if err != nil {
		return nil, err
	}
	response := *out
	response.Item = project.of(item)
	return &response, nil
}

// UpdateItem updates attributes that are not signed, which is all that the server
// can do; those of the table's format and those that are signed are refused. It
// does not check that there is an item: like DynamoDB itself it makes one where
// there is none, which is then not encrypted and not readable by the client, so
// that a condition such as attribute_exists on the key is in place.
func (c *Client) UpdateItem(ctx context.Context, in *dynamodb.UpdateItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.UpdateItemOutput, error) {
	if in == nil {
		in = &dynamodb.UpdateItemInput{}
	}
	const operation = "UpdateItem"
	t, err := c.begin(ctx, operation, in.TableName, in, opts)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return c.db.UpdateItem(ctx, in, opts...)
	}
	if err := t.testKey(operation, in.Key); err != nil {
		return nil, err
	}
	if err := t.testExpressions(operation, in.ExpressionAttributeNames, in.ExpressionAttributeValues, in.UpdateExpression, in.ConditionExpression); err != nil {
		return nil, err
	}
	out, err := c.db.UpdateItem(ctx, in, opts...)
	if err != nil {
		return nil, t.openFailure(ctx, err)
	}
	if out == nil || len(out.Attributes) == 0 {
		return out, nil
	}
	switch in.ReturnValues {
	case types.ReturnValueAllOld, types.ReturnValueAllNew:
		response := *out
		if response.Attributes, err = t.openItem(ctx, out.Attributes); err != nil {
			return nil, err
		}
		return &response, nil
	default:
		for _, name := range slices.Sorted(maps.Keys(out.Attributes)) {
			if t.records.protects(name) {
				return nil, &ItemError{Op: "verify the updated", Key: in.Key, Err: fmt.Errorf("attribute %q is signed, and without the rest of the item it cannot be verified: ask for ALL_OLD or ALL_NEW", name)}
			}
		}
		return out, nil
	}
}

// DeleteItem deletes an item. Its condition is evaluated on the stored item, as
// that of [Client.PutItem] is.
func (c *Client) DeleteItem(ctx context.Context, in *dynamodb.DeleteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.DeleteItemOutput, error) {
	if in == nil {
		in = &dynamodb.DeleteItemInput{}
	}
	const operation = "DeleteItem"
	t, err := c.begin(ctx, operation, in.TableName, in, opts)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return c.db.DeleteItem(ctx, in, opts...)
	}
	if err := t.testKey(operation, in.Key); err != nil {
		return nil, err
	}
	if err := t.testExpressions(operation, in.ExpressionAttributeNames, in.ExpressionAttributeValues, nil, in.ConditionExpression); err != nil {
		return nil, err
	}
	out, err := c.db.DeleteItem(ctx, in, opts...)
	if err != nil {
		return nil, t.openFailure(ctx, err)
	}
	if out == nil || len(out.Attributes) == 0 {
		return out, nil
	}
	response := *out
	if response.Attributes, err = t.openItem(ctx, out.Attributes); err != nil {
		return nil, err
	}
	return &response, nil
}
