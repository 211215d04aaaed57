package generic

import (
	"testing"

	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "Samples", "id:S", "value-index aws_dbe_b_value:S")
	r, err := NewReadingRepository(ctx, w.Client, w.Keyring, w.WithKeys())
	if err != nil {
		t.Fatal(err)
	}
	v := &Reading{
		Sample: Sample[string, Celsius]{ID: "1", Value: 21.5, Trace: &Trace[Celsius]{Before: []Celsius{20, 21}}},
		Raw:    Box[[]byte]{[]byte{1}}, Many: Box[[]string]{[]string{"a"}}, One: &Box[string]{"one"},
		Last: Some[Celsius](3), Series: []Pair[string, Box[Celsius]]{{"mon", Box[Celsius]{4}}},
		ByDay: map[string]Maybe[[]string]{"mon": Some([]string{"x"}), "tue": {}},
		Tree:  Tree[Celsius]{1, []Tree[Celsius]{{Value: 2}}, &Tree[Celsius]{Value: 3}},
		Sets:  Set[string]{"a", "b"},
	}
	roundtrip.Item(t, r, v,
		func() (*Reading, error) { return r.Get(ctx, "1") },
		func() error { return r.Delete(ctx, "1") })
	w.Encrypted(t, "value", "before", "Raw", "Many", "Last", "Series", "ByDay", "Tree", "Sets")
	roundtrip.Found(t, r.QueryByValue(ctx, 21.5), v)
	roundtrip.NotFound(t, r.QueryByValue(ctx, 22))
}
