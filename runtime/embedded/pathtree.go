package embedded

import (
	"cmp"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

// A pathTree is paths with their common beginnings shared. No path leads into
// another: the parser has refused that.
type pathTree struct {
	leaf   bool
	change func(old types.AttributeValue) (types.AttributeValue, error) // at a leaf of an update

	branches []branch // in the order in which the paths came
}

type branch struct {
	step expression.Element
	next *pathTree
}

// at returns the node that a path leads to and makes those on the way.
func (t *pathTree) at(p *expression.Path) *pathTree {
	for _, e := range p.Elements {
		step := expression.Element{Name: e.Name, Index: e.Index, IsIndex: e.IsIndex}
		i := slices.IndexFunc(t.branches, func(b branch) bool { return b.step == step })
		if i < 0 {
			i = len(t.branches)
			t.branches = append(t.branches, branch{step, &pathTree{}})
		}
		t = t.branches[i].next
	}
	return t
}

// ordered returns the branches in the order of their indexes.
func (t *pathTree) ordered() []branch {
	return slices.SortedStableFunc(slices.Values(t.branches), func(a, b branch) int {
		return cmp.Compare(a.step.Index, b.step.Index)
	})
}

// project returns the part of a value that the tree covers, or nil. The chosen
// elements of a list move together.
func (t *pathTree) project(av types.AttributeValue) types.AttributeValue {
	if t.leaf {
		return av
	}
	switch v := av.(type) {
	case *types.AttributeValueMemberM:
		part := map[string]types.AttributeValue{}
		for _, b := range t.branches {
			if p := b.next.project(v.Value[b.step.Name]); p != nil && !b.step.IsIndex {
				part[b.step.Name] = p
			}
		}
		if len(part) > 0 {
			return &types.AttributeValueMemberM{Value: part}
		}
	case *types.AttributeValueMemberL:
		var part []types.AttributeValue
		for _, b := range t.ordered() {
			if !b.step.IsIndex || b.step.Index >= len(v.Value) {
				continue
			}
			if p := b.next.project(v.Value[b.step.Index]); p != nil {
				part = append(part, p)
			}
		}
		if len(part) > 0 {
			return &types.AttributeValueMemberL{Value: part}
		}
	}
	return nil
}

// update returns a value with the changes of the tree, or nil if it is removed.
// It copies what it changes.
func (t *pathTree) update(av types.AttributeValue) (types.AttributeValue, error) {
	if t.leaf {
		return t.change(av)
	}
	// All branches are of one kind: the parser has refused others.
	intoList := t.branches[0].step.IsIndex
	switch v := av.(type) {
	case *types.AttributeValueMemberM:
		if !intoList {
			return t.updateMap(v.Value)
		}
	case *types.AttributeValueMemberL:
		if intoList {
			return t.updateList(v.Value)
		}
	}
	return nil, validationErrorf("The document path provided in the update expression is invalid for update")
}

func (t *pathTree) updateMap(old map[string]types.AttributeValue) (types.AttributeValue, error) {
	changed := maps.Clone(old)
	if changed == nil {
		changed = map[string]types.AttributeValue{}
	}
	for _, b := range t.branches {
		av, err := b.next.update(old[b.step.Name])
		if err != nil {
			return nil, err
		}
		if av == nil {
			delete(changed, b.step.Name)
		} else {
			changed[b.step.Name] = av
		}
	}
	return &types.AttributeValueMemberM{Value: changed}, nil
}

// updateList takes indexes as those of the list before the update; beyond its
// end they append.
func (t *pathTree) updateList(old []types.AttributeValue) (types.AttributeValue, error) {
	changed := slices.Clone(old)
	for _, b := range t.ordered() {
		i := b.step.Index
		var before types.AttributeValue
		if i < len(old) {
			before = old[i]
		}
		av, err := b.next.update(before)
		switch {
		case err != nil:
			return nil, err
		case i < len(old):
			changed[i] = av
		case av != nil:
			changed = append(changed, av)
		}
	}
	changed = slices.DeleteFunc(changed, func(av types.AttributeValue) bool { return av == nil })
	return &types.AttributeValueMemberL{Value: changed}, nil
}
