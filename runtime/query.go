package runtime

import (
	"context"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Query yields every item whose index keys are those of probe, decrypted. The
// beacons of an index are shorter than the values behind them, so DynamoDB also
// finds items that only share a beacon; those are dropped after decryption and
// never yielded. Pages are read as the loop needs them; an early break ends the
// query. After an error nothing more is yielded.
//
// Items that are spread over several beacon partitions are searched partition by
// partition, and come in that order.
func (t *Table[T]) Query(ctx context.Context, index Index, probe *T, opts ...QueryOption) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		if err := t.query(ctx, index, probe, opts, func(v *T) bool { return yield(v, nil) }); err != nil {
			yield(nil, err)
		}
	}
}

func (t *Table[T]) query(ctx context.Context, index Index, probe *T, opts []QueryOption, yield func(*T) bool) error {
	o := queryOptions{}
	for _, opt := range opts {
		opt(&o)
	}
	if o.limit < 0 || o.pageSize < 0 {
		return fmt.Errorf("ddbe: query index %q: the limit and the page size cannot be negative", index.Name)
	}
	if probe == nil {
		return fmt.Errorf("ddbe: query index %q: there are no values to look for", index.Name)
	}
	wanted, err := t.fields.EncodeSome(probe, t.records.sources(index)...)
	if err != nil {
		return fmt.Errorf("ddbe: query index %q: %w", index.Name, err)
	}
	search, err := t.records.look(ctx, index, wanted)
	if err != nil {
		return fmt.Errorf("ddbe: query index %q: %w", index.Name, err)
	}
	found := 0
	for partition := range search.partitions {
		in, err := search.input(t.name, partition)
		if err != nil {
			return fmt.Errorf("ddbe: query index %q: %w", index.Name, err)
		}
		in.ScanIndexForward = aws.Bool(!o.descending)
		if o.pageSize > 0 {
			in.Limit = &o.pageSize
		}
		for {
			out, err := t.db.Query(ctx, in)
			if err != nil {
				return fmt.Errorf("ddbe: query index %q: %w", index.Name, err)
			}
			items, err := t.records.openAll(ctx, out.Items)
			if err != nil {
				return err
			}
			for _, item := range items {
				match, err := search.match(item)
				if err != nil {
					return &ItemError{Op: "match", Key: t.records.keyOf(item), Err: err}
				}
				if !match {
					continue
				}
				v, err := t.decode(item, t.records.keyOf(item))
				if err != nil {
					return err
				}
				if !yield(v) {
					return nil
				}
				if found++; found == o.limit {
					return nil
				}
			}
			if len(out.LastEvaluatedKey) == 0 {
				break
			}
			next := *in
			next.ExclusiveStartKey = out.LastEvaluatedKey
			in = &next
		}
	}
	return nil
}

// search is one query of an index: what to look for in each partition, and what
// an item must have in plain text to be an answer.
type search struct {
	partitions int
	input      func(table string, partition int) (*dynamodb.QueryInput, error)
	match      func(item Item) (bool, error)
}
