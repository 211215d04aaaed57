package beacon_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
)

var operators = []beacon.Operator{
	beacon.Equal, beacon.NotEqual, beacon.Less, beacon.LessOrEqual, beacon.Greater, beacon.GreaterOrEqual,
	beacon.In, beacon.BeginsWith, beacon.Contains,
}

func inspectionSet(t testing.TB) (*beacon.Set, *beacon.Keys) {
	t.Helper()
	config, scope := inspections()
	set, err := beacon.New(config, scope)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := set.Keys(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return set, keys
}

func get(t testing.TB, set *beacon.Set, name string) *beacon.Beacon {
	t.Helper()
	b, found := set.Beacon(name)
	if !found {
		t.Fatalf("no beacon %q", name)
	}
	return b
}

// hash is the standard beacon of text in partition 0.
func hash(t testing.TB, set *beacon.Set, keys *beacon.Keys, name, text string) string {
	t.Helper()
	stored, err := set.Encrypted(jsonItem{name: s(text)}, keys, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range stored {
		if r.Attribute == attribute.BeaconPrefix+name {
			return r.Text
		}
	}
	t.Fatalf("beacon %q is not stored", name)
	return ""
}

func value(t testing.TB, v jsonValue) beacon.Value {
	t.Helper()
	out, err := v.value()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestStandardBeaconOperators(t *testing.T) {
	set, keys := inspectionSet(t)
	unit, tags := get(t, set, "unit"), get(t, set, "tags")
	for _, op := range operators {
		r, err := unit.Query(op, beacon.StringValue("12"), keys, 0)
		switch op {
		case beacon.Equal, beacon.In:
			if err != nil || r.Set != nil || r.Text != hash(t, set, keys, "unit", "12") || r.Attribute != "aws_dbe_b_unit" {
				t.Errorf("%v: %v, %v", op, r, err)
			}
		default:
			if !errors.Is(err, beacon.ErrOperator) {
				t.Errorf("%v: %v, %v", op, r, err)
			}
		}
	}
	if _, _, err := unit.Between(beacon.StringValue("1"), beacon.StringValue("2"), keys, 0); !errors.Is(err, beacon.ErrOperator) {
		t.Errorf("BETWEEN: %v", err)
	}
	// A set that contains is asked for one element, or for several.
	one, err := tags.Query(beacon.Contains, beacon.StringValue("x"), keys, 0)
	if err != nil || one.Set != nil || len(one.Text) != 5 {
		t.Errorf("contains: %v, %v", one, err)
	}
	several, err := tags.Query(beacon.Equal, value(t, jsonValue{kind: "SS", SS: []string{"y", "x"}}), keys, 0)
	if err != nil || len(several.Set) != 2 || several.Set[1] != one.Text {
		t.Errorf("a set: %v, %v", several, err)
	}
	if r, err := unit.Query(beacon.Contains, value(t, jsonValue{kind: "SS", SS: []string{"y", "x"}}), keys, 0); err != nil || len(r.Set) != 2 {
		t.Errorf("contains with a set: %v, %v", r, err)
	}
	if _, err := tags.Query(beacon.Equal, beacon.Value{Type: attribute.Bool, Canonical: []byte{1}}, keys, 0); !errors.Is(err, beacon.ErrType) {
		t.Errorf("a BOOL for a set: %v", err)
	}
	if _, err := set.Encrypted(jsonItem{"tags": s("x")}, keys, 0); !errors.Is(err, beacon.ErrType) {
		t.Errorf("a string stored as a set: %v", err)
	}
	if _, err := get(t, set, "floor").Query(beacon.Equal, beacon.StringValue("1"), keys, 0); !errors.Is(err, beacon.ErrPartOnly) {
		t.Errorf("a PartOnly beacon: %v", err)
	}
}

func TestCompoundBeaconOperators(t *testing.T) {
	set, keys := inspectionSet(t)
	b := get(t, set, "dateUnit")
	unit := hash(t, set, keys, "unit", "12")
	empty := hash(t, set, keys, "unit", "")
	equality := []beacon.Operator{beacon.Equal, beacon.NotEqual, beacon.In}
	search := []beacon.Operator{beacon.BeginsWith, beacon.Contains}
	order := []beacon.Operator{beacon.Less, beacon.LessOrEqual, beacon.Greater, beacon.GreaterOrEqual}
	for _, c := range []struct {
		operators []beacon.Operator
		value     string
		want      string
		err       error
	}{
		{operators, "D-2023", "D-2023", nil},
		{slices.Concat(equality, search), "D-2023.U-12", "D-2023.U-" + unit, nil},
		{order, "D-2023.U-12", "", beacon.ErrRange},
		// Only a prefix stands for all that begins with it, unless all is compared.
		{equality, "D-2023.U-", "D-2023.U-" + empty, nil},
		{slices.Concat(search, order), "D-2023.U-", "D-2023.U-", nil},
		{slices.Concat(search, order), "U-", "U-", nil},
		{equality, "U-", "U-" + empty, nil},
		// A value may begin anywhere in a constructor, but not leave out what is
		// required behind that.
		{equality, "U-12", "U-" + unit, nil},
		{equality, "T-x.D-2023", "T-x.D-2023", nil},
		{operators, "D-2023.F-1", "", beacon.ErrConstructor},
		{operators, "U-12.D-2023", "", beacon.ErrConstructor},
		{operators, "D-1.D-2", "", beacon.ErrConstructor},
		{operators, "", "", beacon.ErrNoPart},
		{operators, "2023", "", beacon.ErrNoPart},
		{operators, "D-2023.", "", beacon.ErrNoPart},
		{operators, "D", "", beacon.ErrNoPart},
		{operators, "D-\xff", "", beacon.ErrNotUTF8},
	} {
		for _, op := range c.operators {
			r, err := b.Query(op, beacon.StringValue(c.value), keys, 0)
			if !errors.Is(err, c.err) || r.Text != c.want {
				t.Errorf("%v %q is %q, %v, want %q, %v", op, c.value, r.Text, err, c.want, c.err)
			}
		}
	}
	if _, err := b.Query(beacon.Equal, value(t, n("1")), keys, 0); !errors.Is(err, beacon.ErrType) {
		t.Errorf("a number: %v", err)
	}
	if _, err := b.Query(0, beacon.StringValue("D-1"), keys, 0); !errors.Is(err, beacon.ErrOperator) {
		t.Errorf("no operator: %v", err)
	}
}

func TestBetween(t *testing.T) {
	set, keys := inspectionSet(t)
	b := get(t, set, "dateUnit")
	unit := hash(t, set, keys, "unit", "12")
	for _, c := range []struct {
		low, high         string
		wantLow, wantHigh string
		err               error
	}{
		{"D-1", "D-2", "D-1", "D-2", nil},
		{"D-1", "D-2.U-", "D-1", "D-2.U-", nil},
		{"D-1.U-12", "D-1.U-12", "D-1.U-" + unit, "D-1.U-" + unit, nil},
		{"D-1.U-12", "D-1.U-", "", "", beacon.ErrRange},
		{"D-1", "D-2.U-12", "", "", beacon.ErrRange},
		{"D-1", "1", "", "", beacon.ErrNoPart},
		{"U-1.D-1", "D-1", "", "", beacon.ErrConstructor},
	} {
		low, high, err := b.Between(beacon.StringValue(c.low), beacon.StringValue(c.high), keys, 0)
		if !errors.Is(err, c.err) || low.Text != c.wantLow || high.Text != c.wantHigh {
			t.Errorf("BETWEEN %q AND %q is %q and %q, %v", c.low, c.high, low.Text, high.Text, err)
		}
	}
}

func TestQueryWithoutKeys(t *testing.T) {
	set, _ := inspectionSet(t)
	b := get(t, set, "dateUnit")
	if r, err := b.Query(beacon.Equal, beacon.StringValue("D-1"), nil, 0); err != nil || r.Text != "D-1" {
		t.Errorf("in clear: %q, %v", r.Text, err)
	}
	if _, err := b.Query(beacon.Equal, beacon.StringValue("D-1.U-1"), nil, 0); !errors.Is(err, beacon.ErrNoKey) {
		t.Errorf("hashed: %v", err)
	}
	if r, err := get(t, set, "dateWork").Query(beacon.Less, beacon.StringValue("D-1~W-"), nil, 0); err != nil || r.Attribute != "dateWork" {
		t.Errorf("a signed beacon: %v, %v", r, err)
	}
}

// TestErrorsShowNoPlaintext looks for a value in every error that it can cause.
func TestErrorsShowNoPlaintext(t *testing.T) {
	set, keys := inspectionSet(t)
	const secret = "hunter2"
	var errs []error
	for _, v := range []string{secret, "D-" + secret + "." + secret, "U-" + secret + ".D-" + secret, "D-" + secret + ".U-" + secret} {
		for _, name := range []string{"unit", "dateUnit", "dateWork", "floor", "tags"} {
			for _, op := range operators {
				_, err := get(t, set, name).Query(op, beacon.StringValue(v), keys, 9)
				errs = append(errs, err)
				_, err = get(t, set, name).Query(op, beacon.StringValue(v), keys, 0)
				errs = append(errs, err)
			}
			_, _, err := get(t, set, name).Between(beacon.StringValue(v), beacon.StringValue("D-1."+v), keys, 0)
			errs = append(errs, err)
		}
		_, err := set.Encrypted(jsonItem{"date": s(v), "unit": s(v), "tags": s(v)}, keys, 0)
		errs = append(errs, err)
		_, err = set.Resolve(jsonItem{"date": s("." + v), "unit": s("." + v)})
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err == nil || strings.Contains(err.Error(), secret) {
		t.Errorf("an error shows the value: %v", err)
	}
}

func TestPartitions(t *testing.T) {
	set, keys := inspectionSet(t)
	unit, old := get(t, set, "unit"), get(t, set, "oldUnit")
	for partition := range 5 {
		stored, err := set.Encrypted(jsonItem{"unit": s("12"), "oldUnit": s("12")}, keys, partition)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			b     *beacon.Beacon
			count int
		}{{unit, 3}, {old, 2}} {
			count, err := c.b.Partitions(beacon.StringValue("12"))
			if err != nil || count != c.count {
				t.Errorf("beacon %q has %d partitions, %v, want %d", c.b.Name(), count, err, c.count)
			}
			// It is found in its own partition and in its remainder.
			for _, p := range []int{partition, partition % count} {
				r, err := c.b.Query(beacon.Equal, beacon.StringValue("12"), keys, p)
				if err != nil || !slices.ContainsFunc(stored, func(s beacon.Result) bool { return s.Attribute == r.Attribute && s.Text == r.Text }) {
					t.Errorf("beacon %q of partition %d is not found in %d", c.b.Name(), partition, p)
				}
			}
		}
	}
	for _, partition := range []int{-1, 5, 1 << 40} {
		if _, err := set.Encrypted(jsonItem{}, keys, partition); !errors.Is(err, beacon.ErrPartition) {
			t.Errorf("a write to partition %d: %v", partition, err)
		}
		if _, err := unit.Query(beacon.Equal, beacon.StringValue("12"), keys, partition); !errors.Is(err, beacon.ErrPartition) {
			t.Errorf("a query in partition %d: %v", partition, err)
		}
	}
	compound := get(t, set, "dateUnit")
	for text, want := range map[string]int{"D-1": 1, "D-1.U-2": 3, "U-1.F-2": 3} {
		if got, err := compound.Partitions(beacon.StringValue(text)); err != nil || got != want {
			t.Errorf("%q is in %d partitions, %v, want %d", text, got, err, want)
		}
	}
	if _, err := compound.Partitions(beacon.StringValue("x")); !errors.Is(err, beacon.ErrNoPart) {
		t.Errorf("the partitions of a value of no part: %v", err)
	}
	for _, c := range []struct {
		counts []int
		want   int
	}{{nil, 1}, {[]int{1}, 1}, {[]int{3}, 3}, {[]int{2, 4}, 4}, {[]int{2, 3}, 5}, {[]int{5, 2}, 5}, {[]int{2, 2, 1}, 2}} {
		if got := set.Partitions(c.counts...); got != c.want {
			t.Errorf("partitions %v together take %d queries, want %d", c.counts, got, c.want)
		}
	}
}

func TestKeyID(t *testing.T) {
	set, _ := inspectionSet(t)
	for _, c := range []struct {
		name, value, id string
		found           bool
	}{
		{"dateUnit", "T-acme.D-1", "acme", true},
		{"dateUnit", "T-acme", "acme", true},
		{"dateUnit", "T-acme.T-other", "", false},
		{"dateUnit", "D-1", "", false},
		{"dateWork", "D-1~W-2", "", false},
		{"unit", "T-acme", "", false},
	} {
		id, found := get(t, set, c.name).KeyID(c.value)
		if found != c.found || found && id != c.id {
			t.Errorf("the key id in %q of %q is %q, %v", c.value, c.name, id, found)
		}
	}
}

func TestPlain(t *testing.T) {
	set, _ := inspectionSet(t)
	item := jsonItem{
		"unit": s("12"), "date": s("2023"), "last4": s("ab"), "work_id": n("1.0"), "tags": {kind: "NS", NS: []string{"1.0"}},
	}
	for name, want := range map[string]string{
		"unit": "S 12", "who": "S AB2023", "dateUnit": "S D-2023.U-12", "dateWork": "S D-2023~W-1.0", "tags": "NS ", "floor": "", "oldUnit": "",
	} {
		v, found, err := get(t, set, name).Plain(item)
		if err != nil || found != (want != "") || found && fmt.Sprint(v.Type, " ", v.Text) != want {
			t.Errorf("%q is %v %q, %v, %v, want %q", name, v.Type, v.Text, found, err, want)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	set, keys := inspectionSet(t)
	binary := jsonValue{kind: "B", B: []byte("x")}
	for _, c := range []struct {
		name string
		item jsonItem
		want error
	}{
		{"a split character in a part", jsonItem{"date": s("1"), "unit": s("1.2")}, beacon.ErrSplitInValue},
		{"a binary part", jsonItem{"last4": binary, "unit": s("2")}, beacon.ErrType},
		{"a binary in a virtual field", jsonItem{"last4": s("x"), "date": binary}, beacon.ErrType},
		{"half a character", jsonItem{"last4": s("x"), "date": s("123😀")}, beacon.ErrSurrogate},
		{"no UTF-8 in a beacon", jsonItem{"oldUnit": s("\xff")}, beacon.ErrNotUTF8},
		{"a number that is none", jsonItem{"oldUnit": n("x")}, attribute.ErrNumber},
	} {
		if r, err := set.Encrypted(c.item, keys, 0); !errors.Is(err, c.want) || r != nil {
			t.Errorf("%s: %v, %v", c.name, r, err)
		}
	}
	if _, err := set.Signed(jsonItem{"date": s("1~2"), "work_id": s("1")}); !errors.Is(err, beacon.ErrSplitInValue) {
		t.Errorf("a split character in a signed beacon: %v", err)
	}
	if r, err := set.Encrypted(jsonItem{"unit": s("1")}, nil, 0); !errors.Is(err, beacon.ErrNoKey) || r != nil {
		t.Errorf("no keys: %v, %v", r, err)
	}
	if r, err := set.Encrypted(jsonItem{"last4": binary}, keys, 0); err == nil {
		t.Errorf("a binary under a virtual field: %v", r)
	}
}
