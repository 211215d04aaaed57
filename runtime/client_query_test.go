package runtime_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/expression"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	ddbe "github.com/ddbegen/ddbegen/runtime"
)

// The beacons of people as attributes of a table in plain text. A query on it
// says what a query on the encrypted table must find.
var plainBeacons = []string{"levelEmail", "zip", "cityInitial"}

func withPlainBeacons(item ddbe.Item) ddbe.Item {
	text := func(v types.AttributeValue) (string, bool) {
		s, ok := v.(*types.AttributeValueMemberS)
		if !ok {
			return "", false
		}
		return s.Value, true
	}
	out := maps.Clone(plain(item))
	level, hasLevel := text(item["level"])
	email, hasEmail := text(item["email"])
	city, hasCity := text(item["city"])
	if hasLevel && hasEmail {
		out["levelEmail"] = s("L-" + level + "|E-" + email)
	}
	if hasLevel && hasCity {
		out["cityInitial"] = s(city[:1] + level)
	}
	if address, ok := item["address"].(*types.AttributeValueMemberM); ok && address.Value["zip"] != nil {
		out["zip"] = address.Value["zip"]
	}
	return out
}

func withoutPlainBeacons(items []ddbe.Item) []ddbe.Item {
	for _, item := range items {
		for _, name := range plainBeacons {
			delete(item, name)
		}
	}
	return items
}

// reference is the table in plain text: the same indexes, on what the beacons are
// made of.
func (e *encrypted) reference(table *dynamodb.CreateTableInput, items []ddbe.Item) {
	e.t.Helper()
	in := *table
	in.TableName = aws.String("plain")
	unhide := func(name *string) *string { return aws.String(strings.TrimPrefix(*name, "aws_dbe_b_")) }
	in.AttributeDefinitions = slices.Clone(table.AttributeDefinitions)
	for i := range in.AttributeDefinitions {
		in.AttributeDefinitions[i].AttributeName = unhide(in.AttributeDefinitions[i].AttributeName)
	}
	keys := func(schema []types.KeySchemaElement) []types.KeySchemaElement {
		schema = slices.Clone(schema)
		for i := range schema {
			schema[i].AttributeName = unhide(schema[i].AttributeName)
		}
		return schema
	}
	all := &types.Projection{ProjectionType: types.ProjectionTypeAll}
	in.GlobalSecondaryIndexes = slices.Clone(table.GlobalSecondaryIndexes)
	for i := range in.GlobalSecondaryIndexes {
		in.GlobalSecondaryIndexes[i].KeySchema, in.GlobalSecondaryIndexes[i].Projection = keys(in.GlobalSecondaryIndexes[i].KeySchema), all
	}
	in.LocalSecondaryIndexes = slices.Clone(table.LocalSecondaryIndexes)
	for i := range in.LocalSecondaryIndexes {
		in.LocalSecondaryIndexes[i].KeySchema, in.LocalSecondaryIndexes[i].Projection = keys(in.LocalSecondaryIndexes[i].KeySchema), all
	}
	if _, err := e.db.CreateTable(e.t.Context(), &in); err != nil {
		e.t.Fatal(err)
	}
	for _, item := range items {
		if _, err := e.db.PutItem(e.t.Context(), &dynamodb.PutItemInput{TableName: aws.String("plain"), Item: withPlainBeacons(item)}); err != nil {
			e.t.Fatal(err)
		}
	}
}

var (
	emails = []string{"ann@a", "bob@b", "cyd@c", "dan@d", "eve@e", "fay@f"}
	cities = []string{"Lyon", "Lille", "Nice", "Nancy", "Brest"}
	tags   = []string{"chess", "tea", "jazz", "rugby"}
	levels = []string{"junior", "lead", "senior"}
	teams  = []string{"red", "blue"}
	zips   = []string{"69001", "59000", "06000"}
)

