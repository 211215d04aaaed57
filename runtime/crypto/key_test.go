package crypto_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// No way of printing, logging or marshalling shows a key, wherever it lies.
func TestKeyIsNotPrinted(t *testing.T) {
	key := crypto.NewKey([]byte("secret secret secret secret 3210"))
	nested := struct {
		Key    crypto.Key
		Keys   []crypto.Key
		hidden crypto.Key
	}{key, []crypto.Key{key}, key}
	var out strings.Builder
	for _, v := range []any{key, &key, nested, &nested, crypto.WrappedKey{Key: key}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p"} {
			fmt.Fprintf(&out, verb, v)
		}
		b, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(b)
		slog.New(slog.NewTextHandler(&out, nil)).Info("log", "key", v)
		slog.New(slog.NewJSONHandler(&out, nil)).Info("log", "key", v)
	}
	text := out.String()
	for _, secret := range []string{"secret", "73656372", "736563726574", "115 101 99", "115,101,99", "c2VjcmV0"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is in the output", secret)
		}
	}
	if !strings.Contains(text, "redacted") {
		t.Error("nothing was printed")
	}
}

func TestKeyIsNotComparable(t *testing.T) {
	if reflect.TypeFor[crypto.Key]().Comparable() {
		t.Error("keys can be compared with ==, in variable time")
	}
}

func TestKeyWipe(t *testing.T) {
	b := []byte{1, 2, 3}
	key := crypto.NewKey(b)
	key.Wipe()
	if !bytes.Equal(b, make([]byte, 3)) || key.Len() != 3 {
		t.Errorf("after Wipe: %v, length %d", b, key.Len())
	}
	crypto.Key{}.Wipe()
}
