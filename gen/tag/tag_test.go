package tag

import (
	"fmt"
	"strings"
	"testing"
)

// TestParseReadsWhatItPrints goes through every tag there is, but for the names
// of beacons.
func TestParseReadsWhatItPrints(t *testing.T) {
	roles := map[string]Role{"": NoRole, "partition,": Partition, "sort,": Sort}
	beacons := map[string][]string{"": nil, ",beacon=a": {"a"}, ",beacon=b-c,beacon=a": {"b-c", "a"}}
	accepted := 0
	for role, wantRole := range roles {
		for action, wantAction := range spellings {
			for suffix, wantBeacons := range beacons {
				text := role + action + suffix
				tag, problems := Parse(Plain(text, 100))
				unsigned := wantAction == None || wantAction == Skip || wantAction == Rest
				refused := unsigned && suffix != "" || wantRole != NoRole && (wantAction == Skip || wantAction == Rest)
				if refused != (len(problems) > 0) {
					t.Errorf("%q: problems %v, want some: %t", text, problems, refused)
				}
				if refused {
					continue
				}
				accepted++
				if tag.Role != wantRole || tag.Action != wantAction {
					t.Errorf("%q: role %v, action %v", text, tag.Role, tag.Action)
				}
				for i, w := range tag.Beacons {
					if w.Text != wantBeacons[i] || text[w.Span.Start-100:w.Span.End-100] != w.Text {
						t.Errorf("%q: beacon %d is %+v", text, i, w)
					}
				}
				if got := tag.String(); got != `ddbe:"`+text+`"` {
					t.Errorf("%q is printed as %s", text, got)
				}
			}
		}
	}
	if accepted < 30 {
		t.Errorf("only %d tags were accepted", accepted)
	}
}

// TestLookupFindsTheSpanInTheLiteral holds that a problem is reported at the
// word that causes it in whatever way the literal is quoted.
func TestLookupFindsTheSpanInTheLiteral(t *testing.T) {
	for _, literal := range []string{
		"`ddbe:\"partition,sign\"`",
		"`dynamodbav:\"a,omitempty\" ddbe:\"partition,sign\" json:\"x\"`",
		`"ddbe:\"partition,sign\""`,
		`"dynamodbav:\"\u00e9\x41\" ddbe:\"partition,sign\""`,
		"`  x:\"\\\"\" ddbe:\"partition,sign\"`",
	} {
		text, err := Literal(literal)
		if err != nil {
			t.Fatal(err)
		}
		value, ok, problems := text.Lookup(Key)
		if !ok || len(problems) > 0 || value.Value != "partition,sign" {
			t.Fatalf("%s: %q, %t, %v", literal, value.Value, ok, problems)
		}
		tag, _ := Parse(value)
		if got := literal[tag.ActionSpan.Start:tag.ActionSpan.End]; got != "sign" {
			t.Errorf("%s: the action is at %q", literal, got)
		}
		if got := literal[tag.RoleSpan.Start:tag.RoleSpan.End]; got != "partition" {
			t.Errorf("%s: the role is at %q", literal, got)
		}
	}
}

// TestDirectiveReadsEveryForm has one line for each form of the grammar.
func TestDirectiveReadsEveryForm(t *testing.T) {
	for line, want := range map[string]string{
		`table T`:                               `T "" ""`,
		`table "a b" physical=p-1 suite=0x6700`: `a b "p-1" "0x6700"`,
		`discriminator kind=order`:              `kind order`,
		`unsigned a,b prefix=":"`:               `[a b] :`,
		`unsigned prefix=x_`:                    `[] x_`,
		`tenant id`:                             `id`,
		`partitions max=5 default=2`:            `5 2`,
		`beacon b length=10`:                    `b 10 "" "" "" 0`,
		`beacon b loc=a.b[0] partitions=3 style=asSet length=10`:                                     `b 10 "a.b[0]" "asSet" "" 3`,
		`beacon b length=1 style=sharedSet(c)`:                                                       `b 1 "" "sharedSet" "c" 0`,
		`parts encrypted=a:A-,b:B- signed=c@d.e:"C:"`:                                                `a@:A- b@:B- | c@d.e:C:`,
		`compound c split=. encrypted=a:A- signed=b:B-`:                                              `c . a@:A- | b@:B-`,
		`compound c split=":"`:                                                                       `c :  | `,
		`constructor c = a + b? + c`:                                                                 `c a b? c`,
		`virtual v = a + upper(prefix(b,-1)) + segment(c,"-",2) + insert(segments(d, x, 0, 1), "t")`: `v a[] b[prefix(-1) upper()] c[segment("-" 2)] d[segments("x" 0 1) insert("t")]`,
		`index i partition=a`:                                                                        `i a "" "" ""`,
		`index i partition=a sort=b local projection=include(c,d)`:                                   `i a "b" "local" "include" c d`,
		`key partition=a sort=b`:                                                                     `a b`,
	} {
		d, problems := ParseDirective(DirectivePrefix + line)
		if len(problems) > 0 {
			t.Errorf("%s: %v", line, problems)
			continue
		}
		if got := show(d); got != want {
			t.Errorf("%s:\ngot  %s\nwant %s", line, got, want)
		}
	}
}

