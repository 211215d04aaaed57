package shop_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/examples/shop"
	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/hierarchical"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

// open returns an engine with the tables of the package, and keys for two shops and
// for the meters. A program in production takes its keys from a key store on
// DynamoDB and KMS: see docs/production.md.
func open(ctx context.Context) (*embedded.Engine, *branchkey.Memory, error) {
	engine, err := embedded.Open(embedded.InMemory())
	if err != nil {
		return nil, nil, err
	}
	// ddbegen table -format go wrote the functions.
	for _, table := range []*dynamodb.CreateTableInput{shop.NewShopTableInput("Shop"), shop.NewReadingsTableInput("Readings")} {
		if _, err := engine.DynamoDB().CreateTable(ctx, table); err != nil {
			return nil, nil, err
		}
	}
	keys := branchkey.NewMemory()
	for _, id := range []string{"books", "bikes", "meters"} {
		if _, err := keys.Create(id); err != nil {
			return nil, nil, err
		}
	}
	return engine, keys, nil
}

// ofShop chooses the branch key of an item: each shop has its own.
func ofShop(_ context.Context, attributes hierarchical.Attributes) (string, error) {
	id, ok := attributes.Text("shop")
	if !ok {
		return "", fmt.Errorf("the item names no shop")
	}
	return id, nil
}

func Example_tenants() {
	ctx := context.Background()
	engine, keys, err := open(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	keyring, err := hierarchical.New(keys, hierarchical.SupplierFunc(ofShop), time.Hour)
	if err != nil {
		log.Fatal(err)
	}
	customers, err := shop.NewCustomerRepository(ctx, engine.DynamoDB(), keyring, ddbe.WithTenantKeyStore(keys))
	if err != nil {
		log.Fatal(err)
	}
	orders, err := shop.NewOrderRepository(ctx, engine.DynamoDB(), keyring, ddbe.WithTenantKeyStore(keys))
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range []*shop.Customer{
		{Shop: "books", ID: "c-1", Email: "ada@example.com", Address: shop.Address{Street: "Main Street 1", Zip: "10115"}},
		{Shop: "bikes", ID: "c-1", Email: "ada@example.com", Address: shop.Address{Street: "Main Street 1", Zip: "10115"}},
	} {
		if err := customers.Put(ctx, c); err != nil {
			log.Fatal(err)
		}
	}
	if err := orders.Put(ctx, &shop.Order{Shop: "books", ID: "o-1", State: "paid", Card: "4111", Cents: 1999}); err != nil {
		log.Fatal(err)
	}

	// One shop is asked about, by what lies in a map.
	for c, err := range customers.QueryByZip(ctx, "books", "10115") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(c.Shop, c.ID, c.Address.Street)
	}
	for o, err := range orders.QueryByStateCard(ctx, "books", "paid", "4111") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(o.Shop, o.ID, o.Cents)
	}
	// Nothing encrypted is printed by accident.
	c, err := customers.Get(ctx, "books", "c-1")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(c)
	// The same table has the orders, and an order is no customer.
	_, err = customers.Get(ctx, "books", "o-1")
	fmt.Println(err)
	// Output:
	// books c-1 Main Street 1
	// books o-1 1999
	// {books c-1 [encrypted] [encrypted]}
	// ddbe: decode item: item is of another kind: its attribute "kind" is not "customer"
}

func Example_signedBeaconAsKey() {
	ctx := context.Background()
	engine, keys, err := open(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	keyring, err := hierarchical.New(keys, hierarchical.Static("meters"), time.Hour)
	if err != nil {
		log.Fatal(err)
	}
	readings, err := shop.NewReadingRepository(ctx, engine.DynamoDB(), keyring, ddbe.WithKeyStore(keys, "meters"))
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range []*shop.Reading{
		{Site: "north", Device: "7", At: 1, State: "ok", Value: 20.5},
		{Site: "north", Device: "7", At: 2, State: "hot", Value: 80},
		{Site: "north", Device: "8", At: 3, State: "hot", Value: 81},
	} {
		if err := readings.Put(ctx, r); err != nil {
			log.Fatal(err)
		}
	}
	resolved, err := readings.ResolveAttributes(&shop.Reading{Site: "north", Device: "7"})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(resolved.CompoundBeacons["meter"])
	for r, err := range readings.QueryByMeterAndState(ctx, "north", "7", "hot") {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(r.At, r.Value)
	}

	// An item from a stream, an export or a backup is opened without the table. An
	// item encryptor needs to know only what is a key and what may be unsigned.
	encryptor, err := ddbe.NewItemEncryptor(crypto.Config{
		LogicalTableName: "Readings",
		PartitionKey:     "meter",
		SortKey:          "at",
		Actions:          map[string]attribute.Action{"meter": attribute.SignOnly, "at": attribute.SignOnly},
		Keyring:          keyring,
	})
	if err != nil {
		log.Fatal(err)
	}
	stored, err := engine.DynamoDB().GetItem(ctx, &dynamodb.GetItemInput{TableName: new("Readings"), Key: ddbe.Key{
		"meter": &types.AttributeValueMemberS{Value: "S-north#D-7"},
		"at":    &types.AttributeValueMemberN{Value: "2"},
	}})
	if err != nil {
		log.Fatal(err)
	}
	plain, _, err := encryptor.DecryptItem(ctx, stored.Item)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(plain["value"].(*types.AttributeValueMemberN).Value)
	// Output:
	// S-north#D-7
	// 2 80
	// 80
}
