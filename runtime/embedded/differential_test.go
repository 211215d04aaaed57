package embedded_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/internal/enginetest"
	"github.com/ddbegen/ddbegen/internal/judges"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

// A randomised differential test: the same calls, through the genuine client,
// to the embedded engine and to a server that others wrote. Every answer is
// compared, errors included.

// A knownDifference is an answer in which a judge is known not to do as AWS
// does. Both patterns match the printed answers, request the printed call.
type knownDifference struct {
	request, engine, judge string
	because                string // what AWS documents or does
}

func TestAgainstDynalite(t *testing.T) {
	compare(t, judges.Dynalite, world{faulty: true}, dynaliteDifferences)
}

func TestAgainstMoto(t *testing.T) {
	compare(t, judges.Moto, world{transactions: true}, motoDifferences)
}

// A world says what calls are made of.
type world struct {
	// transactions says that there are any.
	transactions bool
	// faulty says that some requests have faults, and that the messages of errors
	// are compared. Without it every request is sound.
	faulty bool
}

// only adds what is a fault.
func (w world) only(sound []types.ReturnValue, fault types.ReturnValue) []types.ReturnValue {
	if w.faulty {
		return append(sound, fault)
	}
	return sound
}

func compare(t *testing.T, j *judges.Judge, w world, known []knownDifference) {
	fixSeed(t)
	server := j.Start(t)
	theirs := dynamodb.New(enginetest.DynamoDBAt(server.URL).Options(), func(o *dynamodb.Options) { o.Retryer = aws.NopRetryer{} })
	calls := w.calls()
	ours := enginetest.OpenEmbedded(t, embedded.InMemory()).DynamoDB
	ctx := context.Background()
	tables := 0
	met := make([]int, len(known))
	rapid.Check(t, func(rt *rapid.T) {
		tables++
		table := "T" + strconv.Itoa(os.Getpid()) + "-" + strconv.Itoa(tables)
		for _, db := range []*dynamodb.Client{ours, theirs} {
			if _, err := db.CreateTable(ctx, tableInput(table)); err != nil {
				rt.Fatal(err)
			}
		}
		if err := dynamodb.NewTableExistsWaiter(theirs, func(o *dynamodb.TableExistsWaiterOptions) {
			o.MinDelay, o.MaxDelay = 1e6, 1e7
		}).Wait(ctx, &dynamodb.DescribeTableInput{TableName: &table}, 1e10); err != nil {
			rt.Fatal(err)
		}
		for range rapid.IntRange(1, 30).Draw(rt, "calls") {
			generate := rapid.SampledFrom(calls).Draw(rt, "operation")
			call := generate(rt, w, table)
			our, their := call.answer(ctx, ours), call.answer(ctx, theirs)
			if our == their || !w.faulty && withoutMessage(our) == withoutMessage(their) {
				if j == judges.Moto && strings.Contains(call.text, "Update") && !strings.HasPrefix(our, "ok") {
					return // a failed update leaves an item of keys in moto
				}
				continue
			}
			i := slices.IndexFunc(known, func(k knownDifference) bool {
				return matches(k.request, call.text) && matches(k.engine, our) && matches(k.judge, their)
			})
			if i < 0 {
				rt.Fatalf("%s\nengine: %s\n%s: %s", call.text, our, j.Name, their)
			}
			met[i]++
			if strings.HasPrefix(our, "ok") != strings.HasPrefix(their, "ok") {
				return // from here on the tables may differ
			}
		}
	})
	for i, k := range known {
		t.Logf("known difference met %d times: %s", met[i], k.because)
	}
}

// fixSeed makes the calls the same in every run, so that a quirk of a judge that
// nobody has met fails no change that has nothing to do with it. Go looking for
// more with -rapid.seed=N -rapid.checks=N.
func fixSeed(t *testing.T) {
	seed := flag.Lookup("rapid.seed")
	if seed == nil || seed.Value.String() != "0" {
		return
	}
	set := func(value string) {
		if err := seed.Value.Set(value); err != nil {
			t.Error(err)
		}
	}
	set("1")
	t.Cleanup(func() { set("0") })
}

func matches(pattern, text string) bool {
	return regexp.MustCompile("(?s)^(?:" + pattern + ")$").MatchString(text)
}

func tableInput(name string) *dynamodb.CreateTableInput {
	attribute := func(name string, typ types.ScalarAttributeType) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: &name, AttributeType: typ}
	}
	key := func(names ...string) []types.KeySchemaElement {
		schema := []types.KeySchemaElement{{AttributeName: &names[0], KeyType: types.KeyTypeHash}}
		if len(names) > 1 {
			schema = append(schema, types.KeySchemaElement{AttributeName: &names[1], KeyType: types.KeyTypeRange})
		}
		return schema
	}
	return &dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			attribute("pk", "S"), attribute("sk", "N"), attribute("g1", "S"), attribute("g2", "B"), attribute("l1", "S"),
		},
		KeySchema: key("pk", "sk"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			{IndexName: aws.String("all"), KeySchema: key("g1", "g2"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll}},
			{IndexName: aws.String("keys"), KeySchema: key("g1"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}},
		},
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{
			{IndexName: aws.String("local"), KeySchema: key("pk", "l1"), Projection: &types.Projection{
				ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"a"},
			}},
		},
	}
}

