package runtime

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
)

func TestParallelCallsForEveryIndex(t *testing.T) {
	for _, n := range []int{0, 1, 2, 1000} {
		calls := make([]atomic.Int32, n)
		var running, most atomic.Int32
		err := parallel(t.Context(), n, func(_ context.Context, i int) error {
			now := running.Add(1)
			defer running.Add(-1)
			for m := most.Load(); now > m && !most.CompareAndSwap(m, now); m = most.Load() {
			}
			calls[i].Add(1)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for i := range calls {
			if c := calls[i].Load(); c != 1 {
				t.Errorf("of %d: index %d was called for %d times", n, i, c)
			}
		}
		if most.Load() > int32(runtime.GOMAXPROCS(0)) {
			t.Errorf("%d calls ran at a time on %d processors", most.Load(), runtime.GOMAXPROCS(0))
		}
	}
}

func TestParallelEndsWithTheFirstError(t *testing.T) {
	failure := errors.New("failure")
	var after atomic.Int64
	err := parallel(t.Context(), 1000, func(ctx context.Context, i int) error {
		switch {
		case i == 10:
			return failure
		case i > 10:
			after.Add(1)
			<-ctx.Done() // the others learn of it
			return ctx.Err()
		}
		return nil
	})
	if err == nil || !errors.Is(err, failure) {
		t.Errorf("error %v, want that of index 10", err)
	}
	if after.Load() >= int64(runtime.GOMAXPROCS(0)) {
		t.Errorf("%d calls began after one that failed", after.Load())
	}
}

func TestParallelHonoursCancellation(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var calls atomic.Int64
	err := parallel(ctx, 1000, func(context.Context, int) error {
		calls.Add(1)
		cancel()
		return nil
	})
	if !errors.Is(err, context.Canceled) || calls.Load() > int64(runtime.GOMAXPROCS(0)) {
		t.Errorf("error %v after %d calls, want that of the context at once", err, calls.Load())
	}
}
