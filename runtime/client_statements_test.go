package runtime_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
)

func TestClientRefusesStatements(t *testing.T) {
	e := newEncrypted(t, nil)
	for statement, want := range map[string]string{
		`SELECT * FROM "people-prod"`:                                   "PartiQL",
		`SELECT * FROM "PEOPLE-PROD"`:                                   "PartiQL",
		`INSERT INTO "arn:aws:dynamodb:r:1:table/people-prod" VALUE {}`: "PartiQL",
		`SELECT * FROM "arn:x"`:                                         "ARN",
		`SELECT 1`:                                                      "cannot be told",
	} {
		e.refusedBeforeAnyCall(t, want, func() error {
			_, err := e.client.ExecuteStatement(t.Context(), &dynamodb.ExecuteStatementInput{Statement: &statement})
			return err
		})
		other := aws.String("SELECT * FROM Other")
		e.refusedBeforeAnyCall(t, want, func() error {
			_, err := e.client.BatchExecuteStatement(t.Context(), &dynamodb.BatchExecuteStatementInput{Statements: []types.BatchStatementRequest{{Statement: other}, {Statement: &statement}}})
			return err
		})
		e.refusedBeforeAnyCall(t, want, func() error {
			_, err := e.client.ExecuteTransaction(t.Context(), &dynamodb.ExecuteTransactionInput{TransactStatements: []types.ParameterizedStatement{{Statement: other}, {Statement: &statement}}})
			return err
		})
	}
	// The engine knows no PartiQL: its own refusal says that the statement got there.
	_, err := e.client.ExecuteStatement(t.Context(), &dynamodb.ExecuteStatementInput{Statement: aws.String("SELECT * FROM Other")})
	if err == nil || strings.Contains(err.Error(), "ddbe:") || e.engine.Calls()["ExecuteStatement"] != 1 {
		t.Errorf("a statement on another table: %v", err)
	}
}

func TestClientRefusesWhatCarriesItemsElsewhere(t *testing.T) {
	e := newEncrypted(t, nil)
	e.refusedBeforeAnyCall(t, "vector index", func() error {
		_, err := e.client.SearchVectors(t.Context(), &dynamodb.SearchVectorsInput{TableName: aws.String(people)})
		return err
	})
	e.refusedBeforeAnyCall(t, "bucket", func() error {
		_, err := e.client.StartBulkPutItems(t.Context(), &dynamodb.StartBulkPutItemsInput{TableName: aws.String(people)})
		return err
	})
	for want, filter := range map[string]types.FilterSpecification{
		`"email"`:    {FilterExpression: aws.String("email = :v"), ExpressionAttributeValues: ddbe.Item{":v": s("x")}},
		`"city"`:     {KeyConditionExpression: aws.String("#c = :v"), ExpressionAttributeNames: map[string]string{"#c": "city"}, ExpressionAttributeValues: ddbe.Item{":v": s("x")}},
		"projection": {ProjectionExpression: aws.String("team")},
	} {
		e.refusedBeforeAnyCall(t, want, func() error {
			_, err := e.client.ExportTableToPointInTime(t.Context(), &dynamodb.ExportTableToPointInTimeInput{
				TableArn: aws.String("arn:aws:dynamodb:r:1:table/" + people), S3Bucket: aws.String("b"), FilterSpecification: &filter,
			})
			return err
		})
	}
}