// crowd returns n people, of whom some lack attributes.
func crowd(n int) []ddbe.Item {
	items := make([]ddbe.Item, n)
	for i := range items {
		item := ddbe.Item{
			"team": s(teams[i%2]), "number": num(i), "joined": s(fmt.Sprintf("20%02d-01-01", (i*7)%20)), "level": s(levels[i%3]),
		}
		if i%5 != 4 {
			item["email"] = s(emails[i%len(emails)])
		}
		if i%7 != 6 {
			item["city"] = s(cities[(i*i)%len(cities)])
		}
		if i%3 != 2 {
			item["tags"] = ss(tags[i%4], tags[(i/4+i%4+1)%4])
		}
		if i%4 != 3 {
			item["address"] = m(ddbe.Item{"zip": s(zips[i%3])})
		}
		items[i] = item
	}
	// A set with the same element twice is none.
	for _, item := range items {
		if set, ok := item["tags"].(*types.AttributeValueMemberSS); ok {
			slices.Sort(set.Value)
			set.Value = slices.Compact(set.Value)
		}
	}
	return items
}

func num(i int) types.AttributeValue { return n(fmt.Sprint(i)) }

// conditionDraw draws conditions, with the values that they name.
type conditionDraw struct {
	*rapid.T
	values ddbe.Item
}

func (d *conditionDraw) value(av types.AttributeValue) string {
	name := fmt.Sprintf(":v%d", len(d.values))
	d.values[name] = av
	return name
}

func (d *conditionDraw) of(texts []string, label string) string {
	return d.value(s(rapid.SampledFrom(texts).Draw(d.T, label)))
}

// predicate draws a predicate. One that is exact says the same of an item on the
// server as it does in plain text and may be negated.
func (d *conditionDraw) predicate(exact bool) string {
	hidden := []func() string{
		func() string { return "email = " + d.of(emails, "email") },
		func() string { return d.of(emails, "email") + " = #mail" },
		func() string { return "email IN (" + d.of(emails, "email") + ", " + d.of(emails, "email") + ")" },
		func() string { return "city = " + d.of(cities, "city") },
		func() string { return "contains(tags, " + d.of(tags, "tag") + ")" },
		func() string { return "zip = " + d.of(zips, "zip") },
		func() string { return "cityInitial = " + d.of([]string{"Lsenior", "Njunior", "Bx"}, "initial") },
		func() string {
			return "levelEmail = " + d.of([]string{"L-lead|E-bob@b", "L-senior|E-cyd@c", "E-bob@b"}, "levelEmail")
		},
	}
	open := []func() string{
		func() string {
			return "begins_with(levelEmail, " + d.of([]string{"L-", "L-lead|E-", "L-se"}, "begin") + ")"
		},
		func() string { return "levelEmail < " + d.of([]string{"L-lead", "L-m", "L-senior|E-"}, "limit") },
		func() string {
			return "levelEmail BETWEEN " + d.value(s("L-junior")) + " AND " + d.of([]string{"L-lead|E-", "L-z"}, "limit")
		},
		func() string { return "attribute_exists(" + d.name() + ")" },
		func() string { return "attribute_not_exists(" + d.name() + ")" },
		func() string { return "#level = " + d.of(levels, "level") },
		func() string { return "#level <> " + d.of(levels, "level") },
		func() string { return "joined BETWEEN " + d.value(s("2004")) + " AND " + d.value(s("2011")) },
		func() string { return "number >= " + d.value(num(rapid.IntRange(0, 30).Draw(d.T, "number"))) },
		func() string { return "size(#level) > " + d.value(n("4")) },
		func() string { return "begins_with(teamLevel, " + d.of([]string{"T-red", "T-red.L-l"}, "team") + ")" },
		func() string { return "seen = " + d.value(s("x")) },
		func() string { return "team = #level" },
	}
	if exact {
		hidden = nil
	}
	return rapid.SampledFrom(append(hidden, open...)).Draw(d.T, "predicate")()
}

func (d *conditionDraw) name() string {
	return rapid.SampledFrom([]string{"email", "#mail", "city", "note", "levelEmail", "zip", "cityInitial", "teamLevel", "seen", "joined"}).Draw(d.T, "name")
}

func (d *conditionDraw) condition(depth int, exact bool) string {
	switch kind := rapid.IntRange(0, 5).Draw(d.T, "kind"); {
	case depth == 0 || kind < 3:
		return d.predicate(exact)
	case kind == 3:
		return "(" + d.condition(depth-1, exact) + " AND " + d.condition(depth-1, exact) + ")"
	case kind == 4:
		return "(" + d.condition(depth-1, exact) + " OR " + d.condition(depth-1, exact) + ")"
	default:
		return "NOT " + d.condition(depth-1, true)
	}
}