// A call is one request that can be sent to any server.
type call struct {
	text string
	send func(ctx context.Context, db *dynamodb.Client) (string, error)
}

type callGenerator func(t *rapid.T, w world, table string) call

// answer sends the request and prints what comes back.
func (c call) answer(ctx context.Context, db *dynamodb.Client) string {
	out, err := c.send(ctx, db)
	if err == nil {
		return "ok " + out
	}
	var e smithy.APIError
	if !errors.As(err, &e) {
		return "no answer: " + err.Error()
	}
	text := e.ErrorCode()
	var failed *types.ConditionalCheckFailedException
	if errors.As(err, &failed) {
		text += " " + printItem(failed.Item)
	}
	var cancelled *types.TransactionCanceledException
	if errors.As(err, &cancelled) {
		for _, r := range cancelled.CancellationReasons {
			text += " " + aws.ToString(r.Code) + printItem(r.Item)
		}
	}
	return text + messageMark + e.ErrorMessage()
}

const messageMark = ": "

func withoutMessage(answer string) string {
	if strings.HasPrefix(answer, "ok") {
		return answer
	}
	code, _, _ := strings.Cut(answer, messageMark)
	return code
}

func (w world) calls() []callGenerator {
	all := []callGenerator{putCall, putCall, updateCall, updateCall, deleteCall, getCall, queryCall, queryCall, indexQueryCall, scanCall, batchWriteCall, batchGetCall}
	if w.transactions {
		all = append(all, transactWriteCall, transactGetCall)
	}
	return all
}

func putCall(t *rapid.T, w world, table string) call {
	b := newBuilder(t, w)
	in := &dynamodb.PutItemInput{
		TableName: &table, Item: drawItem(t, w),
		ReturnValues:                        rapid.SampledFrom(w.only([]types.ReturnValue{"", "NONE", "ALL_OLD"}, "ALL_NEW")).Draw(t, "return"),
		ReturnValuesOnConditionCheckFailure: rapid.SampledFrom([]types.ReturnValuesOnConditionCheckFailure{"", "ALL_OLD"}).Draw(t, "on failure"),
	}
	if rapid.Bool().Draw(t, "conditional") {
		in.ConditionExpression = aws.String(b.condition(2))
	}
	in.ExpressionAttributeNames, in.ExpressionAttributeValues = b.names, b.values
	return call{
		text: fmt.Sprintf("PutItem %s return=%s onFailure=%s if %s", printItem(in.Item), in.ReturnValues, in.ReturnValuesOnConditionCheckFailure, b.print(in.ConditionExpression)),
		send: func(ctx context.Context, db *dynamodb.Client) (string, error) {
			out, err := db.PutItem(ctx, in)
			if err != nil {
				return "", err
			}
			return printItem(out.Attributes), nil
		},
	}
}

func deleteCall(t *rapid.T, w world, table string) call {
	b := newBuilder(t, w)
	in := &dynamodb.DeleteItemInput{
		TableName: &table, Key: drawKey(t, w),
		ReturnValues: rapid.SampledFrom([]types.ReturnValue{"", "ALL_OLD"}).Draw(t, "return"),
	}
	if rapid.Bool().Draw(t, "conditional") {
		in.ConditionExpression = aws.String(b.condition(2))
	}
	in.ExpressionAttributeNames, in.ExpressionAttributeValues = b.names, b.values
	return call{
		text: fmt.Sprintf("DeleteItem %s return=%s if %s", printItem(in.Key), in.ReturnValues, b.print(in.ConditionExpression)),
		send: func(ctx context.Context, db *dynamodb.Client) (string, error) {
			out, err := db.DeleteItem(ctx, in)
			if err != nil {
				return "", err
			}
			return printItem(out.Attributes), nil
		},
	}
}

