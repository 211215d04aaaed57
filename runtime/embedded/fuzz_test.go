package embedded_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/embedded"
)

var requestSeeds = []struct{ operation, body string }{
	{"CreateTable", `{"TableName":"New","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"}],"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],"LocalSecondaryIndexes":[{}]}`},
	{"DescribeTable", `{"TableName":"Orders"}`},
	{"UpdateTable", `{"TableName":"Orders","GlobalSecondaryIndexUpdates":[{"Delete":{"IndexName":"by-n"}}],"AttributeDefinitions":[{"AttributeName":"m","AttributeType":"N"}]}`},
	{"UpdateTable", `{"TableName":"Orders","GlobalSecondaryIndexUpdates":[{"Create":{"IndexName":"other","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}},{"Update":{"IndexName":"by-n"}}]}`},
	{"ListTables", `{"Limit":1,"ExclusiveStartTableName":"A"}`},
	{"UpdateTimeToLive", `{"TableName":"Orders","TimeToLiveSpecification":{"AttributeName":"ttl","Enabled":true}}`},
	{"PutItem", `{"TableName":"Orders","Item":{"id":{"S":"\u00e9"},"n":{"N":"1e2"},"l":{"L":[{"NULL":true},{"BS":["AA=="]}]}},"ConditionExpression":"NOT a BETWEEN :a AND b","ExpressionAttributeValues":{":a":{"SS":["x"]}}}`},
	{"GetItem", `{"TableName":"Orders","Key":{"id":{"S":"1"}},"ProjectionExpression":"a.b[1], #c","ExpressionAttributeNames":{"#c":"c"}}`},
	{"UpdateItem", `{"TableName":"Orders","Key":{"id":{"S":"1"}},"UpdateExpression":"SET a[3].b = list_append(c, :v) REMOVE l[0] ADD n :one DELETE s :v","ExpressionAttributeValues":{":v":{"L":[]},":one":{"N":"1"}},"ReturnValues":"UPDATED_NEW"}`},
	{"DeleteItem", `{"TableName":"arn:aws:dynamodb:us-east-1:000000000000:table/Orders","Key":{"id":{"S":"1"}}}`},
	{"Query", `{"TableName":"Orders","IndexName":"by-n","KeyConditionExpression":"n = :n","ExpressionAttributeValues":{":n":{"N":"1"}},"ExclusiveStartKey":{"id":{"S":"1"},"n":{"N":"1"}},"Limit":1,"ScanIndexForward":false}`},
	{"Scan", `{"TableName":"Orders","Segment":1,"TotalSegments":2,"Select":"COUNT","FilterExpression":"size(a) > n"}`},
	{"BatchGetItem", `{"RequestItems":{"Orders":{"Keys":[{"id":{"S":"1"}},null],"ProjectionExpression":"n"}}}`},
	{"BatchWriteItem", `{"RequestItems":{"Orders":[{"PutRequest":{"Item":{"id":{"S":"1"}}}},{"DeleteRequest":{}},null,{"PutRequest":{}}]}}`},
	{"TransactWriteItems", `{"ClientRequestToken":"t","TransactItems":[{"Put":{"TableName":"Orders","Item":{"id":{"S":"1"}}}},{"Update":{"TableName":"Orders","Key":{"id":{"S":"2"}},"UpdateExpression":"REMOVE a"}},{"ConditionCheck":{"TableName":"Orders","Key":{"id":{"S":"3"}},"ConditionExpression":"attribute_exists(id)"}}]}`},
	{"TransactGetItems", `{"TransactItems":[{"Get":{"TableName":"Orders","Key":{"id":{"S":"1"}}}},{"Get":null}]}`},
}

// FuzzRequests sends anything to every operation: each request is answered, and
// no error is the engine's own.
func FuzzRequests(f *testing.F) {
	for _, seed := range requestSeeds {
		f.Add(seed.operation, seed.body)
	}
	f.Fuzz(func(t *testing.T, operation, body string) {
		in := onDemand("Orders", key("id", "S"))
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: aws.String("n"), AttributeType: "N"})
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-n"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("n"), KeyType: types.KeyTypeHash}},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}}
		_, engine := openWith(t, in)
		send(t, engine, operation, body)
		// What the first request has left behind must serve a second one.
		send(t, engine, "Scan", `{"TableName":"Orders"}`)
		send(t, engine, operation, body)
	})
}

func send(t *testing.T, engine *embedded.Engine, operation, body string) {
	r := httptest.NewRequest(http.MethodPost, "http://embedded.invalid", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	response, err := engine.Transport().RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode == http.StatusInternalServerError {
		t.Errorf("%s %s: %s", operation, body, answer)
	}
}
