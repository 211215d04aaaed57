package runtime_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

func putRequest(item ddbe.Item) types.WriteRequest {
	return types.WriteRequest{PutRequest: &types.PutRequest{Item: item}}
}

func TestClientBatchWrite(t *testing.T) {
	counting := &meteredKeyring{}
	e := newEncrypted(t, func(config *ddbe.TableConfig, _ *dynamodb.CreateTableInput) {
		counting.Keyring, config.Keyring = config.Keyring, counting
	})
	other := peopleTable()
	other.TableName = aws.String("other")
	if _, err := e.client.CreateTable(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	e.put(with(alice(), ddbe.Item{"number": n("99")}))
	items := crowd(20)
	requests := []types.WriteRequest{{DeleteRequest: &types.DeleteRequest{Key: keyOf(with(alice(), ddbe.Item{"number": n("99")}))}}}
	for _, item := range items {
		requests = append(requests, putRequest(item))
	}
	in := &dynamodb.BatchWriteItemInput{
		RequestItems: map[string][]types.WriteRequest{people: requests, "other": {putRequest(alice())}},
	}
	before := slices.Clone(requests)
	counting.made.Store(0)

	// Three answers leave something unprocessed.
	defer e.engine.Inject(embedded.LeaveUnprocessed(5).On("BatchWriteItem").Times(3))()
	e.engine.ResetCalls()
	out, err := e.client.BatchWriteItem(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if len(out.UnprocessedItems) > 0 {
		t.Errorf("unprocessed: %v", out.UnprocessedItems)
	}
	if calls := e.engine.Calls()["BatchWriteItem"]; calls != 4 {
		t.Errorf("%d requests, want 4", calls)
	}
	if made := counting.made.Load(); made != 20 {
		t.Errorf("%d data keys for 20 items: what is sent again must be the same ciphertext", made)
	}
	same(t, "the caller's requests", in.RequestItems[people], before)
	found, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people)})
	if err != nil || len(found.Items) != 20 {
		t.Errorf("the table holds %d items, %v, want 20", len(found.Items), err)
	}
	raw, err := e.db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("other")})
	if err != nil || len(raw.Items) != 1 {
		t.Fatal(raw, err)
	}
	same(t, "the item of the other table", raw.Items[0], alice())
}

// metered is a DynamoDB that says what it consumed: 1.5 units a request, of which
// 1 is for the table.
type metered struct{ ddbe.DynamoDBAPI }

func consumed(table string) types.ConsumedCapacity {
	return types.ConsumedCapacity{
		TableName: &table, CapacityUnits: aws.Float64(1.5), Table: &types.Capacity{CapacityUnits: aws.Float64(1)},
		GlobalSecondaryIndexes: map[string]types.Capacity{"by-email": {CapacityUnits: aws.Float64(0.5)}},
	}
}

func (m metered) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	out, err := m.DynamoDBAPI.BatchWriteItem(ctx, in, opts...)
	if err == nil {
		out.ConsumedCapacity = []types.ConsumedCapacity{consumed(people)}
		out.ItemCollectionMetrics = map[string][]types.ItemCollectionMetrics{people: {{SizeEstimateRangeGB: []float64{1}}}}
	}
	return out, err
}

func (m metered) Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	out, err := m.DynamoDBAPI.Query(ctx, in, opts...)
	if err == nil {
		capacity := consumed(people)
		out.ConsumedCapacity = &capacity
	}
	return out, err
}

func (m metered) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	out, err := m.DynamoDBAPI.BatchGetItem(ctx, in, opts...)
	if err == nil {
		out.ConsumedCapacity = []types.ConsumedCapacity{consumed(people)}
	}
	return out, err
}

