// Package keycache keeps secret keys for a bounded time, so that KMS is asked
// once for many items.
//
// A key is borrowed and returned. It is wiped when it has left the cache and its
// last borrower has returned it, never earlier: no cache ever wipes a key that
// somebody is working with.
//
// Three kinds of cache, all safe for concurrent use:
//
//   - [Storm] is the one for production. Callers that miss the same key share one
//     load; a key that is about to expire is loaded again in the background while
//     everybody keeps working with the old one; a source that fails is asked once
//     for each grace interval and no more.
//   - [LRU] shares loads and does nothing else.
//   - [None] keeps nothing.
//
// Specification: aws-encryption-sdk-specification, framework/cryptographic-
// materials-cache, local-cryptographic-materials-cache and
// storm-tracking-cryptographic-materials-cache. Two parameters from there have no
// counterpart. The sleep between two looks at the cache: whoever waits here is
// woken. The length of the tail that is searched for expired entries: here every
// key leaves when its time has come.
package keycache

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

var (
	// ErrInFlightTTLExceeded says that a key could not be loaded within the
	// in-flight TTL of a [Storm] cache: its source does not answer, or too many
	// other loads are running.
	ErrInFlightTTLExceeded = errors.New("key not loaded within the in-flight TTL of its cache")
	// ErrTTL says that a time to live does not fit the cache.
	ErrTTL = errors.New("time to live does not fit the key cache")
)

// An ID names a key in a cache.
type ID struct {
	Partition   string // separates users of one cache that must not share keys
	Scope       Scope
	Store       string // logical name of the key store
	BranchKeyID string
	Version     string // of a branch key; empty for the active one and for a beacon key
}

// Scope says what a key is for.
type Scope uint8

// The scopes of the specification. Two uses of one branch key never share an
// entry.
const (
	Encrypt Scope = iota + 1 // the active version of a branch key
	Decrypt                  // a given version of a branch key
	Search                   // a beacon key, or what was derived from it
)

// A Material is what a cache keeps: something secret that can be wiped.
type Material interface {
	Wipe()
}

// A Cache keeps keys: see [None], [LRU] and [Storm]. The zero Cache is None.
type Cache struct {
	limits Limits
	keep   bool          // false: None
	slots  chan struct{} // one token for each running load; nil: no limit

	mu      sync.RWMutex
	entries map[ID]*list.Element // of *entry
	order   *list.List           // newest, or most recently passed over, entry first
	flights map[ID]*flight
	holds   map[ID]time.Time // failed keys, and when they may be loaded again
}

// None returns a cache that keeps nothing: every Borrow loads.
func None() *Cache { return &Cache{} }

// LRU returns a cache of at most capacity keys. When it is full, a key that has
// not been borrowed lately makes room (second chance, which comes close to least
// recently used without a write for each read).
func LRU(capacity int) (*Cache, error) {
	if capacity < 1 {
		return nil, fmt.Errorf("capacity of key cache is %d, want at least 1", capacity)
	}
	return newCache(Limits{Capacity: capacity}), nil
}

func newCache(l Limits) *Cache {
	c := &Cache{
		limits:  l,
		keep:    true,
		entries: make(map[ID]*list.Element),
		order:   list.New(),
		flights: make(map[ID]*flight),
		holds:   make(map[ID]time.Time),
	}
	if l.FanOut > 0 {
		c.slots = make(chan struct{}, l.FanOut)
	}
	return c
}

// CheckTTL returns an error that wraps [ErrTTL] if keys cannot be borrowed from c
// with this time to live: it must be positive and, so that a key has a time
// before its grace period, longer than the grace period of a [Storm] cache.
func (c *Cache) CheckTTL(ttl time.Duration) error {
	if ttl <= 0 {
		return fmt.Errorf("%w: it is %v and must be positive", ErrTTL, ttl)
	}
	if ttl <= c.limits.GracePeriod {
		return fmt.Errorf("%w: it is %v and must exceed the grace period of %v; choose a longer time to live, or a cache with a shorter grace period",
			ErrTTL, ttl, c.limits.GracePeriod)
	}
	return nil
}

// Borrow lends the key of this id. If the cache has none that is younger than
// ttl, it calls load; callers that need the same key at the same time share one
// call. A cached key lives from the moment its load began, for the time to live
// of the caller that caused the load; a caller with a shorter one gets only keys
// young enough for itself.
//
// load runs in a goroutine of its own, with the values of ctx but not its
// deadline, so that the cancellation of one caller never fails the others. Its
// context ends when nobody waits for the key any more; a [Storm] cache lets it
// run to the end of its grace interval even then, and never longer than the
// in-flight TTL. load must honour its context.
//
// The error of load is returned as it is. All callers of one id must use one
// type of key.
func Borrow[K Material](ctx context.Context, c *Cache, id ID, ttl time.Duration, load func(context.Context) (K, error)) (*Loan[K], error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if e, aging := c.lookup(id, ttl); e != nil {
		if aging {
			c.refresh(ctx, e, ttl, erase(load))
		}
		return lend[K](e)
	}
	e, err := c.wait(ctx, id, ttl, erase(load))
	if err != nil {
		return nil, err
	}
	return lend[K](e)
}

