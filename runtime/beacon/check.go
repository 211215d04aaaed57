package beacon

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

// maxPartitions is what the clients of the format accept, though the
// specification says 255.
const maxPartitions = 254

// maxName is the length of an attribute name in bytes.
const maxName = 65535

// New checks a configuration against the table that it is for. An error joins
// all that is wrong, each a [*ConfigError] that wraps its [Rule]. The names of
// [Set.SignedBeacons] must become SignOnly attributes of the table; they must
// not be in scope yet.
func New(config Config, scope Scope) (*Set, error) {
	c := &checker{
		config:  config,
		scope:   scope,
		set:     &Set{byName: map[string]*Beacon{}, keyField: config.KeyField},
		virtual: map[string]*virtualField{},
	}
	c.checkPartitions()
	c.checkVirtualFields()
	c.checkStandardBeacons()
	c.checkShared()
	c.checkCompoundBeacons()
	c.checkPartOnly()
	c.checkKeyField()
	if len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	c.set.beacons = slices.SortedFunc(maps.Values(c.set.byName), func(a, b *Beacon) int {
		return cmp.Compare(a.name, b.name)
	})
	return c.set, nil
}

type checker struct {
	config            Config
	scope             Scope
	set               *Set
	virtual           map[string]*virtualField
	defaultPartitions int
	errs              []error
}

func (c *checker) fail(rule Rule, subject, detail string, names ...string) {
	c.errs = append(c.errs, &ConfigError{Rule: rule, Subject: subject, Detail: detail, Names: names})
}

func (c *checker) checkPartitions() {
	c.set.maxPartitions = max(c.config.MaxPartitions, 1)
	if n := c.config.MaxPartitions; n < 0 || n > maxPartitions {
		c.fail(ErrMaxPartitions, "configuration", fmt.Sprintf("MaxPartitions is %d", n))
	}
	c.defaultPartitions = c.set.maxPartitions
	if n := c.config.DefaultPartitions; n != 0 {
		c.defaultPartitions = n
		if n < 0 || n >= c.set.maxPartitions {
			c.fail(ErrDefaultPartitions, "configuration", fmt.Sprintf("DefaultPartitions is %d", n))
		}
	}
}

// name is a name to be checked.
type name struct {
	subject, name string
	stored        string // the attribute that it becomes; "" for none
	// What an attribute of the same name may do.
	allowed func(attribute.Action) bool
}

func (c *checker) checkName(n name) {
	if !utf8.ValidString(n.name) || len(n.stored) > maxName {
		c.fail(ErrName, n.subject, "", n.name)
	}
	if action, configured := c.scope.Actions[n.name]; configured && !n.allowed(action) {
		c.fail(ErrNameConfigured, n.subject, fmt.Sprintf("the attribute is %v", action), n.name)
	}
	if attribute.Reserved(n.name) {
		c.fail(ErrNameReserved, n.subject, "", n.name)
	}
	if slices.Contains(c.scope.AllowedUnsigned, n.name) {
		c.fail(ErrNameUnsigned, n.subject, "", n.name)
	}
	if prefix := c.scope.AllowedUnsignedPrefix; prefix != "" && strings.HasPrefix(n.name, prefix) {
		c.fail(ErrNameUnsigned, n.subject, fmt.Sprintf("it begins with %q", prefix), n.name)
	}
}

func never(attribute.Action) bool              { return false }
func ifEncrypted(action attribute.Action) bool { return action == attribute.EncryptAndSign }

func (c *checker) location(subject, name, text string) (attribute.Location, bool) {
	loc, err := attribute.ParseLocation(text)
	if err != nil {
		c.fail(ErrLocation, subject, err.Error(), name)
	}
	return loc, err == nil
}

