package runtime_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// refusedBeforeAnyCall runs do and fails unless it returns a RequestError that
// says want, without a call to the engine, as far as that counts calls.
func (e *encrypted) refusedBeforeAnyCall(t *testing.T, want string, do func() error) {
	t.Helper()
	calls := func() map[string]int {
		if e.engine == nil {
			return nil
		}
		calls := e.engine.Calls()
		delete(calls, "DescribeTable")
		return calls
	}
	before := calls()
	err := do()
	if refusal := (*ddbe.RequestError)(nil); !errors.As(err, &refusal) {
		t.Errorf("returned %v, want a RequestError", err)
	} else if !strings.Contains(err.Error(), want) {
		t.Errorf("error %q does not say %q", err, want)
	}
	same(t, "calls", calls(), before)
}

func TestClientConditions(t *testing.T) {
	e := newEncrypted(t, nil)
	e.put(alice())
	values := ddbe.Item{":v": s("x"), ":n": n("1")}
	names := map[string]string{"#e": "email", "#l": "level"}
	ops := map[string]func(condition string) error{
		"PutItem": func(c string) error {
			_, err := e.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: alice(), ConditionExpression: &c, ExpressionAttributeNames: names, ExpressionAttributeValues: values})
			return err
		},
		"DeleteItem": func(c string) error {
			_, err := e.client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(people), Key: keyOf(alice()), ConditionExpression: &c, ExpressionAttributeNames: names, ExpressionAttributeValues: values})
			return err
		},
		"UpdateItem": func(c string) error {
			_, err := e.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: aws.String(people), Key: keyOf(alice()), UpdateExpression: aws.String("SET seen = :v"), ConditionExpression: &c, ExpressionAttributeNames: names, ExpressionAttributeValues: values})
			return err
		},
		"TransactWriteItems Put": func(c string) error {
			return e.transact(types.TransactWriteItem{Put: &types.Put{TableName: aws.String(people), Item: alice(), ConditionExpression: &c, ExpressionAttributeNames: names, ExpressionAttributeValues: values}})
		},
		"TransactWriteItems Delete": func(c string) error {
			return e.transact(types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(people), Key: keyOf(alice()), ConditionExpression: &c, ExpressionAttributeNames: names, ExpressionAttributeValues: values}})
		},
		"TransactWriteItems Update": func(c string) error {
			return e.transact(types.TransactWriteItem{Update: &types.Update{TableName: aws.String(people), Key: keyOf(alice()), UpdateExpression: aws.String("SET seen = :v"), ConditionExpression: &c, ExpressionAttributeNames: names, ExpressionAttributeValues: values}})
		},
		"TransactWriteItems ConditionCheck": func(c string) error {
			return e.transact(types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{TableName: aws.String(people), Key: keyOf(alice()), ConditionExpression: &c, ExpressionAttributeNames: names, ExpressionAttributeValues: values}})
		},
	}
	refused := map[string]string{
		"email = :v":                              `"email"`,
		"#e = :v OR #l = :v":                      `"email"`,
		"NOT (#l = :v AND contains(tags, :v))":    `"tags"`,
		"address.zip = :v":                        `"address"`,
		"attribute_exists(address.zip)":           `"address"`,
		"size(note) > :n AND email = :v":          `"email"`,
		"level = email":                           `"email"`,
		"level IN (:v, city)":                     `"city"`,
		":v BETWEEN level AND city":               `"city"`,
		"zip = :v":                                `"zip"`,
		"levelEmail = :v":                         `"levelEmail"`,
		"aws_dbe_b_email = :v":                    `"aws_dbe_b_email"`,
		"attribute_exists(email) AND note <> :v":  `"note"`,
		"attribute_type(email, :v)":               "attribute type name",
		"level = :v AND":                          "cannot be read",
		"level = :nosuch":                         "cannot be read",
		"begins_with(cityInitial, :v)":            `"cityInitial"`,
		"size(aws_dbe_head) > :n":                 `"aws_dbe_head"`,
		"teamLevel = :v AND aws_dbe_foot = :v":    `"aws_dbe_foot"`,
		"(level = :v) OR (seen = :v AND city=:v)": `"city"`,
	}
	for op, do := range ops {
		for condition, want := range refused {
			t.Run(op+"/"+condition, func(t *testing.T) {
				e.refusedBeforeAnyCall(t, want, func() error { return do(condition) })
			})
		}
	}
	for condition, values := range map[string]ddbe.Item{
		"attribute_exists(email) AND attribute_not_exists(nosuch) AND size(tags) > :n": {":n": n("1")},
		"attribute_exists(aws_dbe_head)":                                               nil,
		"#l = :l":                                                                      {":l": s("senior")},
		"begins_with(teamLevel, :t)":                                                   {":t": s("T-red.L-se")},
	} {
		in := &dynamodb.PutItemInput{TableName: aws.String(people), Item: alice(), ConditionExpression: &condition, ExpressionAttributeValues: values}
		if strings.Contains(condition, "#l") {
			in.ExpressionAttributeNames = map[string]string{"#l": "level"}
		}
		if _, err := e.client.PutItem(t.Context(), in); err != nil {
			t.Errorf("%s: %v", condition, err)
		}
	}
}

