// Command quickstart stores one inspection encrypted, shows how it lies in the
// table, finds it by a beacon, and shows that a tampered copy is refused. It
// runs on the embedded engine: no account and no network.
package main

import (
	"context"
	"crypto/rand"
	_ "embed"
	"fmt"
	"io"
	"log"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

const table = "UnitInspections"

//go:embed inspection.go
var source string

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, out io.Writer) error {
	engine, err := embedded.Open(embedded.InMemory())
	if err != nil {
		return err
	}
	defer engine.Close()
	client := engine.DynamoDB()
	if err := createTable(ctx, client); err != nil {
		return err
	}
	repo, err := open(ctx, client)
	if err != nil {
		return err
	}

	say(out, "1. What is tagged (examples/quickstart/inspection.go)")
	_, declaration, _ := strings.Cut(source, "// Inspection is")
	fmt.Fprintf(out, "// Inspection is%s", declaration)

	inspection := &Inspection{
		WorkID:           "9ce39272-8068-4efd-a211-cd162ad65d4c",
		InspectionDate:   "2023-06-13",
		InspectorIDLast4: "5678",
		Unit:             "011899988199",
		Finding:          "valve 3 leaks",
	}
	if err := repo.Put(ctx, inspection); err != nil {
		return err
	}
	say(out, "2. How the item lies in the table, as DynamoDB and its backups see it")
	stored, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(table), Key: ddbe.Key{
		"work_id":         &types.AttributeValueMemberS{Value: inspection.WorkID},
		"inspection_date": &types.AttributeValueMemberS{Value: inspection.InspectionDate},
	}})
	if err != nil {
		return err
	}
	show(out, stored.Item)

	say(out, "3. The query by beacon: repo.QueryByLast4UnitCompound(ctx, \"5678\", \"011899988199\")")
	resolved, err := repo.ResolveAttributes(inspection)
	if err != nil {
		return err
	}
	beacon := stored.Item["aws_dbe_b_last4UnitCompound"].(*types.AttributeValueMemberS).Value
	fmt.Fprintf(out, "DynamoDB is asked for   aws_dbe_b_last4UnitCompound = %q\n", beacon)
	fmt.Fprintf(out, "which stands for        %q\n", resolved.CompoundBeacons["last4UnitCompound"])

	say(out, "4. What comes back, verified, decrypted and compared in plain text")
	for found, err := range repo.QueryByLast4UnitCompound(ctx, "5678", "011899988199") {
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "work id             %s\ninspection date     %s\ninspector, last 4   %s\nunit                %s\nfinding             %s\n",
			found.WorkID, found.InspectionDate, found.InspectorIDLast4, found.Unit, found.Finding)
	}

	say(out, "5. A copy in which one byte of the unit was changed")
	tampered := maps.Clone(stored.Item)
	bytes := slices.Clone(tampered["unit"].(*types.AttributeValueMemberB).Value)
	bytes[len(bytes)/2] ^= 1
	tampered["unit"] = &types.AttributeValueMemberB{Value: bytes}
	if _, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(table), Item: tampered}); err != nil {
		return err
	}
	_, err = repo.Get(ctx, inspection.WorkID, inspection.InspectionDate)
	if err == nil {
		return fmt.Errorf("the tampered copy was accepted")
	}
	fmt.Fprintf(out, "refused: %v\n", err)
	return nil
}

// open returns the repository. A program in production takes its keys from a
// keyring on KMS and a key store: see docs/production.md.
func open(ctx context.Context, client *dynamodb.Client) (*InspectionRepository, error) {
	wrappingKey := make([]byte, 32)
	if _, err := rand.Read(wrappingKey); err != nil {
		return nil, err
	}
	keyring, err := raw.NewAES("quickstart", "key 1", crypto.NewKey(wrappingKey))
	if err != nil {
		return nil, err
	}
	keys := branchkey.NewMemory()
	if _, err := keys.Create("inspections"); err != nil {
		return nil, err
	}
	return NewInspectionRepository(ctx, client, keyring, ddbe.WithKeyStore(keys, "inspections"))
}

func createTable(ctx context.Context, client *dynamodb.Client) error {
	name := func(attribute string) types.AttributeDefinition {
		return types.AttributeDefinition{AttributeName: &attribute, AttributeType: types.ScalarAttributeTypeS}
	}
	key := func(attribute string, kind types.KeyType) types.KeySchemaElement {
		return types.KeySchemaElement{AttributeName: &attribute, KeyType: kind}
	}
	_, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:            aws.String(table),
		BillingMode:          types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{name("work_id"), name("inspection_date"), name("aws_dbe_b_last4UnitCompound")},
		KeySchema:            []types.KeySchemaElement{key("work_id", types.KeyTypeHash), key("inspection_date", types.KeyTypeRange)},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName:  aws.String("last4-unit-index"),
			KeySchema:  []types.KeySchemaElement{key("aws_dbe_b_last4UnitCompound", types.KeyTypeHash)},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	})
	return err
}

func say(out io.Writer, heading string) { fmt.Fprintf(out, "\n%s\n\n", heading) }

// show prints an item for a person: long binary values are cut.
func show(out io.Writer, item ddbe.Item) {
	for _, name := range slices.Sorted(maps.Keys(item)) {
		fmt.Fprintf(out, "%-28s %s\n", name, text(item[name]))
	}
}

func text(value types.AttributeValue) string {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return fmt.Sprintf("S  %q", v.Value)
	case *types.AttributeValueMemberB:
		const shown = 16
		if len(v.Value) > shown {
			return fmt.Sprintf("B  %x… (%d bytes)", v.Value[:shown], len(v.Value))
		}
		return fmt.Sprintf("B  %x", v.Value)
	default:
		return fmt.Sprintf("%T", value)
	}
}
