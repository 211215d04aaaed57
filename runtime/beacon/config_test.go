package beacon_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
)

// inspections is a configuration that uses everything once.
func inspections() (beacon.Config, beacon.Scope) {
	return beacon.Config{
			Standard: []beacon.Standard{
				{Name: "last4", Length: 10},
				{Name: "unit", Length: 30},
				{Name: "oldUnit", Length: 30, Style: beacon.Shared("unit"), Partitions: 2},
				{Name: "tags", Length: 20, Style: beacon.AsSet()},
				{Name: "floor", Length: 8, Location: "address.floors[0]", Style: beacon.PartOnly()},
				{Name: "who", Length: 16},
			},
			Compound: []beacon.Compound{
				{
					Name: "last4Unit", Split: '.',
					Encrypted: []beacon.EncryptedPart{{Name: "last4", Prefix: "L-"}, {Name: "unit", Prefix: "U-"}},
				},
				{
					Name: "dateUnit", Split: '.',
					Encrypted: []beacon.EncryptedPart{{Name: "unit", Prefix: "U-"}},
					Signed:    []beacon.SignedPart{{Name: "date", Prefix: "D-"}},
					Constructors: []beacon.Constructor{
						{beacon.Required("date"), beacon.Required("unit"), beacon.Optional("floor")},
						{beacon.Required("tenant"), beacon.Required("date")},
					},
				},
				{
					Name: "dateWork", Split: '~',
					Signed: []beacon.SignedPart{{Name: "date", Prefix: "D-"}, {Name: "work", Prefix: "W-", Location: "work_id"}},
				},
			},
			Virtual: []beacon.VirtualField{
				{Name: "who", Parts: []beacon.VirtualPart{beacon.At("last4", beacon.Upper()), beacon.At("date", beacon.Prefix(4))}},
			},
			EncryptedParts:    []beacon.EncryptedPart{{Name: "floor", Prefix: "F-"}},
			SignedParts:       []beacon.SignedPart{{Name: "tenant", Prefix: "T-"}},
			MaxPartitions:     5,
			DefaultPartitions: 3,
			KeyField:          "tenant",
		}, beacon.Scope{
			Actions: map[string]attribute.Action{
				"work_id": attribute.SignOnly,
				"date":    attribute.SignOnly,
				"tenant":  attribute.SignAndIncludeInEncryptionContext,
				"last4":   attribute.EncryptAndSign,
				"unit":    attribute.EncryptAndSign,
				"oldUnit": attribute.EncryptAndSign,
				"tags":    attribute.EncryptAndSign,
				"address": attribute.EncryptAndSign,
				"note":    attribute.DoNothing,
			},
			AllowedUnsigned:       []string{"note", "memo"},
			AllowedUnsignedPrefix: ":",
		}
}

func TestNew(t *testing.T) {
	config, scope := inspections()
	set, err := beacon.New(config, scope)
	if err != nil {
		t.Fatal(err)
	}
	if got := set.SignedBeacons(); !slices.Equal(got, []string{"dateWork"}) {
		t.Errorf("the signed beacons are %v", got)
	}
	for name, want := range map[string]struct {
		attribute string
		sources   []string
	}{
		"unit":      {"aws_dbe_b_unit", []string{"unit"}},
		"floor":     {"aws_dbe_b_floor", []string{"address"}},
		"who":       {"aws_dbe_b_who", []string{"date", "last4"}},
		"last4Unit": {"aws_dbe_b_last4Unit", []string{"last4", "unit"}},
		"dateUnit":  {"aws_dbe_b_dateUnit", []string{"address", "date", "tenant", "unit"}},
		"dateWork":  {"dateWork", []string{"date", "work_id"}},
	} {
		b, found := set.Beacon(name)
		if !found {
			t.Errorf("beacon %q is missing", name)
			continue
		}
		if b.Name() != name || b.Attribute() != want.attribute || !slices.Equal(b.Sources(), want.sources) {
			t.Errorf("beacon %q is %q in %q, made of %v", name, b.Name(), b.Attribute(), b.Sources())
		}
		if again, _ := set.Beacon(want.attribute); again != b {
			t.Errorf("beacon %q is not found by its attribute", name)
		}
	}
	for _, name := range []string{"", "aws_dbe_b_", "aws_dbe_b_dateWork", "work_id", "nothing"} {
		if b, found := set.Beacon(name); found {
			t.Errorf("%q is beacon %q", name, b.Name())
		}
	}
	unit, _ := set.Beacon("unit")
	old, _ := set.Beacon("oldUnit")
	if unit.Comparable(old) {
		t.Error("beacons over different partitions are comparable")
	}
	if set.MaxPartitions() != 5 || set.KeyField() != "tenant" || set.RemovesKeyField() {
		t.Errorf("partitions %d, key field %q, removed %v", set.MaxPartitions(), set.KeyField(), set.RemovesKeyField())
	}
}

