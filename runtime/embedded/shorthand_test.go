package embedded_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"github.com/ddbegen/ddbegen/internal/enginetest"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
func num(n int) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.Itoa(n)}
}

// item takes names and values in turn.
func item(pairs ...any) map[string]types.AttributeValue {
	it := map[string]types.AttributeValue{}
	for i := 0; i < len(pairs); i += 2 {
		it[pairs[i].(string)] = pairs[i+1].(types.AttributeValue)
	}
	return it
}

// key takes names and types of the partition key and the sort key in turn.
func key(pairs ...string) [][2]string {
	var k [][2]string
	for i := 0; i < len(pairs); i += 2 {
		k = append(k, [2]string{pairs[i], pairs[i+1]})
	}
	return k
}

func onDemand(name string, k [][2]string) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest}
	for i, d := range k {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: aws.String(d[0]), AttributeType: types.ScalarAttributeType(d[1]),
		})
		in.KeySchema = append(in.KeySchema, types.KeySchemaElement{
			AttributeName: aws.String(d[0]), KeyType: []types.KeyType{types.KeyTypeHash, types.KeyTypeRange}[i],
		})
	}
	return in
}

// openWith returns an engine in memory with one table.
func openWith(t testing.TB, in *dynamodb.CreateTableInput, options ...embedded.Option) (*dynamodb.Client, *embedded.Engine) {
	t.Helper()
	e := enginetest.OpenEmbedded(t, embedded.InMemory(), options...)
	if _, err := e.DynamoDB.CreateTable(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	return e.DynamoDB, e.Embedded
}

// want fails unless err is of the service with this code and has text in its
// message; an empty code wants no error.
func want(t testing.TB, err error, code, text string) {
	t.Helper()
	if code == "" {
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	var e smithy.APIError
	if !errors.As(err, &e) || e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), text) {
		t.Errorf("got %v, want %s: …%s…", err, code, text)
	}
}

func asError[E error](err error, target *E) bool { return errors.As(err, target) }