// trim removes the parentheses around a whole condition, which the grammar
// refuses around others.
func trim(condition string) string {
	if strings.HasPrefix(condition, "(") && strings.HasSuffix(condition, ")") {
		return condition[1 : len(condition)-1]
	}
	return condition
}

var conditionNames = map[string]string{"#mail": "email", "#level": "level"}

// namesIn returns the names that texts substitute, as the server wants it.
func namesIn(texts ...string) map[string]string {
	names := map[string]string{}
	for alias, name := range conditionNames {
		if strings.Contains(strings.Join(texts, " "), alias) {
			names[alias] = name
		}
	}
	if len(names) == 0 {
		return nil
	}
	return names
}

func ids(items []ddbe.Item) []string {
	out := make([]string, len(items))
	for i, item := range items {
		out[i] = show(keyOf(item))
	}
	return out
}

// TestClientScanFindsWhatAPlainTableHolds compares scans with drawn filters to
// the same scans of a table in plain text.
func TestClientScanFindsWhatAPlainTableHolds(t *testing.T) {
	t.Run("one partition", func(t *testing.T) { scanFinds(t, nil) })
	t.Run("partitions", func(t *testing.T) { scanFinds(t, partitioned) })
}

// partitioned spreads the beacons of people over partitions.
func partitioned(config *ddbe.TableConfig, _ *dynamodb.CreateTableInput) {
	b := &config.Search.Beacons
	b.MaxPartitions, b.DefaultPartitions = 6, 3
	b.Standard[1].Partitions = 2 // city
	b.Standard[3].Partitions = 4 // zip
}

func scanFinds(t *testing.T, change func(*ddbe.TableConfig, *dynamodb.CreateTableInput)) {
	e := newEncryptedAnywhere(t, change)
	items := crowd(40)
	e.put(items...)
	e.reference(peopleTable(), items)
	drawn := 0
	rapid.Check(t, func(r *rapid.T) {
		if drawn++; e.engine == nil && drawn > 15 {
			return // an engine behind a network takes long
		}
		d := &conditionDraw{T: r, values: ddbe.Item{}}
		filter := trim(d.condition(3, false))
		in := &dynamodb.ScanInput{TableName: aws.String("plain"), FilterExpression: &filter, ExpressionAttributeNames: namesIn(filter), ExpressionAttributeValues: d.values}
		if len(d.values) == 0 {
			in.ExpressionAttributeValues = nil
		}
		want, err := e.db.Scan(t.Context(), in)
		if err != nil {
			r.Skip(err) // a condition that DynamoDB does not take
		}
		in.TableName = aws.String(people)
		got, err := e.client.Scan(t.Context(), in)
		if err != nil {
			r.Fatalf("%s: %v", filter, err)
		}
		byID := func(a, b ddbe.Item) int { return strings.Compare(show(keyOf(a)), show(keyOf(b))) }
		slices.SortFunc(got.Items, byID)
		slices.SortFunc(want.Items, byID)
		if !slices.Equal(ids(got.Items), ids(want.Items)) {
			r.Fatalf("%s with %s:\n got %v\nwant %v", filter, show(d.values), ids(got.Items), ids(want.Items))
		}
		same(t, filter, got.Items, withoutPlainBeacons(want.Items))
		in.Select = types.SelectCount
		count, err := e.client.Scan(t.Context(), in)
		if err != nil {
			r.Fatal(err)
		}
		if count.Count != got.Count || len(count.Items) > 0 || got.Count != int32(len(got.Items)) {
			r.Fatalf("%s: COUNT is %d with %d items, and %d items were found", filter, count.Count, len(count.Items), got.Count)
		}
	})
}

// TestClientQueryFindsWhatAPlainTableHolds does so with queries, whose order must
// be the same, too.
func TestClientQueryFindsWhatAPlainTableHolds(t *testing.T) {
	t.Run("one partition", func(t *testing.T) { queryFinds(t, nil) })
	t.Run("partitions", func(t *testing.T) { queryFinds(t, partitioned) })
}

