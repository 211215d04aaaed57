package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A wire is what the genuine client of DynamoDB talks to: it keeps the requests,
// in DynamoDB's JSON, and answers each as it is told.
type wire struct {
	mu       sync.Mutex
	requests []wireRequest
	respond  func(wireRequest) (any, error)
}

type wireRequest struct {
	operation string
	body      json.RawMessage
}

// client returns a client of DynamoDB whose requests go to w.
func (w *wire) client() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:                          "us-east-1",
		BaseEndpoint:                    aws.String("http://wire.invalid"),
		HTTPClient:                      &http.Client{Transport: w},
		Credentials:                     aws.AnonymousCredentials{},
		Retryer:                         aws.NopRetryer{},
		DisableValidateResponseChecksum: true,
	})
}

// RoundTrip implements http.RoundTripper.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	request := wireRequest{operation, body}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.requests = append(w.requests, request)
	answer, err := w.respond(request)
	if err != nil {
		return nil, err
	}
	text, err := marshal(answer)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK,
		Header:     http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body:       io.NopCloser(bytes.NewReader(text)),
		Request:    r,
	}, nil
}

var attributeValueType = reflect.TypeFor[types.AttributeValue]()

// decodeSDK reads DynamoDB's JSON into a struct of the SDK, whose fields have
// the names of the members.
func decodeSDK(raw json.RawMessage, v reflect.Value) error {
	switch {
	case bytes.Equal(bytes.TrimSpace(raw), []byte("null")):
		return nil
	case v.Type() == attributeValueType:
		value, err := parseValue(raw)
		if err == nil {
			v.Set(reflect.ValueOf(value))
		}
		return err
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return decodeSDK(raw, v.Elem())
	case reflect.Struct:
		var members map[string]json.RawMessage
		if err := json.Unmarshal(raw, &members); err != nil {
			return err
		}
		for name, member := range members {
			field := v.FieldByName(name)
			if !field.IsValid() {
				return fmt.Errorf("%w: member %q of %v", errNotCovered, name, v.Type())
			}
			if err := decodeSDK(member, field); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	case reflect.Map:
		var entries map[string]json.RawMessage
		if err := json.Unmarshal(raw, &entries); err != nil {
			return err
		}
		v.Set(reflect.MakeMap(v.Type()))
		for key, entry := range entries {
			element := reflect.New(v.Type().Elem()).Elem()
			if err := decodeSDK(entry, element); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			v.SetMapIndex(reflect.ValueOf(key), element)
		}
		return nil
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			break
		}
		var elements []json.RawMessage
		if err := json.Unmarshal(raw, &elements); err != nil {
			return err
		}
		v.Set(reflect.MakeSlice(v.Type(), len(elements), len(elements)))
		for i, element := range elements {
			if err := decodeSDK(element, v.Index(i)); err != nil {
				return fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return nil
	}
	return json.Unmarshal(raw, v.Addr().Interface())
}

// encodeSDK returns a value of the SDK as encoding/json reads DynamoDB's JSON:
// maps, slices, strings and numbers. What is empty is left out.
func encodeSDK(v reflect.Value) (any, error) {
	if v.Type() == attributeValueType {
		if v.IsNil() {
			return nil, errors.New("an attribute value is nil")
		}
		value, err := plainValue(v.Interface().(types.AttributeValue))
		if err != nil {
			return nil, err
		}
		return generic(value)
	}
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil, nil
		}
		return encodeSDK(v.Elem())
	case reflect.Struct:
		members := map[string]any{}
		for i := range v.NumField() {
			field := v.Type().Field(i)
			if !field.IsExported() || field.Name == "ResultMetadata" {
				continue
			}
			member, err := encodeSDK(v.Field(i))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", field.Name, err)
			}
			members[field.Name] = member
		}
		return members, nil
	case reflect.Map:
		entries := map[string]any{}
		for key, entry := range v.Seq2() {
			value, err := encodeSDK(entry)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", key, err)
			}
			entries[key.String()] = value
		}
		return entries, nil
	case reflect.Slice:
		elements := make([]any, v.Len())
		for i := range elements {
			var err error
			if elements[i], err = encodeSDK(v.Index(i)); err != nil {
				return nil, fmt.Errorf("[%d]: %w", i, err)
			}
		}
		return elements, nil
	}
	return generic(v.Interface())
}

// generic returns v as encoding/json reads what it writes.
func generic(v any) (any, error) {
	text, err := marshal(v)
	if err != nil {
		return nil, err
	}
	var out any
	return out, json.Unmarshal(text, &out)
}
