package branchkey_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/runtime/crypto"
	"github.com/ddbegen/ddbegen/runtime/crypto/branchkey"
)

func TestMemoryCreateAndRotate(t *testing.T) {
	ctx := t.Context()
	m := branchkey.NewMemory()
	id, err := m.Create("")
	if err != nil {
		t.Fatal(err)
	}
	first, err := m.ActiveBranchKey(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	beacon, err := m.BeaconKey(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	version, err := m.Rotate(id)
	if err != nil {
		t.Fatal(err)
	}
	active, err := m.ActiveBranchKey(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if active.Version != version || active.Version == first.Version || same(active.Key, first.Key) {
		t.Errorf("rotation left the active version %s", active.Version)
	}
	old, err := m.BranchKeyVersion(ctx, id, first.Version)
	if err != nil {
		t.Fatal(err)
	}
	if !same(old.Key, first.Key) {
		t.Error("rotation changed an earlier version")
	}
	after, err := m.BeaconKey(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if !same(after.Key, beacon.Key) {
		t.Error("rotation changed the beacon key, so that no stored beacon would be found again")
	}
}

func TestMemoryReturnsCopies(t *testing.T) {
	m := branchkey.NewMemory()
	material := bytes.Repeat([]byte{7}, branchkey.KeyLen)
	version := branchkey.NewVersion()
	given := branchkey.BranchKey{ID: "tenant", Version: version, Key: crypto.NewKey(material), EncryptionContext: map[string]string{"a": "b"}}
	if err := m.Add(&given); err != nil {
		t.Fatal(err)
	}
	given.Wipe()
	for range 2 {
		k, err := m.ActiveBranchKey(t.Context(), "tenant")
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(k.Key.InsecureBytes(), bytes.Repeat([]byte{7}, branchkey.KeyLen)) {
			t.Fatal("a caller that wiped its key wiped the key of the source")
		}
		k.Wipe()
		k.EncryptionContext["a"] = "changed"
	}
}

func TestMemoryErrors(t *testing.T) {
	ctx := t.Context()
	m := branchkey.NewMemory()
	if _, err := m.Create("tenant"); err != nil {
		t.Fatal(err)
	}
	key := crypto.NewKey(make([]byte, branchkey.KeyLen))
	version := branchkey.NewVersion()
	for _, c := range []struct {
		name string
		want error
		call func() error
	}{
		{"create again", branchkey.ErrExists, func() error { _, err := m.Create("tenant"); return err }},
		{"create with an id that is not UTF-8", branchkey.ErrMalformed, func() error { _, err := m.Create("\xff"); return err }},
		{"rotate unknown", branchkey.ErrNotFound, func() error { _, err := m.Rotate("nobody"); return err }},
		{"active of unknown", branchkey.ErrNotFound, func() error { _, err := m.ActiveBranchKey(ctx, "nobody"); return err }},
		{"unknown version", branchkey.ErrNotFound, func() error { _, err := m.BranchKeyVersion(ctx, "tenant", version); return err }},
		{"beacon key of unknown", branchkey.ErrNotFound, func() error { _, err := m.BeaconKey(ctx, "nobody"); return err }},
		{"second beacon key", branchkey.ErrExists, func() error { return m.AddBeaconKey(&branchkey.BeaconKey{ID: "tenant", Key: key}) }},
		{"short key", branchkey.ErrMalformed, func() error {
			return m.Add(&branchkey.BranchKey{ID: "tenant", Version: version, Key: crypto.NewKey(make([]byte, 16))})
		}},
		{"no id", branchkey.ErrMalformed, func() error { return m.Add(&branchkey.BranchKey{Version: version, Key: key}) }},
		{"upper case version", branchkey.ErrMalformed, func() error {
			return m.Add(&branchkey.BranchKey{ID: "tenant", Version: strings.ToUpper(version), Key: key})
		}},
		{"nil", branchkey.ErrMalformed, func() error { return m.Add(nil) }},
		{"nil beacon key", branchkey.ErrMalformed, func() error { return m.AddBeaconKey(nil) }},
	} {
		if err := c.call(); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want an error that wraps %v", c.name, err, c.want)
		}
	}
	if _, err := m.ActiveBranchKey(ctx, "\xff"); !errors.Is(err, branchkey.ErrNotFound) {
		t.Errorf("a refused id left something behind: %v", err)
	}
}

func TestKeysDoNotPrint(t *testing.T) {
	k := branchkey.BranchKey{ID: "tenant", Version: branchkey.NewVersion(), Key: crypto.NewKey(bytes.Repeat([]byte{0xAB}, branchkey.KeyLen))}
	for _, verb := range []string{"%v", "%+v", "%#v", "%x", "%s"} {
		if text := strings.ToLower(fmt.Sprintf(verb, k)); strings.Contains(text, "abab") || strings.Contains(text, "171") {
			t.Errorf("%s prints the key: %s", verb, text)
		}
	}
}

func TestVersion(t *testing.T) {
	for range 100 {
		v := branchkey.NewVersion()
		b, err := branchkey.ParseVersion(v)
		if err != nil {
			t.Fatal(err)
		}
		if branchkey.FormatVersion(b) != v || b[6]>>4 != 4 || b[8]>>6 != 2 {
			t.Fatalf("%s is not a version 4 UUID", v)
		}
	}
	for _, v := range []string{
		"", "not-a-uuid", "e9ce18a3edb542729f861cacb7997ff6", "E9CE18A3-EDB5-4272-9F86-1CACB7997FF6",
		"e9ce18a3-edb5-4272-9f86-1cacb7997ff", "e9ce18a3-edb5-4272-9f86-1cacb7997ffg", "e9ce18a3_edb5_4272_9f86_1cacb7997ff6",
	} {
		if _, err := branchkey.ParseVersion(v); !errors.Is(err, branchkey.ErrMalformed) {
			t.Errorf("%q: got %v, want ErrMalformed", v, err)
		}
	}
}

func FuzzParseVersion(f *testing.F) {
	for _, seed := range []string{branchkey.NewVersion(), "e9ce18a3-edb5-4272-9f86-1cacb7997ff6", "", "e9ce18a3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if b, err := branchkey.ParseVersion(text); err == nil && branchkey.FormatVersion(b) != text {
			t.Errorf("%q is read as %s", text, branchkey.FormatVersion(b))
		}
	})
}

func same(a, b crypto.Key) bool { return bytes.Equal(a.InsecureBytes(), b.InsecureBytes()) }
