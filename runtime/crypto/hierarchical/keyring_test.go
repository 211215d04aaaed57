package hierarchical_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/internal/derive"
	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
	"github.com/ddbegen/ddbegen/runtime/crypto/hierarchical"
	"github.com/ddbegen/ddbegen/runtime/crypto/keycache"
)

const ttl = time.Minute

var ec = crypto.EncryptionContext{"aws-crypto-table-name": "Units", "aws-crypto-partition-name": "id"}

func memory(t testing.TB, ids ...string) *branchkey.Memory {
	t.Helper()
	m := branchkey.NewMemory()
	for _, id := range ids {
		if _, err := m.Create(id); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

func keyring(t testing.TB, source branchkey.BranchKeySource, supplier hierarchical.Supplier, options ...hierarchical.Option) *hierarchical.Keyring {
	t.Helper()
	k, err := hierarchical.New(source, supplier, ttl, options...)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func newKey(t testing.TB, k crypto.Encrypter, ec crypto.EncryptionContext) crypto.WrappedKey {
	t.Helper()
	keys, err := k.NewKeys(t.Context(), ec)
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) != 1 {
		t.Fatalf("%d keys, want 1", len(keys))
	}
	return keys[0]
}

func same(a, b crypto.Key) bool {
	return a.Len() == b.Len() && bytes.Equal(a.InsecureBytes(), b.InsecureBytes())
}

// Data keys that another client wrapped under a known branch key.
func TestKnownAnswers(t *testing.T) {
	text, err := os.ReadFile("../../../testdata/vectors/search/hierarchical.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		KeyStores map[string]struct {
			PlaintextKeys map[string]struct {
				Versions map[string]string
			}
		}
		Cases []struct {
			ID, Kind, Op string
			Keyring      struct {
				Hierarchical struct{ BranchKeyID, KeyStore string }
			}
			EncryptionContext       crypto.EncryptionContext
			PlaintextDataKeyHex     string
			SymmetricSigningKeysHex []string
			EDK                     struct{ CiphertextHex, KeyProviderID, KeyProviderInfoUtf8 string }
		}
	}
	if err := json.Unmarshal(text, &vectors); err != nil {
		t.Fatal(err)
	}
	source := branchkey.NewMemory()
	for id, keys := range vectors.KeyStores["ks"].PlaintextKeys {
		for version, key := range keys.Versions {
			if err := source.Add(&branchkey.BranchKey{ID: id, Version: version, Key: crypto.NewKey(unhex(t, key))}); err != nil {
				t.Fatal(err)
			}
		}
	}
	ran := 0
	for _, c := range vectors.Cases {
		if c.Kind != "keyring" {
			continue
		}
		ran++
		t.Run(c.ID, func(t *testing.T) {
			k := keyring(t, source, hierarchical.Static(c.Keyring.Hierarchical.BranchKeyID))
			blob := unhex(t, c.EDK.CiphertextHex)
			item := len(c.SymmetricSigningKeysHex) > 0 // else the blob is the wrapped data key itself
			if item {
				blob = blob[48:]
			}
			edk := crypto.EncryptedDataKey{ProviderID: c.EDK.KeyProviderID, ProviderInfo: []byte(c.EDK.KeyProviderInfoUtf8), Ciphertext: blob}
			key, _, err := k.OpenKey(t.Context(), []crypto.EncryptedDataKey{edk}, c.EncryptionContext)
			if err != nil {
				t.Fatal(err)
			}
			got, want := key.InsecureBytes(), c.PlaintextDataKeyHex
			if item {
				want = c.SymmetricSigningKeysHex[0]
				got, _ = derive.Intermediate(got)
			}
			if hex.EncodeToString(got) != want {
				t.Error("opened to another key")
			}
		})
	}
	if ran < 4 {
		t.Fatalf("%d known answers, want 4", ran)
	}
}

// The branch key of AWS's published test vectors, and the canonical context and
// data key of one of their records.
func TestPublishedBranchKey(t *testing.T) {
	const (
		id      = "bd3842ff-3076-4092-9918-4395730050b8"
		version = "e9ce18a3-edb5-4272-9f86-1cacb7997ff6"
	)
	material, err := base64.StdEncoding.DecodeString("tJwf65epYvUt5HMiQsl/6jlvLxS0tgdjIuvFy2BLIwg=")
	if err != nil {
		t.Fatal(err)
	}
	source := branchkey.NewMemory()
	if err := source.Add(&branchkey.BranchKey{ID: id, Version: version, Key: crypto.NewKey(material)}); err != nil {
		t.Fatal(err)
	}
	ec := crypto.EncryptionContext{
		"aws-crypto-table-name":     "GazelleVectorTable",
		"aws-crypto-partition-name": "RecNum",
		"aws-crypto-attr.RecNum":    "AAIx",
	}
	canonical, err := ec.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	const wantCanonical = "000300166177732d63727970746f2d617474722e5265634e756d00044141497800196177732d63727970746f2d" +
		"706172746974696f6e2d6e616d6500065265634e756d00156177732d63727970746f2d7461626c652d6e616d65" +
		"001247617a656c6c65566563746f725461626c65"
	if got := hex.EncodeToString(canonical); got != wantCanonical {
		t.Errorf("canonical context %s", got)
	}
	w := newKey(t, keyring(t, source, hierarchical.Static(id)), ec)
	if got := hex.EncodeToString(w.EncryptedDataKey.Ciphertext[28:44]); got != strings.ReplaceAll(version, "-", "") {
		t.Errorf("version on the wire %s", got)
	}
	if n := len(w.EncryptedDataKey.Ciphertext); n != 92 {
		t.Errorf("%d bytes on the wire, want 92", n)
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestRoundTrip(t *testing.T) {
	source := memory(t, "tenant ü")
	k := keyring(t, source, hierarchical.Static("tenant ü"))
	rapid.Check(t, func(r *rapid.T) {
		ec := crypto.EncryptionContext(rapid.MapOf(rapid.String(), rapid.String()).Draw(r, "context"))
		keys, err := k.NewKeys(t.Context(), ec)
		if err != nil {
			r.Fatal(err)
		}
		edk := keys[0].EncryptedDataKey
		key, index, err := k.OpenKey(t.Context(), []crypto.EncryptedDataKey{{ProviderID: "raw"}, edk}, ec)
		if err != nil || index != 1 || !same(key, keys[0].Key) {
			r.Fatalf("index %d, error %v", index, err)
		}

		changed := edk
		changed.Ciphertext = slices.Clone(edk.Ciphertext)
		changed.Ciphertext[rapid.IntRange(0, len(changed.Ciphertext)-1).Draw(r, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(r, "bit")
		if _, _, err := k.OpenKey(t.Context(), []crypto.EncryptedDataKey{changed}, ec); err == nil {
			r.Fatal("a changed data key opened")
		}
		other := crypto.EncryptionContext{"one more": "x"}
		for name, value := range ec {
			other[name] = value
		}
		if _, _, err := k.OpenKey(t.Context(), []crypto.EncryptedDataKey{edk}, other); !errors.Is(err, crypto.ReasonWrongKey) {
			r.Fatalf("under another context: %v", err)
		}
	})
}

// Whatever stands in an encrypted data key, opening it does not panic, and
// nothing opens but what the keyring wrapped.
func FuzzOpenKey(f *testing.F) {
	source := memory(f, "tenant")
	k := keyring(f, source, hierarchical.Static("tenant"), hierarchical.WithCache(keycache.None()))
	wrapped := newKey(f, k, ec)
	good := wrapped.EncryptedDataKey.Ciphertext
	seeds := [][]byte{good, good[:len(good)-1], good[:76], append(slices.Clone(good), 0), nil}
	for _, seed := range seeds {
		f.Add(seed, "tenant")
	}
	f.Fuzz(func(t *testing.T, ciphertext []byte, info string) {
		edk := crypto.EncryptedDataKey{ProviderID: hierarchical.ProviderID, ProviderInfo: []byte(info), Ciphertext: ciphertext}
		key, _, err := k.OpenKey(t.Context(), []crypto.EncryptedDataKey{edk}, ec)
		genuine := bytes.Equal(ciphertext, good) && info == "tenant"
		if (err == nil) != genuine || genuine && !same(key, wrapped.Key) {
			t.Errorf("opening %x for %q: %v", ciphertext, info, err)
		}
	})
}

func TestRotation(t *testing.T) {
	source := memory(t, "tenant")
	k := keyring(t, source, hierarchical.Static("tenant"), hierarchical.WithCache(keycache.None()))
	before := newKey(t, k, ec)
	if _, err := source.Rotate("tenant"); err != nil {
		t.Fatal(err)
	}
	after := newKey(t, k, ec)
	if bytes.Equal(before.EncryptedDataKey.Ciphertext[28:44], after.EncryptedDataKey.Ciphertext[28:44]) {
		t.Error("a new item uses the version from before the rotation")
	}
	for _, w := range []crypto.WrappedKey{before, after} {
		key, _, err := k.OpenKey(t.Context(), []crypto.EncryptedDataKey{w.EncryptedDataKey}, ec)
		if err != nil || !same(key, w.Key) {
			t.Errorf("not readable after the rotation: %v", err)
		}
	}
}

// byTenant takes the branch key id from the partition key.
var byTenant = hierarchical.SupplierFunc(func(_ context.Context, attributes hierarchical.Attributes) (string, error) {
	tenant, ok := attributes.Text("tenant")
	if !ok {
		return "", errors.New("no tenant")
	}
	return tenant, nil
})

// contextOf is the context of an item whose partition key is the string tenant.
func contextOf(tenant string) crypto.EncryptionContext {
	return crypto.EncryptionContext{
		"aws-crypto-table-name":     "Units",
		"aws-crypto-partition-name": "tenant",
		"aws-crypto-attr.tenant":    base64.StdEncoding.EncodeToString([]byte("\x00\x01" + tenant)),
	}
}

func TestTenants(t *testing.T) {
	source := memory(t, "blue", "green")
	k := keyring(t, source, byTenant)
	blue := newKey(t, k, contextOf("blue"))
	if id := string(blue.EncryptedDataKey.ProviderInfo); id != "blue" {
		t.Errorf("the item of blue is encrypted for %q", id)
	}
	if key, _, err := k.OpenKey(t.Context(), []crypto.EncryptedDataKey{blue.EncryptedDataKey}, contextOf("blue")); err != nil || !same(key, blue.Key) {
		t.Errorf("blue cannot read its item: %v", err)
	}
	_, _, err := k.OpenKey(t.Context(), []crypto.EncryptedDataKey{blue.EncryptedDataKey}, contextOf("green"))
	if !errors.Is(err, crypto.ReasonNotMatching) {
		t.Errorf("green, reading the item of blue, got %v", err)
	}

	included := crypto.EncryptionContext{
		"aws-crypto-table-name": "Units", "aws-crypto-partition-name": "id", "aws-crypto-legend": "SN",
		"aws-crypto-attr.id": "7", "aws-crypto-attr.tenant": "12.5",
	}
	if _, err := source.Create("12.5"); err != nil {
		t.Fatal(err)
	}
	if id := string(newKey(t, k, included).EncryptedDataKey.ProviderInfo); id != "12.5" {
		t.Errorf("an item with the tenant in its encryption context is encrypted for %q", id)
	}
}

func TestSupplierErrors(t *testing.T) {
	refused := errors.New("refused")
	for name, c := range map[string]struct {
		supplier hierarchical.Supplier
		want     error
	}{
		"its own error": {hierarchical.SupplierFunc(func(context.Context, hierarchical.Attributes) (string, error) { return "", refused }), refused},
		"no id":         {hierarchical.SupplierFunc(func(context.Context, hierarchical.Attributes) (string, error) { return "", nil }), branchkey.ErrMalformed},
	} {
		k := keyring(t, memory(t), c.supplier)
		if _, err := k.NewKeys(t.Context(), contextOf("blue")); !errors.Is(err, c.want) {
			t.Errorf("%s: NewKeys: %v", name, err)
		}
		if _, _, err := k.OpenKey(t.Context(), []crypto.EncryptedDataKey{{}}, contextOf("blue")); !errors.Is(err, c.want) {
			t.Errorf("%s: OpenKey: %v", name, err)
		}
	}
}

// denied is an error as the AWS SDK makes them.
type denied struct{}

func (denied) Error() string     { return "not authorized to perform kms:Decrypt" }
func (denied) ErrorCode() string { return "AccessDeniedException" }

type failing struct{ err error }

func (f failing) ActiveBranchKey(context.Context, string) (*branchkey.BranchKey, error) {
	return nil, f.err
}

func (f failing) BranchKeyVersion(context.Context, string, string) (*branchkey.BranchKey, error) {
	return nil, f.err
}

func TestFailuresAreNamed(t *testing.T) {
	const id = "tenant"
	source := memory(t, id)
	whole := newKey(t, keyring(t, source, hierarchical.Static(id)), ec).EncryptedDataKey
	for _, c := range []struct {
		name   string
		source branchkey.BranchKeySource
		change func(*crypto.EncryptedDataKey)
		want   []error
	}{
		{"another provider", source, func(k *crypto.EncryptedDataKey) { k.ProviderID = "aws-kms" }, []error{crypto.ReasonNotMatching}},
		{"another branch key", source, func(k *crypto.EncryptedDataKey) { k.ProviderInfo = []byte("other") }, []error{crypto.ReasonNotMatching}},
		{"cut short", source, func(k *crypto.EncryptedDataKey) { k.Ciphertext = k.Ciphertext[:91] }, []error{crypto.ReasonMalformed}},
		{"empty", source, func(k *crypto.EncryptedDataKey) { k.Ciphertext = nil }, []error{crypto.ReasonMalformed}},
		{"another store", memory(t, id), func(*crypto.EncryptedDataKey) {}, []error{crypto.ReasonUnavailable, branchkey.ErrNotFound}},
		{"no permission", failing{denied{}}, func(*crypto.EncryptedDataKey) {}, []error{crypto.ReasonAccessDenied, denied{}}},
		{"source that returns nothing", failing{}, func(*crypto.EncryptedDataKey) {}, []error{crypto.ReasonUnavailable, branchkey.ErrMalformed}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := keyring(t, c.source, hierarchical.Static(id), hierarchical.WithCache(keycache.None()))
			edk := whole
			c.change(&edk)
			_, _, err := k.OpenKey(t.Context(), []crypto.EncryptedDataKey{edk, edk}, ec)
			var none *crypto.NoKeyError
			if !errors.As(err, &none) || len(none.Failures) != 2 {
				t.Fatalf("got %v, want the failure of each data key", err)
			}
			for _, want := range c.want {
				if !errors.Is(err, want) {
					t.Errorf("%v does not wrap %v", err, want)
				}
			}
		})
	}
	if _, err := keyring(t, failing{denied{}}, hierarchical.Static(id)).NewKeys(t.Context(), ec); !errors.Is(err, denied{}) {
		t.Errorf("NewKeys: %v", err)
	}
}

func TestCancelledCallIsNotAFailureOfTheKeys(t *testing.T) {
	source := memory(t, "tenant")
	edk := newKey(t, keyring(t, source, hierarchical.Static("tenant")), ec).EncryptedDataKey
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := keyring(t, source, hierarchical.Static("tenant")).OpenKey(ctx, []crypto.EncryptedDataKey{edk}, ec)
	var none *crypto.NoKeyError
	if !errors.Is(err, context.Canceled) || errors.As(err, &none) {
		t.Errorf("got %v, want context.Canceled", err)
	}
}

// counting counts what is asked of a source.
type counting struct {
	branchkey.Source
	active, version atomic.Int64
}

func (c *counting) ActiveBranchKey(ctx context.Context, id string) (*branchkey.BranchKey, error) {
	c.active.Add(1)
	return c.Source.ActiveBranchKey(ctx, id)
}

func (c *counting) BranchKeyVersion(ctx context.Context, id, version string) (*branchkey.BranchKey, error) {
	c.version.Add(1)
	return c.Source.BranchKeyVersion(ctx, id, version)
}

type named struct {
	*counting
	name string
}

func (n named) LogicalKeyStoreName() string { return n.name }

func TestColdKeyringAsksItsSourceOnce(t *testing.T) {
	source := &counting{Source: memory(t, "tenant")}
	k := keyring(t, source, hierarchical.Static("tenant"))
	var group sync.WaitGroup
	for range 1000 {
		group.Go(func() {
			keys, err := k.NewKeys(t.Context(), ec)
			if err != nil {
				t.Error(err)
				return
			}
			if key, _, err := k.OpenKey(t.Context(), []crypto.EncryptedDataKey{keys[0].EncryptedDataKey}, ec); err != nil || !same(key, keys[0].Key) {
				t.Errorf("round trip: %v", err)
			}
		})
	}
	group.Wait()
	if a, v := source.active.Load(), source.version.Load(); a != 1 || v != 1 {
		t.Errorf("1000 goroutines read the active branch key %d times and its version %d times, want once each", a, v)
	}
}

func TestSharedCache(t *testing.T) {
	cache := keycache.Default()
	ask := func(source branchkey.BranchKeySource, options ...hierarchical.Option) {
		newKey(t, keyring(t, source, hierarchical.Static("tenant"), append(options, hierarchical.WithCache(cache))...), ec)
	}
	source := &counting{Source: memory(t, "tenant")}
	one := named{source, "one"}
	ask(one, hierarchical.WithPartition("p"))
	ask(one, hierarchical.WithPartition("p"))
	if n := source.active.Load(); n != 1 {
		t.Errorf("two keyrings of one partition read %d times, want 1", n)
	}
	ask(one, hierarchical.WithPartition("q"))
	ask(one)
	ask(one)
	ask(named{source, "two"}, hierarchical.WithPartition("p"))
	if n := source.active.Load(); n != 5 {
		t.Errorf("keyrings of other partitions and stores shared keys: %d reads, want 5", n)
	}
}

func TestConfiguration(t *testing.T) {
	source := memory(t, "tenant")
	for name, make := range map[string]func() (*hierarchical.Keyring, error){
		"no source":   func() (*hierarchical.Keyring, error) { return hierarchical.New(nil, hierarchical.Static("x"), ttl) },
		"no supplier": func() (*hierarchical.Keyring, error) { return hierarchical.New(source, nil, ttl) },
		"empty id":    func() (*hierarchical.Keyring, error) { return hierarchical.New(source, hierarchical.Static(""), ttl) },
		"no ttl":      func() (*hierarchical.Keyring, error) { return hierarchical.New(source, hierarchical.Static("x"), 0) },
		"ttl within the grace period": func() (*hierarchical.Keyring, error) {
			return hierarchical.New(source, hierarchical.Static("x"), 10*time.Second)
		},
		"shared partition without a name": func() (*hierarchical.Keyring, error) {
			return hierarchical.New(failing{}, hierarchical.Static("x"), ttl, hierarchical.WithPartition("p"))
		},
	} {
		if _, err := make(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func BenchmarkKeyring(b *testing.B) {
	k := keyring(b, memory(b, "tenant"), hierarchical.Static("tenant"))
	edks := []crypto.EncryptedDataKey{newKey(b, k, ec).EncryptedDataKey}
	b.Run("NewKeys", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := k.NewKeys(b.Context(), ec); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("OpenKey", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := k.OpenKey(b.Context(), edks, ec); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("OpenKey/contended", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(50)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, _, err := k.OpenKey(b.Context(), edks, ec); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}
