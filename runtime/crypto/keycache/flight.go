package keycache

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

var (
	errAbandoned = errors.New("nobody waits for this key any more")
	errPanicked  = errors.New("load of a key panicked: is its source nil?")
	errAborted   = errors.New("load of a key ended without a result")
)

// A flight is one load of one key and those who wait for it. The lock of the
// cache guards what changes, until done is closed and nothing changes any more.
type flight struct {
	id     ID
	ttl    time.Duration
	load   loadFunc
	cancel context.CancelCauseFunc
	done   chan struct{}

	waiters  int       // each is owed a reference to the entry
	departed time.Time // when load was called; zero before
	landed   bool
	entry    *entry
	err      error
}

// wait joins the flight of a key, or starts one, and waits for its end.
func (c *Cache) wait(ctx context.Context, id ID, ttl time.Duration, load loadFunc) (*entry, error) {
	if !c.keep {
		material, err := load(ctx)
		if err != nil {
			return nil, err
		}
		return newEntry(id, material, ttl, time.Time{}, 1), nil
	}
	c.mu.Lock()
	if e, _ := c.find(id, ttl); e != nil { // a flight landed since the caller looked
		c.mu.Unlock()
		return e, nil
	}
	f := c.flights[id]
	if f == nil {
		f = c.start(ctx, id, ttl, load)
	}
	f.waiters++
	c.mu.Unlock()

	select {
	case <-f.done:
		return f.entry, f.err
	case <-ctx.Done():
		c.leave(f)
		return nil, context.Cause(ctx)
	}
}

// refresh starts a flight to replace e, for which nobody waits, unless that
// would be a second one, too soon after a failure or one too many.
func (c *Cache) refresh(ctx context.Context, e *entry, ttl time.Duration, load loadFunc) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element := c.entries[e.id]
	if element == nil || element.Value != e {
		return
	}
	if _, held := c.holds[e.id]; held || c.flights[e.id] != nil || len(c.slots) == cap(c.slots) {
		return
	}
	c.start(ctx, e.id, ttl, load)
}

// start begins a flight. The caller holds the lock.
func (c *Cache) start(ctx context.Context, id ID, ttl time.Duration, load loadFunc) *flight {
	ctx = context.WithoutCancel(ctx)
	stop := func() {}
	if c.limits.InFlightTTL > 0 {
		ctx, stop = context.WithTimeoutCause(ctx, c.limits.InFlightTTL, ErrInFlightTTLExceeded)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	f := &flight{
		id: id, ttl: ttl, load: load, done: make(chan struct{}),
		cancel: func(cause error) { cancel(cause); stop() },
	}
	c.flights[id] = f
	// Those who wait are let go in time even if load does not honour its context.
	context.AfterFunc(ctx, func() { c.land(f, nil, context.Cause(ctx)) })
	go c.fly(ctx, f, c.holds[id])
	return f
}

// fly waits until the key may be loaded, and loads it.
func (c *Cache) fly(ctx context.Context, f *flight, notBefore time.Time) {
	// Also when load ends this goroutine without returning.
	defer func() {
		err := cmp.Or(context.Cause(ctx), errAborted)
		// A panic in this goroutine would end the program, and no caller of Borrow
		// could recover it. Its value may be anything, so it is not shown.
		if recover() != nil {
			err = errPanicked
		}
		c.land(f, nil, err)
	}()
	if hold := time.Until(notBefore); hold > 0 {
		select {
		case <-time.After(hold):
		case <-ctx.Done():
			return
		}
	}
	if !c.depart(ctx, f) {
		return
	}
	material, err := f.load(ctx)
	if cause := context.Cause(ctx); err != nil && cause != nil && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	c.land(f, material, err)
}

// depart takes a slot for the flight. It reports false if the flight has ended
// before it got one.
func (c *Cache) depart(ctx context.Context, f *flight) bool {
	if c.slots != nil {
		select {
		case c.slots <- struct{}{}:
		case <-ctx.Done():
			return false
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.landed {
		c.freeSlot()
		return false
	}
	f.departed = time.Now()
	return true
}

func (c *Cache) freeSlot() {
	if c.slots != nil {
		<-c.slots
	}
}

// land ends a flight. The first call decides; the key of a later one is wiped.
func (c *Cache) land(f *flight, material Material, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.landLocked(f, material, err)
}

func (c *Cache) landLocked(f *flight, material Material, err error) {
	if f.landed {
		if err == nil {
			material.Wipe()
		}
		return
	}
	f.landed = true
	delete(c.flights, f.id)
	if !f.departed.IsZero() {
		c.freeSlot()
	}
	if err == nil {
		f.entry = newEntry(f.id, material, f.ttl, f.departed, f.waiters+1)
		c.insert(f.entry)
	} else {
		f.err = err
		c.hold(f)
	}
	close(f.done)
	f.cancel(errAbandoned)
}

// hold keeps the key of a failed flight from being loaded again before the grace
// interval is over, and a little longer by chance, so that many processes do not
// ask a source that recovers all at once.
func (c *Cache) hold(f *flight) {
	if f.departed.IsZero() || c.limits.GraceInterval == 0 {
		return
	}
	interval := c.limits.GraceInterval + rand.N(c.limits.GraceInterval/4+1)
	until := f.departed.Add(interval)
	c.holds[f.id] = until
	time.AfterFunc(time.Until(until), func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.holds[f.id].Equal(until) {
			delete(c.holds, f.id)
		}
	})
}

// leave takes a waiter off a flight. The last one ends it. A load that has begun
// may go on until its grace interval is over: no other may begin before, and what
// it brings saves the next caller from waiting.
func (c *Cache) leave(f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f.landed {
		if f.entry != nil {
			f.entry.release()
		}
		return
	}
	f.waiters--
	if f.waiters > 0 {
		return
	}
	var linger time.Duration
	if !f.departed.IsZero() {
		linger = c.limits.GraceInterval - time.Since(f.departed)
	}
	if linger <= 0 {
		c.landLocked(f, nil, errAbandoned)
		return
	}
	time.AfterFunc(linger, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if f.waiters == 0 {
			c.landLocked(f, nil, errAbandoned)
		}
	})
}
