package inside

import (
	"testing"

	"github.com/ddbegen/ddbegen/testdata/golden/roundtrip"
)

func TestRoundTrip(t *testing.T) {
	ctx := t.Context()
	w := roundtrip.New(t, "Devices", "ID:S", "room-index aws_dbe_b_room:S", "port-index aws_dbe_b_port:S projection=keys", "slot-index aws_dbe_b_slot:S", "home-index aws_dbe_b_home:S",
		"sensor-index aws_dbe_b_sensor:S", "note-index aws_dbe_b_note:S", "colour-index aws_dbe_b_colour:S", "maker-index aws_dbe_b_maker:S")
	r, err := NewDeviceRepository(ctx, w.Client, w.Keyring, w.WithKeys())
	if err != nil {
		t.Fatal(err)
	}
	note, zip, tag := "fragile", "69001", "b"
	v := &Device{
		ID: "7", Labels: map[string]string{"room": "cellar", "floor": "0"}, Ports: []int{80, 443, 22}, Slots: map[int]string{1: "x", 7: "lamp"},
		Sites: map[string]*Site{"home": {Town: "Lyon", Zip: zip}, "away": {Town: "Nice"}}, Sensors: [3]Sensor{{Kind: "a"}, {Kind: "b"}, {Kind: "heat"}},
		Notes: []*string{&note}, Extra: map[string]any{"colour": []any{map[string]any{"name": "red"}}}, Free: map[string]any{"maker": "Acme", "year": 2026.0}, Tags: Tags{"a", tag},
	}
	roundtrip.Item(t, r, v,
		func() (*Device, error) { return r.Get(ctx, "7") },
		func() error { return r.Delete(ctx, "7") })
	roundtrip.Found(t, r.QueryByRoom(ctx, "cellar"), v)
	roundtrip.NotFound(t, r.QueryByRoom(ctx, "0"))
	roundtrip.Found(t, r.QueryByPort(ctx, 443), v)
	roundtrip.NotFound(t, r.QueryByPort(ctx, 80))
	roundtrip.Found(t, r.QueryBySlot(ctx, "lamp"), v)
	roundtrip.NotFound(t, r.QueryBySlot(ctx, "x"))
	roundtrip.Found(t, r.QueryByHome(ctx, "Lyon", &zip, &tag), v)
	roundtrip.NotFound(t, r.QueryByHome(ctx, "Lyon", nil, &tag))
	roundtrip.NotFound(t, r.QueryByHome(ctx, "Nice", nil, &tag))
	roundtrip.Found(t, r.QueryBySensor(ctx, "heat"), v)
	roundtrip.NotFound(t, r.QueryBySensor(ctx, "a"))
	roundtrip.Found(t, r.QueryByNote(ctx, "fragile"), v)
	roundtrip.NotFound(t, r.QueryByNote(ctx, "heavy"))
	roundtrip.Found(t, r.QueryByColour(ctx, "red"), v)
	roundtrip.NotFound(t, r.QueryByColour(ctx, 7))
	roundtrip.Found(t, r.QueryByMaker(ctx, "Acme"), v)
	roundtrip.NotFound(t, r.QueryByMaker(ctx, "Emca"))
}
