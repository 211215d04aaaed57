package branchkey

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// Memory is a [Source] that keeps its keys in the process: for tests, first
// steps and known answers. What was encrypted with them is lost with the
// process unless the same material is added again. Safe for concurrent use.
type Memory struct {
	name string

	mu   sync.RWMutex
	keys map[string]*branch // by branch key id
}

type branch struct {
	active   string                // version
	versions map[string]*BranchKey // by version
	beacon   *BeaconKey            // nil until created or added
}

var (
	_ Source = (*Memory)(nil)
	_ Named  = (*Memory)(nil)
)

// NewMemory returns a source without keys.
func NewMemory() *Memory {
	return &Memory{name: NewVersion(), keys: make(map[string]*branch)}
}

// LogicalKeyStoreName implements [Named]. Every Memory has a name of its own.
func (m *Memory) LogicalKeyStoreName() string { return m.name }

// Create makes a branch key with one version and a beacon key, all at random,
// and returns its id. An empty id stands for a fresh UUID. An id that is taken is
// an error that wraps [ErrExists].
func (m *Memory) Create(id string) (string, error) {
	if id == "" {
		id = NewVersion()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.keys[id] != nil {
		return "", fmt.Errorf("%w: %q", ErrExists, id)
	}
	if err := m.add(&BranchKey{ID: id, Version: NewVersion(), Key: randomKey()}); err != nil {
		return "", err
	}
	return id, m.addBeaconKey(&BeaconKey{ID: id, Key: randomKey()})
}

// Rotate gives the branch key a fresh version, makes it the active one and
// returns it. Earlier versions stay, so that their items stay readable.
func (m *Memory) Rotate(id string) (version string, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	b := m.keys[id]
	if b == nil || b.active == "" {
		return "", fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	version = NewVersion()
	return version, m.add(&BranchKey{
		ID: id, Version: version, Key: randomKey(),
		EncryptionContext: b.versions[b.active].EncryptionContext,
	})
}

// Add stores a copy of one version and makes it the active one. It returns an
// error that wraps [ErrMalformed] or, if the version is there, [ErrExists].
func (m *Memory) Add(k *BranchKey) error {
	if err := k.Validate(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.add(k.clone())
}

// AddBeaconKey stores a copy of a beacon key. It returns an error that wraps
// [ErrMalformed] or, if the branch key has a beacon key, [ErrExists].
func (m *Memory) AddBeaconKey(k *BeaconKey) error {
	if err := k.Validate(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.addBeaconKey(k.clone())
}

func (m *Memory) add(k *BranchKey) error {
	if err := k.Validate(); err != nil {
		return err
	}
	b := m.branch(k.ID)
	if b.versions[k.Version] != nil {
		return fmt.Errorf("%w: %q, version %s", ErrExists, k.ID, k.Version)
	}
	b.versions[k.Version] = k
	b.active = k.Version
	return nil
}

func (m *Memory) addBeaconKey(k *BeaconKey) error {
	b := m.branch(k.ID)
	if b.beacon != nil {
		return fmt.Errorf("%w: the beacon key of %q", ErrExists, k.ID)
	}
	b.beacon = k
	return nil
}

func (m *Memory) branch(id string) *branch {
	b := m.keys[id]
	if b == nil {
		b = &branch{versions: make(map[string]*BranchKey)}
		m.keys[id] = b
	}
	return b
}

// ActiveBranchKey implements [BranchKeySource].
func (m *Memory) ActiveBranchKey(ctx context.Context, id string) (*BranchKey, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	b := m.keys[id]
	if b == nil || b.active == "" {
		return nil, fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	return b.versions[b.active].clone(), nil
}

// BranchKeyVersion implements [BranchKeySource].
func (m *Memory) BranchKeyVersion(ctx context.Context, id, version string) (*BranchKey, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if b := m.keys[id]; b != nil && b.versions[version] != nil {
		return b.versions[version].clone(), nil
	}
	return nil, fmt.Errorf("%w: %q, version %q", ErrNotFound, id, version)
}

// BeaconKey implements [BeaconKeySource].
func (m *Memory) BeaconKey(ctx context.Context, id string) (*BeaconKey, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if b := m.keys[id]; b != nil && b.beacon != nil {
		return b.beacon.clone(), nil
	}
	return nil, fmt.Errorf("%w: the beacon key of %q", ErrNotFound, id)
}

func (k *BranchKey) clone() *BranchKey {
	return &BranchKey{ID: k.ID, Version: k.Version, Key: cloneKey(k.Key), EncryptionContext: maps.Clone(k.EncryptionContext)}
}

func (k *BeaconKey) clone() *BeaconKey {
	return &BeaconKey{ID: k.ID, Key: cloneKey(k.Key), EncryptionContext: maps.Clone(k.EncryptionContext)}
}

func cloneKey(k crypto.Key) crypto.Key { return crypto.NewKey(slices.Clone(k.InsecureBytes())) }

func randomKey() crypto.Key {
	b := make([]byte, KeyLen)
	// crypto/rand.Read never returns an error: it ends the program instead.
	_, _ = rand.Read(b)
	return crypto.NewKey(b)
}
