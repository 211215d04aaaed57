package beacon

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestHashKnownAnswers(t *testing.T) {
	key := newHMACKey([]byte{1, 2})
	for _, c := range []struct {
		message   string
		partition int
		want      string
	}{
		{"010203", 0, "2793938b26e9527e"},
		{"01020301", 0, "2a64f214bc00211d"},
		{"010203", 1, "2a64f214bc00211d"},
		{"", 0, "92cf3d34399c0c80"},
	} {
		got := hashBeacon(key, unhex(t, c.message), 63, c.partition)
		// 63 bits are the longest beacon; the top bit is not in it.
		want := fmt.Sprintf("%016x", binary.BigEndian.Uint64(unhex(t, c.want))&(1<<63-1))
		if got != want {
			t.Errorf("hash of %q in partition %d is %s, want %s", c.message, c.partition, got, want)
		}
	}
}

func TestDeriveKnownAnswers(t *testing.T) {
	for _, c := range []struct {
		name, text string
		bits       int
		want       string
	}{
		{"std2", "1.23", 24, "ac6f5d"},
		{"Name", "MyName", 32, "7d9bfa40"},
		{"Title", "MyTitle", 32, "e4feb833"},
		{"std4", "abc", 24, "0e9064"},
		{"std6", "666", 26, "2d99222"},
		{"NameTitleField", "MyName__mytitle", 28, "4c577d7"},
		{"Name", "", 32, "e0e88994"},
	} {
		set, err := New(
			Config{Standard: []Standard{{Name: c.name, Length: c.bits}}},
			Scope{Actions: map[string]attribute.Action{c.name: attribute.EncryptAndSign}},
		)
		if err != nil {
			t.Fatal(err)
		}
		// This known answer has a beacon key of five bytes, which Keys refuses.
		keys, err := set.deriveKeys([]byte{1, 2, 3, 4, 5})
		if err != nil {
			t.Fatal(err)
		}
		got, err := set.standard[0].hashText(c.text, keys, 0)
		if err != nil || got != c.want {
			t.Errorf("beacon %s of %q is %s, %v, want %s", c.name, c.text, got, err, c.want)
		}
	}
}

func TestHexBits(t *testing.T) {
	for bits := 1; bits <= 63; bits++ {
		got := hexBits(0xfedc_ba98_7654_3210, bits)
		if len(got) != (bits+3)/4 {
			t.Errorf("%d bits are %d digits", bits, len(got))
		}
		var n uint64
		if _, err := fmt.Sscanf(got, "%x", &n); err != nil || n != 0xfedc_ba98_7654_3210&(1<<bits-1) {
			t.Errorf("%d bits are %s", bits, got)
		}
	}
}

func TestKeysAreChecked(t *testing.T) {
	scope := Scope{Actions: map[string]attribute.Action{"a": attribute.EncryptAndSign}}
	config := Config{Standard: []Standard{{Name: "a", Length: 10}}}
	one, err := New(config, scope)
	if err != nil {
		t.Fatal(err)
	}
	other, err := New(config, scope)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 31, 33} {
		if _, err := one.Keys(make([]byte, n)); !errors.Is(err, ErrBeaconKey) {
			t.Errorf("a beacon key of %d bytes: %v", n, err)
		}
	}
	keys, err := one.Keys(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := other.Beacon("a")
	if _, err := b.Query(Equal, StringValue("x"), keys, 0); !errors.Is(err, ErrForeignKeys) {
		t.Errorf("keys of another table: %v", err)
	}
	if _, err := b.Query(Equal, StringValue("x"), &Keys{}, 0); !errors.Is(err, ErrForeignKeys) {
		t.Errorf("zero keys: %v", err)
	}
	if _, err := b.Query(Equal, StringValue("x"), nil, 0); !errors.Is(err, ErrNoKey) {
		t.Errorf("no keys: %v", err)
	}
}

func TestKeysAreNotPrinted(t *testing.T) {
	set, err := New(
		Config{Standard: []Standard{{Name: "a", Length: 10}}},
		Scope{Actions: map[string]attribute.Action{"a": attribute.EncryptAndSign}},
	)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := set.Keys([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewTextHandler(&log, nil)).Info("", "keys", keys)
	for _, printed := range []string{
		fmt.Sprint(keys), fmt.Sprintf("%+v %#v %x %q", keys, keys, keys, keys), fmt.Sprintf("%v", *keys), log.String(),
	} {
		if strings.Count(printed, "redacted") == 0 || strings.Contains(printed, "0x") {
			t.Errorf("keys are printed as %s", printed)
		}
	}
}

func BenchmarkStandardBeacon(b *testing.B) {
	key := make([]byte, hmacKeyLen)
	message := []byte("011899988199")
	b.Run("floor-HMAC-SHA384", func(b *testing.B) {
		b.ReportAllocs()
		var sum [sha512.Size384]byte
		for b.Loop() {
			mac := hmac.New(sha512.New384, key)
			mac.Write(message)
			mac.Sum(sum[:0])
		}
	})
	b.Run("floor-keyed-HMAC-SHA384", func(b *testing.B) {
		b.ReportAllocs()
		var sum [sha512.Size384]byte
		mac := hmac.New(sha512.New384, key)
		for b.Loop() {
			mac.Reset()
			mac.Write(message)
			mac.Sum(sum[:0])
		}
	})
	set, err := New(
		Config{Standard: []Standard{{Name: "a", Length: 30}}},
		Scope{Actions: map[string]attribute.Action{"a": attribute.EncryptAndSign}},
	)
	if err != nil {
		b.Fatal(err)
	}
	keys, err := set.Keys(make([]byte, beaconKeyLen))
	if err != nil {
		b.Fatal(err)
	}
	beacon, _ := set.Beacon("a")
	value := StringValue(string(message))
	b.Run("query", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := beacon.Query(Equal, value, keys, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
	item := textItem{"a": string(message)}
	b.Run("write", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := set.Encrypted(item, keys, 0); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("derive-keys", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := set.Keys(make([]byte, beaconKeyLen)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// textItem is an item of strings.
type textItem map[string]string

func (i textItem) Value(loc attribute.Location) (Value, bool, error) {
	text, found := i[loc.Attribute]
	return StringValue(text), found && len(loc.Steps) == 0, nil
}
