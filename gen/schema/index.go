package schema

import (
	"fmt"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// indexes reads //ddbe:index: each is one method that queries, or two.
func (s *scope) indexes() {
	all, places := directivesOf[*tag.Index](s.raw)
	seen := map[string]rawDirective{}
	for i, d := range all {
		at := places[i]
		if d.Broken {
			continue
		}
		if earlier, ok := seen[d.Name.Text]; ok {
			s.report(at.at(d.Name), IndexName, "remove one", "there are two indexes %q", d.Name.Text).see(earlier.line(), "the first one is here")
			continue
		}
		seen[d.Name.Text] = at
		if !dynamoName(d.Name.Text) {
			s.report(at.at(d.Name), IndexName, "choose a name that DynamoDB accepts", "%q is not an index name: 3 to 255 of a-z, A-Z, 0-9, _, - and .", d.Name.Text)
		}
		s.local(d, at)
		s.index(d, at)
	}
	s.partitionQueries()
}

func (s *scope) index(d *tag.Index, at rawDirective) {
	x := &Index{Name: d.Name.Text, Partition: d.Partition.Text, Sort: d.Sort.Text, Local: d.Local.Written()}
	partitions, ok := s.indexKeys(at, d.Partition)
	var sorts []indexKey
	if d.Sort.Written() {
		var sorted bool
		sorts, sorted = s.indexKeys(at, d.Sort)
		ok = ok && sorted
		for _, partition := range partitions {
			for _, sort := range sorts {
				x.Queries = append(x.Queries, s.query("QueryBy"+partition.title+"And"+sort.title, sort.words(&partition), partition, sort))
			}
		}
		if d.Sort.Text == d.Partition.Text {
			s.report(at.at(d.Sort), IndexKey, "name another one", "the keys of index %q are the same", x.Name)
		}
	}
	for _, partition := range partitions {
		q := s.query("QueryBy"+partition.title, partition.words(nil), partition)
		q.Partition = d.Sort.Written()
		if q.Partition && ok && s.lacks(d.Sort.Text) {
			q.Words += " that has " + something(sorts)
		}
		x.Queries = append(x.Queries, q)
	}
	if !ok {
		return
	}
	s.projection(x, d, at)
	s.clashes(x, at.at(d.Name))
	s.result.Table.Indexes = append(s.result.Table.Indexes, x)
	s.indexPlaces = append(s.indexPlaces, at.at(d.Name))
}

// clashes reports methods of an index that would have the name of another one.
// Those that leave out the sort key give way; see partitionQueries.
func (s *scope) clashes(x *Index, at place) {
	for i, q := range x.Queries {
		named := func(o *Query) bool { return o.Method == q.Method && !o.Partition && !q.Partition }
		if slices.ContainsFunc(x.Queries[:i], named) {
			s.report(at, NameClash, "rename a part", "two constructors have parts whose names make one word, and both methods of index %q would be called %s", x.Name, q.Method)
		}
		for j, other := range s.result.Table.Indexes {
			if !slices.ContainsFunc(other.Queries, named) {
				continue
			}
			why, fix := "have the same keys", "remove one of the two"
			if other.Partition != x.Partition || other.Sort != x.Sort {
				why, fix = "have keys whose names make one word", "rename a field or a beacon"
			}
			s.report(at, NameClash, fix, "indexes %q and %q %s, and both methods would be called %s", other.Name, x.Name, why, q.Method).
				see(s.indexPlaces[j], "index %q is here", other.Name)
		}
	}
}

// query makes a method that looks for keys, behind the tenant.
func (s *scope) query(method, words string, keys ...indexKey) *Query {
	var values, required []value
	if search := s.result.Table.Search; search != nil && s.attributes[search.KeyField] != nil {
		required = []value{{attribute: s.attributes[search.KeyField], path: []Step{}}}
	}
	values = slices.Clone(required)
	for _, k := range keys {
		values = append(values, k.values...)
		required = append(required, k.required()...)
	}
	q := &Query{Method: method, Words: words}
	asked := distinct(values)
	for _, v := range asked {
		a := v.argument()
		a.Optional = !slices.ContainsFunc(required, v.equal)
		q.Arguments = append(q.Arguments, a)
	}
	for _, k := range keys {
		q.Notes = append(q.Notes, k.notes...)
		if k.ways != nil {
			q.Made = append(q.Made, k.made(asked, q.Arguments))
		}
	}
	return q
}

// partitionQueries leaves one query by each partition key: where several indexes
// have the same, that of the index without a sort key, or of the first one.
func (s *scope) partitionQueries() {
	taken := map[string]bool{}
	for _, x := range s.result.Table.Indexes {
		for _, q := range x.Queries {
			taken[q.Method] = taken[q.Method] || !q.Partition
		}
	}
	for _, x := range s.result.Table.Indexes {
		x.Queries = slices.DeleteFunc(x.Queries, func(q *Query) bool { return q.Partition && taken[q.Method] })
		for _, q := range x.Queries {
			taken[q.Method] = true
		}
	}
}

// indexKey is one key of an index: what a query on it is called and asks for.
type indexKey struct {
	title   string   // in the name of a method
	fields  []string // that are compared
	derived string   // what is compared instead, where it is made of them
	values  []value
	ways    *way     // how a compound beacon is made; nil where there is one way
	notes   []string // about what is not found
}

// words says what a query looks for, in a comment. The first key is nil for an
// index without a sort key.
func (k *indexKey) words(first *indexKey) string {
	switch {
	case first == nil && k.derived != "":
		return "the " + k.derived + " of these values"
	case first == nil:
		return "this " + enumerate(k.fields)
	case k.derived == "" && first.derived == "":
		both := union(slices.Clone(first.fields), k.fields, func(name string) string { return name })
		return "this " + enumerate(both)
	}
	return first.words(nil) + " and " + k.words(nil)
}

func enumerate(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// indexKeys finds what a key of an index is made of: one way, or several for a
// compound beacon.
func (s *scope) indexKeys(at rawDirective, w tag.Word) (keys []indexKey, ok bool) {
	if c := s.compound[w.Text]; c != nil && len(c.Constructors) > 0 {
		s.keyName(at.at(w), s.storedName(w.Text))
		keys = s.ways(c)
		ok = !c.broken
		for _, k := range keys {
			ok = ok && s.reachable(at.at(w), IndexKey, c.at.at(c.name), k.values)
		}
		return keys, ok
	}
	k, ok := s.indexKey(at, w)
	return []indexKey{k}, ok
}

func (s *scope) indexKey(at rawDirective, w tag.Word) (k indexKey, ok bool) {
	a := s.attributes[w.Text]
	s.keyName(at.at(w), s.storedName(w.Text))
	k.title = title(w.Text)
	if a != nil {
		k.title = a.GoName
	}
	if c := s.compound[w.Text]; c != nil {
		k.values, k.fields, k.derived = c.values, fieldNames(c.values), c.Name
		if s.plain(c) {
			k.derived = ""
		}
		return k, !c.broken && s.reachable(at.at(w), IndexKey, c.at.at(c.name), c.values)
	}
	if b := s.standard[w.Text]; b != nil {
		k.values, k.fields = b.values, fieldNames(b.values)
		if s.virtual[b.location.Text] != nil {
			k.derived = b.location.Text
		}
		return k, !b.broken && s.storedKey(at.at(w), b) && s.reachable(at.at(w), IndexKey, b.at.at(b.name), b.values)
	}
	if a == nil {
		s.unknownKey(at.at(w), w.Text)
		return k, false
	}
	k.values, k.fields = []value{{attribute: a, path: []Step{}}}, []string{a.GoName}
	switch {
	case a.Action == tag.Encrypt:
		s.report(at.at(w), IndexKey, fmt.Sprintf("add //ddbe:beacon %s length=BITS; the index is then on the beacon", tag.Spell(a.Name)), "attribute %q is encrypted, and DynamoDB would see ciphertext alone", a.Name).
			see(a.field.at(a.field.tag.ActionSpan), "its tag is here")
		return k, false
	case a.Codec != nil && !indexType(a.Codec):
		s.report(at.at(w), IndexKey, "name an attribute that is a string, a number or binary", "attribute %q is stored as %s, which cannot be the key of an index", a.Name, a.Codec.Wire).
			see(a.field.typePlace(), "field %s is here", a.GoName)
		return k, false
	case a.Codec != nil && a.Role == tag.NoRole && null(a.Codec, a.Options):
		s.report(at.at(w), IndexKey, notNull(a)+": then an item without it is not in the index", "attribute %q can be null, which cannot be the key of an index", a.Name).
			see(a.field.typePlace(), "field %s is here", a.GoName)
		return k, false
	}
	return k, a.known()
}

// plain reports whether a compound beacon is made of attributes as they are, so
// that equal beacons mean equal attributes.
func (s *scope) plain(c *compound) bool {
	return len(c.Constructors) == 0 && len(c.values) == len(c.Signed)+len(c.Encrypted) &&
		!slices.ContainsFunc(c.Encrypted, func(p EncryptedPart) bool { return s.virtual[s.standard[p.Name].location.Text] != nil })
}

func (s *scope) unknownKey(at place, name string) {
	if s.broken {
		return
	}
	if v := s.virtual[name]; v != nil {
		s.report(at, IndexKey, fmt.Sprintf("add //ddbe:beacon %s length=BITS", tag.Spell(name)), "virtual field %q is not stored: an index is on its beacon, and it has none", name).
			see(v.at.at(v.name), "the virtual field is here")
		return
	}
	known := slices.Collect(maps.Keys(s.attributes))
	known = slices.AppendSeq(known, maps.Keys(s.standard))
	known = slices.AppendSeq(known, maps.Keys(s.compound))
	s.report(at, IndexKey, s.hint(name, known, s.canBeKey), "there is no attribute or beacon %q", name)
}

// indexType reports whether a codec gives what the key of an index can be, or NULL.
func indexType(c *Codec) bool {
	wire := c.Wire &^ wireNull
	return wire == wireS || wire == wireN || wire == wireB
}

// canBeKey reports whether an index can be on what has this name.
func (s *scope) canBeKey(name string) bool {
	if s.compound[name] != nil {
		return true
	}
	if b := s.standard[name]; b != nil {
		return b.Style != "partOnly" && !b.ofSet()
	}
	a := s.attributes[name]
	return a.Action != tag.Encrypt && a.Codec != nil && indexType(a.Codec) && !null(a.Codec, a.Options)
}

// storedKey reports a standard beacon that cannot be the key of an index.
func (s *scope) storedKey(at place, b *standard) bool {
	see := func(d *Diagnostic) { d.see(b.at.at(b.name), "beacon %q is here", b.Name) }
	switch {
	case b.Style == "partOnly":
		see(s.report(at, IndexKey, "name a compound beacon that it is a part of, or remove the style", "beacon %q is never stored", b.Name))
	case b.ofSet():
		see(s.report(at, IndexKey, "name a beacon of another style", "beacon %q is a set, which cannot be the key of an index", b.Name))
	default:
		return true
	}
	return false
}

// reachable reports a key that is made of a value which generated code cannot put
// into the struct, so that no method could ask for it.
func (s *scope) reachable(at place, code tag.Code, beacon place, values []value) bool {
	if slices.ContainsFunc(values, func(v value) bool { return v.path == nil }) {
		s.report(at, code, "store the value in a field of its own", "no method can ask for what lies in a value that converts itself, or in a map behind a key that does").
			see(beacon, "the beacon is here")
		return false
	}
	return true
}

// arguments makes values what a method asks for, each once.
func arguments(values []value) (all []*Argument) {
	for _, v := range distinct(values) {
		all = append(all, v.argument())
	}
	return all
}

// distinct returns values, each once, without those inside of others.
func distinct(values []value) (all []value) {
	for i, v := range values {
		if !slices.ContainsFunc(values[:i], v.equal) && !slices.ContainsFunc(values, v.inside) {
			all = append(all, v)
		}
	}
	return all
}

// argument makes a value one that a method asks for.
func (v value) argument() *Argument {
	a := &Argument{Path: slices.Concat(v.attribute.Path, v.path), Words: []string{v.attribute.GoName}}
	for _, step := range v.path {
		a.Words = append(a.Words, step.word())
	}
	return a
}

// word is the name of a step as a part of a Go name.
func (s Step) word() string {
	if key, err := strconv.Unquote(s.Name); err == nil {
		return title(key)
	}
	return s.Name
}

// String writes where the value lies, for a person.
func (v value) String() string {
	text := v.attribute.GoName
	for _, s := range v.path {
		key, err := strconv.Unquote(s.Name)
		switch {
		case err == nil:
			text += "." + key
		case token.IsIdentifier(s.Name) && s.Name != "true" && s.Name != "false":
			text += "." + s.Name
		default:
			text += "[" + s.Name + "]"
		}
	}
	return text
}

func fieldNames(values []value) (names []string) {
	for _, v := range values {
		names = append(names, v.String())
	}
	return names
}
