package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/beacon"
)

// searchClient is the encrypted client of a configuration of vectors.
type searchClient struct {
	client *runtime.Client
	wire   *wire
	tables map[string]runtime.TableConfig
}

// client returns the encrypted client of a configuration.
func (f *searchFile) client(ctx context.Context, config *searchConfig) (*searchClient, error) {
	c := &searchClient{wire: &wire{}, tables: map[string]runtime.TableConfig{}}
	for name, table := range config.Tables {
		var err error
		if c.tables[name], err = f.tableConfig(ctx, table); err != nil {
			return nil, fmt.Errorf("table %q: %w", name, err)
		}
	}
	var err error
	c.client, err = runtime.NewClient(c.wire.client(), c.tables, runtime.WithoutTableDescription(), runtime.WithBatchAttempts(1))
	return c, err
}

// call makes the request in of an operation through the encrypted client, whose
// own requests respond answers, and returns its result. The caller's request
// must be as it was.
func (c *searchClient) call(ctx context.Context, operation string, in json.RawMessage, respond func(wireRequest) (any, error)) (any, error) {
	method := reflect.ValueOf(c.client).MethodByName(operation)
	if !method.IsValid() {
		return nil, fmt.Errorf("%w: operation %s", errNotCovered, operation)
	}
	request := reflect.New(method.Type().In(1).Elem())
	if err := decodeSDK(in, request.Elem()); err != nil {
		return nil, fmt.Errorf("%w: request: %w", errNotCovered, err)
	}
	before, err := encodeSDK(request)
	if err != nil {
		return nil, err
	}
	c.wire.requests, c.wire.respond = nil, respond
	results := method.Call([]reflect.Value{reflect.ValueOf(ctx), request})
	after, err := encodeSDK(request)
	if token := descend(before)["ClientRequestToken"]; token == nil {
		delete(descend(after), "ClientRequestToken") // the SDK writes it into its caller's request
		delete(descend(before), "ClientRequestToken")
	}
	if err != nil || !reflect.DeepEqual(before, after) {
		return nil, fmt.Errorf("%w: the caller's request was changed", errWrongAnswer)
	}
	if err, _ := results[1].Interface().(error); err != nil {
		return nil, err
	}
	return encodeSDK(results[0])
}

// nothing answers with an empty response.
func nothing(wireRequest) (any, error) { return struct{}{}, nil }

// completed is a request whose item, if it has none, is given its key: no other
// can be put.
func (s *searchClient) completed(in json.RawMessage) (json.RawMessage, error) {
	var request map[string]json.RawMessage
	if err := json.Unmarshal(in, &request); err != nil {
		return nil, err
	}
	var table string
	if err := unmarshal(request["TableName"], &table); err != nil {
		return nil, err
	}
	config, configured := s.tables[table]
	if raw, has := request["Item"]; !has || string(raw) != "{}" || !configured {
		return in, nil
	}
	key := item{config.PartitionKeyName: &types.AttributeValueMemberS{Value: "any"}}
	if config.SortKeyName != "" {
		key[config.SortKeyName] = &types.AttributeValueMemberS{Value: "any"}
	}
	var err error
	if request["Item"], err = marshal(key); err != nil {
		return nil, err
	}
	return marshal(request)
}

// compounds are the names of the attributes that compound beacons of a table are
// stored in, by the names of the beacons, for those that are not signed beacons.
func (s *searchClient) compounds(table string) (map[string]string, error) {
	config := s.tables[table]
	if config.Search == nil {
		return nil, nil
	}
	scope := beacon.Scope{Actions: config.AttributeActionsOnEncrypt, AllowedUnsigned: config.AllowedUnsignedAttributes}
	set, err := beacon.New(config.Search.Beacons, scope)
	if err != nil {
		return nil, err
	}
	stored := map[string]string{}
	for _, b := range set.Beacons() {
		if b.Compound() && b.Encrypted() {
			stored[b.Name()] = b.Attribute()
		}
	}
	return stored, nil
}