func (e *encrypted) transact(items ...types.TransactWriteItem) error {
	_, err := e.client.TransactWriteItems(e.t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: items})
	return err
}

func TestClientLegacyParameters(t *testing.T) {
	e := newEncrypted(t, nil)
	expected := map[string]types.ExpectedAttributeValue{"email": {Value: s("x")}}
	condition := map[string]types.Condition{"email": {ComparisonOperator: types.ComparisonOperatorEq}}
	and := types.ConditionalOperatorAnd
	put := func(in dynamodb.PutItemInput) error {
		in.TableName, in.Item = aws.String(people), alice()
		_, err := e.client.PutItem(t.Context(), &in)
		return err
	}
	update := func(in dynamodb.UpdateItemInput) error {
		in.TableName, in.Key = aws.String(people), keyOf(alice())
		_, err := e.client.UpdateItem(t.Context(), &in)
		return err
	}
	remove := func(in dynamodb.DeleteItemInput) error {
		in.TableName, in.Key = aws.String(people), keyOf(alice())
		_, err := e.client.DeleteItem(t.Context(), &in)
		return err
	}
	query := func(in dynamodb.QueryInput) error {
		in.TableName = aws.String(people)
		_, err := e.client.Query(t.Context(), &in)
		return err
	}
	scan := func(in dynamodb.ScanInput) error {
		in.TableName = aws.String(people)
		_, err := e.client.Scan(t.Context(), &in)
		return err
	}
	for want, do := range map[string]func() error{
		"PutItem: Expected":               func() error { return put(dynamodb.PutItemInput{Expected: expected}) },
		"PutItem: ConditionalOperator":    func() error { return put(dynamodb.PutItemInput{ConditionalOperator: and}) },
		"UpdateItem: Expected":            func() error { return update(dynamodb.UpdateItemInput{Expected: expected}) },
		"UpdateItem: ConditionalOperator": func() error { return update(dynamodb.UpdateItemInput{ConditionalOperator: and}) },
		"UpdateItem: AttributeUpdates": func() error {
			return update(dynamodb.UpdateItemInput{AttributeUpdates: map[string]types.AttributeValueUpdate{"seen": {Value: s("x")}}})
		},
		"DeleteItem: Expected":            func() error { return remove(dynamodb.DeleteItemInput{Expected: expected}) },
		"DeleteItem: ConditionalOperator": func() error { return remove(dynamodb.DeleteItemInput{ConditionalOperator: and}) },
		"Query: AttributesToGet":          func() error { return query(dynamodb.QueryInput{AttributesToGet: []string{"email"}}) },
		"Query: KeyConditions":            func() error { return query(dynamodb.QueryInput{KeyConditions: condition}) },
		"Query: QueryFilter":              func() error { return query(dynamodb.QueryInput{QueryFilter: condition}) },
		"Query: ConditionalOperator":      func() error { return query(dynamodb.QueryInput{ConditionalOperator: and}) },
		"Scan: AttributesToGet":           func() error { return scan(dynamodb.ScanInput{AttributesToGet: []string{"email"}}) },
		"Scan: ScanFilter":                func() error { return scan(dynamodb.ScanInput{ScanFilter: condition}) },
		"Scan: ConditionalOperator":       func() error { return scan(dynamodb.ScanInput{ConditionalOperator: and}) },
	} {
		t.Run(want, func(t *testing.T) {
			_, parameter, _ := strings.Cut(want, ": ")
			e.refusedBeforeAnyCall(t, "legacy parameter "+parameter, do)
		})
	}
}

