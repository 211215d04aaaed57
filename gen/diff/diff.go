// Package diff says what a change of tags does to items that are stored already,
// and to a program of which two versions run at once. It compares lock files.
// What it says is proved in internal/schemaproof.
package diff

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/ddbegen/ddbegen/gen/lock"
)

// Class is what a change does.
type Class string

// The classes, from the worst to the best.
const (
	// Leak: values that were secret will be in clear.
	Leak Class = "LEAK"
	// BreakRead: stored items, or values in them, cannot be read any more.
	BreakRead Class = "BREAK-READ"
	// LostQuery: a query no longer finds items that are stored.
	LostQuery Class = "LOST-QUERY"
	// PartialQuery: a new query does not find items that are stored.
	PartialQuery Class = "PARTIAL-QUERY"
	// MixedFleet: stored items are well, but while two versions run, the older one
	// fails on what the newer one writes, or damages it.
	MixedFleet Class = "MIXED-FLEET"
	// Safe: nothing of this.
	Safe Class = "SAFE"
)

// Classes are all of them, from the worst to the best, each with what it means.
func Classes() []Class { return []Class{Leak, BreakRead, LostQuery, PartialQuery, MixedFleet, Safe} }

// Meaning is one sentence about the class.
func (c Class) Meaning() string {
	switch c {
	case Leak:
		return "Values that were secret will be in clear."
	case BreakRead:
		return "Items that are stored, or values in them, cannot be read any more."
	case LostQuery:
		return "A query no longer finds items that are stored."
	case PartialQuery:
		return "A new query does not find items that are stored."
	case MixedFleet:
		return "While two versions of a program run, the older one fails on what the newer one writes, or damages it."
	default:
		return "Items that are stored are read and found, by both versions of a program."
	}
}

// Change is one difference and its class.
type Change struct {
	Class Class
	Table string // logical name
	// Kind and Subject say what changed: the "attribute" of this name. Kinds
	// without a subject, such as "key", are about the whole table.
	Kind, Subject string
	Was, Now      string // "" for what is not there
	Reason        string
	Rollout       []string // how to get there safely, step by step
	// Warning says that nobody need accept the change: it is one that is made
	// every day, and only asks for attention.
	Warning bool
	// Accepted says that somebody has accepted it by name.
	Accepted bool
}

// Name is what the change is accepted by, such as
// LEAK:Customers.attribute.email.
func (c Change) Name() string {
	name := string(c.Class) + ":" + c.Table + "." + c.Kind
	if c.Subject != "" {
		name += "." + c.Subject
	}
	return name
}

// Stops reports whether nothing may be generated until the change is accepted.
func (c Change) Stops() bool { return c.Class != Safe && !c.Warning && !c.Accepted }

// Acceptance is what the lock file keeps of a change that was accepted.
func (c Change) Acceptance() lock.Accepted {
	return lock.Accepted{Change: c.Name(), Was: c.Was, Now: c.Now}
}

// kinds are words for the kinds whose names are not enough of one.
var kinds = map[string]string{
	"key": "primary key", "suite": "algorithm suite", "tenant": "tenant attribute", "partitions": "number of partitions",
	"unsigned": "unsigned name", "unsigned_prefix": "unsigned prefix", "virtual": "virtual field",
}

// Message says what changed and what that does.
func (c Change) Message() string {
	kind := c.Kind
	if words, ok := kinds[kind]; ok {
		kind = words
	}
	what := fmt.Sprintf("%s %q of table %q", kind, c.Subject, c.Table)
	if c.Subject == "" {
		what = fmt.Sprintf("%s of table %q", kind, c.Table)
	}
	if c.Kind == "table" {
		what = fmt.Sprintf("table %q", c.Table)
	}
	switch {
	case c.Was == "":
		what += " is new"
	case c.Now == "":
		what += " is gone"
	default:
		what += fmt.Sprintf(" was %s and is %s", c.Was, c.Now)
	}
	return what + ": " + c.Reason
}

// Compare returns what changes from was to now, the worst first in each table.
// was is nil where there is no lock file yet.
func Compare(was, now *lock.File) []Change {
	if was == nil {
		was = &lock.File{}
	}
	var all []Change
	renamed := map[string]bool{}
	for name, old := range was.Tables {
		if now.Tables[name] != nil {
			all = append(all, compare(name, old, now.Tables[name])...)
			continue
		}
		to := heir(old, was, now)
		if to == "" {
			all = append(all, removed(name, old))
			continue
		}
		renamed[to] = true
		all = append(all, moved(name, to))
		all = append(all, compare(to, old, now.Tables[to])...)
	}
	for name, table := range now.Tables {
		if was.Tables[name] == nil && !renamed[name] {
			all = append(all, added(name, table))
		}
	}
	slices.SortFunc(all, func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(a.Table, b.Table),
			cmp.Compare(slices.Index(Classes(), a.Class), slices.Index(Classes(), b.Class)),
			cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.Subject, b.Subject),
		)
	})
	return all
}

// Accept marks the changes that the names accept, and returns the names that no
// change has.
func Accept(all []Change, names []string) (unknown []string) {
	for _, name := range names {
		found := false
		for i := range all {
			if all[i].Name() == name && all[i].Class != Safe && !all[i].Warning {
				all[i].Accepted, found = true, true
			}
		}
		if !found {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

// AcceptedSince returns the names of what was accepted in now and not in was.
func AcceptedSince(was, now *lock.File) []string {
	left := map[string]int{}
	if was != nil {
		for _, a := range was.Accepted {
			left[a.Change]++
		}
	}
	var names []string
	for _, a := range now.Accepted {
		if left[a.Change]--; left[a.Change] < 0 {
			names = append(names, a.Change)
		}
	}
	return names
}
