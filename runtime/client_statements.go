package runtime

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// refuseStatement returns an error unless the statement is on tables that are
// not configured.
func (c *Client) refuseStatement(operation string, statement *string) error {
	names, err := statementTables(aws.ToString(statement))
	if err != nil {
		return &RequestError{Operation: operation, Err: err}
	}
	for _, name := range names {
		t, err := c.lookup(operation, &name)
		if err != nil {
			return err
		}
		if t != nil {
			return t.refuseOn(operation)
		}
		// Whether the server tells cases apart in an unquoted name is not ours to
		// know.
		for configured, t := range c.tables {
			if strings.EqualFold(configured, name) {
				return t.refuseOn(operation)
			}
		}
	}
	return nil
}

// ExecuteStatement is [dynamodb.Client.ExecuteStatement] for a statement on a
// table that is not configured; on others it is refused.
func (c *Client) ExecuteStatement(ctx context.Context, in *dynamodb.ExecuteStatementInput, opts ...func(*dynamodb.Options)) (*dynamodb.ExecuteStatementOutput, error) {
	if in != nil {
		if err := c.refuseStatement("ExecuteStatement", in.Statement); err != nil {
			return nil, err
		}
	}
	return c.db.ExecuteStatement(ctx, in, opts...)
}

// BatchExecuteStatement is [dynamodb.Client.BatchExecuteStatement] for statements
// on tables that are not configured; otherwise it is refused.
func (c *Client) BatchExecuteStatement(ctx context.Context, in *dynamodb.BatchExecuteStatementInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchExecuteStatementOutput, error) {
	if in != nil {
		for i := range in.Statements {
			if err := c.refuseStatement("BatchExecuteStatement", in.Statements[i].Statement); err != nil {
				return nil, err
			}
		}
	}
	return c.db.BatchExecuteStatement(ctx, in, opts...)
}

// ExecuteTransaction is [dynamodb.Client.ExecuteTransaction] for statements on
// tables that are not configured; otherwise it is refused.
func (c *Client) ExecuteTransaction(ctx context.Context, in *dynamodb.ExecuteTransactionInput, opts ...func(*dynamodb.Options)) (*dynamodb.ExecuteTransactionOutput, error) {
	if in != nil {
		for i := range in.TransactStatements {
			if err := c.refuseStatement("ExecuteTransaction", in.TransactStatements[i].Statement); err != nil {
				return nil, err
			}
		}
	}
	return c.db.ExecuteTransaction(ctx, in, opts...)
}

// SearchVectors is [dynamodb.Client.SearchVectors] on tables that are not
// configured; on others it is refused.
func (c *Client) SearchVectors(ctx context.Context, in *dynamodb.SearchVectorsInput, opts ...func(*dynamodb.Options)) (*dynamodb.SearchVectorsOutput, error) {
	if in != nil {
		if err := c.refuseTable("SearchVectors", in.TableName); err != nil {
			return nil, err
		}
	}
	return c.db.SearchVectors(ctx, in, opts...)
}

// StartBulkPutItems is [dynamodb.Client.StartBulkPutItems] on tables that are not
// configured; on others it is refused.
func (c *Client) StartBulkPutItems(ctx context.Context, in *dynamodb.StartBulkPutItemsInput, opts ...func(*dynamodb.Options)) (*dynamodb.StartBulkPutItemsOutput, error) {
	if in != nil {
		if err := c.refuseTable("StartBulkPutItems", in.TableName); err != nil {
			return nil, err
		}
	}
	return c.db.StartBulkPutItems(ctx, in, opts...)
}

// ExportTableToPointInTime is [dynamodb.Client.ExportTableToPointInTime]. The
// items of a configured table are exported as they are stored; an [ItemEncryptor]
// decrypts them. A filter can only ask for what the server sees, and a projection
// is refused: what it left could not be verified.
func (c *Client) ExportTableToPointInTime(ctx context.Context, in *dynamodb.ExportTableToPointInTimeInput, opts ...func(*dynamodb.Options)) (*dynamodb.ExportTableToPointInTimeOutput, error) {
	if in == nil || in.FilterSpecification == nil {
		return c.db.ExportTableToPointInTime(ctx, in, opts...)
	}
	const operation = "ExportTableToPointInTime"
	t, err := c.lookup(operation, in.TableArn)
	if err != nil {
		return nil, err
	}
	if t != nil {
		f := in.FilterSpecification
		if f.ProjectionExpression != nil {
			return nil, t.refuse(operation, "it has a projection, and items of which a part is missing cannot be verified: leave it out")
		}
		if err := t.testExpressions(operation, f.ExpressionAttributeNames, f.ExpressionAttributeValues, nil, f.KeyConditionExpression, f.FilterExpression); err != nil {
			return nil, err
		}
	}
	return c.db.ExportTableToPointInTime(ctx, in, opts...)
}

func (c *Client) refuseTable(operation string, name *string) error {
	t, err := c.lookup(operation, name)
	if err != nil || t == nil {
		return err
	}
	return t.refuseOn(operation)
}
