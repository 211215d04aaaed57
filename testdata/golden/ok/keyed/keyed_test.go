package keyed

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestReading(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "Readings", "PK:S SK:S", "value-index aws_dbe_b_Value:S PK:S")
	r, err := NewReadingRepository(ctx, w.Client, w.Keyring, w.WithKeys())
	if err != nil {
		t.Fatal(err)
	}
	v := &Reading{Site: "north", Meter: 3, Taken: "2026-01-02", Value: "12.5"}
	roundtrip.Item(t, r, v,
		func() (*Reading, error) { return r.Get(ctx, "north", 3, "2026-01-02") },
		func() error { return r.Delete(ctx, "north", 3, "2026-01-02") })
	if pk, ok := w.Stored(t)["PK"].(*types.AttributeValueMemberS); !ok || pk.Value != "S-north#M-3" {
		t.Errorf("the partition key is stored as %v", pk)
	}
	roundtrip.Found(t, r.QueryByValueAndPK(ctx, "12.5", "north", 3), v)
	v.Value = "13"
	if _, err := r.Update(ctx, "north", 3, "2026-01-02", func(r *Reading) error { r.Value = "13"; return nil }); err != nil {
		t.Fatal(err)
	}
	roundtrip.Found(t, r.QueryByValueAndPK(ctx, "13", "north", 3), v)
}

func TestNote(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "Notes", "Author:S order:S")
	r, err := NewNoteRepository(ctx, w.Client, w.Keyring, w.WithKeys())
	if err != nil {
		t.Fatal(err)
	}
	v := &Note{Author: "ann", Day: "mon", Number: 1, Text: "t"}
	roundtrip.Item(t, r, v,
		func() (*Note, error) { return r.Get(ctx, "ann", "mon", 1) },
		func() error { return r.Delete(ctx, "ann", "mon", 1) })
}
