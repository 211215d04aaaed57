package runtime

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// known returns the configured tables that the names of a request mean, or nil if
// there are none.
func (c *Client) known(ctx context.Context, operation string, names []string, opts []func(*dynamodb.Options)) (map[string]*clientTable, error) {
	var known map[string]*clientTable
	for _, name := range names {
		t, err := c.lookup(operation, &name)
		if err != nil {
			return nil, err
		}
		if t == nil {
			continue
		}
		if _, err := c.described(ctx, t, opts); err != nil {
			return nil, err
		}
		if known == nil {
			known = make(map[string]*clientTable, len(names))
		}
		known[name] = t
	}
	return known, nil
}

// BatchGetItem reads and decrypts items. One that does not verify fails the whole
// batch. Projections are applied to the decrypted items.
func (c *Client) BatchGetItem(ctx context.Context, in *dynamodb.BatchGetItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchGetItemOutput, error) {
	if in == nil {
		in = &dynamodb.BatchGetItemInput{}
	}
	const operation = "BatchGetItem"
	tables, err := c.known(ctx, operation, slices.Sorted(maps.Keys(in.RequestItems)), opts)
	if err != nil {
		return nil, err
	}
	if tables == nil {
		return c.db.BatchGetItem(ctx, in, opts...)
	}
	request := *in
	request.RequestItems = maps.Clone(in.RequestItems)
	projections := make(map[*clientTable]*projection, len(tables))
	wanted := make(map[*clientTable]types.KeysAndAttributes, len(tables))
	for name, t := range tables {
		keys := in.RequestItems[name]
		if _, twice := wanted[t]; twice {
			return nil, t.refuse(operation, "it names the table twice, once by its ARN: give all keys under one name")
		}
		project, err := readProjection(keys.ProjectionExpression, keys.ExpressionAttributeNames, keys.AttributesToGet)
		if err != nil {
			return nil, &RequestError{Operation: operation, Table: t.name, Err: err}
		}
		for _, key := range keys.Keys {
			if err := t.testKey(operation, key); err != nil {
				return nil, err
			}
		}
		projections[t], wanted[t] = project, keys
		request.RequestItems[name] = types.KeysAndAttributes{Keys: keys.Keys, ConsistentRead: keys.ConsistentRead}
	}
	out, err := c.db.BatchGetItem(ctx, &request, opts...)
	if err != nil || out == nil {
		return out, err
	}
	response := *out
	response.Responses = maps.Clone(out.Responses)
	for name, stored := range out.Responses {
		t, err := c.lookup(operation, &name)
		if err != nil {
			return nil, err
		}
		if t == nil {
			continue
		}
		items := slices.Clone(stored)
		err = parallel(ctx, len(items), func(ctx context.Context, i int) error {
			item, err := t.openItem(ctx, stored[i])
			items[i] = projections[t].of(item)
			return err
		})
		if err != nil {
			return nil, err
		}
		response.Responses[name] = items
	}
	response.UnprocessedKeys = maps.Clone(out.UnprocessedKeys)
	for name, left := range out.UnprocessedKeys {
		t, err := c.lookup(operation, &name)
		if err != nil {
			return nil, err
		}
		if t == nil {
			continue
		}
		// What the caller sends again must ask for what the caller asked for.
		again := wanted[t]
		again.Keys = left.Keys
		response.UnprocessedKeys[name] = again
	}
	return &response, nil
}

// BatchWriteItem encrypts the items of its PutRequests and writes them. What
// DynamoDB leaves unprocessed is sent again a few times, after a growing pause;
// see [WithBatchAttempts]. What is left then comes back in UnprocessedItems as
// the caller's plaintext.
func (c *Client) BatchWriteItem(ctx context.Context, in *dynamodb.BatchWriteItemInput, opts ...func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	if in == nil {
		in = &dynamodb.BatchWriteItemInput{}
	}
	tables, err := c.known(ctx, "BatchWriteItem", slices.Sorted(maps.Keys(in.RequestItems)), opts)
	if err != nil {
		return nil, err
	}
	if tables == nil {
		return c.db.BatchWriteItem(ctx, in, opts...)
	}
	b := batchWrite{client: c, tables: tables, originals: map[string]types.WriteRequest{}}
	request := *in
	if request.RequestItems, err = b.seal(ctx, in.RequestItems); err != nil {
		return nil, err
	}
	return b.send(ctx, &request, opts)
}

// batchWrite is one BatchWriteItem of a caller.
type batchWrite struct {
	client *Client
	tables map[string]*clientTable // by their names in the request
	// originals holds the caller's requests by table and key.
	originals map[string]types.WriteRequest
}

