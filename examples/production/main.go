// Command production is docs/production.md as a program: a key store, a branch
// key, a hierarchical keyring and a repository on them, then a rotation.
//
// With credentials of AWS it runs there: it makes two tables, ddbegen-example-keys
// and ddbegen-example-payments, and needs the ARN of a symmetric KMS key. Without
// credentials, or with -embedded, it runs on the embedded engine.
//
//	go run ./examples/production -kms-key arn:aws:kms:eu-west-1:111122223333:key/…
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/crypto/hierarchical"
	"github.com/ddbegen/ddbegen/runtime/keystore"
)

const (
	keyTable     = "ddbegen-example-keys"
	paymentTable = "ddbegen-example-payments"

	// logicalName is bound into every branch key and can never be changed.
	logicalName = "ddbegen-example"

	// ttl bounds the time until a rotation, or the loss of a permission, shows.
	ttl = 15 * time.Minute
)

func main() {
	var o options
	flag.StringVar(&o.kmsKey, "kms-key", "", "`ARN` of the KMS key that protects the branch keys")
	flag.StringVar(&o.branchKey, "branch-key", "", "`id` of a branch key from an earlier run; default is a new one")
	flag.BoolVar(&o.embedded, "embedded", false, "run on the embedded engine even if there are credentials of AWS")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, o); err != nil {
		log.Fatal(err)
	}
}

type options struct {
	kmsKey    string
	branchKey string
	embedded  bool
}

func run(ctx context.Context, out io.Writer, o options) error {
	cloud, err := connect(ctx, o)
	if err != nil {
		return err
	}
	defer cloud.close()
	fmt.Fprintln(out, "running on", cloud.name)

	// An administrator does this once.
	storage := keystore.DynamoDB(cloud.db, keyTable)
	arn, err := storage.CreateKeyStore(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "key store ", arn)
	calls := &countingKMS{KMSClient: cloud.kms}
	store, err := keystore.New(keystore.Config{
		Storage:     storage,
		KMS:         calls,
		Key:         keystore.Key(cloud.kmsKey),
		LogicalName: logicalName,
	})
	if err != nil {
		return err
	}
	branchKey := o.branchKey
	if branchKey == "" {
		if branchKey, err = store.CreateKey(ctx, map[string]string{"purpose": "example"}); err != nil {
			return err
		}
	}
	fmt.Fprintln(out, "branch key", branchKey)
	if err := createPaymentTable(ctx, cloud.db); err != nil {
		return err
	}

	// The program does this when it starts.
	payments, err := open(ctx, cloud.db, store, branchKey)
	if err != nil {
		return err
	}
	const iban, n = "DE02120300000000202051", 50
	for i := range n {
		if err := payments.Put(ctx, &Payment{ID: fmt.Sprintf("payment-%02d", i), IBAN: iban, Cents: int64(100 * i), Reference: "invoice"}); err != nil {
			return err
		}
	}
	found := 0
	for _, err := range payments.QueryByIBAN(ctx, iban) {
		if err != nil {
			return err
		}
		found++
	}
	fmt.Fprintf(out, "\nwrote %d payments and found %d of them by IBAN, with %d calls of kms:Decrypt\n", n, found, calls.decrypts.Load())

	// An administrator does this from time to time.
	version, err := store.VersionKey(ctx, branchKey)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "\nrotated the branch key; its active version is", version)

	// A process that starts now uses the new version; the others follow when
	// their cached one expires.
	if payments, err = open(ctx, cloud.db, store, branchKey); err != nil {
		return err
	}
	if err := payments.Put(ctx, &Payment{ID: "payment-01", IBAN: iban, Cents: 1, Reference: "after the rotation"}); err != nil {
		return err
	}
	for _, id := range []string{"payment-00", "payment-01"} {
		payment, err := payments.Get(ctx, id)
		if err != nil {
			return err
		}
		version, err := versionOf(ctx, cloud.db, id)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s  encrypted under version %s, reference %q\n", id, version, payment.Reference)
	}
	fmt.Fprint(out, cloud.farewell)
	return nil
}

// open returns the repository of a process with an empty cache.
func open(ctx context.Context, db *dynamodb.Client, store *keystore.Store, branchKey string) (*PaymentRepository, error) {
	keyring, err := hierarchical.New(store, hierarchical.Static(branchKey), ttl)
	if err != nil {
		return nil, err
	}
	return NewPaymentRepository(ctx, db, keyring, ddbe.WithTableName(paymentTable), ddbe.WithKeyStore(store, branchKey))
}

// versionOf returns the version of the branch key that a stored payment names.
// Nobody vouches for it: it is for looking.
func versionOf(ctx context.Context, db *dynamodb.Client, id string) (string, error) {
	stored, err := db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(paymentTable),
		Key:       ddbe.Key{"id": &types.AttributeValueMemberS{Value: id}},
	})
	if err != nil {
		return "", err
	}
	keys, err := ddbe.DescribeDataKeys(stored.Item)
	if err != nil {
		return "", err
	}
	return keys[0].BranchKeyVersion, nil
}

func createPaymentTable(ctx context.Context, db *dynamodb.Client) error {
	_, err := db.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName:   aws.String(paymentTable),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("id"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("aws_dbe_b_iban"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: types.KeyTypeHash}},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName:  aws.String("iban-index"),
			KeySchema:  []types.KeySchemaElement{{AttributeName: aws.String("aws_dbe_b_iban"), KeyType: types.KeyTypeHash}},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeAll},
		}},
	})
	var exists *types.ResourceInUseException
	if err != nil && !errors.As(err, &exists) {
		return err
	}
	return dynamodb.NewTableExistsWaiter(db).Wait(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(paymentTable)}, 5*time.Minute)
}

// countingKMS counts the calls that cost time and money.
type countingKMS struct {
	keystore.KMSClient
	decrypts atomic.Int64
}

func (c *countingKMS) Decrypt(ctx context.Context, in *kms.DecryptInput, options ...func(*kms.Options)) (*kms.DecryptOutput, error) {
	c.decrypts.Add(1)
	return c.KMSClient.Decrypt(ctx, in, options...)
}
