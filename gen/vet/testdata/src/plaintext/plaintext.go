// Package plaintext makes and writes items of the tables of package store.
package plaintext

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	ddbe "github.com/ddbegen/ddbegen/runtime"

	"store"
)

type note struct{ Text string }

const table = "prod-customers"

func marshals(c *store.Customer, all []store.Customer, byID map[string]*store.Customer) {
	_, _ = attributevalue.MarshalMap(c)              // want `this item of Customer is plain text, and the table prod-customers is encrypted \[plaintext-item\]\n\tuse CustomerRepository, or give the item to a ddbe.Client or a ddbe.ItemEncryptor`
	_, _ = attributevalue.MarshalMap(*c)             // want `plaintext-item`
	_, _ = attributevalue.Marshal(all)               // want `plaintext-item`
	_, _ = attributevalue.Marshal(byID)              // want `plaintext-item`
	_, _ = attributevalue.NewEncoder().Encode(c)     // want `plaintext-item`
	_, _ = attributevalue.MarshalMap(store.Region{}) // want `this item of Region is plain text`
}

// copied is a customer by its fields and tags.
type copied store.Customer

// page holds customers, and summary does where attributevalue does not look.
type (
	page struct {
		Next string
		list
	}
	list    struct{ Customers []*store.Customer }
	summary struct {
		Total int
		First *store.Customer `dynamodbav:"-"`
		last  store.Customer
		Pages []summary
	}
)

func marshalsInside(c *store.Customer) {
	_, _ = attributevalue.MarshalMap(copied(*c))                     // want `this item of Customer is plain text`
	_, _ = attributevalue.MarshalMap(page{})                         // want `this item of Customer is plain text`
	_, _ = attributevalue.MarshalMap(struct{ X []store.Customer }{}) // want `this item of Customer is plain text`
	_, _ = attributevalue.MarshalMap(map[string][]copied{})          // want `this item of Customer is plain text`
	_, _ = attributevalue.MarshalMap(summary{})
}

func marshalsOther(n note) {
	_, _ = attributevalue.MarshalMap(n)
	_, _ = attributevalue.Marshal("text")
}

func unmarshals(item map[string]types.AttributeValue) (c store.Customer, err error) {
	return c, attributevalue.UnmarshalMap(item, &c)
}

func writes(ctx context.Context, db *dynamodb.Client, c *store.Customer) error {
	item, err := attributevalue.MarshalMap(c) // want `plaintext-item`
	if err != nil {
		return err
	}
	return db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("elsewhere"), Item: item}) // want `dynamodb.Client.PutItem writes an item of Customer unencrypted \[raw-write\]\n\tuse CustomerRepository or a ddbe.Client`
}

func writesLater(ctx context.Context, db *dynamodb.Client, c *store.Customer) error {
	in := new(dynamodb.PutItemInput)
	in.Item, _ = attributevalue.MarshalMap(c) // want `plaintext-item`
	return db.PutItem(ctx, in)                // want `raw-write`
}

func writesMany(ctx context.Context, db *dynamodb.Client, all []*store.Customer) error {
	var requests []types.WriteRequest
	for _, c := range all {
		item, err := attributevalue.MarshalMap(c) // want `plaintext-item`
		if err != nil {
			return err
		}
		requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
	}
	return db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"elsewhere": requests}}) // want `raw-write`
}

func byName(ctx context.Context, db *dynamodb.Client, item map[string]types.AttributeValue) error {
	in := &dynamodb.UpdateItemInput{TableName: aws.String(table)}
	if err := db.UpdateItem(ctx, in); err != nil { // want `dynamodb.Client.UpdateItem writes to the encrypted table prod-customers past its encryption \[raw-write\]`
		return err
	}
	requests := map[string][]types.WriteRequest{table: nil}
	if err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: requests}); err != nil {
		return err // a map that is made elsewhere is not looked into
	}
	if err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: nil}}); err != nil { // want `raw-write`
		return err
	}
	return db.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{ // want `raw-write`
		{Put: &types.Put{TableName: aws.String(table), Item: item}},
	}})
}

func byAssignedName(ctx context.Context, db *dynamodb.Client, item map[string]types.AttributeValue) error {
	in := &dynamodb.UpdateItemInput{}
	in.TableName = aws.String(table)
	if err := db.UpdateItem(ctx, in); err != nil { // want `raw-write`
		return err
	}
	var put dynamodb.PutItemInput
	put.TableName, put.Item = aws.String(table), item
	if err := db.PutItem(ctx, &put); err != nil { // want `raw-write`
		return err
	}
	elsewhere := &dynamodb.PutItemInput{TableName: aws.String(table), Item: item}
	elsewhere.TableName = aws.String("notes")
	if err := db.PutItem(ctx, elsewhere); err != nil {
		return err
	}
	either := &dynamodb.PutItemInput{Item: item}
	for _, name := range []*string{aws.String("notes"), aws.String("drafts")} {
		either.TableName = name
		if err := db.PutItem(ctx, either); err != nil {
			return err
		}
	}
	either.TableName = aws.String(table)
	return nil
}

func writesOther(ctx context.Context, db *dynamodb.Client, n note) error {
	item, err := attributevalue.MarshalMap(n)
	if err != nil {
		return err
	}
	if err := db.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(table)}); err != nil {
		return err
	}
	return db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("notes"), Item: item})
}

func encrypts(ctx context.Context, db *dynamodb.Client, client *ddbe.Client, encryptor *ddbe.ItemEncryptor, c *store.Customer) error {
	item, err := attributevalue.MarshalMap(c)
	if err != nil {
		return err
	}
	if err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(table), Item: item}); err != nil {
		return err
	}
	encrypted, err := encryptor.EncryptItem(ctx, item)
	if err != nil {
		return err
	}
	return db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("copies"), Item: encrypted})
}
