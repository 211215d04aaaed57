package runtime

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Query finds items by conditions on plain text. The server finds them by their
// beacons; what it finds is decrypted and tested against the conditions again,
// so that a page may hold fewer items than the server found, or none, and still
// have a LastEvaluatedKey. Count is what is left, ScannedCount what the server
// evaluated. A Count is made by reading the items if the conditions are on
// beacons.
//
// Where items are spread over several beacon partitions, all of them are queried
// and their items come in the order of the index's sort key, as those of one
// query do. The LastEvaluatedKey is then a sealed token, for the next page of the
// same query. A caller who queries the partitions by itself gives the number of
// one, below [Client.NumberOfQueries], as the value :aws_dbe_partition.
//
// The items of an index that does not project all attributes are fetched from
// the table, which needs the permission dynamodb:BatchGetItem.
func (c *Client) Query(ctx context.Context, in *dynamodb.QueryInput, opts ...func(*dynamodb.Options)) (*dynamodb.QueryOutput, error) {
	if in == nil {
		in = &dynamodb.QueryInput{}
	}
	s, err := c.search(ctx, in, queryRequest(in), opts)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.db.Query(ctx, in, opts...)
	}
	request := *in
	request.ProjectionExpression, request.Select = nil, s.sel
	if len(s.queries) > 1 {
		return s.queryPartitions(ctx, &request, in)
	}
	s.queries[0].of(&request)
	out, err := c.db.Query(ctx, &request, opts...)
	if err != nil || out == nil || s.counts() {
		return out, err
	}
	response := *out
	if err := s.answer(ctx, &response.Items, &response.Count, &response.ConsumedCapacity); err != nil {
		return nil, err
	}
	return &response, nil
}

// Scan reads a table or an index, with a filter on plain text. It follows the
// rules of [Client.Query], and looks in all partitions at once.
func (c *Client) Scan(ctx context.Context, in *dynamodb.ScanInput, opts ...func(*dynamodb.Options)) (*dynamodb.ScanOutput, error) {
	if in == nil {
		in = &dynamodb.ScanInput{}
	}
	s, err := c.search(ctx, in, scanRequest(in), opts)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.db.Scan(ctx, in, opts...)
	}
	request := *in
	request.ProjectionExpression, request.Select = nil, s.sel
	q := &s.queries[0]
	request.FilterExpression, request.ExpressionAttributeNames, request.ExpressionAttributeValues = q.filter, q.names, q.values
	out, err := c.db.Scan(ctx, &request, opts...)
	if err != nil || out == nil || s.counts() {
		return out, err
	}
	response := *out
	if err := s.answer(ctx, &response.Items, &response.Count, &response.ConsumedCapacity); err != nil {
		return nil, err
	}
	return &response, nil
}

// of puts the conditions into a request.
func (q *query) of(in *dynamodb.QueryInput) {
	in.KeyConditionExpression, in.FilterExpression = q.key, q.filter
	in.ExpressionAttributeNames, in.ExpressionAttributeValues = q.names, q.values
}

// searching is a Query or Scan on its way.
type searching struct {
	plan        plan
	client      *Client
	queries     []query
	description *TableDescription       // nil if the client makes none
	index       *SecondaryIndex         // nil for the table, or if it is not known
	byKey       bool                    // whether items are to be fetched from the table
	sel         types.Select            // as it is sent
	fetched     *types.ConsumedCapacity // by fetching items from the table
	opts        []func(*dynamodb.Options)
}

// search prepares a Query or Scan, whose input is in: nothing is sent to the table
// yet, but the table may be described, and a branch key asked for. It returns nil
// if the table is not configured.
func (c *Client) search(ctx context.Context, in any, request readRequest, opts []func(*dynamodb.Options)) (*searching, error) {
	t, err := c.begin(ctx, request.operation, request.table, in, opts)
	if t == nil || err != nil {
		return nil, err
	}
	if err := t.testStartKey(request.operation, request.start); err != nil {
		return nil, err
	}
	s := &searching{client: c, opts: opts, sel: request.sel}
	if s.plan, err = t.plan(request); err != nil {
		return nil, err
	}
	if s.description, s.index, err = c.index(ctx, t, request.index, opts); err != nil {
		return nil, err
	}
	if s.queries, err = s.plan.prepare(ctx); err != nil {
		return nil, err
	}
	_, sealed := request.start[pageTokenName]
	switch {
	case len(s.queries) > 1 && s.index == nil:
		return nil, t.refuse(request.operation, "what it asks for is in %d beacon partitions, and to merge them the client must know the index: name one that exists, and let the client describe the table; or give a partition as the value %s", s.plan.partitions, partitionValue)
	case len(s.queries) == 1 && sealed:
		return nil, &RequestError{Operation: request.operation, Table: t.name, Err: ErrPageToken}
	}
	return s, s.choose()
}

