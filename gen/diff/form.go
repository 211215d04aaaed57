package diff

import (
	"slices"
	"strconv"
	"strings"

	"github.com/ddbegen/ddbegen/gen/lock"
	"github.com/ddbegen/ddbegen/gen/tag"
)

// outcome is what becomes of values of one Go type that are read as another one,
// the best first.
type outcome int

const (
	kept    outcome = iota // all of them are read as they are
	rounded                // all are read, and some of them as others
	refused                // some are refused
)

// value is what one side knows of a value: what it is stored as, and the form of
// its Go type.
type value struct{ typ, form string }

// reads returns what becomes of values that were written as one and are read as
// another. It answers for what both types can be stored as; whether a kind of
// attribute value is read at all is asked elsewhere. It follows the decoders of
// runtime/codec.
func reads(now, was value) outcome {
	to, from := lock.Kind(now.form), lock.Kind(was.form)
	if to == "" || from == "" || to == from {
		return kept
	}
	switch {
	case to == "any" && isNumber(from) && was.typ == "N":
		return digits("float64", from) // it is read as one
	case isTime(to) && isTime(from):
		return kept
	case to == "time" && isNumber(from) && was.typ == "N":
		return digits(seconds, from)
	case isTime(to) && isNumber(from) && was.typ == "N":
		return digits("int64", from)
	case isTime(to):
		return refusedIf(isText(from) || isNumber(from) || isBytes(from))
	case isNumber(to) && isNumber(from):
		return digits(to, from)
	case isNumber(to):
		return refusedIf(isText(from))
	case to == "own":
		return refusedIf(slices.ContainsFunc(lock.Kinds(was.typ), func(k string) bool { return slices.Contains(lock.Kinds(now.typ), k) }))
	}
	container, in := brackets(to)
	stored, inStored := brackets(from)
	switch {
	case container == "map" && stored == "map":
		return keys(in, inStored)
	case in == "":
		return kept // it takes any length
	case container == "bytes":
		return refusedIf(isBytes(from) || from == "own")
	case container == "list" && stored == "list":
		most, _ := strconv.Atoi(in) // a form has digits there
		have, err := strconv.Atoi(inStored)
		return refusedIf(err != nil || have > most)
	}
	return kept
}

// keys returns what becomes of the keys of a map.
func keys(to, from string) outcome {
	switch {
	case to == from || to == "text":
		return kept
	case isNumber(to) && isNumber(from):
		return digits(to, from)
	default:
		return refused
	}
}

func refusedIf(is bool) outcome {
	if is {
		return refused
	}
	return kept
}

// brackets takes a form apart: what it is of, and what it says in brackets.
func brackets(kind string) (of, in string) {
	of, in, _ = strings.Cut(kind, "[")
	return of, strings.TrimSuffix(in, "]")
}

func isTime(kind string) bool { return kind == "time" || kind == "unixtime" }

func isText(kind string) bool { return kind == "text" || kind == "time" || kind == "own" }

func isBytes(kind string) bool { return strings.HasPrefix(kind, "bytes") }

func isNumber(kind string) bool {
	_, known := numbers[kind]
	return known || kind == "number"
}

// numbers are the types of numbers by the bits of the integers that they hold
// exactly, without a sign bit.
var numbers = map[string]struct {
	bits            int
	signed, decimal bool
}{
	"int8": {7, true, false}, "int16": {15, true, false}, "int32": {31, true, false}, "int64": {63, true, false},
	"uint8": {8, false, false}, "uint16": {16, false, false}, "uint32": {32, false, false}, "uint64": {64, false, false},
	"float32": {24, true, true}, "float64": {53, true, true},
	seconds: {38, true, false},
}

// seconds is a time: any integer is read as one, and those up to the year 9999 are
// written.
const seconds = "unixtime"

// digits returns what becomes of numbers.
func digits(to, from string) outcome {
	if to == from || to == "number" {
		return kept
	}
	is, was := numbers[to], numbers[from]
	exact := is.bits >= was.bits && (is.signed || !was.signed) && from != "number"
	switch {
	case is.decimal && exact:
		return kept
	case is.decimal:
		return rounded
	default:
		return refusedIf(!exact || was.decimal)
	}
}

