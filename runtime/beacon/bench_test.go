package beacon_test

import (
	"testing"

	"github.com/ddbegen/ddbegen/runtime/beacon"
)

// BenchmarkCompoundBeacon holds a compound beacon of two encrypted parts beside
// the two standard beacons that it cannot do without.
func BenchmarkCompoundBeacon(b *testing.B) {
	set, keys := inspectionSet(b)
	compound, last4, unit := get(b, set, "last4Unit"), get(b, set, "last4"), get(b, set, "unit")
	query := func(b *testing.B, k *beacon.Beacon, text string) {
		if _, err := k.Query(beacon.Equal, beacon.StringValue(text), keys, 0); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("floor-two-standard-beacons", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			query(b, last4, "5678")
			query(b, unit, "011899988199")
		}
	})
	b.Run("query", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			query(b, compound, "L-5678.U-011899988199")
		}
	})
}

func BenchmarkVirtualField(b *testing.B) {
	set, _ := inspectionSet(b)
	who, item := get(b, set, "who"), jsonItem{"last4": s("ab12"), "date": s("2023-06-13")}
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := who.Plain(item); err != nil {
			b.Fatal(err)
		}
	}
}
