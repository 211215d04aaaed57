package schemaproof_test

import (
	"slices"
	"testing"
)

// TestOrderOfStructs moves a struct behind another one of its table, whose beacon C
// then has its constructors in another order.
func TestOrderOfStructs(t *testing.T) {
	const first = `
//ddbe:table Test suite=0x6700
//ddbe:discriminator kind=first
//ddbe:beacon A length=16
//ddbe:beacon B length=16
//ddbe:compound C split=. encrypted=A:A-,B:B-
//ddbe:constructor C = A + B
//ddbe:index c-index partition=C
type First struct {
	ID string ` + "`ddbe:\"partition,sign\"`" + `
	A string ` + "`ddbe:\"encrypt,sign,beacon=C\"`" + `
	B string ` + "`ddbe:\"encrypt,sign,beacon=C\"`" + `
}
`
	const apart = `
//ddbe:table Test
//ddbe:discriminator kind=second
//ddbe:beacon A length=16
//ddbe:beacon D length=16
//ddbe:compound C split=. encrypted=A:A-,D:D-
//ddbe:constructor C = A + D
//ddbe:index c-index partition=C
type Second struct {
	ID string ` + "`ddbe:\"partition,sign\"`" + `
	A string ` + "`ddbe:\"encrypt,sign,beacon=C\"`" + `
	D string ` + "`ddbe:\"encrypt,sign,beacon=C\"`" + `
}
`
	const both = `
//ddbe:table Test
//ddbe:discriminator kind=second
//ddbe:beacon A length=16
//ddbe:beacon B length=16
//ddbe:beacon D length=16
//ddbe:compound C split=. encrypted=A:A-,B:B-,D:D-
//ddbe:constructor C = A + D
//ddbe:constructor C = A + B
//ddbe:index c-index partition=C
type Second struct {
	ID string ` + "`ddbe:\"partition,sign\"`" + `
	A string ` + "`ddbe:\"encrypt,sign,beacon=C\"`" + `
	B string ` + "`ddbe:\"encrypt,sign,beacon=C\"`" + `
	D string ` + "`ddbe:\"encrypt,sign,beacon=C\"`" + `
}
`
	for _, c := range []struct {
		what, second string
		want         []string
	}{
		{"no item has the parts of both", apart, nil},
		{"an item has", both, []string{"LOST-QUERY:Test.beacon.C"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			was, now := first+c.second, c.second+first
			all := compare(t, was, now)
			if got := names(all); !slices.Equal(got, c.want) {
				t.Errorf("reported %q, want %q", got, c.want)
			}
			lost := 0
			for i := range 2 {
				f := meetAll(t, versionOf(t, was, i), versionOf(t, now, 1-i))
				if _, missing := unproved(f, all); len(missing) > 0 {
					t.Errorf("struct %d: %v proved and not reported", i, missing)
				}
				lost += len(f.classes())
			}
			if (lost > 0) != (len(c.want) > 0) {
				t.Errorf("%d classes were proved", lost)
			}
		})
	}
}