func TestClientUpdate(t *testing.T) {
	e := newEncrypted(t, nil)
	e.put(alice())
	values := ddbe.Item{":v": s("x"), ":n": n("1"), ":set": ss("x")}
	update := func(in dynamodb.UpdateItemInput) (*dynamodb.UpdateItemOutput, error) {
		in.TableName, in.Key = aws.String(people), keyOf(alice())
		return e.client.UpdateItem(t.Context(), &in)
	}
	for expression, want := range map[string]string{
		"SET email = :v":                      `"email"`,
		"SET level = :v":                      `"level"`,
		"SET seen = if_not_exists(city, :v)":  `"city"`,
		"SET seen = seen - level":             `"level"`,
		"SET address.zip[1].x = :v":           `"address"`,
		"REMOVE seen, note, #t":               `"note", "tags"`,
		"DELETE tags :set":                    `"tags"`,
		"ADD number :n":                       `"number"`,
		"SET aws_dbe_b_email = :v":            `"aws_dbe_b_email"`,
		"REMOVE aws_dbe_head":                 `"aws_dbe_head"`,
		"SET teamLevel = :v, levelEmail = :v": `"levelEmail", "teamLevel"`,
		"SET zip = :v":                        `"zip"`,
		"SET seen = :v REMOVE":                "cannot be read",
	} {
		t.Run(expression, func(t *testing.T) {
			e.refusedBeforeAnyCall(t, want, func() error {
				_, err := update(dynamodb.UpdateItemInput{UpdateExpression: &expression, ExpressionAttributeNames: map[string]string{"#t": "tags"}, ExpressionAttributeValues: values})
				return err
			})
			e.refusedBeforeAnyCall(t, want, func() error {
				return e.transact(types.TransactWriteItem{Update: &types.Update{
					TableName: aws.String(people), Key: keyOf(alice()), UpdateExpression: &expression,
					ExpressionAttributeNames: map[string]string{"#t": "tags"}, ExpressionAttributeValues: values,
				}})
			})
		})
	}

	later := with(plain(alice()), ddbe.Item{"seen": s("x")})
	for _, step := range []struct {
		returned types.ReturnValue
		want     ddbe.Item
	}{
		{types.ReturnValueAllOld, plain(alice())}, {types.ReturnValueAllNew, later},
		{types.ReturnValueUpdatedNew, ddbe.Item{"seen": s("x")}}, {types.ReturnValueNone, nil}, {"", nil},
	} {
		out, err := update(dynamodb.UpdateItemInput{UpdateExpression: aws.String("SET seen = :v"), ExpressionAttributeValues: ddbe.Item{":v": s("x")}, ReturnValues: step.returned})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "Attributes of "+string(step.returned), out.Attributes, map[string]types.AttributeValue(step.want))
	}
}

func TestClientReturnsOldItems(t *testing.T) {
	e := newEncryptedAnywhere(t, nil)
	e.put(alice())
	later := with(alice(), ddbe.Item{"email": s("alice@example.com")})
	put, err := e.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: later, ReturnValues: types.ReturnValueAllOld})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "PutItem", put.Attributes, plain(alice()))
	deleted, err := e.client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(people), Key: keyOf(later), ReturnValues: types.ReturnValueAllOld})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "DeleteItem", deleted.Attributes, plain(later))
}

func TestClientDecryptsItemsInErrors(t *testing.T) {
	e := newEncryptedAnywhere(t, nil)
	e.put(alice())
	never, all := aws.String("attribute_not_exists(team)"), types.ReturnValuesOnConditionCheckFailureAllOld
	_, put := e.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: alice(), ConditionExpression: never, ReturnValuesOnConditionCheckFailure: all})
	_, update := e.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: aws.String(people), Key: keyOf(alice()), UpdateExpression: aws.String("REMOVE seen"), ConditionExpression: never, ReturnValuesOnConditionCheckFailure: all})
	_, remove := e.client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String(people), Key: keyOf(alice()), ConditionExpression: never, ReturnValuesOnConditionCheckFailure: all})
	for op, err := range map[string]error{"PutItem": put, "UpdateItem": update, "DeleteItem": remove} {
		failed := (*types.ConditionalCheckFailedException)(nil)
		if !errors.As(err, &failed) {
			t.Fatalf("%s: %v", op, err)
		}
		same(t, op, failed.Item, plain(alice()))
		if api := (interface{ ErrorCode() string })(nil); !errors.As(err, &api) || api.ErrorCode() != "ConditionalCheckFailedException" {
			t.Errorf("%s: the error is no longer an API error: %v", op, err)
		}
	}

	err := e.transact(
		types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(people), Key: ddbe.Key{"team": s("blue"), "number": n("1")}}},
		types.TransactWriteItem{Put: &types.Put{TableName: aws.String(people), Item: alice(), ConditionExpression: never, ReturnValuesOnConditionCheckFailure: all}},
	)
	cancelled := (*types.TransactionCanceledException)(nil)
	if !errors.As(err, &cancelled) || len(cancelled.CancellationReasons) != 2 {
		t.Fatalf("TransactWriteItems: %v", err)
	}
	same(t, "reason", cancelled.CancellationReasons[1].Item, plain(alice()))

	// An item that was tampered with is not handed out.
	stored := e.stored(keyOf(alice()))
	stored["level"] = s("junior")
	if _, err := e.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: stored}); err != nil {
		t.Fatal(err)
	}
	_, err = e.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: alice(), ConditionExpression: never, ReturnValuesOnConditionCheckFailure: all})
	failed := (*types.ConditionalCheckFailedException)(nil)
	if !errors.As(err, &failed) || failed.Item != nil || !errors.Is(err, crypto.ErrAuthentication) {
		t.Errorf("a failed condition on a tampered item: %v", err)
	}
}

