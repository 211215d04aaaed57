package embedded_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// measures is a table with an index of every kind and 20 items in 2 partitions.
func measures(t *testing.T) *dynamodb.Client {
	in := onDemand("Measures", key("device", "S", "at", "N"))
	define(in, "kind", "S")
	define(in, "value", "N")
	include := &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"note"}}
	in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{
		{IndexName: aws.String("all"), KeySchema: schema("kind", "value"), Projection: projectAll},
		{IndexName: aws.String("keys"), KeySchema: schema("kind"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly}},
		{IndexName: aws.String("include"), KeySchema: schema("kind"), Projection: include},
	}
	in.LocalSecondaryIndexes = []types.LocalSecondaryIndex{
		{IndexName: aws.String("local"), KeySchema: schema("device", "value"), Projection: include},
	}
	db, _ := openWith(t, in)
	for i := range 20 {
		it := item("device", str(fmt.Sprint("d", i%2)), "at", num(i-10), "note", str(fmt.Sprint("note ", i)), "more", num(i))
		if i%4 != 3 { // the others are in no index
			it["kind"], it["value"] = str("heat"), num(-i)
		}
		if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Measures"), Item: it}); err != nil {
			t.Fatal(err)
		}
	}
	return db
}

func attributesOf(items []map[string]types.AttributeValue, name string) string {
	values := make([]string, len(items))
	for i, it := range items {
		values[i] = printValue(it[name])
	}
	return strings.Join(values, " ")
}

// DynamoDB developer guide, "Key condition expressions for the Query operation".
func TestQueryKeyConditions(t *testing.T) {
	db := measures(t)
	values := item(":d", str("d0"), ":a", num(-4), ":b", num(2), ":s", str("x"))
	for _, c := range []struct{ condition, at, text string }{
		{condition: "device = :d", at: "-10 -8 -6 -4 -2 0 2 4 6 8"},
		{condition: ":d = device", at: "-10 -8 -6 -4 -2 0 2 4 6 8"},
		{condition: "device = :d AND #at = :a", at: "-4"},
		{condition: "#at < :a AND device = :d", at: "-10 -8 -6"},
		{condition: "device = :d AND #at <= :a", at: "-10 -8 -6 -4"},
		{condition: "device = :d AND #at > :b", at: "4 6 8"},
		{condition: "device = :d AND :b < #at", at: "4 6 8"},
		{condition: "device = :d AND #at >= :b", at: "2 4 6 8"},
		{condition: "(device = :d) AND (#at BETWEEN :a AND :b)", at: "-4 -2 0 2"},

		{condition: "#at = :a", text: "Query condition missed key schema element: device"},
		{condition: "device > :d", text: "Query key condition not supported"},
		{condition: "device = :a", text: "Condition parameter type does not match schema type"},
		{condition: "device = :d AND #at = :s", text: "Condition parameter type does not match schema type"},
		{condition: "device = :d AND more = :a", text: "Query condition missed key schema element: at"},
		{condition: "device = :d OR #at = :a", text: "Invalid operator used in KeyConditionExpression: OR"},
		{condition: "NOT device = :d", text: "Invalid operator used in KeyConditionExpression: NOT"},
		{condition: "device <> :d", text: "Invalid operator used in KeyConditionExpression: <>"},
		{condition: "device IN (:d)", text: "Invalid operator used in KeyConditionExpression: IN"},
		{condition: "contains(device, :d)", text: "Invalid operator used in KeyConditionExpression: contains"},
		{condition: "device = :d AND attribute_exists(#at)", text: "Invalid operator used in KeyConditionExpression: attribute_exists"},
		{condition: "device = :d AND size(#at) = :a", text: "KeyConditionExpressions cannot contain nested operations"},
		{condition: "device = :d AND #at = more", text: "Multiple attribute names used in one condition"},
		{condition: "device = :d AND #at = :a AND #at < :b", text: "must only contain one condition per key"},
		{condition: "device.x = :d", text: "cannot have conditions on nested attributes"},
		{condition: "device = :d AND :a BETWEEN #at AND :b", text: "BETWEEN operator must have the key attribute as its first operand"},
		{condition: "device = :d AND :a = :b", text: "No key attribute specified"},
		{condition: "device = :d AND #at BETWEEN :b AND :a", text: "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:-4}"},
	} {
		t.Run(c.condition, func(t *testing.T) {
			in := &dynamodb.QueryInput{TableName: aws.String("Measures"), KeyConditionExpression: &c.condition}
			if strings.Contains(c.condition, "#at") {
				in.ExpressionAttributeNames = map[string]string{"#at": "at"}
			}
			in.ExpressionAttributeValues = map[string]types.AttributeValue{}
			for name, v := range values {
				if strings.Contains(c.condition, name) {
					in.ExpressionAttributeValues[name] = v
				}
			}
			for _, forward := range []bool{true, false} {
				in.ScanIndexForward = &forward
				out, err := db.Query(t.Context(), in)
				if c.text != "" {
					want(t, err, "ValidationException", c.text)
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				expect := strings.Fields(c.at)
				if !forward {
					for i, j := 0, len(expect)-1; i < j; i, j = i+1, j-1 {
						expect[i], expect[j] = expect[j], expect[i]
					}
				}
				if got := attributesOf(out.Items, "at"); got != strings.Join(expect, " ") {
					t.Errorf("forward %t: %s, want %s", forward, got, expect)
				}
				if out.Count != int32(len(expect)) || out.ScannedCount != out.Count || out.LastEvaluatedKey != nil {
					t.Errorf("count %d, scanned %d, last %v", out.Count, out.ScannedCount, out.LastEvaluatedKey)
				}
			}
		})
	}
}

func TestBeginsWithOnSortKeys(t *testing.T) {
	in := onDemand("Texts", key("p", "S", "s", "S"))
	db, _ := openWith(t, in)
	for _, s := range []string{"a", "ab", "ab\x00", "abc", "abÿ", "ac", "b"} {
		if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Texts"), Item: item("p", str("p"), "s", str(s))}); err != nil {
			t.Fatal(err)
		}
	}
	out, err := db.Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String("Texts"), KeyConditionExpression: aws.String("p = :p AND begins_with(s, :s)"),
		ExpressionAttributeValues: item(":p", str("p"), ":s", str("ab")),
	})
	if err != nil || attributesOf(out.Items, "s") != `"ab" "ab\x00" "abc" "abÿ"` {
		t.Errorf("got %s, %v", attributesOf(out.Items, "s"), err)
	}
}