func updateCall(t *rapid.T, w world, table string) call {
	b := newBuilder(t, w)
	in := &dynamodb.UpdateItemInput{
		TableName: &table, Key: drawKey(t, w),
		ReturnValues: rapid.SampledFrom([]types.ReturnValue{"", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW"}).Draw(t, "return"),
	}
	if !w.faulty || rapid.IntRange(0, 9).Draw(t, "has update") > 0 {
		in.UpdateExpression = aws.String(b.update())
	}
	if rapid.IntRange(0, 3).Draw(t, "conditional") == 0 {
		in.ConditionExpression = aws.String(b.condition(1))
	}
	in.ExpressionAttributeNames, in.ExpressionAttributeValues = b.names, b.values
	return call{
		text: fmt.Sprintf("UpdateItem %s return=%s %s if %s", printItem(in.Key), in.ReturnValues, b.print(in.UpdateExpression), aws.ToString(in.ConditionExpression)),
		send: func(ctx context.Context, db *dynamodb.Client) (string, error) {
			out, err := db.UpdateItem(ctx, in)
			if err != nil {
				return "", err
			}
			return printItem(out.Attributes), nil
		},
	}
}

func getCall(t *rapid.T, w world, table string) call {
	b := newBuilder(t, w)
	in := &dynamodb.GetItemInput{TableName: &table, Key: drawKey(t, w)}
	if rapid.Bool().Draw(t, "projected") {
		in.ProjectionExpression = aws.String(b.projection())
	}
	in.ExpressionAttributeNames = b.names
	return call{
		text: fmt.Sprintf("GetItem %s %s", printItem(in.Key), b.print(in.ProjectionExpression)),
		send: func(ctx context.Context, db *dynamodb.Client) (string, error) {
			out, err := db.GetItem(ctx, in)
			if err != nil {
				return "", err
			}
			return printItem(out.Item), nil
		},
	}
}

// queryCall queries the table, whose order is total, page by page.
func queryCall(t *rapid.T, w world, table string) call {
	b := newBuilder(t, w)
	in := &dynamodb.QueryInput{TableName: &table}
	in.KeyConditionExpression = aws.String(b.keyCondition("pk", &types.AttributeValueMemberS{Value: drawPartition(t)}, "sk", drawSort))
	b.filter(&in.FilterExpression, &in.ProjectionExpression)
	if rapid.Bool().Draw(t, "limited") {
		in.Limit = aws.Int32(int32(rapid.IntRange(1, 3).Draw(t, "limit")))
	}
	if rapid.Bool().Draw(t, "directed") {
		in.ScanIndexForward = aws.Bool(rapid.Bool().Draw(t, "forward"))
	}
	in.ExpressionAttributeNames, in.ExpressionAttributeValues = b.names, b.values
	return call{
		text: fmt.Sprintf("Query %s filter %s project %s limit=%d forward=%t", b.print(in.KeyConditionExpression),
			aws.ToString(in.FilterExpression), aws.ToString(in.ProjectionExpression), aws.ToInt32(in.Limit), in.ScanIndexForward == nil || *in.ScanIndexForward),
		send: func(ctx context.Context, db *dynamodb.Client) (string, error) {
			var pages []string
			pages2 := dynamodb.NewQueryPaginator(db, in)
			for pages2.HasMorePages() {
				out, err := pages2.NextPage(ctx)
				if err != nil {
					return "", err
				}
				pages = append(pages, fmt.Sprintf("%d/%d", out.Count, out.ScannedCount), printItems(out.Items), printItem(out.LastEvaluatedKey))
			}
			return strings.Join(pages, " "), nil
		},
	}
}

// indexQueryCall queries an index, in which the order of equal keys is open.
func indexQueryCall(t *rapid.T, w world, table string) call {
	b := newBuilder(t, w)
	in := &dynamodb.QueryInput{TableName: &table}
	switch rapid.IntRange(0, 3).Draw(t, "index") {
	case 0:
		in.IndexName = aws.String("all")
		in.KeyConditionExpression = aws.String(b.keyCondition("g1", &types.AttributeValueMemberS{Value: drawPartition(t)}, "g2",
			func(t *rapid.T) types.AttributeValue { return &types.AttributeValueMemberB{Value: drawBytes(t, 1)} }))
	case 1:
		in.IndexName = aws.String("keys")
		in.KeyConditionExpression = aws.String(b.keyCondition("g1", &types.AttributeValueMemberS{Value: drawPartition(t)}, "", nil))
	case 2:
		in.IndexName = aws.String("local")
		in.KeyConditionExpression = aws.String(b.keyCondition("pk", &types.AttributeValueMemberS{Value: drawPartition(t)}, "l1",
			func(t *rapid.T) types.AttributeValue { return &types.AttributeValueMemberS{Value: drawText(t, 1)} }))
		in.Select = rapid.SampledFrom([]types.Select{"", types.SelectAllAttributes, types.SelectCount}).Draw(t, "select")
	case 3:
		if !w.faulty {
			return scanCall(t, w, table)
		}
		in.IndexName = aws.String("none")
		in.KeyConditionExpression = aws.String(b.keyCondition("g1", &types.AttributeValueMemberS{Value: drawPartition(t)}, "", nil))
	}
	if w.faulty && rapid.IntRange(0, 5).Draw(t, "consistent") == 0 {
		in.ConsistentRead = aws.Bool(true)
	}
	if in.Select == "" {
		b.filter(&in.FilterExpression, nil)
	}
	in.ExpressionAttributeNames, in.ExpressionAttributeValues = b.names, b.values
	return call{
		text: fmt.Sprintf("Query index %s %s filter %s consistent=%t select=%s", *in.IndexName, b.print(in.KeyConditionExpression),
			aws.ToString(in.FilterExpression), aws.ToBool(in.ConsistentRead), in.Select),
		send: func(ctx context.Context, db *dynamodb.Client) (string, error) {
			out, err := db.Query(ctx, in)
			if err != nil {
				return "", err
			}
			return fmt.Sprintf("%d/%d %s", out.Count, out.ScannedCount, printUnordered(out.Items)), nil
		},
	}
}

func scanCall(t *rapid.T, w world, table string) call {
	b := newBuilder(t, w)
	in := &dynamodb.ScanInput{TableName: &table}
	if rapid.Bool().Draw(t, "index") {
		in.IndexName = aws.String(rapid.SampledFrom([]string{"all", "keys", "local"}).Draw(t, "index"))
		b.filter(&in.FilterExpression, nil)
	} else {
		b.filter(&in.FilterExpression, &in.ProjectionExpression)
	}
	if rapid.Bool().Draw(t, "limited") {
		in.Limit = aws.Int32(int32(rapid.IntRange(1, 3).Draw(t, "limit")))
	}
	segments := int32(rapid.IntRange(1, 3).Draw(t, "segments"))
	in.ExpressionAttributeNames, in.ExpressionAttributeValues = b.names, b.values
	return call{
		text: fmt.Sprintf("Scan index=%s filter %s project %s limit=%d segments=%d", aws.ToString(in.IndexName), b.print(in.FilterExpression),
			aws.ToString(in.ProjectionExpression), aws.ToInt32(in.Limit), segments),
		send: func(ctx context.Context, db *dynamodb.Client) (string, error) {
			var items []map[string]types.AttributeValue
			scanned := int32(0)
			for segment := range segments {
				one := *in
				if segments > 1 {
					one.Segment, one.TotalSegments = &segment, &segments
				}
				pages := dynamodb.NewScanPaginator(db, &one)
				for pages.HasMorePages() {
					out, err := pages.NextPage(ctx)
					if err != nil {
						return "", err
					}
					scanned += out.ScannedCount
					items = append(items, out.Items...)
				}
			}
			return fmt.Sprintf("%d %s", scanned, printUnordered(items)), nil
		},
	}
}

func batchWriteCall(t *rapid.T, w world, table string) call {
	var requests []types.WriteRequest
	text := "BatchWriteItem"
	for range rapid.IntRange(1, 4).Draw(t, "requests") {
		if rapid.Bool().Draw(t, "put") {
			it := drawItem(t, w)
			requests = append(requests, types.WriteRequest{PutRequest: &types.PutRequest{Item: it}})
			text += " put " + printItem(it)
		} else {
			key := drawKey(t, w)
			requests = append(requests, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: key}})
			text += " delete " + printItem(key)
		}
	}
	return call{
		text: text,
		send: func(ctx context.Context, db *dynamodb.Client) (string, error) {
			out, err := db.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: requests}})
			if err != nil {
				return "", err
			}
			return strconv.Itoa(len(out.UnprocessedItems)), nil
		},
	}
}

