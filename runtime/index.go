package runtime

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/beacon"
	"github.com/ddbegen/ddbegen/runtime/crypto"
)

// Index is a secondary index that a repository queries. Partition and Sort are
// names of attributes, beacons or virtual fields' beacons; the stored name
// (aws_dbe_b_… for a beacon that holds encrypted parts) follows from them.
type Index struct {
	Name            string
	Partition, Sort string
	// Projection says which attributes the index holds; "" is ALL. What a query
	// finds in an index that does not hold whole items is read from the table,
	// which needs the permission dynamodb:BatchGetItem.
	Projection types.ProjectionType
	Included   []string // as they are stored, besides keys, where the projection is INCLUDE

	parts map[string][]string // of compound beacons, by their names
	err   error               // what is wrong with what a query asks
}

// ByPartition returns the index for queries that do not ask for its sort key.
func (x Index) ByPartition() Index {
	x.Sort = ""
	return x
}

// whole reports whether the items of the index are whole items.
func (x Index) whole() bool { return x.Projection == "" || x.Projection == types.ProjectionTypeAll }

// keyAttributes returns the attributes that are keys of the table or of an index.
// A beacon is none: it is made of attributes, and never empty.
func (s *TableSchema) keyAttributes(r *records) []string {
	names := []string{s.Keys.partition, s.Keys.sort}
	for _, x := range s.Indexes {
		names = append(names, x.Partition, x.Sort)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return name == "" || r.isBeacon(name) })
	return sortedUnique(names)
}

// checkKeys refuses an item with a key that DynamoDB would refuse. One that lacks
// the key of an index is not in the index.
func checkKeys(names []string, item Item) error {
	for _, name := range names {
		empty := false
		switch v := item[name].(type) {
		case *types.AttributeValueMemberS:
			empty = v != nil && v.Value == ""
		case *types.AttributeValueMemberB:
			empty = v != nil && len(v.Value) == 0
		case *types.AttributeValueMemberNULL:
			empty = true
		}
		if empty {
			return &crypto.AttributeError{Name: name, Err: ErrEmptyKey}
		}
	}
	return nil
}

// Parts returns the index for queries of items whose compound beacon is made of
// these parts and no others, in an index of which the beacon is a key. Empty names
// count for nothing; see [Given]. Without it the beacon is made as that of an item
// with the values that are looked for would be.
func (x Index) Parts(beacon string, parts ...string) Index {
	made := make(map[string][]string, len(x.parts)+1)
	maps.Copy(made, x.parts)
	made[beacon] = slices.DeleteFunc(slices.Clone(parts), func(name string) bool { return name == "" })
	x.parts = made
	return x
}

// Given returns the name of a part if it is given, and "" if not.
func Given(part string, given bool) string {
	if given {
		return part
	}
	return ""
}

// Needing returns the index for queries of an argument that is asked for together
// with others, since a part is made of all of them. Where it is alone, without
// them, the query yields an error before it sends anything: nothing could be found
// by the argument.
func (x Index) Needing(argument string, alone bool, others ...string) Index {
	if alone && x.err == nil {
		x.err = fmt.Errorf("%s is given without %s, and nothing can be found by it alone: give them together, or nil for all", argument, strings.Join(others, " and "))
	}
	return x
}

// OrZero returns what p points to, or the zero value for nil.
func OrZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// made is what a query asks of a beacon, whatever it is made of.
type made interface {
	Sources() []string
	Plain(beacon.Item) (beacon.Value, bool, error)
}

// made returns the beacon as the query has it.
func (x Index) made(b *beacon.Beacon) (made, error) {
	if parts, ok := x.parts[b.Name()]; ok {
		return b.Combination(parts...)
	}
	return b, nil
}
