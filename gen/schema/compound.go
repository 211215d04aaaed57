package schema

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ddbegen/ddbegen/gen/tag"
)

// part is a part of compound beacons, with where it was written.
type part struct {
	name, prefix string
	encrypted    bool
	values       []value
	at           rawDirective
	word         tag.Part
}

// globalParts reads //ddbe:parts.
func (s *scope) globalParts(search *Search) {
	d, at, ok := single[*tag.Parts](s)
	if !ok || d.Broken {
		s.broken = s.broken || ok
		return
	}
	search.EncryptedParts, search.SignedParts = s.encryptedParts(at, d.Encrypted), s.signedParts(at, d.Signed)
	s.distinct(s.parts(at, d.Encrypted, d.Signed), nil)
}

// compounds reads //ddbe:compound and //ddbe:constructor.
func (s *scope) compounds(search *Search) {
	constructors, constructorPlaces := directivesOf[*tag.Constructor](s.raw)
	all, places := directivesOf[*tag.Compound](s.raw)
	for i, d := range all {
		at := places[i]
		if !d.Name.Written() {
			s.broken = true
			continue
		}
		if s.beaconTwice(d.Name, at) {
			continue
		}
		c := &compound{CompoundBeacon: &CompoundBeacon{Name: d.Name.Text}, at: at, name: d.Name, broken: d.Broken}
		s.compound[c.Name] = c
		if d.Broken {
			continue
		}
		search.Compound = append(search.Compound, c.CompoundBeacon)
		c.Encrypted, c.Signed = s.encryptedParts(at, d.Encrypted), s.signedParts(at, d.Signed)
		var global []part
		if parts, places := directivesOf[*tag.Parts](s.raw); len(parts) > 0 && !parts[0].Broken {
			global = s.parts(places[0], parts[0].Encrypted, parts[0].Signed)
		}
		local := s.parts(at, d.Encrypted, d.Signed)
		s.distinct(local, global)
		used := local
		built := 0
		for j, k := range constructors {
			if k.Compound.Text == c.Name {
				used = append(used, s.constructor(c, k, constructorPlaces[j], used, global)...)
				built++
			}
		}
		if built == 0 {
			s.defaultConstructor(c, local)
		}
		s.nullParts(c, used)
		c.signed = !slices.ContainsFunc(used, func(p part) bool { return p.encrypted })
		s.split(c, d, used)
		for _, p := range used {
			s.used[p.name] = s.used[p.name] || p.encrypted
		}
		s.compoundName(c)
	}
	for j, k := range constructors {
		if s.compound[k.Compound.Text] == nil && !k.Broken && !s.broken {
			s.report(constructorPlaces[j].at(k.Compound), Constructor, s.hint(k.Compound.Text, slices.Collect(maps.Keys(s.compound)), anyName), "there is no compound beacon %q", k.Compound.Text)
		}
	}
}

func (s *scope) beaconTwice(name tag.Word, at rawDirective) bool {
	var earlier place
	if b := s.standard[name.Text]; b != nil {
		earlier = b.at.at(b.name)
	} else if c := s.compound[name.Text]; c != nil {
		earlier = c.at.at(c.name)
	} else {
		return false
	}
	s.report(at.at(name), DuplicateBeacon, "choose another name", "there are two beacons %q", name.Text).see(earlier, "the first one is here")
	return true
}

func (s *scope) compoundName(c *compound) {
	at := c.at.at(c.name)
	stored := beaconPrefix + c.Name
	if c.signed {
		stored = c.Name
	}
	s.searchName(at, "beacon", c.Name, stored)
	c.broken = !s.tellable(at, c.Name) || c.broken
	if c.signed && strings.HasPrefix(c.Name, reservedContextPrefix) {
		s.report(at, ReservedName, "choose another name", "a signed beacon is an attribute, and attribute names that begin with %s belong to the encryption context", reservedContextPrefix)
	}
	if a := s.attributes[c.Name]; a != nil && c.signed {
		s.nameTaken(at, "a signed beacon", a)
	} else if a != nil && a.known() && a.Action != tag.Encrypt {
		s.nameTaken(at, "a compound beacon", a)
	}
}

