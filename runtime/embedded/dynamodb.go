package embedded

import (
	"context"
	"maps"
	"slices"
)

// dynamoDB is the service DynamoDB_20120810.
type dynamoDB struct {
	environment
	tables     tables
	operations map[string]func(*request) ([]byte, error)
}

func newDynamoDB(env environment) *dynamoDB {
	db := &dynamoDB{environment: env}
	db.operations = map[string]func(*request) ([]byte, error){
		"CreateTable":        db.createTable,
		"DescribeTable":      db.describeTable,
		"UpdateTable":        db.updateTable,
		"DeleteTable":        db.deleteTable,
		"ListTables":         db.listTables,
		"DescribeTimeToLive": db.describeTimeToLive,
		"UpdateTimeToLive":   db.updateTimeToLive,

		"GetItem":    db.getItem,
		"PutItem":    db.putItem,
		"UpdateItem": db.updateItem,
		"DeleteItem": db.deleteItem,
		"Query":      db.query,
		"Scan":       db.scan,

		"BatchGetItem":       db.batchGetItem,
		"BatchWriteItem":     db.batchWriteItem,
		"TransactGetItems":   db.transactGetItems,
		"TransactWriteItems": db.transactWriteItems,
	}
	return db
}

func (db *dynamoDB) operationNames() []string { return slices.Collect(maps.Keys(db.operations)) }

func (db *dynamoDB) serve(_ context.Context, r *request) ([]byte, error) {
	operation := db.operations[r.operation]
	if operation == nil {
		return nil, unknownOperation()
	}
	return operation(r)
}