// Query API reference, "Limit", "ExclusiveStartKey" and "FilterExpression":
// filters apply after a page is read.
func TestQueryPages(t *testing.T) {
	db := measures(t)
	for _, index := range []string{"", "all", "keys", "include", "local"} {
		for _, forward := range []bool{true, false} {
			t.Run(fmt.Sprint(index, forward), func(t *testing.T) {
				in := &dynamodb.QueryInput{
					TableName: aws.String("Measures"), KeyConditionExpression: aws.String("device = :k"),
					ExpressionAttributeValues: item(":k", str("d0")), ScanIndexForward: &forward,
				}
				wantItems := 10
				if index != "" {
					in.IndexName = &index
				}
				switch index {
				case "all", "keys", "include":
					in.KeyConditionExpression = aws.String("kind = :k")
					in.ExpressionAttributeValues = item(":k", str("heat"))
					wantItems = 15
				}
				whole, err := db.Query(t.Context(), in)
				if err != nil || len(whole.Items) != wantItems {
					t.Fatalf("%d items, want %d, %v", len(whole.Items), wantItems, err)
				}
				for limit := range int32(4) {
					in.Limit = aws.Int32(limit + 1)
					var all []map[string]types.AttributeValue
					pages := dynamodb.NewQueryPaginator(db, in)
					for pages.HasMorePages() {
						out, err := pages.NextPage(t.Context())
						if err != nil {
							t.Fatal(err)
						}
						if out.ScannedCount > limit+1 {
							t.Fatalf("scanned %d, limit %d", out.ScannedCount, limit+1)
						}
						all = append(all, out.Items...)
					}
					if printItems(all) != printItems(whole.Items) {
						t.Errorf("in pages of %d: %s, whole: %s", limit+1, printItems(all), printItems(whole.Items))
					}
				}
			})
		}
	}
	out, err := db.Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String("Measures"), KeyConditionExpression: aws.String("device = :d"), FilterExpression: aws.String("more > :n"),
		ExpressionAttributeValues: item(":d", str("d0"), ":n", num(5)), Limit: aws.Int32(4),
	})
	if err != nil || out.ScannedCount != 4 || out.Count != 1 || printItem(out.LastEvaluatedKey) != `{at:-4 device:"d0"}` {
		t.Errorf("a filtered page: %+v, %v", out, err)
	}
}

