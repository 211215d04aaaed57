package runtime_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
)

// What DynamoDB would refuse anyway must not be sent to it first: the request
// may hold plaintext of attributes that the table has encrypted.
func TestClientSendsNoPlaintextThatWouldBeRefused(t *testing.T) {
	e := newEncrypted(t, nil)
	e.put(alice())
	// The description of the table is read before the first refusal.
	ctx := t.Context()
	table, whole := aws.String(people), alice()
	unused := ddbe.Item{":s": s("alice@example.org")}
	sized := aws.String("size(seen) > size(:s)")
	for what, call := range map[string]func() error{
		"GetItem by the whole item": func() error {
			_, err := e.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: table, Key: whole})
			return err
		},
		"DeleteItem by the whole item": func() error {
			_, err := e.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: table, Key: whole})
			return err
		},
		"UpdateItem by the whole item": func() error {
			_, err := e.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: table, Key: whole})
			return err
		},
		"BatchGetItem by the whole item": func() error {
			_, err := e.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{people: {Keys: []ddbe.Key{whole}}}})
			return err
		},
		"BatchWriteItem that deletes by the whole item": func() error {
			_, err := e.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
				people: {{DeleteRequest: &types.DeleteRequest{Key: whole}}},
			}})
			return err
		},
		"TransactGetItems by the whole item": func() error {
			_, err := e.client.TransactGetItems(ctx, &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{{Get: &types.Get{TableName: table, Key: whole}}}})
			return err
		},
		"TransactWriteItems that deletes by the whole item": func() error {
			_, err := e.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{{Delete: &types.Delete{TableName: table, Key: whole}}}})
			return err
		},
		"Scan from the whole item": func() error {
			_, err := e.client.Scan(ctx, &dynamodb.ScanInput{TableName: table, ExclusiveStartKey: whole})
			return err
		},
		"Query from the whole item": func() error {
			_, err := e.client.Query(ctx, &dynamodb.QueryInput{
				TableName: table, KeyConditionExpression: aws.String("team = :t"), ExpressionAttributeValues: ddbe.Item{":t": s("red")}, ExclusiveStartKey: whole,
			})
			return err
		},
		"a value that nothing uses": func() error {
			_, err := e.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
				TableName: table, Key: keyOf(whole), ConditionExpression: aws.String("attribute_exists(seen)"), ExpressionAttributeValues: unused,
			})
			return err
		},
		"a value without any expression": func() error {
			_, err := e.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: whole, ExpressionAttributeValues: unused})
			return err
		},
		"the size of a value": func() error {
			_, err := e.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: table, Item: whole, ConditionExpression: sized, ExpressionAttributeValues: unused})
			return err
		},
		"a table name with a space": func() error {
			_, err := e.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(" " + people), Item: whole})
			return err
		},
		"an ARN with a space": func() error {
			_, err := e.client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("arn:aws:dynamodb:us-east-1:000000000000:table/" + people + " "), Item: whole})
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			before := e.engine.Calls()
			err := call()
			refused := (*ddbe.RequestError)(nil)
			if !errors.As(err, &refused) {
				t.Errorf("got %v, want a RequestError", err)
			}
			if err != nil && strings.Contains(err.Error(), "alice@") {
				t.Errorf("the error holds the plaintext: %v", err)
			}
			for operation, n := range e.engine.Calls() {
				if operation != "DescribeTable" && n > before[operation] {
					t.Errorf("%s was sent", operation)
				}
			}
		})
	}
}

func TestClientWithoutTablesIsRefused(t *testing.T) {
	e := newEncrypted(t, nil)
	if _, err := ddbe.NewClient(e.db, nil); err == nil {
		t.Error("a client that encrypts nothing was made")
	}
}
