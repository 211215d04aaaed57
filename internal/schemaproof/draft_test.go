package schemaproof_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// draft is the source of a table that is drawn word by word: most of it as it
// should be, and some words not, so that about half of the drafts are refused.
type draft struct {
	*rapid.T
	structs []*draftStruct
}

type draftStruct struct {
	name       string
	fields     []draftField
	directives []string // without //ddbe:
	keys       []string // what an index can be on
}

type draftField struct{ name, attribute, typ, action, options string }

// strange are names that something is wrong with, or that two things may have.
var strange = []string{"A", "B", "V", "K", "kind", "ID", "lock", "aws_dbe_x", "aws-crypto-x", ":x", "x.y", "é", "nosuch", strings.Repeat("n", 250)}

// oneIn is true about once in so many times. The draws prefer the ends of a range.
func (d *draft) oneIn(n int, label string) bool {
	return rapid.IntRange(0, n-1).Draw(d.T, label) == n/2
}

func (d *draft) of(label string, all ...string) string {
	return rapid.SampledFrom(all).Draw(d.T, label)
}

// name is one of the usual names, or seldom a strange one.
func (d *draft) name(label string, usual ...string) string {
	if len(usual) == 0 || d.oneIn(25, "strange "+label) {
		usual = strange
	}
	return word(d.of(label, usual...))
}

// number is one of the usual numbers, or seldom one at a limit.
func (d *draft) number(label string, usual ...int) int {
	if d.oneIn(20, "strange "+label) {
		usual = []int{-1, 0, 1, 2, 63, 64, 254, 255}
	}
	return rapid.SampledFrom(usual).Draw(d.T, label)
}

// word quotes a word of a directive where it must be.
func word(text string) string {
	if text == "" || strings.ContainsAny(text, " ,:=()+?@\"") {
		return strconv.Quote(text)
	}
	return text
}

func drawTable(t *rapid.T) *draft {
	d := &draft{T: t}
	d.structs = []*draftStruct{d.structure("Row", "ABCD")}
	switch {
	case d.oneIn(3, "a struct of its own"):
		d.structs = append(d.structs, d.structure("Other", "EFGH"))
	case d.oneIn(2, "a struct like it"):
		first := d.structs[0]
		d.structs = append(d.structs, &draftStruct{"Other", slices.Clone(first.fields), slices.Clone(first.directives), first.keys})
	}
	if shared := len(d.structs) > 1; shared || d.oneIn(12, "discriminator") {
		for _, s := range d.structs {
			s.add("discriminator %s=%s", d.name("discriminator", "kind"), word(d.of("value", s.name, s.name, s.name, s.name, "x", "")))
		}
	}
	for range rapid.SampledFrom([]int{0, 0, 0, 1, 1, 2}).Draw(t, "mutations") {
		d.mutate()
	}
	return d
}

// mutate changes, removes or doubles one directive or field.
func (d *draft) mutate() {
	s := rapid.SampledFrom(d.structs).Draw(d.T, "mutated")
	if len(s.directives) == 0 || d.oneIn(4, "field") {
		i := rapid.IntRange(0, len(s.fields)-1).Draw(d.T, "mutated field")
		if d.oneIn(2, "mutated type") {
			s.fields[i].typ, s.fields[i].options = d.of("type", "int", "string", "bool", "[]byte"), ""
			return
		}
		s.fields[i].action = d.of("mutated action", "sign", "sign,context", "none", "encrypt,sign", "partition,sign", "sort,sign", "-")
		return
	}
	i := rapid.IntRange(0, len(s.directives)-1).Draw(d.T, "mutated directive")
	switch d.of("mutation", "change", "change", "change", "remove", "double", "move") {
	case "change":
		var words []string
		for _, directive := range s.directives {
			words = append(words, strings.FieldsFunc(directive, func(r rune) bool { return strings.ContainsRune(" ,:=()+?@", r) })...)
		}
		from := rapid.SampledFrom(words).Draw(d.T, "from")
		to := rapid.SampledFrom(append(words, strange...)).Draw(d.T, "to")
		s.directives[i] = strings.Replace(s.directives[i], from, to, 1)
	case "remove":
		s.directives = slices.Delete(s.directives, i, i+1)
	case "double":
		s.directives = append(s.directives, s.directives[i])
	case "move":
		other := rapid.SampledFrom(d.structs).Draw(d.T, "moved to")
		moved := s.directives[i]
		s.directives = slices.Delete(s.directives, i, i+1)
		other.directives = append(other.directives, moved)
	}
}

