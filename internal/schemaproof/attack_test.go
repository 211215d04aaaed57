package schemaproof_test

import (
	"errors"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/runtime/beacon"

	"github.com/ddbegen/ddbegen/gen/diff"
	"github.com/ddbegen/ddbegen/gen/lock"
	"github.com/ddbegen/ddbegen/internal/schematest"
)

// TestNothingIsOverlookedOfAnything changes one or two words of a table that may
// have everything that tags can say, and holds that whatever goes wrong between
// items of the one and a program of the other was reported.
func TestNothingIsOverlookedOfAnything(t *testing.T) {
	compared, changed := 0, map[diff.Class]int{}
	rapid.Check(t, func(rt *rapid.T) {
		for range 5 { // most drafts are refused
			d := drawTable(rt)
			d.indexAll()
			was := d.source()
			if p, _ := schematest.Build(t, was); p == nil {
				continue
			}
			for range rapid.IntRange(1, 2).Draw(rt, "changes") {
				d.alter()
			}
			now := d.source()
			p, _ := schematest.Build(t, now)
			if p == nil {
				continue
			}
			structure := rapid.IntRange(0, len(p.Structs)-1).Draw(rt, "struct")
			before, after := versionOf(t, was, structure), versionOf(t, now, structure)
			if !measurable(t, before, after) {
				continue
			}
			compared++
			all := compare(t, was, now)
			f := meetAll(t, before, after)
			for _, c := range f.classes() {
				changed[c]++
			}
			if _, missing := unproved(f, all); len(missing) > 0 {
				rt.Fatalf("%v proved, and not reported: %+v\nreported %v\nof the change from\n%s\nto\n%s", missing, f, names(all), was, now)
			}
		}
	})
	t.Logf("%d pairs were compared: %v", compared, changed)
	if compared == 0 {
		t.Error("no pair was compared: the draws no longer test anything")
	}
}

// measurable reports whether both versions can write the items that are drawn, and
// into tables with the indexes of both.
func measurable(t testing.TB, before, after *version) bool {
	for _, v := range []*version{before, after} {
		if tenant := v.table.Tenant; tenant != "" && (tenant != "tenant" || v.table.Attributes[tenant].Action != lock.Context) {
			return false // the keyring here finds the branch key of an item in this attribute
		}
		w := newWorld(t)
		w.create("rows", v, v)
		table := w.mustOpen(v, "rows")
		for n := range 3 {
			if err := table.Put(t.Context(), v.item(t, n)); errors.Is(err, beacon.ErrSplitInValue) {
				return false
			}
		}
		if len(w.stored("rows")) < 3 {
			return false // a key of booleans does not tell the items from each other
		}
	}
	for name, x := range before.table.Indexes {
		y, both := after.table.Indexes[name]
		if both && x.PartitionKey+" "+x.SortKey != y.PartitionKey+" "+y.SortKey {
			return false // see TestIndexKeys
		}
		for _, key := range []string{x.PartitionKey, x.SortKey} {
			a, had := before.table.Attributes[key]
			b, has := after.table.Attributes[key]
			if had && has && a.Type != b.Type {
				return false // see TestIndexKeyType
			}
		}
	}
	return true
}