func batchGetCall(t *rapid.T, w world, table string) call {
	b := newBuilder(t, w)
	var in types.KeysAndAttributes
	text := "BatchGetItem"
	for range rapid.IntRange(1, 4).Draw(t, "keys") {
		key := drawKey(t, w)
		in.Keys = append(in.Keys, key)
		text += " " + printItem(key)
	}
	if rapid.Bool().Draw(t, "projected") {
		in.ProjectionExpression = aws.String(b.projection())
	}
	in.ExpressionAttributeNames = b.names
	return call{
		text: text + " " + b.print(in.ProjectionExpression),
		send: func(ctx context.Context, db *dynamodb.Client) (string, error) {
			out, err := db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{table: in}})
			if err != nil {
				return "", err
			}
			return strconv.Itoa(len(out.UnprocessedKeys)) + printUnordered(out.Responses[table]), nil
		},
	}
}

func transactWriteCall(t *rapid.T, w world, table string) call {
	in := &dynamodb.TransactWriteItemsInput{}
	text := "TransactWriteItems"
	onFailure := rapid.SampledFrom([]types.ReturnValuesOnConditionCheckFailure{"", "ALL_OLD"}).Draw(t, "on failure")
	for range rapid.IntRange(1, 3).Draw(t, "items") {
		b := newBuilder(t, w)
		var condition *string
		kind := rapid.SampledFrom([]string{"put", "update", "delete", "check"}).Draw(t, "kind")
		if kind == "check" || rapid.Bool().Draw(t, "conditional") {
			condition = aws.String(b.condition(1))
		}
		var one types.TransactWriteItem
		switch kind {
		case "put":
			it := drawItem(t, w)
			one.Put = &types.Put{TableName: &table, Item: it, ConditionExpression: condition,
				ExpressionAttributeNames: b.names, ExpressionAttributeValues: b.values, ReturnValuesOnConditionCheckFailure: onFailure}
			text += " put " + printItem(it)
		case "update":
			key, update := drawKey(t, w), b.update()
			one.Update = &types.Update{TableName: &table, Key: key, UpdateExpression: &update, ConditionExpression: condition,
				ExpressionAttributeNames: b.names, ExpressionAttributeValues: b.values, ReturnValuesOnConditionCheckFailure: onFailure}
			text += " update " + printItem(key) + " " + update
		case "delete":
			key := drawKey(t, w)
			one.Delete = &types.Delete{TableName: &table, Key: key, ConditionExpression: condition,
				ExpressionAttributeNames: b.names, ExpressionAttributeValues: b.values, ReturnValuesOnConditionCheckFailure: onFailure}
			text += " delete " + printItem(key)
		case "check":
			key := drawKey(t, w)
			one.ConditionCheck = &types.ConditionCheck{TableName: &table, Key: key, ConditionExpression: condition,
				ExpressionAttributeNames: b.names, ExpressionAttributeValues: b.values, ReturnValuesOnConditionCheckFailure: onFailure}
			text += " check " + printItem(key)
		}
		text += " if " + b.print(condition)
		in.TransactItems = append(in.TransactItems, one)
	}
	return call{
		text: text,
		send: func(ctx context.Context, db *dynamodb.Client) (string, error) {
			_, err := db.TransactWriteItems(ctx, in)
			return "", err
		},
	}
}

