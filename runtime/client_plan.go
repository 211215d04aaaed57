package runtime

import (
	"context"
	"crypto/cipher"
	"fmt"
	"maps"
	"math/big"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

// readRequest is what Query and Scan have in common.
type readRequest struct {
	operation               string
	table, index            *string
	key, filter, projection *string
	names                   map[string]string
	values                  Item
	sel                     types.Select
	start                   Key
	capacity                types.ReturnConsumedCapacity
	consistent              *bool
}

func queryRequest(in *dynamodb.QueryInput) readRequest {
	return readRequest{
		operation: "Query", table: in.TableName, index: in.IndexName,
		key: in.KeyConditionExpression, filter: in.FilterExpression, projection: in.ProjectionExpression,
		names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues, sel: in.Select,
		start: in.ExclusiveStartKey, capacity: in.ReturnConsumedCapacity, consistent: in.ConsistentRead,
	}
}

func scanRequest(in *dynamodb.ScanInput) readRequest {
	return readRequest{
		operation: "Scan", table: in.TableName, index: in.IndexName,
		filter: in.FilterExpression, projection: in.ProjectionExpression,
		names: in.ExpressionAttributeNames, values: in.ExpressionAttributeValues, sel: in.Select,
		start: in.ExclusiveStartKey, capacity: in.ReturnConsumedCapacity, consistent: in.ConsistentRead,
	}
}

// partitionValue is the name of the value with which a caller chooses the beacon
// partition that a query looks in.
const partitionValue = ":aws_dbe_partition"

// plan is what a Query or Scan asks for, in plain text.
type plan struct {
	table       *clientTable
	request     readRequest
	key, filter expression.Condition // nil where there is none
	keep        filter
	project     *projection

	hashes     bool        // whether values may have to be hashed
	expands    bool        // whether the filter differs from partition to partition
	keyID      string      // of the branch key whose beacons are looked for; "" for none
	partitions int         // in how many queries everything is found, one a partition
	chosen     int         // the partition that the caller chose, or -1
	pages      cipher.AEAD // that seals page tokens; nil until keys are there
}

// plan reads a request. Nothing is sent.
func (t *clientTable) plan(request readRequest) (plan, error) {
	p := plan{table: t, request: request, partitions: 1, chosen: -1}
	if err := p.read(); err != nil {
		return p, &RequestError{Operation: request.operation, Table: t.name, Err: err}
	}
	return p, nil
}

func (p *plan) read() (err error) {
	values := p.request.values
	partition, chosen := values[partitionValue]
	if chosen {
		values = clone(values, 0)
		delete(values, partitionValue)
	}
	scope, err := newScope(p.request.names, values)
	if err != nil {
		return err
	}
	if p.request.key != nil {
		if p.key, err = parseCondition(scope, *p.request.key); err != nil {
			return fmt.Errorf("KeyConditionExpression: %w", err)
		}
	}
	if p.request.filter != nil {
		if p.filter, err = parseCondition(scope, *p.request.filter); err != nil {
			return fmt.Errorf("FilterExpression: %w", err)
		}
	}
	if p.request.projection != nil {
		paths, err := scope.ParseProjection(*p.request.projection)
		if err != nil {
			return fmt.Errorf("ProjectionExpression: %w", err)
		}
		p.project = newProjection(paths)
	}
	if p.project != nil && p.request.sel != "" && p.request.sel != types.SelectSpecificAttributes {
		return fmt.Errorf("it has a ProjectionExpression, and Select is %s: leave out one of them", p.request.sel)
	}
	r := p.table.records
	p.keep = r.newFilter(p.key, p.filter)
	p.hashes = p.keep.hashes()
	if r.beacons == nil {
		if chosen {
			return fmt.Errorf("%s is given, and the table has no beacons", partitionValue)
		}
		return nil
	}
	if p.keyID, err = r.queriedKeyID(p.key, p.filter); err != nil {
		return err
	}
	if p.partitions, err = r.partitions(p.key); err != nil {
		return err
	}
	if r.beacons.MaxPartitions() > 1 {
		rest := r.newFilter(nil, p.filter)
		p.expands = rest.hashes()
	}
	if chosen {
		p.chosen, err = p.choose(partition)
	}
	return err
}

// choose reads the partition that the caller chose.
func (p *plan) choose(value types.AttributeValue) (int, error) {
	if p.table.records.beacons.MaxPartitions() == 1 {
		return 0, fmt.Errorf("%s is given, and the beacons of the table have one partition: leave it out", partitionValue)
	}
	if p.request.operation == "Scan" {
		return 0, fmt.Errorf("%s is given, and a Scan looks in all partitions: leave it out", partitionValue)
	}
	n, ok := value.(*types.AttributeValueMemberN)
	if !ok || n == nil {
		return 0, fmt.Errorf("%s must be of type N", partitionValue)
	}
	normal, err := attribute.NormalizeNumber(n.Value)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", partitionValue, err)
	}
	number, ok := new(big.Int).SetString(normal, 10)
	if !ok || number.Sign() < 0 || number.Cmp(big.NewInt(int64(p.partitions))) >= 0 {
		return 0, fmt.Errorf("%s is %s, and everything is found in the partitions 0 to %d", partitionValue, normal, p.partitions-1)
	}
	return int(number.Int64()), nil
}

