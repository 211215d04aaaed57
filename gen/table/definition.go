// Package table makes the definitions of tables in DynamoDB from the model: what
// the tags and directives say about keys and indexes, with the names and types
// that beacons are stored with. It writes them for the tools that create tables,
// and compares them with what DynamoDB says of a table that is there.
package table

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/schema"
	"github.com/ddbegen/ddbegen/gen/tag"
)

// A Definition is what DynamoDB has to know of a table.
type Definition struct {
	LogicalName string
	Name        string // of the table in DynamoDB, 3 to 255 of a-z, A-Z, 0-9, _, - and .
	Package     string // path of the Go package of its structs; "" for a key store
	PackageName string
	Keys        []Key // partition key, then the sort key if there is one
	Global      []Index
	Local       []Index // with the partition key of the table
	TTL         string  // the attribute by which items expire; "" for none
	// Protected says that a table with it must not be deleted by accident: it is a
	// key store, without which the items of other tables cannot be read.
	Protected bool

	encrypted map[string]bool // names of encrypted attributes
}

// A Key is an attribute in the key of a table or an index.
type Key struct {
	Name string // as it is stored; that of a beacon begins with aws_dbe_b_
	Type string // S, N or B
}

// An Index is a secondary index.
type Index struct {
	Name string
	Keys []Key
	Projection
}

// maxGlobal is the quota of global indexes, which may be raised.
const maxGlobal = 20

// beaconPrefix begins the names of stored beacons (specification:
// searchable-encryption/beacons, "Beacon Name").
const beaconPrefix = "aws_dbe_b_"

// KeyStore returns the definition of a branch key store (specification:
// branch-key-store, "Table"). A name that DynamoDB refuses is an error.
func KeyStore(name string) (*Definition, error) {
	if !validName(name) {
		return nil, fmt.Errorf("DynamoDB accepts no table with the name %q: choose 3 to 255 of a-z, A-Z, 0-9, ., _ and -", name)
	}
	return &Definition{
		LogicalName: name, Name: name, Protected: true,
		Keys: []Key{{"branch-key-id", "S"}, {"type", "S"}},
	}, nil
}

// Of returns the definitions of the tables of packages, in the order of the
// source, and all that is wrong with them.
func Of(packages []*schema.Package) ([]*Definition, error) {
	var all []*Definition
	var problems []error
	for _, p := range packages {
		for _, s := range p.Structs {
			d := define(p, s)
			i := slices.IndexFunc(all, func(o *Definition) bool { return o.LogicalName == d.LogicalName && o.Name == d.Name })
			if i < 0 {
				all = append(all, d)
			} else {
				all[i].merge(d)
			}
		}
	}
	names := map[string]*Definition{}
	for _, d := range all {
		if other := names[d.Name]; other != nil {
			problems = append(problems, fmt.Errorf("tables %q and %q are both called %q in DynamoDB: give one of them another physical= name", other.LogicalName, d.LogicalName, d.Name))
		}
		names[d.Name] = d
		problems = append(problems, d.check())
	}
	return all, errors.Join(problems...)
}

// define returns what one struct needs of its table.
func define(p *schema.Package, s *schema.Struct) *Definition {
	d := &Definition{LogicalName: s.Table.LogicalName, Name: physicalName(s.Table), TTL: s.Table.TTL, Package: p.Path, PackageName: p.Name, encrypted: map[string]bool{}}
	for _, a := range s.Attributes {
		d.encrypted[a.Name] = a.Action == tag.Encrypt
	}
	for _, k := range s.Keys {
		d.Keys = append(d.Keys, key(s, k.Name))
	}
	for _, x := range s.Table.Indexes {
		index := Index{Name: x.Name, Keys: []Key{key(s, x.Partition)}, Projection: projectionOf(x)}
		if x.Sort != "" {
			index.Keys = append(index.Keys, key(s, x.Sort))
		}
		if x.Local {
			d.Local = append(d.Local, index)
		} else {
			d.Global = append(d.Global, index)
		}
	}
	return d
}

// physicalName returns the name of a table in DynamoDB. An ARN ends with it
// (AWS service authorization reference, "Resource types defined by Amazon
// DynamoDB").
func physicalName(t *schema.Table) string {
	name := t.Name()
	if strings.HasPrefix(name, "arn:") {
		_, name, _ = strings.Cut(name, ":table/")
	}
	return name
}

// key finds out how the attribute or the beacon of a name is stored. All beacons
// are strings.
func key(s *schema.Struct, name string) Key {
	if search := s.Table.Search; search != nil {
		for _, b := range search.Standard {
			if b.Name == name {
				return Key{beaconPrefix + name, "S"}
			}
		}
		for _, c := range search.Compound {
			if c.Name == name {
				if signed(search, c) {
					return Key{name, "S"}
				}
				return Key{beaconPrefix + name, "S"}
			}
		}
	}
	for _, a := range s.Attributes {
		if a.Name == name {
			kinds := slices.DeleteFunc(a.Codec.Wire.Kinds(), func(kind string) bool { return kind == "NULL" })
			return Key{name, kinds[0]} // the model has no keys of several kinds
		}
	}
	return Key{name, "S"} // unreachable: the model has no keys of nothing
}

// signed reports whether no part of a compound beacon is encrypted.
func signed(search *schema.Search, c *schema.CompoundBeacon) bool {
	if len(c.Encrypted) > 0 {
		return false
	}
	for _, parts := range c.Constructors {
		for _, part := range parts {
			if slices.ContainsFunc(search.EncryptedParts, func(p schema.EncryptedPart) bool { return p.Name == part.Name }) {
				return false
			}
		}
	}
	return true
}

// merge adds what another struct needs of the same table. Structs of one table do
// not contradict each other.
func (d *Definition) merge(o *Definition) {
	for name, encrypted := range o.encrypted {
		d.encrypted[name] = d.encrypted[name] || encrypted
	}
	d.Global, d.Local = union(d.Global, o.Global), union(d.Local, o.Local)
}

// union returns all, and of more what has another name: where two structs name
// an index, it is the same.
func union(all, more []Index) []Index {
	for _, x := range more {
		if !slices.ContainsFunc(all, func(y Index) bool { return y.Name == x.Name }) {
			all = append(all, x)
		}
	}
	return all
}

// check returns what DynamoDB would refuse.
func (d *Definition) check() error {
	var problems []error
	problem := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("table %q: "+format, append([]any{d.LogicalName}, args...)...))
	}
	if len(d.Global) > maxGlobal {
		problem("it has %d global indexes, and DynamoDB allows %d unless the quota is raised", len(d.Global), maxGlobal)
	}
	for _, p := range projectionProblems(slices.Concat(d.Global, d.Local)) {
		problem("%s", p)
	}
	return errors.Join(problems...)
}

// allKeys returns the keys of the table and its indexes, each as often as it is
// one.
func (d *Definition) allKeys() []Key {
	all := slices.Clone(d.Keys)
	for _, x := range slices.Concat(d.Global, d.Local) {
		all = append(all, x.Keys...)
	}
	return all
}

// attributes returns the attributes that the table declares: those that are keys
// and no others, each once.
func (d *Definition) attributes() []Key {
	var all []Key
	for _, k := range d.allKeys() {
		if !slices.Contains(all, k) {
			all = append(all, k)
		}
	}
	return all
}

// validName reports whether DynamoDB accepts a name for a table (API reference,
// CreateTable).
func validName(name string) bool {
	valid := func(r rune) bool {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("_-.", r)
	}
	return 3 <= len(name) && len(name) <= 255 && !strings.ContainsFunc(name, func(r rune) bool { return !valid(r) })
}