// related are types that are stored alike and do not hold the same.
var related = [][]string{
	{"int", "int8", "float32", "float64"}, {"string", "*string"},
	{"[]string", "[1]string", "[2]string"}, {"map[string]string", "map[int]string"},
}

// retype gives a field that is no key a related type.
func (d *draft) retype(s *draftStruct) {
	for _, i := range rapid.Permutation(indexes(s.fields)).Draw(d.T, "fields") {
		f := &s.fields[i]
		for _, types := range related {
			if slices.Contains(types, f.typ) && !strings.Contains(f.action, "partition") && !strings.Contains(f.action, "sort") {
				f.typ = d.of("related type", types...)
				return
			}
		}
	}
}

func indexes[E any](all []E) (n []int) {
	for i := range all {
		n = append(n, i)
	}
	return n
}

// alterations are changes of words that leave most tables legal.
var alterations = []struct{ pattern, replacement string }{
	{`length=\d+`, "length=13"},
	{`split=\S+`, "split=|"},
	{`:(\w+)[-=]`, ":$1/"},
	{`:(\w+)[-=]`, ":${1}x"},
	{`encrypted=(\S+),(\S+)`, "encrypted=$2,$1"},
	{`signed=(\S+),(\S+)`, "signed=$2,$1"},
	{` encrypted=\S+,(\S+)`, " encrypted=$1"},
	{` signed=\S+`, ""},
	{`= (.*) \+ (\S+)$`, "= $2 + $1"},
	{`= (.*) \+ (\S+)$`, "= $1"},
	{`(constructor .*[^?])$`, "$1?"},
	{`(constructor .*)\?$`, "$1"},
	{`= (upper|lower)?\(?(\w+)\)?`, "= suffix($2,3)"},
	{`prefix\((\w+),4\)`, "prefix($1,5)"},
	{` style=partOnly`, ""},
	{`^(beacon \S+ length=\d+)$`, "$1 style=partOnly"},
	{` style=shared\(.*\)`, ""},
	{` loc=(\w+)\.X`, " loc=$1.Y"},
	{`max=\d+`, "max=7"},
	{`default=\d+`, "default=1"},
	{` default=\d+`, ""},
	{` partitions=\d+`, " partitions=1"},
	{`kind=\w+`, "kind=else"},
	{`prefix=(\S)\S*`, "prefix=$1"},
	{`^(unsigned \S+)`, "$1,more"},
	{`^tenant .*`, ""},
	{`^index .*`, ""},
	{`^virtual .*`, ""},
	{`^compound .*`, ""},
	{`^constructor .*`, ""},
}

// alter changes a word or a directive, or moves one, or changes a field.
func (d *draft) alter() {
	s := rapid.SampledFrom(d.structs).Draw(d.T, "altered")
	if d.oneIn(5, "mutation") {
		d.mutate()
		return
	}
	if d.oneIn(5, "related type") {
		d.retype(s)
		return
	}
	if len(s.directives) > 1 && d.oneIn(5, "order") {
		s.directives = rapid.Permutation(s.directives).Draw(d.T, "directives")
		return
	}
	type choice struct{ directive, alteration int }
	var all []choice
	for i, line := range s.directives {
		for j, a := range alterations {
			if changed := regexp.MustCompile(a.pattern).ReplaceAllString(line, a.replacement); changed != line {
				all = append(all, choice{i, j})
			}
		}
	}
	if len(all) == 0 {
		return
	}
	c := rapid.SampledFrom(all).Draw(d.T, "alteration")
	a := alterations[c.alteration]
	line := regexp.MustCompile(a.pattern).ReplaceAllString(s.directives[c.directive], a.replacement)
	if line == "" {
		s.directives = slices.Delete(s.directives, c.directive, c.directive+1)
		return
	}
	s.directives[c.directive] = line
}

