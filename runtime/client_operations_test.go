package runtime

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// TestEveryOperationIsClassified fails when the SDK's client gains a method that
// nobody has looked at, and when Client lacks one that it must have.
func TestEveryOperationIsClassified(t *testing.T) {
	sdk, ours := reflect.TypeFor[*dynamodb.Client](), reflect.TypeFor[*Client]()
	methods := map[string]bool{}
	for i := range sdk.NumMethod() {
		method := sdk.Method(i)
		methods[method.Name] = true
		rules, ok := operations[method.Name]
		if !ok {
			t.Errorf("the SDK's %s is not in the table of operations: what does it read and write?", method.Name)
			continue
		}
		own, ok := ours.MethodByName(method.Name)
		switch {
		case rules.treatment == absent:
			if ok {
				t.Errorf("%s is to be absent, and Client has it", method.Name)
			}
		case !ok:
			t.Errorf("Client lacks %s", method.Name)
		case !sameSignature(own.Type, method.Type):
			t.Errorf("%s has another signature than the SDK's", method.Name)
		case rules.treatment != passed && (rules.request == "" || rules.response == ""):
			t.Errorf("the table does not say what happens to %s", method.Name)
		}
	}
	for name, rules := range operations {
		if !methods[name] {
			t.Errorf("%s is in the table and not in the SDK", name)
			continue
		}
		method, _ := sdk.MethodByName(name)
		for _, member := range rules.legacy {
			if _, ok := method.Type.In(2).Elem().FieldByName(member); !ok || replacements[member] == "" {
				t.Errorf("%s: the request has no member %s, or no replacement is known for it", name, member)
			}
		}
	}
}

func sameSignature(a, b reflect.Type) bool {
	inputs := func(f reflect.Type) []reflect.Type {
		var all []reflect.Type
		for i := 1; i < f.NumIn(); i++ {
			all = append(all, f.In(i))
		}
		for i := range f.NumOut() {
			all = append(all, f.Out(i))
		}
		return all
	}
	return slices.Equal(inputs(a), inputs(b))
}

// TestPassedOperationsCarryNoItems looks at the types of requests and responses
// that are passed on.
func TestPassedOperationsCarryNoItems(t *testing.T) {
	sdk := reflect.TypeFor[*dynamodb.Client]()
	for name, rules := range operations {
		// What an export was filtered by was checked when it was made.
		if rules.treatment != passed || name == "DescribeExport" {
			continue
		}
		method, ok := sdk.MethodByName(name)
		if !ok {
			continue // TestEveryOperationIsClassified reports it
		}
		for _, message := range []reflect.Type{method.Type.In(2), method.Type.Out(0)} {
			if path := findItems(message, nil); path != "" {
				t.Errorf("%s is passed on, and %v carries attribute values in %s", name, message, path)
			}
		}
	}
}

// findItems returns the path in a type to an attribute value, or "".
func findItems(t reflect.Type, seen []reflect.Type) string {
	if t == reflect.TypeFor[types.AttributeValue]() {
		return t.Name()
	}
	if slices.Contains(seen, t) {
		return ""
	}
	seen = append(slices.Clip(seen), t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return findItems(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if path := findItems(t.Field(i).Type, seen); path != "" {
				return t.Field(i).Name + "." + path
			}
		}
	}
	return ""
}

