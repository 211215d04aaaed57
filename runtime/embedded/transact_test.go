package embedded_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/embedded"
)

func put(id string, n int, condition string) types.TransactWriteItem {
	p := &types.Put{TableName: aws.String("Orders"), Item: item("id", str(id), "n", num(n)), ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}
	if condition != "" {
		p.ConditionExpression = &condition
	}
	return types.TransactWriteItem{Put: p}
}

func transact(t *testing.T, db *dynamodb.Client, items ...types.TransactWriteItem) error {
	_, err := db.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: items})
	return err
}

func stored(t *testing.T, db *dynamodb.Client) string {
	out, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("Orders")})
	if err != nil {
		t.Fatal(err)
	}
	return printUnordered(out.Items)
}

// TransactWriteItems API reference.
func TestTransactWriteItems(t *testing.T) {
	db, _ := openWith(t, onDemand("Orders", key("id", "S")))
	want(t, transact(t, db, put("a", 1, "attribute_not_exists(id)"), put("b", 1, "")), "", "")

	update := types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String("Orders"), Key: item("id", str("a")), UpdateExpression: aws.String("SET n = n + :one"), ExpressionAttributeValues: item(":one", num(1)),
	}}
	remove := types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String("Orders"), Key: item("id", str("b"))}}
	check := func(condition string) types.TransactWriteItem {
		return types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: aws.String("Orders"), Key: item("id", str("c")), ConditionExpression: &condition}}
	}
	want(t, transact(t, db, update, remove, check("attribute_not_exists(id)")), "", "")
	if got := stored(t, db); got != `[{id:"a" n:2}]` {
		t.Errorf("after a transaction: %s", got)
	}

	err := transact(t, db, update, put("a2", 1, ""), check("attribute_exists(id)"), types.TransactWriteItem{Delete: &types.Delete{
		TableName: aws.String("Orders"), Key: item("id", str("a3")), ConditionExpression: aws.String("n = :n"), ExpressionAttributeValues: item(":n", num(1)),
	}})
	want(t, err, "TransactionCanceledException", "Transaction cancelled, please refer cancellation reasons for specific reasons [None, None, ConditionalCheckFailed, ConditionalCheckFailed]")
	var cancelled *types.TransactionCanceledException
	if !asError(err, &cancelled) || len(cancelled.CancellationReasons) != 4 || *cancelled.CancellationReasons[2].Message != "The conditional request failed" ||
		cancelled.CancellationReasons[0].Message != nil {
		t.Errorf("reasons: %+v", cancelled)
	}
	if got := stored(t, db); got != `[{id:"a" n:2}]` {
		t.Errorf("after a cancelled transaction: %s", got)
	}

	err = transact(t, db, put("a", 5, "n > :n"))
	want(t, err, "ValidationException", "An expression attribute value used in expression is not defined; attribute value: :n")
	err = transact(t, db, put("a", 5, "attribute_not_exists(id)"))
	if !asError(err, &cancelled) || printItem(cancelled.CancellationReasons[0].Item) != `{id:"a" n:2}` {
		t.Errorf("the reason has not the item: %v", err)
	}
	err = transact(t, db, put("q", 1, ""), types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String("Orders"), Key: item("id", str("a")), UpdateExpression: aws.String("SET n = nothing"),
	}})
	want(t, err, "TransactionCanceledException", "[None, ValidationError]")
	err = transact(t, db, types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String("Orders"), Key: item("id", num(1))}})
	want(t, err, "TransactionCanceledException", "[ValidationError]")

	want(t, transact(t, db, []types.TransactWriteItem{}...), "ValidationException", "greater than or equal to 1")
	want(t, transact(t, db, make([]types.TransactWriteItem, 101)...), "ValidationException", "less than or equal to 100")
	want(t, transact(t, db, types.TransactWriteItem{}), "ValidationException", "TransactItems can only contain one of Check, Put, Update or Delete")
	want(t, transact(t, db, types.TransactWriteItem{Put: put("x", 1, "").Put, Delete: remove.Delete}), "ValidationException", "TransactItems can only contain one of Check, Put, Update or Delete")
	want(t, transact(t, db, put("a", 1, ""), update), "ValidationException", "Transaction request cannot include multiple operations on one item")
	missing := put("a", 1, "")
	missing.Put.TableName = aws.String("Nobody")
	want(t, transact(t, db, missing), "ResourceNotFoundException", "Requested resource not found")
	large := make([]types.TransactWriteItem, 11)
	for i := range large {
		large[i] = put(fmt.Sprint(i), 1, "")
		large[i].Put.Item["b"] = bin(make([]byte, 399<<10))
	}
	want(t, transact(t, db, large...), "ValidationException", "4 MB")
	if got := stored(t, db); got != `[{id:"a" n:2}]` {
		t.Errorf("after refused transactions: %s", got)
	}
}

