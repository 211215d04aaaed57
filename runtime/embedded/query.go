package embedded

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

// maxPage is how many bytes of items one Query or Scan reads.
const maxPage = 1 << 20

// pageInput are the members that Query and Scan share.
type pageInput struct {
	TableName              *string
	IndexName              *string
	FilterExpression       *string
	ProjectionExpression   *string
	Select                 string
	Limit                  *int
	ExclusiveStartKey      item
	ConsistentRead         bool
	ReturnConsumedCapacity string
	substitutions
}

func (in *pageInput) check() error {
	if in.TableName == nil {
		return missing("tableName")
	}
	if in.Limit != nil && *in.Limit < 1 {
		return constraintError(strconv.Itoa(*in.Limit), "limit", "Member must have value greater than or equal to 1")
	}
	if err := checkEnum("select", in.Select, "SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"); err != nil {
		return err
	}
	switch {
	case in.ProjectionExpression != nil && in.Select != "" && in.Select != string(types.SelectSpecificAttributes):
		return validationErrorf("Cannot specify the ProjectionExpression when choosing to get %s", in.Select)
	case in.ProjectionExpression == nil && in.Select == string(types.SelectSpecificAttributes):
		return validationErrorf("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case in.IndexName == nil && in.Select == string(types.SelectAllProjectedAttributes):
		return invalidParameter("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	}
	return checkCapacity(in.ReturnConsumedCapacity)
}

// A pageReader is what Query and Scan read from: a table or an index, an interval of
// its keys, and what to do with the items in it.
type pageReader struct {
	table *table
	index *tableIndex // nil for the table
	key   keySchema   // of the table or the index

	from, to  []byte // from <= key < to; nil is open
	start     []byte // where the last page ended, exclusive; nil is the beginning
	backwards bool
	limit     int // 0 is none

	filter     expression.Condition
	projection expression.Projection
	attributes []string // of the index's projection; nil for all
	count      bool     // no items in the response
}

// page checks the input against the table. The caller sets the interval.
func (in *pageInput) page(t *table, e *expressions) (*pageReader, error) {
	p := &pageReader{table: t, key: t.key, filter: e.filter, projection: e.projection, count: in.Select == string(types.SelectCount)}
	if in.Limit != nil {
		p.limit = *in.Limit
	}
	if in.IndexName != nil {
		x := t.index(*in.IndexName)
		if x == nil {
			return nil, validationErrorf("The table does not have the specified index: %s", *in.IndexName)
		}
		if x.global && in.ConsistentRead {
			return nil, validationErrorf("Consistent reads are not supported on global secondary indexes")
		}
		p.index, p.key, p.attributes = x, x.key, x.projected
		if in.Select == string(types.SelectAllAttributes) && x.projected != nil {
			if x.global {
				return nil, invalidParameter("Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", x.IndexName)
			}
			p.attributes = nil
		}
	}
	if err := p.setStart(in.ExclusiveStartKey); err != nil {
		return nil, err
	}
	if e.projection != nil {
		if err := p.checkProjected(e.projection); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// checkProjected refuses to ask a global index for attributes that it does not
// hold. A local index fetches them from the table.
func (p *pageReader) checkProjected(projection expression.Projection) error {
	if p.index == nil || p.index.projected == nil {
		return nil
	}
	for _, path := range projection {
		if slices.Contains(p.index.projected, path.Root()) {
			continue
		}
		if p.index.global {
			return invalidParameter("Global secondary index %s does not project [%s]", p.index.IndexName, path.Root())
		}
		p.attributes = nil
	}
	return nil
}

// startNames are the attributes of a LastEvaluatedKey.
func (p *pageReader) startNames() []string {
	var names []string
	for _, d := range slices.Concat(p.key, p.table.key) {
		if !slices.Contains(names, d.name) {
			names = append(names, d.name)
		}
	}
	return names
}

func (p *pageReader) setStart(key item) error {
	if key == nil {
		return nil
	}
	names := p.startNames()
	if len(key) != len(names) {
		return validationErrorf("The provided starting key is invalid")
	}
	for _, d := range slices.Concat(p.key, p.table.key) {
		if expression.Type(key[d.name]) != d.typ {
			return validationErrorf("The provided starting key is invalid: The provided key element does not match the schema")
		}
		if err := checkNotEmpty(key, d, "One or more parameter values were invalid:"); err != nil {
			return err
		}
	}
	p.start = p.entry(key)
	return nil
}

// entry returns the encoded key of an item in the table or index.
func (p *pageReader) entry(it item) []byte {
	entry := p.key.append(nil, it)
	if p.index != nil {
		entry = append(entry, p.table.key.append(nil, it)...)
	}
	return entry
}

// read reads one page and returns the response.
func (p *pageReader) read(tx transaction) ([]byte, error) {
	items := []byte(`{"Items":[`)
	var count, scanned, size int
	var last item
	for key, value := range p.scan(tx) {
		primary := key
		if p.index != nil {
			primary, value = value, p.table.get(tx, value)
		}
		stored := storedItem(value)
		scanned++
		matched, err := p.append(&items, stored, count > 0, &size)
		if err != nil {
			return nil, err
		}
		if matched {
			count++
		}
		if scanned == p.limit || size >= maxPage {
			if last, err = p.table.get(tx, primary).item(); err != nil {
				return nil, err
			}
			break
		}
	}
	body := append(items, ']', ',')
	if p.count {
		body = []byte("{")
	}
	body = append(body, `"Count":`...)
	body = strconv.AppendInt(body, int64(count), 10)
	body = append(body, `,"ScannedCount":`...)
	body = strconv.AppendInt(body, int64(scanned), 10)
	if last != nil {
		body = append(body, `,"LastEvaluatedKey":`...)
		body = appendAttributes(body, last.only(p.startNames()))
	}
	return append(body, '}'), nil
}

// append adds an item to a page if it matches, and its size to the page's.
func (p *pageReader) append(items *[]byte, stored storedItem, comma bool, size *int) (matched bool, err error) {
	begin := len(*items)
	if comma {
		*items = append(*items, ',')
	}
	if p.filter == nil && p.projection == nil && p.attributes == nil {
		*size += stored.size()
		if !p.count {
			*items = append(*items, stored.json()...)
		}
		return true, nil
	}
	it, err := stored.item()
	if err != nil {
		return false, err
	}
	if p.attributes != nil {
		it = it.only(p.attributes)
		*size += it.size()
	} else {
		*size += stored.size()
	}
	if p.filter != nil && !expression.Evaluate(p.filter, it) {
		*items = (*items)[:begin]
		return false, nil
	}
	if !p.count {
		*items = appendAttributes(*items, it.project(p.projection))
	}
	return true, nil
}

// scan yields the entries of the interval after the start.
func (p *pageReader) scan(tx transaction) func(yield func(key, value []byte) bool) {
	bucket := p.table.items
	if p.index != nil {
		bucket = p.index.entries
	}
	first := p.from
	if p.backwards {
		first = p.to
	}
	if p.start != nil && (first == nil || (bytes.Compare(p.start, first) > 0) != p.backwards) {
		first = p.start
	}
	return func(yield func(key, value []byte) bool) {
		for key, value := range tx.scan(bucket, first, p.backwards) {
			switch {
			case p.start != nil && bytes.Equal(key, p.start):
				continue
			case p.backwards && p.to != nil && bytes.Compare(key, p.to) >= 0:
				continue
			case p.backwards && p.from != nil && bytes.Compare(key, p.from) < 0:
				return
			case !p.backwards && p.to != nil && bytes.Compare(key, p.to) >= 0:
				return
			}
			if !yield(key, value) {
				return
			}
		}
	}
}

func (db *dynamoDB) query(r *request) ([]byte, error) {
	var in struct {
		pageInput
		KeyConditionExpression *string
		ScanIndexForward       *bool
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	if in.KeyConditionExpression == nil {
		return nil, validationErrorf("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	e, err := in.parse(expressionTexts{
		keyCondition: in.KeyConditionExpression, filter: in.FilterExpression, projection: in.ProjectionExpression,
	})
	if err != nil {
		return nil, err
	}
	terms, err := expression.KeyTerms(e.keyCondition)
	if err != nil {
		return nil, expressionError("", err)
	}
	if len(terms) > 2 {
		return nil, validationErrorf("Conditions can be of length 1 or 2 only")
	}
	var body []byte
	err = db.store.view(func(tx transaction) error {
		t, err := db.tables.get(tx, *in.TableName)
		if err != nil {
			return err
		}
		p, err := in.page(t, e)
		if err != nil {
			return err
		}
		p.backwards = in.ScanIndexForward != nil && !*in.ScanIndexForward
		if err := p.setTerms(terms, in.ExclusiveStartKey); err != nil {
			return err
		}
		body, err = p.read(tx)
		return err
	})
	return body, err
}

// setTerms makes the interval that of a key condition and refuses filters on
// the key.
func (p *pageReader) setTerms(terms []expression.KeyTerm, start item) error {
	partition, sort, err := p.matchTerms(terms)
	if err != nil {
		return err
	}
	if err := p.table.checkPaths(p.projection); err != nil {
		return err
	}
	if err := p.checkFilter(); err != nil {
		return err
	}
	if err := p.checkPaths(); err != nil {
		return err
	}
	prefix := appendPartition(nil, partition.Values[0])
	p.from, p.to = prefix, after(prefix)
	if sort != nil {
		p.from, p.to = sortInterval(prefix, *sort)
	}
	if start == nil {
		return nil
	}
	if !partition.Holds(start[partition.Name]) {
		return validationErrorf("The provided starting key is outside query boundaries based on provided conditions")
	}
	if sort != nil && !sort.Holds(start[sort.Name]) {
		return validationErrorf("The provided starting key does not match the range key predicate")
	}
	return nil
}

// matchTerms finds the terms of the partition and sort keys.
func (p *pageReader) matchTerms(terms []expression.KeyTerm) (partition expression.KeyTerm, sort *expression.KeyTerm, err error) {
	if len(p.key) == 1 && len(terms) > 1 {
		return partition, nil, validationErrorf("Query key condition not supported")
	}
	for i, d := range p.key {
		at := slices.IndexFunc(terms, func(t expression.KeyTerm) bool { return t.Name == d.name })
		if at < 0 {
			if i == 0 || len(terms) > 1 {
				return partition, nil, validationErrorf("Query condition missed key schema element: %s", d.name)
			}
			continue
		}
		term := terms[at]
		for _, v := range term.Values {
			if expression.Type(v) != d.typ {
				return partition, nil, invalidParameter("Condition parameter type does not match schema type")
			}
			if err := checkNotEmpty(item{d.name: v}, d, "One or more parameter values are not valid."); err != nil {
				return partition, nil, err
			}
		}
		if term.Operator == expression.KeyBeginsWith && d.typ == "N" {
			return partition, nil, validationErrorf("Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N")
		}
		if i > 0 {
			sort = &term
			continue
		}
		if term.Operator != expression.Equals {
			return partition, nil, validationErrorf("Query key condition not supported")
		}
		partition = term
	}
	return partition, sort, nil
}

// checkPaths refuses paths into keys in the projection and the filter.
func (p *pageReader) checkPaths() error {
	if err := p.table.checkPaths(p.projection); err != nil || p.filter == nil {
		return err
	}
	return p.table.checkPaths(p.filter)
}

// checkFilter refuses filters on the keys that a key condition is for.
func (p *pageReader) checkFilter() error {
	if p.filter == nil {
		return nil
	}
	return expression.Walk(p.filter, func(o expression.Operand, _ expression.Node) error {
		if path, ok := o.(*expression.Path); ok && p.key.has(path.Root()) {
			return validationErrorf("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", path.Root())
		}
		return nil
	})
}

// sortInterval returns the keys with a partition for which a term holds.
func sortInterval(partition []byte, term expression.KeyTerm) (from, to []byte) {
	at := func(i int) []byte { return appendKeyValue(slices.Clone(partition), term.Values[i]) }
	from, to = partition, after(partition)
	switch term.Operator {
	case expression.Equals:
		from, to = at(0), after(at(0))
	case expression.Less:
		to = at(0)
	case expression.LessOrEqual:
		to = after(at(0))
	case expression.Greater:
		from = after(at(0))
	case expression.GreaterOrEqual:
		from = at(0)
	case expression.KeyBetween:
		from, to = at(0), after(at(1))
	case expression.KeyBeginsWith:
		from = appendPrefix(slices.Clone(partition), term.Values[0])
		to = after(from)
	}
	return from, to
}

func appendPrefix(dst []byte, av types.AttributeValue) []byte {
	switch v := av.(type) {
	case *types.AttributeValueMemberS:
		return appendEscaped(dst, v.Value)
	case *types.AttributeValueMemberB:
		return appendEscaped(dst, v.Value)
	default:
		return dst // unreachable: numbers have no prefix
	}
}

func (db *dynamoDB) scan(r *request) ([]byte, error) {
	var in struct {
		pageInput
		Segment       *int
		TotalSegments *int
	}
	if err := r.decode(&in); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	segment, total, err := checkSegments(in.Segment, in.TotalSegments)
	if err != nil {
		return nil, err
	}
	e, err := in.parse(expressionTexts{filter: in.FilterExpression, projection: in.ProjectionExpression})
	if err != nil {
		return nil, err
	}
	var body []byte
	err = db.store.view(func(tx transaction) error {
		t, err := db.tables.get(tx, *in.TableName)
		if err != nil {
			return err
		}
		p, err := in.page(t, e)
		if err != nil {
			return err
		}
		if err := p.checkPaths(); err != nil {
			return err
		}
		p.from, p.to = segmentStart(segment, total), segmentStart(segment+1, total)
		if p.start != nil && (bytes.Compare(p.start, p.from) < 0 || p.to != nil && bytes.Compare(p.start, p.to) >= 0) {
			return validationErrorf("The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments: %d Segment: %d", total, segment)
		}
		body, err = p.read(tx)
		return err
	})
	return body, err
}

const maxSegments = 1_000_000

func checkSegments(segment, total *int) (s, n int, err error) {
	switch {
	case segment == nil && total == nil:
		return 0, 1, nil
	case total == nil:
		return 0, 0, validationErrorf("The TotalSegments parameter is required but was not present in the request when Segment parameter is present")
	case segment == nil:
		return 0, 0, validationErrorf("The Segment parameter is required but was not present in the request when parameter TotalSegments is present")
	case *total < 1 || *total > maxSegments:
		return 0, 0, constraintError(strconv.Itoa(*total), "totalSegments", "Member must have value between 1 and 1000000")
	case *segment < 0:
		return 0, 0, constraintError(strconv.Itoa(*segment), "segment", "Member must have value greater than or equal to 0")
	case *segment >= *total:
		return 0, 0, validationErrorf("The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %d is not less than TotalSegments: %d", *segment, *total)
	default:
		return *segment, *total, nil
	}
}
