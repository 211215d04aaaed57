// Command workshop is the large example of AWS's workshop on searchable
// encryption, on the encrypted client: one table with six kinds of records,
// fifteen standard and seven compound beacons, four indexes and 23 access
// patterns. It runs on the embedded engine, without an account or a network.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/hierarchical"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "workshop:", err)
		os.Exit(1)
	}
}

// run fills the table and asks every question.
func run(ctx context.Context, w io.Writer) (err error) {
	engine, err := embedded.Open(embedded.InMemory())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	client, err := open(ctx, engine.DynamoDB())
	if err != nil {
		return err
	}
	if err := fill(ctx, client); err != nil {
		return err
	}
	for i, p := range accessPatterns() {
		found, err := p.ask(ctx, client)
		if err != nil {
			return fmt.Errorf("query %d, %s: %w", i+1, p.question, err)
		}
		fmt.Fprintf(w, "%2d %-55s %s\n", i+1, p.question, strings.Join(found, " "))
	}
	return nil
}

// open creates the table and returns a client that encrypts it.
func open(ctx context.Context, db *dynamodb.Client) (*ddbe.Client, error) {
	keys := branchkey.NewMemory()
	if _, err := keys.Create(branchKey); err != nil {
		return nil, err
	}
	keyring, err := hierarchical.New(keys, hierarchical.Static(branchKey), time.Hour)
	if err != nil {
		return nil, err
	}
	client, err := ddbe.NewClient(db, map[string]ddbe.TableConfig{table: tableConfig(keyring, keys)})
	if err != nil {
		return nil, err
	}
	if _, err := client.CreateTable(ctx, tableInput()); err != nil {
		return nil, err
	}
	return client, client.Check(ctx)
}

func fill(ctx context.Context, client *ddbe.Client) error {
	var puts []types.WriteRequest
	for _, r := range records() {
		puts = append(puts, types.WriteRequest{PutRequest: &types.PutRequest{Item: r.item}})
	}
	out, err := client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: puts}})
	if err == nil && len(out.UnprocessedItems) > 0 {
		err = errors.New("the table has no capacity for its items")
	}
	return err
}

// reserved are the attributes whose names are words of DynamoDB.
var reserved = map[string]string{"#Duration": "Duration", "#Role": "Role"}

// ask returns the keys of the items that answer the question, in order.
func (p accessPattern) ask(ctx context.Context, client *ddbe.Client) ([]string, error) {
	in := &dynamodb.QueryInput{
		TableName: aws.String(table), IndexName: &p.index,
		KeyConditionExpression: &p.key, ExpressionAttributeValues: p.values,
	}
	if p.filter != "" {
		in.FilterExpression = &p.filter
	}
	for alias, name := range reserved {
		if strings.Contains(p.filter, alias) {
			in.ExpressionAttributeNames = map[string]string{alias: name}
		}
	}
	var found []string
	for pages := dynamodb.NewQueryPaginator(client, in); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, it := range page.Items {
			if key, ok := it["partition_key"].(*types.AttributeValueMemberS); ok {
				found = append(found, key.Value)
			}
		}
	}
	slices.Sort(found)
	return found, nil
}