func show(d Directive) string {
	switch d := d.(type) {
	case *Table:
		return fmt.Sprintf("%s %q %q", d.Name.Text, d.Physical.Text, d.Suite.Text)
	case *Discriminator:
		return d.Attribute.Text + " " + d.Value.Text
	case *Unsigned:
		return fmt.Sprintf("%v %s", texts(d.Names), d.Prefix.Text)
	case *Tenant:
		return d.Attribute.Text
	case *Partitions:
		return fmt.Sprintf("%d %d", d.Max.Value, d.Default.Value)
	case *Beacon:
		return fmt.Sprintf("%s %d %q %q %q %d", d.Name.Text, d.Length.Value, d.Location.Text, d.Style.Name.Text, d.Style.Other.Text, d.Partitions.Value)
	case *Parts:
		return showParts(d.Encrypted) + " | " + showParts(d.Signed)
	case *Compound:
		return d.Name.Text + " " + d.Split.Text + " " + showParts(d.Encrypted) + " | " + showParts(d.Signed)
	case *Constructor:
		s := d.Compound.Text
		for _, p := range d.Parts {
			s += " " + p.Name.Text
			if p.Optional {
				s += "?"
			}
		}
		return s
	case *Virtual:
		s := d.Name.Text
		for _, p := range d.Parts {
			var transforms []string
			for _, t := range p.Transforms {
				var arguments []string
				for _, w := range t.Texts {
					arguments = append(arguments, fmt.Sprintf("%q", w.Text))
				}
				for _, n := range t.Positions {
					arguments = append(arguments, fmt.Sprint(n.Value))
				}
				transforms = append(transforms, fmt.Sprintf("%s(%s)", t.Name.Text, strings.Join(arguments, " ")))
			}
			s += fmt.Sprintf(" %s%v", p.Location.Text, transforms)
		}
		return s
	case *Index:
		return strings.TrimSpace(fmt.Sprintf("%s %s %q %q %q %s", d.Name.Text, d.Partition.Text, d.Sort.Text, d.Local.Text, d.Projection.Text, strings.Join(texts(d.Include), " ")))
	case *PrimaryKey:
		return d.Partition.Text + " " + d.Sort.Text
	}
	return "unknown"
}

func texts(words []Word) []string {
	all := []string{}
	for _, w := range words {
		all = append(all, w.Text)
	}
	return all
}

func showParts(parts []Part) string {
	var all []string
	for _, p := range parts {
		all = append(all, p.Name.Text+"@"+p.Location.Text+":"+p.Prefix.Text)
	}
	return strings.Join(all, " ")
}

// TestEveryVerbHasAForm holds that an error in a directive can say what is right.
func TestEveryVerbHasAForm(t *testing.T) {
	for _, verb := range Verbs() {
		if !strings.HasPrefix(shapes[verb], DirectivePrefix+verb) {
			t.Errorf("no form for %q", verb)
		}
	}
}

