package beacon_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/runtime/beacon"
)

// drawItem draws an item whose texts can be parts of every beacon.
func drawItem(t *rapid.T) jsonItem {
	item := jsonItem{}
	text := rapid.StringMatching(`[ab1é😀]{1,3}`)
	for _, name := range []string{"last4", "unit", "oldUnit", "date", "work_id", "tenant"} {
		if rapid.Bool().Draw(t, name+" is there") {
			item[name] = s(text.Draw(t, name))
		}
	}
	if date, found := item["date"]; found && strings.Contains(*date.S, "😀") {
		item["date"] = s("2023") // the virtual field would cut it in two
	}
	if rapid.Bool().Draw(t, "floor is there") {
		item["address"] = jsonValue{kind: "M", M: map[string]jsonValue{"floors": {kind: "L", L: []jsonValue{s(text.Draw(t, "floor"))}}}}
	}
	return item
}

// TestWhatIsStoredIsFound holds each stored beacon to what a query for its plain
// value looks for, in the item's partition.
func TestWhatIsStoredIsFound(t *testing.T) {
	set, keys := inspectionSet(t)
	rapid.Check(t, func(t *rapid.T) {
		item := drawItem(t)
		partition := rapid.IntRange(0, set.MaxPartitions()-1).Draw(t, "partition")
		signed, err := set.Signed(item)
		if err != nil {
			t.Fatal(err)
		}
		encrypted, err := set.Encrypted(item, keys, partition)
		if err != nil {
			t.Fatal(err)
		}
		stored := map[string]string{}
		for _, r := range slices.Concat(signed, encrypted) {
			stored[r.Attribute] = r.Text
		}
		for _, b := range set.Beacons() {
			if !b.Stored() {
				continue
			}
			plain, found, err := b.Plain(item)
			if err != nil {
				t.Fatal(err)
			}
			text, is := stored[b.Attribute()]
			if found != is {
				t.Fatalf("beacon %q: plain %v, stored %v", b.Name(), found, is)
			}
			if !found {
				continue
			}
			r, err := b.Query(beacon.Equal, plain, keys, partition)
			if err != nil || r.Attribute != b.Attribute() || r.Text != text {
				t.Fatalf("beacon %q is stored as %q, and a query looks for %q, %v", b.Name(), text, r.Text, err)
			}
		}
	})
}

// TestRangesKeepTheirOrder compares stored compound beacons with the limit of a
// range: they must lie on the side on which their plain texts lie.
func TestRangesKeepTheirOrder(t *testing.T) {
	set, keys := inspectionSet(t)
	b := get(t, set, "dateUnit")
	rapid.Check(t, func(t *rapid.T) {
		item := drawItem(t)
		plain, found, err := b.Plain(item)
		if err != nil {
			t.Fatal(err)
		}
		if !found {
			return
		}
		limit := rapid.SampledFrom([]string{"D-a", "D-2023", "D-1.U-", "D-2023.U-", "T-a", "T-é.D-", "U-", "F-"}).Draw(t, "limit")
		stored, err := b.Query(beacon.Equal, plain, keys, 0)
		if err != nil {
			t.Fatal(err)
		}
		r, err := b.Query(beacon.Less, beacon.StringValue(limit), keys, 0)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Compare(plain.Text, limit) != strings.Compare(stored.Text, r.Text) {
			t.Fatalf("%q and %q are stored as %q and %q", plain.Text, limit, stored.Text, r.Text)
		}
	})
}
