package awskms_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/awskms"
	"github.com/ddbegen/ddbegen/runtime/embedded"
)

// An item encryptor with one KMS key. With real credentials the client is
// kms.NewFromConfig(cfg).
func ExampleNewStrict() {
	ctx := context.Background()
	engine, err := embedded.Open(embedded.InMemory())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer engine.Close()
	client := engine.KMS()
	created, err := client.CreateKey(ctx, &kms.CreateKeyInput{})
	if err != nil {
		fmt.Println(err)
		return
	}

	keyring, err := awskms.NewStrict(client, *created.KeyMetadata.Arn)
	if err != nil {
		fmt.Println(err)
		return
	}
	encryptor, err := crypto.New(crypto.Config{
		LogicalTableName: "orders",
		PartitionKey:     "id",
		Actions: map[string]attribute.Action{
			"id":     attribute.SignOnly,
			"secret": attribute.EncryptAndSign,
		},
		Keyring: keyring,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	id := attribute.Attribute{Name: "id", Type: attribute.String, Value: []byte("1")}
	stored, err := encryptor.Encrypt(ctx, []attribute.Attribute{
		id, {Name: "secret", Type: attribute.String, Value: []byte("plain text")},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	plain, err := encryptor.Decrypt(ctx, append(stored.Attributes, id))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", plain.Attributes[0].Value)
	fmt.Println(plain.Header.EncryptedDataKeys[0].KeyID() == *created.KeyMetadata.Arn)
	// Output:
	// plain text
	// true
}
