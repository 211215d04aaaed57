package keystore

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
)

// A Storage is where the items of a key store lie. They need no secrecy: every
// key in them is encrypted by KMS and bound to its attributes. Implementations
// must be safe for concurrent use.
type Storage interface {
	// Name names the storage, such as the name of its table.
	Name() string
	// Get returns the item with this branch key id and type. If there is none,
	// the error wraps [branchkey.ErrNotFound].
	Get(ctx context.Context, branchKeyID, itemType string) (*Item, error)
	// Create writes three items, all or none. If one of them exists, the error
	// wraps [branchkey.ErrExists].
	Create(ctx context.Context, version, active, beacon *Item) error
	// Rotate adds the item of a version, which must not exist, and replaces the
	// active item, both or none. If there is no active item with the ciphertext
	// previous, the error wraps [ErrConflict].
	Rotate(ctx context.Context, version, active *Item, previous []byte) error
}

// Memory is a [Storage] in memory, for tests. It loses the branch keys with the
// process.
type Memory struct {
	mu    sync.RWMutex
	items map[memoryKey]*Item
}

type memoryKey struct{ branchKeyID, itemType string }

var _ Storage = (*Memory)(nil)

// NewMemory returns a storage without items.
func NewMemory() *Memory { return &Memory{items: make(map[memoryKey]*Item)} }

// Name implements [Storage].
func (m *Memory) Name() string { return "memory" }

// Get implements [Storage].
func (m *Memory) Get(ctx context.Context, branchKeyID, itemType string) (*Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	item := m.items[memoryKey{branchKeyID, itemType}]
	if item == nil {
		return nil, fmt.Errorf("%w: %s of %q", branchkey.ErrNotFound, itemType, branchKeyID)
	}
	return item.clone(), nil
}

// Create implements [Storage].
func (m *Memory) Create(ctx context.Context, version, active, beacon *Item) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	items := []*Item{version, active, beacon}
	for _, i := range items {
		if m.items[keyOf(i)] != nil {
			return fmt.Errorf("%w: %q", branchkey.ErrExists, i.BranchKeyID())
		}
	}
	for _, i := range items {
		m.items[keyOf(i)] = i.clone()
	}
	return nil
}

// Rotate implements [Storage].
func (m *Memory) Rotate(ctx context.Context, version, active *Item, previous []byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.items[keyOf(active)]
	if old == nil || !bytes.Equal(old.Ciphertext, previous) || m.items[keyOf(version)] != nil {
		return fmt.Errorf("%w: %q", ErrConflict, active.BranchKeyID())
	}
	m.items[keyOf(version)] = version.clone()
	m.items[keyOf(active)] = active.clone()
	return nil
}

func keyOf(i *Item) memoryKey { return memoryKey{i.BranchKeyID(), i.Type()} }

func (i *Item) clone() *Item {
	return &Item{Attributes: maps.Clone(i.Attributes), Ciphertext: slices.Clone(i.Ciphertext)}
}