// partitions returns in how many queries everything is found that a key
// condition, which may be nil, asks for.
func (r *records) partitions(key expression.Condition) (int, error) {
	if key == nil || r.beacons.MaxPartitions() == 1 {
		return 1, nil
	}
	var counts []int
	count := func(name expression.Operand, values ...expression.Operand) error {
		path, ok := name.(*expression.Path)
		if !ok || path.Nested() {
			return nil
		}
		b, ok := r.beacon(path.Root())
		if !ok || !b.Encrypted() {
			return nil
		}
		for _, o := range values {
			v, ok := o.(*expression.Value)
			if !ok {
				continue
			}
			plain, err := beaconValue(v.Value)
			if err != nil {
				return fmt.Errorf("value %s: %w", v.Name, err)
			}
			n, err := b.Partitions(plain)
			if err != nil {
				return err
			}
			counts = append(counts, n)
		}
		return nil
	}
	for predicate := range expression.Predicates(key) {
		var err error
		switch c := predicate.(type) {
		case *expression.Comparison:
			if err = count(c.Left, c.Right); err == nil {
				err = count(c.Right, c.Left)
			}
		case *expression.Between:
			err = count(c.Operand, c.Low, c.High)
		case *expression.In:
			err = count(c.Operand, c.List...)
		case *expression.Function:
			err = count(c.Arguments[0], c.Arguments[1:]...)
		}
		if err != nil {
			return 0, err
		}
	}
	return r.beacons.Partitions(counts...), nil
}

// queriedKeyID returns the branch key of the items that conditions ask for, or ""
// if they do not say. In a table whose items name their branch keys, conditions
// say so by comparing that attribute, or a compound beacon that holds it, with a
// value; more than one branch key cannot be asked for at a time.
func (r *records) queriedKeyID(conditions ...expression.Condition) (string, error) {
	field := r.beacons.KeyField()
	if field == "" {
		return r.config.Search.BranchKeyID, nil
	}
	ids := map[string]bool{}
	for _, c := range conditions {
		if c != nil {
			r.addKeyIDs(c, ids)
		}
	}
	if len(ids) > 1 {
		return "", fmt.Errorf("it compares %q with more than one branch key id, %s: make a query for each", field, quoted(slices.Collect(maps.Keys(ids))))
	}
	for id := range ids {
		return id, nil
	}
	return "", nil
}

