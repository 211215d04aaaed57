package embedded_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func bin(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }
func number(text string) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: text}
}
func list(values ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: values}
}
func strs(values ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: values} }
func object(pairs ...any) types.AttributeValue {
	return &types.AttributeValueMemberM{Value: item(pairs...)}
}

// Limits of the DynamoDB developer guide, "Quotas in Amazon DynamoDB".
func TestLimitsOfItems(t *testing.T) {
	in := onDemand("Orders", key("pk", "S", "sk", "B"))
	define(in, "g", "S")
	in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{IndexName: aws.String("gsi"), KeySchema: schema("g"), Projection: projectAll}}
	db, _ := openWith(t, in)
	// Names and values of the keys: "pk" "p" "sk" 0x01.
	const keys = 2 + 1 + 2 + 1
	nested := types.AttributeValue(num(1))
	for range 32 {
		nested = list(nested)
	}
	for _, c := range []struct {
		name string
		item map[string]types.AttributeValue
		text string // of the error, or "" for none
	}{
		{"400 KB", item("pk", str("p"), "sk", bin([]byte{1}), "a", str(strings.Repeat("x", 409600-keys-1))), ""},
		{"one byte more", item("pk", str("p"), "sk", bin([]byte{1}), "a", str(strings.Repeat("x", 409600-keys))), "Item size has exceeded the maximum allowed size"},
		{"names count", item("pk", str("p"), "sk", bin([]byte{1}), "aa", str(strings.Repeat("x", 409600-keys-1))), "Item size has exceeded"},
		{"a partition key of 2048 bytes", item("pk", str(strings.Repeat("é", 1024)), "sk", bin([]byte{1})), ""},
		{"of 2049 bytes", item("pk", str(strings.Repeat("é", 1024)+"x"), "sk", bin([]byte{1})), "Size of hashkey has exceeded the maximum size limit of2048 bytes"},
		{"a sort key of 1024 bytes", item("pk", str("p"), "sk", bin(make([]byte, 1024))), ""},
		{"of 1025 bytes", item("pk", str("p"), "sk", bin(make([]byte, 1025))), "Aggregated size of all range keys has exceeded the size limit of 1024 bytes"},
		{"an empty partition key", item("pk", str(""), "sk", bin([]byte{1})), "cannot contain an empty string value. Key: pk"},
		{"an empty sort key", item("pk", str("p"), "sk", bin([]byte{})), "cannot contain an empty binary value. Key: sk"},
		{"an empty index key", item("pk", str("p"), "sk", bin([]byte{1}), "g", str("")), "IndexKey: g"},
		{"no index key", item("pk", str("p"), "sk", bin([]byte{1})), ""},
		{"empty values elsewhere", item("pk", str("p"), "sk", bin([]byte{1}), "a", str(""), "b", bin([]byte{}), "c", list(), "d", object()), ""},
		{"no sort key", item("pk", str("p")), "Missing the key sk in the item"},
		{"a key of another type", item("pk", num(1), "sk", bin([]byte{1})), "Type mismatch for key pk expected: S actual: N"},
		{"32 levels", item("pk", str("p"), "sk", bin([]byte{1}), "a", nested), ""},
		{"33 levels", item("pk", str("p"), "sk", bin([]byte{1}), "a", list(nested)), "Nesting Levels have exceeded supported limits"},
		{"a name of 65,535 bytes", item("pk", str("p"), "sk", bin([]byte{1}), strings.Repeat("a", 65535), num(1)), ""},
		{"of 65,536 bytes", item("pk", str("p"), "sk", bin([]byte{1}), strings.Repeat("a", 65536), num(1)), "65535"},
		{"38 digits", item("pk", str("p"), "sk", bin([]byte{1}), "a", number("-1.2345678901234567890123456789012345678")), ""},
		{"39 digits", item("pk", str("p"), "sk", bin([]byte{1}), "a", number("123456789012345678901234567890123456789")), "more than 38 significant digits"},
		{"a large number", item("pk", str("p"), "sk", bin([]byte{1}), "a", number("9.9999999999999999999999999999999999999E+125")), ""},
		{"too large", item("pk", str("p"), "sk", bin([]byte{1}), "a", number("1E+126")), "Number overflow"},
		{"a small number", item("pk", str("p"), "sk", bin([]byte{1}), "a", number("1E-130")), ""},
		{"too small", item("pk", str("p"), "sk", bin([]byte{1}), "a", number("1E-131")), "Number underflow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Orders"), Item: c.item})
			if c.text != "" {
				want(t, err, "ValidationException", c.text)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Orders"), Key: item("pk", c.item["pk"], "sk", c.item["sk"])})
			if err != nil || printItem(out.Item) != printItem(c.item) {
				t.Errorf("read back another item, %v", err)
			}
		})
	}
}

