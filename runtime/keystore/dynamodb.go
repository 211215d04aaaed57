package keystore

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
)

// A DynamoDBClient is the part of [dynamodb.Client] that a key store uses. Reading
// takes GetItem alone.
type DynamoDBClient interface {
	GetItem(context.Context, *dynamodb.GetItemInput, ...func(*dynamodb.Options)) (*dynamodb.GetItemOutput, error)
	TransactWriteItems(context.Context, *dynamodb.TransactWriteItemsInput, ...func(*dynamodb.Options)) (*dynamodb.TransactWriteItemsOutput, error)
	DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
	CreateTable(context.Context, *dynamodb.CreateTableInput, ...func(*dynamodb.Options)) (*dynamodb.CreateTableOutput, error)
}

// DynamoDBStorage is a [Storage] on a DynamoDB table; see [DynamoDB].
type DynamoDBStorage struct {
	client DynamoDBClient
	table  string
}

var _ Storage = (*DynamoDBStorage)(nil)

// DynamoDB returns a storage on the table of this name. The table must have been
// made by [DynamoDBStorage.CreateKeyStore] or in another way with the partition
// key branch-key-id and the sort key type, both strings.
func DynamoDB(client DynamoDBClient, table string) *DynamoDBStorage {
	return &DynamoDBStorage{client: client, table: table}
}

// Name returns the name of the table.
func (d *DynamoDBStorage) Name() string { return d.table }

// CreateKeyStore makes the table, paid by request, waits until it can be used
// and returns its ARN. A table that is there is left as it is; it is an error
// unless its keys are those of a key store.
func (d *DynamoDBStorage) CreateKeyStore(ctx context.Context) (tableARN string, err error) {
	table, err := d.describe(ctx)
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		out, err := d.client.CreateTable(ctx, &dynamodb.CreateTableInput{
			TableName:            &d.table,
			AttributeDefinitions: attributeDefinitions,
			KeySchema:            keySchema,
			BillingMode:          types.BillingModePayPerRequest,
		})
		if err != nil {
			return "", fmt.Errorf("dynamodb:CreateTable of key store %q: %w", d.table, err)
		}
		table = out.TableDescription
	} else if err != nil {
		return "", err
	}
	for wait := 50 * time.Millisecond; table != nil && table.TableStatus == types.TableStatusCreating; wait = min(2*wait, 2*time.Second) {
		select {
		case <-ctx.Done():
			return "", context.Cause(ctx)
		case <-time.After(wait):
		}
		if table, err = d.describe(ctx); err != nil {
			return "", err
		}
	}
	if !isKeyStore(table) {
		return "", fmt.Errorf("table %q is not a key store: want the partition key %s and the sort key %s, both strings, and nothing else as a key",
			d.table, idAttribute, typeAttribute)
	}
	return aws.ToString(table.TableArn), nil
}

func (d *DynamoDBStorage) describe(ctx context.Context) (*types.TableDescription, error) {
	out, err := d.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &d.table})
	if err != nil {
		return nil, fmt.Errorf("dynamodb:DescribeTable of key store %q: %w", d.table, err)
	}
	return out.Table, nil
}

var (
	attributeDefinitions = []types.AttributeDefinition{
		{AttributeName: aws.String(idAttribute), AttributeType: types.ScalarAttributeTypeS},
		{AttributeName: aws.String(typeAttribute), AttributeType: types.ScalarAttributeTypeS},
	}
	keySchema = []types.KeySchemaElement{
		{AttributeName: aws.String(idAttribute), KeyType: types.KeyTypeHash},
		{AttributeName: aws.String(typeAttribute), KeyType: types.KeyTypeRange},
	}
)

// isKeyStore reports whether the keys of a table are those of a key store. Other
// attribute definitions belong to indexes and do no harm.
func isKeyStore(t *types.TableDescription) bool {
	if t == nil || len(t.KeySchema) != len(keySchema) {
		return false
	}
	keys := make(map[string]types.KeyType)
	for _, k := range t.KeySchema {
		keys[aws.ToString(k.AttributeName)] = k.KeyType
	}
	attributes := make(map[string]types.ScalarAttributeType)
	for _, a := range t.AttributeDefinitions {
		attributes[aws.ToString(a.AttributeName)] = a.AttributeType
	}
	for i, want := range keySchema {
		name := *want.AttributeName
		if keys[name] != want.KeyType || attributes[name] != attributeDefinitions[i].AttributeType {
			return false
		}
	}
	return true
}

