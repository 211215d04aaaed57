package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// searchScope is what is known of the beacons of a struct while they are being
// checked.
type searchScope struct {
	standard map[string]*standard
	compound map[string]*compound
	virtual  map[string]*virtual
	used     map[string]bool // standard beacons that are parts
}

type standard struct {
	*StandardBeacon
	at       rawDirective
	name     tag.Word
	location tag.Word // where the location is written, or the name
	values   []value
	on       *Codec // the type that it is computed from; nil for a virtual field or an unknown type
	broken   bool
}

// ofSet reports whether the beacon has a hash for each element of a set.
func (b *StandardBeacon) ofSet() bool { return b.Style == "asSet" || b.Style == "sharedSet" }

type compound struct {
	*CompoundBeacon
	at     rawDirective
	name   tag.Word
	values []value
	signed bool // of signed parts only, which makes it an attribute of its own
	broken bool
}

type virtual struct {
	*VirtualField
	at     rawDirective
	name   tag.Word
	values []value
	broken bool
}

// value is what a beacon is made of: an attribute, or something inside one.
type value struct {
	attribute *attribute
	path      []Step // inside of the attribute; nil where no field leads there
	null      bool   // it may be there as NULL
	absent    bool   // the attribute may be there without it
}

func (v value) equal(o value) bool {
	return v.attribute == o.attribute && slices.EqualFunc(v.path, o.path, func(a, b Step) bool { return a.Name == b.Name })
}

// inside reports whether v is a part of o.
func (v value) inside(o value) bool {
	return v.attribute == o.attribute && len(o.path) < len(v.path) && value{attribute: v.attribute, path: v.path[:len(o.path)]}.equal(o)
}

// sources returns the attributes behind values, each once.
func sources(values []value) []*attribute {
	var all []*attribute
	for _, v := range values {
		if !slices.Contains(all, v.attribute) {
			all = append(all, v.attribute)
		}
	}
	return all
}

// search builds the beacons of the table from the directives.
func (s *scope) search() {
	s.searchScope = searchScope{map[string]*standard{}, map[string]*compound{}, map[string]*virtual{}, map[string]bool{}}
	search := &Search{}
	s.partitions(search)
	s.virtuals(search)
	s.standards(search)
	s.shared()
	s.globalParts(search)
	s.compounds(search)
	s.partOnlyUsed()
	s.tenant(search)
	s.tagged()
	if len(search.Standard)+len(search.Compound)+len(search.Virtual) == 0 {
		return
	}
	s.result.Table.Search = search
	if len(s.standard) == 0 && !s.broken {
		s.report(s.structName(), BeaconMissing, "add a //ddbe:beacon on an encrypted attribute", "a table with compound beacons or virtual fields has a standard beacon too, even if only signed beacons are wanted")
	}
}

func (s *scope) partitions(search *Search) {
	d, at, ok := single[*tag.Partitions](s)
	if !ok || d.Broken {
		s.broken = s.broken || ok
		return
	}
	search.MaxPartitions, search.DefaultPartitions = d.Max.Value, d.Default.Value
	if d.Max.Value < 2 || d.Max.Value > 254 {
		s.report(at.at(d.Max.Word), BeaconPartitions, "choose 2 to 254, or leave the directive out for one", "%d partitions are not possible", d.Max.Value)
		search.MaxPartitions = 254
	}
	if d.Default.Written() && (d.Default.Value < 1 || d.Default.Value >= search.MaxPartitions) {
		s.report(at.at(d.Default.Word), BeaconPartitions, "choose at least 1 and less than max, or leave it out for max", "the default of %d partitions is not possible", d.Default.Value)
	}
}

// searchName checks the name of a beacon or virtual field. What has a name that
// is also configured elsewhere could not be told from it in a query.
func (s *scope) searchName(at place, what, name, stored string) {
	switch {
	case strings.HasPrefix(name, reservedPrefix):
		s.report(at, ReservedName, "choose another name; the stored attribute is called "+beaconPrefix+"NAME", "names that begin with %s belong to the record format", reservedPrefix)
	case name == "" || !utf8.ValidString(name) || len(stored) > 65535:
		s.report(at, BeaconName, "choose another name", "the name of a %s is UTF-8 and not empty, and the attribute name made of it at most 65535 bytes long", what)
	case slices.Contains(s.result.Table.UnsignedNames, name) || s.result.Table.UnsignedPrefix != "" && strings.HasPrefix(name, s.result.Table.UnsignedPrefix):
		s.report(at, BeaconName, "choose another name", "%q is the name of an attribute that may be unsigned", name)
	}
}

