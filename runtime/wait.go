package runtime

import (
	"context"
	"math/rand/v2"
	"time"
)

// wait waits before another attempt: twice as long each time, from least up to
// most, with jitter. It returns early if ctx ends.
func wait(ctx context.Context, attempt int, least, most time.Duration) error {
	// The shift is bounded so that it cannot overflow.
	d := min(least<<min(attempt, 10), most)
	timer := time.NewTimer(d/2 + rand.N(d/2))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
