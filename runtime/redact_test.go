package runtime_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"
	"time"

	ddbe "github.com/ddbegen/ddbegen/runtime"
)

type member struct {
	ID    string
	Email string
	address
	When  time.Duration
	Any   any
	cache []int
}

type address struct {
	Town   string
	Street struct{ Name string }
}

var memberRedacted = ddbe.Redacted{"Email", "address.Street"}

func (m member) Format(s fmt.State, verb rune) { memberRedacted.Print(s, verb, m) }
func (m member) String() string                { return memberRedacted.Text(m) }
func (m member) LogValue() slog.Value          { return memberRedacted.Log(m) }

func TestRedacted(t *testing.T) {
	m := member{ID: "1", Email: "secret", When: time.Second, cache: []int{3}}
	m.Town, m.Street.Name = "Ulm", "secret"
	var text, object bytes.Buffer
	dropTime := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}}
	slog.New(slog.NewTextHandler(&text, dropTime)).Info("x", "m", m, "all", []*member{&m})
	slog.New(slog.NewJSONHandler(&object, dropTime)).Info("x", "m", &m)
	const named = "{ID:1 Email:[encrypted] address:{Town:Ulm Street:[encrypted]} When:1s Any:<nil> cache:[3]}"
	for _, c := range []struct{ got, want string }{
		{fmt.Sprintf("%v", m), "{1 [encrypted] {Ulm [encrypted]} 1s <nil> [3]}"},
		{fmt.Sprintf("%+v", &m), named},
		{fmt.Sprintf("%#v", m), `runtime_test.member{ID:"1", Email:[encrypted], address:runtime_test.address{Town:"Ulm", Street:[encrypted]}, When:1000000000, Any:<nil>, cache:[]int{3}}`},
		{fmt.Sprintf("%+v", map[string][]*member{"a": {&m}}), "map[a:[" + named + "]]"},
		{fmt.Sprintf("%+v", struct{ M *member }{&m}), "{M:" + named + "}"},
		{fmt.Sprintf("%v", (*member)(nil)), "<nil>"},
		{fmt.Sprint(fmt.Errorf("no %s", m)), "no {1 [encrypted] {Ulm [encrypted]} 1s %!s(<nil>) [%!s(int=3)]}"},
		{m.String(), named},
		{text.String(), "level=INFO msg=x m.ID=1 m.Email=[encrypted] m.Town=Ulm m.Street=[encrypted] m.When=1s m.Any=<nil> all=\"[" + named + "]\"\n"},
		{object.String(), `{"level":"INFO","msg":"x","m":{"ID":"1","Email":"[encrypted]","Town":"Ulm","Street":"[encrypted]","When":1000000000,"Any":null}}` + "\n"},
	} {
		if c.got != c.want {
			t.Errorf("got  %s\nwant %s", c.got, c.want)
		}
	}
}
