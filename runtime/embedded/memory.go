package embedded

import (
	"bytes"
	"errors"
	"iter"
	"sync"

	"github.com/tidwall/btree"
)

// memoryStore keeps a B-tree for each bucket.
type memoryStore struct {
	mu      sync.RWMutex
	buckets map[string]*btree.BTreeG[entry] // nil when closed
}

type entry struct{ key, value []byte }

func newMemoryStore() *memoryStore {
	return &memoryStore{buckets: map[string]*btree.BTreeG[entry]{}}
}

func (s *memoryStore) view(f func(tx transaction) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.buckets == nil {
		return errClosed
	}
	return f(&memoryTransaction{store: s})
}

func (s *memoryStore) update(f func(tx transaction) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.buckets == nil {
		return errClosed
	}
	tx := &memoryTransaction{store: s}
	err := f(tx)
	if err != nil {
		tx.rollback()
	}
	return err
}

func (s *memoryStore) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buckets = nil
	return nil
}

// errClosed is what a store answers once it is closed.
var errClosed = errors.New("the embedded engine is closed")

// memoryTransaction writes in place and remembers how to go back.
type memoryTransaction struct {
	store *memoryStore
	undo  []func()
}

func (tx *memoryTransaction) rollback() {
	for i := len(tx.undo) - 1; i >= 0; i-- {
		tx.undo[i]()
	}
}

func (tx *memoryTransaction) get(bucket string, key []byte) []byte {
	tree := tx.store.buckets[bucket]
	if tree == nil {
		return nil
	}
	found, _ := tree.Get(entry{key: key})
	return found.value
}

func (tx *memoryTransaction) put(bucket string, key, value []byte) error {
	tree := tx.store.buckets[bucket]
	if tree == nil {
		// The store's own lock orders all access.
		tree = btree.NewBTreeGOptions(func(a, b entry) bool {
			return bytes.Compare(a.key, b.key) < 0
		}, btree.Options{NoLocks: true})
		tx.store.buckets[bucket] = tree
		tx.undo = append(tx.undo, func() { delete(tx.store.buckets, bucket) })
	}
	if value == nil {
		value = []byte{}
	}
	old, replaced := tree.Set(entry{key: key, value: value})
	tx.undo = append(tx.undo, func() {
		if replaced {
			tree.Set(old)
		} else {
			tree.Delete(entry{key: key})
		}
	})
	return nil
}

func (tx *memoryTransaction) remove(bucket string, key []byte) error {
	tree := tx.store.buckets[bucket]
	if tree == nil {
		return nil
	}
	if old, removed := tree.Delete(entry{key: key}); removed {
		tx.undo = append(tx.undo, func() { tree.Set(old) })
	}
	return nil
}

func (tx *memoryTransaction) drop(bucket string) error {
	if tree := tx.store.buckets[bucket]; tree != nil {
		delete(tx.store.buckets, bucket)
		tx.undo = append(tx.undo, func() { tx.store.buckets[bucket] = tree })
	}
	return nil
}

func (tx *memoryTransaction) scan(bucket string, from []byte, reverse bool) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		tree := tx.store.buckets[bucket]
		if tree == nil {
			return
		}
		step := func(e entry) bool { return yield(e.key, e.value) }
		switch {
		case from == nil && reverse:
			tree.Reverse(step)
		case from == nil:
			tree.Scan(step)
		case reverse:
			tree.Descend(entry{key: from}, step)
		default:
			tree.Ascend(entry{key: from}, step)
		}
	}
}