func TestNearest(t *testing.T) {
	known := []string{"beacon", "encrypt", "sign", "ID"}
	for word, want := range map[string]string{
		"sgin": "sign", "sing": "sign", "sign ": "sign", "encypt": "encrypt", "encrpyt": "encrypt", "becon": "beacon",
		"id": "ID", "x": "", "xy": "", "secret": "", "": "", "beacons": "beacon",
	} {
		if got := Nearest(word, known); got != want {
			t.Errorf("%q: got %q, want %q", word, got, want)
		}
	}
}

var tagSeeds = []string{
	"", ",", "sign", "partition,sign", "encrypt,sign,beacon=a,beacon=b", "sgin", "sign,context", "-", "sort,none",
	"beacon=", "beacon==", " sign", "sign,sign", "partition,sort", "é,\xff", "beacon=\"",
}

// FuzzParse holds that reading never panics, that spans lie in the text, and that
// what is accepted is printed and read back the same.
func FuzzParse(f *testing.F) {
	seed(f, tagSeeds)
	f.Fuzz(func(t *testing.T, text string) {
		tag, problems := Parse(Plain(text, 0))
		checkProblems(t, text, problems)
		if len(problems) > 0 {
			return
		}
		if got := tag.String(); got != `ddbe:"`+text+`"` {
			t.Errorf("%q is printed as %s", text, got)
		}
	})
}

var literalSeeds = []string{
	"`ddbe:\"sign\"`", `"ddbe:\"sign\""`, "``", `""`, "`", `"\`, "`a:\"b\" ddbe:\"c\" ddbe:\"d\"`", "`ddbe: \"x\"`", `"\u00e9:\"x\""`, "'x'",
}

// seed adds the seeds of a fuzz test, of which there must be some.
func seed(f *testing.F, all []string) {
	f.Helper()
	if len(all) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range all {
		f.Add(s)
	}
}

// FuzzLookup holds the same of literals.
func FuzzLookup(f *testing.F) {
	seed(f, literalSeeds)
	f.Fuzz(func(t *testing.T, literal string) {
		text, err := Literal(literal)
		if err != nil {
			return
		}
		value, ok, problems := text.Lookup(Key)
		checkProblems(t, literal, problems)
		if !ok {
			return
		}
		_, problems = Parse(value)
		checkProblems(t, literal, problems)
	})
}

var directiveSeeds = []string{
	"table T", "table", "beacon b length=3", "beacon b length=3 style=shared(a)", "virtual v = upper(prefix(a,1)) + b",
	"compound c split=. encrypted=a:A-,b:B-", "constructor c = a + b?", "index i partition=a sort=b", `unsigned prefix=":"`,
	"tabel x", "beacon \"", "parts signed=a@b:c", "key partition=x", "tenant a", "partitions max=3", "virtual v = ((", "index i partition=a projection=include(b)",
	"discriminator a=b", "beacon b length length", "beacon b foo=1 length=99999999999", "table \xff", "",
}

// FuzzDirective holds the same of directives.
func FuzzDirective(f *testing.F) {
	seed(f, directiveSeeds)
	f.Fuzz(func(t *testing.T, line string) {
		if strings.ContainsAny(line, "\n") {
			return
		}
		comment := DirectivePrefix + line
		d, problems := ParseDirective(comment)
		checkProblems(t, comment, problems)
		if d == nil && len(problems) == 0 {
			t.Error("neither a directive nor a problem")
		}
		if d != nil && d.Where().Broken != (len(problems) > 0) {
			t.Errorf("broken is %t with %d problems", d.Where().Broken, len(problems))
		}
	})
}

func checkProblems(t *testing.T, text string, problems []Problem) {
	t.Helper()
	for _, p := range problems {
		if p.Span.Start < 0 || p.Span.Start > p.Span.End || p.Span.End > len(text) {
			t.Errorf("%q: a problem is at %v", text, p.Span)
		}
		if p.Code == "" || p.Message == "" || p.Fix == "" {
			t.Errorf("%q: a problem says too little: %+v", text, p)
		}
	}
}

// TestFuzzSeedsAreThere holds that the fuzz targets start from something.
func TestFuzzSeedsAreThere(t *testing.T) {
	for _, seeds := range [][]string{tagSeeds, literalSeeds, directiveSeeds} {
		if len(seeds) < 10 {
			t.Errorf("only %d seeds", len(seeds))
		}
	}
}
