package runtime_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
)

func ExampleItemEncryptor() {
	// In production, take a keyring of package hierarchical or awskms.
	keyring, err := raw.NewAES("example", "2026-key", crypto.NewKey([]byte("32 bytes, and never in a program")))
	if err != nil {
		log.Fatal(err)
	}
	patients, err := ddbe.NewItemEncryptor(crypto.Config{
		LogicalTableName: "Patients",
		PartitionKey:     "id",
		Actions: map[string]attribute.Action{
			"id":     attribute.SignOnly,
			"name":   attribute.EncryptAndSign,
			"clinic": attribute.SignOnly,
		},
		Keyring: keyring,
	})
	if err != nil {
		log.Fatal(err)
	}

	ctx := context.Background()
	stored, _, err := patients.EncryptItem(ctx, map[string]types.AttributeValue{
		"id":     &types.AttributeValueMemberS{Value: "p-17"},
		"name":   &types.AttributeValueMemberS{Value: "Ada"},
		"clinic": &types.AttributeValueMemberS{Value: "north"},
	})
	if err != nil {
		log.Fatal(err)
	}
	var names []string
	for name, value := range stored {
		names = append(names, fmt.Sprintf("%s %T", name, value))
	}
	slices.Sort(names)
	for _, n := range names {
		fmt.Println(n)
	}

	plain, _, err := patients.DecryptItem(ctx, stored)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(plain["name"].(*types.AttributeValueMemberS).Value)

	stored["clinic"] = &types.AttributeValueMemberS{Value: "south"}
	_, _, err = patients.DecryptItem(ctx, stored)
	fmt.Println(errors.Is(err, crypto.ErrAuthentication))
	// Output:
	// aws_dbe_foot *types.AttributeValueMemberB
	// aws_dbe_head *types.AttributeValueMemberB
	// clinic *types.AttributeValueMemberS
	// id *types.AttributeValueMemberS
	// name *types.AttributeValueMemberB
	// Ada
	// true
}

// A program that reads a stream or an export takes the configuration that the items
// were written with. Here it is that of a generated table, inspectionsTable; a
// program with a configuration of its own calls ItemEncryptor on that.
func ExampleTableConfig_ItemEncryptor() {
	ctx := context.Background()
	keyring, err := raw.NewAES("example", "2026-key", crypto.NewKey([]byte("32 bytes, and never in a program")))
	if err != nil {
		log.Fatal(err)
	}
	id, finding := ddbe.SignedAttr("id"), ddbe.EncryptedAttr("finding")
	inspectionsTable := ddbe.TableSchema{
		LogicalName: "Inspections",
		Keys:        ddbe.PartitionOnly(id),
		Attributes:  []ddbe.Attribute{id, finding},
	}

	config, err := inspectionsTable.Config(keyring)
	if err != nil {
		log.Fatal(err)
	}
	encryptor, err := config.ItemEncryptor()
	if err != nil {
		log.Fatal(err)
	}

	// What DynamoDB holds, and a stream delivers.
	image, _, err := encryptor.EncryptItem(ctx, map[string]types.AttributeValue{
		"id":      &types.AttributeValueMemberS{Value: "i-4"},
		"finding": &types.AttributeValueMemberS{Value: "sound"},
	})
	if err != nil {
		log.Fatal(err)
	}
	item, _, err := encryptor.DecryptItem(ctx, image)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(item["finding"].(*types.AttributeValueMemberS).Value)
	// Output: sound
}
