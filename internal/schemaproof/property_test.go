package schemaproof_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/ddbegen/ddbegen/gen/diff"
)

// drawn is a schema that was drawn, in short.
type drawn struct {
	fields    map[string][2]string // name → type and action
	max       int
	lengths   map[string]int    // of beacons, by the attribute that they are on
	counts    map[string]int    // partitions of beacons
	compound  []string          // attributes in it, in order
	prefixes  map[string]string // of its parts
	unsigned  bool
	fast      bool
	onVirtual string
}

var attributes = []string{"A", "B", "C", "D"}

func draw(t *rapid.T) drawn {
	d := drawn{fields: map[string][2]string{}, lengths: map[string]int{}, counts: map[string]int{}, prefixes: map[string]string{}}
	for _, name := range attributes {
		action := rapid.SampledFrom([]string{"", "sign", "none", "encrypt,sign", "encrypt,sign", "encrypt,sign"}).Draw(t, name)
		if action == "" {
			continue
		}
		d.fields[name] = [2]string{rapid.SampledFrom([]string{"string", "string", "int"}).Draw(t, "type of "+name), action}
		if action == "encrypt,sign" && rapid.Bool().Draw(t, "beacon on "+name) {
			d.lengths[name] = rapid.SampledFrom([]int{24, 28}).Draw(t, "length")
			d.counts[name] = rapid.SampledFrom([]int{0, 0, 2, 3}).Draw(t, "partitions of "+name)
		}
	}
	d.max = rapid.SampledFrom([]int{0, 0, 4, 6}).Draw(t, "max")
	for _, name := range rapid.Permutation(attributes).Draw(t, "order") {
		if d.lengths[name] > 0 && rapid.Bool().Draw(t, "part "+name) {
			d.compound = append(d.compound, name)
			d.prefixes[name] = name + rapid.SampledFrom([]string{"-", "="}).Draw(t, "prefix")
		}
	}
	if d.lengths["A"] > 0 && d.lengths["B"] > 0 {
		d.onVirtual = rapid.SampledFrom([]string{"", "A + B", "suffix(A,4) + B"}).Draw(t, "virtual")
	}
	d.unsigned = rapid.Bool().Draw(t, "unsigned")
	d.fast = rapid.IntRange(0, 4).Draw(t, "suite") > 0
	return d
}

// change draws a schema that differs from d in few things.
func (d drawn) change(t *rapid.T) drawn {
	other := draw(t)
	for _, name := range attributes {
		if rapid.IntRange(0, 3).Draw(t, "change of "+name) == 0 {
			continue
		}
		delete(other.fields, name)
		delete(other.lengths, name)
		if f, ok := d.fields[name]; ok {
			other.fields[name] = f
		}
		if n, ok := d.lengths[name]; ok {
			other.lengths[name], other.counts[name] = n, d.counts[name]
		}
	}
	if rapid.Bool().Draw(t, "the same compound") {
		other.compound, other.prefixes = d.compound, d.prefixes
	}
	if rapid.Bool().Draw(t, "the same numbers") {
		other.max, other.onVirtual, other.unsigned = d.max, d.onVirtual, d.unsigned
	}
	return other
}

func (d drawn) source() string {
	var lines []string
	tags := map[string]string{}
	add := func(format string, args ...any) { lines = append(lines, fmt.Sprintf(format, args...)) }
	if !d.fast {
		add("table Test")
	}
	if d.unsigned && d.fields["D"] == [2]string{} {
		add("unsigned D")
	}
	if d.max > 0 && len(d.lengths) > 0 {
		add("partitions max=%d", d.max)
	}
	for _, name := range attributes {
		if d.lengths[name] == 0 {
			continue
		}
		partitions := ""
		if d.max > 0 && d.counts[name] > 0 {
			partitions = fmt.Sprintf(" partitions=%d", d.counts[name])
		}
		add("beacon %s length=%d%s", name, d.lengths[name], partitions)
		add("index %s-index partition=%s", strings.ToLower(name), name)
	}
	compound := slices.DeleteFunc(slices.Clone(d.compound), func(name string) bool { return d.lengths[name] == 0 })
	if len(compound) > 0 {
		var parts []string
		for _, name := range compound {
			parts = append(parts, name+`:"`+d.prefixes[name]+`"`)
			tags[name] += ",beacon=X"
		}
		add("compound X split=. encrypted=%s", strings.Join(parts, ","))
		add("index x-index partition=X")
	}
	if d.onVirtual != "" && d.lengths["A"] > 0 && d.lengths["B"] > 0 {
		add("virtual V = %s", d.onVirtual)
		add("beacon V length=24")
		add("index v-index partition=V")
		tags["A"] += ",beacon=V"
		tags["B"] += ",beacon=V"
	}
	for _, name := range attributes {
		if f, ok := d.fields[name]; ok {
			add("%s %s %s%s", name, f[0], f[1], tags[name])
		}
	}
	return source(strings.Join(lines, "\n"))
}

// TestNothingIsOverlooked draws pairs of schemas, and holds that whatever goes
// wrong between items of the one and a program of the other was reported, by its
// class.
func TestNothingIsOverlooked(t *testing.T) {
	seen := map[diff.Class]int{}
	rapid.Check(t, func(rt *rapid.T) {
		first := draw(rt)
		was, now := first.source(), first.change(rt).source()
		all := compare(t, was, now)
		f := measure(t, was, now)
		for _, c := range f.classes() {
			seen[c]++
		}
		if _, missing := unproved(f, all); len(missing) > 0 {
			rt.Fatalf("%v proved, and not reported: %+v\nreported %v\nof the change from\n%s\nto\n%s", missing, f, names(all), was, now)
		}
	})
	for _, c := range diff.Classes() {
		if c != diff.Safe && seen[c] == 0 {
			t.Errorf("nothing that was drawn is a %s", c)
		}
	}
}