// indexAll gives every attribute and beacon that can have one an index.
func (d *draft) indexAll() {
	for _, s := range d.structs {
		for _, key := range s.keys {
			s.add("index all-%s partition=%s", strings.ToLower(key), key)
		}
	}
}

func (s *draftStruct) add(format string, args ...any) {
	s.directives = append(s.directives, fmt.Sprintf(format, args...))
}

// names returns the attributes with one of the actions.
func (s *draftStruct) names(actions ...string) (all []string) {
	for _, f := range s.fields {
		if slices.Contains(actions, f.action) {
			all = append(all, f.attribute)
		}
	}
	return all
}

func (d *draft) structure(name, letters string) *draftStruct {
	s := &draftStruct{name: name}
	sign := "sign"
	if d.oneIn(8, "context") {
		sign = "sign,context"
	}
	s.fields = []draftField{{"ID", "ID", "string", "partition," + sign, ""}}
	if d.oneIn(3, "sort key") {
		s.fields = append(s.fields, draftField{"Sort", "Sort", d.of("type of the sort key", "string", "int", "[]byte"), "sort," + sign, ""})
	}
	if sign == "sign,context" && d.oneIn(2, "tenants") {
		s.fields = append(s.fields, draftField{"Tenant", "tenant", "string", sign, ""})
	}
	for _, letter := range strings.Split(letters, "") {
		if d.oneIn(8, "no "+letter) {
			continue
		}
		f := draftField{name: letter, attribute: letter}
		f.typ = d.of("type of "+letter, "string", "string", "string", "string", "int", "bool", "[]string", "[]byte", "*string", "P", "any", "map[string]string")
		f.action = d.of("action of "+letter, "encrypt,sign", "encrypt,sign", "encrypt,sign", sign, sign, "none")
		if f.typ == "[]string" {
			f.options = d.of("set", "", ",stringset")
		}
		if f.typ == "*string" {
			f.options = d.of("nil", ",omitempty", ",omitempty", "")
		}
		if d.oneIn(30, "strange attribute") {
			f.attribute = d.of("attribute of "+letter, "kind", "é", "lock", "V", "aws_dbe_x", "aws-crypto-x", ":x")
		}
		s.fields = append(s.fields, f)
	}
	d.search(s)
	return s
}

