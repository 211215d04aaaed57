package runtime

import (
	"context"
	"fmt"
	"iter"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/beacon"
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
	wanted, err := t.encodeSome(probe, t.records.sources(index))
	if err != nil {
		return fmt.Errorf("ddbe: query index %q: %w", index.Name, err)
	}
	search, err := t.records.look(ctx, index, wanted)
	if err != nil {
		return fmt.Errorf("ddbe: query index %q: %w", index.Name, err)
	}
	defer search.close()
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
				if !t.schema.Discriminator.marks(item) {
					continue
				}
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

// search is one query of an index: what to look for, and what an item must have
// in plain text to be an answer.
type search struct {
	records    *records
	index      Index
	terms      []term // partition key, then the sort key if it is looked for
	partitions int    // how many queries find everything
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
		t, err := r.term(name, wanted)
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
	if len(counts) == 0 {
		return s, nil
	}
	s.partitions = r.beacons.Partitions(counts...)
	id, err := s.keyID(wanted)
	if err != nil {
		return nil, err
	}
	loan, err := r.beaconKeys(ctx, id)
	if err != nil {
		return nil, err
	}
	s.keys, s.close = loan.Key().keys, loan.Return
	return s, nil
}

func (r *records) term(name string, wanted Item) (term, error) {
	if b, ok := r.beacon(name); ok {
		plain, found, err := b.Plain(plainItem(wanted))
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
	for _, t := range s.terms {
		if t.beacon == nil {
			if !equalValues(item[t.name], t.attribute) {
				return false, nil
			}
			continue
		}
		plain, found, err := t.beacon.Plain(plainItem(item))
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
func (r *records) sources(index Index) []string {
	var names []string
	for _, name := range []string{index.Partition, index.Sort} {
		if b, ok := r.beacon(name); ok {
			names = append(names, b.Sources()...)
		} else if name != "" {
			names = append(names, name)
		}
	}
	if r.beacons != nil && r.beacons.KeyField() != "" {
		names = append(names, r.beacons.KeyField())
	}
	return sortedUnique(names)
}