func queryFinds(t *testing.T, change func(*ddbe.TableConfig, *dynamodb.CreateTableInput)) {
	e := newEncryptedAnywhere(t, change)
	items := crowd(60)
	e.put(items...)
	e.reference(peopleTable(), items)
	drawn := 0
	rapid.Check(t, func(r *rapid.T) {
		if drawn++; e.engine == nil && drawn > 15 {
			return // an engine behind a network takes long
		}
		d := &conditionDraw{T: r, values: ddbe.Item{}}
		conditions := map[string]func() string{
			"":         func() string { return "team = " + d.of(teams, "team") + " AND number > " + d.value(n("7")) },
			"by-email": func() string { return "email = " + d.of(emails, "email") + " AND joined > " + d.value(s("2003")) },
			"by-city":  func() string { return "city = " + d.of(cities, "city") },
			"by-level-email": func() string {
				return "levelEmail = " + d.value(s("L-lead|E-"+rapid.SampledFrom(emails).Draw(r, "email")))
			},
			"by-team-level": func() string {
				return "teamLevel = " + d.value(s("T-red.L-lead")) + " AND begins_with(levelEmail, " + d.value(s("L-lead|E-")) + ")"
			},
			"team-city": func() string { return "team = " + d.of(teams, "team") + " AND city = " + d.of(cities, "city") },
		}
		index := rapid.SampledFrom(slices.Sorted(maps.Keys(conditions))).Draw(r, "index")
		key := conditions[index]()
		in := &dynamodb.QueryInput{
			KeyConditionExpression:    &key,
			ExpressionAttributeNames:  namesIn(key),
			ExpressionAttributeValues: d.values,
			ScanIndexForward:          aws.Bool(rapid.Bool().Draw(r, "forward")),
		}
		if index != "" {
			in.IndexName = &index
		}
		if rapid.Bool().Draw(r, "filtered") {
			// DynamoDB takes no key attributes in a filter.
			filter := trim(d.condition(2, false))
			in.FilterExpression = &filter
			in.ExpressionAttributeNames = namesIn(key, filter)
		}
		in.TableName = aws.String("plain")
		want, err := e.db.Query(t.Context(), in)
		if err != nil {
			r.Skip(err)
		}
		in.TableName = aws.String(people)
		if rapid.Bool().Draw(r, "paged") {
			in.Limit = aws.Int32(rapid.Int32Range(1, 5).Draw(r, "limit"))
		}
		got := &dynamodb.QueryOutput{}
		for pages := dynamodb.NewQueryPaginator(e.client, in); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				r.Fatalf("%s: %v", key, err)
			}
			if page.Count != int32(len(page.Items)) {
				r.Fatalf("Count is %d for %d items", page.Count, len(page.Items))
			}
			got.Items = append(got.Items, page.Items...)
		}
		compareOrdered(r, fmt.Sprintf("%s %s, %v, filter %v", index, key, show(d.values), aws.ToString(in.FilterExpression)), got.Items, withoutPlainBeacons(want.Items), index)
	})
}

// compareOrdered compares items in the order of an index. Items with the same
// sort key have no order in DynamoDB.
func compareOrdered(r *rapid.T, what string, got, want []ddbe.Item, index string) {
	r.Helper()
	sort := map[string]string{"": "number", "by-email": "joined", "by-city": "joined"}[index]
	order := func(items []ddbe.Item) []string {
		out := make([]string, len(items))
		for i, item := range items {
			if sort != "" {
				out[i] = show(item[sort])
			}
		}
		return out
	}
	if !slices.Equal(order(got), order(want)) {
		r.Fatalf("%s: order\n got %v\nwant %v", what, order(got), order(want))
	}
	byID := func(a, b ddbe.Item) int { return strings.Compare(show(keyOf(a)), show(keyOf(b))) }
	slices.SortFunc(got, byID)
	slices.SortFunc(want, byID)
	if show(got) != show(want) {
		r.Fatalf("%s:\n got %s\nwant %s", what, show(got), show(want))
	}
}

