package diff

import (
	"fmt"
	"slices"

	"github.com/ddbegen/ddbegen/gen/lock"
)

// partitions compares over how many hashes equal values are spread. An item in
// partition p has the hash number p%n of a beacon with n partitions, and a query
// looks for the hashes of every p below the table's number. So what is found is a
// matter of the combinations of hashes, in what a query compares at once.
func (c *comparison) partitions() {
	was, now := c.spread(c.was), c.spread(c.now)
	queries := c.queries()
	if was == now || len(queries) == 0 {
		return
	}
	lost, hidden := false, false
	for _, beacons := range queries {
		before, after := combinations(c.was, beacons), combinations(c.now, beacons)
		lost = lost || !subset(before, after)
		hidden = hidden || !subset(after, before)
	}
	change := Change{Kind: "partitions", Was: was, Now: now}
	switch {
	case lost:
		change.Class = LostQuery
		change.Reason = "queries no longer look for some of the hashes that stored items have"
		change.Rollout = []string{
			"Leave the numbers as they are; max= may grow, if every beacon without partitions= grows with it.",
			"To spread values less, write every item into another table.",
		}
	case hidden:
		change.Class = MixedFleet
		change.Reason = "the older version does not look for some of the hashes that the new one writes"
		change.Rollout = []string{"Deploy the new version everywhere; until then, queries of the older one are incomplete."}
	default:
		change.Class = Safe
		change.Reason = "every query looks for the same hashes as before"
	}
	c.report(change)
}

// spread writes the numbers of partitions of a version, as far as beacons that
// both have are concerned.
func (c *comparison) spread(t *lock.Table) string {
	text := fmt.Sprintf("max=%d", t.Partitions())
	for _, name := range union(c.was.Standard, nil) {
		if _, both := c.now.Standard[name]; !both {
			continue
		}
		if n := max(t.Standard[name].Partitions, 1); n != t.Partitions() {
			text += fmt.Sprintf(" %s=%d", name, n)
		}
	}
	return text
}

// queries returns, for everything that one query compares in both versions, the
// standard beacons in it: a beacon by itself, a compound beacon as a constructor
// makes it, and two of these as the keys of an index.
func (c *comparison) queries() (all [][]string) {
	of := map[string][][]string{} // by the stored attribute
	for name, b := range c.was.Standard {
		if now, both := c.now.Standard[name]; both && b.Style != "partOnly" && now.Style != "partOnly" {
			of[lock.BeaconPrefix+name] = [][]string{{name}}
		}
	}
	for name, b := range c.was.Compound {
		if !extends(b, c.now.Compound[name]) {
			continue
		}
		for _, parts := range b.Constructors {
			of[lock.BeaconPrefix+name] = append(of[lock.BeaconPrefix+name], beaconsOf(parts))
		}
	}
	for _, one := range of {
		all = append(all, one...)
	}
	for name, x := range c.was.Indexes {
		if now := c.now.Indexes[name]; x.PartitionKey != now.PartitionKey || x.SortKey != now.SortKey {
			continue
		}
		for _, partition := range of[x.PartitionKey] {
			for _, sort := range of[x.SortKey] {
				all = append(all, slices.Concat(partition, sort))
			}
		}
	}
	return all
}

func beaconsOf(parts []lock.Part) (names []string) {
	for _, p := range parts {
		if p.Beacon != "" {
			names = append(names, p.Beacon)
		}
	}
	return names
}

// combinations returns the hashes that items of a table may have in beacons at
// the same time, by the number of each.
func combinations(t *lock.Table, beacons []string) map[string]bool {
	all := map[string]bool{}
	for p := range t.Partitions() {
		key := ""
		for _, name := range beacons {
			key += fmt.Sprint(p%max(t.Standard[name].Partitions, 1), " ")
		}
		all[key] = true
	}
	return all
}

func subset(a, b map[string]bool) bool {
	for key := range a {
		if !b[key] {
			return false
		}
	}
	return true
}
