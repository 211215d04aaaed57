package diff

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/ddbegen/ddbegen/gen/lock"
	"github.com/ddbegen/ddbegen/gen/tag"
)

// rebuild is how to change what stored beacons were computed with.
func rebuild(what string) []string {
	return []string{
		fmt.Sprintf("Leave %s as it is, and add one with another name beside it.", what),
		"Deploy that, and read and Put every item, so that it has both.",
		"Query the new one; then let the old one go.",
	}
}

func (c *comparison) search() {
	for _, name := range union(c.was.Virtual, c.now.Virtual) {
		c.virtual(name)
	}
	for _, name := range slices.Sorted(maps.Keys(c.beacons())) {
		c.beacon(name)
	}
	c.tenant()
	c.partitions()
}

// beacons returns the names of all beacons of both versions.
func (c *comparison) beacons() map[string]bool {
	all := map[string]bool{}
	for _, t := range []*lock.Table{c.was, c.now} {
		for name := range t.Standard {
			all[name] = true
		}
		for name := range t.Compound {
			all[name] = true
		}
	}
	return all
}

// virtual compares a virtual field that beacons are computed from.
func (c *comparison) virtual(name string) {
	was, now := c.was.Virtual[name], c.now.Virtual[name]
	var on []string
	for beacon, b := range c.was.Standard {
		if b.Location == name && c.now.Standard[beacon].Location == name {
			on = append(on, beacon)
		}
	}
	if was == nil || now == nil || slices.Equal(was, now) || len(on) == 0 {
		return // without beacons on it, nothing of it is stored
	}
	slices.Sort(on)
	c.report(Change{
		Class: LostQuery, Kind: "virtual", Subject: name, Was: strings.Join(was, " + "), Now: strings.Join(now, " + "),
		Reason:  fmt.Sprintf("stored beacons %s were computed from the old text", quoted(on)),
		Rollout: rebuild("the virtual field and its beacon"),
	})
}

func (c *comparison) beacon(name string) {
	oldStandard, wasStandard := c.was.Standard[name]
	newStandard, isStandard := c.now.Standard[name]
	oldCompound, wasCompound := c.was.Compound[name]
	newCompound, isCompound := c.now.Compound[name]
	switch {
	case wasStandard && isStandard:
		c.standard(name, oldStandard, newStandard)
	case wasCompound && isCompound:
		c.compound(name, oldCompound, newCompound)
	case wasStandard && isCompound:
		c.lost(name, "a standard beacon", "a compound beacon", "stored beacons hold something else")
	case wasCompound && isStandard:
		c.lost(name, "a compound beacon", "a standard beacon", "stored beacons hold something else")
		c.noLongerSigned(name, oldCompound)
	case isStandard && newStandard.Style == "partOnly" || wasStandard && oldStandard.Style == "partOnly":
		// It is not stored: the compound beacons that it is a part of have changed.
	case isStandard || isCompound:
		c.newBeacon(name)
	case wasCompound && oldCompound.Signed():
		c.goneSigned(name)
	default:
		c.goneBeacon(name)
	}
}

func (c *comparison) lost(name, was, now, reason string) {
	if c.was.Key(name) && c.now.Key(name) {
		c.report(Change{
			Class: BreakRead, Kind: "beacon", Subject: name, Was: was, Now: now,
			Reason:  "it is a primary key, and stored items lie under the old one, which is bound into them",
			Rollout: anotherTable,
		})
		return
	}
	c.report(Change{
		Class: LostQuery, Kind: "beacon", Subject: name, Was: was, Now: now,
		Reason: reason, Rollout: rebuild("the beacon"),
	})
}

func (c *comparison) newBeacon(name string) {
	c.report(Change{
		Class: PartialQuery, Kind: "beacon", Subject: name, Now: c.kind(c.now, name),
		Reason: "stored items do not have it until they are written again, and queries do not find them",
		Rollout: []string{
			"Deploy the new version everywhere, and do not query the beacon yet.",
			"Read every item and Put it again.",
			"Then query it.",
		},
	})
}

func (c *comparison) kind(t *lock.Table, name string) string {
	switch b, compound := t.Compound[name]; {
	case compound && b.Signed():
		return "a signed beacon"
	case compound:
		return "a compound beacon"
	}
	return "a standard beacon"
}