func TestComparable(t *testing.T) {
	set, err := beacon.New(beacon.Config{
		Standard: []beacon.Standard{
			{Name: "a", Length: 10},
			{Name: "b", Length: 10, Style: beacon.Shared("a")},
			{Name: "c", Length: 10, Style: beacon.Shared("a")},
			{Name: "d", Length: 10},
			{Name: "e", Length: 10, Style: beacon.SharedSet("a")},
		},
		Compound: []beacon.Compound{{Name: "k", Split: '.', Encrypted: []beacon.EncryptedPart{{Name: "a", Prefix: "A-"}}}},
	}, beacon.Scope{Actions: map[string]attribute.Action{
		"a": attribute.EncryptAndSign, "b": attribute.EncryptAndSign, "c": attribute.EncryptAndSign,
		"d": attribute.EncryptAndSign, "e": attribute.EncryptAndSign,
	}})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		names string
		want  bool
	}{{"aa", true}, {"ab", true}, {"bc", true}, {"ad", false}, {"ae", false}, {"ak", false}, {"kk", false}} {
		one, _ := set.Beacon(c.names[:1])
		two, _ := set.Beacon(c.names[1:])
		if one.Comparable(two) != c.want || two.Comparable(one) != c.want {
			t.Errorf("%s are comparable: %v, want %v", c.names, !c.want, c.want)
		}
	}
}

