package names

import (
	"net/url"
	"testing"
	"time"

	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

// A receiver in the generated file has this name, too.
const c = "c"

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "context", "Context:S Ctx:S", "range-index Range:S")
	r, err := NewContextRepository(ctx, w.Client, w.Keyring)
	if err != nil {
		t.Fatal(err)
	}
	v := &Context{Context: "a", Ctx: "b", Range: c, R: "d", URL: &url.URL{Host: "example.com"}, At: time.Unix(1, 0).UTC(), IDs: []time.Time{}, String: "s"}
	roundtrip.Item(t, r, v,
		func() (*Context, error) { return r.Get(ctx, "a", "b") },
		func() error { return r.Delete(ctx, "a", "b") })
	roundtrip.Found(t, r.QueryByRange(ctx, c), v)
}
