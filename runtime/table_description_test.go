package runtime_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

func TestDescribeTable(t *testing.T) {
	e := newEncrypted(t, nil)
	d, err := ddbe.DescribeTable(t.Context(), e.db, people)
	if err != nil {
		t.Fatal(err)
	}
	if d.PartitionKey != "team" || d.SortKey != "number" || !slices.Equal(d.ProtectedIndexKeys(), []string{"team", "number"}) {
		t.Errorf("keys %q and %q, protected %v", d.PartitionKey, d.SortKey, d.ProtectedIndexKeys())
	}
	same(t, "encryption context values", d.EncryptionContextValues(), ddbe.EncryptionContextValues{TableName: people, PartitionKeyName: "team", SortKeyName: "number"})
	if len(d.Indexes) != 5 {
		t.Fatalf("indexes %+v", d.Indexes)
	}
	local, ok := d.Index("team-city")
	if !ok {
		t.Fatal("the local index is missing")
	}
	same(t, "local index", local, ddbe.SecondaryIndex{
		Name: "team-city", Local: true, PartitionKeys: []string{"team"}, SortKeys: []string{"aws_dbe_b_city"},
		Projection: types.ProjectionTypeInclude, Included: []string{"city"},
	})
	var config ddbe.TableConfig
	d.Configure(&config)
	if config.LogicalTableName != people || config.PartitionKeyName != "team" || config.SortKeyName != "number" {
		t.Errorf("configured %+v", config)
	}

	if _, err := e.client.DeleteTable(t.Context(), &dynamodb.DeleteTableInput{TableName: aws.String(people)}); err != nil {
		t.Fatal(err)
	}
	if err := d.Refresh(t.Context()); err == nil || d.PartitionKey != "team" {
		t.Errorf("refreshing a table that is gone: %v, and the description is %+v", err, d)
	}
	table := peopleTable()
	table.GlobalSecondaryIndexes, table.LocalSecondaryIndexes = nil, nil
	table.AttributeDefinitions, table.KeySchema = table.AttributeDefinitions[:1], table.KeySchema[:1]
	if _, err := e.client.CreateTable(t.Context(), table); err != nil {
		t.Fatal(err)
	}
	if err := d.Refresh(t.Context()); err != nil || d.SortKey != "" || len(d.Indexes) > 0 || !slices.Equal(d.ProtectedIndexKeys(), []string{"team"}) {
		t.Errorf("after a refresh: %v, %+v", err, d)
	}
	defer e.engine.Inject(embedded.DenyAccess().On("DescribeTable"))()
	if err := d.Refresh(t.Context()); err == nil || !strings.Contains(err.Error(), "dynamodb:DescribeTable") {
		t.Errorf("error %v does not name the permission", err)
	}
}

