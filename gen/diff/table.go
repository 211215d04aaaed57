package diff

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/lock"
)

// comparison is the comparison of one table with what it was.
type comparison struct {
	name     string
	was, now *lock.Table
	changes  []Change
}

func compare(name string, was, now *lock.Table) []Change {
	c := &comparison{name: name, was: was, now: now}
	c.keys()
	c.suite()
	c.discriminator()
	c.attributes()
	c.unsigned()
	c.search()
	c.indexes()
	return c.changes
}

func (c *comparison) report(change Change) *Change {
	change.Table = c.name
	c.changes = append(c.changes, change)
	return &c.changes[len(c.changes)-1]
}

// heir returns the new table that has a struct of an old one, or "".
func heir(old *lock.Table, was, now *lock.File) string {
	for _, name := range slices.Sorted(maps.Keys(now.Tables)) {
		shared := func(s string) bool { return slices.Contains(old.Structs, s) }
		if was.Tables[name] == nil && slices.ContainsFunc(now.Tables[name].Structs, shared) {
			return name
		}
	}
	return ""
}

var anotherTable = []string{
	"Create another table, and a struct with another //ddbe:table for it.",
	"Deploy a version that writes both and reads the old one.",
	"Read every item of the old table and Put it into the new one.",
	"Deploy a version that has the new one alone.",
}

func moved(from, to string) Change {
	return Change{
		Class: BreakRead, Table: from, Kind: "table", Was: from, Now: to,
		Reason: "the logical name is bound into every item, and under another one none can be decrypted",
		Rollout: append([]string{
			"If the items stay and only the table has another name, keep the logical name and write physical= or use ddbe.WithTableName.",
		}, anotherTable...),
	}
}

func removed(name string, t *lock.Table) Change {
	return Change{
		Class: BreakRead, Table: name, Kind: "table", Was: strings.Join(t.Structs, ", "),
		Reason: "no struct of the package reads its items any more",
		Rollout: []string{
			"If the struct goes to another package, copy its entry in the lock file to the one there.",
			"If the table is to go, deploy the version without it everywhere, then delete the table.",
		},
	}
}

func added(name string, t *lock.Table) Change {
	return Change{
		Class: Safe, Table: name, Kind: "table", Now: strings.Join(t.Structs, ", "),
		Reason: "the lock file knows no items of it",
	}
}

func (c *comparison) keys() {
	text := func(t *lock.Table) string { return strings.TrimSuffix(t.PartitionKey+","+t.SortKey, ",") }
	if was, now := text(c.was), text(c.now); was != now {
		c.report(Change{
			Class: BreakRead, Kind: "key", Was: was, Now: now,
			Reason:  "the names and values of the keys are bound into every item, and DynamoDB cannot change the keys of a table",
			Rollout: anotherTable,
		})
	}
}

func (c *comparison) suite() {
	if c.was.Suite == c.now.Suite {
		return
	}
	change := Change{
		Class: Safe, Kind: "suite", Was: c.was.Suite, Now: c.now.Suite,
		Reason: "both versions read the items of both suites; new items have no digital signature",
		Rollout: []string{
			"Whoever can decrypt items can make items of suite 0x6700, which readers of either suite accept: let only writers decrypt, or trust the readers.",
		},
	}
	if c.now.Suite == "0x6701" {
		change.Reason = "both versions read the items of both suites; stored items get a digital signature when they are written again"
		change.Rollout = []string{"A KMS RSA keyring does not serve suite 0x6701, and opening the table with one fails: change the keyring first."}
	}
	c.report(change)
}

// discriminator compares what tells the items of structs apart.
func (c *comparison) discriminator() {
	was, now := c.was.Discriminator, c.now.Discriminator
	_, field := c.now.Attributes[was]
	switch {
	case was == now:
		c.discriminatorValues()
	case was == "":
		c.report(Change{
			Class: BreakRead, Kind: "discriminator", Now: now,
			Reason: "stored items do not have it, and a struct refuses items that do not have its value",
			Rollout: []string{
				fmt.Sprintf("First give the struct that is there a signed string field with the attribute name %q, always set to the value that the directive will have.", now),
				"Deploy that, and Update every item.",
				"Then put the directive in place of the field, and add the other structs.",
			},
		})
	case now == "" && !field:
		c.report(Change{
			Class: BreakRead, Kind: "discriminator", Was: was,
			Reason:  "stored items keep it as a signed attribute: Get and Put do not mind, and Update refuses the item since it has no action",
			Rollout: []string{fmt.Sprintf("Give the struct that stays a signed string field with the attribute name %q in place of the directive.", was)},
		})
	case now == "":
		c.report(Change{
			Class: Safe, Kind: "discriminator", Was: was,
			Reason:  "the field that has its attribute name reads and writes it",
			Rollout: []string{"Always set the field to the old value as long as the older version runs."},
		})
	default:
		c.report(Change{
			Class: BreakRead, Kind: "discriminator", Was: was, Now: now,
			Reason:  "stored items do not have the new one, and a struct refuses items that do not have its value",
			Rollout: anotherTable,
		})
	}
}

