package types

type AttributeValue interface{ isAttributeValue() }

type WriteRequest struct{ PutRequest *PutRequest }

type PutRequest struct{ Item map[string]AttributeValue }

type TransactWriteItem struct{ Put *Put }

type Put struct {
	TableName *string
	Item      map[string]AttributeValue
}
