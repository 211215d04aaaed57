package runtime_test

import (
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

// byEmail asks for the people with an email address.
func byEmail(email string) *dynamodb.QueryInput {
	return &dynamodb.QueryInput{
		TableName: aws.String(people), IndexName: aws.String("by-email"),
		KeyConditionExpression:    aws.String("#e = :e"),
		ExpressionAttributeNames:  map[string]string{"#e": "email"},
		ExpressionAttributeValues: ddbe.Item{":e": s(email)},
	}
}

// spread is partitioned with beacons that are long enough not to be the same in
// two partitions.
func spread(config *ddbe.TableConfig, table *dynamodb.CreateTableInput) {
	partitioned(config, table)
	config.Search.Beacons.Standard[0].Length = 60
	config.Search.Beacons.Standard[1].Length = 60
}

// twins returns n people with one email address, who joined one after another.
func twins(n int) []ddbe.Item {
	items := make([]ddbe.Item, n)
	for i := range items {
		items[i] = ddbe.Item{
			"team": s("red"), "number": num(i), "level": s("lead"), "joined": s(fmt.Sprintf("%04d", i)),
			"email": s("bob@b"), "city": s("Lyon"),
		}
	}
	return items
}

func TestClientQueriesAllPartitionsAtOnce(t *testing.T) {
	e := newEncrypted(t, spread)
	e.put(twins(40)...)
	out, err := e.client.Query(t.Context(), byEmail("bob@b"))
	if err != nil {
		t.Fatal(err)
	}
	if out.LastEvaluatedKey != nil || len(out.Items) != 40 || out.Count != 40 || out.ScannedCount < 40 {
		t.Errorf("%d items, Count %d, ScannedCount %d, LastEvaluatedKey %v; want all 40 in one page", len(out.Items), out.Count, out.ScannedCount, out.LastEvaluatedKey)
	}
	for i, item := range out.Items {
		if show(item["number"]) != show(num(i)) {
			t.Fatalf("item %d has number %s: the order of the index is lost", i, show(item["number"]))
		}
	}
	queries, err := e.client.NumberOfQueries(byEmail("bob@b"))
	if err != nil || queries != 3 {
		t.Errorf("NumberOfQueries: %d, %v, want 3", queries, err)
	}
	e.engine.ResetCalls()
	count := byEmail("bob@b")
	count.Select = types.SelectCount
	if out, err = e.client.Query(t.Context(), count); err != nil || out.Count != 40 || out.Items != nil {
		t.Errorf("COUNT: %v, %v", out, err)
	}
	if calls := e.engine.Calls()["Query"]; calls != 3 {
		t.Errorf("%d queries, want 3", calls)
	}
}

func TestClientQueriesEqualBeaconsOnce(t *testing.T) {
	e := newEncrypted(t, func(config *ddbe.TableConfig, table *dynamodb.CreateTableInput) {
		partitioned(config, table)
		config.Search.Beacons.Standard[0].Length = 1
	})
	e.put(twins(40)...)
	out, err := e.client.Query(t.Context(), byEmail("bob@b"))
	if err != nil || len(out.Items) != 40 {
		t.Fatalf("%v, %v", out, err)
	}
	// A beacon of one bit has two values in three partitions at most.
	if calls := e.engine.Calls()["Query"]; calls > 2 {
		t.Errorf("%d queries", calls)
	}
}

func TestClientPageTokens(t *testing.T) {
	e := newEncrypted(t, spread)
	e.put(twins(40)...)
	first := byEmail("bob@b")
	first.Limit = aws.Int32(7)
	page, err := e.client.Query(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	token := page.LastEvaluatedKey
	if len(page.Items) != 7 || len(token) != 1 {
		t.Fatalf("%d items and token %s, want 7 and one attribute", len(page.Items), show(ddbe.Item(token)))
	}
	next := func(change func(*dynamodb.QueryInput)) (*dynamodb.QueryOutput, error) {
		in := byEmail("bob@b")
		in.Limit, in.ExclusiveStartKey = aws.Int32(7), token
		if change != nil {
			change(in)
		}
		return e.client.Query(t.Context(), in)
	}
	if page, err = next(nil); err != nil || len(page.Items) != 7 || show(page.Items[0]["number"]) != show(num(7)) {
		t.Errorf("second page: %v, %v", page, err)
	}
	// The same token serves again, also for another client with the same keys.
	other, err := ddbe.NewClient(e.db, map[string]ddbe.TableConfig{people: e.config})
	if err != nil {
		t.Fatal(err)
	}
	again := byEmail("bob@b")
	again.ExclusiveStartKey = token
	if out, err := other.Query(t.Context(), again); err != nil || len(out.Items) != 33 {
		t.Errorf("the rest, by another client: %v, %v", out, err)
	}

	text := token["aws_dbe_page"].(*types.AttributeValueMemberS).Value
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	spoilt := map[string]func(*dynamodb.QueryInput){
		"another value": func(in *dynamodb.QueryInput) { in.ExpressionAttributeValues = ddbe.Item{":e": s("ann@a")} },
		"another type": func(in *dynamodb.QueryInput) {
			in.ExpressionAttributeValues = ddbe.Item{":e": &types.AttributeValueMemberB{Value: []byte("bob@b")}}
		},
		"another order": func(in *dynamodb.QueryInput) { in.ScanIndexForward = aws.Bool(false) },
		"another condition": func(in *dynamodb.QueryInput) {
			in.KeyConditionExpression = aws.String("#e = :e AND joined > :j")
			in.ExpressionAttributeValues = with(in.ExpressionAttributeValues, ddbe.Item{":j": s("0")})
		},
		"a filter": func(in *dynamodb.QueryInput) { in.FilterExpression = aws.String("attribute_exists(#e)") },
		"other names": func(in *dynamodb.QueryInput) {
			in.ExpressionAttributeNames = map[string]string{"#e": "aws_dbe_b_email"}
		},
		"a key":              func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = keyOf(twins(1)[0]) },
		"two attributes":     func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = with(token, ddbe.Item{"team": s("red")}) },
		"another type of it": func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = ddbe.Key{"aws_dbe_page": n("1")} },
		"no base64":          func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = ddbe.Key{"aws_dbe_page": s("!" + text)} },
		"nothing":            func(in *dynamodb.QueryInput) { in.ExclusiveStartKey = ddbe.Key{"aws_dbe_page": s("")} },
		"a query of one partition": func(in *dynamodb.QueryInput) {
			in.ExpressionAttributeValues = with(in.ExpressionAttributeValues, ddbe.Item{":aws_dbe_partition": n("1")})
		},
		"a query without beacons": func(in *dynamodb.QueryInput) {
			in.IndexName, in.ExpressionAttributeNames = nil, nil
			in.KeyConditionExpression = aws.String("team = :e")
		},
	}
	for i := range sealed {
		spoilt[fmt.Sprintf("byte %d", i)] = func(in *dynamodb.QueryInput) {
			changed := slices.Clone(sealed)
			changed[i] ^= 1
			in.ExclusiveStartKey = ddbe.Key{"aws_dbe_page": s(base64.RawURLEncoding.EncodeToString(changed))}
		}
	}
	for _, what := range slices.Sorted(maps.Keys(spoilt)) {
		if page, err := next(spoilt[what]); !errors.Is(err, ddbe.ErrPageToken) {
			t.Errorf("%s: %v, %v, want ErrPageToken", what, page, err)
		}
	}
}

