package embedding

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/testdata/golden/ok/embedding/base"
	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "Reports", "id:S", "note-index aws_dbe_b_note:S", "grade-index status:S grade:N")
	r, err := NewReportRepository(ctx, w.Client, w.Keyring, w.WithKeys())
	if err != nil {
		t.Fatal(err)
	}
	by := "Ann"
	full := &Report{
		Key:       Key{ID: "1"},
		Audit:     &base.Audit{Created: time.Unix(1e9, 0).UTC(), By: &by, Review: &base.Review{Note: "good", Grade: 2}},
		Draft:     &Draft{ID: "d", Lines: []Line{{Text: "a", Notes: []*Line{{Text: "b"}}}}, Text: &Text{Body: "text", Phrases: map[string]string{"a": "b"}}},
		Versioned: base.Versioned[Edition]{Version: Edition{2024, 1}, Previous: []Edition{{2023, 4}}},
		Status:    "open", Mark: 5,
		Source: &Source{Name: "s", Place: &Place{City: "Bern", Spot: &Spot{Lat: 1}}, Grade: 3},
	}
	roundtrip.Item(t, r, full,
		func() (*Report, error) { return r.Get(ctx, "1") },
		func() error { return r.Delete(ctx, "1") })
	w.Encrypted(t, "by", "note", "lines", "body", "phrases", "previous", "Source")
	roundtrip.Found(t, r.QueryByNote(ctx, "good"), full)
	roundtrip.NotFound(t, r.QueryByNote(ctx, "bad"))
	roundtrip.Found(t, r.QueryByStatusAndGrade(ctx, "open", 2), full)

	empty := &Report{Key: Key{ID: "2"}, Status: "new"}
	roundtrip.Item(t, r, empty,
		func() (*Report, error) { return r.Get(ctx, "2") },
		func() error { return r.Delete(ctx, "2") })
}

// TestLikeAttributevalue holds that what is embedded by pointer is left out while
// the pointer is nil, and that reading sets the pointer as soon as one of the
// attributes is there, even if it is NULL, as attributevalue does both.
func TestLikeAttributevalue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := draw(t)
		item, err := reportSchema.Fields.Encode(v)
		if err != nil {
			t.Fatal(err)
		}
		want, err := roundtrip.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(item, want) {
			t.Fatalf("wrote\n%s\nattributevalue\n%s", show(item), show(want))
		}

		for _, attribute := range reportSchema.Fields {
			switch rapid.IntRange(0, 3).Draw(t, attribute.Name()) {
			case 0:
				delete(item, attribute.Name())
			case 1:
				item[attribute.Name()] = &types.AttributeValueMemberNULL{Value: true}
			}
		}
		var got, ref Report
		if err := reportSchema.Fields.Decode(item, &got); err != nil {
			t.Fatal(err)
		}
		if err := roundtrip.Unmarshal(item, &ref); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, ref) {
			t.Fatalf("read\n%#v, attributevalue\n%#v", got, ref)
		}
	})
}

// show writes an item as JSON.
func show(item map[string]types.AttributeValue) string {
	text, err := json.Marshal(item)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// draw draws a report in which any pointer may be nil.
func draw(t *rapid.T) *Report {
	pointer := func(name string) bool { return rapid.Bool().Draw(t, name) }
	text := func(name string) string { return rapid.SampledFrom([]string{"", "a", "b"}).Draw(t, name) }
	v := &Report{Key: Key{ID: text("id")}, Status: Status(text("status")), Mark: Mark(rapid.IntRange(0, 1).Draw(t, "mark"))}
	if pointer("audit") {
		v.Audit = &base.Audit{Created: time.Unix(rapid.Int64Range(0, 9).Draw(t, "created"), 0).UTC()}
		if pointer("by") {
			by := text("name")
			v.By = &by
		}
		if pointer("review") {
			v.Review = &base.Review{Note: text("note"), Grade: base.Grade(rapid.IntRange(0, 1).Draw(t, "grade"))}
		}
	}
	if pointer("draft") {
		v.Draft = &Draft{ID: text("draft")}
		if pointer("lines") {
			v.Lines = []Line{{Text: text("line")}}
		}
		if pointer("text") {
			v.Text = &Text{Body: text("body")}
		}
	}
	if pointer("previous") {
		v.Previous = []Edition{{Year: 1}}
	}
	if pointer("source") {
		v.Source = &Source{Name: text("source name")}
		if pointer("place") {
			v.Source.Place = &Place{City: text("city")}
			if pointer("spot") {
				v.Source.Spot = &Spot{Lat: 1}
			}
		}
	}
	return v
}