func TestClientChecksTheTable(t *testing.T) {
	for want, change := range map[string]func(*ddbe.TableConfig, *dynamodb.CreateTableInput){
		`partition key is "team" and the configured one is "number"`: func(c *ddbe.TableConfig, _ *dynamodb.CreateTableInput) {
			c.PartitionKeyName, c.SortKeyName = "number", "team"
		},
		`sort key is "number" and the configured one is ""`: func(c *ddbe.TableConfig, _ *dynamodb.CreateTableInput) { c.SortKeyName = "" },
		`"bad" has the key "note", which is encrypted`: func(_ *ddbe.TableConfig, in *dynamodb.CreateTableInput) {
			addIndex(in, "note", types.ScalarAttributeTypeS)
		},
		`"bad" has the key "email", which is the name of a beacon that is stored as "aws_dbe_b_email"`: func(_ *ddbe.TableConfig, in *dynamodb.CreateTableInput) {
			addIndex(in, "email", types.ScalarAttributeTypeS)
		},
		`"bad" has the key "aws_dbe_b_zip", which is a beacon, of type B`: func(_ *ddbe.TableConfig, in *dynamodb.CreateTableInput) {
			addIndex(in, "aws_dbe_b_zip", types.ScalarAttributeTypeB)
		},
		`"bad" has the key "aws_dbe_b_tags", a beacon of style AsSet`: func(_ *ddbe.TableConfig, in *dynamodb.CreateTableInput) {
			addIndex(in, "aws_dbe_b_tags", types.ScalarAttributeTypeS)
		},
		`"bad" has the key "aws_dbe_b_zip", a beacon of style PartOnly`: func(c *ddbe.TableConfig, in *dynamodb.CreateTableInput) {
			c.Search.Beacons.Standard[3].Style = beacon.PartOnly()
			c.Search.Beacons.Compound[0].Encrypted = append(c.Search.Beacons.Compound[0].Encrypted, beacon.EncryptedPart{Name: "zip", Prefix: "Z-"})
			addIndex(in, "aws_dbe_b_zip", types.ScalarAttributeTypeS)
		},
		`"bad" has the key "aws_dbe_b_nosuch", which is not a beacon`: func(_ *ddbe.TableConfig, in *dynamodb.CreateTableInput) {
			addIndex(in, "aws_dbe_b_nosuch", types.ScalarAttributeTypeS)
		},
	} {
		t.Run(want, func(t *testing.T) {
			e := newEncrypted(t, change)
			_, err := e.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(people), Key: keyOf(alice())})
			mismatch := (*ddbe.TableMismatchError)(nil)
			if !errors.As(err, &mismatch) || len(mismatch.Problems) == 0 || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want one that says %q", err, want)
			}
			if e.engine.Calls()["GetItem"] > 0 {
				t.Error("the item was read all the same")
			}
		})
	}
}

// addIndex adds an index on an attribute to a table.
func addIndex(in *dynamodb.CreateTableInput, key string, keyType types.ScalarAttributeType) {
	in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: &key, AttributeType: keyType})
	in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, sorted("bad", key, "", types.ProjectionTypeAll))
}

// TestClientCheckAcceptsProjections holds that an index which makes queries slow,
// and nothing else, does not keep a program from starting.
func TestClientCheckAcceptsProjections(t *testing.T) {
	e := newEncrypted(t, nil)
	if err := e.client.Check(t.Context()); err != nil {
		t.Error(err)
	}
	d, err := e.client.Describe(t.Context(), people)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]types.ProjectionType{"by-city": types.ProjectionTypeKeysOnly, "team-city": types.ProjectionTypeInclude} {
		if index, _ := d.Index(name); index.Projection != want {
			t.Errorf("the projection of index %q is %q, want %q", name, index.Projection, want)
		}
	}
}

func TestClientCheckReportsEveryTable(t *testing.T) {
	e := newEncrypted(t, func(c *ddbe.TableConfig, in *dynamodb.CreateTableInput) {
		c.SortKeyName = ""
		addIndex(in, "note", types.ScalarAttributeTypeS)
	})
	err := e.client.Check(t.Context())
	mismatch := (*ddbe.TableMismatchError)(nil)
	if !errors.As(err, &mismatch) || mismatch.Table != people || len(mismatch.Problems) != 2 {
		t.Errorf("error %v, want a TableMismatchError with two problems", err)
	}
}

func TestClientDescribesATableOnce(t *testing.T) {
	e := newEncrypted(t, nil)
	e.put(alice(), alice())
	if calls := e.engine.Calls()["DescribeTable"]; calls != 1 {
		t.Errorf("%d calls of DescribeTable, want 1", calls)
	}
	// An index that is younger than the description is looked up.
	_, err := e.db.UpdateTable(t.Context(), &dynamodb.UpdateTableInput{
		TableName:            aws.String(people),
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("aws_dbe_b_zip"), AttributeType: types.ScalarAttributeTypeS}},
		GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{{Create: &types.CreateGlobalSecondaryIndexAction{
			IndexName: aws.String("by-zip"), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
			KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("aws_dbe_b_zip"), KeyType: types.KeyTypeHash}},
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.client.Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String(people), IndexName: aws.String("by-zip"), KeyConditionExpression: aws.String("zip = :z"), ExpressionAttributeValues: ddbe.Item{":z": s("69001")},
	})
	if err != nil || len(out.Items) != 1 {
		t.Fatalf("%v, %v", out, err)
	}
	same(t, "the item of an index of keys only", out.Items[0], plain(alice()))

	without, err := ddbe.NewClient(e.db, map[string]ddbe.TableConfig{people: e.config}, ddbe.WithoutTableDescription())
	if err != nil {
		t.Fatal(err)
	}
	e.engine.ResetCalls()
	if _, err := without.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: alice()}); err != nil {
		t.Fatal(err)
	}
	if calls := e.engine.Calls()["DescribeTable"]; calls != 0 {
		t.Errorf("%d calls of DescribeTable, want none", calls)
	}
}

