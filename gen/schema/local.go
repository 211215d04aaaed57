package schema

import (
	"fmt"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// maxLocal is how many local indexes a table may have, which no quota raises
// (Amazon DynamoDB Developer Guide, "Quotas").
const maxLocal = 5

// local reports a local index that DynamoDB would refuse.
func (s *scope) local(d *tag.Index, at rawDirective) {
	if !d.Local.Written() {
		return
	}
	partition, known := s.keyOf[tag.Partition]
	_, sorted := s.keyOf[tag.Sort]
	switch {
	case known && partition.Name != d.Partition.Text:
		s.report(at.at(d.Partition), LocalIndex, fmt.Sprintf("write partition=%s, or leave out local", tag.Spell(partition.Name)), "a local index has the partition key of the table, which is %q", partition.Name)
	case known && !sorted && !s.broken && !s.keyBroken:
		s.report(at.at(d.Local), LocalIndex, "leave out local", "a local index sorts the items of a partition by another key, and table %q has no sort key", s.result.Table.LogicalName)
	case !d.Sort.Written():
		s.report(at.at(d.Local), LocalIndex, "add sort=NAME, or leave out local", "a local index has a sort key, and index %q has none", d.Name.Text)
	}
}

// countLocal reports the local indexes of a table that are too many. The structs
// are those of the table.
func countLocal(structs []*scope) {
	names := map[string]bool{}
	for _, s := range structs {
		for i, x := range s.result.Table.Indexes {
			if !x.Local || names[x.Name] {
				continue
			}
			if names[x.Name] = true; len(names) == maxLocal+1 {
				s.report(s.indexPlaces[i], LocalIndex, "leave out local: a global index does the same", "a table has at most %d local indexes, and index %q is one more", maxLocal, x.Name)
			}
		}
	}
}