// tellable reports a beacon that no tag could name.
func (s *scope) tellable(at place, name string) bool {
	if strings.Contains(name, ",") || strings.TrimSpace(name) != name {
		s.report(at, BeaconName, "choose a name without them", "no tag could name the beacon %q: options of a tag are separated by commas, with no space around them", name)
		return false
	}
	return true
}

func (s *scope) nameTaken(at place, what string, a *attribute) {
	s.report(at, BeaconName, "choose another name", "%s cannot have the name %q: it is an attribute", what, a.Name).
		see(a.field.namePlace(), "field %s is stored as %q", a.GoName, a.Name)
}

// resolved is where a location leads.
type resolved struct {
	source *attribute
	found
}

// resolve finds what lies at a location, or reports why nothing does.
func (s *scope) resolve(at place, code tag.Code, text string) (r resolved, ok bool) {
	l, message := tag.ParseLocation(text)
	if message != "" {
		s.report(at, BeaconLocation, "a location is the name of an attribute, then any number of .key and [0] to [9]", "%q is not a location: %s", text, message)
		return r, false
	}
	a := s.attributes[l.Attribute]
	if a == nil {
		if !s.broken {
			s.report(at, code, s.hint(l.Attribute, slices.Collect(maps.Keys(s.attributes)), s.accepted(code)), "there is no attribute %q", l.Attribute)
		}
		return r, false
	}
	f, message := a.Codec.find(a.Options, l.Steps)
	if message != "" {
		s.report(at, code, "correct the location", "nothing lies at %q: %s", text, message).see(a.field.namePlace(), "field %s is here", a.GoName)
		return r, false
	}
	return resolved{a, f}, true
}

// accepted says of an attribute whether its action lets it be at a location.
func (s *scope) accepted(code tag.Code) func(name string) bool {
	return func(name string) bool {
		switch a := s.attributes[name]; code {
		case BeaconSource:
			return a.Action == tag.Encrypt && s.standard[name] == nil
		case VirtualSource:
			return a.Action != tag.None
		default:
			return a.signed()
		}
	}
}

func anyName(string) bool { return true }

// hint is the remedy for a name that is not known: one of the known names that is
// near, or all those of them that would be accepted.
func (s *scope) hint(name string, known []string, accepted func(name string) bool) string {
	for _, a := range s.order {
		if a.GoName == name && a.Name != name {
			return fmt.Sprintf("directives name attributes: write %q", a.Name)
		}
	}
	if near := tag.Nearest(name, known); near != "" {
		return fmt.Sprintf("did you mean %q?", near)
	}
	known = slices.DeleteFunc(slices.Clone(known), func(name string) bool { return !accepted(name) })
	slices.Sort(known)
	known = slices.Compact(known)
	if len(known) == 0 {
		return "define one first: the struct has none"
	}
	return "it must be one of " + strings.Join(known, ", ")
}

func (s *scope) virtuals(search *Search) {
	all, places := directivesOf[*tag.Virtual](s.raw)
	for i, d := range all {
		at := places[i]
		v := &virtual{VirtualField: &VirtualField{Name: d.Name.Text}, at: at, name: d.Name, broken: d.Broken}
		if earlier := s.virtual[d.Name.Text]; earlier != nil {
			s.report(at.at(d.Name), DuplicateBeacon, "remove one", "there are two virtual fields %q", d.Name.Text).see(earlier.at.at(earlier.name), "the first one is here")
			continue
		}
		if !d.Name.Written() {
			s.broken = true
			continue
		}
		s.virtual[v.Name] = v
		if d.Broken {
			continue
		}
		s.searchName(at.at(d.Name), "virtual field", v.Name, v.Name)
		if a := s.attributes[v.Name]; a != nil {
			s.nameTaken(at.at(d.Name), "a virtual field", a)
		}
		for _, p := range d.Parts {
			s.virtualPart(v, at, p)
		}
		if !v.broken {
			s.virtualTwice(v, search.Virtual)
		}
		search.Virtual = append(search.Virtual, v.VirtualField)
	}
}

