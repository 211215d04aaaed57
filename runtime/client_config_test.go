package runtime_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

// TestClientOfASchema reads through the client what the typed table wrote, and
// the other way round.
func TestClientOfASchema(t *testing.T) {
	f := newFixture(t)
	config, err := patientSchema().Table.Config(f.keyring, ddbe.WithKeyStore(f.keys, "patients"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := ddbe.NewClient(f.client, map[string]ddbe.TableConfig{"Patients": config})
	if err != nil {
		t.Fatal(err)
	}
	f.put(t, ada)
	out, err := client.Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String("Patients"), IndexName: aws.String("name-index"),
		KeyConditionExpression: aws.String("#n = :n"), ExpressionAttributeNames: map[string]string{"#n": "name"}, ExpressionAttributeValues: ddbe.Item{":n": s("Ada")},
	})
	if err != nil || len(out.Items) != 1 {
		t.Fatalf("%v, %v", out, err)
	}
	item := out.Items[0]
	same(t, "item", item, ddbe.Item{"clinic": s("north"), "visit": n("1"), "name": s("Ada"), "ward": s("7"), "remarks": s("tall")})

	item["name"] = s("Ada Lovelace")
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("Patients"), Item: item}); err != nil {
		t.Fatal(err)
	}
	if got := collect(t, f, byName, patient{Name: "Ada Lovelace"}); len(got) != 1 {
		t.Errorf("the typed table finds %v", got)
	}

	for want, opts := range map[string][]ddbe.Option{
		"WithTableName":     {ddbe.WithTableName("x"), ddbe.WithKeyStore(f.keys, "patients")},
		"WithoutTableCheck": {ddbe.WithoutTableCheck(), ddbe.WithKeyStore(f.keys, "patients")},
	} {
		_, err := patientSchema().Table.Config(f.keyring, opts...)
		if bad := (*ddbe.ConfigError)(nil); !errors.As(err, &bad) || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want a ConfigError that says %s", err, want)
		}
	}
}

// TestClientWithASignedBeaconAsKey stores items under keys that the client
// computes from their attributes.
func TestClientWithASignedBeaconAsKey(t *testing.T) {
	e := newEncrypted(t, func(config *ddbe.TableConfig, in *dynamodb.CreateTableInput) {
		config.PartitionKeyName, config.SortKeyName = "who", ""
		config.Search.Beacons.Compound = append(config.Search.Beacons.Compound, beacon.Compound{
			Name: "who", Split: '#',
			Signed: []beacon.SignedPart{{Name: "team", Prefix: "T-"}, {Name: "number", Prefix: "N-"}},
		})
		in.KeySchema = []types.KeySchemaElement{{AttributeName: aws.String("who"), KeyType: types.KeyTypeHash}}
		in.AttributeDefinitions = []types.AttributeDefinition{
			{AttributeName: aws.String("who"), AttributeType: types.ScalarAttributeTypeS}, {AttributeName: aws.String("aws_dbe_b_email"), AttributeType: types.ScalarAttributeTypeS},
		}
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{sorted("by-email", "aws_dbe_b_email", "", types.ProjectionTypeKeysOnly)}
		in.LocalSecondaryIndexes = nil
	})
	e.put(alice())
	want := with(plain(alice()), ddbe.Item{"who": s("T-red#N-1")})
	got, err := e.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(people), Key: ddbe.Key{"who": s("T-red#N-1")}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "GetItem", got.Item, want)
	for name, in := range map[string]*dynamodb.QueryInput{
		"of the key":   {KeyConditionExpression: aws.String("who = :w"), ExpressionAttributeValues: ddbe.Item{":w": s("T-red#N-1")}},
		"of the index": {IndexName: aws.String("by-email"), KeyConditionExpression: aws.String("email = :e"), ExpressionAttributeValues: ddbe.Item{":e": s("alice@example.org")}},
	} {
		in.TableName = aws.String(people)
		out, err := e.client.Query(t.Context(), in)
		if err != nil || len(out.Items) != 1 {
			t.Fatalf("query %s: %v, %v", name, out, err)
		}
		same(t, "query "+name, out.Items[0], want)
	}
	// The caller's plaintext comes back although it does not have the key.
	hurried, err := ddbe.NewClient(e.db, map[string]ddbe.TableConfig{people: e.config}, ddbe.WithBatchAttempts(1))
	if err != nil {
		t.Fatal(err)
	}
	defer e.engine.Inject(embedded.LeaveUnprocessed(1).On("BatchWriteItem"))()
	batch, err := hurried.BatchWriteItem(t.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{people: {putRequest(alice())}}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "UnprocessedItems", batch.UnprocessedItems[people], []types.WriteRequest{putRequest(alice())})
}

