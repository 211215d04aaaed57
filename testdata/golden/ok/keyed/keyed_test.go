package keyed

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/crypto/hierarchical"
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

// TestSample holds that a keyring can choose the branch key of an item by a tenant
// that is in its key.
func TestSample(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "MeterSamples", "PK:S", "value-index aws_dbe_b_Value:S")
	bySite := hierarchical.SupplierFunc(func(_ context.Context, a hierarchical.Attributes) (string, error) {
		pk, _ := a.Text("PK")
		site, _, ok := strings.Cut(strings.TrimPrefix(pk, "S-"), "#")
		if !ok {
			return "", fmt.Errorf("no site in the key %q", pk)
		}
		return site, nil
	})
	keyring, err := hierarchical.New(w.Keys, bySite, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewSampleRepository(ctx, w.Client, keyring, ddbe.WithTenantKeyStore(w.Keys))
	if err != nil {
		t.Fatal(err)
	}
	v := &Sample{Site: roundtrip.BranchKey, Meter: 3, Value: "12.5"}
	roundtrip.Item(t, r, v,
		func() (*Sample, error) { return r.Get(ctx, roundtrip.BranchKey, 3) },
		func() error { return r.Delete(ctx, roundtrip.BranchKey, 3) })
	roundtrip.Found(t, r.QueryByValue(ctx, roundtrip.BranchKey, "12.5"), v)
	roundtrip.NotFound(t, r.QueryByValue(ctx, roundtrip.BranchKey, "13"))
}
