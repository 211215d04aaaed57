package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/internal/enginetest"
	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

func s(text string) types.AttributeValue      { return &types.AttributeValueMemberS{Value: text} }
func n(text string) types.AttributeValue      { return &types.AttributeValueMemberN{Value: text} }
func ss(texts ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: texts} }
func m(members ddbe.Item) types.AttributeValue {
	return &types.AttributeValueMemberM{Value: members}
}

// people is a table of people in the hands of a client. It has short beacons, so
// that different values often have the same.
const people = "people-prod"

func peopleConfig(keyring crypto.Keyring, keys branchkey.BeaconKeySource) ddbe.TableConfig {
	return ddbe.TableConfig{
		LogicalTableName: "People",
		PartitionKeyName: "team",
		SortKeyName:      "number",
		AttributeActionsOnEncrypt: map[string]attribute.Action{
			"team": attribute.SignOnly, "number": attribute.SignOnly, "level": attribute.SignOnly, "joined": attribute.SignOnly,
			"email": attribute.EncryptAndSign, "city": attribute.EncryptAndSign, "tags": attribute.EncryptAndSign,
			"note": attribute.EncryptAndSign, "address": attribute.EncryptAndSign,
			"seen": attribute.DoNothing,
		},
		AllowedUnsignedAttributes: []string{"seen"},
		Suite:                     crypto.SuiteHMAC,
		Keyring:                   keyring,
		Search: &ddbe.SearchConfig{
			KeyStore: keys, BranchKeyID: "people",
			Beacons: beacon.Config{
				Standard: []beacon.Standard{
					{Name: "email", Length: 2},
					{Name: "city", Length: 3},
					{Name: "tags", Length: 4, Style: beacon.AsSet()},
					{Name: "zip", Location: "address.zip", Length: 5},
					{Name: "cityInitial", Length: 3},
				},
				Compound: []beacon.Compound{
					{
						Name: "levelEmail", Split: '|',
						Signed:    []beacon.SignedPart{{Name: "level", Prefix: "L-"}},
						Encrypted: []beacon.EncryptedPart{{Name: "email", Prefix: "E-"}},
					},
					{
						Name: "teamLevel", Split: '.',
						Signed: []beacon.SignedPart{{Name: "team", Prefix: "T-"}, {Name: "level", Prefix: "L-"}},
					},
				},
				Virtual: []beacon.VirtualField{{Name: "cityInitial", Parts: []beacon.VirtualPart{beacon.At("city", beacon.Prefix(1)), beacon.At("level")}}},
			},
		},
	}
}

var peopleKeys = []types.KeySchemaElement{
	{AttributeName: aws.String("team"), KeyType: types.KeyTypeHash},
	{AttributeName: aws.String("number"), KeyType: types.KeyTypeRange},
}

// sorted returns an index with a sort key and a projection.
func sorted(name, partition, sort string, projection types.ProjectionType, included ...string) types.GlobalSecondaryIndex {
	keys := []types.KeySchemaElement{{AttributeName: &partition, KeyType: types.KeyTypeHash}}
	if sort != "" {
		keys = append(keys, types.KeySchemaElement{AttributeName: &sort, KeyType: types.KeyTypeRange})
	}
	return types.GlobalSecondaryIndex{
		IndexName: &name, KeySchema: keys,
		Projection: &types.Projection{ProjectionType: projection, NonKeyAttributes: included},
	}
}

