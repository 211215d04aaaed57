package embedded

import (
	"fmt"
	"iter"
	"time"

	"go.etcd.io/bbolt"
)

// fileStore is one bbolt file.
type fileStore struct{ db *bbolt.DB }

func openFileStore(path string, sync bool) (*fileStore, error) {
	options := *bbolt.DefaultOptions
	options.Timeout = time.Second // another process has the file
	options.NoSync = !sync
	options.FreelistType = bbolt.FreelistMapType
	db, err := bbolt.Open(path, 0o600, &options)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return &fileStore{db: db}, nil
}

func (s *fileStore) view(f func(tx transaction) error) error {
	return s.db.View(func(tx *bbolt.Tx) error { return f(fileTransaction{tx}) })
}

func (s *fileStore) update(f func(tx transaction) error) error {
	return s.db.Update(func(tx *bbolt.Tx) error { return f(fileTransaction{tx}) })
}

func (s *fileStore) close() error { return s.db.Close() }

type fileTransaction struct{ tx *bbolt.Tx }

func (t fileTransaction) get(bucket string, key []byte) []byte {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return b.Get(key)
}

func (t fileTransaction) put(bucket string, key, value []byte) error {
	b, err := t.tx.CreateBucketIfNotExists([]byte(bucket))
	if err != nil {
		return err
	}
	return b.Put(key, value)
}

func (t fileTransaction) remove(bucket string, key []byte) error {
	b := t.tx.Bucket([]byte(bucket))
	if b == nil {
		return nil
	}
	return b.Delete(key)
}

func (t fileTransaction) drop(bucket string) error {
	if t.tx.Bucket([]byte(bucket)) == nil {
		return nil
	}
	return t.tx.DeleteBucket([]byte(bucket))
}

func (t fileTransaction) scan(bucket string, from []byte, reverse bool) iter.Seq2[[]byte, []byte] {
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
			if !yield(k, v) {
				return
			}
		}
	}
}
