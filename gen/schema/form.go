package schema

import (
	"fmt"
	"go/types"
	"slices"
)

// Form describes the Go type behind a codec as far as it decides which stored
// values are read, and how: "*" for a pointer; then text, bool, time, unixtime,
// bytes, list, struct, any, own for a type that converts itself, a number by its
// kind and bits, bytes[N] and list[N] for arrays, map[KEY] by the form of the key;
// then " omitempty" or " nullempty" by the options of the field. The names of types
// are not in it, and int and uint have 64 bits.
func (c *Codec) Form(options []string) string {
	form := c.form()
	switch {
	case slices.Contains(options, "OmitEmpty"):
		form += " omitempty"
	case slices.Contains(options, "NullEmpty"):
		form += " nullempty"
	}
	return form
}

func (c *Codec) form() string {
	switch c.Func {
	case "Pointer":
		return "*" + c.Args[0].form()
	case "Named", "AsString":
		return c.Args[0].form()
	case "String":
		return "text"
	case "Bool":
		return "bool"
	case "Int", "Uint", "Float":
		return numberForm(c.Type)
	case "Number":
		return "number"
	case "Time":
		return "time"
	case "UnixTime":
		return "unixtime"
	case "Bytes":
		return "bytes"
	case "Slice", "StringSet", "NumberSet", "BinarySet":
		return "list"
	case "Array":
		length := c.Type.Underlying().(*types.Array).Len() // it is the codec of arrays alone
		return fmt.Sprintf("%s[%d]", c.Args[0].form(), length)
	case "Map":
		return "map[" + c.Args[0].form() + "]"
	case "Struct", Self:
		return "struct"
	case "Any":
		return "any"
	default:
		return "own"
	}
}

func numberForm(t types.Type) string {
	switch basic := t.Underlying().(*types.Basic); basic.Kind() {
	case types.Int:
		return "int64"
	case types.Uint:
		return "uint64"
	default:
		return types.Typ[basic.Kind()].Name()
	}
}

// Forms calls visit with the form of everything that [Codec.Shape] visits, for a
// field with these options.
func (c *Codec) Forms(options []string, visit func(path, form string)) { c.forms("", options, visit) }

func (c *Codec) forms(path string, options []string, visit func(string, string)) {
	visit(path, c.Form(options))
	for slices.Contains([]string{"Pointer", "Named", "Array"}, c.Func) {
		c = c.Args[0]
	}
	switch c.Func {
	case "Slice", "StringSet", "NumberSet", "BinarySet":
		c.Args[0].forms(path+"[]", nil, visit)
	case "Map":
		c.Args[1].forms(path+"{}", nil, visit)
	case "Struct":
		for _, f := range c.Struct.Fields {
			f.Codec.forms(path+"."+f.Name, f.Options, visit)
		}
	}
}