// form compares the Go types of what lies at a path, as far as their forms tell.
func (c *comparison) form(kind, name, path string, was, now value) {
	change := Change{Kind: kind, Subject: name + path, Was: lock.Kind(was.form), Now: lock.Kind(now.form)}
	newer, older := reads(now, was), reads(was, now)
	switch {
	case change.Was == change.Now || change.Was == "" || change.Now == "":
		return
	case newer == refused:
		change.Class, change.Rollout = BreakRead, otherAttribute
		change.Reason = "a field of the new type does not take every value that may be stored"
	case newer == rounded:
		change.Class, change.Rollout = BreakRead, otherAttribute
		change.Reason = rounding
	case older != kept:
		change.Class = MixedFleet
		change.Reason = "the new version reads all values, and the older one refuses or rounds some that the new one may write"
		change.Rollout = []string{"Deploy the new version everywhere before it writes such values."}
	case was.typ != now.typ || !isNumber(change.Was):
		return // the types are compared elsewhere
	default:
		change.Class = Safe
		change.Reason = "both versions read both"
	}
	c.report(change)
}

// beneathAny reports numbers that lay in a list, a map or a struct and are now
// read as part of a value of any type.
func (c *comparison) beneathAny(kind, name string, was, now lock.Stored) {
	for _, path := range union(was.NestedForms, nil) {
		for outer := range forms(now) {
			rest, in := strings.CutPrefix(path, outer)
			if in && rest != "" && strings.ContainsRune(".[{", rune(rest[0])) && lock.Kind(now.FormAt(outer)) == "any" &&
				reads(value{lock.Any, "any"}, at(was, path)) == rounded {
				c.report(Change{
					Class: BreakRead, Kind: kind, Subject: name + path, Was: lock.Kind(was.NestedForms[path]), Now: "any",
					Reason: rounding, Rollout: otherAttribute,
				})
			}
		}
	}
}

// at returns what is known of what lies at a path.
func at(s lock.Stored, path string) value {
	typ := s.Nested[path]
	if path == "" {
		typ = s.Type
	}
	if outer, element := strings.CutSuffix(path, "[]"); element && typ == "" {
		set := s.Nested[outer]
		if outer == "" {
			set = s.Type
		}
		typ = strings.TrimSuffix(set, "S") // the element of a set
	}
	return value{typ, s.FormAt(path)}
}

func forms(s lock.Stored) map[string]bool {
	all := map[string]bool{"": true}
	for path := range s.NestedForms {
		all[path] = true
	}
	return all
}

const rounding = "values that are stored are rounded when they are read, and the next Update writes them so"

var otherAttribute = []string{
	"Leave the field as it is, and add one with another attribute name and the new type.",
	"Deploy a version that writes both, and Update every item.",
	"Deploy a version that reads the new one, then let the old one go.",
}

// empties compares how values without content are stored that a beacon is made of,
// and reports whether there was something to say: the worst. Such a value is found
// in the way in which the program would write it.
func (c *comparison) empties(beacon string, locations ...string) bool {
	var all []emptiness
	for _, l := range locations {
		all = append(all, c.emptyAt(l)...)
	}
	if len(all) == 0 {
		return false
	}
	_, compound := c.now.Compound[beacon]
	class := func(e emptiness) Class {
		lost := slices.DeleteFunc(slices.Clone(e.was), func(way string) bool { return slices.Contains(e.now, way) })
		switch {
		case len(lost) == 0:
			return MixedFleet
		case slices.Equal(lost, []string{lock.Absent}) && !compound:
			return PartialQuery
		default:
			return LostQuery
		}
	}
	worst := slices.MinFunc(all, func(a, b emptiness) int {
		return slices.Index(Classes(), class(a)) - slices.Index(Classes(), class(b))
	})
	was, now := worst.location+" "+strings.Join(worst.was, " or "), worst.location+" "+strings.Join(worst.now, " or ")
	switch class(worst) {
	case LostQuery:
		c.lost(beacon, was, now, "a value without content was stored otherwise, and stored beacons are of that")
	case PartialQuery:
		c.report(Change{
			Class: PartialQuery, Kind: "beacon", Subject: beacon, Was: was, Now: now,
			Reason:  "stored items without the value do not have the beacon until they are written again",
			Rollout: []string{"Read every item and Put it again before you query for an empty value."},
		})
	default:
		c.report(Change{
			Class: MixedFleet, Kind: "beacon", Subject: beacon, Was: was, Now: now,
			Reason:  "the older version does not find what the new one writes without content",
			Rollout: []string{"Deploy the new version everywhere before it writes such values; until then, queries of the older one for them are incomplete."},
		})
	}
	return true
}

// emptiness is how a value without content was stored and is now.
type emptiness struct {
	location string
	was, now []string
}

func (c *comparison) emptyAt(location string) (all []emptiness) {
	c.eachAt(location, func(location string, was, now lock.Stored, steps []tag.Step) {
		a, _ := pathOf(was, steps)
		b, _ := pathOf(now, steps)
		x, y := was.FormAt(a), now.FormAt(b)
		if x == "" || y == "" {
			return
		}
		if before, after := lock.Empty(x), lock.Empty(y); !slices.Equal(before, after) {
			all = append(all, emptiness{location, before, after})
		}
	})
	return all
}