// TransactWriteItems API reference, "Idempotency".
func TestIdempotencyTokens(t *testing.T) {
	var now atomic.Int64
	db, _ := openWith(t, onDemand("Orders", key("id", "S")), embedded.WithClock(func() time.Time { return time.Unix(now.Load(), 0) }))
	increment := func(token string, by int) error {
		_, err := db.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
			ClientRequestToken: &token,
			TransactItems: []types.TransactWriteItem{{Update: &types.Update{
				TableName: aws.String("Orders"), Key: item("id", str("a")), UpdateExpression: aws.String("ADD n :by"), ExpressionAttributeValues: item(":by", num(by)),
			}}},
		})
		return err
	}
	for _, c := range []struct {
		at    int64 // seconds
		token string
		by    int
		code  string
		n     string
	}{
		{0, "one", 1, "", "1"},
		{10, "one", 1, "", "1"},
		{20, "two", 1, "", "2"},
		{30, "one", 5, "IdempotentParameterMismatchException", "2"},
		{599, "one", 1, "", "2"},
		{601, "one", 1, "", "3"},
		{602, "two", 1, "", "3"},
		{1000, "", 1, "ValidationException", "3"},
		{1000, "1234567890123456789012345678901234567", 1, "ValidationException", "3"},
		{1000, "123456789012345678901234567890123456", 1, "", "4"},
	} {
		now.Store(c.at)
		want(t, increment(c.token, c.by), c.code, "")
		if got := stored(t, db); got != `[{id:"a" n:`+c.n+`}]` {
			t.Errorf("token %q at %d s: %s, want n = %s", c.token, c.at, got, c.n)
		}
	}
}

func TestCancelledTransactionForgetsItsToken(t *testing.T) {
	db, _ := openWith(t, onDemand("Orders", key("id", "S")))
	in := &dynamodb.TransactWriteItemsInput{ClientRequestToken: aws.String("token"), TransactItems: []types.TransactWriteItem{put("a", 2, "attribute_exists(id)")}}
	_, err := db.TransactWriteItems(t.Context(), in)
	want(t, err, "TransactionCanceledException", "")
	want(t, transact(t, db, put("a", 1, "")), "", "")
	_, err = db.TransactWriteItems(t.Context(), in)
	want(t, err, "", "")
	if got := stored(t, db); got != `[{id:"a" n:2}]` {
		t.Errorf("the second try did nothing: %s", got)
	}
}

func TestTransactGetItems(t *testing.T) {
	db, _ := openWith(t, onDemand("Orders", key("id", "S")))
	want(t, transact(t, db, put("a", 1, ""), put("b", 2, "")), "", "")
	get := func(id string, projection *string) types.TransactGetItem {
		return types.TransactGetItem{Get: &types.Get{TableName: aws.String("Orders"), Key: item("id", str(id)), ProjectionExpression: projection}}
	}
	out, err := db.TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
		get("b", nil), get("missing", nil), get("a", aws.String("n")),
	}})
	if err != nil || len(out.Responses) != 3 || printItem(out.Responses[0].Item) != `{id:"b" n:2}` || out.Responses[1].Item != nil || printItem(out.Responses[2].Item) != `{n:1}` {
		t.Errorf("got %+v, %v", out, err)
	}
	_, err = db.TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
		get("a", nil), {Get: &types.Get{TableName: aws.String("Orders"), Key: item("nothing", str("x"))}},
	}})
	want(t, err, "TransactionCanceledException", "[None, ValidationError]")
}