// TestClientWhileATableIsEncrypted goes through the policies with which a table
// in use is encrypted.
func TestClientWhileATableIsEncrypted(t *testing.T) {
	e := newEncryptedAnywhere(t, nil)
	under := func(policy crypto.PlaintextPolicy) *ddbe.Client {
		config := e.config
		config.PlaintextPolicy = policy
		client, err := ddbe.NewClient(e.db, map[string]ddbe.TableConfig{people: config})
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	bob := with(alice(), ddbe.Item{"number": n("2")})
	force, allow, forbid := under(crypto.InsecureForcePlaintextWrite), under(crypto.InsecureAllowPlaintextRead), under(crypto.ForbidPlaintext)
	if _, err := force.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: alice(), ConditionExpression: aws.String("email <> :e"), ExpressionAttributeValues: ddbe.Item{":e": s("x")}}); err != nil {
		t.Fatal(err)
	}
	same(t, "the item under FORCE_PLAINTEXT_WRITE", e.stored(keyOf(alice())), alice())
	batch := &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{people: {putRequest(with(alice(), ddbe.Item{"number": n("3")}))}}}
	if _, err := force.BatchWriteItem(t.Context(), batch); err != nil || e.stored(ddbe.Key{"team": s("red"), "number": n("3")})["aws_dbe_head"] != nil {
		t.Errorf("a batch under FORCE_PLAINTEXT_WRITE: %v", err)
	}
	if _, err := allow.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: bob}); err != nil {
		t.Fatal(err)
	}
	if e.stored(keyOf(bob))["aws_dbe_head"] == nil {
		t.Error("under ALLOW_PLAINTEXT_READ an item was written in clear")
	}
	for _, client := range []*ddbe.Client{force, allow} {
		out, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), FilterExpression: aws.String("attribute_exists(email)")})
		if err != nil || len(out.Items) != 3 {
			t.Fatalf("%v, %v", out, err)
		}
	}
	// What is still to be encrypted can be asked for.
	out, err := allow.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), FilterExpression: aws.String("attribute_not_exists(aws_dbe_head)")})
	if err != nil || len(out.Items) != 2 {
		t.Errorf("items in clear: %v, %v", out, err)
	}
	if _, err := forbid.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(people), Key: keyOf(alice())}); !errors.Is(err, crypto.ErrNotEncrypted) {
		t.Errorf("a plaintext item where they are forbidden: %v", err)
	}
}

func TestClientUsesTheIndexesOfATableThatIsStillToBeEncrypted(t *testing.T) {
	e := newEncrypted(t, func(config *ddbe.TableConfig, in *dynamodb.CreateTableInput) {
		config.PlaintextPolicy = crypto.InsecureForcePlaintextWrite
		addIndex(in, "note", types.ScalarAttributeTypeS)
	})
	e.put(alice())
	if _, err := e.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(people), Key: keyOf(alice())}); err != nil {
		t.Error(err)
	}
	if err := e.client.Check(t.Context()); err != nil {
		t.Error(err)
	}
	// The next step of the way, which would put ciphertext into the index.
	e.config.PlaintextPolicy = crypto.InsecureAllowPlaintextRead
	next, err := ddbe.NewClient(e.db, map[string]ddbe.TableConfig{people: e.config})
	if err != nil {
		t.Fatal(err)
	}
	if err := next.Check(t.Context()); err == nil || !strings.Contains(err.Error(), `"note", which is encrypted: put the index on a beacon of it`) {
		t.Errorf("error %v does not name the index", err)
	}
}

func TestClientResolvesAttributes(t *testing.T) {
	e := newEncrypted(t, nil)
	resolved, err := e.client.ResolveAttributes(people, alice())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "virtual fields", resolved.VirtualFields, map[string]string{"cityInitial": "Lsenior"})
	same(t, "compound beacons", resolved.CompoundBeacons, map[string]string{"levelEmail": "L-senior|E-alice@example.org", "teamLevel": "T-red.L-senior"})
	other, err := e.client.ResolveAttributes("nosuch", alice())
	if err != nil || len(other.VirtualFields)+len(other.CompoundBeacons) > 0 {
		t.Errorf("of a table that is not configured: %v, %v", other, err)
	}
}

func TestClientWithoutSearch(t *testing.T) {
	e := newEncrypted(t, func(config *ddbe.TableConfig, in *dynamodb.CreateTableInput) {
		config.Search = nil
		config.AttributeActionsOnEncrypt["teamLevel"] = attribute.SignOnly
		in.GlobalSecondaryIndexes = []types.GlobalSecondaryIndex{sorted("by-joined", "joined", "", types.ProjectionTypeAll)}
		in.LocalSecondaryIndexes = nil
		in.AttributeDefinitions = in.AttributeDefinitions[:3]
	})
	e.put(alice())
	for filter, want := range map[string]string{
		"email = :v": `"email" is encrypted`, "#e = :v": `"email" is encrypted`, "attribute_exists(email)": `"email" is encrypted`,
		"address.zip = :v": `"address" is encrypted`, "size(note) > :n": `"note" is encrypted`, "level = email": `"email" is encrypted`,
	} {
		e.refusedBeforeAnyCall(t, want, func() error {
			_, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), FilterExpression: &filter, ExpressionAttributeNames: map[string]string{"#e": "email"}, ExpressionAttributeValues: ddbe.Item{":v": s("x"), ":n": n("1")}})
			return err
		})
	}
	out, err := e.client.Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String(people), IndexName: aws.String("by-joined"), KeyConditionExpression: aws.String("joined = :j"), FilterExpression: aws.String("#l = :l"),
		ProjectionExpression: aws.String("#p, email"), ExpressionAttributeNames: map[string]string{"#p": "note", "#l": "level"}, ExpressionAttributeValues: ddbe.Item{":j": s("2021-04-01"), ":l": s("senior")},
	})
	if err != nil || len(out.Items) != 1 {
		t.Fatalf("%v, %v", out, err)
	}
	same(t, "item", out.Items[0], ddbe.Item{"note": s("left-handed"), "email": s("alice@example.org")})
	count, err := e.client.Query(t.Context(), &dynamodb.QueryInput{
		TableName: aws.String(people), KeyConditionExpression: aws.String("team = :t"), ExpressionAttributeValues: ddbe.Item{":t": s("red")}, Select: types.SelectCount,
	})
	if err != nil || count.Count != 1 || count.Items != nil {
		t.Errorf("COUNT: %v, %v", count, err)
	}
}