func (c *comparison) discriminatorValues() {
	values := slices.Collect(maps.Values(c.now.DiscriminatorValues))
	for _, name := range union(c.was.DiscriminatorValues, c.now.DiscriminatorValues) {
		was, had := c.was.DiscriminatorValues[name]
		now := c.now.DiscriminatorValues[name]
		switch {
		case !had && !slices.Contains(slices.Collect(maps.Values(c.was.DiscriminatorValues)), now):
			c.report(Change{
				Class: Safe, Kind: "struct", Subject: name, Now: now,
				Reason: "other structs pass over its items",
			})
		case had && !slices.Contains(values, was):
			c.report(Change{
				Class: BreakRead, Kind: "struct", Subject: name, Was: was, Now: now,
				Reason: "no struct reads the items that are stored with its discriminator any more",
				Rollout: []string{
					"Leave the struct and its value as they are; the name of the Go type may change.",
					"If its items are to go, delete them first.",
				},
			})
		}
	}
}

func (c *comparison) indexes() {
	text := func(x lock.Index) string {
		keys := strings.TrimSuffix(x.PartitionKey+","+x.SortKey, ",")
		if x.Local {
			return keys + " local"
		}
		return keys
	}
	for _, name := range union(c.was.Indexes, c.now.Indexes) {
		was, had := c.was.Indexes[name]
		now, has := c.now.Indexes[name]
		switch {
		case !had && now.Local:
			c.report(Change{
				Class: Safe, Kind: "index", Subject: name, Now: text(now),
				Reason: "nothing that is stored depends on an index, but DynamoDB adds no local one to a table that is there",
				Rollout: []string{
					"Leave out local, so that it is a global index, unless reads by it must be consistent.",
					"Else create another table with the index, and copy the items as they are: the logical name stays, and the physical name changes.",
				},
			})
		case !had:
			c.report(Change{
				Class: Safe, Kind: "index", Subject: name, Now: text(now),
				Reason:  "DynamoDB puts the stored items that have its keys into a new index",
				Rollout: []string{"Create the index in the table and wait until it is ACTIVE.", "Deploy the new version: it does not open a table without the index."},
			})
		case !has:
			c.report(Change{
				Class: Safe, Kind: "index", Subject: name, Was: text(was),
				Reason:  "nothing that is stored depends on an index",
				Rollout: []string{"Deploy the new version everywhere.", "Delete the index from the table."},
			})
		case text(was) != text(now):
			c.report(Change{
				Class: MixedFleet, Kind: "index", Subject: name, Was: text(was), Now: text(now),
				Reason: "DynamoDB cannot change the keys of an index, nor make it local or global, so that only one of the versions can use it",
				Rollout: []string{
					"Leave this index as it is, and add one with another name and the new keys.",
					"When no program uses this one any more, remove it.",
				},
			})
		default:
			c.projection(name, was, now)
			c.indexTypes(name, now)
		}
	}
}

// indexTypes reports an index on an attribute that is stored as another type than
// it was.
func (c *comparison) indexTypes(name string, x lock.Index) {
	for _, key := range []string{x.PartitionKey, x.SortKey} {
		was, had := c.was.Attributes[key]
		now, has := c.now.Attributes[key]
		if !had || !has || was.Type == now.Type || c.now.Key(key) {
			continue
		}
		c.report(Change{
			Class: LostQuery, Kind: "index", Subject: name, Was: "on " + was.Type, Now: "on " + now.Type,
			Reason:  fmt.Sprintf("stored items have the old type of %q, and are not in an index on the new one", key),
			Rollout: []string{"Leave the attribute as it is, and add one with another name and the new type, with an index of its own.", "Update every item, then query the new index."},
		})
		return
	}
}

// union returns the keys of both maps, sorted.
func union[V any](a, b map[string]V) []string {
	all := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(all)
	return slices.Compact(all)
}