// choose decides what the server returns of the items.
func (s *searching) choose() error {
	if s.counts() {
		return nil
	}
	if s.sel == types.SelectCount || s.plan.project != nil {
		s.sel = ""
	}
	if s.index == nil || s.index.whole() {
		return nil
	}
	s.byKey, s.sel = true, ""
	for i := range s.queries {
		q := &s.queries[i]
		if q.filters(func(name string) bool { return !s.index.projects(s.description, name) }) {
			// In the index the attribute is missing, and the filter would be false.
			if err := q.dropFilter(); err != nil {
				return err
			}
		}
	}
	return nil
}

// counts reports whether the server's own count is exact: nothing is compared
// but what the server sees as it is.
func (s *searching) counts() bool {
	tenants := s.plan.table.records.tenantField() != "" && s.plan.keyID != ""
	return s.plan.request.sel == types.SelectCount && !s.plan.hashes && !tenants
}

// answer puts what the caller gets in place of what the server returned.
func (s *searching) answer(ctx context.Context, items *[]Item, count *int32, capacity **types.ConsumedCapacity) error {
	found, err := s.deliver(ctx, *items)
	if err != nil {
		return err
	}
	if *count = int32(len(found)); s.plan.request.sel == types.SelectCount {
		found = nil
	}
	*items, *capacity = found, addCapacity(*capacity, s.fetched)
	return nil
}

// deliver returns what the caller gets of the items that the server found: those
// that are the tenant's and fulfil the conditions, decrypted and projected, in
// their order.
func (s *searching) deliver(ctx context.Context, stored []Item) ([]Item, error) {
	p := &s.plan
	stored, err := p.ofTenant(stored)
	if err != nil {
		return nil, err
	}
	if s.byKey {
		if stored, err = s.fetch(ctx, stored); err != nil {
			return nil, err
		}
		if stored, err = p.ofTenant(stored); err != nil {
			return nil, err
		}
	}
	if len(stored) == 0 {
		return []Item{}, nil
	}
	items := make([]Item, len(stored))
	err = parallel(ctx, len(stored), func(ctx context.Context, i int) error {
		item, err := p.table.openItem(ctx, stored[i])
		if err != nil {
			return err
		}
		match, err := p.keep.matches(item, stored[i])
		if err != nil {
			return &ItemError{Op: "match", Key: p.table.records.keyOf(stored[i]), Err: err}
		}
		if match {
			items[i] = p.project.of(item)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(items, func(item Item) bool { return item == nil }), nil
}

// ofTenant returns the items whose branch key is the one that is asked for, in a
// table whose items name theirs.
func (p *plan) ofTenant(stored []Item) ([]Item, error) {
	r := p.table.records
	own := make([]Item, 0, len(stored))
	for _, item := range stored {
		is, err := r.isOfTenant(item, p.keyID)
		if err != nil {
			return nil, &ItemError{Op: "tell the tenant of an", Key: r.keyOf(item), Err: err}
		}
		if is {
			own = append(own, item)
		}
	}
	return own, nil
}

// fetch returns the items of the table whose keys are those of found, in their
// order. Items that are gone are left out.
func (s *searching) fetch(ctx context.Context, found []Item) ([]Item, error) {
	f := fetching{
		db: s.client.db, table: s.plan.table.name, records: s.plan.table.records,
		attempts: s.client.attempts, consistent: s.plan.request.consistent, capacity: s.plan.request.capacity, consumed: s.fetched, opts: s.opts,
	}
	items, err := f.items(ctx, found)
	if err != nil {
		return nil, fmt.Errorf("ddbe: fetch the items that were found in index %q: %w", s.index.Name, err)
	}
	s.fetched = f.consumed
	return items, nil
}

// queryPartitions makes every query for the next page and merges what they find.
func (s *searching) queryPartitions(ctx context.Context, request, in *dynamodb.QueryInput) (*dynamodb.QueryOutput, error) {
	p := &s.plan
	query, err := p.fingerprint(in, len(s.queries))
	if err != nil {
		return nil, &RequestError{Operation: "Query", Table: p.table.name, Err: err}
	}
	cursors, err := openPageToken(p.pages, in.ExclusiveStartKey, len(s.queries), query)
	if err != nil {
		return nil, &RequestError{Operation: "Query", Table: p.table.name, Err: err}
	}
	m := merge{
		streams: make([]stream, len(cursors)), index: s.index,
		primary:    p.table.records.keyNames(),
		descending: in.ScanIndexForward != nil && !*in.ScanIndexForward,
		limit:      int(aws.ToInt32(in.Limit)),
	}
	response, err := s.readStreams(ctx, request, cursors, m.streams)
	if err != nil {
		return nil, err
	}
	found, cursors := m.next(cursors)
	response.Items = found
	if err := s.answer(ctx, &response.Items, &response.Count, &response.ConsumedCapacity); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(cursors, func(c cursor) bool { return !c.done }) {
		if response.LastEvaluatedKey, err = sealPageToken(p.pages, cursors, query); err != nil {
			return nil, err
		}
	}
	return response, nil
}