func (s *scope) virtualPart(v *virtual, at rawDirective, p tag.VirtualPart) {
	part := VirtualPart{Location: p.Location.Text}
	for _, t := range p.Transforms {
		part.Transforms = append(part.Transforms, s.transform(at, t))
	}
	v.Parts = append(v.Parts, part)
	r, ok := s.resolve(at.at(p.Location), VirtualSource, p.Location.Text)
	if !ok {
		v.broken = true
		return
	}
	v.values = append(v.values, value{r.source, r.path, r.null(), r.absent})
	if r.source.Action == tag.None {
		s.report(at.at(p.Location), VirtualSource, "sign or encrypt it", "a virtual field cannot be made of %q, which is not signed", r.source.Name).
			see(r.source.field.at(r.source.field.tag.Span), "its tag is here")
	}
	s.scalar(at.at(p.Location), VirtualSource, p.Location.Text, r)
}

// scalar reports a part of a text that has no text.
func (s *scope) scalar(at place, code tag.Code, location string, r resolved) {
	if r.codec != nil && r.codec.Wire&(wireS|wireN|wireBool|wireNull) == wireNull&r.codec.Wire {
		s.report(at, code, "use a string, a number or a boolean", "%q is stored as %s, of which no text can be made", location, r.codec.Wire)
	}
}

