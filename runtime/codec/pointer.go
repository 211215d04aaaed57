package codec

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// Pointer is the codec of a pointer: nil is NULL and empty, and any other
// pointer is what it points to, which then counts as not empty.
func Pointer[V any](elem Codec[V]) Codec[*V] { return pointerCodec[V]{elem} }

type pointerCodec[V any] struct{ elem Codec[V] }

func (pointerCodec[V]) zero(v **V) zeroness { return nilIf(*v == nil) }

func (c pointerCodec[V]) encode(v **V, m mode) (types.AttributeValue, error) {
	if *v == nil {
		return null(), nil // behind another pointer
	}
	return c.elem.encode(*v, m)
}

func (c pointerCodec[V]) decode(av types.AttributeValue, v **V) error {
	if _, ok := av.(*types.AttributeValueMemberNULL); ok {
		*v = nil
		return nil
	}
	p := new(V)
	if err := c.elem.decode(av, p); err != nil {
		return err
	}
	*v = p
	return nil
}

// Named is the codec of a named type V that has no methods of its own for the
// codec to heed, made from the codec of a type B with the same underlying type:
//
//	codec.Named(codec.Slice(codec.String[string]()), func(t *Tags) *[]string { return (*[]string)(t) })
func Named[V, B any](base Codec[B], convert func(*V) *B) Codec[V] {
	return namedCodec[V, B]{base, convert}
}

type namedCodec[V, B any] struct {
	base    Codec[B]
	convert func(*V) *B
}

func (c namedCodec[V, B]) zero(v *V) zeroness { return c.base.zero(c.convert(v)) }

func (c namedCodec[V, B]) encode(v *V, m mode) (types.AttributeValue, error) {
	return c.base.encode(c.convert(v), m)
}

func (c namedCodec[V, B]) decode(av types.AttributeValue, v *V) error {
	return c.base.decode(av, c.convert(v))
}

// Recursive is the codec of a type that contains itself. It calls build once,
// with the codec that build is about to return:
//
//	var nodeCodec = codec.Recursive(func(node codec.Codec[Node]) codec.Codec[Node] {
//		return codec.Struct(
//			codec.NewField("children", codec.Slice(node), func(n *Node) *[]Node { return &n.Children }),
//		)
//	})
//
// Types that contain each other nest: the codec of the other type is written
// inside build.
func Recursive[V any](build func(self Codec[V]) Codec[V]) Codec[V] {
	c := new(recursiveCodec[V])
	c.Codec = build(c)
	return c
}

type recursiveCodec[V any] struct{ Codec[V] }
