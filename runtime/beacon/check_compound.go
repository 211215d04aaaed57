package beacon

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// partList are the parts that are for one beacon, or for all.
type partList struct{ signed, encrypted []*part }

func (l partList) all() []*part { return slices.Concat(l.signed, l.encrypted) }

func (l partList) find(name string) *part {
	for _, p := range l.all() {
		if p.name == name {
			return p
		}
	}
	return nil
}

func (c *checker) checkCompoundBeacons() {
	global := c.partList("the parts for all beacons", "", c.config.SignedParts, c.config.EncryptedParts)
	for _, config := range c.config.Compound {
		subject := fmt.Sprintf("compound beacon %q", config.Name)
		if c.set.byName[config.Name] != nil {
			c.fail(ErrDuplicateName, subject, "", config.Name)
			continue
		}
		if wrong := checkSplit(config.Split); wrong != "" {
			c.fail(ErrSplit, subject, wrong, config.Name)
		}
		local := c.partList(subject, config.Name, config.Signed, config.Encrypted)
		for _, p := range local.all() {
			for _, g := range global.all() {
				if p.name == g.name || p.prefix == g.prefix {
					c.fail(ErrGlobalPart, subject, fmt.Sprintf("%q with prefix %q and %q with prefix %q", p.name, p.prefix, g.name, g.prefix), config.Name, p.name, g.name)
				}
			}
		}
		compound := &compound{split: string(config.Split)}
		compound.parts = usedParts(local, global, config.Constructors)
		compound.constructors = c.constructors(subject, config, compound.parts)
		c.checkPrefixes(subject, config.Name, compound)

		b := &Beacon{set: c.set, name: config.Name, attribute: config.Name, compound: compound, partitions: 1}
		allowed := never
		if compound.encrypted() {
			b.attribute = attribute.BeaconPrefix + b.name
			allowed = ifEncrypted
		}
		c.checkName(name{subject: subject, name: b.name, stored: b.attribute, allowed: allowed})
		if b.attribute == "" {
			c.fail(ErrName, subject, "", b.name)
		}
		c.set.byName[b.name] = b
	}
}

func (c *checker) partList(subject, beacon string, signed []SignedPart, encrypted []EncryptedPart) partList {
	var list partList
	for _, s := range signed {
		p := &part{name: s.Name, prefix: s.Prefix, signed: source{loc: attribute.Location{Attribute: s.Name}}}
		ok := true
		if s.Location != "" {
			p.signed.loc, ok = c.location(subject, beacon, s.Location)
		}
		action := c.scope.Actions[p.signed.loc.Attribute]
		if ok && action != attribute.SignOnly && action != attribute.SignAndIncludeInEncryptionContext {
			c.fail(ErrSignedPart, subject, fmt.Sprintf("part %q is on %q, which is not", p.name, p.signed.loc.Attribute), beacon, p.name, p.signed.loc.Attribute)
		}
		list.signed = append(list.signed, p)
	}
	for _, e := range encrypted {
		p := &part{name: e.Name, prefix: e.Prefix, standard: c.set.byName[e.Name]}
		switch {
		case p.standard == nil || p.standard.compound != nil:
			c.fail(ErrEncryptedPart, subject, fmt.Sprintf("%q is not one", p.name), beacon, p.name)
			continue
		case p.standard.asSet:
			c.fail(ErrEncryptedSet, subject, fmt.Sprintf("%q is such a beacon", p.name), beacon, p.name)
		}
		list.encrypted = append(list.encrypted, p)
	}
	all := list.all()
	for i, p := range all {
		if p.prefix == "" || !utf8.ValidString(p.prefix) {
			c.fail(ErrPrefix, subject, fmt.Sprintf("the prefix of part %q is %q", p.name, p.prefix), beacon, p.name)
		}
		for _, q := range all[:i] {
			if p.name == q.name {
				c.fail(ErrDuplicatePart, subject, fmt.Sprintf("%q is given twice", p.name), beacon, p.name)
			} else if p.prefix == q.prefix {
				c.fail(ErrDuplicatePrefix, subject, fmt.Sprintf("%q is the prefix of %q and %q", p.prefix, q.name, p.name), beacon, p.name, q.name)
			}
		}
	}
	return list
}

// usedParts are the beacon's own parts and those for all that its constructors
// name, the signed ones first.
func usedParts(local, global partList, constructors []Constructor) []*part {
	used := partList{slices.Clone(local.signed), slices.Clone(local.encrypted)}
	for _, name := range slices.Concat(constructors...) {
		p := global.find(name.Name)
		switch {
		case p == nil || used.find(p.name) != nil:
		case p.standard == nil:
			used.signed = append(used.signed, p)
		default:
			used.encrypted = append(used.encrypted, p)
		}
	}
	return used.all()
}

func (c *checker) constructors(subject string, config Compound, parts []*part) []constructor {
	if len(config.Constructors) == 0 {
		if len(config.Signed)+len(config.Encrypted) == 0 {
			c.fail(ErrNoParts, subject, "", config.Name)
		}
		all := make(constructor, len(parts))
		for i, p := range parts {
			all[i] = constructorPart{p, true}
		}
		return []constructor{all}
	}
	var made []constructor
	var sets []string // of required parts, each sorted and quoted
	for i, names := range config.Constructors {
		subject := fmt.Sprintf("constructor %d of %s", i+1, subject)
		if len(names) == 0 {
			c.fail(ErrConstructorEmpty, subject, "", config.Name)
			continue
		}
		var k constructor
		var required []string
		for _, named := range names {
			at := slices.IndexFunc(parts, func(p *part) bool { return p.name == named.Name })
			if at < 0 {
				c.fail(ErrConstructorPart, subject, fmt.Sprintf("there is no part %q", named.Name), config.Name, named.Name)
				continue
			}
			k = append(k, constructorPart{parts[at], named.Required})
			if named.Required {
				required = append(required, fmt.Sprintf("%q", named.Name))
			}
		}
		if !slices.ContainsFunc(names, func(p ConstructorPart) bool { return p.Required }) {
			c.fail(ErrConstructorOptional, subject, "", config.Name)
			continue
		}
		slices.Sort(required)
		set := strings.Join(slices.Compact(required), ", ")
		if slices.Contains(sets, set) {
			c.fail(ErrConstructorDuplicate, subject, "an earlier one requires "+set+" too", config.Name)
		}
		sets = append(sets, set)
		made = append(made, k)
	}
	return made
}

func (c *checker) checkPrefixes(subject, beacon string, k *compound) {
	for i, p := range k.parts {
		if strings.Contains(p.prefix, k.split) {
			c.fail(ErrPrefixSplit, subject, fmt.Sprintf("the prefix of part %q is %q", p.name, p.prefix), beacon, p.name)
		}
		for _, q := range k.parts[:i] {
			if p.prefix != q.prefix && (strings.HasPrefix(p.prefix, q.prefix) || strings.HasPrefix(q.prefix, p.prefix)) {
				c.fail(ErrAmbiguousPrefix, subject, fmt.Sprintf("%q of part %q and %q of part %q", q.prefix, q.name, p.prefix, p.name), beacon, q.name, p.name)
			}
		}
	}
}