// seal returns the requests with their items encrypted, several at a time.
func (b *batchWrite) seal(ctx context.Context, requests map[string][]types.WriteRequest) (map[string][]types.WriteRequest, error) {
	sealed := make(map[string][]types.WriteRequest, len(requests))
	type put struct {
		table string
		index int
	}
	var puts []put
	for _, table := range slices.Sorted(maps.Keys(requests)) {
		sealed[table] = slices.Clone(requests[table])
		t := b.tables[table]
		if t == nil || t.writesPlaintext() {
			continue
		}
		for i, r := range requests[table] {
			if r.DeleteRequest != nil {
				if err := t.testKey("BatchWriteItem", r.DeleteRequest.Key); err != nil {
					return nil, err
				}
			}
			if r.PutRequest != nil {
				puts = append(puts, put{table, i})
			}
		}
	}
	err := parallel(ctx, len(puts), func(ctx context.Context, i int) error {
		p := puts[i]
		item, err := b.tables[p.table].seal(ctx, requests[p.table][p.index].PutRequest.Item)
		if err != nil {
			return err
		}
		// A request with two members stays one, for DynamoDB to refuse.
		sealed[p.table][p.index].PutRequest = &types.PutRequest{Item: item}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, p := range puts {
		stored := sealed[p.table][p.index].PutRequest.Item
		b.originals[originalKey(b.tables[p.table], stored)] = requests[p.table][p.index]
	}
	return sealed, nil
}

// originalKey names an item of the batch.
func originalKey(t *clientTable, stored Item) string {
	// A sealed item has its keys; one that DynamoDB returns without them is none of
	// the batch.
	text, err := keyText(t.records.keyNames(), stored)
	if err != nil {
		return ""
	}
	return t.name + "/" + text
}

var errUnprocessed = errors.New("DynamoDB left an item unprocessed that was not in the request")

func (b *batchWrite) send(ctx context.Context, request *dynamodb.BatchWriteItemInput, opts []func(*dynamodb.Options)) (*dynamodb.BatchWriteItemOutput, error) {
	out, err := b.client.db.BatchWriteItem(ctx, request, opts...)
	if err != nil || out == nil {
		return out, err
	}
	response := *out
	for attempt := 1; len(response.UnprocessedItems) > 0 && attempt < b.client.attempts; attempt++ {
		if err := backOff(ctx, attempt); err != nil {
			return nil, err
		}
		again := *request
		again.RequestItems = response.UnprocessedItems
		out, err := b.client.db.BatchWriteItem(ctx, &again, opts...)
		if err != nil && ctx.Err() != nil {
			return nil, err
		}
		if err != nil || out == nil {
			// A part is written: the caller must learn which, and meets the error
			// again when it sends the rest.
			break
		}
		response.UnprocessedItems = out.UnprocessedItems
		response.ConsumedCapacity = addCapacities(response.ConsumedCapacity, out.ConsumedCapacity)
		response.ItemCollectionMetrics = addMetrics(response.ItemCollectionMetrics, out.ItemCollectionMetrics)
		response.ResultMetadata = out.ResultMetadata
	}
	if len(response.UnprocessedItems) == 0 {
		return &response, nil
	}
	response.UnprocessedItems, err = b.unseal(response.UnprocessedItems)
	if err != nil {
		return nil, err
	}
	return &response, nil
}

// unseal returns what is left as the caller wrote it.
func (b *batchWrite) unseal(left map[string][]types.WriteRequest) (map[string][]types.WriteRequest, error) {
	plain := make(map[string][]types.WriteRequest, len(left))
	for table, requests := range left {
		t, err := b.client.lookup("BatchWriteItem", &table)
		if err != nil {
			return nil, err
		}
		if t == nil || t.writesPlaintext() {
			plain[table] = requests
			continue
		}
		plain[table] = slices.Clone(requests)
		for i, r := range requests {
			if r.PutRequest == nil {
				continue
			}
			original, ok := b.originals[originalKey(t, r.PutRequest.Item)]
			if !ok {
				return nil, &ItemError{Op: "give back an unprocessed", Key: t.records.keyOf(r.PutRequest.Item), Err: errUnprocessed}
			}
			plain[table][i] = original
		}
	}
	return plain, nil
}

// backOff waits before request number attempt+1 for what DynamoDB left
// unprocessed: twice as long each time, up to a second, with jitter.
func backOff(ctx context.Context, attempt int) error {
	return wait(ctx, attempt, 25*time.Millisecond, time.Second)
}

func addMetrics(a, b map[string][]types.ItemCollectionMetrics) map[string][]types.ItemCollectionMetrics {
	if len(b) == 0 {
		return a
	}
	sum := maps.Clone(a)
	if sum == nil {
		sum = make(map[string][]types.ItemCollectionMetrics, len(b))
	}
	for table, metrics := range b {
		sum[table] = append(slices.Clip(sum[table]), metrics...)
	}
	return sum
}