func transactGetCall(t *rapid.T, w world, table string) call {
	in := &dynamodb.TransactGetItemsInput{}
	text := "TransactGetItems"
	for range rapid.IntRange(1, 3).Draw(t, "items") {
		// Without projections, which moto applies only if all of their attributes
		// are there.
		get := &types.Get{TableName: &table, Key: drawKey(t, w)}
		text += " " + printItem(get.Key)
		in.TransactItems = append(in.TransactItems, types.TransactGetItem{Get: get})
	}
	return call{
		text: text,
		send: func(ctx context.Context, db *dynamodb.Client) (string, error) {
			out, err := db.TransactGetItems(ctx, in)
			if err != nil {
				return "", err
			}
			var items []map[string]types.AttributeValue
			for _, r := range out.Responses {
				items = append(items, r.Item)
			}
			return printItems(items), nil
		},
	}
}

// Values come from small worlds, so that keys meet and comparisons hold.

func drawPartition(t *rapid.T) string {
	return rapid.SampledFrom([]string{"p", "q"}).Draw(t, "partition")
}

func drawSort(t *rapid.T) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: rapid.SampledFrom([]string{"-10", "-1.5", "0", "2", "2.50", "1e2"}).Draw(t, "sort")}
}

func drawText(t *rapid.T, least int) string {
	return rapid.SampledFrom([]string{"", "a", "ab", "b", "é", "a\x00", "a\"\\\n"}[least:]).Draw(t, "text")
}

func drawBytes(t *rapid.T, least int) []byte {
	return [][]byte{{}, {0}, {0, 1}, {1, 255}, {255}}[rapid.IntRange(least, 4).Draw(t, "bytes")]
}

func drawNumber(t *rapid.T) string {
	return rapid.SampledFrom([]string{"0", "1", "-1", "2.5", "10", "0.001", "1E+20", "99999999999999999999999999999999999999"}).Draw(t, "number")
}

func drawPositive(t *rapid.T) string {
	return rapid.SampledFrom([]string{"0", "2.5", "1E+20"}).Draw(t, "positive")
}

func drawKey(t *rapid.T, w world) map[string]types.AttributeValue {
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: drawPartition(t)}, "sk": drawSort(t)}
	if !w.faulty {
		return key
	}
	switch rapid.IntRange(0, 40).Draw(t, "odd key") {
	case 0:
		delete(key, "sk")
	case 1:
		key["sk"] = &types.AttributeValueMemberS{Value: "x"}
	case 2:
		key["pk"] = &types.AttributeValueMemberS{Value: ""}
	case 3:
		key["extra"] = &types.AttributeValueMemberS{Value: "x"}
	}
	return key
}

func drawItem(t *rapid.T, w world) map[string]types.AttributeValue {
	it := drawKey(t, w)
	for _, name := range []string{"a", "b", "l", "m"} {
		if rapid.Bool().Draw(t, "has "+name) {
			it[name] = drawAttribute(t, name)
		}
	}
	if w.faulty && rapid.IntRange(0, 15).Draw(t, "odd value") == 0 {
		it["b"] = drawFault(t)
	}
	if rapid.Bool().Draw(t, "in a global index") {
		it["g1"] = &types.AttributeValueMemberS{Value: drawPartition(t)}
		it["g2"] = &types.AttributeValueMemberB{Value: drawBytes(t, 1)}
	}
	if rapid.Bool().Draw(t, "in the local index") {
		it["l1"] = &types.AttributeValueMemberS{Value: drawText(t, 1)}
	}
	if w.faulty && rapid.IntRange(0, 30).Draw(t, "odd index key") == 0 {
		it["g1"] = &types.AttributeValueMemberN{Value: "1"}
	}
	return it
}

