package table

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/schema"
)

// Projection says which attributes an index holds besides the keys of the table
// and its own (API reference).
type Projection struct {
	ProjectionType   string   // ALL, KEYS_ONLY or INCLUDE
	NonKeyAttributes []string `json:",omitempty"` // of INCLUDE, as they are stored
}

func projectionOf(x *schema.Index) Projection {
	switch x.Projection {
	case schema.KeysOnly:
		return Projection{ProjectionType: "KEYS_ONLY"}
	case schema.Include:
		return Projection{"INCLUDE", x.Include}
	default:
		return Projection{ProjectionType: "ALL"}
	}
}

// Quotas of DynamoDB (API reference, Projection).
const (
	maxIncluded      = 20 // in one index
	maxIncludedInAll = 100
	maxIncludedName  = 255 // bytes
)

// projectionProblems returns what DynamoDB would refuse.
func projectionProblems(indexes []Index) (problems []string) {
	all := 0
	for _, x := range indexes {
		all += len(x.NonKeyAttributes)
		if len(x.NonKeyAttributes) > maxIncluded {
			problems = append(problems, fmt.Sprintf("its structs make index %q include %d attributes, and DynamoDB takes %d: write projection=all", x.Name, len(x.NonKeyAttributes), maxIncluded))
		}
		for _, name := range x.NonKeyAttributes {
			if len(name) > maxIncludedName {
				problems = append(problems, fmt.Sprintf("index %q cannot include the attribute %q: its name is longer than %d bytes", x.Name, name, maxIncludedName))
			}
		}
	}
	if all > maxIncludedInAll {
		problems = append(problems, fmt.Sprintf("its indexes include %d attributes together, and DynamoDB takes %d: write projection=all for some", all, maxIncludedInAll))
	}
	return problems
}

// String is the projection as a person says it.
func (p Projection) String() string {
	if len(p.NonKeyAttributes) == 0 {
		return p.ProjectionType
	}
	return p.ProjectionType + " of " + strings.Join(p.NonKeyAttributes, ", ")
}

// lacks returns what is missing in a projection that is there, or "". One that
// holds more does no harm.
func (p Projection) lacks(live Projection) string {
	switch {
	case live.ProjectionType == "ALL" || p.ProjectionType == "KEYS_ONLY":
		return ""
	case p.ProjectionType == "ALL":
		return "all attributes, so that its items could not be verified"
	}
	missing := slices.DeleteFunc(slices.Clone(p.NonKeyAttributes), func(name string) bool { return slices.Contains(live.NonKeyAttributes, name) })
	return strings.Join(missing, ", ")
}
