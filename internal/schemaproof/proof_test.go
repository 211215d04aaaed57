package schemaproof_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/gen/diff"
)

// classes are the classes that facts prove, for whoever finds indexes only in
// one of the two versions or in both.
func (f facts) classes() (all []diff.Class) {
	partial, lost := false, false
	if f.newReadsOld == nil {
		for name, err := range f.newFindsOld {
			_, both := f.oldFindsNew[name]
			lost = lost || err != nil && both
			partial = partial || err != nil && !both
		}
	}
	add := func(class diff.Class, proved bool) {
		if proved {
			all = append(all, class)
		}
	}
	add(diff.Leak, len(f.exposed)+len(f.published) > 0)
	add(diff.BreakRead, f.newReadsOld != nil || f.newUpdatesOld != nil)
	add(diff.LostQuery, lost)
	add(diff.PartialQuery, partial)
	add(diff.MixedFleet, f.oldFails() != nil)
	return all
}

// oldFails returns what goes wrong in the older version next to the newer one.
func (f facts) oldFails() error {
	errs := []error{f.oldReadsNew, f.oldUpdatesNew}
	for _, err := range f.oldFindsNew {
		errs = append(errs, err)
	}
	if len(f.oldErases) > 0 {
		errs = append(errs, fmt.Errorf("%v are erased", f.oldErases))
	}
	return errors.Join(errs...)
}

// reported returns the classes of changes, but for SAFE.
func reported(all []diff.Change) (classes []diff.Class) {
	for _, c := range diff.Classes() {
		if c != diff.Safe && slices.ContainsFunc(all, func(change diff.Change) bool { return change.Class == c }) {
			classes = append(classes, c)
		}
	}
	return classes
}

// unproved returns the classes that were reported and that the facts do not
// show, and those that the facts show and that were not reported.
func unproved(f facts, all []diff.Change) (excess, missing []diff.Class) {
	said, proved := reported(all), f.classes()
	for _, c := range said {
		// What cannot be read cannot be found either, so that nothing is known of
		// queries.
		blind := f.newReadsOld != nil && (c == diff.LostQuery || c == diff.PartialQuery)
		if !slices.Contains(proved, c) && !blind {
			excess = append(excess, c)
		}
	}
	for _, c := range proved {
		// A change that hurts the newer version hurts the older one as well, and is
		// not reported twice.
		if !slices.Contains(said, c) && (c != diff.MixedFleet || len(said) == 0) {
			missing = append(missing, c)
		}
	}
	return excess, missing
}

func compare(t testing.TB, was, now string) []diff.Change {
	return diff.Compare(newVersion(t, was).lock, newVersion(t, now).lock)
}

func names(all []diff.Change) (names []string) {
	for _, c := range all {
		names = append(names, c.Name())
	}
	return names
}

// search is a table with a beacon and an index on it.
const search = "beacon A length=16; index a-index partition=A; A string encrypt,sign"

