package embedded_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/ddbegen/ddbegen/internal/enginetest"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

// Example is the whole of what a test needs.
func Example() {
	engine, err := embedded.Open(embedded.InMemory())
	if err != nil {
		panic(err)
	}
	defer engine.Close()
	db, keys := engine.DynamoDB(), engine.KMS()
	_, _ = db, keys // genuine clients
}

func noRetries(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} }

func putOrder(ctx context.Context, db *dynamodb.Client) error {
	_, err := db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("Orders"), Item: item("id", str("1"), "n", num(1))})
	return err
}

func TestFileSurvivesRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "engine.db")
	for round := range 2 {
		engine, err := embedded.Open(embedded.File(path))
		if err != nil {
			t.Fatal(err)
		}
		db := engine.DynamoDB()
		if round == 0 {
			if _, err := db.CreateTable(t.Context(), onDemand("Orders", key("id", "S"))); err != nil {
				t.Fatal(err)
			}
			if err := putOrder(t.Context(), db); err != nil {
				t.Fatal(err)
			}
		} else {
			out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Orders"), Key: item("id", str("1"))})
			if err != nil || printItem(out.Item) != `{id:"1" n:1}` {
				t.Errorf("after a restart: %v %v", out, err)
			}
		}
		if err := engine.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestClosedEngineRefuses(t *testing.T) {
	for name, storage := range map[string]embedded.Storage{"memory": embedded.InMemory(), "file": embedded.File(filepath.Join(t.TempDir(), "db"))} {
		engine, err := embedded.Open(storage)
		if err != nil {
			t.Fatal(err)
		}
		if err := engine.Close(); err != nil {
			t.Fatal(err)
		}
		// With the retries that clients have by default: an error that the SDK
		// retries would be counted several times.
		_, err = engine.DynamoDB().ListTables(t.Context(), &dynamodb.ListTablesInput{})
		want(t, err, "EngineClosedException", "the embedded engine is closed")
		_, err = engine.KMS().CreateKey(t.Context(), &kms.CreateKeyInput{})
		want(t, err, "EngineClosedException", "the embedded engine is closed")
		var response *smithyhttp.ResponseError
		if !errors.As(err, &response) || response.HTTPStatusCode() != http.StatusBadRequest {
			t.Errorf("%s: %v, which is retried", name, err)
		}
		err = engine.ImportKMSKey(embedded.SymmetricKey("arn:aws:kms:us-east-1:000000000000:key/1", make([]byte, 32)))
		if err == nil || !strings.HasSuffix(err.Error(), "the embedded engine is closed") {
			t.Errorf("%s: import: %v", name, err)
		}
		if err := engine.Close(); err != nil {
			t.Errorf("%s: closed twice: %v", name, err)
		}
	}
}

func TestServesOtherProcesses(t *testing.T) {
	_, engine := openWith(t, onDemand("Orders", key("id", "S")))
	server := httptest.NewServer(engine)
	defer server.Close()
	db := enginetest.DynamoDBAt(server.URL)
	if err := putOrder(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	_, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Nobody"), Key: item("id", str("1"))})
	want(t, err, "ResourceNotFoundException", "Requested resource not found")

	defer engine.Inject(embedded.LoseResponse().On("PutItem"))()
	if err := putOrder(t.Context(), dynamodb.New(db.Options(), noRetries)); err == nil {
		t.Error("a lost response is no error")
	}
}

func TestCustomTransport(t *testing.T) {
	_, engine := openWith(t, onDemand("Orders", key("id", "S")))
	db := dynamodb.New(dynamodb.Options{
		Region:      "eu-central-1",
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		HTTPClient:  &http.Client{Transport: engine.Transport()},
	})
	if err := putOrder(t.Context(), db); err != nil {
		t.Fatal(err)
	}
}

func TestRawRequests(t *testing.T) {
	_, engine := openWith(t, onDemand("Orders", key("id", "S")))
	for _, c := range []struct{ name, target, body, code, message string }{
		{"no target", "", "{}", "UnknownOperationException", ""},
		{"another service", "Kinesis_20131202.PutRecord", "{}", "UnknownOperationException", "no operation Kinesis_20131202.PutRecord"},
		{"an operation that is not there", "DynamoDB_20120810.ExecuteStatement", "{}", "UnknownOperationException", "ExecuteStatement"},
		{"no JSON", "DynamoDB_20120810.GetItem", "{", "SerializationException", ""},
		{"no body", "DynamoDB_20120810.GetItem", "", "SerializationException", ""},
		{"an unknown parameter", "DynamoDB_20120810.GetItem", `{"TableName":"Orders","Key":{"id":{"S":"1"}},"AttributesToGet":["a"]}`, "ValidationException", `does not support the parameter "AttributesToGet" of GetItem`},
		{"a parameter without effect here", "DynamoDB_20120810.GetItem", `{"TableName":"Orders","Key":{"id":{"S":"1"}},"ReturnConsumedCapacity":"TOTAL"}`, "ValidationException", "does not support ReturnConsumedCapacity=TOTAL"},
		{"a value of the wrong kind", "DynamoDB_20120810.GetItem", `{"TableName":"Orders","Key":{"id":{"S":1}}}`, "SerializationException", ""},
		{"a value of two types", "DynamoDB_20120810.GetItem", `{"TableName":"Orders","Key":{"id":{"S":"1","N":"1"}}}`, "ValidationException", "more than one datatypes"},
		{"a value of no type", "DynamoDB_20120810.GetItem", `{"TableName":"Orders","Key":{"id":{}}}`, "ValidationException", "Supplied AttributeValue is empty"},
		{"a value that is null", "DynamoDB_20120810.GetItem", `{"TableName":"Orders","Key":{"id":{"B":null}}}`, "ValidationException", "Supplied AttributeValue is empty"},
		{"a value of an unknown type", "DynamoDB_20120810.GetItem", `{"TableName":"Orders","Key":{"id":{"X":"1"}}}`, "SerializationException", "X"},
		{"a set that is no list", "DynamoDB_20120810.PutItem", `{"TableName":"Orders","Item":{"id":{"SS":"1"}}}`, "SerializationException", ""},
		{"bad base64", "DynamoDB_20120810.PutItem", `{"TableName":"Orders","Item":{"id":{"B":"?"}}}`, "SerializationException", "Base64"},
		{"bad UTF-8", "DynamoDB_20120810.PutItem", "{\"TableName\":\"Orders\",\"Item\":{\"id\":{\"S\":\"\xff\"}}}", "SerializationException", "UTF-8"},
		{"no table", "DynamoDB_20120810.GetItem", `{"Key":{"id":{"S":"1"}}}`, "ValidationException", "tableName"},
		{"no key", "DynamoDB_20120810.GetItem", `{"TableName":"Orders"}`, "ValidationException", "key"},
		{"null", "DynamoDB_20120810.PutItem", `null`, "ValidationException", "tableName"},
		{"a list of nulls", "DynamoDB_20120810.TransactWriteItems", `{"TransactItems":[null]}`, "ValidationException", "TransactItems can only contain one of"},
		{"a batch of nulls", "DynamoDB_20120810.BatchGetItem", `{"RequestItems":{"Orders":null}}`, "ValidationException", "requestItems"},
		{"an index that is null", "DynamoDB_20120810.CreateTable", `{"TableName":"Other","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"}],"KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],"GlobalSecondaryIndexes":[null]}`, "ValidationException", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "http://embedded.invalid", strings.NewReader(c.body))
			r.Header.Set("X-Amz-Target", c.target)
			response, err := engine.Transport().RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != http.StatusBadRequest || !bytes.Contains(body, []byte(`"__type":"`+c.code+`"`)) {
				t.Errorf("got %s %s, want %s", response.Status, body, c.code)
			}
			if !strings.Contains(strings.ReplaceAll(string(body), `\"`, `"`), c.message) {
				t.Errorf("got %s, want …%s…", body, c.message)
			}
		})
	}
}