func TestClientAddsUpWhatItConsumes(t *testing.T) {
	e := newEncrypted(t, spread)
	client, err := ddbe.NewClient(metered{e.db}, map[string]ddbe.TableConfig{people: e.config})
	if err != nil {
		t.Fatal(err)
	}
	defer e.engine.Inject(embedded.LeaveUnprocessed(1).On("BatchWriteItem").Times(2))()
	items := twins(4)
	written, err := client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
		people: {putRequest(items[0]), putRequest(items[1]), putRequest(items[2]), putRequest(items[3])},
	}})
	if err != nil {
		t.Fatal(err)
	}
	found, err := client.Query(t.Context(), byEmail("bob@b"))
	if err != nil {
		t.Fatal(err)
	}
	// Two queries, and a request for the items that their index does not hold.
	fetched, err := client.Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String(people), IndexName: aws.String("by-city"), KeyConditionExpression: aws.String("city = :c"),
		ExpressionAttributeValues: ddbe.Item{":c": s("Lyon")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(fetched.Items) != 4 || *fetched.ConsumedCapacity.CapacityUnits != 4.5 {
		t.Errorf("%d items for %v units, want 4 for 4.5", len(fetched.Items), *fetched.ConsumedCapacity.CapacityUnits)
	}
	if len(written.ConsumedCapacity) != 1 || len(written.ItemCollectionMetrics[people]) != 3 {
		t.Fatalf("capacities of %d tables, %d metrics", len(written.ConsumedCapacity), len(written.ItemCollectionMetrics[people]))
	}
	for op, capacity := range map[string]*types.ConsumedCapacity{"BatchWriteItem": &written.ConsumedCapacity[0], "Query": found.ConsumedCapacity} {
		total, table, index := *capacity.CapacityUnits, *capacity.Table.CapacityUnits, *capacity.GlobalSecondaryIndexes["by-email"].CapacityUnits
		if total != 4.5 || table != 3 || index != 1.5 {
			t.Errorf("%s: %v units, %v of the table, %v of the index; want the sums of three requests", op, total, table, index)
		}
	}
}

func TestClientBatchWriteGivesBackPlaintext(t *testing.T) {
	e := newEncrypted(t, nil, ddbe.WithBatchAttempts(2))
	defer e.engine.Inject(embedded.LeaveUnprocessed(2).On("BatchWriteItem"))()
	items := crowd(4)
	gone := types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: keyOf(alice())}}
	out, err := e.client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{
		people: {putRequest(items[0]), putRequest(items[1]), gone, putRequest(items[2])},
	}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "UnprocessedItems", out.UnprocessedItems, map[string][]types.WriteRequest{people: {gone, putRequest(items[2])}})
}

func TestClientBatchWriteStopsWithItsContext(t *testing.T) {
	e := newEncrypted(t, nil, ddbe.WithBatchAttempts(1000))
	defer e.engine.Inject(embedded.LeaveUnprocessed(1).On("BatchWriteItem"))()
	ctx, cancel := contextWithTimeout(t, 100*time.Millisecond)
	defer cancel()
	_, err := e.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{people: {putRequest(alice())}}})
	if !errors.Is(err, ctx.Err()) {
		t.Errorf("error %v, want that of the context", err)
	}
}

func TestClientBatchWriteRefuses(t *testing.T) {
	e := newEncrypted(t, nil)
	e.put(alice())
	e.engine.ResetCalls()
	for what, item := range map[string]ddbe.Item{
		"a reserved name":        with(alice(), ddbe.Item{"aws_dbe_b_email": s("x")}),
		"an unknown attribute":   with(alice(), ddbe.Item{"nosuch": s("x")}),
		"another signed beacon":  with(alice(), ddbe.Item{"teamLevel": s("T-x.L-y")}),
		"no key":                 {"email": s("x")},
		"no value":               with(alice(), ddbe.Item{"email": nil}),
		"a typed nil":            with(alice(), ddbe.Item{"email": (*types.AttributeValueMemberS)(nil)}),
		"a value that is no set": with(alice(), ddbe.Item{"tags": s("x")}),
		"nothing":                nil,
	} {
		_, err := e.client.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{people: {putRequest(crowd(1)[0]), putRequest(item)}}})
		if bad := (*ddbe.ItemError)(nil); !errors.As(err, &bad) || bad.Op != "encrypt" {
			t.Errorf("%s: %v, want an ItemError", what, err)
		}
	}
	if calls := e.engine.Calls()["BatchWriteItem"]; calls > 0 {
		t.Errorf("%d calls, want none", calls)
	}
}

