package embedded

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A table is what the engine remembers of a table besides its items. The
// exported members are stored; the others follow from them.
type table struct {
	Name                  string
	ID                    string
	Created               time.Time
	AttributeDefinitions  []attributeDefinition
	KeySchema             []keySchemaElement
	Global                []*index
	Local                 []*index
	BillingMode           string
	ProvisionedThroughput *throughput
	TableClass            string
	DeletionProtection    bool
	TimeToLiveAttribute   string

	key     keySchema
	indexes []*tableIndex
	items   string // bucket
}

// A tableIndex is an index as the engine uses it.
type tableIndex struct {
	*index
	global  bool
	key     keySchema
	entries string // bucket: index key and primary key, to the primary key

	projected []string // the attributes of an entry, or nil for all
}

// resolve checks the description of a table and fills the members that follow
// from it.
func (t *table) resolve() error {
	t.items = "items/" + t.Name
	var err error
	if t.key, err = resolveKey(t.KeySchema, t.AttributeDefinitions); err != nil {
		return err
	}
	t.indexes = nil
	var names []string
	for _, x := range t.Local {
		if err := t.checkLocal(x); err != nil {
			return err
		}
	}
	for i, x := range slices.Concat(t.Local, t.Global) {
		key, err := resolveKey(x.KeySchema, t.AttributeDefinitions)
		if err != nil {
			return err
		}
		if slices.Contains(names, x.IndexName) {
			return invalidParameter("Duplicate index name: %s", x.IndexName)
		}
		names = append(names, x.IndexName)
		if err := x.check(); err != nil {
			return err
		}
		t.indexes = append(t.indexes, &tableIndex{
			index:     x,
			global:    i >= len(t.Local),
			key:       key,
			entries:   "index/" + t.Name + "/" + x.IndexName,
			projected: t.projected(x, key),
		})
	}
	if len(t.Local) > 5 {
		return invalidParameter("Number of LocalSecondaryIndexes exceeds per-table limit of 5")
	}
	if len(t.Global) > 20 {
		return invalidParameter("GlobalSecondaryIndex count exceeds the per-table limit of 20")
	}
	return t.checkDefinitionsUsed()
}