func drawAttribute(t *rapid.T, name string) types.AttributeValue {
	switch name {
	case "l":
		return &types.AttributeValueMemberL{Value: []types.AttributeValue{drawValue(t, 1), drawValue(t, 1)}}
	case "m":
		return &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"x": drawValue(t, 1), "y": drawValue(t, 1)}}
	default:
		return drawValue(t, 2)
	}
}

func drawFault(t *rapid.T) types.AttributeValue {
	number := func(text string) types.AttributeValue { return &types.AttributeValueMemberN{Value: text} }
	return rapid.SampledFrom([]types.AttributeValue{
		number(""), number("x"), number("1e126"), number("-1e126"), number("1e-131"), number("1" + strings.Repeat("0", 37) + "1"), number("1 "), number("0x1"), number("NaN"),
		&types.AttributeValueMemberNULL{Value: false},
		&types.AttributeValueMemberSS{Value: []string{}},
		&types.AttributeValueMemberNS{Value: []string{}},
		&types.AttributeValueMemberBS{Value: [][]byte{}},
		&types.AttributeValueMemberSS{Value: []string{"a", "b", "a"}},
		&types.AttributeValueMemberNS{Value: []string{"1", "1.0"}},
		&types.AttributeValueMemberBS{Value: [][]byte{{1}, {1}}},
		&types.AttributeValueMemberNS{Value: []string{"1", "x"}},
		&types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"x": number("x")}},
		&types.AttributeValueMemberL{Value: []types.AttributeValue{number("1e200")}},
	}).Draw(t, "fault")
}

func drawValue(t *rapid.T, depth int) types.AttributeValue {
	kinds := 8
	if depth > 0 {
		kinds = 10
	}
	switch rapid.IntRange(0, kinds-1).Draw(t, "type") {
	case 0:
		return &types.AttributeValueMemberS{Value: drawText(t, 0)}
	case 1, 2:
		return &types.AttributeValueMemberN{Value: drawNumber(t)}
	case 3:
		return &types.AttributeValueMemberB{Value: drawBytes(t, 0)}
	case 4:
		return &types.AttributeValueMemberBOOL{Value: rapid.Bool().Draw(t, "bool")}
	case 5:
		return &types.AttributeValueMemberSS{Value: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "ab", "b"}), 1, 3, rapid.ID).Draw(t, "strings")}
	case 6:
		return &types.AttributeValueMemberNS{Value: rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"1", "2.5", "-1"}), 1, 3, rapid.ID).Draw(t, "numbers")}
	case 7:
		return &types.AttributeValueMemberNULL{Value: true}
	case 8:
		return &types.AttributeValueMemberL{Value: []types.AttributeValue{drawValue(t, depth-1)}}
	default:
		return &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"x": drawValue(t, depth-1)}}
	}
}

// builder writes expressions and the substitutions they use.
type builder struct {
	world
	t      *rapid.T
	names  map[string]string
	values map[string]types.AttributeValue
	fault  bool // one of the values
}

func newBuilder(t *rapid.T, w world) *builder { return &builder{t: t, world: w} }

func (b *builder) value(av types.AttributeValue) string {
	if b.values == nil {
		b.values = map[string]types.AttributeValue{}
	}
	name := ":v" + strconv.Itoa(len(b.values))
	b.values[name] = av
	return name
}

func (b *builder) path() string {
	switch path := rapid.SampledFrom([]string{"a", "b", "l", "m", "l[0]", "l[1]", "l[5]", "m.x", "m.y", "a.x", "a[0]", "nothing", "#", "#.x", "size", "pk", "g1", "pk.x"}).Draw(b.t, "path"); {
	case path[0] == '#':
		if b.names == nil {
			b.names = map[string]string{}
		}
		alias := "#n" + strconv.Itoa(len(b.names))
		b.names[alias] = rapid.SampledFrom([]string{"a", "b", "m", "status"}).Draw(b.t, "name")
		return alias + path[1:]
	case path == "size" || path == "pk" || path == "pk.x" || path == "g1":
		// Mostly errors, so rarely.
		if !b.faulty || rapid.IntRange(0, 5).Draw(b.t, "rare") > 0 {
			return "a"
		}
		return path
	default:
		return path
	}
}

func (b *builder) operand() string {
	switch rapid.IntRange(0, 9).Draw(b.t, "operand") {
	case 0, 1, 2, 3:
		return b.path()
	case 4:
		return "size(" + b.path() + ")"
	default:
		return b.value(drawValue(b.t, 1))
	}
}

