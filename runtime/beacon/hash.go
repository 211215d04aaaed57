package beacon

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/binary"
	"fmt"
	"hash"
	"log/slog"
	"sync"
)

const (
	beaconKeyLen = 32
	hmacKeyLen   = 64
	hmacKeyLabel = "AWS_DBE_SCAN_BEACON"
	maxKept      = 4096 // bytes of a message buffer that is used again
)

// Keys are the HMAC keys of the beacons of a [Set], all derived from one beacon
// key. They are made by [Set.Keys], and printing them shows no byte of them.
// They are safe for concurrent use.
type Keys struct {
	set  *Set
	hmac []*hmacKey // of each standard beacon, by its position in the set
}

// Keys derives the HMAC key of every standard beacon from a beacon key of 32
// bytes: HKDF-SHA512 without salt (specification: searchable-encryption/
// search-config, "Get beacon key materials"; RFC 5869). That takes microseconds
// for each: a caller keeps the result as long as it keeps the beacon key.
func (s *Set) Keys(beaconKey []byte) (*Keys, error) {
	if len(beaconKey) != beaconKeyLen {
		return nil, fmt.Errorf("%w, this one has %d", ErrBeaconKey, len(beaconKey))
	}
	return s.deriveKeys(beaconKey)
}

func (s *Set) deriveKeys(beaconKey []byte) (*Keys, error) {
	root, err := hkdf.Extract(sha512.New, beaconKey, nil)
	if err != nil {
		return nil, fmt.Errorf("deriving beacon keys: %w", err)
	}
	keys := &Keys{set: s, hmac: make([]*hmacKey, len(s.standard))}
	for i, b := range s.standard {
		if b.shared != nil {
			continue
		}
		key, err := hkdf.Expand(sha512.New, root, hmacKeyLabel+b.name, hmacKeyLen)
		if err != nil {
			return nil, fmt.Errorf("deriving the key of beacon %q: %w", b.name, err)
		}
		keys.hmac[i] = newHMACKey(key)
	}
	for i, b := range s.standard {
		if b.shared != nil {
			keys.hmac[i] = keys.hmac[b.shared.index]
		}
	}
	return keys, nil
}

// of returns the key of a standard beacon.
func (k *Keys) of(b *Beacon) (*hmacKey, error) {
	switch {
	case k == nil:
		return nil, ErrNoKey
	case k.set != b.set:
		return nil, ErrForeignKeys
	}
	return k.hmac[b.index], nil
}

const redacted = "beacon.Keys(redacted)"

// String implements fmt.Stringer and shows nothing of the keys.
func (k Keys) String() string { return redacted }

// Format implements fmt.Formatter, so that no verb shows the keys.
func (k Keys) Format(s fmt.State, _ rune) {
	// fmt.State reports no useful error: fmt itself drops it.
	_, _ = s.Write([]byte(redacted))
}

// LogValue implements slog.LogValuer and shows nothing of the keys.
func (k Keys) LogValue() slog.Value { return slog.StringValue(redacted) }

// hmacKey holds HMAC-SHA384 states that have taken in their key already: that
// is half of the work on a short value.
type hmacKey struct{ states sync.Pool }

type hmacState struct {
	mac hash.Hash
	buf []byte // the message, then the tag
}

func newHMACKey(key []byte) *hmacKey {
	k := &hmacKey{}
	k.states.New = func() any {
		return &hmacState{mac: hmac.New(sha512.New384, key), buf: make([]byte, 0, 128)}
	}
	return k
}

// hashBeacon returns the low bits of the first eight bytes of the HMAC of message, in
// lower-case hex with its leading zeros. Partition 0 adds nothing to the
// message, so that items from before there were partitions are in it
// (specification: searchable-encryption/beacons, "Basic Hash").
func hashBeacon[M string | []byte](k *hmacKey, message M, bits, partition int) string {
	state := k.states.Get().(*hmacState)
	state.buf = append(state.buf[:0], message...)
	if partition != 0 {
		state.buf = append(state.buf, byte(partition))
	}
	state.mac.Reset()
	state.mac.Write(state.buf) // a hash.Hash never returns an error
	state.buf = state.mac.Sum(state.buf[:0])
	text := hexBits(binary.BigEndian.Uint64(state.buf), bits)
	if cap(state.buf) > maxKept {
		state.buf = nil
	}
	k.states.Put(state)
	return text
}

func hexBits(sum uint64, bits int) string {
	const digits = "0123456789abcdef"
	var text [16]byte
	n := (bits + 3) / 4
	sum &= 1<<bits - 1
	for i := n - 1; i >= 0; i-- {
		text[i] = digits[sum&0xf]
		sum >>= 4
	}
	return string(text[:n])
}
