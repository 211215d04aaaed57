package crypto

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// MaterialsProvider provides the keys of items: AWS's cryptographic materials
// manager (specification: framework/cmm-interface). [DefaultMaterials] is the
// one that uses a keyring. A provider of a program's own may choose among
// several, add to the encryption context, or refuse. It must be safe for
// concurrent use.
type MaterialsProvider interface {
	EncryptionMaterials(ctx context.Context, req EncryptionRequest) (*EncryptionMaterials, error)
	DecryptionMaterials(ctx context.Context, req DecryptionRequest) (*DecryptionMaterials, error)
}

// EncryptionRequest asks for the keys of a new item.
type EncryptionRequest struct {
	Suite Suite
	// EncryptionContext is that of the item. It belongs to the provider, who may
	// add pairs; every pair must be in the materials unchanged.
	EncryptionContext EncryptionContext
	// RequiredNames are the names of the pairs that must not be stored in the
	// item, because a reader has them from elsewhere.
	RequiredNames []string
}

// EncryptionMaterials are the keys of a new item. The item encryptor wipes them.
type EncryptionMaterials struct {
	Suite             Suite
	EncryptionContext EncryptionContext // all of it
	RequiredNames     []string          // names of the pairs that are not stored
	// EncryptedDataKeys holds 1 to 255 data keys. Each ciphertext is the whole
	// field: the data key, wrapped under an intermediate key (48 bytes), then the
	// keyring's wrapping of the intermediate key.
	EncryptedDataKeys []EncryptedDataKey
	PlaintextDataKey  Key   // 32 bytes
	SigningKeys       []Key // of 32 bytes, one for each encrypted data key
	// SigningKey is a P-384 key for a suite that signs, whose public key is in
	// the encryption context; else nil.
	SigningKey *ecdsa.PrivateKey

	serialized []byte // EncryptionContext, once nobody can change it any more
}

// DecryptionRequest asks for the keys of a stored item.
type DecryptionRequest struct {
	Suite             Suite
	EncryptedDataKeys []EncryptedDataKey // whole ciphertexts, as in [EncryptionMaterials]
	// StoredContext is the part of the encryption context in the item's header.
	StoredContext EncryptionContext
	// ReproducedContext is what the item and the configuration say it must be.
	// Both maps belong to the provider.
	ReproducedContext EncryptionContext
}

// DecryptionMaterials are the keys of a stored item. The item encryptor wipes
// them.
type DecryptionMaterials struct {
	Suite             Suite
	EncryptionContext EncryptionContext // stored and reproduced
	PlaintextDataKey  Key               // 32 bytes
	SigningKey        Key               // 32 bytes, of the data key that was opened
	// VerificationKey is the P-384 key from the encryption context for a suite
	// that signs, else nil.
	VerificationKey *ecdsa.PublicKey

	serialized []byte // EncryptionContext, once nobody can change it any more
}

func (m *EncryptionMaterials) wipe() {
	m.PlaintextDataKey.Wipe()
	for _, k := range m.SigningKeys {
		k.Wipe()
	}
}

func (m *DecryptionMaterials) wipe() {
	m.PlaintextDataKey.Wipe()
	m.SigningKey.Wipe()
}

// DefaultMaterials returns the provider that makes and opens data keys with
// keyring (specification: framework/default-cmm).
func DefaultMaterials(keyring Keyring) MaterialsProvider { return keyringMaterials{keyring} }

type keyringMaterials struct{ keyring Keyring }

func (p keyringMaterials) CheckSuite(s Suite) error { return checkSuite(p.keyring, s) }

func (p keyringMaterials) EncryptionMaterials(ctx context.Context, req EncryptionRequest) (_ *EncryptionMaterials, err error) {
	m := &EncryptionMaterials{Suite: req.Suite, EncryptionContext: req.EncryptionContext, RequiredNames: req.RequiredNames}
	if _, given := m.EncryptionContext[contextPublicKey]; given {
		return nil, fmt.Errorf("the encryption context already has %s, which only the suite may add: remove it", contextPublicKey)
	}
	if m.Suite.Signs() {
		if m.EncryptionContext == nil {
			m.EncryptionContext = make(EncryptionContext, 1)
		}
		if m.SigningKey, m.EncryptionContext[contextPublicKey], err = newSigningKey(); err != nil {
			return nil, err
		}
	}
	canonical, err := m.EncryptionContext.Canonical()
	if err != nil {
		return nil, err
	}
	m.serialized = canonical

	intermediate, err := p.keyring.NewKeys(ctx, m.EncryptionContext)
	if err != nil {
		return nil, fmt.Errorf("wrap data key: %w", err)
	}
	dataKey := make([]byte, keyLen)
	rand.Read(dataKey) // never fails: crypto/rand ends the program instead
	m.PlaintextDataKey = NewKey(dataKey)
	m.EncryptedDataKeys = make([]EncryptedDataKey, len(intermediate))
	m.SigningKeys = make([]Key, len(intermediate))
	defer func() {
		for _, w := range intermediate {
			w.Key.Wipe()
		}
		if err != nil {
			m.wipe()
		}
	}()
	for i, w := range intermediate {
		if w.Key.Len() != keyLen {
			return nil, fmt.Errorf("%w: the keyring made a key of %d bytes, not %d", ErrMaterials, w.Key.Len(), keyLen)
		}
		blob := w.EncryptedDataKey.Ciphertext
		dst := make([]byte, 0, wrappedKeyLen+len(blob))
		wrapped, signingKey, err := wrapDataKey(dst, w.Key.InsecureBytes(), dataKey, canonical)
		if err != nil {
			return nil, err
		}
		m.SigningKeys[i] = signingKey
		m.EncryptedDataKeys[i] = w.EncryptedDataKey
		m.EncryptedDataKeys[i].Ciphertext = append(wrapped, blob...)
	}
	return m, nil
}