func TestFaults(t *testing.T) {
	db, engine := openWith(t, onDemand("Orders", key("id", "S")))
	once := dynamodb.New(db.Options(), noRetries)

	t.Run("throttled calls are retried", func(t *testing.T) {
		engine.ResetCalls()
		defer engine.Inject(embedded.Throttle().On("PutItem").Times(1))()
		if err := putOrder(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		if n := engine.Calls()["PutItem"]; n != 2 {
			t.Errorf("PutItem arrived %d times, want 2", n)
		}
	})
	t.Run("throttling has the type of the service", func(t *testing.T) {
		defer engine.Inject(embedded.Throttle())()
		var throttled *types.ProvisionedThroughputExceededException
		if err := putOrder(t.Context(), once); !errors.As(err, &throttled) {
			t.Errorf("got %v", err)
		}
		_, err := engine.KMS(func(o *kms.Options) { o.Retryer = aws.NopRetryer{} }).ListKeys(t.Context(), &kms.ListKeysInput{})
		want(t, err, "ThrottlingException", "")
	})
	t.Run("other operations are not struck", func(t *testing.T) {
		defer engine.Inject(embedded.DenyAccess().On("GetItem", "Query"))()
		want(t, putOrder(t.Context(), once), "", "")
		_, err := once.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Orders"), Key: item("id", str("1"))})
		want(t, err, "AccessDeniedException", "not authorized")
	})
	t.Run("a fault begins after some calls and ends after some", func(t *testing.T) {
		defer engine.Inject(embedded.Fail("InternalServerError", "broken", 500).After(1).Times(2))()
		for i, code := range []string{"", "InternalServerError", "InternalServerError", ""} {
			t.Log("call", i)
			want(t, putOrder(t.Context(), once), code, "")
		}
	})
	t.Run("removed", func(t *testing.T) {
		engine.Inject(embedded.Throttle())()
		want(t, putOrder(t.Context(), once), "", "")
	})
	t.Run("a lost response was executed", func(t *testing.T) {
		defer engine.Inject(embedded.LoseResponse().On("UpdateItem").Times(1))()
		update := &dynamodb.UpdateItemInput{
			TableName: aws.String("Orders"), Key: item("id", str("counter")), UpdateExpression: aws.String("ADD n :one"),
			ExpressionAttributeValues: item(":one", num(1)), ReturnValues: types.ReturnValueAllNew,
		}
		out, err := db.UpdateItem(t.Context(), update)
		if err != nil || printValue(out.Attributes["n"]) != "2" {
			t.Errorf("after a retry that nobody asked for: %v %v, want n = 2", out, err)
		}
	})
	t.Run("a delayed call ends with its context", func(t *testing.T) {
		engine.ResetCalls()
		defer engine.Inject(embedded.Delay(time.Hour).On("DeleteItem"))()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for engine.Calls()["DeleteItem"] == 0 {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		_, err := once.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: aws.String("Orders"), Key: item("id", str("1"))})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
		out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Orders"), Key: item("id", str("1"))})
		if err != nil || out.Item == nil {
			t.Errorf("the call was executed: %v %v", out, err)
		}
	})
}

