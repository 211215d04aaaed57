// Package enginetest gives tests the clients of the engine that the environment
// chooses, so that one suite runs against several engines:
//
//	DDBE_TEST_ENGINE=embedded    the embedded engine in memory (the default)
//	DDBE_TEST_ENGINE=file        the embedded engine in a file
//	DDBE_TEST_ENGINE=moto        moto, which .ci/judges installs
//	DDBE_TEST_ENDPOINT=URL       anything that speaks the API of DynamoDB:
//	                             DynamoDB Local, ScyllaDB Alternator, or AWS
//	DDBE_TEST_KMS_ENDPOINT=URL   the same for KMS; default: the embedded KMS
//
// With an endpoint, region and credentials come from AWS_REGION,
// AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY if they are set, and a test
// deletes the tables that it made; run such a suite with -p 1 -parallel 1,
// because its tests share names.
package enginetest

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"github.com/ddbegen/ddbegen/internal/judges"
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

// Open returns the chosen engine, empty, and closes it when the test ends.
func Open(tb testing.TB) *Engine {
	tb.Helper()
	if url := os.Getenv("DDBE_TEST_ENDPOINT"); url != "" {
		return openEndpoint(tb, url)
	}
	switch name := os.Getenv("DDBE_TEST_ENGINE"); name {
	case "", "embedded":
		return OpenEmbedded(tb, embedded.InMemory())
	case "file":
		return OpenEmbedded(tb, embedded.File(filepath.Join(tb.TempDir(), "engine.db")).WithoutSync())
	case "moto":
		return openMoto(tb)
	default:
		tb.Fatalf("DDBE_TEST_ENGINE=%s: want embedded, file or moto", name)
		return nil
	}
}

// OpenEmbedded returns an embedded engine, for tests that need its faults, its
// counters, its clock or what other engines lack.
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

// DynamoDBAt returns a client of the server at url.
func DynamoDBAt(url string) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{BaseEndpoint: aws.String(url), Region: region(), Credentials: staticCredentials()})
}

// KMSAt returns a client of the server at url.
func KMSAt(url string) *kms.Client {
	return kms.New(kms.Options{BaseEndpoint: aws.String(url), Region: region(), Credentials: staticCredentials()})
}

func region() string { return cmp.Or(os.Getenv("AWS_REGION"), embedded.Region) }

func staticCredentials() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(
		cmp.Or(os.Getenv("AWS_ACCESS_KEY_ID"), "test"),
		cmp.Or(os.Getenv("AWS_SECRET_ACCESS_KEY"), "test"),
		os.Getenv("AWS_SESSION_TOKEN"))
}

// idle are servers of earlier tests. A server takes seconds to start, so that
// tests take over from one another; they end with this process.
var idle struct {
	sync.Mutex
	servers []*judges.Server
}

func openMoto(tb testing.TB) *Engine {
	tb.Helper()
	server, err := takeMoto()
	if err != nil {
		// Someone asked for this engine: its absence is a failure.
		tb.Fatalf("DDBE_TEST_ENGINE=moto: %v (run .ci/judges)", err)
	}
	if err := server.Reset(context.Background()); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		idle.Lock()
		defer idle.Unlock()
		idle.servers = append(idle.servers, server)
	})
	return &Engine{DynamoDB: DynamoDBAt(server.URL), KMS: KMSAt(server.URL)}
}

func takeMoto() (*judges.Server, error) {
	idle.Lock()
	defer idle.Unlock()
	if n := len(idle.servers); n > 0 {
		server := idle.servers[n-1]
		idle.servers = slices.Delete(idle.servers, n-1, n)
		return server, nil
	}
	return judges.Moto.Run()
}

func openEndpoint(tb testing.TB, url string) *Engine {
	tb.Helper()
	var made tables
	db := DynamoDBAt(url)
	engine := &Engine{DynamoDB: dynamodb.New(db.Options(), made.remember)}
	if url := os.Getenv("DDBE_TEST_KMS_ENDPOINT"); url != "" {
		engine.KMS = KMSAt(url)
	} else {
		engine.KMS = OpenEmbedded(tb, embedded.InMemory()).KMS
	}
	tb.Cleanup(func() { made.delete(tb, db) })
	return engine
}
