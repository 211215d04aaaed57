package crypto

import (
	"fmt"
	"log/slog"
)

// redacted is all that any way of printing a Key shows.
const redacted = "crypto.Key(redacted)"

// Key is secret key material. It cannot be compared with ==, and printing,
// logging or marshalling it shows no byte of it. The zero Key is empty and is
// refused wherever a key is expected.
type Key struct {
	// A function, because fmt prints the fields of a struct past its methods
	// where a verb does not suit them or the struct lies in an unexported field,
	// and follows pointers then. It also rules out ==: comparing secrets takes
	// crypto/subtle.
	reveal func() []byte
}

// NewKey returns a Key that holds b. It takes ownership: the caller must not
// change b afterwards.
func NewKey(b []byte) Key { return Key{func() []byte { return b }} }

// Len returns the length of the key in bytes.
func (k Key) Len() int { return len(k.InsecureBytes()) }

// InsecureBytes returns the key material itself, not a copy. The name is a
// warning: whoever calls it answers for where the bytes go.
func (k Key) InsecureBytes() []byte {
	if k.reveal == nil {
		return nil
	}
	return k.reveal()
}

// Wipe overwrites the key material with zeros. No other user of the same Key
// may still need it. The Go runtime may hold copies that Wipe cannot reach.
func (k Key) Wipe() { clear(k.InsecureBytes()) }

// String implements fmt.Stringer and shows nothing of the key.
func (k Key) String() string { return redacted }

// GoString implements fmt.GoStringer and shows nothing of the key.
func (k Key) GoString() string { return redacted }

// Format implements fmt.Formatter, so that no verb shows the key.
func (k Key) Format(s fmt.State, _ rune) {
	// fmt.State reports no useful error: fmt itself drops it.
	_, _ = s.Write([]byte(redacted))
}

// LogValue implements slog.LogValuer and shows nothing of the key.
func (k Key) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements encoding.TextMarshaler, and by it JSON, and shows
// nothing of the key.
func (k Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }
