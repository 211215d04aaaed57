package runtime

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/codec"
	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// Table is one table that holds values of T. It is safe for concurrent use.
type Table[T any] struct {
	db      DynamoDB
	name    string // physical
	schema  *Schema[T]
	fields  codec.Fields[T]
	keys    []string // attributes that are keys, also of indexes
	records *records
}

// Open checks the schema, and the table against it, and returns the table. The
// keyring wraps the data keys. Nothing is sent before the configuration is known
// to be sound; then DescribeTable is called once, which needs the permission
// dynamodb:DescribeTable unless [WithoutTableCheck] is given.
//
// Errors: [*ConfigError] for the schema or the options, [*TableMismatchError]
// for a table that differs from the schema.
func Open[T any](ctx context.Context, schema *Schema[T], db DynamoDB, keyring crypto.Keyring, opts ...Option) (*Table[T], error) {
	if schema == nil || schema.Table == nil {
		return nil, &ConfigError{Reason: "there is no schema: open the table with the generated one"}
	}
	o, err := apply(schema.Table.LogicalName, opts)
	if err != nil {
		return nil, err
	}
	if isNil(db) {
		return nil, &ConfigError{Table: schema.Table.LogicalName, Reason: "the DynamoDB client is nil"}
	}
	config, err := schema.Table.config(keyring, o)
	if err != nil {
		return nil, err
	}
	r, err := newRecords(config)
	if err != nil {
		return nil, err
	}
	r.typed = true
	if err := schema.Fields.Check(); err != nil {
		return nil, &ConfigError{Table: config.LogicalTableName, Err: err}
	}
	t := &Table[T]{db: db, name: o.tableName, schema: schema, fields: schema.Fields, keys: schema.Table.keyAttributes(r), records: r}
	if err := t.checkDiscriminator(); err != nil {
		return nil, err
	}
	if t.name == "" {
		t.name = config.LogicalTableName
	}
	if !o.skipTableCheck {
		if err := checkTable(ctx, db, t.name, schema.Table, r); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// Put encrypts v and writes it, replacing any item with the same key whole. In a
// table that several structs share, it replaces none of another struct: the error
// then wraps [ErrOtherKind].
func (t *Table[T]) Put(ctx context.Context, v *T) error {
	item, err := t.encode(v)
	if err != nil {
		return err
	}
	return t.otherKind(t.put(ctx, "put", item, t.ofKind()))
}

// Get returns the item whose key fields are those of probe, or an error that
// wraps [ErrNotFound].
func (t *Table[T]) Get(ctx context.Context, probe *T) (*T, error) {
	key, err := t.key(probe)
	if err != nil {
		return nil, err
	}
	item, _, err := t.get(ctx, "get", key, false)
	if err != nil {
		return nil, err
	}
	return t.decode(item, key)
}

// Delete deletes the item whose key fields are those of probe. An item that is
// not there is not an error. In a table that several structs share, one of another
// struct stays, and the error wraps [ErrOtherKind].
func (t *Table[T]) Delete(ctx context.Context, probe *T) error {
	key, err := t.key(probe)
	if err != nil {
		return err
	}
	c := t.ofKind()
	_, err = t.db.DeleteItem(ctx, &dynamodb.DeleteItemInput{
		TableName: &t.name, Key: key,
		ConditionExpression: c.text(), ExpressionAttributeNames: c.names, ExpressionAttributeValues: c.values,
	})
	if err != nil {
		return t.otherKind(&ItemError{Op: "delete", Key: key, Err: err})
	}
	return nil
}

// updateAttempts bounds how often Update starts again when other writers are
// faster. Between attempts it waits, up to a few hundred milliseconds in all.
const updateAttempts = 8

// Update reads the item whose key fields are those of probe, lets change alter
// it, and writes it back only if nobody else has written it since; otherwise it
// starts again with the newer item, a bounded number of times. Attributes of the
// stored item that T does not have are kept. DynamoDB itself cannot update an
// attribute that is signed.
//
// An error of change ends the update and is returned as it is. Other errors wrap
// [ErrNotFound] or [ErrConflict], or come from the client.
func (t *Table[T]) Update(ctx context.Context, probe *T, change func(*T) error) (*T, error) {
	if change == nil {
		return nil, errors.New("ddbe: update: there is no function that changes the item")
	}
	key, err := t.key(probe)
	if err != nil {
		return nil, err
	}
	for attempt := range updateAttempts {
		if attempt > 0 {
			if err := wait(ctx, attempt, 2*time.Millisecond, 100*time.Millisecond); err != nil {
				return nil, err
			}
		}
		v, err := t.updateOnce(ctx, key, change)
		if lost := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &lost) {
			continue
		}
		return v, err
	}
	return nil, &ItemError{Op: "update", Key: key, Err: fmt.Errorf("%w %d times: try again later", ErrConflict, updateAttempts)}
}

func (t *Table[T]) updateOnce(ctx context.Context, key Key, change func(*T) error) (*T, error) {
	item, head, err := t.get(ctx, "update", key, true)
	if err != nil {
		return nil, err
	}
	v, err := t.decode(item, key)
	if err != nil {
		return nil, err
	}
	if err := change(v); err != nil {
		return nil, err
	}
	changed, err := t.encode(v)
	if err != nil {
		return nil, err
	}
	if err := t.keepsKey(changed, key); err != nil {
		return nil, err
	}
	if t.schema.Rest == nil {
		for name, value := range item {
			if !t.has(name) && !t.records.computes(name) {
				changed[name] = value
			}
		}
	}
	c := t.ofKind()
	c.require(unchanged(head))
	return v, t.put(ctx, "update", changed, c)
}

// keepsKey returns an error unless item has this primary key.
func (t *Table[T]) keepsKey(item Item, key Key) error {
	now, err := t.records.primaryKey(item)
	if err != nil {
		return &ItemError{Op: "update", Key: key, Err: err}
	}
	for name := range key {
		if !equalValues(now[name], key[name]) {
			return &ItemError{Op: "update", Key: key, Err: fmt.Errorf("key attribute %q was changed: an item cannot change its key, put it anew and delete the old one", name)}
		}
	}
	return nil
}

// ResolveAttributes returns the virtual fields and compound beacons of v in
// plain text, as they are before any part is replaced by its beacon. It is for
// looking at a configuration before a table is filled; nothing is sent.
func (t *Table[T]) ResolveAttributes(v *T) (*ResolvedAttributes, error) {
	item, err := t.encode(v)
	if err != nil {
		return nil, err
	}
	return t.records.resolve(item)
}

// encode returns the item of v. A nil v is an error, not a panic.
func (t *Table[T]) encode(v *T) (Item, error) {
	if v == nil {
		return nil, errors.New("ddbe: the value is nil")
	}
	item, err := t.fields.Encode(v)
	if err != nil {
		return nil, fmt.Errorf("ddbe: %w", err)
	}
	if d := t.schema.Discriminator; d.Attribute != "" {
		item[d.Attribute] = &types.AttributeValueMemberS{Value: d.Value}
	}
	if t.schema.Rest == nil {
		return item, nil
	}
	for name, value := range *t.schema.Rest(v) {
		if t.has(name) || name == t.schema.Discriminator.Attribute {
			return nil, fmt.Errorf("ddbe: attribute %q is among the rest and has a place of its own too: leave it out of the rest", name)
		}
		item[name] = value
	}
	return item, nil
}

// checkDiscriminator returns an error unless the table signs the discriminator,
// which otherwise anyone who can write the table could change.
func (t *Table[T]) checkDiscriminator() error {
	d := t.schema.Discriminator
	if d == (Discriminator{}) {
		return nil
	}
	refuse := func(reason string) error {
		return &ConfigError{Table: t.records.config.LogicalTableName, Reason: fmt.Sprintf("the discriminator %q %s", d.Attribute, reason)}
	}
	switch action := t.records.action(d.Attribute); {
	case d.Attribute == "" || d.Value == "":
		return refuse("has no name or no value")
	case t.has(d.Attribute):
		return refuse("is a field of the struct too: leave the field out, it is always the same")
	case !action.Signed():
		return refuse("is not signed: add it to the attributes of the table as a signed one")
	case action == attribute.EncryptAndSign:
		return refuse("is encrypted, and DynamoDB compares it before an item is replaced: make it a signed one")
	}
	return nil
}

// encodeSome returns the attributes of these names that v has.
func (t *Table[T]) encodeSome(v *T, names []string) (Item, error) {
	item := make(Item, len(names))
	for _, f := range t.fields {
		if !slices.Contains(names, f.Name()) {
			continue
		}
		value, err := f.Encode(v)
		if err != nil {
			return nil, err
		}
		if value != nil {
			item[f.Name()] = value
		}
	}
	return item, nil
}

// has reports whether T has a field for the attribute.
func (t *Table[T]) has(name string) bool {
	return slices.ContainsFunc(t.fields, func(f codec.Field[T]) bool { return f.Name() == name })
}

func (t *Table[T]) decode(item Item, key Key) (*T, error) {
	d := t.schema.Discriminator
	if !d.marks(item) {
		return nil, &ItemError{Op: "decode", Key: key, Err: fmt.Errorf("%w: its attribute %q is not %q", ErrOtherKind, d.Attribute, d.Value)}
	}
	v := new(T)
	if err := t.fields.Decode(item, v); err != nil {
		return nil, &ItemError{Op: "decode", Key: key, Err: err}
	}
	if t.schema.Rest != nil {
		var rest Item // nil where there is none, as it was written
		for name, value := range item {
			if !t.has(name) && name != d.Attribute && !t.records.computes(name) {
				if rest == nil {
					rest = Item{}
				}
				rest[name] = value
			}
		}
		*t.schema.Rest(v) = rest
	}
	return v, nil
}

// key returns the primary key of probe.
func (t *Table[T]) key(probe *T) (Key, error) {
	if probe == nil {
		return nil, errors.New("ddbe: the key is nil")
	}
	plain, err := t.encodeSome(probe, t.records.keySources())
	if err != nil {
		return nil, fmt.Errorf("ddbe: %w", err)
	}
	key, err := t.records.primaryKey(plain)
	if err != nil {
		return nil, fmt.Errorf("ddbe: %w", err)
	}
	return key, nil
}

// get reads and decrypts the item with this key, for an operation with this name.
// It also returns the header that the item has in the table, which differs for
// every write.
func (t *Table[T]) get(ctx context.Context, operation string, key Key, consistent bool) (Item, types.AttributeValue, error) {
	out, err := t.db.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.name, Key: key, ConsistentRead: &consistent})
	if err != nil {
		return nil, nil, &ItemError{Op: operation, Key: key, Err: err}
	}
	if len(out.Item) == 0 {
		return nil, nil, &ItemError{Op: operation, Key: key, Err: ErrNotFound}
	}
	item, err := t.records.open(ctx, out.Item)
	if err != nil {
		return nil, nil, &ItemError{Op: "decrypt", Key: key, Err: err}
	}
	return item, out.Item[attribute.HeaderName], nil
}

