package diff

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/lock"
)

func (c *comparison) attributes() {
	for _, name := range union(c.was.Attributes, c.now.Attributes) {
		was, had := c.was.Attributes[name]
		now, has := c.now.Attributes[name]
		retired, hadOnce := c.was.Retired[name]
		switch {
		case had && has:
			c.attribute(name, was, now)
		case hadOnce && has:
			c.attribute(name, retired, now)
		case has:
			c.newAttribute(name, now)
		default:
			c.goneAttribute(name, was)
		}
	}
	for _, name := range union(c.was.Retired, nil) {
		_, has := c.now.Attributes[name]
		if !has && c.was.Retired[name].Action != lock.None && c.now.AllowsUnsigned(name) && !c.was.AllowsUnsigned(name) {
			c.signing(name, c.was.Retired[name].Action, lock.None)
		}
	}
}

// attribute compares an attribute that items have in both versions.
func (c *comparison) attribute(name string, was, now lock.Attribute) {
	c.action(name, was.Action, now.Action)
	c.types(name, was, now)
}

func (c *comparison) action(name, was, now string) {
	if was == now {
		return
	}
	key := c.now.Key(name)
	if (was == lock.None) != (now == lock.None) {
		c.signing(name, was, now)
	}
	switch {
	case was == lock.Encrypt:
		leak := Change{
			Class: Leak, Kind: "attribute", Subject: name, Was: was, Now: now,
			Reason: "the next write of an item stores the value in clear, and so do its indexes, streams, exports and backups",
			Rollout: []string{
				"Leave it encrypted; to find items by it, add a //ddbe:beacon on it.",
				"If everybody may read it who reads the table, accept the change; stored items stay encrypted until they are written again.",
			},
		}
		if now == lock.Context {
			leak.Reason += "; it also goes to KMS in clear with every request, and into CloudTrail"
		}
		c.report(leak)
	case now == lock.Context && !key:
		c.report(Change{
			Class: Leak, Kind: "attribute", Subject: name, Was: was, Now: now,
			Reason: "the value goes to KMS in clear with every request, and into CloudTrail",
			Rollout: []string{
				"Choose values for it that may be read there.",
				"Deploy readers first that know the header of version 2, if programs with another client read the table; this module reads both versions.",
			},
		})
	case was == lock.None || now == lock.None: // said already
	case now == lock.Encrypt:
		c.report(Change{
			Class: Safe, Kind: "attribute", Subject: name, Was: was, Now: now,
			Reason: "both versions read both; the value of a stored item stays in clear until the item is written again",
			Rollout: []string{
				"Deploy the new version everywhere: the older one still writes in clear.",
				"Read every item and Put it again.",
				"Streams, exports and backups from before hold the clear text as long as they exist.",
			},
		})
	case now == lock.Context:
		c.report(Change{
			Class: Safe, Kind: "attribute", Subject: name, Was: was, Now: now,
			Reason:  "keys are in the encryption context anyway; items get a header of version 2, and this module reads both versions",
			Rollout: []string{"Deploy readers first that know the header of version 2, if programs with another client read the table."},
		})
	default:
		c.report(Change{
			Class: Safe, Kind: "attribute", Subject: name, Was: was, Now: now,
			Reason:  "the value no longer goes to KMS, and stored items are read as before",
			Rollout: []string{"If a key policy or the choice of the branch key looks at the value, change that first."},
		})
	}
}

// signing reports an attribute that becomes signed, or ceases to be.
func (c *comparison) signing(name, was, now string) {
	reason := "stored items have it signed; a reader that takes it for unsigned refuses them"
	if was == lock.None {
		reason = "stored items have it unsigned; a reader that takes it for signed refuses them"
	}
	c.report(Change{
		Class: BreakRead, Kind: "attribute", Subject: name, Was: was, Now: now, Reason: reason,
		Rollout: []string{
			"Leave it as it is, and add an attribute with another name and the new action.",
			"Deploy a version that writes both, and read and Put every item.",
			"Deploy a version that reads the new one, then let the old one go.",
		},
	})
}

func (c *comparison) newAttribute(name string, now lock.Attribute) {
	if c.was.Writes(name) {
		c.action(name, lock.Sign, now.Action)
		return
	}
	if c.was.AllowsUnsigned(name) {
		if now.Action != lock.None {
			c.action(name, lock.None, now.Action)
			return
		}
		c.report(Change{
			Class: MixedFleet, Kind: "attribute", Subject: name, Now: now.Action, Warning: true,
			Reason:  "both versions read all items, and Update of the older one keeps it, but Put of the older one erases it",
			Rollout: []string{"Deploy the new version everywhere before values are written that must not be lost."},
		})
		return
	}
	if now.Action == lock.None {
		c.report(Change{
			Class: MixedFleet, Kind: "attribute", Subject: name, Now: now.Action,
			Reason: "the older version takes it for signed, and refuses every item that has it",
			Rollout: []string{
				fmt.Sprintf("First write //ddbe:unsigned %s and no field, and deploy that everywhere.", name),
				"Then put the field in its place.",
			},
		})
		return
	}
	if c.now.Key(name) {
		return // the keys were reported
	}
	c.report(Change{
		Class: MixedFleet, Kind: "attribute", Subject: name, Now: now.Action, Warning: true,
		Reason: "both versions read all items, but Put of the older one erases it, and Update of the older one refuses an item that has it",
		Rollout: []string{
			"Deploy the new version everywhere, with omitempty on the field and no value in it.",
			"Then begin to write values.",
		},
	})
}

