package beacon_test

import (
	"fmt"

	"github.com/ddbegen/ddbegen/runtime/attribute"
	"github.com/ddbegen/ddbegen/runtime/beacon"
)

// A compound beacon of two encrypted parts.
func ExampleSet_Resolve_compound() {
	set, err := beacon.New(beacon.Config{
		Standard: []beacon.Standard{
			{Name: "inspector_id_last4", Length: 10},
			{Name: "unit", Length: 30},
		},
		Compound: []beacon.Compound{{
			Name:  "last4UnitCompound",
			Split: '.',
			Encrypted: []beacon.EncryptedPart{
				{Name: "inspector_id_last4", Prefix: "L-"},
				{Name: "unit", Prefix: "U-"},
			},
		}},
	}, beacon.Scope{Actions: map[string]attribute.Action{
		"work_id":            attribute.SignOnly,
		"inspection_date":    attribute.SignOnly,
		"inspector_id_last4": attribute.EncryptAndSign,
		"unit":               attribute.EncryptAndSign,
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	resolved, err := set.Resolve(jsonItem{
		"work_id":            s("9ce39272-8068-4efd-a211-cd162ad65d4c"),
		"inspection_date":    s("2023-06-13"),
		"inspector_id_last4": s("5678"),
		"unit":               s("011899988199"),
	})
	fmt.Println(resolved.CompoundBeacons, err)
	// Output: map[last4UnitCompound:L-5678.U-011899988199] <nil>
}

// A standard beacon on a virtual field.
func ExampleSet_Resolve_virtual() {
	set, err := beacon.New(beacon.Config{
		Standard: []beacon.Standard{{Name: "stateAndHasTestResult", Length: 5}},
		Virtual: []beacon.VirtualField{{
			Name:  "stateAndHasTestResult",
			Parts: []beacon.VirtualPart{beacon.At("state"), beacon.At("hasTestResult", beacon.Prefix(1))},
		}},
	}, beacon.Scope{Actions: map[string]attribute.Action{
		"customer_id":   attribute.SignOnly,
		"create_time":   attribute.SignOnly,
		"state":         attribute.EncryptAndSign,
		"hasTestResult": attribute.EncryptAndSign,
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	yes := true
	resolved, err := set.Resolve(jsonItem{
		"customer_id":   s("ABC-123"),
		"create_time":   n("1681495205"),
		"state":         s("CA"),
		"hasTestResult": {kind: "BOOL", BOOL: &yes},
	})
	fmt.Println(resolved.VirtualFields, err)
	// Output: map[stateAndHasTestResult:CAt] <nil>
}
