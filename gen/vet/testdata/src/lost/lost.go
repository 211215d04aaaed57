// Package lost calls repositories with contexts that are nobody's.
package lost

import (
	"context"
	"net/http"
	"time"

	"store"
)

var customers, _ = store.NewCustomerRepository(context.Background())

func loses(ctx context.Context, c *store.Customer) error {
	if err := customers.Put(context.Background(), c); err != nil { // want `context.Background\(\) ignores the deadline and the cancellation of ctx \[lost-context\]\n\tpass ctx, or context.WithoutCancel\(ctx\) for what must outlive it`
		return err
	}
	short, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_ = short
	return customers.Put((context.TODO()), c) // want `context.TODO\(\) ignores the deadline and the cancellation of short`
}

func opens(ctx context.Context) (*store.CustomerRepository, error) {
	return store.NewCustomerRepository(context.Background()) // want `lost-context`
}

func serves(w http.ResponseWriter, r *http.Request) {
	_ = customers.Put(context.Background(), nil) // want `ignores the deadline and the cancellation of r.Context\(\)`
}

func outlives(ctx context.Context, c *store.Customer) {
	go func() {
		_ = customers.Put(context.Background(), c) // want `lost-context`
	}()
	defer customers.Put(context.Background(), c) // want `lost-context`
	go func(ctx context.Context) {
		_ = customers.Put(context.Background(), c) // want `lost-context`
	}(ctx)
}

func shadows(ctx context.Context, c *store.Customer) error {
	{
		ctx := 1
		_ = ctx
		_ = customers.Put(context.Background(), c)
	}
	later := customers.Put(context.Background(), c) // want `cancellation of ctx`
	afterwards, cancel := context.WithCancel(ctx)
	cancel()
	_ = afterwards
	return later
}

func hasNone(c *store.Customer) error { return customers.Put(context.Background(), c) }

func keeps(ctx, _ context.Context, c *store.Customer) error {
	own, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if err := customers.Put(own, c); err != nil {
		return err
	}
	return customers.Put(ctx, c)
}

func other(ctx context.Context) error { return elsewhere(context.Background()) }

func elsewhere(ctx context.Context) error { return ctx.Err() }