func TestClientBatchGet(t *testing.T) {
	e := newEncrypted(t, nil)
	items := crowd(10)
	e.put(items...)
	keys := types.KeysAndAttributes{ProjectionExpression: aws.String("number, #e"), ExpressionAttributeNames: map[string]string{"#e": "email"}}
	for _, item := range items {
		keys.Keys = append(keys.Keys, keyOf(item))
	}
	remove := e.engine.Inject(embedded.LeaveUnprocessed(4).On("BatchGetItem").Times(1))
	defer remove()
	got := map[string]string{}
	pages := 0
	for request := map[string]types.KeysAndAttributes{people: keys}; len(request) > 0; pages++ {
		out, err := e.client.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: request})
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range out.Responses[people] {
			got[show(item["number"])] = show(item)
		}
		request = out.UnprocessedKeys
	}
	want := map[string]string{}
	for _, item := range items {
		projected := ddbe.Item{"number": item["number"]}
		if item["email"] != nil {
			projected["email"] = item["email"]
		}
		want[show(item["number"])] = show(projected)
	}
	if pages != 2 || !maps.Equal(got, want) {
		t.Errorf("in %d requests:\n got %v\nwant %v", pages, got, want)
	}

	stored := e.stored(keyOf(items[3]))
	stored["level"] = s("changed")
	if _, err := e.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: stored}); err != nil {
		t.Fatal(err)
	}
	_, err := e.client.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{people: keys}})
	if !errors.Is(err, crypto.ErrAuthentication) {
		t.Errorf("a batch with an item that was tampered with: %v", err)
	}
}

func TestClientTransactions(t *testing.T) {
	e := newEncryptedAnywhere(t, nil)
	e.put(alice())
	bob := with(alice(), ddbe.Item{"number": n("2"), "email": s("bob@b")})
	in := &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Put: &types.Put{TableName: aws.String(people), Item: bob}},
		{Update: &types.Update{TableName: aws.String(people), Key: keyOf(alice()), UpdateExpression: aws.String("SET seen = :v"), ExpressionAttributeValues: ddbe.Item{":v": s("now")}}},
		{Delete: &types.Delete{TableName: aws.String(people), Key: ddbe.Key{"team": s("x"), "number": n("1")}}},
		{ConditionCheck: &types.ConditionCheck{TableName: aws.String(people), Key: ddbe.Key{"team": s("y"), "number": n("1")}, ConditionExpression: aws.String("attribute_not_exists(team)")}},
	}}
	if _, err := e.client.TransactWriteItems(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	same(t, "the caller's item", in.TransactItems[0].Put.Item, bob)
	if in.ClientRequestToken != nil {
		t.Error("the caller's request got a token")
	}
	get := func(key ddbe.Key) types.TransactGetItem {
		return types.TransactGetItem{Get: &types.Get{TableName: aws.String(people), Key: key}}
	}
	out, err := e.client.TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{
		get(keyOf(bob)), get(ddbe.Key{"team": s("x"), "number": n("1")}), get(keyOf(alice())),
	}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "first", out.Responses[0].Item, plain(bob))
	same(t, "second", len(out.Responses[1].Item), 0)
	same(t, "third", out.Responses[2].Item, with(plain(alice()), ddbe.Item{"seen": s("now")}))

	for what, item := range map[string]types.TransactWriteItem{
		"an empty element": {},
		"two in one":       {Put: in.TransactItems[0].Put, Delete: in.TransactItems[2].Delete},
	} {
		t.Run(what, func(t *testing.T) {
			e.refusedBeforeAnyCall(t, "exactly one", func() error { return e.transact(in.TransactItems[1], item) })
		})
	}
}
