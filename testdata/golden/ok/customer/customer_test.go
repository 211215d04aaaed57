package customer

import (
	"testing"
	"time"

	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "Customers", "TenantID:S ID:S", "email-index aws_dbe_b_Email:S")
	r, err := NewCustomerRepository(ctx, w.Client, w.Keyring, w.WithKeys())
	if err != nil {
		t.Fatal(err)
	}
	c := &Customer{TenantID: "acme", ID: "1", Region: "eu", Email: "a@b.c", Joined: time.Unix(1e9, 1).UTC()}
	roundtrip.Item(t, r, c,
		func() (*Customer, error) { return r.Get(ctx, "acme", "1") },
		func() error { return r.Delete(ctx, "acme", "1") })
	w.Encrypted(t, "Email", "Joined")
	roundtrip.Found(t, r.QueryByEmail(ctx, "a@b.c"), c)
	roundtrip.NotFound(t, r.QueryByEmail(ctx, "b@b.c"))

	c.Region = "us"
	got, err := r.Update(ctx, "acme", "1", func(c *Customer) error { c.Region = "us"; return nil })
	if err != nil || *got != *c {
		t.Errorf("updated to %+v, %v", got, err)
	}
	roundtrip.Found(t, r.QueryByEmail(ctx, "a@b.c"), c)
}
