package embedded

import (
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

	keys    map[string]*pathTree
	indexes map[int]*pathTree
}

// at returns the node that a path leads to and makes those on the way.
func (t *pathTree) at(p *expression.Path) *pathTree {
	for _, e := range p.Elements {
		if e.IsIndex {
			t = child(&t.indexes, e.Index)
		} else {
			t = child(&t.keys, e.Name)
		}
	}
	return t
}

func child[K comparable](children *map[K]*pathTree, key K) *pathTree {
	if *children == nil {
		*children = map[K]*pathTree{}
	}
	next := (*children)[key]
	if next == nil {
		next = &pathTree{}
		(*children)[key] = next
	}
	return next
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
		for name, next := range t.keys {
			if p := next.project(v.Value[name]); p != nil {
				part[name] = p
			}
		}
		if len(part) > 0 {
			return &types.AttributeValueMemberM{Value: part}
		}
	case *types.AttributeValueMemberL:
		var part []types.AttributeValue
		for _, i := range slices.Sorted(maps.Keys(t.indexes)) {
			if i >= len(v.Value) {
				break
			}
			if p := t.indexes[i].project(v.Value[i]); p != nil {
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
// It copies what it changes. Indexes are those of the list before the update;
// beyond its end they append.
func (t *pathTree) update(av types.AttributeValue) (types.AttributeValue, error) {
	if t.leaf {
		return t.change(av)
	}
	switch v := av.(type) {
	case *types.AttributeValueMemberM:
		if t.indexes != nil {
			break
		}
		return t.updateMap(v.Value)
	case *types.AttributeValueMemberL:
		if t.keys != nil {
			break
		}
		return t.updateList(v.Value)
	}
	return nil, validationErrorf("The document path provided in the update expression is invalid for update")
}

func (t *pathTree) updateMap(old map[string]types.AttributeValue) (types.AttributeValue, error) {
	changed := maps.Clone(old)
	if changed == nil {
		changed = map[string]types.AttributeValue{}
	}
	for name, next := range t.keys {
		av, err := next.update(old[name])
		if err != nil {
			return nil, err
		}
		if av == nil {
			delete(changed, name)
		} else {
			changed[name] = av
		}
	}
	return &types.AttributeValueMemberM{Value: changed}, nil
}

func (t *pathTree) updateList(old []types.AttributeValue) (types.AttributeValue, error) {
	changed := slices.Clone(old)
	for _, i := range slices.Sorted(maps.Keys(t.indexes)) {
		var before types.AttributeValue
		if i < len(old) {
			before = old[i]
		}
		av, err := t.indexes[i].update(before)
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
