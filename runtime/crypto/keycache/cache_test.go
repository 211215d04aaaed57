package keycache_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ddbegen/ddbegen/runtime/crypto/keycache"
)

const (
	ttl  = time.Minute
	slow = 300 * time.Millisecond // how long a source takes
)

// secret is a key that knows whether it has been wiped.
type secret struct{ wiped atomic.Bool }

func (s *secret) Wipe() { s.wiped.Store(true) }

// source counts its calls and how many run at one time.
type source struct {
	err     error
	calls   atomic.Int64
	running atomic.Int64
	most    atomic.Int64
}

func (s *source) load(ctx context.Context) (*secret, error) {
	s.calls.Add(1)
	running := s.running.Add(1)
	defer s.running.Add(-1)
	for most := s.most.Load(); running > most && !s.most.CompareAndSwap(most, running); most = s.most.Load() {
	}
	select {
	case <-time.After(slow):
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if s.err != nil {
		return nil, s.err
	}
	return new(secret), nil
}

func id(name string) keycache.ID { return keycache.ID{Scope: keycache.Decrypt, BranchKeyID: name} }

func lru(t testing.TB, capacity int) *keycache.Cache {
	t.Helper()
	c, err := keycache.LRU(capacity)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func storm(t testing.TB, l keycache.Limits) *keycache.Cache {
	t.Helper()
	c, err := keycache.Storm(l)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// touch borrows a key and returns it at once.
func touch(t testing.TB, c *keycache.Cache, id keycache.ID, ttl time.Duration, s *source) *secret {
	t.Helper()
	l, err := keycache.Borrow(t.Context(), c, id, ttl, s.load)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Return()
	return l.Key()
}

func TestColdKeyCostsOneLoad(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(testing.TB) *keycache.Cache
	}{
		{"storm", func(testing.TB) *keycache.Cache { return keycache.Default() }},
		{"lru", func(t testing.TB) *keycache.Cache { return lru(t, 10) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cache, s := c.make(t), new(source)
				var group sync.WaitGroup
				for range 1000 {
					group.Go(func() { touch(t, cache, id("cold"), ttl, s) })
				}
				group.Wait()
				if n := s.calls.Load(); n != 1 {
					t.Errorf("1000 goroutines made %d loads of one cold key, want 1", n)
				}
				cache.Clear()
			})
		})
	}
}

func TestNoneLoadsEveryTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, s := keycache.None(), new(source)
		for range 3 {
			if k := touch(t, cache, id("k"), ttl, s); !k.wiped.Load() {
				t.Error("a key that no cache holds was not wiped when its borrower returned it")
			}
		}
		if n := s.calls.Load(); n != 3 {
			t.Errorf("got %d loads, want 3", n)
		}
		cache.Clear()
	})
}

// A source that fails is asked once for each grace interval, by however many
// callers, and each of them gets the error of a load that began after its call.
func TestFailingSourceIsNotHammered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const minute = 60
		broken := errors.New("KMS is down")
		cache, s := keycache.Default(), &source{err: broken}
		ctx, cancel := context.WithTimeout(t.Context(), minute*time.Second)
		defer cancel()
		var group sync.WaitGroup
		for range 1000 {
			group.Go(func() {
				for ctx.Err() == nil {
					_, err := keycache.Borrow(ctx, cache, id("k"), ttl, s.load)
					if !errors.Is(err, broken) && ctx.Err() == nil {
						t.Errorf("got %v, want the error of the source", err)
					}
				}
			})
		}
		group.Wait()
		if n := s.calls.Load(); n < minute/2 || n > minute {
			t.Errorf("%d loads in %d s, want about one for each grace interval of 1 s and no more", n, minute)
		}
		time.Sleep(2 * time.Second) // the last hold
	})
}

func TestRecoveryAfterFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, s := keycache.Default(), &source{err: errors.New("throttled")}
		if _, err := keycache.Borrow(t.Context(), cache, id("k"), ttl, s.load); err == nil {
			t.Fatal("no error")
		}
		s.err = nil
		start := time.Now()
		touch(t, cache, id("k"), ttl, s)
		if waited := time.Since(start); waited > 1250*time.Millisecond+slow {
			t.Errorf("a caller waited %v for a source that had recovered", waited)
		}
		cache.Clear()
	})
}