func (c *comparison) goneAttribute(name string, was lock.Attribute) {
	allowed := c.now.AllowsUnsigned(name)
	switch {
	case c.now.Writes(name):
		c.action(name, was.Action, lock.Sign)
	case was.Action == lock.None && allowed:
		c.report(Change{
			Class: Safe, Kind: "attribute", Subject: name, Was: was.Action,
			Reason: "readers still let it be unsigned; Put erases it, and Update keeps it",
		})
	case was.Action == lock.None:
		c.report(Change{
			Class: BreakRead, Kind: "attribute", Subject: name, Was: was.Action,
			Reason:  "stored items have it unsigned; a reader that does not know it takes it for signed, and refuses them",
			Rollout: []string{fmt.Sprintf("Write //ddbe:unsigned %s in place of the field, for as long as an item has it.", name)},
		})
	case allowed:
		c.signing(name, was.Action, lock.None)
	case c.was.Key(name): // the keys were reported
	default:
		c.report(Change{
			Class: BreakRead, Kind: "attribute", Subject: name, Was: was.Action,
			Reason: "stored items keep it: nothing reads it any more, Put erases it, and Update refuses the item since it has no action",
			Rollout: append(c.renaming(name, was),
				"Leave the field, add omitempty to its dynamodbav tag, and deploy a version that does not use it.",
				"Update every item that has it: set the field to its zero value.",
				"Then remove the field and accept the change.",
			),
		})
	}
}

// renaming is the advice for an attribute in whose place another one is.
func (c *comparison) renaming(name string, was lock.Attribute) []string {
	var heirs []string
	for other, now := range c.now.Attributes {
		if _, known := c.was.Attributes[other]; !known && now.Action == was.Action && now.Type == was.Type {
			heirs = append(heirs, other)
		}
	}
	if len(heirs) != 1 {
		return nil
	}
	return []string{fmt.Sprintf("If %q is its new name, keep the old one in the dynamodbav tag: the name of a Go field may change.", heirs[0])}
}

// types compares the types of values, and of what lies in them, for each struct
// that has them: as those of the attribute where all of them change alike.
func (c *comparison) types(name string, was, now lock.Attribute) {
	pairs := c.fields(name)
	alike := len(pairs) == 0
	for _, p := range pairs {
		alike = p.had && p.has && p.was.Same(pairs[0].was) && p.now.Same(pairs[0].now)
		if !alike {
			break
		}
	}
	if alike {
		c.storedTypes("attribute", name, was.Stored, now.Stored)
		return
	}
	for _, p := range pairs {
		switch subject := p.structure + "." + name; {
		case p.had && p.has:
			c.storedTypes("field", subject, p.was, p.now)
		case p.has:
			c.report(Change{
				Class: MixedFleet, Kind: "field", Subject: subject, Now: now.Action, Warning: true,
				Reason:  "both versions read all items, and Update of the older one keeps it, but Put of the older one erases it",
				Rollout: []string{"Deploy the new version everywhere before values are written that must not be lost."},
			})
		case p.had && !p.was.Retired:
			c.report(Change{
				Class: BreakRead, Kind: "field", Subject: subject, Was: was.Action,
				Reason: "stored items keep it: nothing reads it any more, and Put erases it",
				Rollout: []string{
					"Leave the field, and deploy a version that does not use it.",
					"When nobody needs the values that are stored, remove the field and accept the change.",
				},
			})
		}
	}
}

// field is what one struct of a shared table has of an attribute in both
// versions.
type field struct {
	structure string
	was, now  lock.Stored
	had, has  bool
}

// fields returns what the structs that both versions have in a table store in an
// attribute; nothing for a table of one struct.
func (c *comparison) fields(name string) (all []field) {
	if len(c.was.Structs) < 2 && len(c.now.Structs) < 2 || c.was.Attributes[name].Action == "" {
		return nil
	}
	for _, structure := range c.now.Structs {
		old := c.was.Named(c.now, structure)
		if !slices.Contains(c.was.Structs, old) {
			continue
		}
		f := field{structure: structure}
		f.was, f.had = c.was.In(old, name)
		f.now, f.has = c.now.In(structure, name)
		if f.had || f.has {
			all = append(all, f)
		}
	}
	return all
}

