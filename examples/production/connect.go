package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/smithy-go/logging"

	"github.com/ddbegen/ddbegen/runtime/embedded"
)

// A cloud is where the program runs.
type cloud struct {
	name     string
	db       *dynamodb.Client
	kms      *kms.Client
	kmsKey   string // ARN
	farewell string
	close    func() error
}

// connect returns AWS if there are credentials, else the embedded engine.
func connect(ctx context.Context, o options) (*cloud, error) {
	if o.embedded {
		return connectEmbedded(ctx)
	}
	// Without credentials the SDK would log where it has looked for them.
	cfg, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, err
	}
	// The search for credentials ends at the metadata service of a virtual
	// machine, which elsewhere does not answer.
	search, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if _, err := cfg.Credentials.Retrieve(search); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return connectEmbedded(ctx)
	}
	if o.kmsKey == "" {
		return nil, errors.New("there are credentials of AWS, but no KMS key: give its ARN with -kms-key, or -embedded to stay off AWS")
	}
	key, err := arn.Parse(o.kmsKey)
	if err != nil {
		return nil, fmt.Errorf("-kms-key %s: %w", o.kmsKey, err)
	}
	cfg.Region = key.Region
	return &cloud{
		name:     "AWS, in " + cfg.Region,
		db:       dynamodb.NewFromConfig(cfg),
		kms:      kms.NewFromConfig(cfg),
		kmsKey:   o.kmsKey,
		farewell: fmt.Sprintf("\nthe tables %s and %s are still there\n", keyTable, paymentTable),
		close:    func() error { return nil },
	}, nil
}

func connectEmbedded(ctx context.Context) (*cloud, error) {
	engine, err := embedded.Open(embedded.InMemory())
	if err != nil {
		return nil, err
	}
	c := &cloud{
		name:  "the embedded engine",
		db:    engine.DynamoDB(),
		kms:   engine.KMS(),
		close: engine.Close,
	}
	key, err := c.kms.CreateKey(ctx, &kms.CreateKeyInput{})
	if err != nil {
		return nil, errors.Join(err, engine.Close())
	}
	c.kmsKey = *key.KeyMetadata.Arn
	return c, nil
}
