package testresult

import (
	"testing"

	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "TestResults", "customer_id:S create_time:N", "stateAndHasTestResult-index aws_dbe_b_stateAndHasTestResult:S")
	r, err := NewTestResultRepository(ctx, w.Client, w.Keyring, w.WithKeys())
	if err != nil {
		t.Fatal(err)
	}
	v := &TestResult{CustomerID: "ABC-123", CreateTime: 1681495205, State: "CA", HasTestResult: true}
	roundtrip.Item(t, r, v,
		func() (*TestResult, error) { return r.Get(ctx, v.CustomerID, v.CreateTime) },
		func() error { return r.Delete(ctx, v.CustomerID, v.CreateTime) })
	w.Encrypted(t, "state", "hasTestResult")
	roundtrip.Found(t, r.QueryByStateAndHasTestResult(ctx, "CA", true), v)
	roundtrip.NotFound(t, r.QueryByStateAndHasTestResult(ctx, "CA", false))
	resolved, err := r.ResolveAttributes(v)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := resolved.VirtualFields["stateAndHasTestResult"], "CAt"; got != want {
		t.Errorf("resolved to %q, want %q", got, want)
	}
}
