package attributevalue

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

type Encoder struct{}

func NewEncoder() *Encoder { return nil }

func (*Encoder) Encode(any) (types.AttributeValue, error) { return nil, nil }

func Marshal(any) (types.AttributeValue, error) { return nil, nil }

func MarshalMap(any) (map[string]types.AttributeValue, error) { return nil, nil }

func UnmarshalMap(map[string]types.AttributeValue, any) error { return nil }
