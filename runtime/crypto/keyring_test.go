package crypto_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/raw"
)

func newMulti(tb testing.TB, generator crypto.Keyring, children ...crypto.Keyring) *crypto.Multi {
	tb.Helper()
	m, err := crypto.NewMulti(generator, children...)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

func withKeyring(tb testing.TB, k crypto.Keyring) *crypto.ItemEncryptor {
	c := goodConfig(tb)
	c.Keyring = k
	return newEncryptor(tb, c)
}

func aesWith(tb testing.TB, namespace, name string, fill byte) *raw.AES {
	tb.Helper()
	k, err := raw.NewAES(namespace, name, crypto.NewKey(slices.Repeat([]byte{fill}, 16)))
	if err != nil {
		tb.Fatal(err)
	}
	return k
}

func TestMulti(t *testing.T) {
	a, b, c := aesWith(t, "ns", "a", 1), aesWith(t, "ns", "b", 2), aesWith(t, "ns", "c", 3)
	item := encrypt(t, withKeyring(t, newMulti(t, a, b, newMulti(t, c))), goodItem())
	for i, k := range []crypto.Keyring{a, b, c, newMulti(t, nil, c), newMulti(t, aesWith(t, "ns", "d", 4), b)} {
		if _, err := withKeyring(t, k).Decrypt(t.Context(), item); err != nil {
			t.Errorf("reader %d: %v", i, err)
		}
	}
	head, err := crypto.DescribeDataKeys(find(t, item, attribute.HeaderName).Value)
	if err != nil || len(head) != 3 || head[0].KeyID != "a" || head[1].KeyID != "b" || head[2].KeyID != "c" {
		t.Errorf("data keys %+v, %v", head, err)
	}
	if _, err := withKeyring(t, newMulti(t, nil, a)).Encrypt(t.Context(), goodItem()); !errors.Is(err, crypto.ErrDecryptOnly) {
		t.Errorf("Encrypt without a generator: %v", err)
	}
	if _, err := withKeyring(t, newMulti(t, a, crypto.DecryptOnly(b))).Encrypt(t.Context(), goodItem()); !errors.Is(err, crypto.ErrDecryptOnly) {
		t.Errorf("Encrypt with a member that cannot: %v", err)
	}
	if _, err := crypto.NewMulti(nil); err == nil {
		t.Error("a multi-keyring without members is accepted")
	}
	if _, err := crypto.NewMulti(a, nil); err == nil {
		t.Error("a nil child is accepted")
	}
}

// The error of a failed decrypt names every data key, and why each keyring did
// not open it, typed and with the cause.
func TestNoKeyError(t *testing.T) {
	item := encrypt(t, withKeyring(t, newMulti(t, aesWith(t, "ns", "a", 1), aesWith(t, "ns", "b", 2))), goodItem())
	denied := errors.New("denied by policy 7")
	kms := crypto.DecryptOnly(decrypterFunc(func(keys []crypto.EncryptedDataKey) (crypto.Key, int, error) {
		return crypto.Key{}, 0, &crypto.NoKeyError{Failures: []*crypto.DataKeyError{
			crypto.NewDataKeyError("some KMS keyring", keys[1], crypto.ReasonAccessDenied, denied),
		}}
	}))
	broken := crypto.DecryptOnly(decrypterFunc(func([]crypto.EncryptedDataKey) (crypto.Key, int, error) {
		return crypto.Key{}, 0, errors.New("no network")
	}))
	reader := withKeyring(t, newMulti(t, aesWith(t, "ns", "a", 9), aesWith(t, "other", "a", 1), kms, broken, crypto.EncryptOnly(aesWith(t, "ns", "b", 2))))
	_, err := reader.Decrypt(t.Context(), item)

	var none *crypto.NoKeyError
	if !errors.As(err, &none) || len(none.Failures) != 2+2+1+1+2 {
		t.Fatalf("Decrypt: %v", err)
	}
	for _, reason := range []error{
		crypto.ReasonWrongKey, crypto.ReasonNotMatching, crypto.ReasonAccessDenied, crypto.ReasonUnavailable, crypto.ReasonEncryptOnly,
		denied, crypto.ErrEncryptOnly,
	} {
		if !errors.Is(err, reason) {
			t.Errorf("the error is not %v", reason)
		}
	}
	if errors.Is(err, crypto.ReasonFiltered) || errors.Is(err, crypto.ErrAuthentication) {
		t.Error("the error is what it is not")
	}
	first := none.Failures[0]
	if first.ProviderID != "ns" || first.KeyID != "a" || first.Reason != crypto.ReasonWrongKey || first.Keyring != `raw AES keyring "ns" "a"` {
		t.Errorf("first failure %+v", first)
	}
	for _, part := range []string{`raw AES keyring "other" "a"`, "some KMS keyring", "denied by policy 7", "no network", "data key of ns b"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %q", part, err)
		}
	}
}

type decrypterFunc func([]crypto.EncryptedDataKey) (crypto.Key, int, error)

func (f decrypterFunc) OpenKey(_ context.Context, keys []crypto.EncryptedDataKey, _ crypto.EncryptionContext) (crypto.Key, int, error) {
	return f(keys)
}

