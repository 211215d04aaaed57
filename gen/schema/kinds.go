package schema

import "slices"

// kindNames are DynamoDB's letters for the types, in the order of the bits of
// attributeTypes.
var kindNames = []string{"S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M"}

// Kinds returns DynamoDB's letters for the types in w.
func (w attributeTypes) Kinds() []string {
	var kinds []string
	for i, name := range kindNames {
		if w&(1<<i) != 0 {
			kinds = append(kinds, name)
		}
	}
	return kinds
}

// Reads returns which kinds of attribute values the codec reads. Whether what it
// finds in one makes a value of the Go type, such as the digits of a number in a
// string, is another question. NULL is among them always: it is the zero value.
func (c *Codec) Reads() []string { return (c.reads() | wireNull).Kinds() }

// reads follows the decoders of runtime/codec; internal/schemaproof compares.
func (c *Codec) reads() attributeTypes {
	switch c.Func {
	case "String", "Number":
		return wireS | wireN
	case "AsString":
		return wireS | c.Args[0].reads()
	case "Time", "UnixTime":
		return wireS | wireN | wireB
	case "Slice", "StringSet", "NumberSet", "BinarySet":
		elem := c.Args[0].reads()
		all := wireL
		for kind, set := range map[attributeTypes]attributeTypes{wireS: wireSS, wireN: wireNS, wireB: wireBS} {
			if elem&kind != 0 {
				all |= set
			}
		}
		return all
	case "Pointer", "Named", "Array":
		return c.Args[0].reads()
	case "TextOver", "BinaryOver":
		return c.Wire | c.Args[0].reads()
	default:
		return c.Wire
	}
}

// Shape calls visit for everything that lies in values of the codec: first for
// the value itself with the path "", then for the elements of lists and sets with
// "[]", those of maps with "{}" and the fields of structs with ".name" at the end
// of the path. It does not go into a struct inside itself.
func (c *Codec) Shape(visit func(path string, c *Codec)) { c.shape("", visit) }

func (c *Codec) shape(path string, visit func(string, *Codec)) {
	visit(path, c)
	for slices.Contains([]string{"Pointer", "Named", "Array"}, c.Func) {
		c = c.Args[0]
	}
	switch c.Func {
	case "Slice", "StringSet", "NumberSet", "BinarySet":
		c.Args[0].shape(path+"[]", visit)
	case "Map":
		c.Args[1].shape(path+"{}", visit)
	case "Struct":
		for _, f := range c.Struct.Fields {
			f.Codec.shape(path+"."+f.Name, visit)
		}
	}
}