// put encrypts item and writes it, for an operation with this name. It changes
// neither item nor its values.
func (t *Table[T]) put(ctx context.Context, operation string, item Item, c condition) error {
	key := t.records.keyOf(item)
	if err := checkKeys(t.keys, item); err != nil {
		return &ItemError{Op: operation, Key: key, Err: err}
	}
	stored, err := t.records.seal(ctx, item)
	if err != nil {
		return &ItemError{Op: "encrypt", Key: key, Err: err}
	}
	_, err = t.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &t.name, Item: stored,
		ConditionExpression: c.text(), ExpressionAttributeNames: c.names, ExpressionAttributeValues: c.values,
	})
	if err != nil {
		return &ItemError{Op: operation, Key: key, Err: err}
	}
	return nil
}

// config turns a schema and the options of Open into a configuration.
func (s *TableSchema) config(keyring crypto.Keyring, o *openOptions) (*TableConfig, error) {
	c := &TableConfig{
		LogicalTableName:          s.LogicalName,
		PartitionKeyName:          s.Keys.partition,
		SortKeyName:               s.Keys.sort,
		AttributeActionsOnEncrypt: make(map[string]attribute.Action, len(s.Attributes)),
		Suite:                     s.Suite,
		Keyring:                   keyring,
		Materials:                 o.materials,
		PlaintextPolicy:           o.plaintextPolicy,
	}
	if s.AllowedUnsignedPrefix != "" {
		c.AllowedUnsignedAttributePrefix = &s.AllowedUnsignedPrefix
	}
	for _, a := range s.Attributes {
		if a == nil || a.Action() == 0 {
			return nil, &ConfigError{Table: s.LogicalName, Reason: "an attribute of the schema is the zero Attr: make it with SignedAttr, InContextAttr, EncryptedAttr or UnsignedAttr"}
		}
		if earlier, ok := c.AttributeActionsOnEncrypt[a.Name()]; ok && earlier != a.Action() {
			return nil, &ConfigError{Table: s.LogicalName, Reason: fmt.Sprintf("attribute %q is both %s and %s", a.Name(), earlier, a.Action())}
		}
		c.AttributeActionsOnEncrypt[a.Name()] = a.Action()
		if a.Action() == attribute.DoNothing {
			c.AllowedUnsignedAttributes = append(c.AllowedUnsignedAttributes, a.Name())
		}
	}
	switch {
	case s.Search == nil && o.keyStore != nil:
		return nil, &ConfigError{Table: s.LogicalName, Reason: "a key store was given, but the schema has no beacons: leave out WithKeyStore"}
	case s.Search != nil:
		c.Search = &SearchConfig{Beacons: *s.Search, KeyStore: o.keyStore, BranchKeyID: o.branchKeyID, CacheTTL: o.beaconKeyTTL}
	}
	return c, nil
}

// clone returns a copy of item that can be changed without changing item.
func clone(item Item, extra int) Item {
	c := make(Item, len(item)+extra)
	maps.Copy(c, item)
	return c
}
