package runtime

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

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
}

// ByPartition returns the index for queries that do not ask for its sort key.
func (x Index) ByPartition() Index {
	x.Sort = ""
	return x
}

// whole reports whether the items of the index are whole items.
func (x Index) whole() bool { return x.Projection == "" || x.Projection == types.ProjectionTypeAll }