type loadFunc func(context.Context) (Material, error)

func erase[K Material](load func(context.Context) (K, error)) loadFunc {
	return func(ctx context.Context) (Material, error) { return load(ctx) }
}

func lend[K Material](e *entry) (*Loan[K], error) {
	key, ok := e.material.(K)
	if !ok {
		e.release()
		return nil, fmt.Errorf("key cache holds a %T where a %T was asked for", e.material, key)
	}
	return &Loan[K]{key: key, entry: e}, nil
}

// A Loan is a borrowed key. It may be used by several goroutines.
type Loan[K Material] struct {
	key   K
	entry *entry
	done  atomic.Bool
}

// Key returns the borrowed key. It is not valid after Return, and must not be
// changed or wiped: others may be using it.
func (l *Loan[K]) Key() K { return l.key }

// Return gives the key back. Further calls do nothing.
func (l *Loan[K]) Return() {
	if l.done.CompareAndSwap(false, true) {
		l.entry.release()
	}
}

// Clear drops every key, to be wiped as soon as its borrowers have returned it.
// Loads that are under way are not stopped.
func (c *Cache) Clear() {
	if !c.keep {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.order.Len() > 0 {
		c.remove(c.order.Front())
	}
}

// Len returns the number of keys in the cache.
func (c *Cache) Len() int {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.entries)
}

// lookup returns the entry with a reference for the caller, or nil. aging says
// that the entry is in its grace period for this ttl.
func (c *Cache) lookup(id ID, ttl time.Duration) (e *entry, aging bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.find(id, ttl)
}

// find is lookup for a caller that holds the lock, for reading at least.
func (c *Cache) find(id ID, ttl time.Duration) (e *entry, aging bool) {
	element := c.entries[id]
	if element == nil {
		return nil, false
	}
	e = element.Value.(*entry)
	left := min(ttl, e.ttl) - age(e.created, time.Now())
	if left <= 0 {
		return nil, false
	}
	e.refs.Add(1) // never from zero: what is in the cache has the cache's reference
	if !e.used.Load() {
		e.used.Store(true)
	}
	return e, c.limits.GracePeriod > 0 && left <= c.limits.GracePeriod
}

// insert puts e in the place of what is there. The caller holds the lock.
func (c *Cache) insert(e *entry) {
	if element := c.entries[e.id]; element != nil {
		c.remove(element)
	}
	for c.order.Len() >= c.limits.Capacity {
		oldest := c.order.Back()
		if oldest.Value.(*entry).used.Swap(false) {
			c.order.MoveToFront(oldest)
			continue
		}
		c.remove(oldest)
	}
	element := c.order.PushFront(e)
	c.entries[e.id] = element
	// An expired key must not lie in memory until somebody happens to look.
	e.expiry = time.AfterFunc(e.ttl-age(e.created, time.Now()), func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.entries[e.id] == element {
			c.remove(element)
		}
	})
}

// remove drops an entry and the cache's reference to it. The caller holds the lock.
func (c *Cache) remove(element *list.Element) {
	e := c.order.Remove(element).(*entry)
	delete(c.entries, e.id)
	e.expiry.Stop()
	e.release()
}

// An entry is a key with the number of those who hold it: its borrowers and,
// while it is in the cache, the cache.
type entry struct {
	id       ID
	material Material
	created  time.Time
	ttl      time.Duration
	expiry   *time.Timer
	used     atomic.Bool // borrowed since it last came up for eviction
	refs     atomic.Int64
}

func newEntry(id ID, material Material, ttl time.Duration, created time.Time, refs int) *entry {
	e := &entry{id: id, material: material, ttl: ttl, created: created}
	e.refs.Store(int64(refs))
	return e
}

func (e *entry) release() {
	if e.refs.Add(-1) == 0 {
		e.material.Wipe()
	}
}

// age is the time since created, by the monotonic clock or by the wall clock,
// whichever says more: the first may stand still while the machine sleeps, the
// second may be set back, and neither may prolong the life of a key.
func age(created, now time.Time) time.Duration {
	return max(now.Sub(created), now.Round(0).Sub(created.Round(0)))
}