func (s *scope) encryptedParts(at rawDirective, words []tag.Part) []EncryptedPart {
	var all []EncryptedPart
	for _, w := range words {
		p := EncryptedPart{Name: w.Name.Text, Prefix: w.Prefix.Text}
		b := s.standard[p.Name]
		switch {
		case w.Location.Written():
			s.report(at.at(w.Location), PartSource, "write the location in the //ddbe:beacon", "an encrypted part is a standard beacon, which has its own location")
		case b == nil && !s.broken:
			fix := s.hint(p.Name, slices.Collect(maps.Keys(s.standard)), func(name string) bool { return !s.standard[name].ofSet() })
			if a := s.attributes[p.Name]; a != nil && a.Action == tag.Encrypt {
				fix = fmt.Sprintf("add //ddbe:beacon %s length=BITS", tag.Spell(p.Name))
			} else if a != nil {
				fix = fmt.Sprintf("write signed=%s:%s", tag.Spell(p.Name), tag.Spell(p.Prefix))
			}
			s.report(at.at(w.Name), PartSource, fix, "there is no standard beacon %q", p.Name)
		case b == nil || b.broken:
		case b.ofSet():
			s.report(at.at(w.Name), PartSource, "name a beacon of another style", "beacon %q is one of a set, which has no single value", p.Name).see(b.at.at(b.name), "it is here")
		case b.on != nil:
			s.scalar(at.at(w.Name), PartSource, p.Name, resolved{b.values[0].attribute, found{codec: b.on}})
		}
		if b != nil && !b.broken && b.Location == "" && s.virtual[b.Name] == nil && s.attributes[b.Name] != nil {
			p.Attribute = &s.attributes[b.Name].Attribute
		}
		all = append(all, p)
	}
	return all
}

func (s *scope) signedParts(at rawDirective, words []tag.Part) []SignedPart {
	var all []SignedPart
	for _, w := range words {
		p := SignedPart{Name: w.Name.Text, Prefix: w.Prefix.Text, Location: w.Location.Text}
		location := w.Location
		if !location.Written() {
			location = w.Name
		}
		if r, ok := s.resolve(at.at(location), PartSource, location.Text); ok {
			switch {
			case r.source.Action == tag.Encrypt:
				s.report(at.at(location), PartSource, fmt.Sprintf("write encrypted=%s:%s, with a //ddbe:beacon for it", tag.Spell(p.Name), tag.Spell(p.Prefix)), "attribute %q is encrypted, and a signed part would show it", r.source.Name).
					see(r.source.field.at(r.source.field.tag.ActionSpan), "its tag is here")
			case r.source.Action == tag.None:
				s.report(at.at(location), PartSource, "sign it", "attribute %q is not signed", r.source.Name).
					see(r.source.field.at(r.source.field.tag.ActionSpan), "its tag is here")
			}
			s.scalar(at.at(location), PartSource, location.Text, r)
			if p.Location == "" && r.source.Name == p.Name {
				p.Attribute = &r.source.Attribute
			}
		}
		all = append(all, p)
	}
	return all
}

// parts returns the parts of one directive with the attributes behind them, in
// the order in which a default constructor joins them.
func (s *scope) parts(at rawDirective, encrypted, signed []tag.Part) []part {
	var all []part
	for _, w := range signed {
		p := part{name: w.Name.Text, prefix: w.Prefix.Text, at: at, word: w}
		location := p.name
		if w.Location.Written() {
			location = w.Location.Text
		}
		if l, message := tag.ParseLocation(location); message == "" && s.attributes[l.Attribute] != nil {
			a := s.attributes[l.Attribute]
			f, _ := a.Codec.find(a.Options, l.Steps) // what is wrong was reported by signedParts
			p.values = []value{{a, f.path, f.null(), f.absent}}
		}
		all = append(all, p)
	}
	for _, w := range encrypted {
		p := part{name: w.Name.Text, prefix: w.Prefix.Text, encrypted: true, at: at, word: w}
		if b := s.standard[p.name]; b != nil {
			p.values = b.values
		}
		all = append(all, p)
	}
	return all
}

// distinct reports parts that could not be told from each other.
func (s *scope) distinct(parts, global []part) {
	for i, p := range parts {
		if p.prefix == "" || !utf8.ValidString(p.prefix) {
			s.report(p.at.at(p.word.Prefix), PartPrefix, "write at least one character", "a prefix is UTF-8 and not empty")
		}
		for _, o := range slices.Concat(global, parts[:i]) {
			if o.name == p.name {
				s.report(p.at.at(p.word.Name), PartName, "give it another name, or use the one that is there", "there are two parts %q", p.name).see(o.at.at(o.word.Name), "the other one is here")
			}
			if o.prefix == p.prefix {
				s.report(p.at.at(p.word.Prefix), PartPrefix, "choose another prefix", "parts %q and %q have the same prefix", o.name, p.name).see(o.at.at(o.word.Prefix), "the other one is here")
			}
		}
	}
}

