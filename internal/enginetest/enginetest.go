// Package enginetest gives tests the clients of the engine that the
// environment chooses, so that one suite runs against several engines.
//
//	DDBE_TEST_ENGINE=embedded   the embedded engine in memory (the default)
//	DDBE_TEST_ENGINE=file       the embedded engine in a file
//	DDBE_TEST_ENDPOINT=URL      anything that speaks the API: DynamoDB Local,
//	                            ScyllaDB Alternator, or AWS with its own credentials
package enginetest

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbegen/ddbegen/runtime/embedded"
)

// An Engine is what a test talks to.
type Engine struct {
	DynamoDB *dynamodb.Client
	KMS      *kms.Client
	// Embedded is the embedded engine behind the clients, for faults and
	// counters, or nil if they talk to another one.
	Embedded *embedded.Engine
}

// Open returns the chosen engine and closes it when the test ends.
func Open(tb testing.TB) *Engine {
	tb.Helper()
	switch name := os.Getenv("DDBE_TEST_ENGINE"); name {
	case "", "embedded":
		return OpenEmbedded(tb, embedded.InMemory())
	case "file":
		return OpenEmbedded(tb, embedded.File(filepath.Join(tb.TempDir(), "engine.db")).WithoutSync())
	default:
		tb.Fatalf("DDBE_TEST_ENGINE=%s: want embedded or file", name)
		return nil
	}
}

// OpenEmbedded returns an embedded engine, for tests that need its faults, its
// counters or its clock.
func OpenEmbedded(tb testing.TB, storage embedded.Storage, options ...embedded.Option) *Engine {
	tb.Helper()
	engine, err := embedded.Open(storage, options...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := engine.Close(); err != nil {
			tb.Errorf("close the engine: %v", err)
		}
	})
	return &Engine{DynamoDB: engine.DynamoDB(), KMS: engine.KMS(), Embedded: engine}
}