// TestEveryMemberOfARequestIsKnown fails when the SDK gives a request that the
// client transforms a member that nobody has looked at: it may carry plaintext.
func TestEveryMemberOfARequestIsKnown(t *testing.T) {
	for _, known := range []struct {
		message any
		members string
	}{
		{dynamodb.PutItemInput{}, "ConditionExpression ConditionalOperator Expected ExpressionAttributeNames ExpressionAttributeValues Item ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure TableName"},
		{dynamodb.PutItemOutput{}, "Attributes ConsumedCapacity ItemCollectionMetrics ResultMetadata"},
		{dynamodb.GetItemInput{}, "AttributesToGet ConsistentRead ExpressionAttributeNames Key ProjectionExpression ReturnConsumedCapacity TableName"},
		{dynamodb.GetItemOutput{}, "ConsumedCapacity Item ResultMetadata"},
		{dynamodb.UpdateItemInput{}, "AttributeUpdates ConditionExpression ConditionalOperator Expected ExpressionAttributeNames ExpressionAttributeValues Key ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure TableName UpdateExpression"},
		{dynamodb.UpdateItemOutput{}, "Attributes ConsumedCapacity ItemCollectionMetrics ResultMetadata"},
		{dynamodb.DeleteItemInput{}, "ConditionExpression ConditionalOperator Expected ExpressionAttributeNames ExpressionAttributeValues Key ReturnConsumedCapacity ReturnItemCollectionMetrics ReturnValues ReturnValuesOnConditionCheckFailure TableName"},
		{dynamodb.DeleteItemOutput{}, "Attributes ConsumedCapacity ItemCollectionMetrics ResultMetadata"},
		{dynamodb.QueryInput{}, "AttributesToGet ConditionalOperator ConsistentRead ExclusiveStartKey ExpressionAttributeNames ExpressionAttributeValues FilterExpression IndexName KeyConditionExpression KeyConditions Limit ProjectionExpression QueryFilter ReturnConsumedCapacity ScanIndexForward Select TableName"},
		{dynamodb.QueryOutput{}, "ConsumedCapacity Count Items LastEvaluatedKey ResultMetadata ScannedCount"},
		{dynamodb.ScanInput{}, "AttributesToGet ConditionalOperator ConsistentRead ExclusiveStartKey ExpressionAttributeNames ExpressionAttributeValues FilterExpression IndexName Limit ProjectionExpression ReturnConsumedCapacity ScanFilter Segment Select TableName TotalSegments"},
		{dynamodb.ScanOutput{}, "ConsumedCapacity Count Items LastEvaluatedKey ResultMetadata ScannedCount"},
		{dynamodb.BatchGetItemInput{}, "RequestItems ReturnConsumedCapacity"},
		{dynamodb.BatchGetItemOutput{}, "ConsumedCapacity Responses ResultMetadata UnprocessedKeys"},
		{types.KeysAndAttributes{}, "AttributesToGet ConsistentRead ExpressionAttributeNames Keys ProjectionExpression"},
		{dynamodb.BatchWriteItemInput{}, "RequestItems ReturnConsumedCapacity ReturnItemCollectionMetrics"},
		{dynamodb.BatchWriteItemOutput{}, "ConsumedCapacity ItemCollectionMetrics ResultMetadata UnprocessedItems"},
		{types.WriteRequest{}, "DeleteRequest PutRequest"},
		{types.PutRequest{}, "Item"},
		{types.DeleteRequest{}, "Key"},
		{dynamodb.TransactGetItemsInput{}, "ReturnConsumedCapacity TransactItems"},
		{dynamodb.TransactGetItemsOutput{}, "ConsumedCapacity Responses ResultMetadata"},
		{types.TransactGetItem{}, "Get"},
		{types.Get{}, "ExpressionAttributeNames Key ProjectionExpression TableName"},
		{types.ItemResponse{}, "Item"},
		{dynamodb.TransactWriteItemsInput{}, "ClientRequestToken ReturnConsumedCapacity ReturnItemCollectionMetrics TransactItems"},
		{types.TransactWriteItem{}, "ConditionCheck Delete Put Update"},
		{types.ConditionCheck{}, "ConditionExpression ExpressionAttributeNames ExpressionAttributeValues Key ReturnValuesOnConditionCheckFailure TableName"},
		{types.Delete{}, "ConditionExpression ExpressionAttributeNames ExpressionAttributeValues Key ReturnValuesOnConditionCheckFailure TableName"},
		{types.Put{}, "ConditionExpression ExpressionAttributeNames ExpressionAttributeValues Item ReturnValuesOnConditionCheckFailure TableName"},
		{types.Update{}, "ConditionExpression ExpressionAttributeNames ExpressionAttributeValues Key ReturnValuesOnConditionCheckFailure TableName UpdateExpression"},
		{types.ConsumedCapacity{}, "CapacityUnits GlobalSecondaryIndexes LocalSecondaryIndexes ReadCapacityUnits Table TableName VectorIndexes WriteCapacityUnits"},
	} {
		message := reflect.TypeOf(known.message)
		var got []string
		for i := range message.NumField() {
			if f := message.Field(i); f.IsExported() {
				got = append(got, f.Name)
			}
		}
		slices.Sort(got)
		if want := strings.Fields(known.members); !slices.Equal(got, want) {
			t.Errorf("%v has the members %v, and the client knows %v", message, got, want)
		}
	}
}

// operationRow is what the documentation says of an operation.
func operationRow(name string) string {
	rules := operations[name]
	request := rules.request
	if rules.treatment == refused {
		request = "refused: " + request
	}
	if len(rules.legacy) > 0 {
		request += "; refused with " + strings.Join(rules.legacy, ", ")
	}
	return "| " + name + " | " + request + " | " + rules.response + " |"
}

func TestDocumentationListsTheOperations(t *testing.T) {
	const path = "../docs/client.md"
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for name, rules := range operations {
		if rules.treatment != transformed && rules.treatment != refused {
			continue
		}
		rows++
		if row := operationRow(name); !strings.Contains(string(page), row+"\n") {
			t.Errorf("%s lacks the row\n%s", path, row)
		}
	}
	if rows == 0 {
		t.Error("no operation has a row")
	}
}
