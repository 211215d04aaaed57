package enginetest_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/internal/enginetest"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

func createTable(t *testing.T, db *dynamodb.Client, name string) {
	t.Helper()
	_, err := db.CreateTable(context.Background(), &dynamodb.CreateTableInput{
		TableName:            &name,
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryTestBeginsWithAnEmptyEngine(t *testing.T) {
	for _, name := range []string{"first", "second"} {
		t.Run(name, func(t *testing.T) {
			createTable(t, enginetest.Open(t).DynamoDB, "Orders")
		})
	}
}

func TestEndpointKeepsTablesOfOthers(t *testing.T) {
	server := enginetest.OpenEmbedded(t, embedded.InMemory())
	web := httptest.NewServer(server.Embedded)
	defer web.Close()
	createTable(t, server.DynamoDB, "Others")

	t.Run("a test of its own", func(t *testing.T) {
		t.Setenv("DDBE_TEST_ENDPOINT", web.URL)
		createTable(t, enginetest.Open(t).DynamoDB, "Orders")
	})

	list, err := server.DynamoDB.ListTables(context.Background(), &dynamodb.ListTablesInput{})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.TableNames) != 1 || list.TableNames[0] != "Others" {
		t.Errorf("tables after the test: %v, want only Others", list.TableNames)
	}
	_, err = server.DynamoDB.DescribeTable(context.Background(), &dynamodb.DescribeTableInput{TableName: aws.String("Orders")})
	var gone *types.ResourceNotFoundException
	if !errors.As(err, &gone) {
		t.Errorf("DescribeTable of a deleted table: %v, want ResourceNotFoundException", err)
	}
}