// BatchWriteItem and BatchGetItem API references.
func TestBatches(t *testing.T) {
	db, engine := openWith(t, onDemand("Orders", key("id", "S")))
	writes := func(n int) []types.WriteRequest {
		all := make([]types.WriteRequest, n)
		for i := range all {
			all[i] = types.WriteRequest{PutRequest: &types.PutRequest{Item: item("id", str(fmt.Sprintf("%03d", i)), "n", num(i))}}
		}
		return all
	}
	write := func(requests []types.WriteRequest) (*dynamodb.BatchWriteItemOutput, error) {
		return db.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"Orders": requests}})
	}
	keys := func(n int) []map[string]types.AttributeValue {
		all := make([]map[string]types.AttributeValue, n)
		for i := range all {
			all[i] = item("id", str(fmt.Sprintf("%03d", i)))
		}
		return all
	}
	get := func(in types.KeysAndAttributes) (*dynamodb.BatchGetItemOutput, error) {
		return db.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"Orders": in}})
	}

	if out, err := write(writes(25)); err != nil || len(out.UnprocessedItems) != 0 {
		t.Fatalf("25 items: %+v, %v", out, err)
	}
	_, err := write(writes(26))
	want(t, err, "ValidationException", "less than or equal to 25")
	_, err = write(append(writes(2), writes(1)...))
	want(t, err, "ValidationException", "Provided list of item keys contains duplicates")
	_, err = write([]types.WriteRequest{{}})
	want(t, err, "ValidationException", "")
	_, err = write(nil)
	want(t, err, "ValidationException", "greater than or equal to 1")
	_, err = write([]types.WriteRequest{{PutRequest: &types.PutRequest{Item: item("n", num(1))}}})
	want(t, err, "ValidationException", "The provided key element does not match the schema")

	out, err := get(types.KeysAndAttributes{Keys: keys(100), ProjectionExpression: aws.String("n")})
	if err != nil || len(out.Responses["Orders"]) != 25 || printItem(out.Responses["Orders"][0]) != "{n:0}" || len(out.UnprocessedKeys) != 0 {
		t.Errorf("100 keys: %+v, %v", out, err)
	}
	_, err = get(types.KeysAndAttributes{Keys: keys(101)})
	want(t, err, "ValidationException", "less than or equal to 100")
	_, err = get(types.KeysAndAttributes{Keys: append(keys(2), keys(1)...)})
	want(t, err, "ValidationException", "Provided list of item keys contains duplicates")

	defer engine.Inject(embedded.LeaveUnprocessed(3).On("BatchWriteItem", "BatchGetItem").Times(2))()
	written, err := write(writes(5))
	if err != nil || len(written.UnprocessedItems["Orders"]) != 3 || printItem(written.UnprocessedItems["Orders"][0].PutRequest.Item) != `{id:"002" n:2}` {
		t.Errorf("leftovers: %+v, %v", written, err)
	}
	out, err = get(types.KeysAndAttributes{Keys: keys(5), ConsistentRead: aws.Bool(true), ProjectionExpression: aws.String("#n"), ExpressionAttributeNames: map[string]string{"#n": "n"}})
	left := out.UnprocessedKeys["Orders"]
	if err != nil || len(out.Responses["Orders"]) != 2 || len(left.Keys) != 3 || !*left.ConsistentRead || *left.ProjectionExpression != "#n" || left.ExpressionAttributeNames["#n"] != "n" {
		t.Errorf("leftovers: %+v, %v", out, err)
	}
	again, err := db.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: written.UnprocessedItems})
	if err != nil || len(again.UnprocessedItems) != 0 {
		t.Errorf("leftovers sent again: %+v, %v", again, err)
	}
	out, err = db.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: out.UnprocessedKeys})
	if err != nil || len(out.Responses["Orders"]) != 3 {
		t.Errorf("leftover keys sent again: %+v, %v", out, err)
	}
}

func TestBatchGetLeavesWhatExceeds16MB(t *testing.T) {
	db, _ := openWith(t, onDemand("Orders", key("id", "N")))
	in := types.KeysAndAttributes{}
	for i := range 60 {
		in.Keys = append(in.Keys, item("id", num(i)))
		if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Orders"), Item: item("id", num(i), "b", bin(make([]byte, 390<<10)))}); err != nil {
			t.Fatal(err)
		}
	}
	request, found := map[string]types.KeysAndAttributes{"Orders": in}, 0
	for calls := 0; len(request) > 0; calls++ {
		out, err := db.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: request})
		if err != nil {
			t.Fatal(err)
		}
		n := len(out.Responses["Orders"])
		if n == 60 || n == 0 {
			t.Fatalf("one call returned %d items of 390 KB", n)
		}
		found, request = found+n, out.UnprocessedKeys
	}
	if found != 60 {
		t.Errorf("%d items in all, want 60", found)
	}
}
