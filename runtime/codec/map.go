package codec

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Map is the codec of a map: M. An empty key is refused with [ErrKey].
func Map[K comparable, E any](key KeyCodec[K], elem Codec[E]) Codec[map[K]E] {
	return mapCodec[K, E]{key, elem}
}

type mapCodec[K comparable, E any] struct {
	key  KeyCodec[K]
	elem Codec[E]
}

// member stands for the key in the path of an error: keys are part of the value.
const member = "[*]"

func (mapCodec[K, E]) zero(v *map[K]E) zeroness { return nilIf(*v == nil) }

func (c mapCodec[K, E]) encode(v *map[K]E, m mode) (types.AttributeValue, error) {
	m = m.elem()
	if m.depth > maxDepth {
		return nil, encodeError[map[K]E](ErrDepth)
	}
	members := make(map[string]types.AttributeValue, len(*v))
	for k, e := range *v {
		name, err := c.key.formatKey(&k)
		if err != nil {
			return nil, at(member, err)
		}
		if name == "" {
			return nil, at(member, encodeError[K](ErrKey))
		}
		av, err := encode(c.elem, &e, m)
		if err != nil {
			return nil, at(member, err)
		}
		if av != nil {
			members[name] = av
		}
	}
	return &types.AttributeValueMemberM{Value: members}, nil
}

func (c mapCodec[K, E]) decode(av types.AttributeValue, v *map[K]E) error {
	m, ok := av.(*types.AttributeValueMemberM)
	if !ok {
		return decodeOther(av, v)
	}
	members := make(map[K]E, len(m.Value))
	var key, zeroKey K
	var elem, zeroElem E
	for name, av := range m.Value {
		key, elem = zeroKey, zeroElem
		if err := c.key.parseKey(name, &key); err != nil {
			return at(member, &Error{Type: "map key", GoType: goType[K](), Reason: err})
		}
		if err := decode(c.elem, av, &elem); err != nil {
			return at(member, err)
		}
		members[key] = elem
	}
	*v = members
	return nil
}
