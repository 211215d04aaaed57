// Package lock is the lock file: what the items of each table already depend on.
// It lies beside the generated file and is kept in version control, so that a
// change of tags can be compared with what is stored.
package lock

import (
	"maps"
	"slices"
	"strings"
)

// Name is the base name of the lock file of a package.
const Name = "ddbegen.lock.json"

// Format is the version of the lock file that this package writes, and the only
// one that it reads.
const Format = 1

// File is a lock file.
type File struct {
	Format int `json:"format"`
	// Tables are by their logical names.
	Tables map[string]*Table `json:"tables"`
	// Accepted are the changes that somebody accepted by name, the oldest first.
	// They are kept for whoever compares with an older version of the file.
	Accepted []Accepted `json:"accepted,omitempty"`
}

// Accepted is a change that is not safe and that somebody accepted.
type Accepted struct {
	Change string `json:"change"` // its name, such as LEAK:Customers.attribute.email
	Was    string `json:"was,omitempty"`
	Now    string `json:"now,omitempty"`
}

// Table is what the items of one table depend on.
type Table struct {
	Structs []string `json:"structs"` // whose items they are
	// Discriminator is the signed attribute that tells their items apart, and
	// DiscriminatorValues are what it holds, by struct.
	Discriminator       string            `json:"discriminator,omitempty"`
	DiscriminatorValues map[string]string `json:"discriminator_values,omitempty"`

	Suite        string               `json:"suite"`
	PartitionKey string               `json:"partition_key"`
	SortKey      string               `json:"sort_key,omitempty"`
	Attributes   map[string]Attribute `json:"attributes"`
	// Retired are attributes that no struct has any more, and items may.
	Retired map[string]Attribute `json:"retired,omitempty"`
	// Unsigned and UnsignedPrefix are what may be unsigned though no struct has it.
	Unsigned       []string `json:"unsigned,omitempty"`
	UnsignedPrefix string   `json:"unsigned_prefix,omitempty"`

	Standard      map[string]Standard `json:"standard_beacons,omitempty"`
	Compound      map[string]Compound `json:"compound_beacons,omitempty"`
	Virtual       map[string][]string `json:"virtual_fields,omitempty"` // the parts, as in the directive
	MaxPartitions int                 `json:"max_partitions,omitempty"` // 0 means 1
	Tenant        string              `json:"tenant,omitempty"`
	Indexes       map[string]Index    `json:"indexes,omitempty"`
}

// The actions, as tags spell them.
const (
	Encrypt = "encrypt,sign"
	Sign    = "sign"
	Context = "sign,context"
	None    = "none"
)

// Attribute is an attribute of an item.
type Attribute struct {
	Action string `json:"action"`
	Stored
	// Only names the structs of a shared table that have it, separated by commas,
	// where that is not all of them.
	Only string `json:"only,omitempty"`
	// Structs take the place of Only where the structs do not store the same, or one
	// no longer has it. What is above is then all that is stored.
	Structs map[string]Stored `json:"structs,omitempty"`

	fields map[string]Stored // by struct; nil for an attribute that was read from a file
}

// Stored is what the values of an attribute are stored as.
type Stored struct {
	// Type is DynamoDB's letters, separated by | where there are several, or Any.
	// NULL is left out unless it is all: every type is read from it.
	Type string `json:"type"`
	// Nested are the types of what lies in the values: .name in a map that is a
	// struct, {} in another map, [] in a list.
	Nested map[string]string `json:"nested,omitempty"`
	// Form is what the Go type takes of that, as [schema.Codec.Form] writes it, and
	// NestedForms are those of what lies in the values. Where there is none, nothing
	// is known: the lock file was written before there were forms.
	Form        string            `json:"form,omitempty"`
	NestedForms map[string]string `json:"nested_forms,omitempty"`
	// Retired says that the struct has the attribute no longer, and its items may.
	Retired bool `json:"retired,omitempty"`

	// Reads are the kinds that the program reads, by path; "" is the value itself.
	// A lock file does not hold it: it is about the program and not about items.
	Reads map[string][]string `json:"-"`
}

// Any is the type of an attribute that may be stored as anything.
const Any = "any"

// Standard is a standard beacon.
type Standard struct {
	Location string `json:"location"`
	Length   int    `json:"length"`
	// Style is "", partOnly, asSet, shared or sharedSet; SharedWith is the beacon
	// whose key it uses.
	Style      string `json:"style,omitempty"`
	SharedWith string `json:"shared_with,omitempty"`
	Partitions int    `json:"partitions,omitempty"` // 0 means 1
}

