package runtime

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls do for every index below n, as many at a time as there are
// processors, and returns the first error; after one no further call begins.
//
// The caller works, too, and each goroutine takes one index after the other: a
// goroutine for each index would grow its stack anew every time, which takes
// longer than a tenth of what decrypting a small item does.
func parallel(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var failed sync.Once
	var first error
	var taken atomic.Int64
	work := func() {
		for i := int(taken.Add(1)) - 1; i < n; i = int(taken.Add(1)) - 1 {
			err := ctx.Err()
			if err == nil {
				err = do(ctx, i)
			}
			if err != nil {
				failed.Do(func() { first = err })
				cancel()
				return
			}
		}
	}
	var others sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) - 1 {
		others.Go(work)
	}
	work()
	others.Wait()
	return first
}
