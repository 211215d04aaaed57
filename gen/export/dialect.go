package export

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/ddbegen/ddbegen/gen/foreign"
)

// A dialect is how a language writes expressions.
type dialect struct {
	open      func(name string) string         // of a structure
	member    func(name, value string) string  // of a structure
	separator string                           // after each member but the last
	end       string                           // of a structure
	hanging   bool                             // the end stands below the members, and not below the beginning
	union     func(name, member string) string // nil where a union is written as a structure
	list      func(of string) (open, end string)
	item      func(text string) string       // a text in a list; nil where it is written as anywhere
	entry     func(key, value string) string // of a dictionary
	entries   func(of string) (open, end string)
	enum      func(name, value string) string
	quote     func(string) string
	parameter func(string) string
}

const (
	indentation = "    "
	lineWidth   = 110
)

// write writes an expression that begins at a depth of indentation: on one line
// where it fits, and otherwise with one member to a line.
func (d *dialect) write(n node, depth int) string {
	if flat := d.lay(n, -1); len(indentation)*depth+len(flat) <= lineWidth {
		return flat
	}
	return d.lay(n, depth)
}

// lay writes an expression on one line where depth is negative, and otherwise
// its outermost part on several.
func (d *dialect) lay(n node, depth int) string {
	switch n := n.(type) {
	case text:
		return d.quote(string(n))
	case number:
		return strconv.Itoa(int(n))
	case boolean:
		return strconv.FormatBool(bool(n))
	case parameter:
		return d.parameter(string(n))
	case enum:
		return d.enum(n.name, n.value)
	case union:
		if d.union == nil {
			return d.lay(structure{n.name, []member{n.member}}, depth)
		}
		return d.union(n.name, n.member.name) + "(" + d.inner(n.member.value, depth) + ")"
	case structure:
		var members []string
		for _, m := range n.members {
			members = append(members, d.member(m.name, d.inner(m.value, depth+1)))
		}
		return d.block(d.open(n.name), members, d.end, depth, d.hanging)
	case list:
		var items []string
		for _, i := range n.items {
			item := d.inner(i, depth+1)
			if _, ok := i.(text); ok && d.item != nil {
				item = d.item(item)
			}
			items = append(items, item)
		}
		open, end := d.list(n.of)
		return d.sequence(open, items, end, depth)
	case dictionary:
		var items []string
		for _, key := range n.keys {
			items = append(items, d.entry(d.quote(key), d.enum(n.of, n.values[key])))
		}
		open, end := d.entries(n.of)
		return d.sequence(open, items, end, depth)
	}
	return fmt.Sprint(n) // unreachable: there are no other nodes
}

// inner writes a part of an expression that lies at depth, where that is not
// negative.
func (d *dialect) inner(n node, depth int) string {
	if depth <= 0 {
		return d.lay(n, -1)
	}
	return d.write(n, depth)
}

// block joins the members of a structure.
func (d *dialect) block(open string, members []string, end string, depth int, hanging bool) string {
	if depth < 0 {
		return open + strings.Join(members, d.separator) + end
	}
	separator := strings.TrimRight(d.separator, " ")
	inside, outside := "\n"+strings.Repeat(indentation, depth+1), "\n"+strings.Repeat(indentation, depth)
	if hanging {
		outside = inside
	}
	return strings.TrimRight(open, " ") + inside + strings.Join(members, separator+inside) + outside + strings.TrimLeft(end, " ")
}

// sequence joins the items of a list.
func (d *dialect) sequence(open string, items []string, end string, depth int) string {
	if depth < 0 {
		return open + strings.Join(items, ", ") + end
	}
	inside, outside := "\n"+strings.Repeat(indentation, depth+1), "\n"+strings.Repeat(indentation, depth)
	return strings.TrimRight(open, " ") + inside + strings.Join(items, ","+inside) + outside + strings.TrimLeft(end, " ")
}

// utf16Quote writes a string literal of Java and C#, in ASCII alone.
func utf16Quote(s string) string {
	plain := func(r rune) bool { return ' ' <= r && r < unicode.MaxASCII }
	return foreign.Quote(s, plain, func(r rune) (units string) {
		for _, unit := range utf16.Encode([]rune{r}) {
			units += fmt.Sprintf(`\u%04x`, unit)
		}
		return units
	})
}