// rows are changes and what is reported of them: the names without the table.
var rows = []struct{ what, was, now, want string }{
	{"encrypt to sign", "A string encrypt,sign", "A string sign", "LEAK:attribute.A"},
	{"encrypt to none", "A string encrypt,sign", "A string none", "LEAK:attribute.A BREAK-READ:attribute.A"},
	{"encrypt to context", "ID string partition,sign,context; C string sign,context; A string encrypt,sign", "ID string partition,sign,context; C string sign,context; A string sign,context", "LEAK:attribute.A"},
	{"sign to context", "ID string partition,sign,context; C string sign,context; A string sign", "ID string partition,sign,context; C string sign,context; A string sign,context", "LEAK:attribute.A"},
	{"context to sign", "ID string partition,sign,context; C string sign,context; A string sign,context", "ID string partition,sign,context; C string sign,context; A string sign", "SAFE:attribute.A"},
	{"first context", "ID string partition,sign; A string sign", "ID string partition,sign,context; A string sign,context", "LEAK:attribute.A SAFE:attribute.ID"},
	{"last context", "ID string partition,sign,context; A string sign,context", "ID string partition,sign; A string sign", "SAFE:attribute.A SAFE:attribute.ID"},
	{"sign to encrypt", "A string sign", "A string encrypt,sign", "SAFE:attribute.A"},
	{"sign to none", "A string sign", "A string none", "BREAK-READ:attribute.A"},
	{"none to sign", "A string none", "A string sign", "BREAK-READ:attribute.A"},
	{"none to encrypt", "A string none", "A string encrypt,sign", "BREAK-READ:attribute.A"},

	{"new attribute, encrypted", "A string sign", "A string sign; B string encrypt,sign", "MIXED-FLEET:attribute.B"},
	{"new attribute, signed", "A string sign", "A string sign; B string sign", "MIXED-FLEET:attribute.B"},
	{"new attribute, unsigned", "A string sign", "A string sign; B string none", "MIXED-FLEET:attribute.B"},
	{"new attribute, unsigned and allowed before", "unsigned B; A string sign", "A string sign; B string none", "MIXED-FLEET:attribute.B"},
	{"new attribute under an allowed prefix", "unsigned prefix=B; A string sign", "unsigned prefix=B; A string sign; B string none", "MIXED-FLEET:attribute.B"},
	{"attribute gone, signed", "A string sign; B string sign", "A string sign", "BREAK-READ:attribute.B"},
	{"attribute gone, encrypted", "A string sign; B string encrypt,sign", "A string sign", "BREAK-READ:attribute.B"},
	{"attribute gone, unsigned", "A string sign; B string none", "A string sign", "BREAK-READ:attribute.B"},
	{"attribute gone, unsigned and allowed", "A string sign; B string none", "unsigned B; A string sign", "SAFE:attribute.B"},
	{"attribute gone, signed and then allowed to be unsigned", "A string sign; B string sign", "unsigned B; A string sign", "BREAK-READ:attribute.B"},
	{"attribute renamed", "A string encrypt,sign", "B string encrypt,sign", "BREAK-READ:attribute.A MIXED-FLEET:attribute.B"},
	{"field renamed", "A string encrypt,sign", "B string encrypt,sign A", ""},

	{"unsigned name allowed", "A string sign", "unsigned B; A string sign", "SAFE:unsigned.B"},
	{"unsigned prefix allowed", "A string sign", "unsigned prefix=B; A string sign", "SAFE:unsigned_prefix"},
	{"unsigned prefix widened", "unsigned prefix=BB; A string sign; BB string none", "unsigned prefix=B; A string sign; BB string none", "SAFE:unsigned_prefix"},

	{"number to text", "A int encrypt,sign", "A string encrypt,sign", "MIXED-FLEET:attribute.A"},
	{"text to number", "A string encrypt,sign", "A int encrypt,sign", "BREAK-READ:attribute.A"},
	{"text to bytes", "A string encrypt,sign", "A []byte encrypt,sign", "BREAK-READ:attribute.A"},
	{"number to number as text", "A int encrypt,sign", "A int encrypt,sign ,string", "MIXED-FLEET:attribute.A"},
	{"number as text to number", "A int encrypt,sign ,string", "A int encrypt,sign", "BREAK-READ:attribute.A"},
	{"may: time to Unix time", "A time.Time encrypt,sign", "A time.Time encrypt,sign ,unixtime", "MIXED-FLEET:attribute.A"},
	{"may: list to set", "A []string encrypt,sign", "A []string encrypt,sign ,stringset", "MIXED-FLEET:attribute.A"},
	{"text to a pointer to text", "A string encrypt,sign", "A *string encrypt,sign", ""},
	// Values from all over the ranges of types meet in TestTypes.
	{"may: number to one that holds less", "A int encrypt,sign", "A uint encrypt,sign", "BREAK-READ:attribute.A"},
	{"may: number to one that rounds", "A float64 encrypt,sign", "A float32 encrypt,sign", "BREAK-READ:attribute.A"},
	{"may: number to one that holds more", "A int8 encrypt,sign", "A int64 encrypt,sign", "MIXED-FLEET:attribute.A"},
	{"may: number to an integer", "A float64 encrypt,sign", "A int encrypt,sign", "BREAK-READ:attribute.A"},
	{"integer to one of the same bits", "A int encrypt,sign", "A int64 encrypt,sign", ""},
	{"Unix time to integer", "A time.Time encrypt,sign ,unixtime", "A int64 encrypt,sign", "SAFE:attribute.A"},
	{"text to time", "A string encrypt,sign", "A time.Time encrypt,sign", "BREAK-READ:attribute.A"},
	{"list to an array", "A []string encrypt,sign", "A [1]string encrypt,sign", "BREAK-READ:attribute.A"},
	{"may: array to a longer one", "A [1]string encrypt,sign", "A [2]string encrypt,sign", "MIXED-FLEET:attribute.A"},
	{"may: keys of a map to numbers", "A map[string]string encrypt,sign", "A map[int]string encrypt,sign", "BREAK-READ:attribute.A"},
	{"may: text to anything", "A string encrypt,sign", "A any encrypt,sign", "MIXED-FLEET:attribute.A"},

	{"logical table name", "table Test suite=0x6700; A string sign", "table Used suite=0x6700; A string sign", "BREAK-READ:table"},
	{"physical table name", "table Test suite=0x6700; A string sign", "table Test physical=other suite=0x6700; A string sign", ""},
	{"partition key", "ID string partition,sign; A string sign", "A string partition,sign; ID string sign", "BREAK-READ:key"},
	{"sort key added", "ID string partition,sign; A string sign", "ID string partition,sign; A string sort,sign", "BREAK-READ:key"},
	{"sort key removed", "ID string partition,sign; A string sort,sign", "ID string partition,sign; A string sign", "BREAK-READ:key"},
	{"type of a key", "ID int partition,sign; A string sign", "ID string partition,sign; A string sign", "BREAK-READ:attribute.ID"},
	{"suite with signatures to without", "table Test; A string sign", "table Test suite=0x6700; A string sign", "SAFE:suite"},
	{"suite without signatures to with", "table Test suite=0x6700; A string sign", "table Test; A string sign", "SAFE:suite"},

	{"beacon length", search, strings.Replace(search, "16", "20", 1), "LOST-QUERY:beacon.A"},
	{"beacon location", "beacon X length=16 loc=A; index x-index partition=X; A string encrypt,sign,beacon=X; B string encrypt,sign",
		"beacon X length=16 loc=B; index x-index partition=X; A string encrypt,sign; B string encrypt,sign,beacon=X", "LOST-QUERY:beacon.X"},
	{"beacon on another type", search, strings.Replace(search, "A string", "A int", 1), "BREAK-READ:attribute.A LOST-QUERY:beacon.A"},
	{"beacon on a number that becomes text", strings.Replace(search, "A string", "A int", 1), search, "LOST-QUERY:beacon.A MIXED-FLEET:attribute.A"},
	{"beacon on a time that becomes Unix time", strings.Replace(search, "A string", "A time.Time", 1), strings.Replace(search, "A string", "A time.Time", 1) + " ,unixtime", "LOST-QUERY:beacon.A MIXED-FLEET:attribute.A"},
	{"beacon shared", "beacon A length=16; beacon B length=16; index b-index partition=B; A string encrypt,sign; B string encrypt,sign",
		"beacon A length=16; beacon B length=16 style=shared(A); index b-index partition=B; A string encrypt,sign; B string encrypt,sign", "LOST-QUERY:beacon.B"},
	{"beacon added", "A string encrypt,sign", search, "PARTIAL-QUERY:beacon.A SAFE:index.a-index"},
	{"beacon gone", search, "A string encrypt,sign", "MIXED-FLEET:beacon.A SAFE:index.a-index"},
	{"beacon renamed", search, "beacon X length=16 loc=A; index x-index partition=X; A string encrypt,sign,beacon=X", "PARTIAL-QUERY:beacon.X MIXED-FLEET:beacon.A SAFE:index.a-index SAFE:index.x-index"},
	{"beacon on a new attribute", "A string sign", "beacon B length=16; index b-index partition=B; A string sign; B string encrypt,sign,beacon=B", "PARTIAL-QUERY:beacon.B MIXED-FLEET:attribute.B SAFE:index.b-index"},

	{"compound prefix", compoundOf("split=. encrypted=A:A-,B:B-"), compoundOf("split=. encrypted=A:X-,B:B-"), "LOST-QUERY:beacon.C"},
	{"compound order", compoundOf("split=. encrypted=A:A-,B:B-"), compoundOf("split=. encrypted=B:B-,A:A-"), "LOST-QUERY:beacon.C"},
	{"compound split", compoundOf("split=. encrypted=A:A-,B:B-"), compoundOf("split=~ encrypted=A:A-,B:B-"), "LOST-QUERY:beacon.C"},
	{"compound part added", compoundOf("split=. encrypted=A:A-,B:B-"), compoundOf("split=. encrypted=A:A-,B:B- signed=S:S-"), "LOST-QUERY:beacon.C"},
	{"compound of global parts", compoundOf("split=. encrypted=A:A-,B:B-"), "parts encrypted=A:A-,B:B-; constructor C = A + B; " + compoundOf("split=."), ""},
	{"compound by a constructor", compoundOf("split=. encrypted=A:A-,B:B-"), "constructor C = A + B; " + compoundOf("split=. encrypted=B:B-,A:A-"), ""},
	{"length of a part", compoundOf("split=. encrypted=A:A-,B:B-"), strings.Replace(compoundOf("split=. encrypted=A:A-,B:B-"), "beacon A length=16 style=partOnly", "beacon A length=20 style=partOnly", 1), "LOST-QUERY:beacon.A"},
	{"part that is stored as well", compoundOf("split=. encrypted=A:A-,B:B-"), strings.Replace(compoundOf("split=. encrypted=A:A-,B:B-"), "beacon A length=16 style=partOnly", "beacon A length=16; index a-index partition=A", 1), "PARTIAL-QUERY:beacon.A SAFE:index.a-index"},
	{"signed beacon added", signedIn(""), signedIn("compound C split=. signed=S:S-; index c-index partition=C"), "PARTIAL-QUERY:beacon.C SAFE:index.c-index"},
	{"signed beacon gone", signedIn("compound C split=. signed=S:S-; index c-index partition=C"), signedIn(""), "BREAK-READ:beacon.C SAFE:index.c-index"},
	{"signed beacon changed", signedIn("compound C split=. signed=S:S-; index c-index partition=C"), signedIn("compound C split=. signed=S:Z-; index c-index partition=C"), "LOST-QUERY:beacon.C"},

	{"signed beacon changed that is a key", signedIn("compound C split=. signed=S:S-; key sort=C"), signedIn("compound C split=. signed=S:Z-; key sort=C"), "BREAK-READ:beacon.C"},
	{"signed beacon that gets an encrypted part, in no constructor", unnamedPart(""), unnamedPart(" encrypted=A:A-"), "BREAK-READ:beacon.C LOST-QUERY:beacon.C MIXED-FLEET:index.c-index"},

	{"virtual field, transform", virtualOf("suffix(A,4)"), virtualOf("suffix(A,6)"), "LOST-QUERY:virtual.V"},
	{"virtual field, order", virtualOf("suffix(A,4) + B"), virtualOf("B + suffix(A,4)"), "LOST-QUERY:virtual.V"},

	{"more partitions", "partitions max=3; " + search, "partitions max=7; " + search, "MIXED-FLEET:partitions"},
	{"first partitions", search, "partitions max=4; " + search, "MIXED-FLEET:partitions"},
	{"fewer partitions", "partitions max=7; " + search, "partitions max=3; " + search, "LOST-QUERY:partitions"},
	{"no partitions", "partitions max=4; " + search, search, "LOST-QUERY:partitions"},
	{"more partitions, the beacon keeps its own", "partitions max=4; " + strings.Replace(search, "16", "16 partitions=2", 1), "partitions max=9; " + strings.Replace(search, "16", "16 partitions=2", 1), "SAFE:partitions"},
	{"more partitions of one part", partitioned("partitions=3", "partitions=2"), partitioned("partitions=4", "partitions=2"), "LOST-QUERY:partitions"},

	{"tenants", tenants(""), tenants("tenant tenant; "), "LOST-QUERY:tenant"},
	{"no tenants", tenants("tenant tenant; "), tenants(""), "LOST-QUERY:tenant"},

	{"index added", "A string sign", "index a-index partition=A; A string sign", "SAFE:index.a-index"},
	{"index gone", "index a-index partition=A; A string sign", "A string sign", "SAFE:index.a-index"},
	{"field moved", "A string sign; B string encrypt,sign", "B string encrypt,sign; A string sign", ""},
}

