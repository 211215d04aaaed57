package runtime

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func someCursors() []cursor {
	return []cursor{
		{}, {done: true},
		{start: Key{"pk": &types.AttributeValueMemberS{Value: "p"}, "sk": &types.AttributeValueMemberN{Value: "-1.5"}, "aws_dbe_b_x": &types.AttributeValueMemberB{Value: []byte{0, 255}}}},
		{done: true}, {},
	}
}

func TestPageTokenRoundTrip(t *testing.T) {
	pages, err := newPageCipher(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	want := someCursors()
	token, err := sealPageToken(pages, want, []byte("query"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := openPageToken(pages, token, len(want), []byte("query"))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	again, err := sealPageToken(pages, want, []byte("query"))
	if err != nil || reflect.DeepEqual(again, token) {
		t.Errorf("the same token twice: %v, %v", again, err)
	}
	otherKey, err := newPageCipher(bytes.Repeat([]byte{8}, 32))
	if err != nil {
		t.Fatal(err)
	}
	for what, open := range map[string]func() ([]cursor, error){
		"another number of partitions": func() ([]cursor, error) { return openPageToken(pages, token, 4, []byte("query")) },
		"another query":                func() ([]cursor, error) { return openPageToken(pages, token, 5, []byte("other")) },
		"another tenant":               func() ([]cursor, error) { return openPageToken(otherKey, token, 5, []byte("query")) },
	} {
		if got, err := open(); err != ErrPageToken {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
}

// FuzzParseCursors holds that what is read can be written and read again, and that
// nothing panics.
func FuzzParseCursors(f *testing.F) {
	plain, err := appendCursors(nil, someCursors())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	for i := range plain {
		f.Add(plain[:i])
	}
	f.Add([]byte{2, 1, 'a', 0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, b []byte) {
		cursors, ok := parseCursors(b)
		if !ok {
			return
		}
		again, err := appendCursors(nil, cursors)
		if err != nil {
			return // a text that is no number: only this package's own tokens are read
		}
		reread, ok := parseCursors(again)
		if !ok {
			t.Fatalf("wrote %x for %+v, which cannot be read", again, cursors)
		}
		// A number that was not in normal form is now.
		if twice, err := appendCursors(nil, reread); err != nil || !bytes.Equal(twice, again) {
			t.Fatalf("wrote %x, read it and wrote %x, %v", again, twice, err)
		}
	})
}