func TestClientRefusesConditions(t *testing.T) {
	e := newEncrypted(t, nil)
	e.put(alice())
	values := ddbe.Item{":a": s("x"), ":b": s("y"), ":n": n("1"), ":set": ss("x"), ":l": s("L-x")}
	for filter, want := range map[string]string{
		"note = :a":                             `"note" is encrypted`,
		":a = note":                             `"note" is encrypted`,
		"#n = :a":                               `"note" is encrypted`,
		"note IN (:a, :b)":                      `"note" is encrypted`,
		"contains(note, :a)":                    `"note" is encrypted`,
		"note = joined":                         `"note" is encrypted`,
		"size(note) > :n":                       `"note" is encrypted`,
		"attribute_type(note, :a)":              "",
		"address.zip = :a":                      `"address" is encrypted`,
		"#ad.#z = :a":                           `"address" is encrypted`,
		"address.lines[3] = :a":                 `"address" is encrypted`,
		"attribute_exists(address.zip)":         `"address" is encrypted`,
		"email < :a":                            "operator cannot be used",
		"email <> :a":                           "operator cannot be used",
		"email = aws_dbe_b_email":               "are one beacon",
		"contains(aws_dbe_b_tags, tags)":        "are one beacon",
		"email BETWEEN :a AND :b":               "operator cannot be used",
		"begins_with(email, :a)":                "operator cannot be used",
		"contains(email, :a)":                   "contains",
		":a IN (email)":                         "IN takes a beacon",
		":a BETWEEN email AND city":             "BETWEEN takes a beacon",
		"joined BETWEEN email AND :b":           "BETWEEN takes a beacon",
		"joined IN (:a, email)":                 "IN takes a beacon",
		"email = city":                          "cannot be compared",
		"email = joined":                        "cannot be compared",
		"email = size(joined)":                  "cannot be compared",
		"levelEmail = email":                    "cannot be compared",
		"size(email) > :n":                      "size",
		"size(levelEmail) > :n":                 "size",
		"levelEmail = :a":                       "prefix",
		"levelEmail = :n":                       "compared with a string",
		"teamLevel = :a":                        "prefix",
		"email = :a AND city = :a":              ":a is used in two places",
		"email = :a AND joined = :a":            ":a is used in two places",
		"joined = :a AND (zip = :b OR #n = :b)": `"note" is encrypted`,
		"aws_dbe_head = :a":                     `"aws_dbe_head"`,
		"email = :nosuch":                       ":nosuch",
		"#nosuch = :a":                          "#nosuch",
		"email = ":                              "Syntax error",
		"email.x = :a":                          `"email" is encrypted`,
		strings.Repeat("x", 4097) + " = :a":     "maximum",
	} {
		t.Run(filter[:min(len(filter), 60)], func(t *testing.T) {
			names := map[string]string{"#n": "note", "#ad": "address", "#z": "zip"}
			e.refusedBeforeAnyCall(t, want, func() error {
				_, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), FilterExpression: &filter, ExpressionAttributeNames: names, ExpressionAttributeValues: values})
				return err
			})
			e.refusedBeforeAnyCall(t, want, func() error {
				_, err := e.client.Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String(people), KeyConditionExpression: &filter, ExpressionAttributeNames: names, ExpressionAttributeValues: values})
				return err
			})
		})
	}
}

func TestClientErrorsHoldNoValues(t *testing.T) {
	e := newEncrypted(t, nil)
	const secret = "s3cr3t"
	values := ddbe.Item{":a": s(secret + "b"), ":b": s(secret + "a"), ":n": n("1"), ":l": s("L-" + secret + "|X-" + secret)}
	for _, condition := range []string{
		"email BETWEEN :a AND :b", "joined BETWEEN :a AND :b", "joined BETWEEN :a AND :n", "attribute_type(joined, :a)",
		"levelEmail = :a", "levelEmail = :l", "levelEmail BETWEEN :l AND :a", "note = :a", "email < :a", "teamLevel = :a",
		"email = :a AND city = :a", "contains(email, :a)", "begins_with(levelEmail, :a)", "seen = :a AND",
	} {
		_, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), FilterExpression: &condition, ExpressionAttributeValues: values})
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: error %v, want one without a value", condition, err)
		}
		_, err = e.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: alice(), ConditionExpression: &condition, ExpressionAttributeValues: values})
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("PutItem, %s: error %v, want one without a value", condition, err)
		}
	}
	for what, item := range map[string]ddbe.Item{
		"the split":       with(alice(), ddbe.Item{"email": s(secret + "|")}),
		"no set":          with(alice(), ddbe.Item{"tags": s(secret)}),
		"no number":       with(alice(), ddbe.Item{"note": n(secret)}),
		"a signed beacon": with(alice(), ddbe.Item{"teamLevel": s(secret)}),
		"no UTF-8":        with(alice(), ddbe.Item{"note": s(secret + "\xff")}),
		"no action":       with(alice(), ddbe.Item{"other": s(secret)}),
	} {
		_, err := e.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: item})
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: error %v, want one without a value", what, err)
		}
	}
}