// locations returns where a virtual field is made of, each once, sorted.
func (v *VirtualField) locations() []string {
	var all []string
	for _, p := range v.Parts {
		all = append(all, p.Location)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// virtualTwice reports a virtual field over the same locations as another one.
func (s *scope) virtualTwice(v *virtual, others []*VirtualField) {
	for _, o := range others {
		if slices.Equal(o.locations(), v.locations()) {
			other := s.virtual[o.Name]
			s.report(v.at.at(v.name), VirtualDuplicate, "keep one of them", "virtual fields %q and %q are made of the same attributes", o.Name, v.Name).
				see(other.at.at(other.name), "%q is here", o.Name)
		}
	}
}

// transforms are the functions of runtime/beacon; those in splits begin with a
// character.
var (
	transforms = map[string]string{
		"upper": "Upper", "lower": "Lower", "insert": "Insert", "prefix": "Prefix", "suffix": "Suffix",
		"substring": "Substring", "segment": "Segment", "segments": "Segments",
	}
	splits = []string{"segment", "segments"}
)

func (s *scope) transform(at rawDirective, t tag.Transform) TransformCall {
	call := TransformCall{Func: transforms[t.Name.Text]}
	for _, w := range t.Texts {
		if !slices.Contains(splits, t.Name.Text) {
			if !utf8.ValidString(w.Text) {
				s.report(at.at(w), Transform, "write UTF-8", "the text is not UTF-8")
			}
			call.Arguments = append(call.Arguments, w.Text)
			continue
		}
		r, ok := oneUnit(w.Text)
		if !ok {
			s.report(at.at(w), Transform, "write one character of U+0001 to U+FFFF", "%s splits at one character, not at %q", t.Name.Text, w.Text)
		}
		call.Arguments = append(call.Arguments, r)
	}
	for _, n := range t.Positions {
		call.Arguments = append(call.Arguments, n.Value)
	}
	return call
}

// oneUnit returns the only character of text, if it has one UTF-16 code unit:
// the other clients of the format split there.
func oneUnit(text string) (rune, bool) {
	r, size := utf8.DecodeRuneInString(text)
	return r, size == len(text) && size > 0 && r > 0 && r <= 0xFFFF && (r != utf8.RuneError || size == 3)
}

func (s *scope) standards(search *Search) {
	all, places := directivesOf[*tag.Beacon](s.raw)
	locations := map[string]*standard{}
	for i, d := range all {
		at := places[i]
		b := &standard{at: at, name: d.Name, location: d.Location, broken: d.Broken, StandardBeacon: &StandardBeacon{
			Name: d.Name.Text, Length: d.Length.Value, Location: d.Location.Text,
			Style: d.Style.Name.Text, Other: d.Style.Other.Text, Partitions: d.Partitions.Value,
		}}
		if earlier := s.standard[d.Name.Text]; earlier != nil {
			s.report(at.at(d.Name), DuplicateBeacon, "remove one", "there are two beacons %q", d.Name.Text).see(earlier.at.at(earlier.name), "the first one is here")
			continue
		}
		if !d.Name.Written() {
			s.broken = true
			continue
		}
		s.standard[b.Name] = b
		if d.Broken {
			continue
		}
		if !b.location.Written() {
			b.location = b.name
		}
		search.Standard = append(search.Standard, b.StandardBeacon)
		s.searchName(at.at(d.Name), "beacon", b.Name, beaconPrefix+b.Name)
		if a := s.attributes[b.Name]; a != nil && a.known() && a.Action != tag.Encrypt && d.Location.Written() {
			s.nameTaken(at.at(d.Name), "a standard beacon", a)
		}
		if b.Length < 1 || b.Length > 63 {
			s.report(at.at(d.Length.Word), BeaconLength, "choose 1 to 63; docs/tags.md says how to choose", "a beacon of %d bits is not possible", b.Length)
		}
		if d.Partitions.Written() && (b.Partitions < 1 || b.Partitions >= search.MaxPartitions) {
			fix := "choose at least 1 and less than max, or leave it out for the default"
			if search.MaxPartitions == 0 {
				fix = "add //ddbe:partitions max=N, or leave it out"
			}
			s.report(at.at(d.Partitions.Word), BeaconPartitions, fix, "beacon %q cannot have %d partitions", b.Name, b.Partitions)
		}
		s.standardSource(b)
		b.broken = !s.tellable(at.at(d.Name), b.Name) || b.broken
		if earlier := locations[b.location.Text]; earlier != nil {
			s.report(at.at(b.location), BeaconLocation, "use the one that is there", "beacons %q and %q are on the same location", earlier.Name, b.Name).
				see(earlier.at.at(earlier.name), "beacon %q is here", earlier.Name)
		} else {
			locations[b.location.Text] = b
		}
	}
}

// standardSource finds what a standard beacon is computed from.
func (s *scope) standardSource(b *standard) {
	at := b.at.at(b.location)
	if v := s.virtual[b.location.Text]; v != nil {
		b.values = v.values
		switch {
		case v.broken:
			b.broken = true
		case b.ofSet():
			s.report(at, BeaconStyle, "remove the style", "virtual field %q is a text, and not a set", v.Name)
		case !slices.ContainsFunc(v.values, func(v value) bool { return !v.attribute.known() || v.attribute.Action == tag.Encrypt }):
			s.report(at, BeaconSource, "encrypt one of its attributes, or make an index on them as they are", "virtual field %q holds nothing that is encrypted, so it needs no beacon", v.Name).
				see(v.at.at(v.name), "the virtual field is here")
		}
		return
	}
	if l, message := tag.ParseLocation(b.location.Text); message == "" && s.virtual[l.Attribute] != nil {
		s.report(at, BeaconLocation, "put the beacon on the virtual field as a whole", "virtual field %q is a text, in which nothing lies", l.Attribute)
		b.broken = true
		return
	}
	r, ok := s.resolve(at, BeaconSource, b.location.Text)
	if !ok {
		b.broken = true
		return
	}
	b.values, b.on = []value{{r.source, r.path, r.null(), r.absent}}, r.codec
	if r.source.signed() || r.source.Action == tag.None {
		s.report(at, BeaconSource, "encrypt it, or make an index on it as it is", "attribute %q is not encrypted, so it needs no beacon", r.source.Name).
			see(r.source.field.at(r.source.field.tag.ActionSpan), "its tag is here")
	}
	if set := wireSS | wireNS | wireBS; b.ofSet() && r.codec != nil && r.codec.Wire&set == 0 {
		s.report(at, BeaconStyle, "remove the style, or store the field as a set with the dynamodbav options stringset, numberset or binaryset", "%q is stored as %s, and not as a set", b.location.Text, r.codec.Wire)
	}
	for _, v := range s.virtual {
		if slices.Equal(v.locations(), []string{b.location.Text}) {
			s.report(at, BeaconLocation, fmt.Sprintf("put the beacon on %q, or make the virtual field of more", v.Name), "virtual field %q is made of nothing but %q, which has a beacon of its own", v.Name, b.location.Text).
				see(v.at.at(v.name), "the virtual field is here")
		}
	}
}

// shared checks the beacons that are computed as another one is.
func (s *scope) shared() {
	for _, b := range s.inOrder() {
		if b.broken || b.Style != "shared" && b.Style != "sharedSet" {
			continue
		}
		style := b.at.Directive.(*tag.Beacon).Style
		at := b.at.at(style.Other)
		other := s.standard[b.Other]
		switch {
		case b.Other == b.Name:
			s.report(at, BeaconStyle, "name another beacon", "beacon %q is shared with itself", b.Name)
		case other == nil:
			s.report(at, BeaconStyle, s.hint(b.Other, slices.Collect(maps.Keys(s.standard)), func(name string) bool {
				o := s.standard[name]
				return o != b && !o.broken && o.Other == "" && o.Length == b.Length
			}), "there is no standard beacon %q", b.Other)
		case other.broken:
		case other.Other != "":
			s.report(at, BeaconStyle, fmt.Sprintf("share both with %q", other.Other), "beacon %q is itself shared", other.Name).see(other.at.at(other.name), "it is here")
		case other.Length != b.Length:
			s.report(at, BeaconStyle, fmt.Sprintf("write length=%d", other.Length), "beacons that are shared have the same length, and %q has %d bits and %q %d", b.Name, b.Length, other.Name, other.Length).
				see(other.at.at(other.name), "beacon %q is here", other.Name)
		}
	}
}

// inOrder returns the standard beacons in the order of the source.
func (s *scope) inOrder() []*standard {
	all := slices.Collect(maps.Values(s.standard))
	slices.SortFunc(all, func(a, b *standard) int { return int(a.at.base - b.at.base) })
	return all
}

func (s *scope) partOnlyUsed() {
	for _, b := range s.inOrder() {
		if b.Style == "partOnly" && !b.broken && !s.used[b.Name] && !s.brokenCompound() {
			s.report(b.at.at(b.at.Directive.(*tag.Beacon).Style.Name), BeaconStyle, "make it a part of a compound beacon, or remove the style", "beacon %q is never stored and not a part of anything", b.Name)
		}
	}
}

// brokenCompound reports whether the parts of a compound beacon are not known.
func (s *scope) brokenCompound() bool {
	all, _ := directivesOf[*tag.Compound](s.raw)
	return slices.ContainsFunc(all, func(d *tag.Compound) bool { return d.Broken })
}

// tagged compares the beacons that the tags name with those that the directives
// make of the fields.
func (s *scope) tagged() {
	for _, a := range s.order {
		for _, w := range a.field.tag.Beacons {
			s.taggedWith(a, w)
		}
	}
	if s.broken {
		return
	}
	for _, b := range s.inOrder() {
		if b.Style != "partOnly" && !b.broken {
			s.untold(sources(b.values), b.Name, b.at.at(b.name))
		}
	}
	all, _ := directivesOf[*tag.Compound](s.raw)
	for _, d := range all {
		if c := s.compound[d.Name.Text]; c != nil && !c.broken && c.at.Directive == tag.Directive(d) {
			s.untold(sources(c.values), c.Name, c.at.at(c.name))
		}
	}
}

func (s *scope) taggedWith(a *attribute, w tag.Word) {
	var values []value
	var at place
	broken := false
	if c := s.compound[w.Text]; c != nil {
		values, at, broken = c.values, c.at.at(c.name), c.broken
	} else if b := s.standard[w.Text]; b != nil {
		values, at, broken = b.values, b.at.at(b.name), b.broken
	} else if !s.broken {
		known := slices.AppendSeq(slices.Collect(maps.Keys(s.standard)), maps.Keys(s.compound))
		fix := fmt.Sprintf("define it above the struct, with //ddbe:beacon %s length=BITS or //ddbe:compound", tag.Spell(w.Text))
		if near := tag.Nearest(w.Text, known); near != "" {
			fix = fmt.Sprintf("did you mean %q?", near)
		} else if s.virtual[w.Text] != nil {
			fix = fmt.Sprintf("it is a virtual field: add //ddbe:beacon %s length=BITS", tag.Spell(w.Text))
		}
		s.report(a.field.at(w.Span), BeaconUndefined, fix, "there is no beacon %q", w.Text)
		return
	}
	if !broken && !s.broken && !slices.Contains(sources(values), a) {
		s.report(a.field.at(w.Span), BeaconMismatch, "make the attribute a part of it, or remove the option", "beacon %q is not made of %s", w.Text, a.GoName).
			see(at, "beacon %q is here", w.Text)
	}
}

// untold reports the sources of a beacon whose tags do not name it. The beacon
// that has the name of its attribute needs no telling.
func (s *scope) untold(sources []*attribute, beacon string, at place) {
	for _, a := range sources {
		if a.Name == beacon || a.Action != tag.Encrypt && !a.signed() || slices.ContainsFunc(a.field.tag.Beacons, func(w tag.Word) bool { return w.Text == beacon }) {
			continue
		}
		corrected := a.field.tag
		corrected.Beacons = append(slices.Clone(corrected.Beacons), tag.Word{Text: beacon})
		s.report(a.field.at(a.field.tag.Span), BeaconMismatch, fmt.Sprintf("write `%s`", corrected), "beacon %q is made of %s, and the tag does not say so", beacon, a.GoName).
			see(at, "beacon %q is here", beacon)
	}
}