func TestClientFetchesInBatches(t *testing.T) {
	e := newEncrypted(t, nil)
	items := twins(230)
	e.put(items...)
	defer e.engine.Inject(embedded.LeaveUnprocessed(30).On("BatchGetItem").Times(2))()
	query := &dynamodb.QueryInput{
		TableName: aws.String(people), IndexName: aws.String("by-city"), KeyConditionExpression: aws.String("city = :c"),
		// The index does not have the attribute of the filter.
		FilterExpression: aws.String("email = :e"), ExpressionAttributeValues: ddbe.Item{":c": s("Lyon"), ":e": s("bob@b")},
	}
	out, err := e.client.Query(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	for i, item := range items {
		if i >= len(out.Items) || show(out.Items[i]) != show(plain(item)) {
			t.Fatalf("of %d items number %d is not %s", len(out.Items), i, show(item))
		}
	}
	if calls := e.engine.Calls()["BatchGetItem"]; calls != 5 {
		t.Errorf("%d calls of BatchGetItem, want 3 and 2 for what was left", calls)
	}
	defer e.engine.Inject(embedded.LeaveUnprocessed(100).On("BatchGetItem"))()
	hurried, err := ddbe.NewClient(e.db, map[string]ddbe.TableConfig{people: e.config}, ddbe.WithBatchAttempts(2))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hurried.Query(t.Context(), query); err == nil || !strings.Contains(err.Error(), "by-city") {
		t.Errorf("error %v, want one for a table that answers nothing", err)
	}
}

func TestAttributeActions(t *testing.T) {
	numbers := map[ddbe.CryptoAction]attribute.Action{0: attribute.DoNothing, 1: attribute.SignOnly, 2: attribute.EncryptAndSign}
	for number, want := range numbers {
		if got, err := number.Action(); err != nil || got != want {
			t.Errorf("action %d: %v, %v, want %v", number, got, err, want)
		}
	}
	if _, err := ddbe.CryptoAction(3).Action(); err == nil {
		t.Error("action 3 was accepted")
	}
	exceptions := map[string]attribute.Action{"ISBN": attribute.DoNothing, "PublicationYear": attribute.SignOnly}
	actions, err := ddbe.NewAttributeActions(attribute.EncryptAndSign, exceptions)
	if err != nil {
		t.Fatal(err)
	}
	if err := actions.SetIndexKeys("author", "PublicationYear"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]attribute.Action{
		"author": attribute.SignOnly, "PublicationYear": attribute.SignOnly, "ISBN": attribute.DoNothing, "title": attribute.EncryptAndSign,
	} {
		if got := actions.Action(name); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	if len(exceptions) != 2 {
		t.Errorf("the caller's map was changed: %v", exceptions)
	}
	explicit, _ := ddbe.NewAttributeActions(attribute.SignOnly, map[string]attribute.Action{"author": attribute.EncryptAndSign})
	if err := explicit.SetIndexKeys("first", "author"); err == nil || !strings.Contains(err.Error(), `"author"`) || explicit.Action("first") != attribute.SignOnly {
		t.Errorf("an encrypted key: %v", err)
	}
	nothing, _ := ddbe.NewAttributeActions(attribute.DoNothing, nil)
	if err := nothing.SetIndexKeys("author"); err != nil || nothing.Action("author") != attribute.DoNothing {
		t.Errorf("a key under DO_NOTHING: %v, %v", nothing.Action("author"), err)
	}
	for _, bad := range []attribute.Action{0, 5} {
		if _, err := ddbe.NewAttributeActions(bad, nil); err == nil {
			t.Errorf("default action %d was accepted", bad)
		}
		if _, err := ddbe.NewAttributeActions(attribute.SignOnly, map[string]attribute.Action{"x": bad}); err == nil {
			t.Errorf("action %d was accepted", bad)
		}
	}
}

func TestClientWithADefaultAction(t *testing.T) {
	e := newEncrypted(t, func(config *ddbe.TableConfig, _ *dynamodb.CreateTableInput) {
		// As the client for Python is set up: a default, exceptions, and the keys by
		// themselves. The beacons are on attributes that nobody names.
		actions, err := ddbe.NewAttributeActions(attribute.EncryptAndSign, map[string]attribute.Action{
			"level": attribute.SignOnly, "joined": attribute.SignOnly, "seen": attribute.DoNothing,
		})
		if err != nil {
			t.Fatal(err)
		}
		actions.Configure(config)
	})
	item := with(alice(), ddbe.Item{"anything": s("else")})
	e.put(item)
	stored := e.stored(keyOf(item))
	for name, encrypted := range map[string]bool{"anything": true, "email": true, "note": true, "level": false, "team": false, "seen": false} {
		if _, binary := stored[name].(*types.AttributeValueMemberB); binary != encrypted {
			t.Errorf("%s is stored as %s", name, show(stored[name]))
		}
	}
	out, err := e.client.Query(t.Context(), byEmail("alice@example.org"))
	if err != nil || len(out.Items) != 1 {
		t.Fatalf("%v, %v", out, err)
	}
	same(t, "item", out.Items[0], plain(item))
	e.refusedBeforeAnyCall(t, `"anything" is encrypted`, func() error {
		_, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), FilterExpression: aws.String("anything = :a"), ExpressionAttributeValues: ddbe.Item{":a": s("else")}})
		return err
	})
}