// broken has a way to break each rule.
var broken = []struct {
	rule   beacon.Rule
	change func(c *beacon.Config, s *beacon.Scope)
}{
	{beacon.ErrMaxPartitions, func(c *beacon.Config, s *beacon.Scope) { c.MaxPartitions = 255 }},
	{beacon.ErrMaxPartitions, func(c *beacon.Config, s *beacon.Scope) { c.MaxPartitions = -1 }},
	{beacon.ErrDefaultPartitions, func(c *beacon.Config, s *beacon.Scope) { c.DefaultPartitions = 5 }},
	{beacon.ErrDefaultPartitions, func(c *beacon.Config, s *beacon.Scope) { c.DefaultPartitions = -1 }},
	{beacon.ErrDefaultPartitions, func(c *beacon.Config, s *beacon.Scope) { c.MaxPartitions, c.DefaultPartitions = 0, 1 }},
	{beacon.ErrPartitions, func(c *beacon.Config, s *beacon.Scope) { c.Standard[0].Partitions = 5 }},
	{beacon.ErrPartitions, func(c *beacon.Config, s *beacon.Scope) { c.Standard[0].Partitions = -1 }},

	{beacon.ErrDuplicateName, func(c *beacon.Config, s *beacon.Scope) { c.Virtual = append(c.Virtual, c.Virtual[0]) }},
	{beacon.ErrDuplicateName, func(c *beacon.Config, s *beacon.Scope) { c.Standard = append(c.Standard, c.Standard[0]) }},
	{beacon.ErrDuplicateName, func(c *beacon.Config, s *beacon.Scope) { c.Compound = append(c.Compound, c.Compound[0]) }},
	{beacon.ErrDuplicateName, func(c *beacon.Config, s *beacon.Scope) { c.Compound[0].Name = "unit" }},
	{beacon.ErrNameConfigured, func(c *beacon.Config, s *beacon.Scope) { c.Virtual[0].Name = "unit" }},
	{beacon.ErrNameConfigured, func(c *beacon.Config, s *beacon.Scope) { c.Standard[4].Name = "work_id" }},
	{beacon.ErrNameConfigured, func(c *beacon.Config, s *beacon.Scope) { c.Compound[0].Name = "date" }},
	{beacon.ErrNameConfigured, func(c *beacon.Config, s *beacon.Scope) { c.Compound[2].Name = "address" }},
	{beacon.ErrNameUnsigned, func(c *beacon.Config, s *beacon.Scope) { c.Virtual[0].Name = "memo" }},
	{beacon.ErrNameUnsigned, func(c *beacon.Config, s *beacon.Scope) { c.Standard[4].Name = ":floor" }},
	{beacon.ErrNameUnsigned, func(c *beacon.Config, s *beacon.Scope) { c.Compound[2].Name = ":dateWork" }},
	{beacon.ErrNameReserved, func(c *beacon.Config, s *beacon.Scope) { c.Virtual[0].Name = "aws_dbe_who" }},
	{beacon.ErrNameReserved, func(c *beacon.Config, s *beacon.Scope) { c.Standard[4].Name = "aws_dbe_b_floor" }},
	{beacon.ErrNameReserved, func(c *beacon.Config, s *beacon.Scope) { c.Compound[2].Name = "aws_dbe_head" }},
	{beacon.ErrNameReserved, func(c *beacon.Config, s *beacon.Scope) { c.KeyField = "aws_dbe_x" }},
	{beacon.ErrName, func(c *beacon.Config, s *beacon.Scope) { c.Standard[4].Name = "\xff" }},
	{beacon.ErrName, func(c *beacon.Config, s *beacon.Scope) { c.Standard[4].Name = strings.Repeat("n", 65535) }},
	{beacon.ErrName, func(c *beacon.Config, s *beacon.Scope) { c.Virtual[0].Name = "" }},
	{beacon.ErrName, func(c *beacon.Config, s *beacon.Scope) { c.Compound[2].Name = "" }},
	{beacon.ErrLocation, func(c *beacon.Config, s *beacon.Scope) { c.Standard[4].Location = "address.floors[10]" }},
	{beacon.ErrLocation, func(c *beacon.Config, s *beacon.Scope) { c.Compound[2].Signed[1].Location = "work_id." }},
	{beacon.ErrLocation, func(c *beacon.Config, s *beacon.Scope) { c.Virtual[0].Parts[0].Location = "" }},

	{beacon.ErrVirtualEmpty, func(c *beacon.Config, s *beacon.Scope) { c.Virtual[0].Parts = nil }},
	{beacon.ErrVirtualUnsigned, func(c *beacon.Config, s *beacon.Scope) { c.Virtual[0].Parts[0] = beacon.At("note") }},
	{beacon.ErrVirtualUnsigned, func(c *beacon.Config, s *beacon.Scope) { c.Virtual[0].Parts[0] = beacon.At("nothing") }},
	{beacon.ErrVirtualDuplicate, func(c *beacon.Config, s *beacon.Scope) {
		c.Virtual = append(c.Virtual, beacon.VirtualField{Name: "too", Parts: []beacon.VirtualPart{
			beacon.At("date"), beacon.At("last4"), beacon.At("date"),
		}})
	}},
	{beacon.ErrTransform, func(c *beacon.Config, s *beacon.Scope) { c.Virtual[0].Parts[0] = beacon.At("last4", nil) }},
	{beacon.ErrTransform, func(c *beacon.Config, s *beacon.Scope) {
		c.Virtual[0].Parts[0] = beacon.At("last4", beacon.Insert("\xff"))
	}},
	{beacon.ErrTransform, func(c *beacon.Config, s *beacon.Scope) {
		c.Virtual[0].Parts[0] = beacon.At("last4", beacon.Segment('😀', 0))
	}},
	{beacon.ErrTransform, func(c *beacon.Config, s *beacon.Scope) {
		c.Virtual[0].Parts[0] = beacon.At("last4", beacon.Segments(0, 0, 1))
	}},

	{beacon.ErrNoStandardBeacon, func(c *beacon.Config, s *beacon.Scope) { c.Standard = nil }},
	{beacon.ErrLength, func(c *beacon.Config, s *beacon.Scope) { c.Standard[0].Length = 0 }},
	{beacon.ErrLength, func(c *beacon.Config, s *beacon.Scope) { c.Standard[0].Length = 64 }},
	{beacon.ErrNotEncrypted, func(c *beacon.Config, s *beacon.Scope) { c.Standard[4].Location = "work_id" }},
	{beacon.ErrNotEncrypted, func(c *beacon.Config, s *beacon.Scope) { c.Standard[4].Location = "nothing" }},
	{beacon.ErrNotEncrypted, func(c *beacon.Config, s *beacon.Scope) {
		c.Virtual[0].Parts = []beacon.VirtualPart{beacon.At("date"), beacon.At("work_id")}
	}},
	{beacon.ErrBelowVirtual, func(c *beacon.Config, s *beacon.Scope) { c.Standard[5].Location = "who.is" }},
	{beacon.ErrSetOfVirtual, func(c *beacon.Config, s *beacon.Scope) { c.Standard[5].Style = beacon.AsSet() }},
	{beacon.ErrLocationTaken, func(c *beacon.Config, s *beacon.Scope) { c.Standard[4].Location = "unit" }},
	{beacon.ErrLocationOfVirtual, func(c *beacon.Config, s *beacon.Scope) {
		c.Virtual[0].Parts = []beacon.VirtualPart{beacon.At("last4", beacon.Upper())}
	}},

	{beacon.ErrSharedUnknown, func(c *beacon.Config, s *beacon.Scope) { c.Standard[2].Style = beacon.Shared("nothing") }},
	{beacon.ErrSharedUnknown, func(c *beacon.Config, s *beacon.Scope) { c.Standard[2].Style = beacon.Shared("last4Unit") }},
	{beacon.ErrSharedUnknown, func(c *beacon.Config, s *beacon.Scope) { c.Standard[2].Style = beacon.Shared("") }},
	{beacon.ErrSharedSelf, func(c *beacon.Config, s *beacon.Scope) { c.Standard[2].Style = beacon.SharedSet("oldUnit") }},
	{beacon.ErrSharedChain, func(c *beacon.Config, s *beacon.Scope) {
		c.Standard[3].Style, c.Standard[3].Length = beacon.SharedSet("oldUnit"), 30
	}},
	{beacon.ErrSharedLength, func(c *beacon.Config, s *beacon.Scope) { c.Standard[2].Length = 29 }},
	{beacon.ErrPartOnlyUnused, func(c *beacon.Config, s *beacon.Scope) { c.Standard[3].Style = beacon.PartOnly() }},
	{beacon.ErrPartOnlyUnused, func(c *beacon.Config, s *beacon.Scope) { c.Compound[1].Constructors = nil }},

	{beacon.ErrEncryptedPart, func(c *beacon.Config, s *beacon.Scope) { c.Compound[0].Encrypted[0].Name = "address" }},
	{beacon.ErrEncryptedPart, func(c *beacon.Config, s *beacon.Scope) { c.Compound[1].Encrypted[0].Name = "last4Unit" }},
	{beacon.ErrEncryptedPart, func(c *beacon.Config, s *beacon.Scope) { c.EncryptedParts[0].Name = "nothing" }},
	{beacon.ErrEncryptedSet, func(c *beacon.Config, s *beacon.Scope) { c.Compound[0].Encrypted[0].Name = "tags" }},
	{beacon.ErrSignedPart, func(c *beacon.Config, s *beacon.Scope) { c.Compound[2].Signed[0].Name = "last4" }},
	{beacon.ErrSignedPart, func(c *beacon.Config, s *beacon.Scope) { c.Compound[2].Signed[1].Location = "note" }},
	{beacon.ErrSignedPart, func(c *beacon.Config, s *beacon.Scope) { c.SignedParts[0].Name = "who" }},
	{beacon.ErrPrefix, func(c *beacon.Config, s *beacon.Scope) { c.Compound[0].Encrypted[0].Prefix = "" }},
	{beacon.ErrPrefix, func(c *beacon.Config, s *beacon.Scope) { c.SignedParts[0].Prefix = "\xff" }},
	{beacon.ErrPrefixSplit, func(c *beacon.Config, s *beacon.Scope) { c.Compound[0].Encrypted[0].Prefix = "L." }},
	{beacon.ErrDuplicatePart, func(c *beacon.Config, s *beacon.Scope) { c.Compound[0].Encrypted[1].Name = "last4" }},
	{beacon.ErrDuplicatePart, func(c *beacon.Config, s *beacon.Scope) { c.SignedParts = append(c.SignedParts, c.SignedParts[0]) }},
	{beacon.ErrDuplicatePrefix, func(c *beacon.Config, s *beacon.Scope) { c.Compound[1].Signed[0].Prefix = "U-" }},
	{beacon.ErrDuplicatePrefix, func(c *beacon.Config, s *beacon.Scope) { c.SignedParts[0].Prefix = "F-" }},
	{beacon.ErrGlobalPart, func(c *beacon.Config, s *beacon.Scope) { c.Compound[0].Encrypted[0].Prefix = "F-" }},
	{beacon.ErrGlobalPart, func(c *beacon.Config, s *beacon.Scope) {
		c.Compound[2].Signed[0] = beacon.SignedPart{Name: "tenant", Prefix: "X-"}
	}},
	{beacon.ErrAmbiguousPrefix, func(c *beacon.Config, s *beacon.Scope) { c.Compound[0].Encrypted[0].Prefix = "U" }},
	{beacon.ErrAmbiguousPrefix, func(c *beacon.Config, s *beacon.Scope) { c.EncryptedParts[0].Prefix = "D" }},

	{beacon.ErrSplit, func(c *beacon.Config, s *beacon.Scope) { c.Compound[0].Split = 0 }},
	{beacon.ErrSplit, func(c *beacon.Config, s *beacon.Scope) { c.Compound[0].Split = '😀' }},
	{beacon.ErrSplit, func(c *beacon.Config, s *beacon.Scope) { c.Compound[0].Split = 0xD800 }},
	{beacon.ErrSplit, func(c *beacon.Config, s *beacon.Scope) { c.Compound[0].Split = -1 }},
	{beacon.ErrNoParts, func(c *beacon.Config, s *beacon.Scope) { c.Compound[0].Encrypted = nil }},
	{beacon.ErrConstructorEmpty, func(c *beacon.Config, s *beacon.Scope) { c.Compound[1].Constructors[1] = nil }},
	{beacon.ErrConstructorOptional, func(c *beacon.Config, s *beacon.Scope) {
		c.Compound[1].Constructors[1] = beacon.Constructor{beacon.Optional("date")}
	}},
	{beacon.ErrConstructorPart, func(c *beacon.Config, s *beacon.Scope) {
		c.Compound[1].Constructors[1] = beacon.Constructor{beacon.Required("last4")}
	}},
	{beacon.ErrConstructorDuplicate, func(c *beacon.Config, s *beacon.Scope) {
		c.Compound[1].Constructors[1] = beacon.Constructor{beacon.Required("unit"), beacon.Required("date")}
	}},

	{beacon.ErrKeyFieldEncrypted, func(c *beacon.Config, s *beacon.Scope) { c.KeyField = "address" }},
	{beacon.ErrKeyFieldBeacon, func(c *beacon.Config, s *beacon.Scope) { c.KeyField = "dateWork" }},
	{beacon.ErrKeyFieldVirtual, func(c *beacon.Config, s *beacon.Scope) { c.KeyField = "who" }},
}