func TestNumbersAreNormalised(t *testing.T) {
	db, _ := openWith(t, onDemand("Orders", key("id", "N")))
	for in, stored := range map[string]string{
		"1": "1", "01.50": "1.5", "-0": "0", "+3": "3", ".5": "0.5", "1e3": "1000", "12.5E-2": "0.125",
		"-1E-130":                                "-0." + strings.Repeat("0", 129) + "1",
		"99999999999999999999999999999999999999": "99999999999999999999999999999999999999",
	} {
		if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Orders"), Item: item("id", number(in))}); err != nil {
			t.Fatal(err)
		}
		out, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Orders"), Key: item("id", number(stored))})
		if err != nil || out.Item == nil || out.Item["id"].(*types.AttributeValueMemberN).Value != stored {
			t.Errorf("%s is stored as %s, want %s (%v)", in, printItem(out.Item), stored, err)
		}
	}
}

// UpdateItem API reference, "ReturnValues".
func TestReturnValues(t *testing.T) {
	db, _ := openWith(t, onDemand("Orders", key("id", "S")))
	old := item("id", str("1"), "a", num(1), "m", object("x", num(1), "y", num(2)))
	for _, c := range []struct {
		values types.ReturnValue
		fresh  bool
		want   string
	}{
		{"", false, "{}"},
		{types.ReturnValueNone, false, "{}"},
		{types.ReturnValueAllOld, false, `{a:1 id:"1" m:{x:1 y:2}}`},
		{types.ReturnValueAllNew, false, `{b:5 id:"1" m:{x:2 y:2}}`},
		{types.ReturnValueUpdatedOld, false, `{a:1 m:{x:1}}`},
		{types.ReturnValueUpdatedNew, false, `{b:5 m:{x:2}}`},
		{types.ReturnValueAllOld, true, "{}"},
		{types.ReturnValueAllNew, true, `{b:5 id:"1"}`},
		{types.ReturnValueUpdatedOld, true, "{}"},
		{types.ReturnValueUpdatedNew, true, "{b:5}"},
	} {
		update := "REMOVE a SET b = :five, m.x = m.x + :one"
		values := item(":five", num(5), ":one", num(1))
		if c.fresh {
			update, values = "REMOVE a SET b = :five", item(":five", num(5))
			if _, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("Orders"), Key: item("id", str("1"))}); err != nil {
				t.Fatal(err)
			}
		} else if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Orders"), Item: old}); err != nil {
			t.Fatal(err)
		}
		out, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String("Orders"), Key: item("id", str("1")), UpdateExpression: &update,
			ExpressionAttributeValues: values, ReturnValues: c.values,
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := printItem(out.Attributes); got != c.want {
			t.Errorf("%s, new item %t: %s, want %s", c.values, c.fresh, got, c.want)
		}
	}
	_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Orders"), Item: old, ReturnValues: types.ReturnValueAllNew})
	want(t, err, "ValidationException", "ReturnValues can only be ALL_OLD or NONE")
	out, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("Orders"), Key: item("id", str("1")), ReturnValues: types.ReturnValueAllOld})
	if err != nil || printItem(out.Attributes) != `{b:5 id:"1"}` {
		t.Errorf("DeleteItem returned %s, %v", printItem(out.Attributes), err)
	}
}

