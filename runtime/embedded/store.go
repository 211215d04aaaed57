package embedded

import "iter"

// A store is ordered buckets of keys and values. Everything the engine keeps,
// tables and KMS keys alike, lies in one store.
type store interface {
	// view runs f on an unchanging state.
	view(f func(tx transaction) error) error
	// update runs f alone; if f or the commit fails, nothing has changed.
	update(f func(tx transaction) error) error
	close() error
}

// A transaction is valid until the function it was given to returns, and so is
// every slice that it returns; the slices must not be changed. Slices given to
// put belong to the store afterwards.
type transaction interface {
	// get returns nil if the bucket or the key does not exist.
	get(bucket string, key []byte) []byte
	// put makes the bucket if it does not exist. A key is 1 to 32,768 bytes.
	put(bucket string, key, value []byte) error
	// remove does nothing if the bucket or the key does not exist.
	remove(bucket string, key []byte) error
	// drop removes a bucket with all its keys.
	drop(bucket string) error
	// scan yields keys in bytewise order beginning with the first >= from, or in
	// reverse order beginning with the last <= from; a nil from is either end.
	// The bucket must not be changed while it is scanned.
	scan(bucket string, from []byte, reverse bool) iter.Seq2[[]byte, []byte]
}