// ordered is a constant of a type that has an order.
func (b *builder) ordered() string {
	switch rapid.IntRange(0, 2).Draw(b.t, "ordered type") {
	case 0:
		return b.value(&types.AttributeValueMemberS{Value: drawText(b.t, 0)})
	case 1:
		return b.value(&types.AttributeValueMemberN{Value: drawNumber(b.t)})
	default:
		return b.value(&types.AttributeValueMemberB{Value: drawBytes(b.t, 0)})
	}
}

// constant stands where a missing attribute ends dynalite.
func (b *builder) constant() string {
	if b.faulty && !b.fault && rapid.IntRange(0, 20).Draw(b.t, "odd value") == 0 {
		b.fault = true // of two the service may report either
		return b.value(drawFault(b.t))
	}
	return b.value(drawValue(b.t, 1))
}

func (b *builder) condition(depth int) string {
	kinds := 12
	if depth > 0 {
		kinds = 16
	}
	switch rapid.IntRange(0, kinds-1).Draw(b.t, "condition") {
	case 0, 1, 2, 3:
		operator := rapid.SampledFrom([]string{"=", "<>", "<", "<=", ">", ">="}).Draw(b.t, "operator")
		if !b.faulty {
			return b.path() + " " + operator + " " + b.ordered()
		}
		return b.path() + " " + operator + " " + b.operand()
	case 4:
		if !b.faulty {
			return b.path() + " BETWEEN " + b.value(&types.AttributeValueMemberN{Value: "0"}) + " AND " + b.value(&types.AttributeValueMemberN{Value: drawPositive(b.t)})
		}
		return b.operand() + " BETWEEN " + b.constant() + " AND " + b.constant()
	case 5:
		if !b.faulty {
			return b.path() + " IN (" + b.constant() + ", " + b.constant() + ")"
		}
		return b.operand() + " IN (" + b.constant() + ", " + b.constant() + ")"
	case 6:
		return "attribute_exists(" + b.path() + ")"
	case 7:
		return "attribute_not_exists(" + b.path() + ")"
	case 8:
		names := []string{"S", "N", "B", "SS", "NS", "BOOL", "NULL", "L", "M"}
		if b.faulty {
			names = append(names, "X")
		}
		name := rapid.SampledFrom(names).Draw(b.t, "type name")
		return "attribute_type(" + b.path() + ", " + b.value(&types.AttributeValueMemberS{Value: name}) + ")"
	case 9:
		if !b.faulty {
			return "begins_with(" + b.path() + ", " + b.value(&types.AttributeValueMemberS{Value: drawText(b.t, 1)}) + ")"
		}
		return "begins_with(" + b.path() + ", " + b.constant() + ")"
	case 10:
		if !b.faulty {
			return "contains(" + b.path() + ", " + b.constant() + ")"
		}
		return "contains(" + b.path() + ", " + b.operand() + ")"
	case 11:
		if !b.faulty {
			return "attribute_exists(" + b.path() + ")"
		}
		return rapid.SampledFrom([]string{"a = ", "a = :none", "#none = a", "nothing(a)", "((a = b))", "size(a)", "a", "size(a, b) = b", "", "a = b AND", "(a) = b"}).Draw(b.t, "broken")
	case 12, 13:
		return b.part(depth) + " AND " + b.part(depth)
	case 14:
		return b.part(depth) + " OR " + b.part(depth)
	default:
		return "NOT " + b.part(depth)
	}
}

func (b *builder) part(depth int) string {
	inner := b.condition(depth - 1)
	if depth == 1 || !rapid.Bool().Draw(b.t, "parentheses") {
		return inner
	}
	return "(" + inner + ")"
}

func (b *builder) keyCondition(partition string, value types.AttributeValue, sort string, draw func(*rapid.T) types.AttributeValue) string {
	text := partition + " = " + b.value(value)
	if sort == "" {
		return text
	}
	kinds := 12
	if !b.faulty {
		kinds = 4
	}
	switch kind := rapid.IntRange(-2, kinds).Draw(b.t, "sort condition"); kind {
	case 0, 1, 2, 3, 4:
		return text + " AND " + sort + " " + []string{"=", "<", "<=", ">", ">="}[kind] + " " + b.value(draw(b.t))
	case 5, 6:
		return text + " AND " + sort + " BETWEEN " + b.value(draw(b.t)) + " AND " + b.value(draw(b.t))
	case 7:
		return text + " AND begins_with(" + sort + ", " + b.value(draw(b.t)) + ")"
	case 8:
		return b.value(draw(b.t)) + " > " + sort + " AND " + text
	case 9:
		return text + " AND " + rapid.SampledFrom([]string{
			sort + " <> :v0", "a = :v0", "contains(" + sort + ", :v0)", "NOT " + sort + " = :v0", sort + " IN (:v0)", "size(" + sort + ") = :v0", "attribute_exists(" + sort + ")",
		}).Draw(b.t, "wrong term")
	default:
		return text
	}
}

