package runtime

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// batchKeys is how many keys one BatchGetItem takes.
const batchKeys = 100

var errThrottled = errors.New("DynamoDB kept leaving keys unprocessed: the capacity of the table is used up; try again later")

// fetching reads the whole items of a table of which an index holds a part.
type fetching struct {
	db interface {
		BatchGetItem(context.Context, *dynamodb.BatchGetItemInput, ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error)
	}
	table      string // physical
	records    *records
	attempts   int // without progress
	consistent *bool
	capacity   types.ReturnConsumedCapacity
	consumed   *types.ConsumedCapacity // by all requests
	opts       []func(*dynamodb.Options)
}

// items returns the items whose keys are those of found, in their order. Items
// that are gone are left out.
func (f *fetching) items(ctx context.Context, found []Item) ([]Item, error) {
	order := make([]string, len(found))
	keys := make([]Key, 0, len(found))
	items := make(map[string]Item, len(found))
	for i, item := range found {
		var err error
		if order[i], err = keyText(f.records.keyNames(), item); err != nil {
			return nil, err
		}
		// DynamoDB refuses a request with one key twice, and an item that moves
		// within an index can be found twice.
		if _, twice := items[order[i]]; !twice {
			items[order[i]] = nil
			keys = append(keys, f.records.keyOf(item))
		}
	}
	for chunk := range slices.Chunk(keys, batchKeys) {
		if err := f.chunk(ctx, chunk, items); err != nil {
			return nil, err
		}
	}
	whole := make([]Item, 0, len(found))
	for _, key := range order {
		if item := items[key]; item != nil {
			whole = append(whole, item)
		}
	}
	return whole, nil
}

// chunk reads the items with these keys into items.
func (f *fetching) chunk(ctx context.Context, keys []Key, items map[string]Item) error {
	for attempt := 1; len(keys) > 0; attempt++ {
		out, err := f.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems:           map[string]types.KeysAndAttributes{f.table: {Keys: keys, ConsistentRead: f.consistent}},
			ReturnConsumedCapacity: f.capacity,
		}, f.opts...)
		if err != nil {
			return err
		}
		for i := range out.ConsumedCapacity {
			f.consumed = addCapacity(f.consumed, &out.ConsumedCapacity[i])
		}
		// There is one table, whether the answer calls it by its name or its ARN.
		for _, found := range out.Responses {
			for _, item := range found {
				key, err := keyText(f.records.keyNames(), item)
				if err != nil {
					return err
				}
				items[key] = item
			}
		}
		var left []Key
		for _, keys := range out.UnprocessedKeys {
			left = keys.Keys
		}
		switch {
		case len(left) < len(keys):
			attempt = 0 // a part of a large answer
		case attempt >= f.attempts:
			return errThrottled
		default:
			if err := backOff(ctx, attempt); err != nil {
				return err
			}
		}
		keys = left
	}
	return nil
}

// keyText returns a text that is the same for the same key.
func keyText(names []string, item Item) (string, error) {
	var text []byte
	for _, name := range names {
		a, err := CanonicalAttribute(name, item[name])
		if err != nil {
			return "", err
		}
		text = appendBlock(append(text, a.Type.String()...), a.Value)
	}
	return string(text), nil
}
