// Package app misuses a table struct of another package, with the genuine SDK.
package app

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/testdata/golden/ok/customer"
)

// Leak writes and prints a customer in plain text.
func Leak(ctx context.Context, db *dynamodb.Client, repo *customer.CustomerRepository, c *customer.Customer) error {
	item, err := attributevalue.MarshalMap(c)
	if err != nil {
		return err
	}
	if _, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("Customers"), Item: item}); err != nil {
		return err
	}
	slog.InfoContext(ctx, "written", "customers", []*customer.Customer{c})
	return repo.Put(context.Background(), c)
}

// Keep does the same as it should be done.
func Keep(ctx context.Context, client *ddbe.Client, repo *customer.CustomerRepository, c *customer.Customer) error {
	item, err := attributevalue.MarshalMap(c)
	if err != nil {
		return err
	}
	if _, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("Customers"), Item: item}); err != nil {
		return err
	}
	fmt.Println(c)
	slog.InfoContext(ctx, "written", "customer", c)
	return repo.Put(ctx, c)
}