func (b *builder) filter(filter, projection **string) {
	if rapid.Bool().Draw(b.t, "filtered") {
		*filter = aws.String(b.condition(2))
	}
	if projection != nil && rapid.Bool().Draw(b.t, "projected") {
		*projection = aws.String(b.projection())
	}
}

func (b *builder) projection() string {
	paths := make([]string, rapid.IntRange(1, 3).Draw(b.t, "paths"))
	for i := range paths {
		paths[i] = b.path()
	}
	return strings.Join(paths, ", ")
}

func (b *builder) update() string {
	var clauses []string
	for _, verb := range rapid.Permutation([]string{"SET", "REMOVE", "ADD", "DELETE"}).Draw(b.t, "verbs") {
		if rapid.IntRange(0, 2).Draw(b.t, "has "+verb) > 0 {
			continue
		}
		var actions []string
		for range rapid.IntRange(1, 2).Draw(b.t, "actions") {
			actions = append(actions, b.action(verb))
		}
		clauses = append(clauses, verb+" "+strings.Join(actions, ", "))
	}
	if len(clauses) == 0 {
		return "SET " + b.action("SET")
	}
	return strings.Join(clauses, " ")
}

func (b *builder) action(verb string) string {
	path := b.path()
	switch verb {
	case "REMOVE":
		return path
	case "ADD", "DELETE":
		return path + " " + b.value(drawValue(b.t, 0))
	}
	simple := func() string {
		if rapid.Bool().Draw(b.t, "from a path") {
			return b.path()
		}
		return b.value(drawValue(b.t, 1))
	}
	number := func() string { return b.value(&types.AttributeValueMemberN{Value: drawNumber(b.t)}) }
	switch rapid.IntRange(0, 6).Draw(b.t, "set") {
	case 0:
		return path + " = " + simple() + " + " + number()
	case 1:
		return path + " = " + number() + " - " + number()
	case 2:
		return path + " = if_not_exists(" + b.path() + ", " + simple() + ")"
	case 3:
		return path + " = list_append(" + b.path() + ", " + b.value(&types.AttributeValueMemberL{Value: []types.AttributeValue{drawValue(b.t, 0)}}) + ")"
	case 4:
		return path + " = if_not_exists(" + b.path() + ", " + number() + ") + " + number()
	default:
		return path + " = " + simple()
	}
}

// print prints an expression with what it substitutes.
func (b *builder) print(text *string) string {
	out := aws.ToString(text)
	for _, name := range slices.Sorted(maps.Keys(b.names)) {
		out += " " + name + "=" + b.names[name]
	}
	return out + " " + printItem(b.values)
}

// The printed form of values is the same for equal values.

func printItem(it map[string]types.AttributeValue) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(it)) {
		parts = append(parts, name+":"+printValue(it[name]))
	}
	return "{" + strings.Join(parts, " ") + "}"
}

func printItems(items []map[string]types.AttributeValue) string {
	parts := make([]string, len(items))
	for i, it := range items {
		parts[i] = printItem(it)
	}
	return "[" + strings.Join(parts, " ") + "]"
}

func printUnordered(items []map[string]types.AttributeValue) string {
	parts := make([]string, len(items))
	for i, it := range items {
		parts[i] = printItem(it)
	}
	slices.Sort(parts)
	return "[" + strings.Join(parts, " ") + "]"
}

func printValue(av types.AttributeValue) string {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return strconv.Quote(v.Value)
	case *types.AttributeValueMemberN:
		return printNumber(v.Value)
	case *types.AttributeValueMemberB:
		return fmt.Sprintf("x%x", v.Value)
	case *types.AttributeValueMemberBOOL:
		return strconv.FormatBool(v.Value)
	case *types.AttributeValueMemberNULL:
		return "null"
	case *types.AttributeValueMemberSS:
		return fmt.Sprintf("SS%q", slices.Sorted(slices.Values(v.Value)))
	case *types.AttributeValueMemberNS:
		numbers := make([]string, len(v.Value))
		for i, n := range v.Value {
			numbers[i] = printNumber(n)
		}
		slices.Sort(numbers)
		return fmt.Sprintf("NS%v", numbers)
	case *types.AttributeValueMemberBS:
		return fmt.Sprintf("BS%x", v.Value)
	case *types.AttributeValueMemberL:
		parts := make([]string, len(v.Value))
		for i, e := range v.Value {
			parts[i] = printValue(e)
		}
		return "[" + strings.Join(parts, " ") + "]"
	case *types.AttributeValueMemberM:
		return printItem(v.Value)
	default:
		return "missing"
	}
}

func printNumber(text string) string {
	normal, err := attribute.NormalizeNumber(text)
	if err != nil {
		return "not a number: " + text
	}
	return normal
}
