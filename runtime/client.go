package runtime

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// Client is a DynamoDB client that encrypts what it writes to configured tables
// and verifies, decrypts and filters what it reads from them. It has the methods
// of [dynamodb.Client], so that a program that calls DynamoDB uses it in place of
// that one, with the SDK's paginators and expression builder. Requests to tables
// that are not configured pass unchanged.
//
// Query and Scan take conditions on plain text: an encrypted attribute that has
// a beacon is written by its name or by the name of its beacon, and the client
// puts the stored name and the hashed value in their place. What the server
// cannot evaluate on encrypted attributes is refused with a [*RequestError]
// before anything is sent. Neither requests nor items of the caller are changed.
//
// A Client is made by [NewClient] and safe for concurrent use.
type Client struct {
	// DynamoDBAdmin is the part of DynamoDB that neither reads nor writes items;
	// its calls are passed on.
	DynamoDBAdmin

	db       DynamoDBAPI
	tables   map[string]*clientTable // by physical name
	describe bool
	attempts int
}

var _ DynamoDBAPI = (*Client)(nil)

// clientTable is one configured table.
type clientTable struct {
	name        string // physical
	records     *records
	description atomic.Pointer[TableDescription] // nil until the table is first used
}

// A ClientOption changes how a [Client] works.
type ClientOption func(*Client)

// WithoutTableDescription leaves out the DescribeTable call that the client makes
// once for each table, when it is first used, for programs that may not make it.
// The client then takes it that every secondary index projects all attributes,
// and refuses queries that must be merged from several beacon partitions.
func WithoutTableDescription() ClientOption {
	return func(c *Client) { c.describe = false }
}

// WithBatchAttempts makes BatchWriteItem send what DynamoDB left unprocessed
// until n requests were made, instead of 8. With 1 it is for the caller to send
// it again.
func WithBatchAttempts(n int) ClientOption {
	return func(c *Client) { c.attempts = n }
}

const defaultBatchAttempts = 8

// NewClient checks the configurations, by the names of their tables in DynamoDB,
// and returns a client of db. Nothing is sent. The error is a [*ConfigError].
func NewClient(db DynamoDBAPI, tables map[string]TableConfig, opts ...ClientOption) (*Client, error) {
	if isNil(db) {
		return nil, &ConfigError{Reason: "the DynamoDB client is nil"}
	}
	c := &Client{
		DynamoDBAdmin: db, db: db,
		tables:   make(map[string]*clientTable, len(tables)),
		describe: true, attempts: defaultBatchAttempts,
	}
	for _, opt := range opts {
		opt(c)
	}
	if c.attempts < 1 {
		return nil, &ConfigError{Reason: fmt.Sprintf("%d attempts of BatchWriteItem are configured, and it takes at least 1", c.attempts)}
	}
	if len(tables) == 0 {
		return nil, &ConfigError{Reason: "no table is configured, so that every item would be sent in clear"}
	}
	logical := make(map[string]string, len(tables))
	for _, name := range slices.Sorted(maps.Keys(tables)) {
		config := tables[name]
		if config.Search != nil {
			search := *config.Search // what the caller changes later is not looked at
			config.Search = &search
		}
		if !isTableName(name) {
			return nil, &ConfigError{Table: config.LogicalTableName, Reason: fmt.Sprintf("%q is not the name of a table: give the name, which ARNs in requests are resolved to", name)}
		}
		if other, taken := logical[config.LogicalTableName]; taken {
			return nil, &ConfigError{Table: config.LogicalTableName, Reason: fmt.Sprintf("tables %q and %q have this one logical name: items could be moved between them unnoticed", other, name)}
		}
		logical[config.LogicalTableName] = name
		r, err := newRecords(&config)
		if err != nil {
			return nil, err
		}
		c.tables[name] = &clientTable{name: name, records: r}
	}
	return c, nil
}

// isTableName reports whether name can be a table's own name, which an ARN is
// not: a misspelt name must not let plaintext through (Amazon DynamoDB API
// reference, "TableName"). Names shorter than DynamoDB has them are left to it.
func isTableName(name string) bool {
	for i := range len(name) {
		c := name[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.') {
			return false
		}
	}
	return name != "" && len(name) <= 255
}

// lookup returns the configured table that a TableName means, or nil if it means
// another one. DynamoDB also takes the ARN of the table there.
func (c *Client) lookup(operation string, name *string) (*clientTable, error) {
	if name == nil {
		return nil, nil // the SDK says that it is missing
	}
	resolved, err := resolveTableName(*name)
	if err != nil {
		return nil, &RequestError{Operation: operation, Table: *name, Reason: err.Error()}
	}
	return c.tables[resolved], nil
}

// resolveTableName returns the name of the table in an ARN, such as
// arn:aws:dynamodb:us-east-1:123456789012:table/Name/index/other, or name itself
// (Amazon DynamoDB API reference, "TableName").
func resolveTableName(name string) (string, error) {
	if isTableName(name) || name == "" {
		return name, nil
	}
	parts := strings.SplitN(name, ":", 6)
	if len(parts) == 6 && parts[0] == "arn" {
		if resource, ok := strings.CutPrefix(parts[5], "table/"); ok {
			if table, _, _ := strings.Cut(resource, "/"); isTableName(table) {
				return table, nil
			}
		}
	}
	return "", errors.New("it is neither the name nor the ARN of a table, so that its configuration cannot be found")
}

// ResolveAttributes returns the virtual fields and compound beacons of a
// plaintext item of the table in plain text, as they are before any part is
// replaced by its beacon. A table that is not configured has none. It is for
// looking at a configuration before a table is filled; nothing is sent.
func (c *Client) ResolveAttributes(table string, item Item) (*ResolvedAttributes, error) {
	t, err := c.lookup("ResolveAttributes", &table)
	if err != nil {
		return nil, err
	}
	if t == nil {
		return (&records{}).resolve(item)
	}
	return t.records.resolve(item)
}

// NumberOfQueries returns how many queries find everything that in asks for: one
// for each beacon partition, numbered from 0, for a caller who sets
// :aws_dbe_partition. [Client.Query] makes them all by itself if in does not have
// that value. Nothing is sent (specification: dynamodb-encryption-client/
// ddb-get-number-of-queries).
func (c *Client) NumberOfQueries(in *dynamodb.QueryInput) (int, error) {
	if in == nil {
		in = &dynamodb.QueryInput{}
	}
	t, err := c.lookup("Query", in.TableName)
	if err != nil || t == nil {
		return 1, err
	}
	plan, err := t.plan(queryRequest(in))
	if err != nil {
		return 0, err
	}
	return plan.partitions, nil
}