func TestClientConfigurationErrors(t *testing.T) {
	e := newEncrypted(t, nil)
	for want, change := range map[string]func(*ddbe.TableConfig){
		`the key "team" is DO_NOTHING, which the format of the DynamoDB Encryption Client allows`: func(c *ddbe.TableConfig) {
			c.AttributeActionsOnEncrypt["team"] = attribute.DoNothing
		},
		`the key "number" is DO_NOTHING`: func(c *ddbe.TableConfig) {
			c.DefaultAction = attribute.DoNothing
			delete(c.AttributeActionsOnEncrypt, "number")
		},
		"no attribute is allowed to be unsigned": func(c *ddbe.TableConfig) {
			c.DefaultAction, c.AllowedUnsignedAttributes = attribute.DoNothing, nil
			delete(c.AttributeActionsOnEncrypt, "seen")
		},
		"default action must be": func(c *ddbe.TableConfig) { c.DefaultAction = attribute.SignAndIncludeInEncryptionContext },
		`attribute "number"`:     func(c *ddbe.TableConfig) { c.AttributeActionsOnEncrypt["number"] = attribute.EncryptAndSign },
		"key store":              func(c *ddbe.TableConfig) { c.Search.KeyStore = nil },
		"length":                 func(c *ddbe.TableConfig) { c.Search.Beacons.Standard[0].Length = 64 },
	} {
		t.Run(want, func(t *testing.T) {
			config := peopleConfig(e.keyring, e.keys)
			change(&config)
			_, err := ddbe.NewClient(e.db, map[string]ddbe.TableConfig{people: config})
			if bad := (*ddbe.ConfigError)(nil); !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v, want a ConfigError that says %q", err, want)
			}
		})
	}
	config := peopleConfig(e.keyring, e.keys)
	for want, tables := range map[string]map[string]ddbe.TableConfig{
		"not the name of a table": {"arn:aws:dynamodb:r:1:table/people": config},
		"logical name":            {"a": config, "b": config},
	} {
		if _, err := ddbe.NewClient(e.db, tables); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
	if _, err := ddbe.NewClient(nil, nil); err == nil {
		t.Error("a nil client was accepted")
	}
	if _, err := ddbe.NewClient(e.db, nil, ddbe.WithBatchAttempts(0)); err == nil {
		t.Error("0 attempts were accepted")
	}
}