// TestRows proves each row: the classes that are reported are those that items on
// the embedded engine show.
func TestRows(t *testing.T) {
	for _, row := range rows {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			was, now := source(row.was), source(row.now)
			all := compare(t, was, now)
			var got []string
			for _, name := range names(all) {
				class, subject, _ := strings.Cut(name, ":")
				got = append(got, class+":"+strings.TrimPrefix(subject, "Test."))
			}
			if strings.Join(got, " ") != row.want {
				t.Errorf("reported %q, want %q", strings.Join(got, " "), row.want)
			}
			f := measure(t, was, now)
			excess, missing := unproved(f, all)
			// What a lock file says of a type leaves open whether the older version
			// reads more than it writes.
			if len(excess) > 0 && !strings.HasPrefix(row.what, "may: ") {
				t.Errorf("%v reported, and not proved: %+v", excess, f)
			}
			if len(missing) > 0 {
				t.Errorf("%v proved, and not reported: %+v", missing, f)
			}
			for _, c := range all {
				if c.Class != diff.Safe && (c.Reason == "" || len(c.Rollout) == 0) {
					t.Errorf("%s has no reason or no rollout", c.Name())
				}
			}
		})
	}
}

// compoundOf is a table with parts for a compound beacon C and an index on it.
func compoundOf(definition string) string {
	return "beacon A length=16 style=partOnly; beacon B length=16 style=partOnly; compound C " + definition + "; index c-index partition=C; " +
		"A string encrypt,sign,beacon=C; B string encrypt,sign,beacon=C; S string sign" + signedTag(definition)
}

