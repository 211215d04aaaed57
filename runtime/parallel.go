package runtime

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// parallel calls do for every index below n, on as many goroutines as there are
// processors, and returns the first error. Verifying a signature takes about a
// millisecond, so that a page is worth sharing out.
func parallel(ctx context.Context, n int, do func(ctx context.Context, i int) error) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i := range n {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return do(ctx, i)
		})
	}
	return group.Wait()
}
