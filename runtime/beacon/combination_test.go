package beacon_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/runtime/beacon"
)

// TestCombination compares what a beacon is for certain parts with what it is of
// an item that has these and no others.
func TestCombination(t *testing.T) {
	set, _ := inspectionSet(t)
	b := get(t, set, "dateUnit")
	values := map[string]jsonValue{
		"date": s("2026"), "unit": s("u7"), "tenant": s("t1"),
		"floor": {kind: "M", M: map[string]jsonValue{"floors": {kind: "L", L: []jsonValue{s("3")}}}},
	}
	names := []string{"date", "floor", "tenant", "unit"}
	made := map[string]string{
		"date,unit": "D-2026.U-u7", "date,floor,unit": "D-2026.U-u7.F-3", "date,tenant": "T-t1.D-2026",
	}
	for chosen := range 1 << len(names) {
		var parts []string
		item := jsonItem{}
		for i, name := range names {
			if chosen&(1<<i) != 0 {
				parts = append(parts, name)
				item[strings.Replace(name, "floor", "address", 1)] = values[name]
			}
		}
		want, wanted := made[strings.Join(parts, ",")]
		c, err := b.Combination(parts...)
		if !wanted {
			if !errors.Is(err, beacon.ErrConstructor) {
				t.Errorf("%q: got %v, want %v", parts, err, beacon.ErrConstructor)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: %v", parts, err)
			continue
		}
		plain, found, err := c.Plain(item)
		if err != nil || !found || plain.Text != want {
			t.Errorf("%q: made %q, %t, %v, want %q", parts, plain.Text, found, err, want)
		}
		if whole, found, err := b.Plain(item); err != nil || !found || whole.Text != want {
			t.Errorf("%q: an item has %q, %t, %v, want %q", parts, whole.Text, found, err, want)
		}
		if got, sources := c.Sources(), slices.Sorted(maps.Keys(item)); !slices.Equal(got, sources) {
			t.Errorf("%q is made of %q, want %q", parts, got, sources)
		}
		delete(item, "date")
		if plain, found, err := c.Plain(item); found || err != nil {
			t.Errorf("%q without a date: %q, %t, %v", parts, plain.Text, found, err)
		}
	}
	if _, err := get(t, set, "unit").Combination("unit"); !errors.Is(err, beacon.ErrConstructor) {
		t.Errorf("of a standard beacon: %v", err)
	}
}