func (c *checker) checkVirtualFields() {
	for _, f := range c.config.Virtual {
		subject := fmt.Sprintf("virtual field %q", f.Name)
		if c.virtual[f.Name] != nil {
			c.fail(ErrDuplicateName, subject, "", f.Name)
			continue
		}
		c.checkName(name{subject: subject, name: f.Name, allowed: never})
		if f.Name == "" {
			c.fail(ErrName, subject, "", f.Name)
		}
		if len(f.Parts) == 0 {
			c.fail(ErrVirtualEmpty, subject, "", f.Name)
		}
		field := &virtualField{name: f.Name}
		for _, p := range f.Parts {
			field.parts = append(field.parts, c.virtualPart(subject, f.Name, p))
		}
		locs := field.locations()
		for _, other := range c.set.virtual {
			if sameLocations(locs, other.locations()) {
				c.fail(ErrVirtualDuplicate, subject, fmt.Sprintf("its locations are those of %q", other.name), f.Name, other.name)
			}
		}
		c.virtual[f.Name] = field
		c.set.virtual = append(c.set.virtual, field)
	}
}

func (c *checker) virtualPart(subject, field string, p VirtualPart) virtualPart {
	for i, t := range p.Transforms {
		if t == nil {
			c.fail(ErrTransform, subject, fmt.Sprintf("transform %d is nil", i+1), field)
		} else if wrong := t.check(); wrong != "" {
			c.fail(ErrTransform, subject, fmt.Sprintf("%v: %s", t, wrong), field)
		}
	}
	loc, ok := c.location(subject, field, p.Location)
	if ok && !c.scope.Actions[loc.Attribute].Signed() {
		c.fail(ErrVirtualUnsigned, subject, fmt.Sprintf("%q is neither", loc.Attribute), field, loc.Attribute)
	}
	return virtualPart{loc, slices.Clone(p.Transforms)}
}

func (c *checker) checkStandardBeacons() {
	if len(c.config.Standard) == 0 {
		c.fail(ErrNoStandardBeacon, "configuration", "")
	}
	for _, s := range c.config.Standard {
		subject := fmt.Sprintf("standard beacon %q", s.Name)
		if c.set.byName[s.Name] != nil {
			c.fail(ErrDuplicateName, subject, "", s.Name)
			continue
		}
		b := &Beacon{
			set:        c.set,
			name:       s.Name,
			attribute:  attribute.BeaconPrefix + s.Name,
			index:      len(c.set.standard),
			bits:       s.Length,
			partitions: cmp.Or(s.Partitions, c.defaultPartitions),
			partOnly:   s.Style.partOnly,
			asSet:      s.Style.asSet,
		}
		c.checkName(name{subject: subject, name: b.name, stored: b.attribute, allowed: ifEncrypted})
		if b.bits < 1 || b.bits > 63 {
			c.fail(ErrLength, subject, fmt.Sprintf("Length is %d", b.bits), b.name)
		}
		if s.Partitions < 0 || s.Partitions > 0 && s.Partitions >= c.set.maxPartitions {
			c.fail(ErrPartitions, subject, fmt.Sprintf("Partitions is %d", s.Partitions), b.name)
		}
		if loc, ok := c.location(subject, s.Name, cmp.Or(s.Location, s.Name)); ok {
			b.source = c.standardSource(subject, b, loc)
		}
		c.set.byName[b.name] = b
		c.set.standard = append(c.set.standard, b)
	}
}

