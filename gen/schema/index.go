package schema

import (
	"fmt"
	"maps"
	"slices"
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
	partition, ok := s.indexKey(at, d.Partition)
	first := s.query("QueryBy"+partition.title, partition.words(nil), partition.values)
	x.Queries = []*Query{first}
	if d.Sort.Written() {
		sort, sorted := s.indexKey(at, d.Sort)
		ok = ok && sorted
		first.Partition = true
		both := s.query(first.Method+"And"+sort.title, sort.words(&partition), slices.Concat(partition.values, sort.values))
		x.Queries = []*Query{both, first}
		if d.Sort.Text == d.Partition.Text {
			s.report(at.at(d.Sort), IndexKey, "name another one", "the keys of index %q are the same", x.Name)
		}
	}
	if !ok {
		return
	}
	s.projection(x, d, at)
	for i, other := range s.result.Table.Indexes {
		if method := x.Queries[0].Method; other.Queries[0].Method == method {
			why, fix := "have the same keys", "remove one of the two"
			if other.Partition != x.Partition || other.Sort != x.Sort {
				why, fix = "have keys whose names make one word", "rename a field or a beacon"
			}
			s.report(at.at(d.Name), NameClash, fix, "indexes %q and %q %s, and both methods would be called %s", other.Name, x.Name, why, method).
				see(s.indexPlaces[i], "index %q is here", other.Name)
		}
	}
	s.result.Table.Indexes = append(s.result.Table.Indexes, x)
	s.indexPlaces = append(s.indexPlaces, at.at(d.Name))
}

// query makes a method that looks for values, behind that of the tenant.
func (s *scope) query(method, words string, values []value) *Query {
	if search := s.result.Table.Search; search != nil && s.attributes[search.KeyField] != nil {
		values = slices.Concat([]value{{s.attributes[search.KeyField], []Step{}}}, values)
	}
	return &Query{Method: method, Words: words, Arguments: arguments(values)}
}

// partitionQueries leaves one query by each partition key: where several indexes
// have the same, that of the index without a sort key, or of the first one.
func (s *scope) partitionQueries() {
	taken := map[string]bool{}
	for _, x := range s.result.Table.Indexes {
		taken[x.Queries[0].Method] = true
	}
	for _, x := range s.result.Table.Indexes {
		x.Queries = slices.DeleteFunc(x.Queries, func(q *Query) bool { return q.Partition && taken[q.Method] })
		taken[x.Queries[len(x.Queries)-1].Method] = true
	}
}

// indexKey is one key of an index: what a query on it is called and asks for.
type indexKey struct {
	title   string   // in the name of a method
	fields  []string // that are compared
	derived string   // what is compared instead, where it is made of them
	values  []value
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

// indexKey finds what a key of an index is made of.
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
		return k, !c.broken && s.onlyConstructor(at.at(w), c) && s.reachable(at.at(w), c.at.at(c.name), c.values)
	}
	if b := s.standard[w.Text]; b != nil {
		k.values, k.fields = b.values, fieldNames(b.values)
		if s.virtual[b.location.Text] != nil {
			k.derived = b.location.Text
		}
		return k, !b.broken && s.storedKey(at.at(w), b) && s.reachable(at.at(w), b.at.at(b.name), b.values)
	}
	if a == nil {
		s.unknownKey(at.at(w), w.Text)
		return k, false
	}
	k.values, k.fields = []value{{a, []Step{}}}, []string{a.GoName}
	switch {
	case a.Action == tag.Encrypt:
		s.report(at.at(w), IndexKey, fmt.Sprintf("add //ddbe:beacon %s length=BITS; the index is then on the beacon", tag.Spell(a.Name)), "attribute %q is encrypted, and DynamoDB would see ciphertext alone", a.Name).
			see(a.field.at(a.field.tag.ActionSpan), "its tag is here")
		return k, false
	case a.Codec != nil && a.Codec.Func != "Pointer" && !keyType(a.Codec):
		s.report(at.at(w), IndexKey, "name an attribute that is a string, a number or binary", "attribute %q is stored as %s, which cannot be the key of an index", a.Name, a.Codec.Wire).
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
	slices.Sort(known)
	s.report(at, IndexKey, s.hint(name, slices.Compact(known)), "there is no attribute or beacon %q", name)
}

// storedKey reports a standard beacon that cannot be the key of an index.
func (s *scope) storedKey(at place, b *standard) bool {
	see := func(d *Diagnostic) { d.see(b.at.at(b.name), "beacon %q is here", b.Name) }
	switch {
	case b.Style == "partOnly":
		see(s.report(at, IndexKey, "name a compound beacon that it is a part of, or remove the style", "beacon %q is never stored", b.Name))
	case b.Style == "asSet" || b.Style == "sharedSet":
		see(s.report(at, IndexKey, "name a beacon of another style", "beacon %q is a set, which cannot be the key of an index", b.Name))
	default:
		return true
	}
	return false
}

// reachable reports an index on a value that no field of the struct leads to, so
// that a query could not be asked for it.
func (s *scope) reachable(at, beacon place, values []value) bool {
	if slices.ContainsFunc(values, func(v value) bool { return v.path == nil }) {
		s.report(at, NotSupported, "store the value in a field of its own", "an index on a beacon of a value in a map or a list is not supported yet").
			see(beacon, "the beacon is here")
		return false
	}
	return true
}

// arguments makes values what a method asks for, each once.
func arguments(values []value) (all []*Argument) {
	for i, v := range values {
		if !slices.ContainsFunc(values[:i], v.equal) && !slices.ContainsFunc(values, v.inside) {
			all = append(all, v.argument())
		}
	}
	return all
}

// argument makes a value one that a method asks for.
func (v value) argument() *Argument {
	a := &Argument{Path: slices.Concat(v.attribute.Path, v.path), Words: []string{v.attribute.GoName}}
	for _, step := range v.path {
		a.Words = append(a.Words, step.Name)
	}
	return a
}

func fieldNames(values []value) (names []string) {
	for _, v := range values {
		names = append(names, strings.Join(v.argument().Words, "."))
	}
	return names
}

// onlyConstructor reports a compound beacon for which the arguments of a query
// are not known.
func (s *scope) onlyConstructor(at place, c *compound) bool {
	constructors := c.Constructors
	if len(constructors) > 1 || len(constructors) == 1 && slices.ContainsFunc(constructors[0], func(p ConstructorPart) bool { return p.Optional }) {
		s.report(at, NotSupported, "give the beacon one constructor whose parts are all required", "an index on a compound beacon with optional parts or several constructors is not supported yet").
			see(c.at.at(c.name), "beacon %q is here", c.Name)
		return false
	}
	return true
}
