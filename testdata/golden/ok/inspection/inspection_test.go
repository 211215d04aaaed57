package inspection

import (
	"testing"

	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "UnitInspections", "work_id:S inspection_date:S", "last4-unit-index aws_dbe_b_last4UnitCompound:S")
	r, err := NewInspectionRepository(ctx, w.Client, w.Keyring, w.WithKeys())
	if err != nil {
		t.Fatal(err)
	}
	i := &Inspection{WorkID: "9ce39272-8068-4efd-a211-cd162ad65d4c", InspectionDate: "2023-06-13", InspectorIDLast4: "5678", Unit: "011899988199"}
	roundtrip.Item(t, r, i,
		func() (*Inspection, error) { return r.Get(ctx, i.WorkID, i.InspectionDate) },
		func() error { return r.Delete(ctx, i.WorkID, i.InspectionDate) })
	w.Encrypted(t, "inspector_id_last4", "unit")
	roundtrip.Found(t, r.QueryByLast4UnitCompound(ctx, "5678", "011899988199"), i)
	roundtrip.NotFound(t, r.QueryByLast4UnitCompound(ctx, "011899988199", "5678"))
	resolved, err := r.ResolveAttributes(i)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := resolved.CompoundBeacons["last4UnitCompound"], "L-5678.U-011899988199"; got != want {
		t.Errorf("resolved to %q, want %q", got, want)
	}
}
