package embedded_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/internal/enginetest"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

func schema(names ...string) []types.KeySchemaElement {
	s := []types.KeySchemaElement{{AttributeName: &names[0], KeyType: types.KeyTypeHash}}
	for i := range names[1:] {
		s = append(s, types.KeySchemaElement{AttributeName: &names[i+1], KeyType: types.KeyTypeRange})
	}
	return s
}

func define(in *dynamodb.CreateTableInput, name string, typ types.ScalarAttributeType) {
	in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: &name, AttributeType: typ})
}

var projectAll = &types.Projection{ProjectionType: types.ProjectionTypeAll}

func TestCreateTableRefuses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(in *dynamodb.CreateTableInput)
		text   string
	}{
		{"a short name", func(in *dynamodb.CreateTableInput) { in.TableName = aws.String("ab") }, "at least 3 characters"},
		{"a bad name", func(in *dynamodb.CreateTableInput) { in.TableName = aws.String("a b c") }, "[a-zA-Z0-9_.-]+"},
		{"a key without definition", func(in *dynamodb.CreateTableInput) { in.KeySchema = schema("pk", "other") }, "Some index key attributes are not defined in AttributeDefinitions. Keys: [pk, other], AttributeDefinitions: [pk, sk]"},
		{"a definition without key", func(in *dynamodb.CreateTableInput) { define(in, "more", "S") }, "Number of attributes in KeySchema does not exactly match"},
		{"a key of a list", func(in *dynamodb.CreateTableInput) { in.AttributeDefinitions[0].AttributeType = "L" }, "enum value set: [B, N, S]"},
		{"the same name twice", func(in *dynamodb.CreateTableInput) { in.KeySchema = schema("pk", "pk") }, "have the same name"},
		{"a sort key first", func(in *dynamodb.CreateTableInput) { in.KeySchema[0].KeyType = types.KeyTypeRange }, "not a HASH key type"},
		{"three keys", func(in *dynamodb.CreateTableInput) { in.KeySchema = schema("pk", "sk", "third") }, "less than or equal to 2"},
		{"provisioned without capacity", func(in *dynamodb.CreateTableInput) { in.BillingMode = "" }, "must both be specified when BillingMode is PROVISIONED"},
		{"an unknown billing mode", func(in *dynamodb.CreateTableInput) { in.BillingMode = "FREE" }, "enum value set"},
		{"on demand with capacity", func(in *dynamodb.CreateTableInput) {
			in.ProvisionedThroughput = &types.ProvisionedThroughput{ReadCapacityUnits: aws.Int64(1), WriteCapacityUnits: aws.Int64(1)}
		}, "when BillingMode is PAY_PER_REQUEST"},
		{"a global index without projection", func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{IndexName: aws.String("gsi"), KeySchema: schema("sk"), Projection: &types.Projection{}}}
		}, "Unknown ProjectionType"},
		{"attributes of a projection of all", func(in *dynamodb.CreateTableInput) {
			in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{IndexName: aws.String("gsi"), KeySchema: schema("sk"),
				Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll, NonKeyAttributes: []string{"a"}}}}
		}, "ProjectionType is ALL, but NonKeyAttributes is specified"},
		{"a local index on another partition key", func(in *dynamodb.CreateTableInput) {
			in.LocalSecondaryIndexes = []types.LocalSecondaryIndex{{IndexName: aws.String("lsi"), KeySchema: schema("sk", "pk"), Projection: projectAll}}
		}, "same leading hash key"},
		{"a local index without sort key", func(in *dynamodb.CreateTableInput) {
			in.LocalSecondaryIndexes = []types.LocalSecondaryIndex{{IndexName: aws.String("lsi"), KeySchema: schema("pk"), Projection: projectAll}}
		}, "does not have a range key for index: lsi"},
		{"two indexes of one name", func(in *dynamodb.CreateTableInput) {
			x := types.GlobalSecondaryIndex{IndexName: aws.String("gsi"), KeySchema: schema("sk"), Projection: projectAll}
			in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{x, x}
		}, "Duplicate index name: gsi"},
		{"too many indexes", func(in *dynamodb.CreateTableInput) {
			for i := range 21 {
				in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
					IndexName: aws.String(fmt.Sprint("gsi", i)), KeySchema: schema("sk"), Projection: projectAll})
			}
		}, "limit of 20"},
		{"a stream", func(in *dynamodb.CreateTableInput) {
			in.StreamSpecification = &types.StreamSpecification{StreamEnabled: aws.Bool(true)}
		}, "does not support the parameter"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := enginetest.OpenEmbedded(t, embedded.InMemory()).DynamoDB
			in := onDemand("Orders", key("pk", "S", "sk", "S"))
			c.change(in)
			_, err := db.CreateTable(t.Context(), in)
			want(t, err, "ValidationException", c.text)
		})
	}
}

