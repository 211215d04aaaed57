package embedded

import (
	"testing"

	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "Documents", "Folder:S ID:N", "title-index aws_dbe_b_Title:S", "place-index aws_dbe_b_place:S", "changed-index Folder:S changed:N local")
	r, err := NewDocumentRepository(ctx, w.Client, w.Keyring, w.WithKeys())
	if err != nil {
		t.Fatal(err)
	}
	v := &Document{
		Keys: Keys{Folder: "f", ID: 1}, stamps: stamps{Audit: Audit{By: "me"}, Changed: 5}, Title: "t",
		Author: &Person{Name: "Ann", Home: &Home{City: "Rome"}}, Text: Text{Body: "b"},
	}
	roundtrip.Item(t, r, v,
		func() (*Document, error) { return r.Get(ctx, "f", 1) },
		func() error { return r.Delete(ctx, "f", 1) })
	w.Encrypted(t, "Title", "Author", "by", "text")
	roundtrip.Found(t, r.QueryByTitle(ctx, "t"), v)
	roundtrip.Found(t, r.QueryByPlace(ctx, "f", "Rome"), v)
	roundtrip.NotFound(t, r.QueryByPlace(ctx, "f", "Paris"))
	roundtrip.Found(t, r.QueryByFolderAndChanged(ctx, "f", 5), v)
	roundtrip.Found(t, r.QueryByFolder(ctx, "f"), v)
}