// Compound is a compound beacon, or a signed one if no part is a beacon.
type Compound struct {
	Split string `json:"split"`
	// Encrypted says that the beacon has a part that is a beacon, though none of its
	// constructors names it: it is stored as other compound beacons are.
	Encrypted bool `json:"encrypted,omitempty"`
	// Constructors are tried in this order. The default one is written out.
	Constructors [][]Part `json:"constructors"`
}

// Part is a part of a compound beacon. Exactly one of Beacon and Text is set.
type Part struct {
	Prefix   string `json:"prefix"`
	Beacon   string `json:"beacon,omitempty"` // the standard beacon, for an encrypted part
	Text     string `json:"text,omitempty"`   // the location, for a signed part
	Optional bool   `json:"optional,omitempty"`
}

// Index is a secondary index. Its keys are attributes as they are stored: those
// of beacons begin with aws_dbe_b_.
type Index struct {
	PartitionKey string `json:"partition_key"`
	SortKey      string `json:"sort_key,omitempty"`
	Local        bool   `json:"local,omitempty"` // it can only be made together with its table
	// Projection is "" for all attributes, keys or include, and Include are those
	// besides keys, as they are stored, sorted.
	Projection string   `json:"projection,omitempty"`
	Include    []string `json:"include,omitempty"`
}

// The projections of an index besides that of all attributes, which is "".
const (
	Keys    = "keys"
	Include = "include"
)

// Signed reports whether the beacon is a signed one: an attribute of its own.
func (c Compound) Signed() bool {
	if c.Encrypted {
		return false
	}
	for _, parts := range c.Constructors {
		if slices.ContainsFunc(parts, func(p Part) bool { return p.Beacon != "" }) {
			return false
		}
	}
	return true
}

// Partitions returns over how many partitions items are spread, at least 1.
func (t *Table) Partitions() int { return max(t.MaxPartitions, 1) }

// Action returns the action of an attribute of stored items, or "" where none is
// known. That of a signed beacon or the discriminator is Sign.
func (t *Table) Action(name string) string {
	if a, ok := t.Attributes[name]; ok {
		return a.Action
	}
	if t.Writes(name) {
		return Sign
	}
	if a, ok := t.Retired[name]; ok {
		return a.Action
	}
	if t.AllowsUnsigned(name) {
		return None
	}
	return ""
}

// Writes reports whether items have the attribute though no struct has a field
// for it: a signed beacon, or the discriminator.
func (t *Table) Writes(name string) bool {
	c, ok := t.Compound[name]
	return ok && c.Signed() || name == t.Discriminator && name != ""
}

// AllowsUnsigned reports whether the table lets an attribute be unsigned that no
// struct has.
func (t *Table) AllowsUnsigned(name string) bool {
	return slices.Contains(t.Unsigned, name) || t.UnsignedPrefix != "" && strings.HasPrefix(name, t.UnsignedPrefix)
}

// Key reports whether the attribute is in the primary key.
func (t *Table) Key(name string) bool { return name == t.PartitionKey || name == t.SortKey }

// Next returns the lock file after a change from f to now, of which accepted
// were accepted by name: that of now, which also remembers what only stored
// items have, and all that was ever accepted. f may be nil.
func (f *File) Next(now *File, accepted []Accepted) *File {
	next := &File{Format: Format, Tables: map[string]*Table{}}
	if f != nil {
		next.Accepted = slices.Clone(f.Accepted)
	}
	next.Accepted = append(next.Accepted, accepted...)
	for name, table := range now.Tables {
		t := *table
		if f != nil && f.Tables[name] != nil {
			t.Retired = retired(f.Tables[name], table)
			t.Attributes = table.remember(f.Tables[name])
		}
		next.Tables[name] = &t
	}
	return next
}

// retired returns the attributes of stored items that the table has no longer.
func retired(old, now *Table) map[string]Attribute {
	all := maps.Clone(old.Retired)
	if all == nil {
		all = map[string]Attribute{}
	}
	maps.Copy(all, old.Attributes)
	for name := range old.Compound {
		if old.Writes(name) {
			all[name] = Attribute{Action: Sign, Stored: Stored{Type: "S", Form: "text"}}
		}
	}
	if old.Discriminator != "" {
		all[old.Discriminator] = Attribute{Action: Sign, Stored: Stored{Type: "S", Form: "text"}}
	}
	maps.DeleteFunc(all, func(name string, _ Attribute) bool {
		_, kept := now.Attributes[name]
		return kept || now.Writes(name) || now.AllowsUnsigned(name)
	})
	if len(all) == 0 {
		return nil
	}
	for name, a := range all {
		all[name] = Attribute{Action: a.Action, Stored: a.Stored}
	}
	return all
}