func (d *draft) search(s *draftStruct) {
	encrypted := s.names("encrypt,sign")
	// What can be in a text, and what can be the key of an index.
	texts, keys := s.of("string", "string", "int", "bool", "*string", "P"), s.of("string", "int", "*string")
	clear := intersection(s.names("sign", "sign,context"), texts)
	keys = intersection(keys, clear)
	if d.oneIn(4, "partitions") {
		s.add("partitions max=%d", d.number("max", 4, 6))
		if d.oneIn(2, "default") {
			s.directives[0] += fmt.Sprint(" default=", d.number("default", 2, 3))
		}
	}
	if d.oneIn(5, "unsigned") {
		s.add("unsigned %s", d.name("unsigned", "lock", "owner"))
		if d.oneIn(2, "prefix") {
			s.directives[len(s.directives)-1] += " prefix=" + d.name("prefix", "u_", ":", "u_", ":", "A", "K", "x")
		}
	}
	if texts := intersection(texts, slices.Concat(encrypted, clear)); d.oneIn(3, "virtual") && len(texts) > 0 {
		parts := []string{d.part(d.location(s, "part of V", intersection(texts, encrypted)))}
		for range rapid.IntRange(0, 2).Draw(d.T, "parts of V") {
			parts = append(parts, d.part(d.location(s, "part of V", texts)))
		}
		s.add("virtual V = %s", strings.Join(parts, " + "))
		s.add("beacon V length=%d", d.number("length of V", 8, 12))
		keys = append(keys, "V")
	}
	var parts []string // standard beacons that can be parts
	for _, name := range encrypted {
		if d.oneIn(3, "no beacon on "+name) {
			continue
		}
		beacon, location := name, ""
		if l := d.location(s, "location", []string{name}); l != name || d.oneIn(6, "another name for "+name) {
			beacon, location = d.name("beacon", "On"+name), " loc="+word(l)
		}
		style := d.style(s, name, parts)
		s.add("beacon %s length=%d%s%s", beacon, d.number("length", 12, 12, 12, 20), location, style)
		if !strings.Contains(style, "Set") && slices.Contains(texts, name) {
			parts = append(parts, beacon)
		}
		if style == "" {
			keys = append(keys, beacon)
		}
	}
	keys = append(keys, d.compounds(s, parts, clear)...)
	s.keys = keys
	if len(keys) > 0 && d.oneIn(2, "index") {
		partition := d.name("index", keys...)
		s.add("index %s-index partition=%s", strings.ToLower(s.name), partition)
		if d.oneIn(2, "index with a sort key") {
			s.directives[len(s.directives)-1] += " sort=" + d.name("index", keys...)
		}
		s.directives[len(s.directives)-1] += d.projection(s, partition)
		if len(s.names("sort,sign", "sort,sign,context")) > 0 && d.oneIn(3, "local index") {
			s.add("index local-index partition=ID sort=%s local", d.name("index", keys...))
		}
	}
	switch {
	case slices.Contains(s.names("sign,context"), "tenant"):
		s.add("tenant %s", d.name("tenant", "tenant", "tenant", "tenant", "ID"))
	case d.oneIn(10, "tenant"):
		s.add("tenant %s", d.name("tenant", append(clear, "ID")...))
	}
}

// compounds draws compound beacons, and returns those that an index can be on.
func (d *draft) compounds(s *draftStruct, standard, clear []string) (keys []string) {
	var global []string
	if len(standard)+len(clear) > 0 && d.oneIn(4, "global parts") {
		text, names := d.parts(standard, clear, "G")
		global = names
		s.add("parts%s", text)
	}
	for _, name := range []string{"K", "L"} {
		if len(standard)+len(clear)+len(global) == 0 || !d.oneIn(2, "compound") {
			continue
		}
		name = d.name("compound", name)
		split := d.of("split", ".", "~", ",", "é")
		if d.oneIn(12, "strange split") {
			split = d.of("strange split", "", "..", "😀", "-", "1")
		}
		text, all := "", slices.Clone(global)
		if len(global) == 0 || d.oneIn(2, "parts of its own") {
			own, names := d.parts(standard, clear, name)
			text, all = own, append(all, names...)
		}
		s.add("compound %s split=%s%s", name, word(split), text)
		constructors := rapid.SampledFrom([]int{0, 0, 1, 2}).Draw(d.T, "constructors")
		if text == "" {
			constructors = 1
		}
		for i := range min(constructors, len(all)) {
			var parts []string
			for j, part := range rapid.Permutation(all).Draw(d.T, "constructor")[:min(len(all), 2+i)] {
				optional := ""
				if j > 0 && d.oneIn(4, "optional") {
					optional = "?"
				}
				parts = append(parts, part+optional)
			}
			s.add("constructor %s = %s", name, strings.Join(parts, " + "))
		}
		keys = append(keys, name)
		if !strings.Contains(text, "encrypted") && d.oneIn(3, "key") {
			d.key(s, name)
		}
	}
	return keys
}

// projection draws what an index on a key holds.
func (d *draft) projection(s *draftStruct, key string) string {
	switch d.of("projection", "", "", "keys", "include") {
	case "keys":
		return " projection=keys"
	case "include":
		included := []string{d.name("included", s.names("sign", "encrypt,sign", "none", "encrypt,sign")...)}
		if d.oneIn(2, "the key is included") {
			included = append(included, key)
		}
		return " projection=include(" + strings.Join(included, ",") + ")"
	}
	return ""
}

