package main

import "testing"

// Beyond what the primitives allocate themselves, an operation allocates at most
// two objects for each attribute and 40 for the item.
func TestAllocationBudget(t *testing.T) {
	for _, s := range shapes() {
		ops, err := s.operations()
		if err != nil {
			t.Fatal(err)
		}
		for _, op := range ops {
			item, floor := average(t, op.item), average(t, op.floor)
			if above := item - floor; above > float64(s.budget()) {
				t.Errorf("%s: %s allocates %.0f objects, %.0f more than its floor; the budget is %d", s, op.name, item, above, s.budget())
			}
		}
	}
}

// average returns the allocations of one call of f. The suite that signs repeats
// some signatures, so that single calls differ.
func average(t *testing.T, f func() error) float64 {
	return testing.AllocsPerRun(50, func() {
		if err := f(); err != nil {
			t.Fatal(err)
		}
	})
}