// signedTag is the end of the tag of S where it is a part.
func signedTag(definition string) string {
	if strings.Contains(definition, "S:") {
		return ",beacon=C"
	}
	return ""
}

func signedIn(definition string) string {
	return definition + "; beacon A length=16; A string encrypt,sign; S string sign" + signedTag(definition)
}

// unnamedPart is a table with a beacon C whose constructor names the signed part.
func unnamedPart(encrypted string) string {
	return "constructor C = S; " + signedIn("compound C split=. signed=S:S-"+encrypted+"; index c-index partition=C")
}

func virtualOf(parts string) string {
	b := ""
	if strings.Contains(parts, "B") {
		b = ",beacon=V"
	}
	return "virtual V = " + parts + "; beacon V length=20; index v-index partition=V; A string encrypt,sign,beacon=V; B string encrypt,sign" + b
}

func partitioned(a, b string) string {
	return "partitions max=6; beacon A length=16 style=partOnly " + a + "; beacon B length=16 style=partOnly " + b +
		"; compound C split=. encrypted=A:A-,B:B-; index c-index partition=C; A string encrypt,sign,beacon=C; B string encrypt,sign,beacon=C"
}

func tenants(directive string) string {
	return directive + "beacon A length=16; index a-index partition=A; Tenant string partition,sign tenant; A string encrypt,sign"
}