func peopleTable() *dynamodb.CreateTableInput {
	return &dynamodb.CreateTableInput{
		TableName:   aws.String(people),
		BillingMode: types.BillingModePayPerRequest,
		KeySchema:   peopleKeys,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("team"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("number"), AttributeType: types.ScalarAttributeTypeN},
			{AttributeName: aws.String("joined"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("teamLevel"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("aws_dbe_b_email"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("aws_dbe_b_city"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("aws_dbe_b_levelEmail"), AttributeType: types.ScalarAttributeTypeS},
		},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{
			sorted("by-email", "aws_dbe_b_email", "joined", types.ProjectionTypeAll),
			sorted("by-city", "aws_dbe_b_city", "joined", types.ProjectionTypeKeysOnly),
			sorted("by-level-email", "aws_dbe_b_levelEmail", "", types.ProjectionTypeAll),
			sorted("by-team-level", "teamLevel", "aws_dbe_b_levelEmail", types.ProjectionTypeAll),
		},
		LocalSecondaryIndexes: []types.LocalSecondaryIndex{{
			IndexName: aws.String("team-city"),
			KeySchema: []types.KeySchemaElement{
				{AttributeName: aws.String("team"), KeyType: types.KeyTypeHash},
				{AttributeName: aws.String("aws_dbe_b_city"), KeyType: types.KeyTypeRange},
			},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"city"}},
		}},
	}
}

// meteredKeyring counts how many data keys are made.
type meteredKeyring struct {
	crypto.Keyring
	made atomic.Int64
}

func (k *meteredKeyring) NewKeys(ctx context.Context, ec crypto.EncryptionContext) ([]crypto.WrappedKey, error) {
	k.made.Add(1)
	return k.Keyring.NewKeys(ctx, ec)
}

type encrypted struct {
	t       testing.TB
	engine  *embedded.Engine
	db      *dynamodb.Client // sees what is stored
	keys    *branchkey.Memory
	keyring crypto.Keyring
	config  ddbe.TableConfig
	client  *ddbe.Client
}

// newEncrypted returns a client of the table of people on the embedded engine,
// whose calls can be counted and spoilt; change may alter the configuration and
// the table first.
func newEncrypted(t testing.TB, change func(*ddbe.TableConfig, *dynamodb.CreateTableInput), opts ...ddbe.ClientOption) *encrypted {
	t.Helper()
	return newEncryptedOn(t, enginetest.OpenEmbedded(t, embedded.InMemory()), change, opts...)
}

// newEncryptedAnywhere does so on the engine that the environment chooses, which
// may have no counters.
func newEncryptedAnywhere(t testing.TB, change func(*ddbe.TableConfig, *dynamodb.CreateTableInput), opts ...ddbe.ClientOption) *encrypted {
	t.Helper()
	return newEncryptedOn(t, enginetest.Open(t), change, opts...)
}

func newEncryptedOn(t testing.TB, engine *enginetest.Engine, change func(*ddbe.TableConfig, *dynamodb.CreateTableInput), opts ...ddbe.ClientOption) *encrypted {
	t.Helper()
	e := &encrypted{t: t, engine: engine.Embedded, db: engine.DynamoDB, keys: branchkey.NewMemory()}
	if _, err := e.keys.Create("people"); err != nil {
		t.Fatal(err)
	}
	var err error
	if e.keyring, err = raw.NewAES("tests", "key", crypto.NewKey([]byte(strings.Repeat("k", 32)))); err != nil {
		t.Fatal(err)
	}
	e.config = peopleConfig(e.keyring, e.keys)
	table := peopleTable()
	if change != nil {
		change(&e.config, table)
	}
	if _, err := e.db.CreateTable(t.Context(), table); err != nil {
		t.Fatal(err)
	}
	if e.client, err = ddbe.NewClient(e.db, map[string]ddbe.TableConfig{people: e.config}, opts...); err != nil {
		t.Fatal(err)
	}
	return e
}

func contextWithTimeout(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

func (e *encrypted) put(items ...ddbe.Item) {
	e.t.Helper()
	for _, item := range items {
		if _, err := e.client.PutItem(e.t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: item}); err != nil {
			e.t.Fatal(err)
		}
	}
}

func (e *encrypted) stored(key ddbe.Key) ddbe.Item {
	e.t.Helper()
	out, err := e.db.GetItem(e.t.Context(), &dynamodb.GetItemInput{TableName: aws.String(people), Key: key})
	if err != nil {
		e.t.Fatal(err)
	}
	return out.Item
}

func keyOf(item ddbe.Item) ddbe.Key { return ddbe.Key{"team": item["team"], "number": item["number"]} }

func alice() ddbe.Item {
	return ddbe.Item{
		"team": s("red"), "number": n("1"), "level": s("senior"), "joined": s("2021-04-01"), "seen": s("today"),
		"email": s("alice@example.org"), "city": s("Lyon"), "tags": ss("chess", "tea"), "note": s("left-handed"),
		"address": m(ddbe.Item{"zip": s("69001"), "street": s("Rue de la Ré")}),
	}
}

// with returns a copy of item with some attributes changed.
func with(item ddbe.Item, changes ddbe.Item) ddbe.Item {
	changed := maps.Clone(item)
	maps.Copy(changed, changes)
	return changed
}

func same(t testing.TB, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, show(got), show(want))
	}
}