func TestNewRefuses(t *testing.T) {
	for _, c := range broken {
		config, scope := inspections()
		c.change(&config, &scope)
		set, err := beacon.New(config, scope)
		if set != nil || !errors.Is(err, c.rule) {
			t.Errorf("want %q, got %v", c.rule, err)
			continue
		}
		var broken *beacon.ConfigError
		if !errors.As(err, &broken) || broken.Subject == "" {
			t.Errorf("%v is not a ConfigError", err)
		}
	}
}

func TestEveryRuleIsTested(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	rules := 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, is := node.(*ast.ValueSpec)
		if !is || spec.Type == nil || spec.Type.(*ast.Ident).Name != "Rule" {
			return true
		}
		rules++
		text, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(broken, func(c struct {
			rule   beacon.Rule
			change func(c *beacon.Config, s *beacon.Scope)
		}) bool {
			return string(c.rule) == text
		}) {
			t.Errorf("nothing breaks %s", spec.Names[0])
		}
		return true
	})
	if rules == 0 {
		t.Error("no rule was found")
	}
}

func TestNewReportsEverything(t *testing.T) {
	config, scope := inspections()
	config.Standard[0].Length = 0
	config.Standard[1].Location = "nothing"
	config.Compound[0].Split = 0
	_, err := beacon.New(config, scope)
	for _, rule := range []beacon.Rule{beacon.ErrLength, beacon.ErrNotEncrypted, beacon.ErrSplit} {
		if !errors.Is(err, rule) {
			t.Errorf("%q is not in %v", rule, err)
		}
	}
}