func (c *checker) standardSource(subject string, b *Beacon, loc attribute.Location) source {
	src := source{loc: loc, virtual: c.virtual[loc.Attribute]}
	encrypted := func(loc attribute.Location) bool {
		return c.scope.Actions[loc.Attribute] == attribute.EncryptAndSign
	}
	switch {
	case src.virtual == nil && !encrypted(loc):
		c.fail(ErrNotEncrypted, subject, fmt.Sprintf("%q is not encrypted", loc.Attribute), b.name, loc.Attribute)
	case src.virtual != nil && len(loc.Steps) > 0:
		c.fail(ErrBelowVirtual, subject, fmt.Sprintf("%q is a virtual field", loc.Attribute), b.name, loc.Attribute)
	case src.virtual != nil && b.asSet:
		c.fail(ErrSetOfVirtual, subject, fmt.Sprintf("%q is a virtual field", loc.Attribute), b.name, loc.Attribute)
	case src.virtual != nil && !slices.ContainsFunc(src.virtual.locations(), encrypted):
		c.fail(ErrNotEncrypted, subject, fmt.Sprintf("nothing of %q is encrypted", loc.Attribute), b.name, loc.Attribute)
	}
	for _, other := range c.set.standard {
		if other.source.loc.Equal(loc) {
			c.fail(ErrLocationTaken, subject, fmt.Sprintf("%q is on %q too", other.name, loc), b.name, other.name)
		}
	}
	for _, f := range c.set.virtual {
		if locs := f.locations(); len(locs) == 1 && locs[0].Equal(loc) {
			c.fail(ErrLocationOfVirtual, subject, fmt.Sprintf("virtual field %q is made of %q alone", f.name, loc), b.name, f.name)
		}
	}
	return src
}

// checkShared comes after all standard beacons: one may be shared with a later.
func (c *checker) checkShared() {
	for _, s := range c.config.Standard {
		if !s.Style.isShared {
			continue
		}
		target := s.Style.shared
		subject := fmt.Sprintf("standard beacon %q", s.Name)
		b, other := c.set.byName[s.Name], c.set.byName[target]
		detail := fmt.Sprintf("it is shared with %q", target)
		switch {
		case other == nil:
			c.fail(ErrSharedUnknown, subject, detail, s.Name, target)
		case other == b:
			c.fail(ErrSharedSelf, subject, "", s.Name)
		case c.style(target).isShared:
			c.fail(ErrSharedChain, subject, fmt.Sprintf("%s, and that with %q", detail, c.style(target).shared), s.Name, target)
		case other.bits != b.bits:
			c.fail(ErrSharedLength, subject, fmt.Sprintf("%s: %d and %d bits", detail, b.bits, other.bits), s.Name, target)
		default:
			b.shared = other
		}
	}
}

func (c *checker) style(name string) Style {
	i := slices.IndexFunc(c.config.Standard, func(s Standard) bool { return s.Name == name })
	return c.config.Standard[i].Style
}

func (c *checker) checkPartOnly() {
	for _, b := range c.set.standard {
		used := func(other *Beacon) bool {
			return other.compound != nil && slices.ContainsFunc(other.compound.parts, func(p *part) bool { return p.standard == b })
		}
		if b.partOnly && !slices.ContainsFunc(slices.Collect(maps.Values(c.set.byName)), used) {
			c.fail(ErrPartOnlyUnused, fmt.Sprintf("standard beacon %q", b.name), "", b.name)
		}
	}
}

func (c *checker) checkKeyField() {
	field := c.config.KeyField
	if field == "" {
		return
	}
	subject := fmt.Sprintf("key field %q", field)
	action := c.scope.Actions[field]
	if action == attribute.EncryptAndSign {
		c.fail(ErrKeyFieldEncrypted, subject, "", field)
	}
	if c.set.byName[field] != nil {
		c.fail(ErrKeyFieldBeacon, subject, "", field)
	}
	if c.virtual[field] != nil {
		c.fail(ErrKeyFieldVirtual, subject, "", field)
	}
	if attribute.Reserved(field) {
		c.fail(ErrNameReserved, subject, "", field)
	}
	c.set.removeKey = !action.Signed()
}

func containsLocation(locs []attribute.Location, loc attribute.Location) bool {
	return slices.ContainsFunc(locs, loc.Equal)
}

// sameLocations compares two lists without repetitions.
func sameLocations(a, b []attribute.Location) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(loc attribute.Location) bool { return !containsLocation(b, loc) })
}
