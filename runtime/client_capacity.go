package runtime

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A call of the client can be several requests. What they consumed is added up,
// without a change to the responses that it came in.

// addCapacities adds up the capacities of each table.
func addCapacities(a, b []types.ConsumedCapacity) []types.ConsumedCapacity {
	sum := slices.Clone(a)
	for i := range b {
		same := slices.IndexFunc(sum, func(c types.ConsumedCapacity) bool { return aws.ToString(c.TableName) == aws.ToString(b[i].TableName) })
		if same < 0 {
			sum = append(sum, b[i])
		} else {
			sum[same] = *addCapacity(&sum[same], &b[i])
		}
	}
	return sum
}

// addCapacity adds up two capacities of one table, each of which may be nil.
func addCapacity(a, b *types.ConsumedCapacity) *types.ConsumedCapacity {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	sum := *a
	sum.CapacityUnits = addUnits(a.CapacityUnits, b.CapacityUnits)
	sum.ReadCapacityUnits = addUnits(a.ReadCapacityUnits, b.ReadCapacityUnits)
	sum.WriteCapacityUnits = addUnits(a.WriteCapacityUnits, b.WriteCapacityUnits)
	if b.Table != nil {
		table := types.Capacity{}
		if a.Table != nil {
			table = *a.Table
		}
		table = addDetail(table, *b.Table)
		sum.Table = &table
	}
	sum.GlobalSecondaryIndexes = addDetails(a.GlobalSecondaryIndexes, b.GlobalSecondaryIndexes)
	sum.LocalSecondaryIndexes = addDetails(a.LocalSecondaryIndexes, b.LocalSecondaryIndexes)
	return &sum
}

func addDetails(a, b map[string]types.Capacity) map[string]types.Capacity {
	if len(b) == 0 {
		return a
	}
	sum := maps.Clone(a)
	if sum == nil {
		sum = make(map[string]types.Capacity, len(b))
	}
	for index, c := range b {
		sum[index] = addDetail(sum[index], c)
	}
	return sum
}

func addDetail(a, b types.Capacity) types.Capacity {
	return types.Capacity{
		CapacityUnits:      addUnits(a.CapacityUnits, b.CapacityUnits),
		ReadCapacityUnits:  addUnits(a.ReadCapacityUnits, b.ReadCapacityUnits),
		WriteCapacityUnits: addUnits(a.WriteCapacityUnits, b.WriteCapacityUnits),
	}
}

func addUnits(a, b *float64) *float64 {
	if b == nil {
		return a
	}
	return aws.Float64(aws.ToFloat64(a) + *b)
}
