package runtime

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/ddbegen/ddbegen/runtime/internal/expression"
)

// projection is what a caller wants of an item. The signature of an item is over
// all of it, so that the client reads all and projects what it decrypted. nil is
// the whole item.
type projection struct {
	root projected
}

// projected is what is wanted below a value: everything, or members of a map or
// elements of a list.
type projected struct {
	all     bool
	members map[string]*projected
	indexes map[int]*projected
}

// readProjection reads the ProjectionExpression of a request that has no other
// expression, or its AttributesToGet, from before there were expressions.
func readProjection(text *string, names map[string]string, attributesToGet []string) (*projection, error) {
	switch {
	case text != nil && len(attributesToGet) > 0:
		return nil, errors.New("it has a ProjectionExpression and AttributesToGet: leave out the latter")
	case text != nil:
		scope, err := newScope(names, nil)
		if err != nil {
			return nil, err
		}
		paths, err := scope.ParseProjection(*text)
		if err != nil {
			return nil, err
		}
		return newProjection(paths), nil
	case len(attributesToGet) > 0:
		var paths expression.Projection
		for _, name := range attributesToGet {
			paths = append(paths, expression.NewPath(name, ""))
		}
		return newProjection(paths), nil
	default:
		return nil, nil
	}
}

func newProjection(paths expression.Projection) *projection {
	p := &projection{}
	for _, path := range paths {
		node := &p.root
		for _, e := range path.Elements {
			node = node.step(e)
		}
		node.all = true
	}
	return p
}

func (p *projected) step(e expression.Element) *projected {
	if e.IsIndex {
		if p.indexes == nil {
			p.indexes = map[int]*projected{}
		}
		if p.indexes[e.Index] == nil {
			p.indexes[e.Index] = &projected{}
		}
		return p.indexes[e.Index]
	}
	if p.members == nil {
		p.members = map[string]*projected{}
	}
	if p.members[e.Name] == nil {
		p.members[e.Name] = &projected{}
	}
	return p.members[e.Name]
}

// of returns what is wanted of item.
func (p *projection) of(item Item) Item {
	if p == nil {
		return item
	}
	return p.root.fromMap(item)
}

func (p *projected) fromMap(m map[string]types.AttributeValue) map[string]types.AttributeValue {
	out := make(map[string]types.AttributeValue, len(p.members))
	for name, member := range p.members {
		if value, ok := member.from(m[name]); ok {
			out[name] = value
		}
	}
	return out
}

// from returns what is wanted of value, or false if there is nothing of it. The
// elements of a list that are wanted close up (Amazon DynamoDB developer guide,
// "Using projection expressions in DynamoDB").
func (p *projected) from(value types.AttributeValue) (types.AttributeValue, bool) {
	if p.all {
		return value, value != nil
	}
	switch v := value.(type) {
	case *types.AttributeValueMemberM:
		if out := p.fromMap(v.Value); len(out) > 0 {
			return &types.AttributeValueMemberM{Value: out}, true
		}
	case *types.AttributeValueMemberL:
		var out []types.AttributeValue
		for i, element := range v.Value {
			if wanted := p.indexes[i]; wanted != nil {
				if value, ok := wanted.from(element); ok {
					out = append(out, value)
				}
			}
		}
		if len(out) > 0 {
			return &types.AttributeValueMemberL{Value: out}, true
		}
	}
	return nil, false
}
