package foreign_test

import (
	"regexp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/gen/foreign"
)

func TestDistinct(t *testing.T) {
	got := foreign.Distinct([]string{"UnitInspections", "my.ledger", "MyLedger", "2021", "", "Größe", "my_ledger", "T"})
	want := []string{"UnitInspections", "MyLedger", "MyLedger2", "T2021", "T", "GrE", "MyLedger3", "T2"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSnake(t *testing.T) {
	for id, want := range map[string]string{
		"UnitInspections": "unit_inspections", "APIKeys": "api_keys", "cacheTTL": "cache_ttl", "T2021": "t2021", "keyId": "key_id", "A": "a",
	} {
		if got := foreign.Snake(id); got != want {
			t.Errorf("%s: got %s, want %s", id, got, want)
		}
	}
}

var valid = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

func TestDistinctIsDistinct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen := map[string]bool{}
		for _, id := range foreign.Distinct(rapid.SliceOf(rapid.String()).Draw(t, "names")) {
			if seen[id] || !valid.MatchString(id) {
				t.Fatalf("%q", id)
			}
			seen[id] = true
		}
	})
}