// DynamoDB developer guide, "Update expressions".
func TestUpdateExpressions(t *testing.T) {
	before := item("id", str("1"), "n", num(10), "s", strs("a", "b"), "l", list(num(0), num(1), num(2), num(3)), "m", object("k", object("x", num(1))))
	values := item(":n", number("0.1"), ":l", list(str("new")), ":s", strs("b", "c"), ":o", object(), ":t", str("t"), ":ab", strs("a", "b"))
	for _, c := range []struct{ update, want, text string }{
		{update: "SET n = n + :n", want: `n:10.1`},
		{update: "SET n = :n - n", want: `n:-9.9`},
		{update: "SET q = if_not_exists(q, :n)", want: `q:0.1`},
		{update: "SET n = if_not_exists(n, :n)", want: `n:10`},
		{update: "SET l = list_append(l, :l)", want: `l:[0 1 2 3 "new"]`},
		{update: "SET l = list_append(:l, l)", want: `l:["new" 0 1 2 3]`},
		{update: "SET l[1] = :t", want: `l:[0 "t" 2 3]`},
		{update: "SET l[9] = :t, l[7] = :n", want: `l:[0 1 2 3 0.1 "t"]`},
		{update: "SET m.k.y = :t", want: `m:{k:{x:1 y:"t"}}`},
		{update: "SET a = n, n = :n", want: `a:10`},
		{update: "SET a = l[2]", want: `a:2`},
		{update: "REMOVE l[0], l[2]", want: `l:[1 3]`},
		{update: "REMOVE l[9]", want: `l:[0 1 2 3]`},
		{update: "REMOVE l[1] SET l[2] = :t", want: `l:[0 "t" 3]`},
		{update: "REMOVE m.k.x", want: `m:{k:{}}`},
		{update: "REMOVE nothing", want: `n:10`},
		{update: "ADD n :n", want: `n:10.1`},
		{update: "ADD q :n", want: `q:0.1`},
		{update: "ADD s :s", want: `s:SS["a" "b" "c"]`},
		{update: "ADD q :s", want: `q:SS["b" "c"]`},
		{update: "ADD m.k.x :n", want: `m:{k:{x:1.1}}`},
		{update: "DELETE s :s", want: `s:SS["a"]`},
		{update: "DELETE q :s", want: `s:SS["a" "b"]`},

		{update: "SET n = s + :n", text: "An operand in the update expression has an incorrect data type"},
		{update: "SET l = list_append(n, :l)", text: "An operand in the update expression has an incorrect data type"},
		{update: "ADD s :n", text: "An operand in the update expression has an incorrect data type"},
		{update: "ADD n :s", text: "An operand in the update expression has an incorrect data type"},
		{update: "DELETE n :s", text: "An operand in the update expression has an incorrect data type"},
		{update: "SET a = q", text: "The provided expression refers to an attribute that does not exist in the item"},
		{update: "SET q.x = :n", text: "The document path provided in the update expression is invalid for update"},
		{update: "SET n.x = :n", text: "The document path provided in the update expression is invalid for update"},
		{update: "SET m[0] = :n", text: "The document path provided in the update expression is invalid for update"},
		{update: "SET l.x = :n", text: "The document path provided in the update expression is invalid for update"},
		{update: "SET id = :t", text: "Cannot update attribute id. This attribute is part of the key"},
		{update: "SET n = :n, n = :n", text: "Two document paths overlap with each other"},
		{update: "SET m.k = :o REMOVE m.k.x", text: "Two document paths overlap with each other"},
		{update: "SET l[0] = :n, l.x = :n", text: "Two document paths conflict with each other"},
		{update: "SET a = :n SET b = :n", text: `The "SET" section can only be used once in an update expression;`},
		{update: "ADD n :t", text: "operator: ADD, operand type: STRING"},
		{update: "DELETE s :n", text: "operator: DELETE, operand type: NUMBER"},
		{update: "SET a = size(l)", text: "The function is not allowed in an update expression; function: size"},
		{update: "SET a = nothing(l)", text: "Invalid function name; function: nothing"},
		{update: "SET a = if_not_exists(:n, :n)", text: "Operator or function requires a document path"},
		{update: "SET a = if_not_exists(q)", text: "Incorrect number of operands"},
		{update: "SET status = :n", text: "Attribute name is a reserved keyword; reserved keyword: status"},
		{update: "SET a", text: `Syntax error; token: "<EOF>"`},
		{update: "SET", text: `Syntax error; token: "<EOF>"`},
		{update: "", text: "The expression can not be empty;"},
	} {
		t.Run(c.update, func(t *testing.T) {
			db, _ := openWith(t, onDemand("Orders", key("id", "S")))
			if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Orders"), Item: before}); err != nil {
				t.Fatal(err)
			}
			used := map[string]types.AttributeValue{}
			for name, value := range values {
				if strings.Contains(c.update+" ", name+" ") || strings.Contains(c.update, name+",") || strings.Contains(c.update, name+")") {
					used[name] = value
				}
			}
			if len(used) == 0 {
				used = nil
			}
			out, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
				TableName: aws.String("Orders"), Key: item("id", str("1")), UpdateExpression: &c.update,
				ExpressionAttributeValues: used, ReturnValues: types.ReturnValueAllNew,
			})
			if c.text != "" {
				want(t, err, "ValidationException", c.text)
				return
			}
			if err != nil || !strings.Contains(printItem(out.Attributes), c.want) {
				t.Errorf("got %v %v, want %s", out, err, c.want)
			}
		})
	}
}

