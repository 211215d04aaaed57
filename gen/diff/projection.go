package diff

import (
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/lock"
)

// projection compares what an index holds. DynamoDB cannot change that either,
// but a query takes an index that holds more than it must.
func (c *comparison) projection(name string, was, now lock.Index) {
	change := Change{Kind: "index", Subject: name, Was: projectionText(was), Now: projectionText(now)}
	switch {
	case change.Was == change.Now:
		return
	case was.Projection == "" || now.Projection == lock.Keys || was.Projection == lock.Include && now.Projection == lock.Include && holds(was.Include, now.Include):
		change.Class = Safe
		change.Reason = "the index that is there holds all that is asked of it; DynamoDB cannot make it smaller"
		if was.Projection == "" {
			change.Rollout = []string{"Allow the programs dynamodb:BatchGetItem: what they find is now read from the table."}
		}
		change.Rollout = append(change.Rollout, "To pay for less, add a smaller index with another name, and remove this one when no program uses it any more.")
	default:
		change.Class = MixedFleet
		change.Reason = "DynamoDB cannot change the projection of an index, and the newer version does not open a table whose index holds less"
		change.Rollout = []string{
			"Leave this index as it is, and add one with another name and the new projection.",
			"When no program uses this one any more, remove it.",
		}
	}
	c.report(change)
}

func holds(all, some []string) bool {
	return !slices.ContainsFunc(some, func(name string) bool { return !slices.Contains(all, name) })
}

// projectionText writes a projection as the directive does, with the attributes
// as they are stored.
func projectionText(x lock.Index) string {
	switch x.Projection {
	case "":
		return "projection=all"
	case lock.Include:
		return "projection=include(" + strings.Join(x.Include, ",") + ")"
	default:
		return "projection=" + x.Projection
	}
}
