package runtime

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// parallel calls do for every index below n, on as many goroutines as there are
// processors, and returns the error of the lowest index that failed. Verifying a
// signature takes about a millisecond, so that a page is worth sharing out.
func parallel(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers <= 1 {
		for i := range n {
			if err := do(ctx, i); err != nil {
				return err
			}
		}
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var (
		next   atomic.Int64
		group  sync.WaitGroup
		errs   = make([]error, n)
		failed atomic.Bool
	)
	for range workers {
		group.Go(func() {
			for !failed.Load() {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if errs[i] = do(ctx, i); errs[i] != nil {
					failed.Store(true)
				}
			}
		})
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
