//go:build !race

package beacon

import (
	"testing"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// TestStandardBeaconAllocates holds one standard beacon to two allocations: its
// text, and the slice of results. (The race detector drops pooled states at
// random.)
func TestStandardBeaconAllocates(t *testing.T) {
	set, err := New(
		Config{Standard: []Standard{{Name: "a", Length: 30}}},
		Scope{Actions: map[string]attribute.Action{"a": attribute.EncryptAndSign}},
	)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := set.Keys(make([]byte, beaconKeyLen))
	if err != nil {
		t.Fatal(err)
	}
	var item Item = textItem{"a": "011899988199"}
	allocs := testing.AllocsPerRun(100, func() {
		if _, err := set.Encrypted(item, keys, 0); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 2 {
		t.Errorf("one standard beacon takes %v allocations", allocs)
	}
}