func TestTableLife(t *testing.T) {
	clock := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	in := onDemand("Orders", key("pk", "S", "sk", "N"))
	define(in, "group", "B")
	in.DeletionProtectionEnabled = aws.Bool(true)
	in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{{IndexName: aws.String("by-group"), KeySchema: schema("group"), Projection: projectAll}}
	db, _ := openWith(t, in, embedded.WithClock(func() time.Time { return clock }))

	_, err := db.CreateTable(t.Context(), in)
	want(t, err, "ResourceInUseException", "Table already exists: Orders")

	if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Orders"), Item: item("pk", str("ab"), "sk", num(1))}); err != nil {
		t.Fatal(err)
	}
	waiter := dynamodb.NewTableExistsWaiter(db)
	out, err := waiter.WaitForOutput(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("Orders")}, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	d := out.Table
	if d.TableStatus != types.TableStatusActive || *d.ItemCount != 1 || *d.TableSizeBytes != 2+2+2+2 || !d.CreationDateTime.Equal(clock) ||
		d.BillingModeSummary.BillingMode != types.BillingModePayPerRequest || len(d.KeySchema) != 2 || len(d.AttributeDefinitions) != 3 {
		t.Errorf("description: %+v", d)
	}
	if x := d.GlobalSecondaryIndexes; len(x) != 1 || x[0].IndexStatus != types.IndexStatusActive || *x[0].ItemCount != 0 ||
		*x[0].IndexArn != *d.TableArn+"/index/by-group" {
		t.Errorf("index: %+v", x)
	}
	byARN, err := db.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: d.TableArn, Key: item("pk", str("ab"), "sk", num(1))})
	if err != nil || byARN.Item == nil {
		t.Errorf("GetItem with the ARN of a table: %v %v", byARN, err)
	}

	_, err = db.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String("Orders")})
	want(t, err, "ValidationException", "protected against deletion")
	if _, err := db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: aws.String("Orders"), DeletionProtectionEnabled: aws.Bool(false)}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String("Orders")}); err != nil {
		t.Fatal(err)
	}
	_, err = db.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("Orders")})
	want(t, err, "ResourceNotFoundException", "Requested resource not found: Table: Orders not found")

	// A table of the same name does not inherit items.
	in.DeletionProtectionEnabled = nil
	if _, err := db.CreateTable(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	scan, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("Orders")})
	if err != nil || scan.Count != 0 {
		t.Errorf("a new table holds %v, %v", scan, err)
	}
}

func TestListTables(t *testing.T) {
	db := enginetest.OpenEmbedded(t, embedded.InMemory()).DynamoDB
	for i := range 5 {
		if _, err := db.CreateTable(t.Context(), onDemand(fmt.Sprint("Table", i), key("id", "S"))); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	pages := dynamodb.NewListTablesPaginator(db, &dynamodb.ListTablesInput{Limit: aws.Int32(2)})
	for pages.HasMorePages() {
		out, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, out.TableNames...)
	}
	if fmt.Sprint(names) != "[Table0 Table1 Table2 Table3 Table4]" {
		t.Errorf("tables: %v", names)
	}
	_, err := db.ListTables(t.Context(), &dynamodb.ListTablesInput{Limit: aws.Int32(101)})
	want(t, err, "ValidationException", "limit")
}