// key makes a signed beacon a primary key.
func (d *draft) key(s *draftStruct, name string) {
	switch d.of("role", "partition", "sort", "both", "again") {
	case "partition":
		s.add("key partition=%s", name)
		s.fields[0].action = strings.TrimPrefix(s.fields[0].action, "partition,")
	case "sort":
		s.add("key sort=%s", name)
	case "both":
		s.add("key partition=%s sort=%s", name, name)
		s.fields[0].action = strings.TrimPrefix(s.fields[0].action, "partition,")
	case "again":
		s.add("key partition=%s", name)
	}
}

// of returns the attributes of one of the types, or with one of the options.
func (s *draftStruct) of(types ...string) (all []string) {
	for _, f := range s.fields {
		if slices.Contains(types, f.typ) || f.options != "" && slices.Contains(types, f.options) {
			all = append(all, f.attribute)
		}
	}
	return all
}

func intersection(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(s string) bool { return !slices.Contains(b, s) })
}

// location is one of the attributes, or what lies inside of it.
func (d *draft) location(s *draftStruct, label string, attributes []string) string {
	name := d.name(label, attributes...)
	i := slices.IndexFunc(s.fields, func(f draftField) bool { return f.attribute == name })
	if i < 0 {
		return name
	}
	switch f := s.fields[i]; {
	case f.typ == "P":
		return name + d.of("inside of "+name, ".X", ".X", ".Y", "", ".Z")
	case f.typ == "map[string]string":
		return name + ".k"
	case f.typ == "[]string" && f.options == "":
		return name + d.of("inside of "+name, "[0]", "[1]", "")
	}
	return name
}

func (d *draft) style(s *draftStruct, name string, standard []string) string {
	style := ""
	i := slices.IndexFunc(s.fields, func(f draftField) bool { return f.attribute == name && f.options == ",stringset" })
	sets := s.of(",stringset")
	standard = slices.DeleteFunc(slices.Clone(standard), func(name string) bool { return slices.Contains(sets, name) != (i >= 0) })
	switch {
	case i >= 0 && d.oneIn(2, "as set"):
		style = " style=asSet"
	case d.oneIn(6, "part only"):
		style = " style=partOnly"
	case len(standard) > 0 && d.oneIn(6, "shared"):
		style = fmt.Sprintf(" style=shared(%s)", d.name("shared with", standard...))
	case i >= 0 && len(standard) > 0 && d.oneIn(4, "shared set"):
		style = fmt.Sprintf(" style=sharedSet(%s)", d.name("shared with", standard...))
	}
	if d.oneIn(8, "own partitions") {
		style += fmt.Sprint(" partitions=", d.number("own partitions", 2, 3))
	}
	return style
}

// part is a location, with or without a transform.
func (d *draft) part(location string) string {
	location = word(location)
	return fmt.Sprintf(d.of("transform", "%s", "%s", "upper(%s)", "prefix(%s,4)", "suffix(lower(%s),-1)", "insert(%s,x)", `segment(%s,"@",0)`, `segments(%s,"",0,2)`, "substring(%s,0,3)"), location)
}

// parts are those of a compound beacon, each named after what it is of.
func (d *draft) parts(standard, clear []string, of string) (text string, names []string) {
	list := func(option string, from []string) {
		if len(from) == 0 || option == "signed" && len(names) > 0 && d.oneIn(2, "no "+option) {
			return
		}
		var parts []string
		for _, name := range rapid.SliceOfNDistinct(rapid.SampledFrom(from), 1, min(2, len(from)), rapid.ID).Draw(d.T, option) {
			prefix := name + d.of("prefix", "-", "-", "-", "=", of, "")
			if d.oneIn(20, "strange prefix") {
				prefix = d.of("strange prefix", "", ".", name, "A", "A-")
			}
			location := ""
			if option == "signed" && d.oneIn(6, "signed elsewhere") {
				location = "@" + word(d.of("where", from...))
				name += of
			}
			parts = append(parts, word(name)+location+":"+word(prefix))
			names = append(names, word(name))
		}
		if len(parts) > 0 {
			text += fmt.Sprintf(" %s=%s", option, strings.Join(parts, ","))
		}
	}
	list("encrypted", standard)
	list("signed", clear)
	return text, names
}

