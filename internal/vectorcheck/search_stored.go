package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime"
)

// addedItem is an item of a request that is encrypted before it is sent.
type addedItem struct {
	path  []any // from the list of the request's items; none for PutItem
	added item  // what it has besides what the caller gave, head and foot
}

// addedItems reads what is added to the items of the request.
func (c *searchCase) addedItems() ([]addedItem, error) {
	if c.Added == nil {
		return nil, nil
	}
	if !strings.HasPrefix(string(c.Added), "[") {
		var only item
		err := json.Unmarshal(c.Added, &only)
		return []addedItem{{added: only}}, err
	}
	var list []struct {
		Path  []any
		Added item
	}
	if err := json.Unmarshal(c.Added, &list); err != nil {
		return nil, err
	}
	items := make([]addedItem, len(list))
	for i, a := range list {
		items[i] = addedItem{a.Path, a.Added}
	}
	return items, nil
}

// storedItem is an item cut out of a request, and its table.
type storedItem struct {
	table string
	item  item
}

// cut takes the item out of a request.
func (a addedItem) cut(operation string, request any) (storedItem, error) {
	root, _ := request.(map[string]any)
	var stored storedItem
	put := root
	switch operation {
	case "PutItem":
		stored.table, _ = root["TableName"].(string)
	case "BatchWriteItem":
		stored.table, _ = a.path[0].(string)
		put = descend(root, "RequestItems", a.path[0], a.path[1], "PutRequest")
	case "TransactWriteItems":
		put = descend(root, "TransactItems", a.path[0], "Put")
		stored.table, _ = put["TableName"].(string)
	default:
		return stored, fmt.Errorf("%w: items of %s", errNotCovered, operation)
	}
	text, err := marshal(put["Item"])
	if err != nil {
		return stored, err
	}
	delete(put, "Item")
	if err := json.Unmarshal(text, &stored.item); err != nil || stored.item == nil {
		return stored, fmt.Errorf("%w: there is no item at %v", errWrongAnswer, a.path)
	}
	return stored, nil
}

// descend follows names and indices, and returns nil where they lead nowhere.
func descend(value any, path ...any) map[string]any {
	for _, step := range path {
		switch container := value.(type) {
		case map[string]any:
			name, _ := step.(string)
			value = container[name]
		case []any:
			index, _ := step.(float64)
			if int(index) >= len(container) {
				return nil
			}
			value = container[int(index)]
		default:
			return nil
		}
	}
	found, _ := value.(map[string]any)
	return found
}

// sameStored returns nil if two stored items have the same attributes added and
// decrypt to the same, which is decrypted unless that is nil. Ciphertexts are
// random.
func (s *searchClient) sameStored(ctx context.Context, a addedItem, ours, theirs storedItem, decrypted item) error {
	if _, configured := s.tables[ours.table]; !configured {
		if !equalItems(ours.item, theirs.item) {
			return errors.New("the item of a table that is not configured was changed")
		}
		return nil
	}
	for name, want := range a.added {
		if err := sameValues(item{name: ours.item[name]}, item{name: want}); err != nil {
			return fmt.Errorf("what is added: %w", err)
		}
	}
	mine, err := s.get(ctx, ours.table, ours.item)
	if err != nil {
		return fmt.Errorf("what was sent does not decrypt: %w", err)
	}
	want, err := s.get(ctx, theirs.table, theirs.item)
	if err != nil {
		return fmt.Errorf("what the vector sent does not decrypt: %w", err)
	}
	if !equalItems(mine, want) || decrypted != nil && !equalItems(mine, decrypted) {
		return errors.New("what was sent and what the vector sent decrypt to different items")
	}
	if len(ours.item) != len(theirs.item) {
		return fmt.Errorf("the item has %d attributes, not %d", len(ours.item), len(theirs.item))
	}
	return nil
}

// consistent returns nil if a PutItem for which no known answer is right sent an
// item that decrypts to what was put and its signed beacons, and that was
// encrypted for the tenant that it names.
func (s *searchClient) consistent(ctx context.Context, c *searchCase, sent any) error {
	var in struct {
		TableName string
		Item      item
	}
	if err := json.Unmarshal(c.Input.SdkInput, &in); err != nil {
		return err
	}
	stored, err := addedItem{}.cut("PutItem", sent)
	if err != nil {
		return err
	}
	resolved, err := s.client.ResolveAttributes(in.TableName, in.Item)
	if err != nil {
		return err
	}
	want := maps.Clone(in.Item)
	for name, text := range resolved.CompoundBeacons {
		if _, signed := stored.item[name]; signed {
			want[name] = &types.AttributeValueMemberS{Value: text}
		}
	}
	got, err := s.get(ctx, in.TableName, stored.item)
	if err != nil {
		return fmt.Errorf("%w: what was sent does not decrypt: %w", errWrongAnswer, err)
	}
	if err := sameValues(got, want); err != nil {
		return err
	}
	search := s.tables[in.TableName].Search
	if search == nil || search.Beacons.KeyField == "" {
		return nil
	}
	keys, err := runtime.DescribeDataKeys(stored.item)
	if err != nil {
		return err
	}
	tenant, ok := in.Item[search.Beacons.KeyField].(*types.AttributeValueMemberS)
	if len(keys) != 1 || !ok || keys[0].BranchKeyID != tenant.Value {
		return fmt.Errorf("%w: the item was encrypted for another tenant than it names", errWrongAnswer)
	}
	return nil
}

// get returns what a GetItem reads if stored is in the table.
func (s *searchClient) get(ctx context.Context, table string, stored item) (item, error) {
	config := s.tables[table]
	key := item{config.PartitionKeyName: stored[config.PartitionKeyName]}
	if config.SortKeyName != "" {
		key[config.SortKeyName] = stored[config.SortKeyName]
	}
	in, err := marshal(map[string]any{"TableName": table, "Key": key})
	if err != nil {
		return nil, err
	}
	out, err := s.call(ctx, "GetItem", in, func(wireRequest) (any, error) { return map[string]any{"Item": stored}, nil })
	if err != nil {
		return nil, err
	}
	text, err := marshal(out)
	if err != nil {
		return nil, err
	}
	var got struct{ Item item }
	return got.Item, json.Unmarshal(text, &got)
}
