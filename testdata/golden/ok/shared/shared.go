// Package shared has structs that share a table.
package shared

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
)

// Customer is one of two kinds of items.
//
//ddbe:table Shop physical=Shop
//ddbe:discriminator kind=customer
//ddbe:beacon email length=20
//ddbe:compound GSI split=# signed=region:R- encrypted=email:E-
//ddbe:index gsi partition=GSI
//ddbe:index email-index partition=email
//ddbe:unsigned lock
type Customer struct {
	ID     string `dynamodbav:"pk" ddbe:"partition,sign"`
	Sort   string `dynamodbav:"sk" ddbe:"sort,sign"`
	Region string `dynamodbav:"region" ddbe:"sign,beacon=GSI"`
	Email  string `dynamodbav:"email" ddbe:"encrypt,sign,beacon=GSI"`
	Note   string `dynamodbav:"note" ddbe:"encrypt,sign"`
	Tags
}

// Tags holds what the item has besides.
type Tags struct {
	Rest map[string]types.AttributeValue `dynamodbav:"-" ddbe:"rest"`
}

// Order is the other one, with a beacon of the same name made of other parts.
//
//ddbe:table Shop suite=0x6700
//ddbe:discriminator kind=order
//ddbe:beacon email length=20
//ddbe:beacon item length=16
//ddbe:compound GSI split=# signed=status:S- encrypted=item:I-
//ddbe:index gsi partition=GSI
//ddbe:index email-index partition=email
//ddbe:index sort-index partition=sk
type Order struct {
	Customer string `dynamodbav:"pk" ddbe:"partition,sign"`
	Number   string `dynamodbav:"sk" ddbe:"sort,sign"`
	Status   string `dynamodbav:"status" ddbe:"sign,beacon=GSI"`
	Item     string `dynamodbav:"item" ddbe:"encrypt,sign,beacon=GSI"`
	Email    string `dynamodbav:"email" ddbe:"encrypt,sign"`
	Lock     int    `dynamodbav:"lock" ddbe:"none"`

	Others ddbe.Item `ddbe:"rest"`
}
