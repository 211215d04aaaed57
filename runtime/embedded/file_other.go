//go:build !linux

package embedded

import (
	"math"

	"go.etcd.io/bbolt"
)

const releaseAfter = math.MaxInt64

// release leaves it to the system when it takes pages of the mapped file back.
func release(*bbolt.Tx) {}