// told returns the beacons that the tag of each attribute has to name.
func (s *draftStruct) told() map[string][]string {
	virtual, standard, told := map[string][]string{}, map[string][]string{}, map[string][]string{}
	parts := map[string][]tag.Part{}     // by compound beacon; "" for //ddbe:parts
	constructed := map[string][]string{} // names of parts, by compound beacon
	encrypted := map[string]bool{}       // names of parts
	tell := func(beacon string, attributes []string) {
		for _, a := range attributes {
			if a != beacon && !slices.Contains(told[a], beacon) {
				told[a] = append(told[a], beacon)
			}
		}
	}
	at := func(location, name tag.Word) []string {
		text := location.Text
		if text == "" {
			text = name.Text
		}
		if v := virtual[text]; v != nil {
			return v
		}
		l, _ := tag.ParseLocation(text)
		return []string{l.Attribute}
	}
	var directives []tag.Directive
	for _, line := range s.directives {
		d, _ := tag.ParseDirective(tag.DirectivePrefix + line)
		directives = append(directives, d)
		if v, ok := d.(*tag.Virtual); ok {
			for _, p := range v.Parts {
				l, _ := tag.ParseLocation(p.Location.Text)
				virtual[v.Name.Text] = append(virtual[v.Name.Text], l.Attribute)
			}
		}
	}
	for _, d := range directives {
		switch d := d.(type) {
		case *tag.Beacon:
			standard[d.Name.Text] = at(d.Location, d.Name)
			if d.Style.Name.Text != "partOnly" {
				tell(d.Name.Text, standard[d.Name.Text])
			}
		case *tag.Parts:
			parts[""] = slices.Concat(parts[""], d.Encrypted, d.Signed)
			for _, p := range d.Encrypted {
				encrypted[p.Name.Text] = true
			}
		case *tag.Compound:
			parts[d.Name.Text] = slices.Concat(d.Encrypted, d.Signed)
			for _, p := range d.Encrypted {
				encrypted[p.Name.Text] = true
			}
		case *tag.Constructor:
			for _, p := range d.Parts {
				constructed[d.Compound.Text] = append(constructed[d.Compound.Text], p.Name.Text)
			}
		}
	}
	for compound, own := range parts {
		if compound == "" {
			continue
		}
		for _, p := range slices.Concat(own, parts[""]) {
			names, ok := constructed[compound]
			local := slices.Contains(own, p)
			if ok && !slices.Contains(names, p.Name.Text) || !ok && !local {
				continue
			}
			if encrypted[p.Name.Text] {
				tell(compound, standard[p.Name.Text])
			} else {
				tell(compound, at(p.Location, p.Name))
			}
		}
	}
	return told
}

// source writes the draft as Go.
func (d *draft) source() string {
	var b strings.Builder
	b.WriteString("package app\n\n")
	for _, s := range d.structs {
		told := s.told()
		b.WriteString("//ddbe:table Test suite=0x6700\n")
		for _, line := range s.directives {
			b.WriteString(tag.DirectivePrefix + line + "\n")
		}
		fmt.Fprintf(&b, "type %s struct {\n", s.name)
		for _, f := range s.fields {
			beacons := ""
			if f.action != "none" && f.action != "-" {
				slices.Sort(told[f.attribute])
				for _, name := range told[f.attribute] {
					beacons += ",beacon=" + name
				}
			}
			av := ""
			if f.attribute != f.name || f.options != "" {
				av = fmt.Sprintf("dynamodbav:%q ", strings.TrimSuffix(f.attribute+f.options, ","))
			}
			fmt.Fprintf(&b, "\t%s %s `%sddbe:%q`\n", f.name, f.typ, av, f.action+beacons)
		}
		b.WriteString("}\n\n")
	}
	b.WriteString("type P struct { X, Y string }\n")
	return b.String()
}
