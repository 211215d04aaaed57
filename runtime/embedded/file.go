package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// fileStore is one bbolt file.
type fileStore struct {
	db   *bbolt.DB
	read atomic.Int64 // bytes since pages were released
}

func openFileStore(path string, sync bool) (*fileStore, error) {
	options := *bbolt.DefaultOptions
	options.Timeout = time.Second // another engine has the file
	options.NoSync = !sync
	options.FreelistType = bbolt.FreelistMapType
	db, err := bbolt.Open(path, 0o600, &options)
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("embedded engine: open %s: another engine has it open: close that one, or use another file", path)
	case err != nil:
		if failed := (*fs.PathError)(nil); errors.As(err, &failed) {
			return nil, fmt.Errorf("embedded engine: %w", err) // names the operation and the path itself
		}
		return nil, fmt.Errorf("embedded engine: open %s: %w", path, err)
	}
	return &fileStore{db: db}, nil
}

func (s *fileStore) view(f func(tx transaction) error) error {
	return closedOr(s.db.View(func(tx *bbolt.Tx) error { return s.run(tx, f) }))
}

func (s *fileStore) update(f func(tx transaction) error) error {
	return closedOr(s.db.Update(func(tx *bbolt.Tx) error { return s.run(tx, f) }))
}

// closedOr gives the error of a closed file the words of every other store.
func closedOr(err error) error {
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return errClosed
	}
	return err
}

func (s *fileStore) run(tx *bbolt.Tx, f func(tx transaction) error) error {
	t := &fileTransaction{tx: tx}
	if err := f(t); err != nil {
		return err
	}
	if s.read.Add(t.read) >= releaseAfter {
		s.read.Store(0)
		release(tx)
	}
	return nil
}

func (s *fileStore) close() error { return s.db.Close() }

type fileTransaction struct {
	tx   *bbolt.Tx
	read int64 // bytes, about
}

// pageSize is what reading one key costs at least.
const pageSize = 4096

func (t *fileTransaction) get(bucket string, key []byte) []byte {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	value := b.Get(key)
	t.read += pageSize + int64(len(value))
	return value
}

func (t *fileTransaction) put(bucket string, key, value []byte) error {
	b, err := t.tx.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return err
	}
	t.read += pageSize
	return b.Put(key, value)
}

func (t *fileTransaction) remove(bucket string, key []byte) error {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return b.Delete(key)
}

func (t *fileTransaction) drop(bucket string) error {
	if t.tx.Bucket([]byte(bucket)) == nil {
		return nil
	}
	return t.tx.DeleteBucket([]byte(bucket))
}

func (t *fileTransaction) scan(bucket string, from []byte, reverse bool) iter.Seq2[[]byte, []byte] {
	return func(yield func([]byte, []byte) bool) {
		b := t.tx.Bucket([]byte(bucket))
		if b == nil {
			return
		}
		c := b.Cursor()
		var k, v []byte
		step := c.Next
		switch {
		case from == nil && reverse:
			k, v = c.Last()
			step = c.Prev
		case from == nil:
			k, v = c.First()
		case reverse:
			step = c.Prev
			k, v = c.Seek(from)
			if k == nil {
				k, v = c.Last()
			} else if string(k) != string(from) {
				k, v = c.Prev()
			}
		default:
			k, v = c.Seek(from)
		}
		for ; k != nil; k, v = step() {
			t.read += int64(len(k) + len(v))
			if !yield(k, v) {
				return
			}
		}
	}
}
