package search

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	ddbe "github.com/ddbegen/ddbegen/runtime"
	"github.com/ddbegen/ddbegen/runtime/crypto/hierarchical"
	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "Tickets", "ID:S", "email-index aws_dbe_b_Email:S Opened:S", "status-index status:S", "zip-index aws_dbe_b_zip:S", "contact-index aws_dbe_b_contact:S Status:S", "initials-index aws_dbe_b_people:S")
	byTenant := hierarchical.SupplierFunc(func(_ context.Context, a hierarchical.Attributes) (string, error) {
		tenant, ok := a.Text("Tenant")
		if !ok {
			return "", errors.New("item has no Tenant")
		}
		return tenant, nil
	})
	keyring, err := hierarchical.New(w.Keys, byTenant, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	r, err := NewTicketRepository(ctx, w.Client, keyring, ddbe.WithTenantKeyStore(w.Keys))
	if err != nil {
		t.Fatal(err)
	}
	v := &Ticket{
		ID: "7", Tenant: roundtrip.BranchKey, Opened: "2026", Status: "open", Email: "ann@b.c", BackupEmail: "x@b.c", Labels: []string{"a"}, Watchers: []string{"w"},
		Building: "B1", Floor: 3, Address: Address{Zip: "12345"}, Phones: []string{"1"}, First: "ann", Last: "LEE", Path: "a/b/c/d",
	}
	roundtrip.Item(t, r, v,
		func() (*Ticket, error) { return r.Get(ctx, "7") },
		func() error { return r.Delete(ctx, "7") })
	w.Encrypted(t, "Email", "BackupEmail", "Labels", "Watchers", "Building", "Floor", "Address", "Phones", "First", "Last")
	roundtrip.Found(t, r.QueryByEmailAndOpened(ctx, roundtrip.BranchKey, "ann@b.c", "2026"), v)
	roundtrip.Found(t, r.QueryByEmail(ctx, roundtrip.BranchKey, "ann@b.c"), v)
	roundtrip.NotFound(t, r.QueryByEmail(ctx, roundtrip.BranchKey, "bob@b.c"))
	roundtrip.Found(t, r.QueryByZip(ctx, roundtrip.BranchKey, "12345"), v)
	roundtrip.NotFound(t, r.QueryByZip(ctx, roundtrip.BranchKey, "54321"))
	roundtrip.Found(t, r.QueryByContactAndStatus(ctx, roundtrip.BranchKey, "2026", "ann@b.c", "12345", "open"), v)
	roundtrip.Found(t, r.QueryByStatus(ctx, roundtrip.BranchKey, "2026", "7"), v)
	roundtrip.Found(t, r.QueryByPeople(ctx, roundtrip.BranchKey, "ann", "LEE", "ann@b.c", "a/b/c/d"), v)
	roundtrip.NotFound(t, r.QueryByPeople(ctx, roundtrip.BranchKey, "bob", "LEE", "ann@b.c", "a/b/c/d"))

	resolved, err := r.ResolveAttributes(v)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"initials": "Aee-annb/c"} {
		if got := resolved.VirtualFields[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for name, want := range map[string]string{"where": "O-2026~B-B1~F-3", "status": "W-2026:I-7", "contact": "O =2026,E-ann@b.c,Z-12345"} {
		if got := resolved.CompoundBeacons[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	item := w.Stored(t)
	for name, want := range map[string]bool{"aws_dbe_b_Building": false, "aws_dbe_b_zip": true, "aws_dbe_b_firstPhone": true, "aws_dbe_b_where": true, "status": true} {
		if _, ok := item[name].(*types.AttributeValueMemberS); ok != want {
			t.Errorf("%s is in the item: %t", name, ok)
		}
	}
}
