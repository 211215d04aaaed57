package shared

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "Shop", "pk:S sk:S", "gsi aws_dbe_b_GSI:S", "email-index aws_dbe_b_email:S", "sort-index sk:S")
	customers, err := NewCustomerRepository(ctx, w.Client, w.Keyring, w.WithKeys())
	if err != nil {
		t.Fatal(err)
	}
	orders, err := NewOrderRepository(ctx, w.Client, w.Keyring, w.WithKeys())
	if err != nil {
		t.Fatal(err)
	}
	c := &Customer{ID: "1", Sort: "customer", Region: "eu", Email: "a@b.c", Tags: Tags{Rest: ddbe.Item{"lock": &types.AttributeValueMemberN{Value: "7"}}}}
	roundtrip.Item(t, customers, c,
		func() (*Customer, error) { return customers.Get(ctx, "1", "customer") },
		func() error { return customers.Delete(ctx, "1", "customer") })
	w.Encrypted(t, "email")
	o := &Order{Customer: "1", Number: "7", Status: "sent", Item: "lamp", Email: "a@b.c", Lock: 3, Others: ddbe.Item{"note": &types.AttributeValueMemberS{Value: "by hand"}}}
	roundtrip.Item(t, orders, o,
		func() (*Order, error) { return orders.Get(ctx, "1", "7") },
		func() error { return orders.Delete(ctx, "1", "7") })
	roundtrip.Found(t, customers.QueryByEmail(ctx, "a@b.c"), c)
	roundtrip.Found(t, orders.QueryByEmail(ctx, "a@b.c"), o)
	roundtrip.Found(t, customers.QueryByGSI(ctx, "eu", "a@b.c"), c)
	roundtrip.Found(t, orders.QueryByGSI(ctx, "sent", "lamp"), o)
	roundtrip.NotFound(t, orders.QueryByGSI(ctx, "sent", "desk"))
	roundtrip.Found(t, orders.QueryByNumber(ctx, "7"), o)
	roundtrip.NotFound(t, orders.QueryByNumber(ctx, "customer"))

	if _, err := orders.Get(ctx, "1", "customer"); !errors.Is(err, ddbe.ErrOtherKind) {
		t.Errorf("a customer was read as an order: %v", err)
	}
}