func TestOneCancellationFailsNobodyElse(t *testing.T) {
	type traceKey struct{}
	synctest.Test(t, func(t *testing.T) {
		cache, s := keycache.Default(), new(source)
		first, cancel := context.WithCancel(context.WithValue(t.Context(), traceKey{}, "trace"))
		var group sync.WaitGroup
		group.Go(func() {
			_, err := keycache.Borrow(first, cache, id("k"), ttl, func(ctx context.Context) (*secret, error) {
				if ctx.Value(traceKey{}) != "trace" {
					t.Error("the load lost the values of its caller's context")
				}
				return s.load(ctx)
			})
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want context.Canceled", err)
			}
		})
		synctest.Wait()
		for range 10 {
			group.Go(func() { touch(t, cache, id("k"), ttl, s) })
		}
		synctest.Wait()
		cancel()
		group.Wait()
		if n := s.calls.Load(); n != 1 {
			t.Errorf("%d loads, want 1", n)
		}
		cache.Clear()
	})
}

// Callers whose patience is shorter than the source would, if each of their
// loads were thrown away, ask for ever and never get a key.
func TestImpatientCallersGetTheKeyInTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, s := keycache.Default(), new(source)
		attempts := 0
		for {
			attempts++
			ctx, cancel := context.WithTimeout(t.Context(), slow/4)
			l, err := keycache.Borrow(ctx, cache, id("k"), ttl, s.load)
			cancel()
			if err == nil {
				l.Return()
				break
			}
			if attempts > 10 {
				t.Fatal("still no key")
			}
		}
		if n := s.calls.Load(); n != 1 {
			t.Errorf("%d loads, want 1", n)
		}
		cache.Clear()
	})
}

func TestAbandonedLoadEnds(t *testing.T) {
	for _, c := range []struct {
		name  string
		cache *keycache.Cache
		want  time.Duration
	}{
		{"storm: with its grace interval", keycache.Default(), time.Second},
		{"lru: at once", lru(t, 1), 100 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				ended := make(chan time.Duration, 1)
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				_, err := keycache.Borrow(ctx, c.cache, id("k"), ttl, func(ctx context.Context) (*secret, error) {
					<-ctx.Done()
					ended <- time.Since(start)
					return nil, ctx.Err()
				})
				if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 100*time.Millisecond {
					t.Errorf("the caller got %v after %v", err, time.Since(start))
				}
				time.Sleep(time.Minute)
				select {
				case after := <-ended:
					if after != c.want {
						t.Errorf("the load ended after %v, want %v", after, c.want)
					}
				default:
					t.Error("the load never ended")
				}
			})
		})
	}
}

func TestGracePeriod(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, s := keycache.Default(), new(source)
		first := touch(t, cache, id("k"), ttl, s)

		time.Sleep(45 * time.Second)
		if touch(t, cache, id("k"), ttl, s) != first || s.calls.Load() != 1 {
			t.Fatal("loaded again before the grace period")
		}

		time.Sleep(6 * time.Second)
		start := time.Now()
		for range 1000 {
			if touch(t, cache, id("k"), ttl, s) != first {
				t.Fatal("the old key was gone before the new one was there")
			}
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("callers waited %v for a refresh", waited)
		}
		synctest.Wait()
		if n := s.calls.Load(); n != 2 {
			t.Errorf("%d loads for 1000 callers in the grace period, want 2 in all", n)
		}

		time.Sleep(slow)
		synctest.Wait()
		if touch(t, cache, id("k"), ttl, s) == first {
			t.Error("the new key did not replace the old one")
		}
		if !first.wiped.Load() {
			t.Error("the old key was not wiped")
		}
		cache.Clear()
	})
}

