package embedded

import "context"

// dynamoDB is the service DynamoDB_20120810.
type dynamoDB struct{ environment }

func newDynamoDB(env environment) *dynamoDB { return &dynamoDB{env} }

func (db *dynamoDB) serve(ctx context.Context, r *request) ([]byte, error) {
	return nil, unknownOperation()
}