// DynamoDB developer guide, "Attribute projections".
func TestIndexProjections(t *testing.T) {
	db := measures(t)
	query := func(index string, change func(*dynamodb.QueryInput)) (*dynamodb.QueryOutput, error) {
		in := &dynamodb.QueryInput{
			TableName: aws.String("Measures"), IndexName: &index, Limit: aws.Int32(1),
			KeyConditionExpression: aws.String("kind = :k"), ExpressionAttributeValues: item(":k", str("heat")),
		}
		if index == "local" {
			in.KeyConditionExpression, in.ExpressionAttributeValues = aws.String("device = :k"), item(":k", str("d0"))
		}
		if change != nil {
			change(in)
		}
		return db.Query(t.Context(), in)
	}
	for index, names := range map[string]string{
		"all": "at device kind more note value", "keys": "at device kind", "include": "at device kind note", "local": "at device note value",
	} {
		out, err := query(index, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range out.Items {
			var got []string
			for _, name := range strings.Fields("at device kind more note value") {
				if it[name] != nil {
					got = append(got, name)
				}
			}
			if strings.Join(got, " ") != names {
				t.Errorf("index %s has %s, want %s", index, got, names)
			}
		}
		for _, name := range []string{"device", "at"} {
			if out.LastEvaluatedKey[name] == nil {
				t.Errorf("index %s: the last key has no %s", index, name)
			}
		}
	}
	_, err := query("all", func(in *dynamodb.QueryInput) { in.ConsistentRead = aws.Bool(true) })
	want(t, err, "ValidationException", "Consistent reads are not supported on global secondary indexes")
	_, err = query("local", func(in *dynamodb.QueryInput) { in.ConsistentRead = aws.Bool(true) })
	want(t, err, "", "")
	_, err = query("keys", func(in *dynamodb.QueryInput) { in.Select = types.SelectAllAttributes })
	want(t, err, "ValidationException", "Select type ALL_ATTRIBUTES is not supported for global secondary index keys because its projection type is not ALL")
	_, err = query("keys", func(in *dynamodb.QueryInput) { in.ProjectionExpression = aws.String("more") })
	want(t, err, "ValidationException", "does not project [more]")
	out, err := query("local", func(in *dynamodb.QueryInput) { in.Select = types.SelectAllAttributes })
	if err != nil || out.Items[0]["more"] == nil {
		t.Errorf("all attributes through a local index: %v, %v", out, err)
	}
	out, err = query("local", func(in *dynamodb.QueryInput) { in.ProjectionExpression = aws.String("more") })
	if err != nil || printItems(out.Items) != "[{more:18}]" {
		t.Errorf("a fetched attribute through a local index: %s, %v", printItems(out.Items), err)
	}
	out, err = query("all", func(in *dynamodb.QueryInput) { in.Select, in.Limit = types.SelectCount, nil })
	if err != nil || out.Count != 15 || out.Items != nil {
		t.Errorf("count: %+v, %v", out, err)
	}
	_, err = query("all", func(in *dynamodb.QueryInput) {
		in.FilterExpression, in.ExpressionAttributeValues[":v"] = aws.String("value = :v"), num(1)
		in.FilterExpression = aws.String("#v = :v")
		in.ExpressionAttributeNames = map[string]string{"#v": "value"}
	})
	want(t, err, "ValidationException", "Filter Expression can only contain non-primary key attributes: Primary key attribute: value")
}

func TestStartKeys(t *testing.T) {
	db := measures(t)
	query := func(start map[string]types.AttributeValue) error {
		_, err := db.Query(t.Context(), &dynamodb.QueryInput{
			TableName: aws.String("Measures"), KeyConditionExpression: aws.String("device = :d AND #at > :a"), ExclusiveStartKey: start,
			ExpressionAttributeNames: map[string]string{"#at": "at"}, ExpressionAttributeValues: item(":d", str("d0"), ":a", num(0)),
		})
		return err
	}
	want(t, query(item("device", str("d0"), "at", num(3))), "", "") // need not exist
	want(t, query(item("device", str("d0"))), "ValidationException", "The provided starting key is invalid")
	want(t, query(item("device", str("d0"), "at", str("3"))), "ValidationException", "The provided starting key is invalid")
	want(t, query(item("device", str("d1"), "at", num(3))), "ValidationException", "outside query boundaries")
	want(t, query(item("device", str("d0"), "at", num(-3))), "ValidationException", "does not match the range key predicate")
}

// Query API reference: a page ends when 1 MB is read.
func TestPagesOfOneMegabyte(t *testing.T) {
	db, _ := openWith(t, onDemand("Large", key("p", "S", "s", "N")))
	for i := range 30 {
		_, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Large"), Item: item("p", str("p"), "s", num(i), "b", bin(make([]byte, 100<<10)))})
		if err != nil {
			t.Fatal(err)
		}
	}
	var counts []int32
	pages := dynamodb.NewQueryPaginator(db, &dynamodb.QueryInput{
		TableName: aws.String("Large"), KeyConditionExpression: aws.String("p = :p"), ExpressionAttributeValues: item(":p", str("p")),
	})
	for pages.HasMorePages() {
		out, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		counts = append(counts, out.Count)
	}
	if fmt.Sprint(counts) != "[11 11 8]" {
		t.Errorf("items of 100 KB on the pages: %v", counts)
	}
	// A filter that keeps nothing reads the same pages.
	out, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("Large"), FilterExpression: aws.String("attribute_exists(nothing)")})
	if err != nil || out.Count != 0 || out.ScannedCount != 11 || out.LastEvaluatedKey == nil {
		t.Errorf("an empty page: %+v, %v", out, err)
	}
}