// split checks the split character, and that no part is taken for another.
func (s *scope) split(c *compound, d *tag.Compound, used []part) {
	r, ok := oneUnit(d.Split.Text)
	if !ok {
		s.report(c.at.at(d.Split), Split, "choose one character that no value holds, of U+0001 to U+FFFF", "%q is not one character", d.Split.Text)
		return
	}
	c.Split = r
	for i, p := range used {
		if strings.ContainsRune(p.prefix, r) {
			s.report(p.at.at(p.word.Prefix), PartPrefix, "choose another prefix or another split character", "prefix %q holds the split character of beacon %q", p.prefix, c.Name).see(c.at.at(d.Split), "the split character is here")
		}
		for _, o := range used[:i] {
			if o.prefix != p.prefix && o.prefix != "" && p.prefix != "" && (strings.HasPrefix(o.prefix, p.prefix) || strings.HasPrefix(p.prefix, o.prefix)) {
				s.report(p.at.at(p.word.Prefix), PartPrefix, "choose prefixes of which none begins with another", "in beacon %q the prefixes %q and %q begin alike", c.Name, o.prefix, p.prefix).see(o.at.at(o.word.Prefix), "the other one is here")
			}
		}
	}
}

func (s *scope) defaultConstructor(c *compound, local []part) {
	if len(local) == 0 {
		s.report(c.at.line(), NoParts, fmt.Sprintf("add encrypted= or signed=, or a //ddbe:constructor %s", tag.Spell(c.Name)), "compound beacon %q has no parts", c.Name)
		c.broken = true
	}
	for _, p := range local {
		c.add(p)
	}
}

// add makes p a part of c.
func (c *compound) add(p part) {
	for _, v := range p.values {
		if !slices.ContainsFunc(c.values, v.equal) {
			c.values = append(c.values, v)
		}
	}
}

// constructor adds a constructor to c and returns the parts for all beacons that
// it is the first to use.
func (s *scope) constructor(c *compound, d *tag.Constructor, at rawDirective, used, global []part) (added []part) {
	if d.Broken {
		c.broken = true
		return nil
	}
	var parts []ConstructorPart
	required := 0
	for _, w := range d.Parts {
		usable := slices.Concat(used, global)
		i := slices.IndexFunc(usable, func(p part) bool { return p.name == w.Name.Text })
		if i < 0 {
			var names []string
			for _, p := range usable {
				names = append(names, p.name)
			}
			named := func(name string) bool {
				return slices.ContainsFunc(d.Parts, func(p tag.ConstructorPart) bool { return p.Name.Text == name })
			}
			s.report(at.at(w.Name), Constructor, s.hint(w.Name.Text, names, func(name string) bool { return !named(name) }), "beacon %q has no part %q", c.Name, w.Name.Text)
			c.broken = true
			continue
		}
		if slices.ContainsFunc(parts, func(p ConstructorPart) bool { return p.Name == w.Name.Text }) {
			s.report(at.at(w.Name), Constructor, "remove one", "part %q is named twice", w.Name.Text)
		}
		c.add(usable[i])
		if i >= len(used) {
			added = append(added, usable[i])
		}
		parts = append(parts, ConstructorPart{Name: w.Name.Text, Optional: w.Optional})
		if !w.Optional {
			required++
		}
	}
	if required == 0 && !c.broken {
		c.broken = true
		s.report(at.line(), Constructor, "leave the ? away from one of them", "a constructor has a part that must be there")
	}
	for _, earlier := range c.Constructors {
		if slices.Equal(requiredParts(earlier), requiredParts(parts)) {
			s.report(at.line(), Constructor, "remove one", "two constructors of beacon %q have the same required parts, so the second is never used", c.Name)
		}
	}
	c.Constructors = append(c.Constructors, parts)
	return added
}

func requiredParts(parts []ConstructorPart) []string {
	var names []string
	for _, p := range parts {
		if !p.Optional {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names
}
