package runtime_test

import (
	"context"
	"fmt"
	"log"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/hierarchical"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

// The client takes the place of the SDK's. What it writes to the table "books" is
// encrypted, and what it reads is decrypted; the rest of the program is as it was.
func ExampleNewClient() {
	ctx := context.Background()
	engine, err := embedded.Open(embedded.InMemory()) // in production: DynamoDB
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	keys := branchkey.NewMemory() // in production: a key store of package keystore
	if _, err := keys.Create("books"); err != nil {
		log.Fatal(err)
	}
	keyring, err := hierarchical.New(keys, hierarchical.Static("books"), time.Hour)
	if err != nil {
		log.Fatal(err)
	}

	db := engine.DynamoDB()
	client, err := ddbe.NewClient(db, map[string]ddbe.TableConfig{
		"books": {
			LogicalTableName:          "Books",
			PartitionKeyName:          "isbn",
			DefaultAction:             attribute.EncryptAndSign,
			AttributeActionsOnEncrypt: map[string]attribute.Action{"year": attribute.SignOnly},
			Suite:                     crypto.SuiteHMAC,
			Keyring:                   keyring,
			Search: &ddbe.SearchConfig{
				KeyStore: keys, BranchKeyID: "books",
				Beacons: beacon.Config{Standard: []beacon.Standard{{Name: "author", Length: 16}}},
			},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	_, err = client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:   aws.String("books"),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("isbn"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("aws_dbe_b_author"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("isbn"), KeyType: types.KeyTypeHash}},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName:  aws.String("by-author"),
			KeySchema:  []types.KeySchemaElement{{AttributeName: aws.String("aws_dbe_b_author"), KeyType: types.KeyTypeHash}},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}

	_, err = client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("books"), Item: map[string]types.AttributeValue{
		"isbn":   &types.AttributeValueMemberS{Value: "978-0"},
		"author": &types.AttributeValueMemberS{Value: "Ursula"},
		"title":  &types.AttributeValueMemberS{Value: "The Dispossessed"},
		"year":   &types.AttributeValueMemberN{Value: "1974"},
	}})
	if err != nil {
		log.Fatal(err)
	}
	found, err := client.Query(ctx, &dynamodb.QueryInput{
		TableName:                 aws.String("books"),
		IndexName:                 aws.String("by-author"),
		KeyConditionExpression:    aws.String("author = :author"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":author": &types.AttributeValueMemberS{Value: "Ursula"}},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, item := range found.Items {
		fmt.Println(item["title"].(*types.AttributeValueMemberS).Value)
	}

	stored, err := db.Scan(ctx, &dynamodb.ScanInput{TableName: aws.String("books")})
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(stored.Items[0])) {
		fmt.Printf("%s %T\n", name, stored.Items[0][name])
	}
	// Output:
	// The Dispossessed
	// author *types.AttributeValueMemberB
	// aws_dbe_b_author *types.AttributeValueMemberS
	// aws_dbe_foot *types.AttributeValueMemberB
	// aws_dbe_head *types.AttributeValueMemberB
	// isbn *types.AttributeValueMemberS
	// title *types.AttributeValueMemberB
	// year *types.AttributeValueMemberN
}
