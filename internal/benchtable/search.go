package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"fmt"
	"runtime"
	"strings"
	"text/tabwriter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
)

const (
	beaconLength = 30 // bits
	secret       = "011899988199"
	pageItems    = 100
	pageFields   = 20

	// serviceHeap is what a service holds, in bytes. A program that holds next to
	// nothing, as this one, collects garbage at every third page, which takes the
	// second core whatever is done with the first.
	serviceHeap = 64 << 20
)

// searching prints what beacons, rewriting a query and reading a page cost.
func searching(w *tabwriter.Writer, rounds int) error {
	fmt.Fprintln(w, "search\tµs\tbeside\tµs\tratio\tgoal\t")
	ops, err := beacons()
	if err != nil {
		return err
	}
	for _, op := range ops {
		item, floor, ratio, err := inTurns(op, rounds)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%.2f\tone HMAC-SHA384\t%.2f\t%.2f\t≤ 1.5\t\n", op.name, item.elapsed, floor.elapsed, ratio.elapsed)
	}

	query, err := newQuery(crypto.SuiteHMAC, 0)
	if err != nil {
		return err
	}
	cost, err := repeat(query, rounds)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "rewriting a query with one beacon term\t%.2f\t\t\t\t≤ 10 µs\t\n", cost.elapsed)

	for _, heap := range []int{0, serviceHeap} {
		ballast := make([]byte, heap)
		for _, suite := range suites {
			if query, err = newQuery(suite, pageItems); err != nil {
				return err
			}
			two, one, ratio, err := inTurns(operation{item: onCores(2, query), floor: onCores(1, query)}, rounds)
			if err != nil {
				return err
			}
			fmt.Fprintf(w, "a page of %d items, 0x%04x, two cores, %d MB held\t%.0f\tone core\t%.0f\t%.2f\t≤ %.2f\t\n",
				pageItems, uint16(suite), heap>>20, two.elapsed, one.elapsed, ratio.elapsed, 1/1.8)
		}
		runtime.KeepAlive(ballast)
	}
	return nil
}

// onCores makes f run on so many cores. The number is set for each call, which
// stops the world: f must take long beside that.
func onCores(n int, f func() error) func() error {
	return func() error {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
		return f()
	}
}

// beacons returns what computes one standard beacon, for a query and for an item.
func beacons() ([]operation, error) {
	set, err := beacon.New(
		beacon.Config{Standard: []beacon.Standard{{Name: "unit", Length: beaconLength}}},
		beacon.Scope{Actions: map[string]attribute.Action{"unit": attribute.EncryptAndSign}},
	)
	if err != nil {
		return nil, err
	}
	keys, err := set.Keys(make([]byte, 32))
	if err != nil {
		return nil, err
	}
	unit, _ := set.Beacon("unit")
	value := beacon.StringValue(secret)
	macKey, message := make([]byte, 64), []byte(secret)
	var sum [sha512.Size384]byte
	floor := func() error {
		mac := hmac.New(sha512.New384, macKey)
		mac.Write(message)
		mac.Sum(sum[:0])
		return nil
	}
	return []operation{
		{"a standard beacon of a query", func() error { _, err := unit.Query(beacon.Equal, value, keys, 0); return err }, floor},
		{"a standard beacon of an item", func() error { _, err := set.Encrypted(oneText{}, keys, 0); return err }, floor},
	}, nil
}

// oneText is an item with one attribute.
type oneText struct{}

func (oneText) Value(l attribute.Location) (beacon.Value, bool, error) {
	return beacon.StringValue(secret), l.String() == "unit", nil
}

// answering stores the items that are put and answers every query with them at
// once, so that what remains is the client's own work.
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

// newQuery returns a query by one beacon that finds so many items.
func newQuery(suite crypto.Suite, items int) (func() error, error) {
	const table = "BenchmarkTable"
	keyring, err := raw.NewAES("benchmark", "key", crypto.NewKey(make([]byte, 32)))
	if err != nil {
		return nil, err
	}
	keys := branchkey.NewMemory()
	if _, err := keys.Create("branch"); err != nil {
		return nil, err
	}
	config := ddbe.TableConfig{
		LogicalTableName: table, PartitionKeyName: "id", Keyring: keyring, Suite: suite,
		AttributeActionsOnEncrypt: map[string]attribute.Action{"id": attribute.SignOnly, "unit": attribute.EncryptAndSign},
		Search: &ddbe.SearchConfig{
			Beacons:  beacon.Config{Standard: []beacon.Standard{{Name: "unit", Length: beaconLength}}},
			KeyStore: keys, BranchKeyID: "branch",
		},
	}
	for i := range pageFields - 2 {
		config.AttributeActionsOnEncrypt[fmt.Sprintf("attribute%02d", i)] = attribute.EncryptAndSign
	}
	db := &answering{}
	client, err := ddbe.NewClient(db, map[string]ddbe.TableConfig{table: config}, ddbe.WithoutTableDescription())
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	for i := range items {
		item := ddbe.Item{"unit": &types.AttributeValueMemberS{Value: secret}}
		for name := range config.AttributeActionsOnEncrypt {
			if item[name] == nil {
				item[name] = &types.AttributeValueMemberS{Value: strings.Repeat("x", 20) + fmt.Sprint(i)}
			}
		}
		if _, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(table), Item: item}); err != nil {
			return nil, err
		}
	}
	in := &dynamodb.QueryInput{
		TableName: aws.String(table), IndexName: aws.String("unit-index"), KeyConditionExpression: aws.String("unit = :u"),
		ExpressionAttributeValues: ddbe.Item{":u": &types.AttributeValueMemberS{Value: secret}},
	}
	return func() error {
		out, err := client.Query(ctx, in)
		if err == nil && int(out.Count) != items {
			err = fmt.Errorf("the query found %d items, not %d", out.Count, items)
		}
		return err
	}, nil
}
