package nested

import (
	"net/url"
	"testing"
	"time"

	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "Orders", "ID:S")
	r, err := NewOrderRepository(ctx, w.Client, w.Keyring)
	if err != nil {
		t.Fatal(err)
	}
	person := Person{Name: "Ann", Contact: Contact{Email: "a@b.c", Phone: []string{"1", "2"}}, Audit: &Audit{Created: time.Unix(5, 0), Stamps: Stamps{time.Unix(6, 0).UTC()}}}
	v := &Order{
		ID: "1", Buyer: person, Seller: &person, Lines: []Line{{SKU: "a", Amount: 1, Of: []Line{{SKU: "b", Of: []Line{}}}}},
		ByName:   map[string]*Person{"ann": &person},
		Category: Tree{Name: "root", Children: map[string]*Tree{"leaf": {Name: "leaf"}}},
		Left:     Even{&Odd{&Even{}}}, Pair: Pair[string, int]{"k", 1}, Query: url.Values{"q": {"a", "b"}},
	}
	v.Place.Lat, v.Place.Long = 1.5, -2
	roundtrip.Item(t, r, v,
		func() (*Order, error) { return r.Get(ctx, "1") },
		func() error { return r.Delete(ctx, "1") })
	w.Encrypted(t, "Buyer", "Seller", "Lines", "ByName", "Category", "Left", "Pair", "Place", "Query")
}
