package ways

import (
	"iter"
	"slices"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func ptr[T any](v T) *T { return &v }

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "Shipments", "id:S", "address-index aws_dbe_b_address:S day:S", "where-index aws_dbe_b_where:S projection=keys", "who-index aws_dbe_b_customer:S aws_dbe_b_who:S")
	r, err := NewShipmentRepository(ctx, w.Client, w.Keyring, w.WithKeys())
	if err != nil {
		t.Fatal(err)
	}
	v := &Shipment{ID: "whole", Day: "1", Customer: "ann", City: "Lyon", Street: "Rue", Carrier: ptr("dove"), First: "Ann", Last: "Lee", Floor: ptr(3)}
	roundtrip.Item(t, r, v,
		func() (*Shipment, error) { return r.Get(ctx, "whole") },
		func() error { return r.Delete(ctx, "whole") })
	for _, v := range []*Shipment{
		{ID: "city", Day: "1", Customer: "ann", City: "Lyon"},
		{ID: "carrier", Day: "1", Customer: "ann", Carrier: ptr("dove"), First: "Ann"},
		{ID: "hub", Customer: "bob", Hub: ptr("north"), First: "Bo", Last: "Ox"},
		{ID: "hub-day", Day: "1", Customer: "bob", Hub: ptr("north"), Floor: ptr(3)},
		{ID: "hub-city", Day: "1", Customer: "cyd", Hub: ptr("north"), City: "Lyon", Street: "Quai"},
	} {
		if err := r.Put(ctx, v); err != nil {
			t.Fatal(err)
		}
	}
	for what, c := range map[string]struct {
		query iter.Seq2[*Shipment, error]
		want  []string
	}{
		"a city and its street":         {r.QueryByAddressAndDay(ctx, "Lyon", ptr("Rue"), "1"), []string{"whole"}},
		"a city alone":                  {r.QueryByAddressAndDay(ctx, "Lyon", nil, "1"), []string{"city"}},
		"a city on another day":         {r.QueryByAddressAndDay(ctx, "Lyon", nil, "2"), nil},
		"a city on any day":             {r.QueryByAddress(ctx, "Lyon", nil), []string{"city"}},
		"the first way":                 {r.QueryByWhereDayCity(ctx, "1", "Lyon", nil), []string{"city"}},
		"the first way, whole":          {r.QueryByWhereDayCity(ctx, "1", "Lyon", ptr("Rue")), []string{"whole"}},
		"the first way, with a hub":     {r.QueryByWhereDayCity(ctx, "1", "Lyon", ptr("Quai")), []string{"hub-city"}},
		"the second way":                {r.QueryByWhereDayCarrier(ctx, "1", "dove"), []string{"carrier"}},
		"the third way":                 {r.QueryByWhereHub(ctx, "north", nil), []string{"hub"}},
		"the third way, with a day":     {r.QueryByWhereHub(ctx, "north", ptr("1")), []string{"hub-day"}},
		"nobody's name":                 {r.QueryByCustomerAndWho(ctx, "ann", nil, nil, nil), []string{"carrier", "city"}},
		"a name":                        {r.QueryByCustomerAndWho(ctx, "bob", ptr("Bo"), ptr("Ox"), nil), []string{"hub"}},
		"initials":                      {r.QueryByCustomerAndWho(ctx, "bob", ptr("Bea"), ptr("O"), nil), []string{"hub"}},
		"a floor":                       {r.QueryByCustomerAndWho(ctx, "bob", nil, nil, ptr(3)), []string{"hub-day"}},
		"a name and a floor":            {r.QueryByCustomerAndWho(ctx, "ann", ptr("Ann"), ptr("Lee"), ptr(3)), []string{"whole"}},
		"a customer, whoever it may be": {r.QueryByCustomer(ctx, "ann"), []string{"carrier", "city", "whole"}},
	} {
		var got []string
		for v, err := range c.query {
			if err != nil {
				t.Fatalf("%s: %v", what, err)
			}
			got = append(got, v.ID)
		}
		slices.Sort(got)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: found %q, want %q", what, got, c.want)
		}
	}
	// Initials are made of both names.
	for missing, query := range map[string]iter.Seq2[*Shipment, error]{
		"last": r.QueryByCustomerAndWho(ctx, "ann", ptr("Ann"), nil, nil), "first": r.QueryByCustomerAndWho(ctx, "ann", nil, ptr("Lee"), ptr(3)),
	} {
		for v, err := range query {
			if v != nil || err == nil || !strings.Contains(err.Error(), "without "+missing) {
				t.Errorf("half of a name: %v, %v", v, err)
			}
		}
	}
}