func (c *comparison) goneBeacon(name string) {
	c.report(Change{
		Class: MixedFleet, Kind: "beacon", Subject: name, Was: c.kind(c.was, name),
		Reason: "the older version queries it, and does not find what the new one writes without it",
		Rollout: []string{
			"Deploy a version that does not query the beacon any more.",
			"Then remove it. Stored items keep it until they are written again.",
		},
	})
}

// noLongerSigned reports a signed beacon in whose place there is another one.
func (c *comparison) noLongerSigned(name string, was lock.Compound) {
	if _, is := c.now.Attributes[name]; was.Signed() && !is {
		c.goneSigned(name)
	}
}

func (c *comparison) goneSigned(name string) {
	if _, is := c.now.Attributes[name]; is {
		c.goneBeacon(name)
		return
	}
	c.report(Change{
		Class: BreakRead, Kind: "beacon", Subject: name, Was: c.kind(c.was, name),
		Reason: "stored items keep it as a signed attribute: Get and Put do not mind, and Update refuses the item since it has no action",
		Rollout: []string{
			"Deploy a version that does not query the beacon any more.",
			"Then remove it, accept the change, and read and Put every item.",
		},
	})
}

// standard compares a standard beacon.
func (c *comparison) standard(name string, was, now lock.Standard) {
	var old, new []string
	differ := func(option string, a, b any) {
		if a != b {
			old, new = append(old, fmt.Sprintf("%s=%v", option, a)), append(new, fmt.Sprintf("%s=%v", option, b))
		}
	}
	differ("length", was.Length, now.Length)
	differ("loc", was.Location, now.Location)
	differ("set", set(was), set(now))
	differ("shared", cmp.Or(was.SharedWith, "no"), cmp.Or(now.SharedWith, "no"))
	if len(old) > 0 {
		reason := "stored beacons were computed otherwise"
		if parts := c.partOf(name); len(parts) > 0 {
			reason += ", also as a part of " + quoted(parts)
		}
		c.lost(name, strings.Join(old, " "), strings.Join(new, " "), reason)
		return
	}
	if locations := c.changedTypes(now.Location); len(locations) > 0 {
		c.lost(name, "of "+locations[0].was, "of "+locations[0].now, fmt.Sprintf("stored beacons were computed from the old type of %q", locations[0].location))
		return
	}
	if was.Style != "partOnly" && now.Style != "partOnly" && c.empties(name, now.Location) {
		return
	}
	switch {
	case was.Style == "partOnly" && now.Style != "partOnly":
		c.newBeacon(name)
	case was.Style != "partOnly" && now.Style == "partOnly":
		c.goneBeacon(name)
	}
}

func set(b lock.Standard) string {
	if b.Style == "asSet" || b.Style == "sharedSet" {
		return "yes"
	}
	return "no"
}

// partOf returns the compound beacons that both versions make of a standard one.
func (c *comparison) partOf(name string) (all []string) {
	for compound, b := range c.was.Compound {
		uses := func(parts []lock.Part) bool {
			return slices.ContainsFunc(parts, func(p lock.Part) bool { return p.Beacon == name })
		}
		if slices.ContainsFunc(b.Constructors, uses) && slices.ContainsFunc(c.now.Compound[compound].Constructors, uses) {
			all = append(all, compound)
		}
	}
	slices.Sort(all)
	return all
}

// compound compares a compound beacon or a signed one.
func (c *comparison) compound(name string, was, now lock.Compound) {
	switch {
	case was.Signed() != now.Signed():
		c.lost(name, c.kind(c.was, name), c.kind(c.now, name), "the beacon is stored in another attribute")
		c.noLongerSigned(name, was)
	case extends(was, now) && len(now.Constructors) > len(was.Constructors):
		c.report(Change{
			Class: PartialQuery, Kind: "beacon", Subject: name, Was: ways(was), Now: ways(now),
			Reason: "stored items that only the new constructors fit do not have the beacon until they are written again",
			Rollout: []string{
				"Deploy the new version everywhere, and do not query by the new constructors yet.",
				"Read every item and Put it again.",
				"Then query by them.",
			},
		})
	case !reflect.DeepEqual(was, now) && !c.reordered(was, now):
		c.lost(name, ways(was), ways(now), "stored beacons were put together otherwise")
	default:
		var locations []string
		for _, parts := range now.Constructors {
			for _, p := range parts {
				if changed := c.changedTypes(p.Text); len(changed) > 0 {
					c.lost(name, "of "+changed[0].was, "of "+changed[0].now, fmt.Sprintf("stored beacons hold the old type of %q", changed[0].location))
					return
				}
				locations = append(locations, cmp.Or(p.Text, c.now.Standard[p.Beacon].Location))
			}
		}
		c.empties(name, locations...)
	}
}