// addKeyIDs adds the branch key ids that c compares with. What is negated says
// whose items are not meant.
func (r *records) addKeyIDs(c expression.Condition, ids map[string]bool) {
	switch c := c.(type) {
	case *expression.And:
		r.addKeyIDs(c.Left, ids)
		r.addKeyIDs(c.Right, ids)
	case *expression.Or:
		r.addKeyIDs(c.Left, ids)
		r.addKeyIDs(c.Right, ids)
	case *expression.Comparison:
		whole := c.Operator == expression.Equals
		r.addComparedKeyIDs(ids, whole, c.Left, c.Right)
		r.addComparedKeyIDs(ids, whole, c.Right, c.Left)
	case *expression.Between:
		r.addComparedKeyIDs(ids, false, c.Operand, c.Low, c.High)
	case *expression.In:
		r.addComparedKeyIDs(ids, true, c.Operand, c.List...)
	case *expression.Function:
		if c.Name == "begins_with" {
			r.addComparedKeyIDs(ids, false, c.Arguments[0], c.Arguments[1])
		}
	}
}

// addComparedKeyIDs adds the branch key ids in values that name is compared with,
// where whole is whether it must equal one of them.
func (r *records) addComparedKeyIDs(ids map[string]bool, whole bool, name expression.Operand, values ...expression.Operand) {
	path, ok := name.(*expression.Path)
	if !ok || path.Nested() {
		return
	}
	texts := make([]string, 0, len(values))
	for _, o := range values {
		if v, ok := o.(*expression.Value); ok {
			if s, ok := v.Value.(*types.AttributeValueMemberS); ok {
				texts = append(texts, s.Value)
			}
		}
	}
	if path.Root() == r.beacons.KeyField() {
		// A range is of one branch key if its limits are.
		if whole || len(texts) == 2 && texts[0] == texts[1] {
			for _, id := range texts {
				ids[id] = true
			}
		}
		return
	}
	b, ok := r.beacon(path.Root())
	if !ok {
		return
	}
	for _, text := range texts {
		id, found := b.KeyID(text)
		if found && !whole {
			// The last piece of the value may be the beginning of an id only. It is
			// the one that grows with the value.
			longer, _ := b.KeyID(text + "\x00")
			found = longer == id
		}
		if found {
			ids[id] = true
		}
	}
}

// query is conditions as they are sent.
type query struct {
	key, filter *string
	names       map[string]string
	values      Item
	// What key and filter were printed from.
	keyCondition, filterCondition expression.Condition
}

// prepare rewrites the conditions. The result is one query for each key condition
// that differs, at least one. Beacons of several partitions may be the same; a
// query for each of these would find the same items again.
func (p *plan) prepare(ctx context.Context) ([]query, error) {
	r := p.table.records
	var keys *beacon.Keys
	// In a table of several tenants the branch key is asked for even if nothing is
	// to be hashed: whoever names one that is not there learns it.
	if r.beacons != nil && p.keyID != "" && (p.hashes || r.beacons.KeyField() != "") {
		loan, err := r.beaconKeys(ctx, p.keyID)
		if err != nil {
			return nil, &RequestError{Operation: p.request.operation, Table: p.table.name, Err: err}
		}
		defer loan.Return()
		keys, p.pages = loan.Key().keys, loan.Key().pages
	}
	queries, err := p.queries(keys)
	if err != nil {
		return nil, &RequestError{Operation: p.request.operation, Table: p.table.name, Err: err}
	}
	return queries, nil
}

func (p *plan) queries(keys *beacon.Keys) ([]query, error) {
	type group struct {
		key        expression.Condition
		writer     rewriter // of the first of its partitions
		partitions []int    // if the filter differs between them
	}
	first, last := 0, p.partitions-1
	if p.chosen >= 0 {
		first, last = p.chosen, p.chosen
	}
	groups := make([]group, 0, 1)
	for partition := first; partition <= last; partition++ {
		w := rewriter{records: p.table.records, keys: keys, partition: partition}
		key, err := w.rewrite(p.key)
		if err != nil {
			return nil, fmt.Errorf("KeyConditionExpression: %w", err)
		}
		same := slices.IndexFunc(groups, func(g group) bool { return slices.EqualFunc(g.writer.replaced, w.replaced, replacement.equal) })
		if same < 0 {
			same = len(groups)
			groups = append(groups, group{key: key, writer: w})
		}
		if p.expands {
			groups[same].partitions = append(groups[same].partitions, partition)
		}
	}
	queries := make([]query, len(groups))
	for i := range groups {
		g := &groups[i]
		filter, err := p.rewriteFilter(&g.writer, g.partitions)
		if err != nil {
			return nil, fmt.Errorf("FilterExpression: %w", err)
		}
		if queries[i], err = p.print(g.key, filter); err != nil {
			return nil, err
		}
	}
	return queries, nil
}