func TestUpdateTableAddsAndRemovesIndexes(t *testing.T) {
	db, _ := openWith(t, onDemand("Orders", key("id", "S")))
	for i := range 10 {
		it := item("id", str(fmt.Sprint(i)), "group", str(fmt.Sprint(i%2)))
		if i == 9 {
			it["group"] = num(1) // does not fit the index
		}
		if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Orders"), Item: it}); err != nil {
			t.Fatal(err)
		}
	}
	query := &dynamodb.QueryInput{
		TableName: aws.String("Orders"), IndexName: aws.String("by-group"), KeyConditionExpression: aws.String("#g = :g"),
		ExpressionAttributeNames: map[string]string{"#g": "group"}, ExpressionAttributeValues: item(":g", str("1")),
	}
	_, err := db.Query(t.Context(), query)
	want(t, err, "ValidationException", "The table does not have the specified index: by-group")

	add := &dynamodb.UpdateTableInput{
		TableName:            aws.String("Orders"),
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("group"), AttributeType: "S"}},
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName: aws.String("by-group"), KeySchema: schema("group"), Projection: projectAll,
		}}},
	}
	if _, err := db.UpdateTable(t.Context(), add); err != nil {
		t.Fatal(err)
	}
	out, err := db.Query(t.Context(), query)
	if err != nil || out.Count != 4 {
		t.Errorf("a new index over old items: %v %v, want 4", out, err)
	}
	_, err = db.UpdateTable(t.Context(), add)
	want(t, err, "ValidationException", "already exists")
	_, err = db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Orders"), Item: item("id", str("x"), "group", num(1))})
	want(t, err, "ValidationException", "Type mismatch for Index Key group Expected: S Actual: N IndexName: by-group")

	remove := &dynamodb.UpdateTableInput{
		TableName:                   aws.String("Orders"),
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String("by-group")}}},
	}
	updated, err := db.UpdateTable(t.Context(), remove)
	if err != nil || len(updated.TableDescription.AttributeDefinitions) != 1 {
		t.Errorf("after the index is gone: %+v %v", updated, err)
	}
	_, err = db.UpdateTable(t.Context(), remove)
	want(t, err, "ResourceNotFoundException", "")
	if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Orders"), Item: item("id", str("x"), "group", num(1))}); err != nil {
		t.Errorf("the removed index still checks items: %v", err)
	}
	_, err = db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{TableName: aws.String("Orders")})
	want(t, err, "ValidationException", "At least one of")
}

func TestTimeToLive(t *testing.T) {
	db, _ := openWith(t, onDemand("Orders", key("id", "S")))
	describe := func() string {
		out, err := db.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String("Orders")})
		if err != nil {
			t.Fatal(err)
		}
		return string(out.TimeToLiveDescription.TimeToLiveStatus) + " " + aws.ToString(out.TimeToLiveDescription.AttributeName)
	}
	update := func(attribute string, enabled bool) error {
		_, err := db.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
			TableName:               aws.String("Orders"),
			TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: &attribute, Enabled: &enabled},
		})
		return err
	}
	if got := describe(); got != "DISABLED " {
		t.Errorf("of a new table: %q", got)
	}
	want(t, update("expires", false), "ValidationException", "already disabled")
	want(t, update("expires", true), "", "")
	if got := describe(); got != "ENABLED expires" {
		t.Errorf("enabled: %q", got)
	}
	want(t, update("expires", true), "ValidationException", "already enabled")
	want(t, update("other", false), "ValidationException", "different AttributeName")
	want(t, update("expires", false), "", "")
	if got := describe(); got != "DISABLED " {
		t.Errorf("disabled: %q", got)
	}
}