func (p keyringMaterials) DecryptionMaterials(ctx context.Context, req DecryptionRequest) (*DecryptionMaterials, error) {
	ec := req.ReproducedContext
	if ec == nil {
		ec = make(EncryptionContext, len(req.StoredContext))
	}
	for name, value := range req.StoredContext {
		if reproduced, both := ec[name]; both && reproduced != value {
			return nil, fmt.Errorf("%w: the stored encryption context is not that of the item", ErrAuthentication)
		}
		ec[name] = value
	}
	m := &DecryptionMaterials{Suite: req.Suite, EncryptionContext: ec}
	text, signed := ec[contextPublicKey]
	if signed != m.Suite.Signs() {
		return nil, fmt.Errorf("%w: header and encryption context disagree about a digital signature", ErrAuthentication)
	}
	if signed {
		var err error
		if m.VerificationKey, err = parseVerificationKey(text); err != nil {
			return nil, err
		}
	}
	canonical, err := ec.Canonical()
	if err != nil {
		return nil, err
	}
	m.serialized = canonical
	m.PlaintextDataKey, m.SigningKey, err = p.openDataKey(ctx, req.EncryptedDataKeys, ec, canonical)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// itemEncryptor names this package where it, and not a keyring, refused a key.
const itemEncryptor = "item encryptor"

// openDataKey opens one of the encrypted data keys. A data key whose
// intermediate key opens but does not unwrap it is set aside, and the keyring is
// asked again with the rest: names and paddings can match by chance.
func (p keyringMaterials) openDataKey(ctx context.Context, keys []EncryptedDataKey, ec EncryptionContext, canonical []byte) (dataKey, signingKey Key, err error) {
	var failures []*DataKeyError
	wrapped := make([][]byte, 0, len(keys))
	blobs := make([]EncryptedDataKey, 0, len(keys))
	for _, k := range keys {
		if len(k.Ciphertext) < wrappedKeyLen {
			failures = append(failures, NewDataKeyError(itemEncryptor, k, ReasonMalformed, nil))
			continue
		}
		wrapped = append(wrapped, k.Ciphertext[:wrappedKeyLen])
		k.Ciphertext = k.Ciphertext[wrappedKeyLen:]
		blobs = append(blobs, k)
	}
	for len(blobs) > 0 {
		intermediate, i, err := p.keyring.OpenKey(ctx, blobs, ec)
		if none := (*NoKeyError)(nil); errors.As(err, &none) {
			failures = append(failures, none.Failures...)
			break
		}
		if err != nil {
			return Key{}, Key{}, fmt.Errorf("open data key: %w", err)
		}
		if i < 0 || i >= len(blobs) || intermediate.Len() != keyLen {
			return Key{}, Key{}, fmt.Errorf("%w: the keyring opened no key of %d bytes", ErrMaterials, keyLen)
		}
		dataKey, signingKey, err = unwrapDataKey(intermediate.InsecureBytes(), wrapped[i], canonical)
		intermediate.Wipe()
		if err == nil {
			return dataKey, signingKey, nil
		}
		// The cause is dropped: it only says that authentication failed.
		failures = append(failures, NewDataKeyError(itemEncryptor, blobs[i], ReasonContextMismatch, nil))
		blobs, wrapped = slices.Delete(blobs, i, i+1), slices.Delete(wrapped, i, i+1)
	}
	return Key{}, Key{}, &NoKeyError{failures}
}

// newMaterials asks the provider for the keys of an item with context ec, none
// of whose pairs is to be stored, and checks what it returns.
func (e *ItemEncryptor) newMaterials(ctx context.Context, ec EncryptionContext) (*EncryptionMaterials, error) {
	required := slices.AppendSeq(make([]string, 0, len(ec)), maps.Keys(ec))
	req := EncryptionRequest{Suite: e.suite, EncryptionContext: ec, RequiredNames: required}
	if e.custom {
		req.EncryptionContext = maps.Clone(ec)
	}
	m, err := e.materials.EncryptionMaterials(ctx, req)
	if err != nil {
		return nil, err
	}
	if err := m.check(e.suite); err != nil {
		return nil, err
	}
	if e.custom {
		if m.serialized, err = m.EncryptionContext.Serialize(); err != nil {
			return nil, err
		}
		if err := requireContext(m.EncryptionContext, ec); err != nil {
			return nil, err
		}
		for name := range m.storedContext() {
			if _, required := ec[name]; required {
				return nil, fmt.Errorf("%w: %s is to be stored although it is required of the reader", ErrMaterials, name)
			}
		}
	}
	return m, nil
}

// openMaterials asks the provider for the keys of a stored item.
func (e *ItemEncryptor) openMaterials(ctx context.Context, h *header, reproduced EncryptionContext) (*DecryptionMaterials, error) {
	req := DecryptionRequest{
		Suite: h.suite, EncryptedDataKeys: h.dataKeys, StoredContext: h.context, ReproducedContext: reproduced,
	}
	if e.custom {
		req.EncryptedDataKeys = slices.Clone(h.dataKeys)
		req.StoredContext = maps.Clone(h.context)
		req.ReproducedContext = maps.Clone(reproduced)
	}
	m, err := e.materials.DecryptionMaterials(ctx, req)
	if err != nil {
		return nil, err
	}
	if err := m.check(h.suite); err != nil {
		return nil, err
	}
	if e.custom {
		if m.serialized, err = m.EncryptionContext.Serialize(); err != nil {
			return nil, err
		}
		for _, part := range []EncryptionContext{h.context, reproduced} {
			if err := requireContext(m.EncryptionContext, part); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

// storedContext returns the part of the encryption context that stands in the
// header.
func (m *EncryptionMaterials) storedContext() EncryptionContext {
	var few [16]string
	required := append(few[:0], m.RequiredNames...)
	slices.Sort(required)
	var stored EncryptionContext
	for name, value := range m.EncryptionContext {
		if _, ok := slices.BinarySearch(required, name); ok {
			continue
		}
		if stored == nil {
			stored = make(EncryptionContext, 1)
		}
		stored[name] = value
	}
	return stored
}

func requireContext(all, part EncryptionContext) error {
	for name, value := range part {
		if got, ok := all[name]; !ok || got != value {
			return fmt.Errorf("%w: the encryption context lacks %s or has another value for it", ErrMaterials, name)
		}
	}
	return nil
}

func (m *EncryptionMaterials) check(s Suite) error {
	unusable := func(why string) error { return fmt.Errorf("%w: %s", ErrMaterials, why) }
	if m == nil {
		return unusable("the provider returned nil")
	}
	if m.Suite != s {
		return unusable("they are for another suite")
	}
	if n := len(m.EncryptedDataKeys); n == 0 || n > maxDataKeys {
		return unusable(fmt.Sprintf("%d encrypted data keys, not 1 to %d", n, maxDataKeys))
	}
	if len(m.SigningKeys) != len(m.EncryptedDataKeys) {
		return unusable("not one signing key for each encrypted data key")
	}
	for _, k := range m.EncryptedDataKeys {
		if err := k.check(); err != nil {
			return unusable(err.Error())
		}
	}
	if m.PlaintextDataKey.Len() != keyLen {
		return unusable(fmt.Sprintf("data key of %d bytes, not %d", m.PlaintextDataKey.Len(), keyLen))
	}
	for _, k := range m.SigningKeys {
		if k.Len() != keyLen {
			return unusable(fmt.Sprintf("signing key of %d bytes, not %d", k.Len(), keyLen))
		}
	}
	if s.Signs() != (m.SigningKey != nil) {
		return unusable("a P-384 signing key where the suite has none, or none where it has one")
	}
	if s.Signs() {
		if text, err := encodeVerificationKey(&m.SigningKey.PublicKey); err != nil || m.EncryptionContext[contextPublicKey] != text {
			return unusable("the encryption context lacks the public key of the signing key")
		}
	}
	return nil
}

func (m *DecryptionMaterials) check(s Suite) error {
	switch {
	case m == nil:
		return fmt.Errorf("%w: the provider returned nil", ErrMaterials)
	case m.Suite != s:
		return fmt.Errorf("%w: they are for another suite", ErrMaterials)
	case m.PlaintextDataKey.Len() != keyLen || m.SigningKey.Len() != keyLen:
		return fmt.Errorf("%w: a key has not %d bytes", ErrMaterials, keyLen)
	case s.Signs() != (m.VerificationKey != nil):
		return fmt.Errorf("%w: a verification key where the suite has none, or none where it has one", ErrMaterials)
	}
	return nil
}