// TestFaultsThatMakeNoSense: nothing of what a test got wrong about a fault lets
// its calls succeed.
func TestFaultsThatMakeNoSense(t *testing.T) {
	db, engine := openWith(t, onDemand("Orders", key("id", "S")))
	for _, c := range []struct {
		fault embedded.Fault
		want  string
	}{
		{embedded.Fault{}, "zero Fault"},
		{embedded.Fault{}.Times(1), "zero Fault"},
		{embedded.Fail("X", "m", 200), "HTTP status 200"},
		{embedded.Fail("X", "m", 999), "HTTP status 999"},
		{embedded.Fail("", "m", 400), "no error code"},
		{embedded.Fail("", "", 0), "no error code"},
		{embedded.Delay(0), "Delay(0s)"},
		{embedded.Delay(-time.Second), "Delay(-1s)"},
		{embedded.LeaveUnprocessed(0), "LeaveUnprocessed(0)"},
		{embedded.Throttle().On(), "On() names no operation"},
		{embedded.Throttle().On("PutItme"), "did you mean PutItem?"},
		{embedded.Throttle().On("putitem"), "did you mean PutItem?"},
		{embedded.Throttle().On("GetItem", "decrypt"), "did you mean Decrypt?"},
		{embedded.Throttle().On("Frobnicate"), `On("Frobnicate"): the embedded engine has no such operation`},
		{embedded.Throttle().On(""), `On("")`},
		{embedded.Throttle().Times(0), "Times(0)"},
		{embedded.Throttle().Times(-1), "Times(-1)"},
		{embedded.Throttle().After(-1), "After(-1)"},
		{embedded.Throttle().Times(0).Times(1).After(1), "Times(0)"},
	} {
		remove := engine.Inject(c.fault)
		for range 2 {
			want(t, putOrder(t.Context(), db), "ValidationException", c.want)
		}
		_, err := engine.KMS().ListKeys(t.Context(), &kms.ListKeysInput{})
		want(t, err, "ValidationException", c.want)
		remove()
		want(t, putOrder(t.Context(), db), "", "")
	}
}

