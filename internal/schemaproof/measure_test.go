package schemaproof_test

import (
	"errors"
	"testing"

	ddbe "github.com/ddbegen/ddbegen/runtime"

	"github.com/ddbegen/ddbegen/gen/lock"
)

// facts are what happened when the items of one version met another version.
type facts struct {
	// What the version after the change could not do with items from before it.
	newReadsOld, newUpdatesOld error
	newFindsOld                map[string]error // by index
	// What the version before the change could not do with items from after it.
	oldReadsNew, oldUpdatesNew error
	oldFindsNew                map[string]error
	// Attributes that only the version after the change shows to whoever reads
	// the table, or to KMS.
	exposed, published []string
	// Attributes that are gone after the version before the change has read an
	// item and put it back.
	oldErases []string
}

var errOtherKey = errors.New("the item does not lie under this key")

// measure lets two versions of a program meet.
func measure(t testing.TB, was, now string) facts {
	t.Helper()
	return meetAll(t, newVersion(t, was), newVersion(t, now))
}

func meetAll(t testing.TB, before, after *version) facts {
	t.Helper()
	w := newWorld(t)
	f := facts{newFindsOld: map[string]error{}, oldFindsNew: map[string]error{}}

	w.create("old", before, before, after)
	oldOnOld := w.mustOpen(before, "old")
	w.put(before, oldOnOld)
	oldTable, oldKMS := w.clear(before, "old", before.context.seen)
	w.create("new", after, after, before)
	newOnNew := w.mustOpen(after, "new")
	w.put(after, newOnNew)
	newTable, newKMS := w.clear(after, "new", after.context.seen)
	for name := range newTable {
		if _, known := oldTable[name]; !known {
			continue
		}
		// Only what was encrypted can be exposed: an attribute of another type may
		// show nothing that is looked for.
		if newTable[name] && !oldTable[name] && before.table.Attributes[name].Action == lock.Encrypt {
			f.exposed = append(f.exposed, name)
		}
		// What was in the context before was published then, in another spelling.
		if newKMS[name] && !oldKMS[name] && !after.table.Key(name) && before.table.Attributes[name].Action != lock.Context {
			f.published = append(f.published, name)
		}
	}

	// A primary key cannot be changed: the items move.
	newOn, oldOn := "old", "new"
	if before.table.PartitionKey != after.table.PartitionKey || before.table.SortKey != after.table.SortKey {
		newOn, oldOn = "moved", "back"
		w.create(newOn, after, after, before)
		w.create(oldOn, before, after, before)
		if w.copyItems("old", newOn) == 0 {
			f.newReadsOld = errOtherKey
		}
		if w.copyItems("new", oldOn) == 0 {
			f.oldReadsNew = errOtherKey
		}
	}
	newer := w.meet(after, before, newOn, f.newReadsOld, f.newFindsOld)
	older := w.meet(before, after, oldOn, f.oldReadsNew, f.oldFindsNew)
	f.newReadsOld, f.newUpdatesOld = newer.reads, newer.updates
	f.oldReadsNew, f.oldUpdatesNew, f.oldErases = older.reads, older.updates, older.erases
	return f
}

// meeting is what a version could not do with the items of another one.
type meeting struct {
	reads, updates error
	erases         []string // by reading an item and putting it back
}

// meet lets a version loose on the items of another one.
func (w *world) meet(v, writer *version, physical string, known error, finds map[string]error) meeting {
	w.t.Helper()
	if known != nil {
		return meeting{reads: known, updates: known}
	}
	table := w.mustOpen(v, physical)
	m := meeting{reads: w.reads(v, writer, table)}
	for _, x := range v.model.Table.Indexes {
		finds[x.Name] = w.finds(v, writer, table, x)
	}
	if m.updates = w.updates(v, table); m.reads == nil {
		m.erases = w.erases(v, writer, table, physical)
	}
	return m
}

// erases returns the attributes of the writer that are gone from its items after
// the version has read each one and put it back.
func (w *world) erases(v, writer *version, table *ddbe.Table[record], physical string) (gone []string) {
	w.t.Helper()
	for n := range items {
		r, err := table.Get(w.t.Context(), v.item(w.t, n))
		if err != nil {
			w.t.Fatal(err)
		}
		if err := table.Put(w.t.Context(), r); err != nil {
			w.t.Fatal(err)
		}
	}
	for _, a := range writer.model.Attributes {
		for _, item := range w.stored(physical) {
			if item[a.Name] == nil {
				gone = append(gone, a.Name)
				break
			}
		}
	}
	return gone
}