// Get implements [Storage] with a strongly consistent read: a cache stands
// before it, and a key that was created or rotated is there at once.
func (d *DynamoDBStorage) Get(ctx context.Context, branchKeyID, itemType string) (*Item, error) {
	out, err := d.client.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &d.table,
		Key: map[string]types.AttributeValue{
			idAttribute:   &types.AttributeValueMemberS{Value: branchKeyID},
			typeAttribute: &types.AttributeValueMemberS{Value: itemType},
		},
		ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, fmt.Errorf("dynamodb:GetItem of %s of branch key %q in key store %q: %w", itemType, branchKeyID, d.table, err)
	}
	if len(out.Item) == 0 {
		return nil, fmt.Errorf("%w: %s of %q in key store %q", branchkey.ErrNotFound, itemType, branchKeyID, d.table)
	}
	return fromAttributes(out.Item)
}

// Create implements [Storage].
func (d *DynamoDBStorage) Create(ctx context.Context, version, active, beacon *Item) error {
	const absent = "attribute_not_exists(#id)"
	return d.write(ctx, active.BranchKeyID(), branchkey.ErrExists,
		d.put(version, absent), d.put(active, absent), d.put(beacon, absent))
}

// Rotate implements [Storage].
func (d *DynamoDBStorage) Rotate(ctx context.Context, version, active *Item, previous []byte) error {
	replace := d.put(active, "attribute_exists(#id) AND #enc = :enc")
	replace.Put.ExpressionAttributeNames["#enc"] = ciphertextAttribute
	replace.Put.ExpressionAttributeValues = map[string]types.AttributeValue{":enc": &types.AttributeValueMemberB{Value: previous}}
	return d.write(ctx, active.BranchKeyID(), ErrConflict, d.put(version, "attribute_not_exists(#id)"), replace)
}

func (d *DynamoDBStorage) put(i *Item, condition string) types.TransactWriteItem {
	return types.TransactWriteItem{Put: &types.Put{
		TableName:                &d.table,
		Item:                     toAttributes(i),
		ConditionExpression:      &condition,
		ExpressionAttributeNames: map[string]string{"#id": idAttribute},
	}}
}

// write writes all items or none. unmet is the error if a condition does not
// hold. The SDK sends an idempotency token, so that its retries write once.
func (d *DynamoDBStorage) write(ctx context.Context, branchKeyID string, unmet error, items ...types.TransactWriteItem) error {
	_, err := d.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: items})
	if err == nil {
		return nil
	}
	err = fmt.Errorf("dynamodb:TransactWriteItems of branch key %q in key store %q: %w", branchKeyID, d.table, err)
	switch {
	case cancelled(err, "ConditionalCheckFailed"):
		return fmt.Errorf("%w: %w", unmet, err)
	case cancelled(err, "TransactionConflict"):
		return fmt.Errorf("%w: %w", ErrConflict, err)
	}
	return err
}

// cancelled reports whether a transaction was cancelled for this reason.
func cancelled(err error, code string) bool {
	var exception *types.TransactionCanceledException
	return errors.As(err, &exception) && slices.ContainsFunc(exception.CancellationReasons, func(r types.CancellationReason) bool {
		return aws.ToString(r.Code) == code
	})
}

func toAttributes(i *Item) map[string]types.AttributeValue {
	attributes := make(map[string]types.AttributeValue, len(i.Attributes)+1)
	for name, value := range i.Attributes {
		attributes[name] = &types.AttributeValueMemberS{Value: value}
	}
	attributes[hierarchyAttribute] = &types.AttributeValueMemberN{Value: i.Attributes[hierarchyAttribute]}
	attributes[ciphertextAttribute] = &types.AttributeValueMemberB{Value: i.Ciphertext}
	return attributes
}

// fromAttributes accepts attributes that it does not know, if they are strings:
// they are part of the encryption context.
func fromAttributes(attributes map[string]types.AttributeValue) (*Item, error) {
	i := &Item{Attributes: make(map[string]string, len(attributes))}
	for name, value := range attributes {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			if name != ciphertextAttribute && name != hierarchyAttribute {
				i.Attributes[name] = v.Value
				continue
			}
		case *types.AttributeValueMemberN:
			if name == hierarchyAttribute {
				i.Attributes[name] = v.Value
				continue
			}
		case *types.AttributeValueMemberB:
			if name == ciphertextAttribute {
				i.Ciphertext = v.Value
				continue
			}
		}
		return nil, fmt.Errorf("%w: the attribute %q is of the wrong type (%T)", ErrMalformedItem, name, value)
	}
	return i, nil
}
