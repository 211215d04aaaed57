package runtime_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/hierarchical"
)

// tenantKeys holds a branch key for each team, of which some may be out of reach.
type tenantKeys struct {
	*branchkey.Memory
	denied string
}

var errDenied = errors.New("access denied")

func (k *tenantKeys) ActiveBranchKey(ctx context.Context, id string) (*branchkey.BranchKey, error) {
	if id == k.denied {
		return nil, errDenied
	}
	return k.Memory.ActiveBranchKey(ctx, id)
}

func (k *tenantKeys) BranchKeyVersion(ctx context.Context, id, version string) (*branchkey.BranchKey, error) {
	if id == k.denied {
		return nil, errDenied
	}
	return k.Memory.BranchKeyVersion(ctx, id, version)
}

// newTenants returns a client of people, in which each team has its branch key.
func newTenants(t *testing.T) (*encrypted, *tenantKeys) {
	keys := &tenantKeys{Memory: branchkey.NewMemory()}
	for _, team := range teams {
		if _, err := keys.Create(team); err != nil {
			t.Fatal(err)
		}
	}
	e := newEncrypted(t, func(config *ddbe.TableConfig, _ *dynamodb.CreateTableInput) {
		keyring, err := hierarchical.New(keys, hierarchical.SupplierFunc(func(_ context.Context, attributes hierarchical.Attributes) (string, error) {
			team, ok := attributes.Text("team")
			if !ok {
				return "", errors.New("the item has no team")
			}
			return team, nil
		}), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		config.Keyring = keyring
		config.Search.KeyStore, config.Search.BranchKeyID = keys, ""
		config.Search.Beacons.KeyField = "team"
		config.Search.Beacons.Compound = append(config.Search.Beacons.Compound, beacon.Compound{
			Name: "teamEmail", Split: '|',
			Signed:    []beacon.SignedPart{{Name: "team", Prefix: "T-"}},
			Encrypted: []beacon.EncryptedPart{{Name: "email", Prefix: "E-"}},
		})
		// One bit, so that the beacons of different tenants are often the same.
		config.Search.Beacons.Standard[0].Length = 1
	})
	return e, keys
}

func TestClientOfManyTenants(t *testing.T) {
	e, keys := newTenants(t)
	items := crowd(30)
	e.put(items...)
	red := func(email string) []string {
		var want []string
		for _, item := range items {
			if show(item["team"]) == show(s("red")) && item["email"] != nil && show(item["email"]) == show(s(email)) {
				want = append(want, show(keyOf(item)))
			}
		}
		slices.Sort(want)
		return want
	}
	names := map[string]string{"#t": "team", "#te": "teamEmail"}
	// The key of the other tenant is out of reach: its items must not need it.
	other, err := ddbe.NewClient(e.db, map[string]ddbe.TableConfig{people: e.config})
	if err != nil {
		t.Fatal(err)
	}
	for _, filter := range []string{
		"team = :t AND email = :e", "#t = :t AND email = :e", ":t = team AND email = :e", "team IN (:t) AND email = :e",
		"team BETWEEN :t AND :t AND email = :e", "#te = :te", "teamEmail IN (:te)", "teamEmail = :te AND email = :e",
		"email = :e AND begins_with(teamEmail, :prefix)",
	} {
		values := ddbe.Item{":t": s("red"), ":e": s("cyd@c"), ":te": s("T-red|E-cyd@c"), ":prefix": s("T-red|E-")}
		out, err := other.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), FilterExpression: &filter, ExpressionAttributeNames: names, ExpressionAttributeValues: values})
		if err != nil {
			t.Errorf("%s: %v", filter, err)
			continue
		}
		got := ids(out.Items)
		slices.Sort(got)
		if want := red("cyd@c"); !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s: got %v, want %v", filter, got, want)
		}
	}
	keys.denied = "blue"
	filter, values := "email = :e AND team = :t", ddbe.Item{":t": s("red"), ":e": s("cyd@c")}
	fresh := newClientOfRed(t, e, keys)
	out, err := fresh.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), FilterExpression: &filter, ExpressionAttributeValues: values})
	if err != nil || len(out.Items) != len(red("cyd@c")) {
		t.Errorf("without the key of the other tenant: %v, %v", out, err)
	}

	for filter, want := range map[string]string{
		"email = :e":                                "whose items",
		"team <> :t AND email = :e":                 "whose items",
		"NOT team = :t AND email = :e":              "whose items",
		"begins_with(team, :t) AND email = :e":      "whose items",
		"begins_with(teamEmail, :tp) AND email =:e": "whose items",
		"team = :n AND email = :e":                  "whose items",
		"team = :t AND team = :u":                   "more than one",
		"team IN (:t, :u)":                          "more than one",
		"team = :u AND teamEmail = :te":             "more than one",
		"team = :x AND email = :e":                  "beacon key",
	} {
		values := ddbe.Item{":t": s("red"), ":u": s("blue"), ":x": s("nobody"), ":n": n("1"), ":e": s("cyd@c"), ":te": s("T-red|E-cyd@c"), ":tp": s("T-red")}
		e.refusedBeforeAnyCall(t, want, func() error {
			_, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), FilterExpression: &filter, ExpressionAttributeValues: values})
			return err
		})
	}
	keys.denied = ""
	// Nothing hashed: no tenant is needed, and all are found.
	all, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), FilterExpression: aws.String("attribute_exists(email)")})
	if err != nil || len(all.Items) != 24 {
		t.Errorf("%v, %v", all, err)
	}
	// Whose COUNT is asked for is counted here, and only theirs.
	count, err := e.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String(people), FilterExpression: &filter, ExpressionAttributeValues: values, Select: types.SelectCount})
	if err != nil || int(count.Count) != len(red("cyd@c")) || count.Items != nil {
		t.Errorf("COUNT: %v, %v", count, err)
	}
}

// newClientOfRed returns a client with an empty cache whose keyring knows the
// branch key of team red only.
func newClientOfRed(t *testing.T, e *encrypted, keys *tenantKeys) *ddbe.Client {
	t.Helper()
	keyring, err := hierarchical.New(keys, hierarchical.Static("red"), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	config := e.config
	config.Keyring = keyring
	client, err := ddbe.NewClient(e.db, map[string]ddbe.TableConfig{people: config})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestClientRefusesItemsUnderAnotherTenantsKey(t *testing.T) {
	e, keys := newTenants(t)
	client := newClientOfRed(t, e, keys)
	_, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: with(alice(), ddbe.Item{"team": s("blue")})})
	if err == nil || !strings.Contains(err.Error(), `"team"`) {
		t.Errorf("error %v, want one for an item of blue under the key of red", err)
	}
}
