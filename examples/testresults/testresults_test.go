package testresults_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/examples/testresults"
	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

func open(ctx context.Context, client *dynamodb.Client) (*testresults.TestResultRepository, error) {
	name := func(attribute string, t types.ScalarAttributeType) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: &attribute, AttributeType: t}
	}
	key := func(attribute string, kind types.KeyType) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: &attribute, KeyType: kind}
	}
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:   aws.String("TestResults"),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			name("customer_id", types.ScalarAttributeTypeS),
			name("create_time", types.ScalarAttributeTypeN),
			name("aws_dbe_b_stateAndHasTestResult", types.ScalarAttributeTypeS),
		},
		KeySchema: []types.KeySchemaElement{key("customer_id", types.KeyTypeHash), key("create_time", types.KeyTypeRange)},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName:  aws.String("stateAndHasTestResult-index"),
			KeySchema:  []types.KeySchemaElement{key("aws_dbe_b_stateAndHasTestResult", types.KeyTypeHash)},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	})
	if err != nil {
		return nil, err
	}
	keyring, err := raw.NewAES("example", "key", crypto.NewKey([]byte(strings.Repeat("k", 32))))
	if err != nil {
		return nil, err
	}
	keys := branchkey.NewMemory()
	if _, err := keys.Create("results"); err != nil {
		return nil, err
	}
	return testresults.NewTestResultRepository(ctx, client, keyring, ddbe.WithKeyStore(keys, "results"))
}

func ExampleTestResultRepository() {
	ctx := context.Background()
	engine, err := embedded.Open(embedded.InMemory())
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	repo, err := open(ctx, engine.DynamoDB())
	if err != nil {
		log.Fatal(err)
	}
	withResult := &testresults.TestResult{CustomerID: "ABC-123", CreateTime: 1681495205, State: "CA", HasTestResult: true}
	without := &testresults.TestResult{CustomerID: "DEF-456", CreateTime: 1681495205, State: "CA"}
	for _, result := range []*testresults.TestResult{withResult, without} {
		if err := repo.Put(ctx, result); err != nil {
			log.Fatal(err)
		}
		resolved, err := repo.ResolveAttributes(result)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(resolved.VirtualFields["stateAndHasTestResult"])
	}
	for result, err := range repo.QueryByStateAndHasTestResult(ctx, "CA", true) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(result.CustomerID)
	}
	// Output:
	// CAt
	// CAf
	// ABC-123
}

func TestNoOtherStateIsFound(t *testing.T) {
	engine, err := embedded.Open(embedded.InMemory())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	repo, err := open(t.Context(), engine.DynamoDB())
	if err != nil {
		t.Fatal(err)
	}
	// 32 beacon values for 100 states: collisions are certain.
	for i := range int64(100) {
		state := fmt.Sprintf("%02d", i)
		if err := repo.Put(t.Context(), &testresults.TestResult{CustomerID: state, CreateTime: i, State: state}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 100 {
		state := fmt.Sprintf("%02d", i)
		found := 0
		for result, err := range repo.QueryByStateAndHasTestResult(t.Context(), state, false) {
			if err != nil {
				t.Fatal(err)
			}
			if found++; result.State != state {
				t.Errorf("looking for %s, found %s", state, result.State)
			}
		}
		if found != 1 {
			t.Errorf("looking for %s, found %d items", state, found)
		}
	}
}