func TestUpdateLimits(t *testing.T) {
	db, _ := openWith(t, onDemand("Orders", key("id", "S")))
	update := func(expression string, values map[string]types.AttributeValue) error {
		_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String("Orders"), Key: item("id", str("1")), UpdateExpression: &expression, ExpressionAttributeValues: values,
		})
		return err
	}
	want(t, update("SET a = :v", item(":v", str(strings.Repeat("x", 409600)))), "ValidationException", "Item size to update has exceeded the maximum allowed size")
	want(t, update("SET a = :x + :y", item(":x", number("9E+125"), ":y", number("9E+125"))), "ValidationException", "Number overflow")
	want(t, update("SET a = :x + :y", item(":x", number("1E+50"), ":y", number("1"))), "ValidationException", "Number overflow")
	want(t, update("SET a = :x + :y", item(":x", number("1E+37"), ":y", number("1"))), "", "")
	want(t, update("SET a = :x - :y", item(":x", number("1E-130"), ":y", number("1E-130"))), "", "")
}

// PutItem API reference, "ReturnValuesOnConditionCheckFailure".
func TestFailedConditionReturnsTheItem(t *testing.T) {
	db, _ := openWith(t, onDemand("Orders", key("id", "S")))
	if err := putOrder(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		id   string
		on   types.ReturnValuesOnConditionCheckFailure
		want string
	}{
		{"1", types.ReturnValuesOnConditionCheckFailureAllOld, `{id:"1" n:1}`},
		{"1", types.ReturnValuesOnConditionCheckFailureNone, `{}`},
		{"1", "", `{}`},
		{"2", types.ReturnValuesOnConditionCheckFailureAllOld, `{}`},
	} {
		_, err := db.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String("Orders"), Key: item("id", str(c.id)), UpdateExpression: aws.String("REMOVE a"),
			ConditionExpression: aws.String("n > :n"), ExpressionAttributeValues: item(":n", num(5)), ReturnValuesOnConditionCheckFailure: c.on,
		})
		var failed *types.ConditionalCheckFailedException
		want(t, err, "ConditionalCheckFailedException", "The conditional request failed")
		if !asError(err, &failed) || printItem(failed.Item) != c.want {
			t.Errorf("item %s, %q: %v, want %s", c.id, c.on, err, c.want)
		}
	}
}