func TestFailedRefreshServesTheOldKeyToItsEndAndNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, s := keycache.Default(), new(source)
		born := time.Now()
		first := touch(t, cache, id("k"), ttl, s)
		s.err = errors.New("access denied")
		for time.Since(born) < ttl {
			l, err := keycache.Borrow(t.Context(), cache, id("k"), ttl, s.load)
			if err != nil {
				t.Fatalf("after %v of %v: %v", time.Since(born), ttl, err)
			}
			if l.Key() != first || l.Key().wiped.Load() {
				t.Fatal("not the old key")
			}
			l.Return()
			time.Sleep(50 * time.Millisecond)
		}
		if n := s.calls.Load(); n < 6 || n > 11 {
			t.Errorf("%d loads, want the first one and one for each grace interval of the grace period at most", n)
		}
		if _, err := keycache.Borrow(t.Context(), cache, id("k"), ttl, s.load); !errors.Is(err, s.err) {
			t.Errorf("after the time to live: got %v, want the error of the source", err)
		}
		if !first.wiped.Load() {
			t.Error("the expired key was not wiped")
		}
		time.Sleep(2 * time.Second) // the last hold
	})
}

// The time to live bounds how long a key may be used after its use was
// forbidden. It runs from the beginning of the load, when use was still allowed.
func TestTimeToLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, s := lru(t, 10), new(source)
		first := touch(t, cache, id("k"), ttl, s)
		time.Sleep(ttl - slow - 1)
		if touch(t, cache, id("k"), ttl, s) != first {
			t.Error("expired too early")
		}
		time.Sleep(2 * time.Nanosecond)
		synctest.Wait()
		if !first.wiped.Load() || cache.Len() != 0 {
			t.Error("an expired key stayed in memory though nobody had borrowed it")
		}
		second := touch(t, cache, id("k"), ttl, s)
		time.Sleep(10 * time.Second)
		if third := touch(t, cache, id("k"), 5*time.Second, s); third == second {
			t.Error("a reader with a shorter time to live got an older key")
		}
		time.Sleep(6 * time.Second)
		if n := s.calls.Load(); n != 3 {
			t.Errorf("%d loads, want 3", n)
		}
		touch(t, cache, id("k"), ttl, s)
		if n := s.calls.Load(); n != 4 {
			t.Errorf("%d loads: a reader with a longer time to live prolonged the life of a key", n)
		}
		cache.Clear()
	})
}

func TestKeyIsNotWipedUnderABorrower(t *testing.T) {
	for name, drop := range map[string]func(*testing.T, *keycache.Cache, *source){
		"clear":  func(_ *testing.T, c *keycache.Cache, _ *source) { c.Clear() },
		"expiry": func(*testing.T, *keycache.Cache, *source) { time.Sleep(2 * ttl) },
		"eviction": func(t *testing.T, c *keycache.Cache, s *source) {
			for i := range 4 {
				touch(t, c, id(fmt.Sprint("other", i)), ttl, s)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cache, s := lru(t, 2), new(source)
				one, err := keycache.Borrow(t.Context(), cache, id("k"), ttl, s.load)
				if err != nil {
					t.Fatal(err)
				}
				two, err := keycache.Borrow(t.Context(), cache, id("k"), ttl, s.load)
				if err != nil {
					t.Fatal(err)
				}
				key := one.Key()
				drop(t, cache, s)
				synctest.Wait()
				one.Return()
				one.Return() // counts once
				if key.wiped.Load() {
					t.Fatal("wiped under a borrower")
				}
				two.Return()
				if !key.wiped.Load() {
					t.Error("not wiped when the last borrower returned it")
				}
				cache.Clear()
			})
		})
	}
}

func TestFanOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, s := storm(t, keycache.Limits{FanOut: 3}), new(source)
		var group sync.WaitGroup
		for i := range 30 {
			group.Go(func() { touch(t, cache, id(fmt.Sprint(i)), ttl, s) })
		}
		group.Wait()
		if s.most.Load() != 3 || s.calls.Load() != 30 {
			t.Errorf("%d loads, %d of them at one time; want 30 and 3", s.calls.Load(), s.most.Load())
		}
		cache.Clear()
	})
}

func TestInFlightTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := storm(t, keycache.Limits{FanOut: 1})
		late := make(chan struct{})
		stuck := new(secret)
		start := time.Now()
		_, err := keycache.Borrow(t.Context(), cache, id("stuck"), ttl, func(context.Context) (*secret, error) {
			<-late // not even cancellation moves it
			return stuck, nil
		})
		if !errors.Is(err, keycache.ErrInFlightTTLExceeded) || time.Since(start) != 10*time.Second {
			t.Errorf("got %v after %v, want ErrInFlightTTLExceeded after 10s", err, time.Since(start))
		}
		touch(t, cache, id("other"), ttl, new(source)) // or the only slot is lost
		fresh := touch(t, cache, id("stuck"), ttl, new(source))
		close(late)
		synctest.Wait()
		if !stuck.wiped.Load() {
			t.Error("a key that came too late was not wiped")
		}
		if touch(t, cache, id("stuck"), ttl, new(source)) != fresh {
			t.Error("a key that came too late replaced a fresh one")
		}
		cache.Clear()
	})
}

func TestSlotIsNotWaitedForLongerThanTheInFlightTTL(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache := storm(t, keycache.Limits{FanOut: 1})
		var group sync.WaitGroup
		for i := range 2 {
			group.Go(func() {
				_, err := keycache.Borrow(t.Context(), cache, id(fmt.Sprint(i)), ttl, func(ctx context.Context) (*secret, error) {
					<-ctx.Done()
					return nil, errors.New("connection closed")
				})
				if !errors.Is(err, keycache.ErrInFlightTTLExceeded) {
					t.Errorf("got %v, want ErrInFlightTTLExceeded", err)
				}
			})
		}
		group.Wait()
		time.Sleep(2 * time.Second) // the last hold
	})
}

func TestIDsKeepApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, s := lru(t, 100), new(source)
		base := keycache.ID{Partition: "p", Scope: keycache.Encrypt, Store: "s", BranchKeyID: "b", Version: "v"}
		ids := []keycache.ID{base, base, base, base, base, base}
		ids[1].Partition = "q"
		ids[2].Scope = keycache.Decrypt
		ids[3].Store = "t"
		ids[4].BranchKeyID = "c"
		ids[5].Version = "w"
		seen := make(map[*secret]bool)
		for _, i := range ids {
			seen[touch(t, cache, i, ttl, s)] = true
		}
		if len(seen) != len(ids) {
			t.Errorf("%d ids share %d keys", len(ids), len(seen))
		}
		cache.Clear()
	})
}

func TestEvictionSparesWhatIsUsed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cache, s := lru(t, 3), new(source)
		hot := touch(t, cache, id("hot"), ttl, s)
		for i := range 20 {
			touch(t, cache, id(fmt.Sprint(i)), ttl, s)
			if touch(t, cache, id("hot"), ttl, s) != hot {
				t.Fatalf("the key in use was evicted by key %d", i)
			}
			if n := cache.Len(); n > 3 {
				t.Fatalf("%d keys in a cache of 3", n)
			}
		}
		cache.Clear()
	})
}

func TestOtherTypeIsAnError(t *testing.T) {
	cache := keycache.Default()
	defer cache.Clear()
	if _, err := keycache.Borrow(t.Context(), cache, id("k"), ttl, func(context.Context) (*secret, error) { return new(secret), nil }); err != nil {
		t.Fatal(err)
	}
	if _, err := keycache.Borrow(t.Context(), cache, id("k"), ttl, func(context.Context) (other, error) { return other{}, nil }); err == nil {
		t.Error("no error for a key of another type")
	}
}

type other struct{}

func (other) Wipe() {}

// A load that ends its goroutine, as a test's Fatal does, must not leave those
// who wait for it waiting.
func TestLoadThatDoesNotReturn(t *testing.T) {
	cache := lru(t, 1)
	if _, err := keycache.Borrow(t.Context(), cache, id("k"), ttl, func(context.Context) (*secret, error) {
		runtime.Goexit()
		return nil, nil
	}); err == nil {
		t.Error("no error")
	}
}