func TestClientProjections(t *testing.T) {
	e := newEncrypted(t, nil)
	item := with(alice(), ddbe.Item{"address": m(ddbe.Item{
		"zip": s("69001"), "lines": &types.AttributeValueMemberL{Value: []types.AttributeValue{s("a"), m(ddbe.Item{"b": s("c"), "d": s("e")}), s("f")}},
	})})
	e.put(item)
	plainTable := peopleTable()
	plainTable.TableName = aws.String("plain")
	if _, err := e.client.CreateTable(t.Context(), plainTable); err != nil {
		t.Fatal(err)
	}
	if _, err := e.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("plain"), Item: plain(item)}); err != nil {
		t.Fatal(err)
	}
	for _, projection := range []string{
		"email", "team, #a.zip", "#a.#l[1].b, #a.#l[0]", "#a.#l[2], #a.#l[1].nosuch", "nosuch", "seen, #a.zip.x, tags[0]", "aws_dbe_head, city",
	} {
		names := map[string]string{}
		for alias, name := range map[string]string{"#a": "address", "#l": "lines"} {
			if strings.Contains(projection, alias) {
				names[alias] = name
			}
		}
		if len(names) == 0 {
			names = nil
		}
		in := &dynamodb.GetItemInput{TableName: aws.String(people), Key: keyOf(item), ProjectionExpression: &projection, ExpressionAttributeNames: names}
		got, err := e.client.GetItem(t.Context(), in)
		if err != nil {
			t.Fatalf("%s: %v", projection, err)
		}
		in.TableName = aws.String("plain")
		want, err := e.db.GetItem(t.Context(), in)
		if err != nil {
			t.Fatalf("%s: %v", projection, err)
		}
		if len(got.Item)+len(want.Item) > 0 {
			same(t, "GetItem "+projection, got.Item, want.Item)
		}

		keys := types.KeysAndAttributes{Keys: []map[string]types.AttributeValue{keyOf(item)}, ProjectionExpression: &projection, ExpressionAttributeNames: names}
		batch, err := e.client.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{people: keys, "plain": keys}})
		if err != nil {
			t.Fatalf("%s: %v", projection, err)
		}
		if len(batch.Responses[people][0]) > 0 {
			same(t, "BatchGetItem "+projection, batch.Responses[people], batch.Responses["plain"])
		}
		get := func(table string) types.TransactGetItem {
			return types.TransactGetItem{Get: &types.Get{TableName: &table, Key: keyOf(item), ProjectionExpression: &projection, ExpressionAttributeNames: names}}
		}
		transaction, err := e.client.TransactGetItems(t.Context(), &dynamodb.TransactGetItemsInput{TransactItems: []types.TransactGetItem{get(people), get("plain")}})
		if err != nil {
			t.Fatalf("%s: %v", projection, err)
		}
		if len(transaction.Responses[0].Item) > 0 {
			same(t, "TransactGetItems "+projection, transaction.Responses[0].Item, transaction.Responses[1].Item)
		}
	}
	out, err := e.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(people), Key: keyOf(item), AttributesToGet: []string{"email", "nosuch"}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "AttributesToGet", out.Item, ddbe.Item{"email": s("alice@example.org")})
	e.refusedBeforeAnyCall(t, "AttributesToGet", func() error {
		_, err := e.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(people), Key: keyOf(item), AttributesToGet: []string{"email"}, ProjectionExpression: aws.String("city")})
		return err
	})
}
