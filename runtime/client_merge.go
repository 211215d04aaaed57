package runtime

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

// stream is one page of one partition.
type stream struct {
	items []Item // as they are stored, in the order of the index
	last  Key    // where its next page begins, or nil if there is none
	taken int    // how many items were merged
}

// maxConcurrentQueries bounds how many queries run at a time for one page.
const maxConcurrentQueries = 16

// readStreams reads the next page of every partition that has one. The response
// holds what they consumed and evaluated.
func (s *searching) readStreams(ctx context.Context, request *dynamodb.QueryInput, cursors []cursor, streams []stream) (*dynamodb.QueryOutput, error) {
	outs := make([]*dynamodb.QueryOutput, len(streams))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(maxConcurrentQueries)
	for i, c := range cursors {
		if c.done {
			continue
		}
		group.Go(func() error {
			one := *request
			s.queries[i].of(&one)
			one.ExclusiveStartKey = c.start
			out, err := s.client.db.Query(ctx, &one, s.opts...)
			if err == nil && out != nil {
				outs[i] = out
				streams[i] = stream{items: out.Items, last: out.LastEvaluatedKey}
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	response := &dynamodb.QueryOutput{}
	for _, out := range outs {
		if out != nil {
			response.ScannedCount += out.ScannedCount
			response.ConsumedCapacity = addCapacity(response.ConsumedCapacity, out.ConsumedCapacity)
			response.ResultMetadata = out.ResultMetadata
		}
	}
	return response, nil
}

// merge puts the pages of several partitions in the order of the index.
type merge struct {
	streams    []stream
	index      *SecondaryIndex
	primary    []string // key attributes of the table
	descending bool
	limit      int // 0 for none
}

// next returns the items of the next page and where the one after it begins. It
// ends where a partition may hold an item that it has not read yet.
func (m *merge) next(cursors []cursor) ([]Item, []cursor) {
	var items []Item
	for m.limit == 0 || len(items) < m.limit {
		first := m.first()
		if first < 0 {
			break
		}
		s := &m.streams[first]
		items = append(items, s.items[s.taken])
		s.taken++
	}
	after := make([]cursor, len(cursors))
	for i, c := range cursors {
		s := &m.streams[i]
		switch {
		case c.done || s.taken == len(s.items) && len(s.last) == 0:
			after[i].done = true
		case s.taken == len(s.items):
			after[i].start = s.last
		case s.taken == 0:
			after[i].start = c.start
		default:
			after[i].start = m.keyOf(s.items[s.taken-1])
		}
	}
	return items, after
}

// first returns the stream whose next item comes first, or -1 if there is none or
// what comes first has not been read. Of equal items that of the first stream
// comes first.
func (m *merge) first() int {
	first, found := -1, Item(nil)
	for i := range m.streams {
		if s := &m.streams[i]; s.taken < len(s.items) && (found == nil || m.compare(s.items[s.taken], found) < 0) {
			first, found = i, s.items[s.taken]
		}
	}
	for i := range m.streams {
		if s := &m.streams[i]; found != nil && s.taken == len(s.items) && len(s.last) > 0 && m.compare(s.last, found) < 0 {
			return -1
		}
	}
	return first
}

func (m *merge) compare(a, b Item) int {
	for _, name := range m.index.SortKeys {
		// Every item of an index has its keys, of one type.
		order, _ := expression.Compare(a[name], b[name])
		if m.descending {
			order = -order
		}
		if order != 0 {
			return order
		}
	}
	return 0
}

// keyOf returns the key that a page begins behind, if it begins behind item.
func (m *merge) keyOf(item Item) Key {
	key := make(Key, 4)
	for _, names := range [][]string{m.primary, m.index.PartitionKeys, m.index.SortKeys} {
		for _, name := range names {
			if value, ok := item[name]; ok {
				key[name] = value
			}
		}
	}
	return key
}
