package redacted

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "Letters", "ID:S")
	r, err := NewLetterRepository(ctx, w.Client, w.Keyring)
	if err != nil {
		t.Fatal(err)
	}
	l := &Letter{ID: "1", Format: "A4", Body: "secret", Time: time.Unix(1e9, 0).UTC()}
	roundtrip.Item(t, r, l,
		func() (*Letter, error) { return r.Get(ctx, "1") },
		func() error { return r.Delete(ctx, "1") })
}

func TestNothingEncryptedIsPrinted(t *testing.T) {
	l := Letter{ID: "1", Format: "A4", Body: "secret"}
	p := Parcel{ID: "1", Body: "secret"}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("sent", "letter", l, "parcel", &p)
	for _, printed := range []string{
		fmt.Sprint(l), fmt.Sprintf("%+v", []*Letter{&l}), l.String(), fmt.Sprintf("%s", p), log.String(),
	} {
		if strings.Contains(printed, "secret") || !strings.Contains(printed, "1") {
			t.Errorf("printed %s", printed)
		}
	}
	if got := fmt.Sprint(p); got != "parcel 1" {
		t.Errorf("a method of the struct's own was not used: %s", got)
	}
	if got := fmt.Sprint(Card{ID: "1", Text: "open"}); got != "{1 open}" {
		t.Errorf("printed %s", got)
	}
}

func TestNothingEncryptedIsPrintedOfOthers(t *testing.T) {
	parcel := Parcel{ID: "1", Body: "secret"}
	f := Folder{
		ID:     "1",
		Drafts: draft{[]Parcel{parcel}},
		Others: []Folder{{Drafts: draft{[]Parcel{parcel}}}},
		Last:   map[string]*Letter{"a": {Body: "secret"}},
		read:   [1]read{{parcel}},
		Cards:  []Card{{ID: "1", Text: "open"}},
		shelf:  shelf{Name: "oak", Boxes: []stack[Parcel]{{&parcel}}},
	}
	var object, text bytes.Buffer
	slog.New(slog.NewJSONHandler(&object, nil)).Info("read", "folder", &f)
	slog.New(slog.NewTextHandler(&text, nil)).Info("read", "folder", f)
	for _, printed := range []string{fmt.Sprint(f), fmt.Sprintf("%#v", &f), fmt.Sprintf("%d", f), object.String(), text.String()} {
		if strings.Contains(printed, "secret") || !strings.Contains(printed, "open") || !strings.Contains(printed, "oak") {
			t.Errorf("printed %s", printed)
		}
	}
	if got := fmt.Sprintf("%v", (*Folder)(nil)); got != "<nil>" {
		t.Errorf("a nil pointer is printed as %s", got)
	}
}
