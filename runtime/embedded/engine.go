// Package embedded is DynamoDB and KMS inside the process: no account, no
// network, no port. The genuine clients of aws-sdk-go-v2 talk to it through an
// http.RoundTripper, so that serialisation, signing, retries and typed errors
// are the real ones:
//
//	engine, err := embedded.Open(embedded.InMemory())
//	...
//	defer engine.Close()
//	db, keys := engine.DynamoDB(), engine.KMS()
//
// It is for tests, examples and trying things out; production runs on AWS. It
// refuses operations and parameters that it does not know instead of ignoring
// them. KMS keys lie beside the items, unprotected.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// The region and the account of an engine's ARNs.
const (
	Region  = "us-east-1"
	Account = "000000000000"
)

// A Storage is where an engine keeps tables and keys: [InMemory] or [File].
type Storage struct {
	inFile bool
	path   string
	noSync bool
}

// InMemory keeps everything in memory; Close forgets it.
func InMemory() Storage { return Storage{} }

// File keeps everything in one file, which is made if it does not exist. Each
// write is on disk before its response is sent, and a transaction is there
// whole or not at all after the process was killed. One engine can have the
// file open at a time.
func File(path string) Storage { return Storage{inFile: true, path: path} }

// WithoutSync leaves it to the operating system when writes reach the disk,
// which is many times faster. Killing the process still loses nothing; a power
// failure may damage the file.
func (s Storage) WithoutSync() Storage {
	s.noSync = true
	return s
}

func (s Storage) open() (store, error) {
	switch {
	case !s.inFile:
		return newMemoryStore(), nil
	case s.path == "":
		return nil, errors.New("embedded engine: the path of its file is empty")
	}
	return openFileStore(s.path, !s.noSync)
}

// An Engine is one AWS account. It is safe for concurrent use.
type Engine struct {
	store    store
	services map[string]service // by prefix of X-Amz-Target
	faults   faults
	closed   atomic.Bool
}

// An Option changes an engine when it opens.
type Option func(*environment) error

// WithClock makes the engine read the time from now, which must be safe for
// concurrent use. Creation dates and the ten minutes of an idempotency token
// follow it.
func WithClock(now func() time.Time) Option {
	return func(e *environment) error {
		if now == nil {
			return errors.New("WithClock: the function that tells the time is nil")
		}
		e.now = now
		return nil
	}
}

// Open opens an engine on a storage.
func Open(storage Storage, options ...Option) (*Engine, error) {
	env := environment{now: time.Now, region: Region, account: Account}
	for i, option := range options {
		if option == nil {
			return nil, fmt.Errorf("embedded engine: option %d is nil: leave it out", i+1)
		}
		if err := option(&env); err != nil {
			return nil, fmt.Errorf("embedded engine: %w", err)
		}
	}
	var err error
	if env.store, err = storage.open(); err != nil {
		return nil, err
	}
	return &Engine{
		store: env.store,
		services: map[string]service{
			dynamoDBTarget: newDynamoDB(env),
			kmsTarget:      newKMS(env),
		},
	}, nil
}

// Close waits for the calls that are running and releases the storage. Later
// calls fail at once with EngineClosedException, which the SDK does not retry.
func (e *Engine) Close() error {
	e.closed.Store(true)
	return e.store.close()
}

// DynamoDB returns a client of the engine.
func (e *Engine) DynamoDB(options ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region:       Region,
		BaseEndpoint: aws.String(endpoint),
		Credentials:  staticCredentials(),
		HTTPClient:   &http.Client{Transport: e.Transport()},
	}, options...)
}

// KMS returns a client of the engine. Its region is the one of the client's
// options, us-east-1 if they do not say.
func (e *Engine) KMS(options ...func(*kms.Options)) *kms.Client {
	return kms.New(kms.Options{
		Region:       Region,
		BaseEndpoint: aws.String(endpoint),
		Credentials:  staticCredentials(),
		HTTPClient:   &http.Client{Transport: e.Transport()},
	}, options...)
}

// endpoint is a name that no resolver knows (RFC 6761, section 6.4), so that a
// client that lost its transport cannot reach the network.
const endpoint = "http://embedded.invalid"

// staticCredentials are not secret: the engine reads the region of a signature
// and does not check it.
func staticCredentials() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider("embedded", "embedded", "")
}

// serve executes one call and returns the HTTP status and the JSON body.
// An error means that the caller gets no response.
func (e *Engine) serve(ctx context.Context, target string, r *request) (status int, body []byte, err error) {
	body, err = e.call(ctx, target, r)
	if err == nil {
		return http.StatusOK, body, nil
	}
	if ctx.Err() != nil || errors.Is(err, errLostResponse) {
		return 0, nil, err
	}
	var answer *apiError
	switch {
	case errors.As(err, &answer):
	case errors.Is(err, errClosed):
		answer = apiErrorf("EngineClosedException", "%v", errClosed)
	default:
		answer = internalError(err)
	}
	if answer.code == unknownOperation().code {
		answer.message = fmt.Sprintf("the embedded engine has no operation %s.%s", target, r.operation)
	}
	status, body = answer.response()
	return status, body, nil
}

func (e *Engine) call(ctx context.Context, target string, r *request) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	service := e.services[target]
	if service == nil {
		return nil, unknownOperation()
	}
	if e.closed.Load() {
		return nil, errClosed
	}
	faults := e.faults.strike(r.operation)
	if err := faults.before(ctx, target); err != nil {
		return nil, err
	}
	r.unprocessed = faults.unprocessed()
	body, err := service.serve(ctx, r)
	if faults.losesResponse() {
		return nil, errLostResponse
	}
	return body, err
}
