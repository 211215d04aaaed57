package gen

import (
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/ddbegen/ddbegen/gen/lock"
	"github.com/ddbegen/ddbegen/gen/schema"
)

// across compares the tables of all packages of a run, and leaves packages that
// contradict each other without files. The models are those of the packages in
// which nothing is wrong.
func across(packages []*loaded, results []Result) {
	seen := map[string]tableOf{} // by the name in DynamoDB
	for i := range results {
		if results[i].model == nil || len(results[i].Diagnostics) > 0 {
			continue
		}
		locked := lock.Of(results[i].model)
		for _, s := range results[i].model.Structs {
			if s != s.Table.Structs[0] {
				continue // the same table once more
			}
			now := tableOf{i, results[i].model.Path, s.Table, locked.Tables[s.Table.LogicalName]}
			was, ok := seen[s.Table.Name()]
			if !ok {
				seen[s.Table.Name()] = now
				continue
			}
			message := was.contradicts(now)
			if message == "" {
				continue
			}
			results[i].Diagnostics = append(results[i].Diagnostics, Diagnostic{
				Position: packages[i].source.Fset.Position(s.Table.Pos), Code: schema.TableConflict, Message: message,
				Fix:     "put the structs into one package, with a //ddbe:discriminator above each, or give one of the tables another physical=",
				Related: []Related{{packages[was.result].source.Fset.Position(was.table.Pos), "it is here in package " + was.path}},
			})
			results[was.result].Files, results[i].Files = nil, nil
		}
	}
}

// tableOf is a table of one package.
type tableOf struct {
	result int // of the package
	path   string
	table  *schema.Table
	locked *lock.Table
}

// contradicts returns what is wrong where two packages have a table with one name
// in DynamoDB, or "" where both say the same of it: a client knows the attributes
// of its own package alone, and refuses or damages items that have others.
func (t tableOf) contradicts(o tableOf) string {
	if t.table.LogicalName != o.table.LogicalName {
		return fmt.Sprintf("tables %q of package %s and %q are both called %q in DynamoDB", t.table.LogicalName, t.path, o.table.LogicalName, o.table.Name())
	}
	what := ""
	a, b := t.locked, o.locked
	same := func(part string, x, y any) {
		if what == "" && !reflect.DeepEqual(x, y) {
			what = part
		}
	}
	values := func(t *lock.Table) []string { return slices.Sorted(maps.Values(t.DiscriminatorValues)) }
	same("primary key", []string{a.PartitionKey, a.SortKey}, []string{b.PartitionKey, b.SortKey})
	same("discriminator", a.Discriminator, b.Discriminator)
	same("structs", values(a), values(b))
	same("algorithm suite", a.Suite, b.Suite)
	names := slices.AppendSeq(slices.Collect(maps.Keys(a.Attributes)), maps.Keys(b.Attributes))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		same(fmt.Sprintf("attribute %q", name), stored(a, name), stored(b, name))
	}
	same("unsigned attributes", a.Unsigned, b.Unsigned)
	same("prefix of unsigned attributes", a.UnsignedPrefix, b.UnsignedPrefix)
	same("partitions", a.MaxPartitions, b.MaxPartitions)
	same("tenant", a.Tenant, b.Tenant)
	same("virtual fields", a.Virtual, b.Virtual)
	same("standard beacons", a.Standard, b.Standard)
	same("compound beacons", a.Compound, b.Compound)
	same("ttl", t.table.TTL, o.table.TTL)
	for _, name := range slices.Sorted(maps.Keys(b.Indexes)) {
		if x, ok := a.Indexes[name]; ok {
			same(fmt.Sprintf("index %q", name), x, b.Indexes[name])
		}
	}
	if what == "" {
		return ""
	}
	return fmt.Sprintf("table %q is in package %s too, which says otherwise about its %s", o.table.LogicalName, t.path, what)
}

// stored returns what items have of an attribute, by the discriminator of their
// struct, whatever Go type reads it; nil for no such attribute.
func stored(t *lock.Table, name string) any {
	a, ok := t.Attributes[name]
	if !ok {
		return nil
	}
	by := map[string]lock.Stored{}
	for _, structure := range t.Structs {
		if s, has := t.In(structure, name); has {
			s.Reads, s.Form, s.NestedForms = nil, "", nil
			by[t.DiscriminatorValues[structure]] = s
		}
	}
	return []any{a.Action, by}
}