func (t *table) checkLocal(x *index) error {
	switch {
	case len(t.KeySchema) != 2:
		return invalidParameter("Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
	case len(x.KeySchema) != 2:
		return invalidParameter("Index KeySchema does not have a range key for index: %s", x.IndexName)
	case x.KeySchema[0].AttributeName != t.KeySchema[0].AttributeName:
		return invalidParameter("Index KeySchema does not have the same leading hash key as table KeySchema for index: %s. index hash key: %s, table hash key: %s",
			x.IndexName, x.KeySchema[0].AttributeName, t.KeySchema[0].AttributeName)
	}
	return nil
}

// projected returns the attributes that an index holds, or nil for all.
func (t *table) projected(x *index, key keySchema) []string {
	if x.Projection == nil || x.Projection.ProjectionType == string(types.ProjectionTypeAll) {
		return nil
	}
	names := []string{}
	for _, d := range slices.Concat(t.key, key) {
		if !slices.Contains(names, d.name) {
			names = append(names, d.name)
		}
	}
	for _, name := range x.Projection.NonKeyAttributes {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func (t *table) checkDefinitionsUsed() error {
	for _, d := range t.AttributeDefinitions {
		used := t.key.has(d.AttributeName) ||
			slices.ContainsFunc(t.indexes, func(x *tableIndex) bool { return x.key.has(d.AttributeName) })
		if used {
			continue
		}
		if len(t.indexes) == 0 {
			return invalidParameter("Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
		}
		return invalidParameter("Some AttributeDefinitions are not used. AttributeDefinitions: [%s]", d.AttributeName)
	}
	return nil
}

func (t *table) index(name string) *tableIndex {
	for _, x := range t.indexes {
		if x.IndexName == name {
			return x
		}
	}
	return nil
}

// tableBucket holds the table for each name.
const tableBucket = "tables"

// tables reads tables and remembers what it has read.
type tables struct {
	mu   sync.Mutex
	seen map[string]seenTable
}

type seenTable struct {
	text  []byte
	table *table
}

// get returns the table of a name or ARN. The table must not be changed.
func (s *tables) get(tx transaction, nameOrARN string) (*table, error) {
	name := tableName(nameOrARN)
	text := tx.get(tableBucket, []byte(name))
	if text == nil {
		return nil, apiErrorf("ResourceNotFoundException", "Requested resource not found")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if seen, found := s.seen[name]; found && bytes.Equal(seen.text, text) {
		return seen.table, nil
	}
	t, err := readTable(text)
	if err != nil {
		return nil, err
	}
	if s.seen == nil {
		s.seen = map[string]seenTable{}
	}
	s.seen[name] = seenTable{bytes.Clone(text), t}
	return t, nil
}

// described is get with the message of the operations on tables.
func (s *tables) described(tx transaction, nameOrARN string) (*table, error) {
	t, err := s.get(tx, nameOrARN)
	if missing, ok := err.(*apiError); ok && missing.code == "ResourceNotFoundException" {
		return nil, apiErrorf(missing.code, "Requested resource not found: Table: %s not found", tableName(nameOrARN))
	}
	return t, err
}

// tableName returns the name in arn:aws:dynamodb:REGION:ACCOUNT:table/NAME.
func tableName(nameOrARN string) string {
	if _, name, found := strings.Cut(nameOrARN, ":table/"); found {
		return name
	}
	return nameOrARN
}

func readTable(text []byte) (*table, error) {
	t := &table{}
	if err := json.Unmarshal(text, t); err != nil {
		return nil, fmt.Errorf("read table: %w", err)
	}
	return t, t.resolve()
}

func (t *table) save(tx transaction) error {
	text, err := json.Marshal(t)
	if err != nil {
		return fmt.Errorf("write table %s: %w", t.Name, err)
	}
	return tx.put(tableBucket, []byte(t.Name), text)
}

// newTableID returns a random UUID (RFC 9562, version 4).
func newTableID() string {
	var b [16]byte
	// Read of crypto/rand never fails.
	_, _ = rand.Read(b[:])
	b[6] = b[6]&0x0F | 0x40
	b[8] = b[8]&0x3F | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// A stored item is the bytes that the service counts (4, big-endian), then the
// item as JSON, which is copied into responses as it is.
type storedItem []byte

func newStoredItem(it item, size int) storedItem {
	stored := make(storedItem, 4, 64+size+size/4)
	binary.BigEndian.PutUint32(stored, uint32(size))
	return appendAttributes(stored, it)
}

func (s storedItem) size() int    { return int(binary.BigEndian.Uint32(s)) }
func (s storedItem) json() []byte { return s[4:] }

func (s storedItem) item() (item, error) {
	r := reader{text: s.json()}
	return r.attributes(0)
}

// get returns the stored item of an encoded primary key, or nil.
func (t *table) get(tx transaction, key []byte) storedItem {
	return tx.get(t.items, key)
}

// replace stores an item in place of another and keeps the indexes. Either may
// be nil.
func (t *table) replace(tx transaction, key []byte, before, after item) error {
	for _, x := range t.indexes {
		if err := x.replace(tx, key, before, after); err != nil {
			return err
		}
	}
	if after == nil {
		return tx.remove(t.items, key)
	}
	return tx.put(t.items, key, newStoredItem(after, after.size()))
}

func (x *tableIndex) replace(tx transaction, primary []byte, before, after item) error {
	var oldEntry, newEntry []byte
	if before != nil && x.key.covers(before) {
		oldEntry = append(x.key.append(nil, before), primary...)
	}
	if after != nil && x.key.covers(after) {
		newEntry = append(x.key.append(nil, after), primary...)
	}
	if bytes.Equal(oldEntry, newEntry) {
		return nil
	}
	if oldEntry != nil {
		if err := tx.remove(x.entries, oldEntry); err != nil {
			return err
		}
	}
	if newEntry != nil {
		return tx.put(x.entries, newEntry, primary)
	}
	return nil
}
