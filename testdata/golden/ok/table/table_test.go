package table

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "prod-ledger", "Account:N Entry:B", "owner-index Owner:S When:N", "amount-index amount:N", "when-index Account:N When:N local")
	r, err := NewLedgerRepository(ctx, w.Client, w.Keyring)
	if err != nil {
		t.Fatal(err)
	}
	amount := uint64(12)
	v := &Ledger{Account: 1, Entry: []byte{2}, Owner: "me", When: 3, Amount: &amount, Expires: 4, Memo: "secret"}
	roundtrip.Item(t, r, v,
		func() (*Ledger, error) { return r.Get(ctx, 1, []byte{2}) },
		func() error { return r.Delete(ctx, 1, []byte{2}) })
	w.Encrypted(t, "Memo")
	if n, ok := w.Stored(t)["amount"].(*types.AttributeValueMemberN); !ok || n.Value != "12" {
		t.Errorf("the amount is stored as %v", n)
	}
	roundtrip.Found(t, r.QueryByOwnerAndWhen(ctx, "me", 3), v)
	roundtrip.NotFound(t, r.QueryByOwnerAndWhen(ctx, "me", 4))
	roundtrip.Found(t, r.QueryByOwner(ctx, "me"), v)
	roundtrip.Found(t, r.QueryByAmount(ctx, 12), v)
	roundtrip.Found(t, r.QueryByAccountAndWhen(ctx, 1, 3), v)
	roundtrip.NotFound(t, r.QueryByAccountAndWhen(ctx, 1, 4))
}

func TestUnexported(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "2nd.journal", "Journal:S Opts:S")
	r, err := newJournalRepository(ctx, w.Client, w.Keyring)
	if err != nil {
		t.Fatal(err)
	}
	v := &journal{Type: "t", Range: "r", Journal: "j", Opts: "o"}
	roundtrip.Item(t, r, v,
		func() (*journal, error) { return r.Get(ctx, "j", "o") },
		func() error { return r.Delete(ctx, "j", "o") })
}
