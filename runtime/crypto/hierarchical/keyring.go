// Package hierarchical has the hierarchical keyring: it wraps the data keys of
// items in the process, under branch keys that are cached for a while, so that
// KMS is asked once for each branch key and time to live and not once for each
// item.
//
// Specification: aws-encryption-sdk-specification,
// framework/aws-kms/aws-kms-hierarchical-keyring.
package hierarchical

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/keycache"
)

// ProviderID is the provider of the keyring's encrypted data keys. Their
// provider info is the branch key id.
const ProviderID = "aws-kms-hierarchy"

// A Keyring is a hierarchical keyring. It is safe for concurrent use.
type Keyring struct {
	source    branchkey.BranchKeySource
	supplier  Supplier
	ttl       time.Duration
	cache     *keycache.Cache
	partition string
	store     string // tells apart the sources in one partition of a cache
}

var _ crypto.Keyring = (*Keyring)(nil)

// An Option changes a keyring when it is made.
type Option func(*Keyring) error

// WithCache makes the keyring keep its branch keys in c, which may serve other
// keyrings too. Default is a cache of its own, [keycache.Default].
func WithCache(c *keycache.Cache) Option {
	return func(k *Keyring) error {
		if c == nil {
			return errors.New("WithCache: the cache is nil: leave the option out for a cache of its own")
		}
		k.cache = c
		return nil
	}
}

// WithPartition makes keyrings with the same cache and the same partition share
// their branch keys. By default no two keyrings do. The source must be a
// [branchkey.Named] one, or two sources with branch keys of the same id could not
// be told apart.
func WithPartition(id string) Option {
	return func(k *Keyring) error {
		if id == "" {
			return errors.New("WithPartition: the partition is empty: leave the option out for one of its own")
		}
		k.partition = id
		return nil
	}
}

// New returns a keyring that takes its branch keys from source. supplier says
// which one an item uses: [Static] or one that looks at the item. A branch key is
// used for at most ttl after it was read, which bounds the time until a rotation
// or the loss of a permission takes effect; minutes to an hour are usual. With
// the default cache ttl must exceed 10 s.
func New(source branchkey.BranchKeySource, supplier Supplier, ttl time.Duration, options ...Option) (*Keyring, error) {
	k := &Keyring{source: source, supplier: supplier, ttl: ttl}
	for i, option := range options {
		if option == nil {
			return nil, fmt.Errorf("hierarchical keyring: option %d is nil: leave it out", i+1)
		}
		if err := option(k); err != nil {
			return nil, fmt.Errorf("hierarchical keyring: %w", err)
		}
	}
	if isNil(k.source) {
		return nil, errors.New("hierarchical keyring has no source of branch keys")
	}
	if isNil(k.supplier) {
		return nil, errors.New("hierarchical keyring has no supplier of branch key ids; hierarchical.Static is one for a single branch key")
	}
	if id, ok := k.supplier.(Static); ok {
		if err := branchkey.ValidateID(string(id)); err != nil {
			return nil, fmt.Errorf("hierarchical keyring: %w", err)
		}
	}
	if k.cache == nil {
		k.cache = keycache.Default()
	}
	if err := k.cache.CheckTTL(ttl); err != nil {
		return nil, fmt.Errorf("hierarchical keyring: %w", err)
	}
	named, ok := source.(branchkey.Named)
	if ok {
		k.store = named.LogicalKeyStoreName()
	}
	switch {
	case k.partition == "":
		k.partition = branchkey.NewVersion()
	case !ok:
		return nil, fmt.Errorf("hierarchical keyring: a source that shares a cache partition needs a name; let %T implement branchkey.Named, or leave out WithPartition", source)
	}
	return k, nil
}

// isNil reports whether v is nil, or a nil pointer or function in an interface.
func isNil(v any) bool {
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Func, reflect.Map:
		return r.IsNil()
	default:
		return false
	}
}

// NewKeys implements [crypto.Encrypter] with one data key, wrapped under the
// active version of the branch key that the supplier chooses.
func (k *Keyring) NewKeys(ctx context.Context, ec crypto.EncryptionContext) ([]crypto.WrappedKey, error) {
	id, err := k.branchKeyID(ctx, ec)
	if err != nil {
		return nil, err
	}
	loan, err := k.borrow(ctx, id, "")
	if err != nil {
		return nil, fmt.Errorf("hierarchical keyring: active version of branch key %q: %w", id, err)
	}
	defer loan.Return()
	intermediate := make([]byte, keyLen)
	rand.Read(intermediate) // never fails: crypto/rand ends the program instead
	blob, err := wrap(loan.Key(), intermediate, ec)
	if err != nil {
		clear(intermediate)
		return nil, fmt.Errorf("hierarchical keyring: %w", err)
	}
	return []crypto.WrappedKey{{
		Key:              crypto.NewKey(intermediate),
		EncryptedDataKey: crypto.EncryptedDataKey{ProviderID: ProviderID, ProviderInfo: []byte(id), Ciphertext: blob},
	}}, nil
}