// DynamoDB developer guide, "Parallel scan".
func TestParallelScan(t *testing.T) {
	db, _ := openWith(t, onDemand("Orders", key("id", "N")))
	const items = 200
	for i := range items {
		if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Orders"), Item: item("id", num(i))}); err != nil {
			t.Fatal(err)
		}
	}
	for _, segments := range []int32{1, 2, 7} {
		seen := map[string]int{}
		var order []string
		for segment := range segments {
			in := &dynamodb.ScanInput{TableName: aws.String("Orders"), Limit: aws.Int32(9), Segment: &segment, TotalSegments: &segments}
			pages := dynamodb.NewScanPaginator(db, in)
			found := 0
			for pages.HasMorePages() {
				out, err := pages.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, it := range out.Items {
					seen[printItem(it)]++
					order = append(order, printItem(it))
					found++
				}
			}
			if found == 0 || segments > 1 && found > items*3/4 {
				t.Errorf("segment %d of %d has %d items of %d", segment, segments, found, items)
			}
		}
		if len(seen) != items || len(order) != items {
			t.Errorf("%d segments: %d different items in %d, want %d", segments, len(seen), len(order), items)
		}
		if order[0] == "{id:0}" && order[1] == "{id:1}" && order[2] == "{id:2}" {
			t.Error("a scan is in the order of the keys, which the service does not promise")
		}
	}
	for _, c := range []struct {
		segment, total *int32
		text           string
	}{
		{aws.Int32(0), nil, "The TotalSegments parameter is required"},
		{nil, aws.Int32(2), "The Segment parameter is required"},
		{aws.Int32(2), aws.Int32(2), "Segment: 2 is not less than TotalSegments: 2"},
		{aws.Int32(0), aws.Int32(1000001), "totalSegments"},
	} {
		_, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("Orders"), Segment: c.segment, TotalSegments: c.total})
		want(t, err, "ValidationException", c.text)
	}
}

// DynamoDB developer guide, "Projection expressions".
func TestProjections(t *testing.T) {
	db, _ := openWith(t, onDemand("Orders", key("id", "S")))
	it := item("id", str("1"), "a", num(1), "m", object("x", object("y", num(2), "z", num(3))), "l", list(num(0), object("k", num(1)), num(2)), "a.b", num(9))
	if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Orders"), Item: it}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ projection, want, text string }{
		{projection: "a", want: `{a:1}`},
		{projection: "a, m.x.y", want: `{a:1 m:{x:{y:2}}}`},
		{projection: "m.x.y, m.x.z", want: `{m:{x:{y:2 z:3}}}`},
		{projection: "l[2], l[0]", want: `{l:[0 2]}`},
		{projection: "l[1].k", want: `{l:[{k:1}]}`},
		{projection: "#n", want: `{a.b:9}`},
		{projection: "nothing, l[7], m.q, a.x", want: `{}`},
		{projection: "m, m.x", text: "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m], path two: [m, x]"},
		{projection: "l[0], l.x", text: "Two document paths conflict with each other"},
		{projection: "id.x", text: "Key attributes must be scalars"},
		{projection: "name", text: "reserved keyword: name"},
		{projection: "a,", text: "Syntax error"},
		{projection: "#m", text: "An expression attribute name used in the document path is not defined; attribute name: #m"},
	} {
		in := &dynamodb.GetItemInput{TableName: aws.String("Orders"), Key: item("id", str("1")), ProjectionExpression: &c.projection}
		if c.projection == "#n" {
			in.ExpressionAttributeNames = map[string]string{"#n": "a.b"}
		}
		out, err := db.GetItem(t.Context(), in)
		if c.text != "" {
			want(t, err, "ValidationException", c.text)
			continue
		}
		if err != nil || printItem(out.Item) != c.want {
			t.Errorf("%s: %v %v, want %s", c.projection, out, err, c.want)
		}
	}
	_, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("Orders"), Key: item("id", str("1")), ExpressionAttributeNames: map[string]string{"#n": "a"}})
	want(t, err, "ValidationException", "ExpressionAttributeNames can only be specified when using expressions")
	_, err = db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("Orders"), FilterExpression: aws.String("a = :a"), ExpressionAttributeValues: item(":a", num(1), ":b", num(2), ":c", num(3))})
	want(t, err, "ValidationException", "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b, :c}")
}
