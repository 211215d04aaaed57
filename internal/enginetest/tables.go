package enginetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
)

// tables are those that a test has made. Others at the same endpoint are
// nobody's to delete.
type tables struct {
	mu    sync.Mutex
	names []string
}

// remember makes a client note what it creates.
func (t *tables) remember(o *dynamodb.Options) {
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("remember tables", t.initialize), middleware.After)
	})
}

func (t *tables) initialize(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
	middleware.InitializeOutput, middleware.Metadata, error,
) {
	out, metadata, err := next.HandleInitialize(ctx, in)
	if create, ok := in.Parameters.(*dynamodb.CreateTableInput); ok && err == nil && create.TableName != nil {
		t.mu.Lock()
		t.names = append(t.names, *create.TableName)
		t.mu.Unlock()
	}
	return out, metadata, err
}

const deleteTimeout = time.Minute

// delete deletes the tables and waits until they are gone, so that the next
// test can make them again.
func (t *tables) delete(tb testing.TB, db *dynamodb.Client) {
	ctx, cancel := context.WithTimeout(context.Background(), deleteTimeout)
	defer cancel()
	for _, name := range t.names {
		_, err := db.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name})
		var gone *types.ResourceNotFoundException
		if errors.As(err, &gone) {
			continue
		}
		if err == nil {
			waiter := dynamodb.NewTableNotExistsWaiter(db)
			err = waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, deleteTimeout)
		}
		if err != nil {
			tb.Errorf("delete table %s: %v", name, err)
		}
	}
}