// rewriteFilter returns the filter for the items of partitions, and of those that
// share their key conditions with them, one for each joined by OR. first is the
// writer that wrote the key condition.
func (p *plan) rewriteFilter(first *rewriter, partitions []int) (expression.Condition, error) {
	whole, err := first.rewrite(p.filter)
	if err != nil || !p.expands {
		return whole, err
	}
	all := make(map[string]types.AttributeValue, len(first.replaced))
	for _, r := range first.replaced {
		all[r.name] = r.by
	}
	most := p.table.records.beacons.MaxPartitions()
	seen := map[string]bool{whole.String(): true}
	for _, start := range partitions {
		for partition := start; partition < most; partition += p.partitions {
			if partition == first.partition {
				continue
			}
			w := rewriter{records: first.records, keys: first.keys, partition: partition}
			one, err := w.rewrite(p.filter)
			if err != nil {
				return nil, err
			}
			if err := renameValues(one, all); err != nil {
				return nil, err
			}
			if text := one.String(); !seen[text] {
				seen[text] = true
				whole = &expression.Or{Left: whole, Right: one}
			}
		}
	}
	return whole, nil
}

// renameValues gives the values in c that differ from those of the same name in
// all a name of their own, and adds them to all: the old name with AA, AB and so
// on behind it.
func renameValues(c expression.Condition, all map[string]types.AttributeValue) error {
	return expression.Walk(c, func(o expression.Operand, _ expression.Node) error {
		v, ok := o.(*expression.Value)
		if !ok {
			return nil
		}
		for n := -1; n < 26*26; n++ {
			name := v.Name
			if n >= 0 {
				name += string([]byte{'A' + byte(n/26), 'A' + byte(n%26)})
			}
			other, taken := all[name]
			if !taken || expression.Equal(other, v.Value) {
				all[name], v.Name = v.Value, name
				return nil
			}
		}
		return fmt.Errorf("there are too many partitions to give the value %s a name for each", v.Name) // unreachable: there are 254 at most
	})
}

// print returns the conditions as text. Where nothing can be rewritten the text
// is the caller's own.
func (p *plan) print(key, filter expression.Condition) (query, error) {
	q := query{keyCondition: key, filterCondition: filter}
	text := func(c expression.Condition, own *string) (*string, error) {
		if c == nil || p.table.records.beacons == nil {
			return own, nil
		}
		s := c.String()
		if len(s) > expression.MaxLength {
			return nil, fmt.Errorf("with its beacons the condition is longer than the %d bytes that DynamoDB takes: ask for less at a time", expression.MaxLength)
		}
		return &s, nil
	}
	var err error
	if q.key, err = text(key, p.request.key); err != nil {
		return q, err
	}
	if q.filter, err = text(filter, p.request.filter); err != nil {
		return q, err
	}
	q.names, q.values, err = expression.Placeholders(key, filter)
	return q, err
}

// dropFilter leaves out the filter and what it alone substituted.
func (q *query) dropFilter() (err error) {
	q.filter, q.filterCondition = nil, nil
	q.names, q.values, err = expression.Placeholders(q.keyCondition)
	return err
}

// filters reports whether the filter names an attribute, as it is stored, that
// fulfils test.
func (q *query) filters(test func(name string) bool) bool {
	if q.filterCondition == nil {
		return false
	}
	found := false
	// The callback never fails.
	_ = expression.Walk(q.filterCondition, func(o expression.Operand, _ expression.Node) error {
		if path, ok := o.(*expression.Path); ok && test(path.Root()) {
			found = true
		}
		return nil
	})
	return found
}