// OpenKey implements [crypto.Decrypter] for data keys that were wrapped under
// the branch key that the supplier chooses, whichever version. Data keys of 16
// and 24 bytes, which the format of items does not have, open too.
func (k *Keyring) OpenKey(ctx context.Context, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext) (crypto.Key, int, error) {
	id, err := k.branchKeyID(ctx, ec)
	if err != nil {
		return crypto.Key{}, 0, err
	}
	failures := make([]*crypto.DataKeyError, 0, len(keys))
	for i, key := range keys {
		opened, reason, err := k.open(ctx, id, key, ec)
		if reason == 0 {
			return opened, i, nil
		}
		if err != nil && ctx.Err() != nil {
			return crypto.Key{}, 0, fmt.Errorf("hierarchical keyring: branch key %q: %w", id, err)
		}
		failures = append(failures, crypto.NewDataKeyError(fmt.Sprintf("hierarchical keyring for branch key %q", id), key, reason, err))
	}
	return crypto.Key{}, 0, &crypto.NoKeyError{Failures: failures}
}

// open opens one data key. A reason other than zero says why it could not.
func (k *Keyring) open(ctx context.Context, id string, key crypto.EncryptedDataKey, ec crypto.EncryptionContext) (crypto.Key, crypto.Reason, error) {
	if key.ProviderID != ProviderID || string(key.ProviderInfo) != id {
		return crypto.Key{}, crypto.ReasonNotMatching, nil
	}
	version, err := versionOf(key.Ciphertext)
	if err != nil {
		return crypto.Key{}, crypto.ReasonMalformed, err
	}
	loan, err := k.borrow(ctx, id, version)
	if err != nil {
		return crypto.Key{}, reasonOf(err), fmt.Errorf("version %s: %w", version, err)
	}
	defer loan.Return()
	opened, err := unwrap(loan.Key(), key.Ciphertext, ec)
	if err != nil {
		return crypto.Key{}, crypto.ReasonWrongKey, err
	}
	return opened, 0, nil
}

// reasonOf tells a missing permission from other failures to get a branch key,
// by the error code that every error of the AWS SDK has.
func reasonOf(err error) crypto.Reason {
	var api interface{ ErrorCode() string }
	if errors.As(err, &api) && api.ErrorCode() == "AccessDeniedException" {
		return crypto.ReasonAccessDenied
	}
	return crypto.ReasonUnavailable
}

func (k *Keyring) branchKeyID(ctx context.Context, ec crypto.EncryptionContext) (string, error) {
	if k.supplier == nil {
		return "", errors.New("hierarchical keyring: it is a zero value: it has to be made by hierarchical.New")
	}
	if id, ok := k.supplier.(Static); ok {
		return string(id), nil
	}
	attributes, err := ec.SelectorContext()
	if err != nil {
		return "", fmt.Errorf("hierarchical keyring: %w", err)
	}
	id, err := k.supplier.BranchKeyID(ctx, attributes)
	if err != nil {
		return "", fmt.Errorf("hierarchical keyring: supplier of branch key ids: %w", err)
	}
	if err := branchkey.ValidateID(id); err != nil {
		return "", fmt.Errorf("hierarchical keyring: supplier of branch key ids: %w", err)
	}
	return id, nil
}

// borrow returns a branch key on loan: the active version if version is empty.
func (k *Keyring) borrow(ctx context.Context, id, version string) (*keycache.Loan[*material], error) {
	name := keycache.ID{Partition: k.partition, Scope: keycache.Encrypt, Store: k.store, BranchKeyID: id, Version: version}
	if version != "" {
		name.Scope = keycache.Decrypt
	}
	return keycache.Borrow(ctx, k.cache, name, k.ttl, func(ctx context.Context) (*material, error) {
		return k.load(ctx, id, version)
	})
}

func (k *Keyring) load(ctx context.Context, id, version string) (*material, error) {
	var key *branchkey.BranchKey
	var err error
	if version == "" {
		key, err = k.source.ActiveBranchKey(ctx, id)
	} else {
		key, err = k.source.BranchKeyVersion(ctx, id, version)
	}
	if err != nil {
		return nil, err
	}
	if err := key.Validate(); err != nil {
		return nil, err
	}
	if key.ID != id || version != "" && key.Version != version {
		return nil, fmt.Errorf("%w: the source returned another branch key or version than it was asked for", branchkey.ErrMalformed)
	}
	m := &material{id: id, key: key.Key}
	m.version, err = branchkey.ParseVersion(key.Version)
	return m, err
}

// material is a branch key as the keyring needs it.
type material struct {
	id      string
	version [branchkey.VersionLen]byte
	key     crypto.Key
}

// Wipe implements [keycache.Material].
func (m *material) Wipe() { m.key.Wipe() }