func TestClientRefusesSelectWithProjection(t *testing.T) {
	e := newEncrypted(t, nil)
	for _, sel := range []types.Select{types.SelectAllAttributes, types.SelectCount, types.SelectAllProjectedAttributes} {
		e.refusedBeforeAnyCall(t, "Select", func() error {
			_, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), ProjectionExpression: aws.String("email"), Select: sel})
			return err
		})
	}
}

// The SDK's waiters and paginators take the client as they take the SDK's own.
var (
	_ = func(c *ddbe.Client) any { return dynamodb.NewTableExistsWaiter(c) }
	_ = func(c *ddbe.Client) any { return dynamodb.NewTableNotExistsWaiter(c) }
	_ = func(c *ddbe.Client) any { return dynamodb.NewBatchGetItemPaginator(c, nil) }
	_ = func(c *ddbe.Client) any { return dynamodb.NewListTablesPaginator(c, nil) }
	_ = func(c *ddbe.Client) any { return dynamodb.NewQueryPaginator(c, nil) }
	_ = func(c *ddbe.Client) any { return dynamodb.NewScanPaginator(c, nil) }
)

func TestClientWorksWithTheExpressionPackage(t *testing.T) {
	e := newEncryptedAnywhere(t, nil)
	e.put(crowd(30)...)
	built, err := expression.NewBuilder().
		WithKeyCondition(expression.Key("email").Equal(expression.Value("bob@b"))).
		WithFilter(expression.Name("city").In(expression.Value("Lyon"), expression.Value("Nice")).And(expression.Name("level").Equal(expression.Value("lead")))).
		WithProjection(expression.NamesList(expression.Name("city"), expression.Name("address.zip"))).
		Build()
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.client.Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String(people), IndexName: aws.String("by-email"),
		KeyConditionExpression: built.KeyCondition(), FilterExpression: built.Filter(), ProjectionExpression: built.Projection(),
		ExpressionAttributeNames: built.Names(), ExpressionAttributeValues: built.Values(), Select: types.SelectSpecificAttributes,
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range crowd(30) {
		if show(item["email"]) != show(s("bob@b")) || show(item["level"]) != show(s("lead")) || !slices.Contains([]string{show(s("Lyon")), show(s("Nice"))}, show(item["city"])) {
			continue
		}
		want := ddbe.Item{"city": item["city"]}
		if item["address"] != nil {
			want["address"] = item["address"]
		}
		if !slices.ContainsFunc(out.Items, func(got ddbe.Item) bool { return show(got) == show(want) }) {
			t.Errorf("%s is missing in %s", show(want), show(out.Items))
		}
	}
	for _, item := range out.Items {
		if len(item) > 2 || item["email"] != nil {
			t.Errorf("%s holds more than was asked for", show(item))
		}
	}
}

func TestClientScanInSegments(t *testing.T) {
	e := newEncryptedAnywhere(t, nil)
	items := crowd(20)
	e.put(items...)
	found := 0
	for segment := range int32(3) {
		pages := dynamodb.NewScanPaginator(e.client, &dynamodb.ScanInput{
			TableName: aws.String(people), Segment: &segment, TotalSegments: aws.Int32(3), Limit: aws.Int32(4),
			FilterExpression: aws.String("email = :e"), ExpressionAttributeValues: ddbe.Item{":e": s("bob@b")},
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			found += len(page.Items)
		}
	}
	want := 0
	for _, item := range items {
		if item["email"] != nil && show(item["email"]) == show(s("bob@b")) {
			want++
		}
	}
	if found != want {
		t.Errorf("found %d, want %d", found, want)
	}
}

func TestClientQueryFailsAsAWhole(t *testing.T) {
	e := newEncryptedAnywhere(t, nil)
	e.put(crowd(6)...)
	stored := e.stored(ddbe.Key{"team": s("blue"), "number": n("3")})
	stored["level"] = s("changed")
	if _, err := e.db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: stored}); err != nil {
		t.Fatal(err)
	}
	_, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people)})
	bad := (*ddbe.ItemError)(nil)
	if !errors.As(err, &bad) || show(bad.Key) != show(ddbe.Key{"team": s("blue"), "number": n("3")}) {
		t.Errorf("error %v, want an ItemError with the key of the item", err)
	}
}