func TestNewKeepsNothingOfTheConfiguration(t *testing.T) {
	config, scope := inspections()
	set, err := beacon.New(config, scope)
	if err != nil {
		t.Fatal(err)
	}
	config.Virtual[0].Parts[0] = beacon.At("unit")
	config.Virtual[0].Parts[1].Transforms[0] = beacon.Upper()
	config.Compound[2].Signed[0].Prefix = "X-"
	config.Compound[1].Constructors[0][0] = beacon.Optional("unit")
	resolved, err := set.Resolve(jsonItem{"last4": s("56x8"), "date": s("2023-06-13"), "work_id": s("9"), "unit": s("1")})
	if err != nil {
		t.Fatal(err)
	}
	if resolved.VirtualFields["who"] != "56X82023" || resolved.CompoundBeacons["dateWork"] != "D-2023-06-13~W-9" ||
		resolved.CompoundBeacons["dateUnit"] != "D-2023-06-13.U-1" {
		t.Errorf("resolved to %v", resolved)
	}
}

// A beacon is just an attribute if it is computed from that attribute alone, and
// from all of it.
func TestIsOf(t *testing.T) {
	set, err := beacon.New(
		beacon.Config{
			Standard: []beacon.Standard{
				{Name: "email", Length: 8}, {Name: "other", Location: "city", Length: 8},
				{Name: "address", Location: "address.zip", Length: 8}, {Name: "initial", Length: 8},
			},
			Compound: []beacon.Compound{{Name: "all", Split: '|', Encrypted: []beacon.EncryptedPart{{Name: "email", Prefix: "E-"}}}},
			Virtual:  []beacon.VirtualField{{Name: "initial", Parts: []beacon.VirtualPart{beacon.At("city", beacon.Prefix(1)), beacon.At("email")}}},
		},
		beacon.Scope{Actions: map[string]attribute.Action{
			"email": attribute.EncryptAndSign, "city": attribute.EncryptAndSign, "address": attribute.EncryptAndSign,
		}},
	)
	if err != nil {
		t.Fatal(err)
	}
	for name, of := range map[string]string{"email": "email", "other": "city", "address": "", "initial": "", "all": ""} {
		b := get(t, set, name)
		for _, source := range []string{"email", "city", "address", "initial", "all", "aws_dbe_b_email"} {
			if got := b.IsOf(source); got != (source == of) {
				t.Errorf("beacon %q IsOf(%q) = %v", name, source, got)
			}
		}
	}
}