func TestOpenRefusesOptions(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	for text, option := range map[string]embedded.Option{"option 1 is nil": nil, "WithClock": embedded.WithClock(nil)} {
		if _, err := embedded.Open(embedded.File(path), option); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v, want %s", err, text)
		}
	}
	engine, err := embedded.Open(embedded.File(path)) // a refused option left no lock
	if err != nil {
		t.Fatal(err)
	}
	if err := engine.Close(); err != nil {
		t.Error(err)
	}
}

func TestCancelledContext(t *testing.T) {
	db, engine := openWith(t, onDemand("Orders", key("id", "S")))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := putOrder(ctx, db); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	if n := engine.Calls()["PutItem"]; n != 0 {
		t.Errorf("PutItem was executed %d times", n)
	}
}

func TestConcurrentUse(t *testing.T) {
	for name, storage := range map[string]embedded.Storage{
		"memory": embedded.InMemory(),
		"file":   embedded.File(filepath.Join(t.TempDir(), "db")).WithoutSync(),
	} {
		t.Run(name, func(t *testing.T) {
			e := enginetest.OpenEmbedded(t, storage)
			db := e.DynamoDB
			if _, err := db.CreateTable(t.Context(), onDemand("Orders", key("id", "S"))); err != nil {
				t.Fatal(err)
			}
			const writers, increments = 8, 25
			var group sync.WaitGroup
			for range writers {
				group.Go(func() {
					for range increments {
						_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
							TableName: aws.String("Orders"), Key: item("id", str("counter")), UpdateExpression: aws.String("ADD n :one"),
							ExpressionAttributeValues: item(":one", num(1)),
						})
						if err != nil {
							t.Error(err)
						}
						if _, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("Orders")}); err != nil {
							t.Error(err)
						}
					}
				})
			}
			group.Wait()
			out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Orders"), Key: item("id", str("counter"))})
			if err != nil || printValue(out.Item["n"]) != "200" {
				t.Errorf("after %d increments: %v %v", writers*increments, out, err)
			}
			if n := e.Embedded.Calls()["UpdateItem"]; n != writers*increments {
				t.Errorf("counted %d calls", n)
			}
		})
	}
}

func TestFileNeedsAPath(t *testing.T) {
	if engine, err := embedded.Open(embedded.File("")); err == nil {
		t.Error("an engine opened on a file without a path")
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	}
}
