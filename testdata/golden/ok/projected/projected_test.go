package projected

import (
	"testing"

	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "Claims", "id:S",
		"email-index aws_dbe_b_email:S filed:S projection=keys",
		"plate-index aws_dbe_b_plate:S projection=include(plate,status)",
		"status-index status:S aws_dbe_b_emailPlate:S projection=include(email,aws_dbe_b_email,plate,aws_dbe_b_plate,note)",
		"filed-index filed:S")
	r, err := NewClaimRepository(ctx, w.Client, w.Keyring, w.WithKeys())
	if err != nil {
		t.Fatal(err)
	}
	v := &Claim{ID: "7", Filed: "2026-11-22", Status: "open", Email: "ann@b.c", Plate: "ZH 1", Note: "secret"}
	roundtrip.Item(t, r, v,
		func() (*Claim, error) { return r.Get(ctx, "7") },
		func() error { return r.Delete(ctx, "7") })
	roundtrip.Found(t, r.QueryByEmailAndFiled(ctx, "ann@b.c", "2026-11-22"), v)
	roundtrip.Found(t, r.QueryByEmail(ctx, "ann@b.c"), v)
	roundtrip.NotFound(t, r.QueryByEmail(ctx, "bob@b.c"))
	roundtrip.Found(t, r.QueryByPlate(ctx, "ZH 1"), v)
	roundtrip.Found(t, r.QueryByStatusAndEmailPlate(ctx, "open", "ann@b.c", "ZH 1"), v)
	roundtrip.Found(t, r.QueryByStatus(ctx, "open"), v)
	roundtrip.NotFound(t, r.QueryByStatus(ctx, "closed"))
	roundtrip.Found(t, r.QueryByFiled(ctx, "2026-11-22"), v)
}
