package embedded

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

const (
	maxBatchGet      = 100
	maxBatchWrite    = 25
	maxBatchGetBytes = 16 << 20
)

type writeRequest struct {
	PutRequest    *struct{ Item item }
	DeleteRequest *struct{ Key item }
}

func (w *writeRequest) write(tableName string) (*write, error) {
	switch {
	case w.PutRequest != nil && w.DeleteRequest == nil:
		put, err := (&putInput{TableName: &tableName, Item: w.PutRequest.Item}).write()
		if err != nil {
			return nil, err
		}
		locate := put.locate
		put.locate = func(t *table) ([]byte, error) {
			for _, d := range t.key {
				if expression.Type(w.PutRequest.Item[d.name]) != d.typ {
					return nil, keyMismatch()
				}
			}
			return locate(t)
		}
		return put, nil
	case w.DeleteRequest != nil && w.PutRequest == nil:
		return (&deleteInput{TableName: &tableName, Key: w.DeleteRequest.Key}).write()
	default:
		return nil, validationErrorf("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	}
}

func (db *dynamoDB) batchWriteItem(r *request) ([]byte, error) {
	var in struct {
		RequestItems                map[string][]json.RawMessage
		ReturnConsumedCapacity      string
		ReturnItemCollectionMetrics string
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := checkCapacity(in.ReturnConsumedCapacity); err != nil {
		return nil, err
	}
	if err := checkUnsupported("ReturnItemCollectionMetrics", in.ReturnItemCollectionMetrics, "NONE", "SIZE"); err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(in.RequestItems))
	lengths := make([]int, len(names))
	for i, name := range names {
		lengths[i] = len(in.RequestItems[name])
	}
	if err := checkBatchLengths("BatchWriteItem", "requestItems", lengths, maxBatchWrite); err != nil {
		return nil, err
	}
	var writes []*write
	var texts []json.RawMessage
	for _, name := range names {
		for _, text := range in.RequestItems[name] {
			var one writeRequest
			if err := (&request{operation: r.operation, body: text}).decode(&one); err != nil {
				return nil, err
			}
			w, err := one.write(name)
			if err != nil {
				return nil, err
			}
			writes, texts = append(writes, w), append(texts, text)
		}
	}
	processed := max(len(writes)-r.unprocessed, 0)
	if err := db.writeBatch(writes, processed); err != nil {
		return nil, err
	}
	left := map[string][]json.RawMessage{}
	for i := processed; i < len(writes); i++ {
		name := writes[i].tableName
		left[name] = append(left[name], texts[i])
	}
	return json.Marshal(map[string]any{"UnprocessedItems": left})
}

func checkBatchLengths(operation, member string, lengths []int, most int) error {
	total := 0
	for _, n := range lengths {
		if n < 1 || n > most {
			return validationErrorf("1 validation error detected: Value at '%s' failed to satisfy constraint: Map value must satisfy constraint: [Member must have length less than or equal to %d, Member must have length greater than or equal to 1]", member, most)
		}
		total += n
	}
	switch {
	case total == 0:
		return validationErrorf("1 validation error detected: Value '{}' at '%s' failed to satisfy constraint: Member must have length greater than or equal to 1", member)
	case total > most:
		return validationErrorf("Too many items requested for the %s call", operation)
	default:
		return nil
	}
}

func duplicateKeys() error { return validationErrorf("Provided list of item keys contains duplicates") }

func hasDuplicates(keys []item) bool {
	seen := map[string]bool{}
	for _, key := range keys {
		text := string(appendAttributes(nil, key))
		if seen[text] {
			return true
		}
		seen[text] = true
	}
	return false
}

// writeBatch checks all writes and applies the first n of them.
func (db *dynamoDB) writeBatch(writes []*write, n int) error {
	return db.store.update(func(tx transaction) error {
		targets := make([]*table, len(writes))
		seen := map[string]bool{}
		for i, w := range writes {
			t, err := db.tables.get(tx, w.tableName)
			if err != nil {
				return err
			}
			targets[i] = t
			key, err := w.locate(t)
			if err != nil {
				return err
			}
			target := t.items + "\x00" + string(key)
			if seen[target] {
				return duplicateKeys()
			}
			seen[target] = true
		}
		for i, w := range writes[:n] {
			if _, err := w.apply(tx, targets[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// keysAndAttributes are the members of one table in BatchGetItem. Unprocessed
// keys are answered in the same shape.
type keysAndAttributes struct {
	Keys                     []item
	ConsistentRead           bool              `json:",omitempty"`
	ProjectionExpression     *string           `json:",omitempty"`
	ExpressionAttributeNames map[string]string `json:",omitempty"`
}

// parse reads the projection and refuses duplicate keys.
func (in *keysAndAttributes) parse() (*expressions, error) {
	e, err := substitutions{ExpressionAttributeNames: in.ExpressionAttributeNames}.parse(expressionTexts{projection: in.ProjectionExpression})
	if err == nil && hasDuplicates(in.Keys) {
		err = duplicateKeys()
	}
	return e, err
}

func (db *dynamoDB) batchGetItem(r *request) ([]byte, error) {
	var in struct {
		RequestItems           map[string]*keysAndAttributes
		ReturnConsumedCapacity string
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := checkCapacity(in.ReturnConsumedCapacity); err != nil {
		return nil, err
	}
	names := slices.Sorted(maps.Keys(in.RequestItems))
	lengths := make([]int, len(names))
	total := 0
	for i, name := range names {
		if in.RequestItems[name] == nil {
			return nil, missing("requestItems." + name + ".member")
		}
		lengths[i] = len(in.RequestItems[name].Keys)
		total += lengths[i]
	}
	if err := checkBatchLengths("BatchGetItem", "requestItems", lengths, maxBatchGet); err != nil {
		return nil, err
	}
	parsed := make([]*expressions, len(names))
	for i, name := range names {
		var err error
		if parsed[i], err = in.RequestItems[name].parse(); err != nil {
			return nil, err
		}
	}
	b := batchGet{left: max(total-r.unprocessed, 0), unprocessed: map[string]*keysAndAttributes{}}
	b.body = append(b.body, `{"Responses":{`...)
	err := db.store.view(func(tx transaction) error {
		for i, name := range names {
			if i > 0 {
				b.body = append(b.body, ',')
			}
			b.body = append(appendString(b.body, name), ':')
			if err := b.read(tx, &db.tables, name, in.RequestItems[name], parsed[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	unprocessed, err := json.Marshal(b.unprocessed)
	if err != nil {
		return nil, err
	}
	b.body = append(append(b.body, `},"UnprocessedKeys":`...), unprocessed...)
	return append(b.body, '}'), nil
}

// batchGet collects the response of BatchGetItem.
type batchGet struct {
	body        []byte
	left        int // how many keys may still be processed
	size        int // bytes read
	unprocessed map[string]*keysAndAttributes
}

// read appends the items of one table.
func (b *batchGet) read(tx transaction, tables *tables, name string, in *keysAndAttributes, e *expressions) error {
	t, err := tables.get(tx, name)
	if err != nil {
		return err
	}
	for _, key := range in.Keys {
		if _, err := t.checkKey(key); err != nil {
			return err
		}
	}
	b.body = append(b.body, '[')
	comma := false
	for i, key := range in.Keys {
		if b.left == 0 || b.size >= maxBatchGetBytes {
			rest := *in
			rest.Keys = in.Keys[i:]
			b.unprocessed[name] = &rest
			break
		}
		b.left--
		found, size, err := (&read{name, key, e}).apply(tx, t)
		if err != nil {
			return err
		}
		b.size += size
		if found == nil {
			continue
		}
		if comma {
			b.body = append(b.body, ',')
		}
		comma = true
		b.body = append(b.body, found...)
	}
	b.body = append(b.body, ']')
	return nil
}
