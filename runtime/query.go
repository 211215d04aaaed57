package runtime

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"runtime"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/beacon"
)

// Query yields every item whose index keys are those of probe, decrypted. The
// beacons of an index are shorter than the values behind them, so DynamoDB also
// finds items that only share a beacon; those are dropped after decryption and
// never yielded. Pages are read as the loop needs them; an early break ends the
// query.
//
// An item that cannot be verified, decrypted or decoded is yielded as an
// [*ItemError] in its place: a loop that goes on gets the items after it. After
// any other error nothing more is yielded.
//
// Items that are spread over several beacon partitions are searched partition by
// partition, and come in that order.
func (t *Table[T]) Query(ctx context.Context, index Index, probe *T, opts ...QueryOption) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		if err := t.query(ctx, index, probe, opts, yield); err != nil {
			yield(nil, fmt.Errorf("ddbe: query index %q: %w", index.Name, err))
		}
	}
}

// query returns nil once yield has said that it wants no more.
func (t *Table[T]) query(ctx context.Context, index Index, probe *T, opts []QueryOption, yield func(*T, error) bool) error {
	o := queryOptions{}
	for _, opt := range opts {
		if opt == nil {
			return errors.New("an option is nil")
		}
		opt(&o)
	}
	if o.limit < 0 || o.pageSize < 0 {
		return errors.New("the limit and the page size cannot be negative")
	}
	if probe == nil {
		return errors.New("there are no values to look for")
	}
	if index.err != nil {
		return index.err
	}
	sources, err := t.records.sources(index)
	if err != nil {
		return err
	}
	wanted, err := t.encodeSome(probe, sources)
	if err != nil {
		return err
	}
	search, err := t.records.look(ctx, index, wanted)
	if err != nil {
		return err
	}
	defer search.close()
	found := 0
	var asked []Item
	for partition := range search.partitions {
		in, err := search.input(t.name, partition)
		if err != nil {
			return err
		}
		// The beacons of two partitions may be the same, and would find the same
		// items again.
		if slices.ContainsFunc(asked, func(values Item) bool { return maps.EqualFunc(values, in.ExpressionAttributeValues, equalValues) }) {
			continue
		}
		asked = append(asked, in.ExpressionAttributeValues)
		in.ScanIndexForward = aws.Bool(!o.descending)
		if o.pageSize > 0 {
			in.Limit = &o.pageSize
		}
		for {
			out, err := t.db.Query(ctx, in)
			if err != nil {
				return err
			}
			for items, err := range t.whole(ctx, index, out.Items, o.limit-found) {
				if err != nil {
					return err
				}
				for v, err := range t.answers(ctx, search, items) {
					if ctx.Err() != nil {
						return context.Cause(ctx)
					}
					if !yield(v, err) {
						return nil
					}
					if err == nil {
						found++
					}
					if err == nil && found == o.limit {
						return nil
					}
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

// whole yields the items of a page as they lie in the table, some at a time. A
// page of an index that holds a part of each can be of thousands: then no more
// are read at first than are still wanted, if that is a number above 0.
func (t *Table[T]) whole(ctx context.Context, index Index, page []Item, wanted int) iter.Seq2[[]Item, error] {
	return func(yield func([]Item, error) bool) {
		if index.whole() {
			yield(page, nil)
			return
		}
		f := fetching{db: t.db, table: t.name, records: t.records, attempts: defaultBatchAttempts}
		n := batchKeys
		if wanted > 0 {
			n = min(wanted, n)
		}
		for len(page) > 0 {
			chunk := page[:min(n, len(page))]
			page = page[len(chunk):]
			n = min(2*n, batchKeys)
			items, err := f.items(ctx, chunk)
			if err != nil {
				yield(nil, fmt.Errorf("fetch the items that were found: %w", err))
				return
			}
			if !yield(items, nil) {
				return
			}
		}
	}
}

// maxAhead is how many items of a page are decrypted at most before the first of
// them is asked for.
const maxAhead = 64

// answers yields the answers among the items of a page. The first few are
// decrypted by themselves, so that a loop that soon ends does not pay for a page
// whose every item may take a call to KMS; then more and more together.
func (t *Table[T]) answers(ctx context.Context, s *search, page []Item) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		ahead := min(runtime.GOMAXPROCS(0), maxAhead)
		for len(page) > 0 {
			window := page[:min(ahead, len(page))]
			page = page[len(window):]
			ahead = min(2*ahead, maxAhead)
			found := make([]*T, len(window))
			errs := make([]error, len(window))
			// Errors are kept by item: one bad item does not hide the others.
			_ = parallel(ctx, len(window), func(ctx context.Context, i int) error {
				found[i], errs[i] = t.answer(ctx, s, window[i])
				return nil
			})
			if err := ctx.Err(); err != nil {
				yield(nil, err)
				return
			}
			for i := range window {
				if (found[i] != nil || errs[i] != nil) && !yield(found[i], errs[i]) {
					return
				}
			}
		}
	}
}

// answer returns the value of a stored item, or nil if it is none that is looked
// for.
func (t *Table[T]) answer(ctx context.Context, s *search, stored Item) (*T, error) {
	key := t.records.keyOf(stored)
	if own, err := t.records.isOfTenant(stored, s.tenant); err != nil || !own {
		if err != nil {
			err = &ItemError{Op: "tell the tenant of an", Key: key, Err: err}
		}
		return nil, err
	}
	item, err := t.records.open(ctx, stored)
	if err != nil {
		return nil, &ItemError{Op: "decrypt", Key: key, Err: err}
	}
	if !t.schema.Discriminator.marks(item) {
		return nil, nil
	}
	match, err := s.match(item)
	if err != nil {
		return nil, &ItemError{Op: "match", Key: key, Err: err}
	}
	if !match {
		return nil, nil
	}
	return t.decode(item, key)
}

// search is one query of an index: what to look for, and what an item must have
// in plain text to be an answer.
type search struct {
	records    *records
	index      Index
	terms      []term // partition key, then the sort key if it is looked for
	partitions int    // how many queries find everything
	tenant     string // branch key id, in a table whose items name theirs
	keys       *beacon.Keys
	close      func()
}

// term is one key of an index and the value that it is looked for.
type term struct {
	name      string         // stored name of the key
	beacon    *beacon.Beacon // nil for an attribute that is not a beacon
	plain     beacon.Value
	attribute types.AttributeValue // of a term without a beacon
}

// look prepares a query of an index for the values in wanted. The caller closes
// the result.
func (r *records) look(ctx context.Context, index Index, wanted Item) (*search, error) {
	s := &search{records: r, index: index, partitions: 1, close: func() {}}
	names := []string{index.Partition}
	if index.Sort != "" {
		names = append(names, index.Sort)
	}
	var counts []int
	for _, name := range names {
		t, err := r.term(index, name, wanted)
		if err != nil {
			return nil, err
		}
		s.terms = append(s.terms, t)
		if t.beacon == nil {
			continue
		}
		n, err := t.beacon.Partitions(t.plain)
		if err != nil {
			return nil, err
		}
		counts = append(counts, n)
	}
	if r.beacons == nil {
		return s, nil
	}
	id, err := s.keyID(wanted)
	if err != nil {
		return nil, err
	}
	if r.beacons.KeyField() != "" {
		s.tenant = id
	}
	if len(counts) == 0 {
		return s, nil
	}
	s.partitions = r.beacons.Partitions(counts...)
	loan, err := r.beaconKeys(ctx, id)
	if err != nil {
		return nil, err
	}
	s.keys, s.close = loan.Key().keys, loan.Return
	return s, nil
}

func (r *records) term(index Index, name string, wanted Item) (term, error) {
	if b, ok := r.beacon(name); ok {
		made, err := index.made(b)
		if err != nil {
			return term{}, err
		}
		plain, found, err := made.Plain(r.view(wanted))
		if err != nil {
			return term{}, err
		}
		if !found {
			return term{}, fmt.Errorf("the values that were given do not make up the beacon %q: an item without it is not in the index", name)
		}
		return term{name: b.Attribute(), beacon: b, plain: plain}, nil
	}
	if r.encrypts(name) {
		return term{}, fmt.Errorf("attribute %q is encrypted and has no beacon: nothing can be found by it", name)
	}
	value, ok := wanted[name]
	if !ok {
		return term{}, fmt.Errorf("no value was given for %q", name)
	}
	return term{name: name, attribute: value}, nil
}

// keyID returns the branch key whose beacons are looked for.
func (s *search) keyID(wanted Item) (string, error) {
	r := s.records
	field := r.beacons.KeyField()
	if field == "" {
		return r.config.Search.BranchKeyID, nil
	}
	if id, ok := wanted[field].(*types.AttributeValueMemberS); ok {
		return id.Value, nil
	}
	for _, t := range s.terms {
		if t.beacon == nil {
			continue
		}
		if id, ok := t.beacon.KeyID(t.plain.Text); ok {
			return id, nil
		}
	}
	return "", fmt.Errorf("the query does not say whose items to look for: give a value for %q", field)
}

// input returns the request that finds the items of one partition.
func (s *search) input(table string, partition int) (*dynamodb.QueryInput, error) {
	in := &dynamodb.QueryInput{
		TableName:                 &table,
		IndexName:                 &s.index.Name,
		ExpressionAttributeNames:  make(map[string]string, len(s.terms)),
		ExpressionAttributeValues: make(Item, len(s.terms)),
	}
	condition := ""
	for i, t := range s.terms {
		name, value := fmt.Sprintf("#k%d", i), fmt.Sprintf(":k%d", i)
		if i > 0 {
			condition += " AND "
		}
		condition += name + " = " + value
		in.ExpressionAttributeNames[name] = t.name
		in.ExpressionAttributeValues[value] = t.attribute
		if t.beacon == nil {
			continue
		}
		found, err := t.beacon.Query(beacon.Equal, t.plain, s.keys, partition)
		if err != nil {
			return nil, err
		}
		in.ExpressionAttributeValues[value] = beaconAttribute(found)
	}
	in.KeyConditionExpression = &condition
	return in, nil
}

// match reports whether a decrypted item is an answer, and not only one whose
// beacons happen to be the same.
func (s *search) match(item Item) (bool, error) {
	// An item that is not encrypted has no header that names its tenant.
	if named, ok := item[s.records.tenantField()]; ok && s.tenant != "" && !equalValues(named, &types.AttributeValueMemberS{Value: s.tenant}) {
		return false, nil
	}
	for _, t := range s.terms {
		if t.beacon == nil {
			if !equalValues(item[t.name], t.attribute) {
				return false, nil
			}
			continue
		}
		plain, found, err := t.beacon.Plain(s.records.view(item))
		if err != nil {
			return false, err
		}
		if !found || !equalPlain(plain, t.plain) {
			return false, nil
		}
	}
	return true, nil
}

// beacon returns the beacon of this name.
func (r *records) beacon(name string) (*beacon.Beacon, bool) {
	if r.beacons == nil {
		return nil, false
	}
	return r.beacons.Beacon(name)
}

func (r *records) isBeacon(name string) bool {
	_, ok := r.beacon(name)
	return ok
}

// computes reports whether the attribute is a signed beacon, which is made anew
// of the others at each write.
func (r *records) computes(name string) bool {
	b, ok := r.beacon(name)
	return ok && b.Attribute() == name
}

// storedName returns the attribute that an index on this attribute or beacon is
// made of.
func (r *records) storedName(name string) string {
	if b, ok := r.beacon(name); ok {
		return b.Attribute()
	}
	return name
}

// sources returns the attributes that the keys of an index are made of, and the
// one that names the tenant.
func (r *records) sources(index Index) ([]string, error) {
	var names []string
	for _, name := range []string{index.Partition, index.Sort} {
		if b, ok := r.beacon(name); ok {
			made, err := index.made(b)
			if err != nil {
				return nil, err
			}
			names = append(names, made.Sources()...)
		} else if name != "" {
			names = append(names, name)
		}
	}
	if r.beacons != nil && r.beacons.KeyField() != "" {
		names = append(names, r.beacons.KeyField())
	}
	return sortedUnique(names), nil
}