// storedTypes compares what values are stored as.
func (c *comparison) storedTypes(kind, name string, was, now lock.Stored) {
	c.typ(kind, name, "", was, now)
	c.beneathAny(kind, name, was, now)
	for path, form := range was.NestedForms {
		if was.Nested[path] == "" || now.Nested[path] == "" || was.Type != now.Type {
			c.form(kind, name, path, value{at(was, path).typ, form}, at(now, path))
		}
	}
	if was.Type != now.Type {
		return
	}
	for _, path := range union(was.Nested, now.Nested) {
		old, had := was.Nested[path]
		recent, has := now.Nested[path]
		switch {
		case had && has:
			c.typ(kind, name, path, was, now)
		case within(path, was.Nested, now.Nested): // its surroundings were reported
		case has:
			c.report(Change{
				Class: MixedFleet, Kind: kind, Subject: name + path, Now: recent, Warning: true,
				Reason:  "both versions read all items, but Put and Update of the older one erase it",
				Rollout: []string{"Deploy the new version everywhere before values are written that must not be lost."},
			})
		default:
			c.report(Change{
				Class: BreakRead, Kind: kind, Subject: name + path, Was: old,
				Reason: "stored items keep it: nothing reads it any more, and Put and Update erase it",
				Rollout: []string{
					"Leave the field, and deploy a version that does not use it.",
					"When nobody needs the values that are stored, remove the field and accept the change.",
				},
			})
		}
	}
}

// within reports whether path lies in something that only one side has, or that
// has another type there.
func within(path string, was, now map[string]string) bool {
	for _, outer := range union(was, now) {
		if rest, ok := strings.CutPrefix(path, outer); ok && rest != "" && strings.ContainsRune(".[{", rune(rest[0])) && was[outer] != now[outer] {
			return true
		}
	}
	return false
}

// typ compares the types of what lies at a path.
func (c *comparison) typ(kind, name, path string, old, recent lock.Stored) {
	was, now := old.Nested[path], recent.Nested[path]
	if path == "" {
		was, now = old.Type, recent.Type
	}
	a, b := at(old, path), at(recent, path)
	if was == now {
		c.form(kind, name, path, a, b)
		return
	}
	change := Change{Kind: kind, Subject: name + path, Was: was, Now: now}
	if kind == "attribute" && c.now.Key(name) {
		change.Class = BreakRead
		change.Reason = "the values of the keys are bound into every item, and DynamoDB cannot change the type of a key"
		change.Rollout = anotherTable
		c.report(change)
		return
	}
	elements, known := recent.Reads[path+"[]"]
	if reads := recent.Reads[path]; reads != nil && !contains(reads, lock.Kinds(was)) ||
		known && old.Nested[path+"[]"] != "" && !contains(elements, lock.Kinds(old.Nested[path+"[]"])) {
		change.Class = BreakRead
		change.Reason = "a field of the new type is not read from what is stored"
		change.Rollout = otherAttribute
		c.report(change)
		return
	}
	if reads(b, a) != kept {
		c.form(kind, name, path, a, b)
		return
	}
	if !contains(lock.Kinds(was), lock.Kinds(now)) || reads(a, b) != kept {
		change.Class = MixedFleet
		change.Reason = "the new version reads both, but the older one may not read what the new one writes"
		change.Rollout = []string{"Stop the older version before the new one writes, or add an attribute with another name."}
		c.report(change)
		return
	}
	change.Class = Safe
	change.Reason = "both versions read both"
	c.report(change)
}

func contains(all, some []string) bool {
	return !slices.ContainsFunc(some, func(k string) bool { return !slices.Contains(all, k) })
}

// unsigned compares what may be unsigned though no struct has it.
func (c *comparison) unsigned() {
	for _, name := range c.was.Unsigned {
		if _, has := c.now.Attributes[name]; !has && !c.now.AllowsUnsigned(name) {
			c.report(Change{
				Class: BreakRead, Kind: "unsigned", Subject: name, Was: "allowed",
				Reason:  "a stored item that has the attribute unsigned is refused: readers take it for signed",
				Rollout: []string{"Remove the attribute from every item first, then accept the change."},
			})
		}
	}
	for _, name := range c.now.Unsigned {
		if c.was.Action(name) == "" {
			c.report(Change{
				Class: Safe, Kind: "unsigned", Subject: name, Now: "allowed",
				Reason:  "no item that can be read has the attribute yet",
				Rollout: []string{"Deploy the new version everywhere before anything writes the attribute: the older one refuses items that have it."},
			})
		}
	}
	was, now := c.was.UnsignedPrefix, c.now.UnsignedPrefix
	switch {
	case was == now:
	case was == "" || now != "" && strings.HasPrefix(was, now):
		c.report(Change{
			Class: Safe, Kind: "unsigned_prefix", Was: was, Now: now,
			Reason:  "no item that can be read has such attributes yet, but for those that were allowed",
			Rollout: []string{"Deploy the new version everywhere before anything writes such attributes: the older one refuses items that have them."},
		})
	default:
		c.report(Change{
			Class: BreakRead, Kind: "unsigned_prefix", Was: was, Now: now,
			Reason:  "stored items may have unsigned attributes whose names begin so; readers take them for signed, and refuse the items",
			Rollout: []string{"Leave the prefix as it is; it can only become shorter.", "To let it go, first remove all such attributes from every item, then accept the change."},
		})
	}
}
