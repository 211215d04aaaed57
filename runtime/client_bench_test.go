package runtime_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
)

// answering answers every query at once with the same items, so that a benchmark
// shows what the client costs by itself.
type answering struct {
	ddbe.DynamoDBAPI
	items []ddbe.Item
}

func (a *answering) PutItem(_ context.Context, in *dynamodb.PutItemInput, _ ...func(*dynamodb.Options)) (*dynamodb.PutItemOutput, error) {
	a.items = append(a.items, in.Item)
	return &dynamodb.PutItemOutput{}, nil
}

func (a *answering) Query(context.Context, *dynamodb.QueryInput, ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	return &dynamodb.QueryOutput{Items: a.items}, nil
}

func benchClient(b testing.TB, suite crypto.Suite) (*ddbe.Client, *answering) {
	b.Helper()
	keys := branchkey.NewMemory()
	if _, err := keys.Create("people"); err != nil {
		b.Fatal(err)
	}
	keyring, err := raw.NewAES("bench", "key", crypto.NewKey([]byte(strings.Repeat("k", 32))))
	if err != nil {
		b.Fatal(err)
	}
	config := peopleConfig(keyring, keys)
	config.Suite = suite
	config.Search.Beacons.Standard[0].Length = 32
	db := &answering{}
	client, err := ddbe.NewClient(db, map[string]ddbe.TableConfig{people: config}, ddbe.WithoutTableDescription())
	if err != nil {
		b.Fatal(err)
	}
	return client, db
}

// BenchmarkClientRewrite is a whole Query that finds nothing: reading the
// conditions, computing the beacons, writing the conditions.
func BenchmarkClientRewrite(b *testing.B) {
	client, _ := benchClient(b, crypto.SuiteHMAC)
	for name, in := range map[string]*dynamodb.QueryInput{
		"one beacon": byEmail("bob@b"),
		"compound beacon and filter": {
			TableName: aws.String(people), IndexName: aws.String("by-level-email"), KeyConditionExpression: aws.String("levelEmail = :k"),
			FilterExpression:          aws.String("city = :c AND contains(tags, :t) AND joined > :j"),
			ExpressionAttributeValues: ddbe.Item{":k": s("L-lead|E-bob@b"), ":c": s("Lyon"), ":t": s("tea"), ":j": s("2004")},
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := client.Query(b.Context(), in); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkClientPage is a page of 100 items that all match. Run it with -cpu 1,2
// to see what sharing out the work brings.
func BenchmarkClientPage(b *testing.B) {
	for _, suite := range []crypto.Suite{crypto.SuiteHMAC, crypto.SuiteECDSA} {
		b.Run(fmt.Sprintf("%#04x", uint16(suite)), func(b *testing.B) {
			client, _ := benchClient(b, suite)
			for _, item := range twins(100) {
				if _, err := client.PutItem(b.Context(), &dynamodb.PutItemInput{TableName: aws.String(people), Item: item}); err != nil {
					b.Fatal(err)
				}
			}
			in := byEmail("bob@b")
			b.ReportAllocs()
			for b.Loop() {
				out, err := client.Query(b.Context(), in)
				if err != nil || out.Count != 100 {
					b.Fatal(out, err)
				}
			}
		})
	}
}

// TestClientRewritesWithFewAllocations holds the budget of a query with one
// beacon.
func TestClientRewritesWithFewAllocations(t *testing.T) {
	client, _ := benchClient(t, crypto.SuiteHMAC)
	in := byEmail("bob@b")
	allocations := testing.AllocsPerRun(100, func() {
		if _, err := client.Query(context.Background(), in); err != nil {
			t.Fatal(err)
		}
	})
	if allocations > 30 {
		t.Errorf("%v allocations, want at most 30", allocations)
	}
}