func TestLimits(t *testing.T) {
	for _, l := range []keycache.Limits{
		{Capacity: -1},
		{FanOut: -1},
		{GracePeriod: -1},
		{GraceInterval: 11 * time.Second},
		{InFlightTTL: 11 * time.Second},
		{GraceInterval: 5 * time.Second, InFlightTTL: 4 * time.Second},
	} {
		if _, err := keycache.Storm(l); err == nil {
			t.Errorf("%+v was accepted", l)
		}
	}
	if _, err := keycache.LRU(0); err == nil {
		t.Error("a capacity of 0 was accepted")
	}
	cache := keycache.Default()
	for ttl, want := range map[time.Duration]error{-1: keycache.ErrTTL, 0: keycache.ErrTTL, 10 * time.Second: keycache.ErrTTL, 11 * time.Second: nil} {
		if err := cache.CheckTTL(ttl); !errors.Is(err, want) {
			t.Errorf("CheckTTL(%v): %v", ttl, err)
		}
	}
	if err := lru(t, 1).CheckTTL(time.Second); err != nil {
		t.Error(err)
	}
	if keycache.LimitsFor(time.Hour) != keycache.DefaultLimits() {
		t.Error("a long time to live changes the defaults")
	}
	for _, ttl := range []time.Duration{2, time.Second, 15 * time.Second, 25 * time.Second} {
		if err := storm(t, keycache.LimitsFor(ttl)).CheckTTL(ttl); err != nil {
			t.Errorf("limits for %v: %v", ttl, err)
		}
	}
}

// A borrowed key costs the loan, and no memory beside it.
func TestBorrowAllocates(t *testing.T) {
	cache := keycache.Default()
	defer cache.Clear()
	load := func(context.Context) (*secret, error) { return new(secret), nil }
	hot, ctx := id("hot"), t.Context()
	if n := testing.AllocsPerRun(100, func() {
		l, err := keycache.Borrow(ctx, cache, hot, ttl, load)
		if err != nil {
			t.Fatal(err)
		}
		l.Return()
	}); n > 1 {
		t.Errorf("%v allocations, want 1", n)
	}
}

// Whatever happens at the same time, no borrower ever sees a wiped key, and in
// the end every key has been wiped.
func TestStress(t *testing.T) {
	cache := storm(t, keycache.Limits{Capacity: 4, GracePeriod: 4 * time.Millisecond, GraceInterval: time.Millisecond, InFlightTTL: 3 * time.Millisecond, FanOut: 3})
	var (
		mu   sync.Mutex
		made []*secret
	)
	load := func(ctx context.Context) (*secret, error) {
		switch rand.IntN(10) {
		case 0:
			return nil, errors.New("failed")
		case 1:
			time.Sleep(5 * time.Millisecond)
		}
		s := new(secret)
		mu.Lock()
		defer mu.Unlock()
		made = append(made, s)
		return s, nil
	}
	var group sync.WaitGroup
	for range 32 {
		group.Go(func() {
			for range 300 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(rand.IntN(5000))*time.Microsecond)
				l, err := keycache.Borrow(ctx, cache, id(fmt.Sprint(rand.IntN(8))), 6*time.Millisecond, load)
				if err == nil {
					if l.Key().wiped.Load() {
						t.Error("borrowed a wiped key")
					}
					time.Sleep(time.Duration(rand.IntN(100)) * time.Microsecond)
					if l.Key().wiped.Load() {
						t.Error("wiped under a borrower")
					}
					l.Return()
				}
				cancel()
				if rand.IntN(100) == 0 {
					cache.Clear()
				}
			}
		})
	}
	group.Wait()
	deadline := time.Now().Add(10 * time.Second)
	for {
		cache.Clear()
		mu.Lock()
		left := 0
		for _, s := range made {
			if !s.wiped.Load() {
				left++
			}
		}
		mu.Unlock()
		if left == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d keys were never wiped", left, len(made))
		}
		time.Sleep(time.Millisecond)
	}
}

func BenchmarkBorrow(b *testing.B) {
	load := func(context.Context) (*secret, error) { return new(secret), nil }
	cache := keycache.Default()
	b.Run("one goroutine", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			l, err := keycache.Borrow(b.Context(), cache, id("hot"), time.Hour, load)
			if err != nil {
				b.Fatal(err)
			}
			l.Return()
		}
	})
	b.Run("contended", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(50)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				l, err := keycache.Borrow(b.Context(), cache, id("hot"), time.Hour, load)
				if err != nil {
					b.Error(err)
					return
				}
				l.Return()
			}
		})
	})
}
