package schemaproof_test

import (
	"slices"
	"strings"
	"testing"
)

// TestEmptyValues changes how a value without content is stored that beacons are
// made of. An item without it is read and found by what was read: by the newer
// version one of the older, and the other way round.
func TestEmptyValues(t *testing.T) {
	const alone = "beacon B length=16; index b-index partition=B; A string encrypt,sign; B "
	const part = "beacon A length=16 style=partOnly; beacon B length=16 style=partOnly; compound C split=. encrypted=A:A-,B:B-; " +
		"constructor C = A + B?; index c-index partition=C; A string encrypt,sign,beacon=C; B "
	const plain, omitted, pointed, both = "string encrypt,sign", "string encrypt,sign ,omitempty", "*string encrypt,sign", "*string encrypt,sign ,omitempty"
	tagged := func(in, field string) string {
		if in == part {
			field = strings.Replace(field, "encrypt,sign", "encrypt,sign,beacon=C", 1)
		}
		return source(in + field)
	}
	for _, c := range []struct {
		in, was, now string
		want         []string
		newer, older bool // whether it finds what the other one wrote
	}{
		{alone, plain, omitted, []string{"LOST-QUERY:Test.beacon.B"}, false, false},
		{alone, omitted, plain, []string{"PARTIAL-QUERY:Test.beacon.B"}, false, false},
		{alone, pointed, plain, []string{"LOST-QUERY:Test.beacon.B"}, false, true},
		{alone, plain, pointed, []string{"MIXED-FLEET:Test.beacon.B"}, true, false},
		{part, plain, omitted, []string{"LOST-QUERY:Test.beacon.C"}, false, false},
		{part, omitted, plain, []string{"LOST-QUERY:Test.beacon.C"}, false, false},
		{part, omitted, both, []string{"MIXED-FLEET:Test.beacon.C"}, true, false},
		{part, both, omitted, []string{"LOST-QUERY:Test.beacon.C"}, false, true},
		{part, plain, plain, nil, true, true},
		{part, both, both, nil, true, true},
	} {
		was, now := tagged(c.in, c.was), tagged(c.in, c.now)
		if got := names(compare(t, was, now)); !slices.Equal(got, c.want) {
			t.Errorf("%s to %s: reported %q, want %q", was, now, got, c.want)
		}
		before, after := newVersion(t, was), newVersion(t, now)
		if got := findsEmpty(t, after, before); got != c.newer {
			t.Errorf("%s to %s: the newer version finds what it reads: %v", was, now, got)
		}
		if got := findsEmpty(t, before, after); got != c.older {
			t.Errorf("%s to %s: the older version finds what it reads: %v", was, now, got)
		}
	}
}

// findsEmpty writes items without content in B, in all ways that a version has,
// and reports whether another one finds each by what it reads of it.
func findsEmpty(t *testing.T, v, writer *version) bool {
	t.Helper()
	w := newWorld(t)
	w.create("rows", writer, v, writer)
	wrote, reads := w.mustOpen(writer, "rows"), w.mustOpen(v, "rows")
	all := true
	for n := range 2 {
		r := writer.item(t, n)
		switch b := (*r)["B"].(type) {
		case *string:
			*b = ""
		case **string:
			if *b = nil; n > 0 {
				*b = new(string)
			}
		default:
			t.Fatalf("B is %T", b)
		}
		if err := wrote.Put(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		got, err := reads.Get(t.Context(), v.item(t, n))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, x := range v.model.Table.Indexes {
			for other, err := range reads.Query(t.Context(), indexOf(x), got) {
				found = found || err == nil && alike((*other)["ID"], (*got)["ID"])
			}
		}
		all = all && found
	}
	return all
}