func TestClientQueriesAChosenPartition(t *testing.T) {
	e := newEncrypted(t, spread)
	e.put(twins(40)...)
	found := map[string]int{}
	for partition := range 3 {
		in := byEmail("bob@b")
		in.ExpressionAttributeValues[":aws_dbe_partition"] = num(partition)
		pages := dynamodb.NewQueryPaginator(e.client, in)
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range page.Items {
				found[show(item["number"])]++
			}
		}
	}
	if len(found) != 40 {
		t.Errorf("the three partitions hold %d of 40 items", len(found))
	}
	for _, value := range []types.AttributeValue{num(3), n("-1"), n("0.5"), n("x"), s("1"), n("1e30")} {
		in := byEmail("bob@b")
		in.ExpressionAttributeValues[":aws_dbe_partition"] = value
		e.refusedBeforeAnyCall(t, ":aws_dbe_partition", func() error {
			_, err := e.client.Query(t.Context(), in)
			return err
		})
	}
	e.refusedBeforeAnyCall(t, "Scan", func() error {
		_, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), FilterExpression: aws.String("email = :e"), ExpressionAttributeValues: ddbe.Item{":e": s("x"), ":aws_dbe_partition": n("0")}})
		return err
	})
	one := newEncrypted(t, nil)
	one.refusedBeforeAnyCall(t, "one partition", func() error {
		in := byEmail("bob@b")
		in.ExpressionAttributeValues[":aws_dbe_partition"] = n("0")
		_, err := one.client.Query(t.Context(), in)
		return err
	})
}

func TestClientDoesNotMissPartitionsItCannotMerge(t *testing.T) {
	e := newEncrypted(t, spread, ddbe.WithoutTableDescription())
	e.put(twins(10)...)
	e.refusedBeforeAnyCall(t, "partitions", func() error {
		_, err := e.client.Query(t.Context(), byEmail("bob@b"))
		return err
	})
	in := byEmail("bob@b")
	in.ExpressionAttributeValues[":aws_dbe_partition"] = n("2")
	if _, err := e.client.Query(t.Context(), in); err != nil {
		t.Errorf("a chosen partition: %v", err)
	}
}

func TestClientTellsDynamoDBsErrorsOfPartitions(t *testing.T) {
	e := newEncrypted(t, spread)
	e.put(twins(10)...)
	defer e.engine.Inject(embedded.Fail("ValidationException", "no", 400).On("Query").After(1))()
	_, err := e.client.Query(t.Context(), byEmail("bob@b"))
	if api := (interface{ ErrorCode() string })(nil); !errors.As(err, &api) || api.ErrorCode() != "ValidationException" {
		t.Errorf("error %v, want that of one of the queries", err)
	}
}

func TestClientFilterOfManyPartitionsIsRefused(t *testing.T) {
	e := newEncrypted(t, func(config *ddbe.TableConfig, _ *dynamodb.CreateTableInput) {
		config.Search.Beacons.MaxPartitions = 254
		config.Search.Beacons.Standard[0].Length = 40
	})
	e.refusedBeforeAnyCall(t, "4096", func() error {
		_, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), FilterExpression: aws.String("email = :e"), ExpressionAttributeValues: ddbe.Item{":e": s("x")}})
		return err
	})
}