// A keyring that opens a data key with a key that happens to fit is asked again
// without it.
func TestOpenedKeyThatDoesNotFit(t *testing.T) {
	a := aesWith(t, "ns", "a", 1)
	item := encrypt(t, withKeyring(t, newMulti(t, aesWith(t, "ns", "x", 7), aesWith(t, "ns", "y", 8), a)), goodItem())
	asked := 0
	chance := decrypterFunc(func(keys []crypto.EncryptedDataKey) (crypto.Key, int, error) {
		asked++
		if len(keys) > 1 {
			return crypto.NewKey(make([]byte, 32)), 0, nil
		}
		return a.OpenKey(t.Context(), keys, contextOf(t, item))
	})
	if _, err := withKeyring(t, crypto.DecryptOnly(chance)).Decrypt(t.Context(), item); err != nil {
		t.Errorf("Decrypt: %v", err)
	}
	if asked != 3 {
		t.Errorf("the keyring was asked %d times, not 3", asked)
	}

	always := decrypterFunc(func([]crypto.EncryptedDataKey) (crypto.Key, int, error) {
		return crypto.NewKey(make([]byte, 32)), 0, nil
	})
	_, err := withKeyring(t, crypto.DecryptOnly(always)).Decrypt(t.Context(), item)
	var none *crypto.NoKeyError
	if !errors.As(err, &none) || len(none.Failures) != 3 || !errors.Is(err, crypto.ReasonContextMismatch) {
		t.Errorf("Decrypt: %v", err)
	}
}

// contextOf returns the encryption context that a reader of item reproduces.
func contextOf(tb testing.TB, item []attribute.Attribute) crypto.EncryptionContext {
	tb.Helper()
	var ec crypto.EncryptionContext
	spy := spyKeyring{newAES(tb, "spy"), &ec}
	if _, err := withKeyring(tb, spy).Decrypt(tb.Context(), item); err == nil {
		tb.Fatal("the spy opened a key")
	}
	return ec
}

type spyKeyring struct {
	crypto.Keyring
	ec *crypto.EncryptionContext
}

func (s spyKeyring) OpenKey(ctx context.Context, keys []crypto.EncryptedDataKey, ec crypto.EncryptionContext) (crypto.Key, int, error) {
	*s.ec = ec
	return s.Keyring.OpenKey(ctx, keys, ec)
}

// What a keyring's author may get wrong is an error, not a panic.
func TestUnusableKeyrings(t *testing.T) {
	item := encrypt(t, newEncryptor(t, goodConfig(t)), goodItem())
	for name, open := range map[string]decrypterFunc{
		"no key": func([]crypto.EncryptedDataKey) (crypto.Key, int, error) { return crypto.Key{}, 0, nil },
		"short key": func([]crypto.EncryptedDataKey) (crypto.Key, int, error) {
			return crypto.NewKey(make([]byte, 16)), 0, nil
		},
		"negative index": func([]crypto.EncryptedDataKey) (crypto.Key, int, error) {
			return crypto.NewKey(make([]byte, 32)), -1, nil
		},
		"large index": func([]crypto.EncryptedDataKey) (crypto.Key, int, error) {
			return crypto.NewKey(make([]byte, 32)), 1, nil
		},
	} {
		if _, err := withKeyring(t, crypto.DecryptOnly(open)).Decrypt(t.Context(), item); !errors.Is(err, crypto.ErrMaterials) {
			t.Errorf("OpenKey, %s: %v", name, err)
		}
	}
	for name, keys := range map[string][]crypto.WrappedKey{
		"no keys":          nil,
		"empty key":        {{}},
		"short key":        {{Key: crypto.NewKey(make([]byte, 16))}},
		"long ciphertext":  {{Key: crypto.NewKey(make([]byte, 32)), EncryptedDataKey: crypto.EncryptedDataKey{Ciphertext: make([]byte, 65535-47)}}},
		"provider not UTF": {{Key: crypto.NewKey(make([]byte, 32)), EncryptedDataKey: crypto.EncryptedDataKey{ProviderID: "\xff"}}},
	} {
		k := crypto.EncryptOnly(encrypterFunc(func() ([]crypto.WrappedKey, error) { return keys, nil }))
		if _, err := withKeyring(t, k).Encrypt(t.Context(), goodItem()); !errors.Is(err, crypto.ErrMaterials) {
			t.Errorf("NewKeys, %s: %v", name, err)
		}
	}
}

// The keys that pass through are wiped when the item is done.
func TestKeysAreWiped(t *testing.T) {
	var seen []crypto.Key
	aes := newAES(t, "key")
	k := struct {
		crypto.Encrypter
		crypto.Decrypter
	}{
		encrypterFunc(func() ([]crypto.WrappedKey, error) {
			keys, err := aes.NewKeys(t.Context(), nil)
			if err == nil {
				seen = append(seen, keys[0].Key)
			}
			return keys, err
		}),
		decrypterFunc(func(keys []crypto.EncryptedDataKey) (crypto.Key, int, error) {
			key, i, err := aes.OpenKey(t.Context(), keys, nil)
			seen = append(seen, key)
			return key, i, err
		}),
	}
	c := goodConfig(t)
	c.Materials = provider{
		MaterialsProvider: crypto.DefaultMaterials(k),
		encryption: func(m *crypto.EncryptionMaterials) *crypto.EncryptionMaterials {
			seen = append(append(seen, m.PlaintextDataKey), m.SigningKeys...)
			return m
		},
		decryption: func(m *crypto.DecryptionMaterials) *crypto.DecryptionMaterials {
			seen = append(seen, m.PlaintextDataKey, m.SigningKey)
			return m
		},
	}
	c.Keyring = nil
	e := newEncryptor(t, c)
	if _, err := e.Decrypt(t.Context(), encrypt(t, e, goodItem())); err != nil {
		t.Fatal(err)
	}
	if len(seen) != 6 {
		t.Fatalf("%d keys were seen, not 6", len(seen))
	}
	for i, key := range seen {
		if !slices.Equal(key.InsecureBytes(), make([]byte, 32)) {
			t.Errorf("key %d is still there", i)
		}
	}
}