func show(v any) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberM:
		return "M" + show(ddbe.Item(v.Value))
	case *types.AttributeValueMemberL:
		texts := make([]string, len(v.Value))
		for i, element := range v.Value {
			texts[i] = show(element)
		}
		return "L" + fmt.Sprint(texts)
	case types.AttributeValue:
		return fmt.Sprintf("%T%v", v, reflect.ValueOf(v).Elem().Field(0))[len("*types.AttributeValueMember"):]
	case ddbe.Item:
		var b strings.Builder
		for _, name := range slices.Sorted(maps.Keys(v)) {
			fmt.Fprintf(&b, "%s=%s ", name, show(v[name]))
		}
		return "{" + b.String() + "}"
	case []ddbe.Item:
		texts := make([]string, len(v))
		for i, item := range v {
			texts[i] = show(item)
		}
		return "[" + strings.Join(texts, "\n     ") + "]"
	default:
		return fmt.Sprintf("%+v", v)
	}
}

// plain returns an item as the client gives it back: with its signed beacons.
func plain(item ddbe.Item) ddbe.Item {
	level, ok := item["level"].(*types.AttributeValueMemberS)
	if !ok {
		return item
	}
	return with(item, ddbe.Item{"teamLevel": s("T-" + item["team"].(*types.AttributeValueMemberS).Value + ".L-" + level.Value)})
}

func TestClientPutAndGet(t *testing.T) {
	e := newEncryptedAnywhere(t, nil)
	item, before := alice(), alice()
	e.put(item)
	same(t, "the caller's item after PutItem", item, before)

	stored := e.stored(keyOf(item))
	for _, hidden := range []string{"alice", "Lyon", "chess", "left-handed", "69001"} {
		if strings.Contains(show(stored), hidden) {
			t.Errorf("the stored item shows %q: %s", hidden, show(stored))
		}
	}
	for _, name := range []string{"aws_dbe_head", "aws_dbe_foot", "aws_dbe_b_email", "aws_dbe_b_tags", "aws_dbe_b_zip", "aws_dbe_b_cityInitial", "aws_dbe_b_levelEmail", "teamLevel"} {
		if stored[name] == nil {
			t.Errorf("the stored item lacks %s", name)
		}
	}
	out, err := e.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(people), Key: keyOf(item)})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "GetItem", out.Item, plain(before))

	out, err = e.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(people), Key: ddbe.Key{"team": s("red"), "number": n("9")}})
	if err != nil || out.Item != nil {
		t.Errorf("an item that is not there: %v, %v", out, err)
	}
}

func TestClientResolvesTableARNs(t *testing.T) {
	e := newEncrypted(t, nil)
	arn := "arn:aws:dynamodb:" + embedded.Region + ":" + embedded.Account + ":table/" + people
	_, err := e.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &arn, Item: alice()})
	if err != nil {
		t.Fatal(err)
	}
	if stored := e.stored(keyOf(alice())); stored["aws_dbe_head"] == nil {
		t.Errorf("an item that was put by ARN is not encrypted: %s", show(stored))
	}
	for _, name := range []string{arn, arn + "/index/by-email"} {
		out, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(strings.TrimSuffix(name, "/index/by-email")), FilterExpression: aws.String("email = :e"), ExpressionAttributeValues: ddbe.Item{":e": s("alice@example.org")}})
		if err != nil || len(out.Items) != 1 {
			t.Errorf("%s: %v, %v", name, out, err)
		}
	}
	e.engine.ResetCalls()
	for _, name := range []string{"arn:aws:dynamodb:eu-west-1:1:stream/" + people, "table/" + people, people + "/index/x", ":" + people} {
		_, err := e.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &name, Item: alice()})
		if refusal := (*ddbe.RequestError)(nil); !errors.As(err, &refusal) {
			t.Errorf("table name %q: %v, want a RequestError", name, err)
		}
	}
	if calls := e.engine.Calls(); len(calls) > 0 {
		t.Errorf("calls %v, want none", calls)
	}
}

func TestClientLeavesOtherTablesAlone(t *testing.T) {
	e := newEncryptedAnywhere(t, nil)
	other := peopleTable()
	other.TableName = aws.String("other")
	if _, err := e.client.CreateTable(t.Context(), other); err != nil {
		t.Fatal(err)
	}
	if _, err := e.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("other"), Item: with(alice(), ddbe.Item{"aws_dbe_x": s("1")})}); err != nil {
		t.Fatal(err)
	}
	out, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{
		TableName: aws.String("other"), FilterExpression: aws.String("email = :e AND seen = :s"), ProjectionExpression: aws.String("email"),
		ExpressionAttributeValues: ddbe.Item{":e": s("alice@example.org"), ":s": s("today")},
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, "items", out.Items, []ddbe.Item{{"email": s("alice@example.org")}})
}