// extends reports whether a compound beacon is put together as it was, or in
// more ways after the old ones.
func extends(was, now lock.Compound) bool {
	n := len(was.Constructors)
	return was.Split == now.Split && n <= len(now.Constructors) && reflect.DeepEqual(was.Constructors, now.Constructors[:n])
}

// ways writes how a compound beacon is put together.
func ways(b lock.Compound) string {
	var all []string
	for _, parts := range b.Constructors {
		var way []string
		for _, p := range parts {
			text := p.Beacon + p.Text + ":" + p.Prefix
			if p.Optional {
				text += "?"
			}
			way = append(way, text)
		}
		all = append(all, strings.Join(way, " + "))
	}
	return fmt.Sprintf("split=%s %s", b.Split, strings.Join(all, " or "))
}

// changedType is a value that is stored as another type than it was.
type changedType struct{ location, was, now string }

// changedTypes returns the values at a location, which may be a virtual field,
// whose types have changed.
func (c *comparison) changedTypes(location string) (all []changedType) {
	c.eachAt(location, func(location string, was, now lock.Stored, steps []tag.Step) {
		if a, b := typeAt(was, steps), typeAt(now, steps); a != b {
			all = append(all, changedType{location, a, b})
		}
	})
	return all
}

// eachAt calls visit with what every struct that both versions have stores in the
// attributes at a location, which may be a virtual field.
func (c *comparison) eachAt(location string, visit func(location string, was, now lock.Stored, steps []tag.Step)) {
	if parts := c.now.Virtual[location]; parts != nil {
		for _, p := range parts {
			c.eachAt(lock.Source(p), visit)
		}
		return
	}
	l, problem := tag.ParseLocation(location)
	if problem != "" {
		return
	}
	was, had := c.was.Attributes[l.Attribute]
	now, has := c.now.Attributes[l.Attribute]
	if !had || !has {
		return // attributes that come and go are reported as such
	}
	pairs := []field{{was: was.Stored, now: now.Stored, had: true, has: true}}
	if fields := c.fields(l.Attribute); len(fields) > 0 {
		pairs = fields
	}
	for _, p := range pairs {
		if p.had && p.has {
			visit(location, p.was, p.now, l.Steps)
		}
	}
}

// pathOf returns the path of what lies at the end of steps, or of the value of any
// type around it, and its type.
func pathOf(a lock.Stored, steps []tag.Step) (path, typ string) {
	typ = a.Type
	for _, s := range steps {
		next := path + "." + s.Key
		if _, ok := a.Nested[next]; !ok || s.List {
			next = path + "{}"
		}
		if s.List {
			next = path + "[]"
		}
		if _, ok := a.Nested[next]; !ok {
			break // inside a value of any type
		}
		path, typ = next, a.Nested[next]
	}
	return path, typ
}

// typeAt writes the type of what lies at the end of steps, with all that lies in
// it: a beacon on a map or a list is computed from the whole.
func typeAt(a lock.Stored, steps []tag.Step) string {
	path, at := pathOf(a, steps)
	if at == lock.Any {
		return at
	}
	for _, p := range slices.Sorted(maps.Keys(a.Nested)) {
		if rest, ok := strings.CutPrefix(p, path); ok && rest != "" && strings.ContainsRune(".[{", rune(rest[0])) {
			at += " " + rest + ":" + a.Nested[p]
		}
	}
	return at
}

func (c *comparison) tenant() {
	if c.was.Tenant == c.now.Tenant || len(c.was.Standard) == 0 || len(c.now.Standard) == 0 {
		return
	}
	change := Change{
		Class: LostQuery, Kind: "tenant", Was: cmp.Or(c.was.Tenant, "nobody"), Now: cmp.Or(c.now.Tenant, "nobody"),
		Reason:  "stored beacons were computed with other beacon keys",
		Rollout: anotherTable,
	}
	c.report(change)
}

func quoted(names []string) string {
	var all []string
	for _, n := range names {
		all = append(all, fmt.Sprintf("%q", n))
	}
	return strings.Join(all, " and ")
}
