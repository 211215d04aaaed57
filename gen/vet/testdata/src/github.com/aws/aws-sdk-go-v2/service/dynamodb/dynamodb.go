package dynamodb

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

type Client struct{}

type (
	PutItemInput struct {
		TableName *string
		Item      map[string]types.AttributeValue
	}
	UpdateItemInput struct {
		TableName        *string
		Key              map[string]types.AttributeValue
		UpdateExpression *string
	}
	GetItemInput struct {
		TableName *string
		Key       map[string]types.AttributeValue
	}
	BatchWriteItemInput struct {
		RequestItems map[string][]types.WriteRequest
	}
	TransactWriteItemsInput struct{ TransactItems []types.TransactWriteItem }
)

func (*Client) PutItem(context.Context, *PutItemInput) error                       { return nil }
func (*Client) UpdateItem(context.Context, *UpdateItemInput) error                 { return nil }
func (*Client) GetItem(context.Context, *GetItemInput) error                       { return nil }
func (*Client) BatchWriteItem(context.Context, *BatchWriteItemInput) error         { return nil }
func (*Client) TransactWriteItems(context.Context, *TransactWriteItemsInput) error { return nil }
