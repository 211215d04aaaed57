package tag

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// DirectivePrefix begins every directive.
const DirectivePrefix = "//ddbe:"

// reading maps each verb to the method that reads its arguments.
var reading = map[string]func(*lineParser, Line) Directive{
	"table":         (*lineParser).table,
	"discriminator": (*lineParser).discriminator,
	"embedded":      (*lineParser).embedded,
	"unsigned":      (*lineParser).unsigned,
	"tenant":        (*lineParser).tenant,
	"partitions":    (*lineParser).partitions,
	"beacon":        (*lineParser).beacon,
	"parts":         (*lineParser).parts,
	"compound":      (*lineParser).compound,
	"constructor":   (*lineParser).constructor,
	"virtual":       (*lineParser).virtual,
	"index":         (*lineParser).index,
	"key":           (*lineParser).key,
}

// Verbs returns the verbs of the directives there are, sorted.
func Verbs() []string { return slices.Sorted(maps.Keys(reading)) }

// ParseDirective reads a comment that begins with [DirectivePrefix]. Spans are
// offsets into the comment. The Directive is nil where the verb is unknown.
func ParseDirective(comment string) (Directive, []Problem) {
	end := len(DirectivePrefix) + strings.IndexAny(comment[len(DirectivePrefix):]+" ", " \t")
	line := Line{
		Verb: Word{comment[len(DirectivePrefix):end], Span{len(DirectivePrefix), end}},
		Span: Span{0, len(strings.TrimRight(comment, " \t\r"))},
	}
	read, ok := reading[line.Verb.Text]
	if !ok {
		return nil, []Problem{{
			Span: line.Verb.Span, Code: UnknownDirective,
			Message: "unknown directive " + quoteWithHint(line.Verb.Text, Verbs()),
			Fix:     "the directives are " + strings.Join(Verbs(), ", "),
		}}
	}
	tokens, problem := lex(comment[:line.Span.End], end)
	p := &lineParser{verb: line.Verb.Text, tokens: tokens}
	d := read(p, line)
	switch {
	case problem != nil: // whatever else is wrong comes of it
		p.problems = []Problem{*problem}
	case p.peek().kind != 0:
		p.unexpected("the end of the line")
	}
	d.Where().Broken = len(p.problems) > 0
	return d, p.problems
}

// lineParser reads one directive. After a failure it reads nothing more and
// returns what it has.
type lineParser struct {
	verb     string
	tokens   []token
	next     int
	failed   bool
	problems []Problem
}

func (p *lineParser) peek() token { return p.tokens[p.next] }

func (p *lineParser) advance() token {
	t := p.tokens[p.next]
	if p.next < len(p.tokens)-1 {
		p.next++
	}
	return t
}

func (p *lineParser) report(at Span, code Code, message, fix string) {
	p.problems = append(p.problems, Problem{Span: at, Code: code, Message: message, Fix: fix})
}

// shapes are what the remedy of a syntax error shows.
var shapes = map[string]string{
	"table":         `//ddbe:table NAME [physical=NAME] [suite=0x6700] [ttl=ATTRIBUTE]`,
	"discriminator": `//ddbe:discriminator ATTRIBUTE=VALUE`,
	"embedded":      `//ddbe:embedded`,
	"unsigned":      `//ddbe:unsigned [ATTRIBUTE,…] [prefix=TEXT]`,
	"tenant":        `//ddbe:tenant ATTRIBUTE`,
	"partitions":    `//ddbe:partitions max=N [default=N]`,
	"beacon":        `//ddbe:beacon NAME length=BITS [loc=LOCATION] [style=STYLE] [partitions=N]`,
	"parts":         `//ddbe:parts [encrypted=BEACON:PREFIX,…] [signed=NAME[@LOCATION]:PREFIX,…]`,
	"compound":      `//ddbe:compound NAME split=CHARACTER [encrypted=BEACON:PREFIX,…] [signed=NAME[@LOCATION]:PREFIX,…]`,
	"constructor":   `//ddbe:constructor COMPOUND = PART + PART?`,
	"virtual":       `//ddbe:virtual NAME = LOCATION + TRANSFORM(LOCATION,…)`,
	"index":         `//ddbe:index NAME partition=NAME [sort=NAME] [local]`,
	"key":           `//ddbe:key [partition=NAME] [sort=NAME]`,
}

func (p *lineParser) form() string { return "the form is `" + shapes[p.verb] + "`" }

// unexpected reports that something else stands where want should, and gives
// the line up.
func (p *lineParser) unexpected(want string) {
	if p.failed {
		return
	}
	p.failed = true
	t := p.peek()
	found := fmt.Sprintf("%q", t.Text)
	if t.kind == 0 {
		found = "the end of the line"
	}
	p.report(t.Span, DirectiveSyntax, fmt.Sprintf("expected %s, found %s", want, found), p.form())
}

// word reads a word; what says in an error what it should have been.
func (p *lineParser) word(what string) Word {
	if p.failed {
		return Word{}
	}
	switch t := p.peek(); t.kind {
	case 'w':
		return p.advance().Word
	case 0:
		p.unexpected(what)
	default:
		p.failed = true
		p.report(t.Span, DirectiveSyntax, fmt.Sprintf("expected %s, found %q", what, t.Text), fmt.Sprintf("a text with %q in it is written in quotes; %s", t.Text, p.form()))
	}
	return Word{}
}

// name reads the name of what the directive defines, before its options.
func (p *lineParser) name(what string) Word {
	w := p.word(what)
	if !p.failed && p.peek().kind == '=' {
		p.failed = true
		p.report(w.Span, DirectiveSyntax, fmt.Sprintf("expected %s, found option %q", what, w.Text), p.form())
		return Word{}
	}
	return w
}

func (p *lineParser) number(what string) Number {
	w := p.word(what)
	if p.failed {
		return Number{}
	}
	// The format knows positions of 32 bits.
	n, err := strconv.ParseInt(w.Text, 10, 32)
	if err != nil {
		p.report(w.Span, OptionValue, fmt.Sprintf("%s must be a decimal whole number of 32 bits, not %q", what, w.Text), p.form())
	}
	return Number{Word: w, Value: int(n)}
}

func (p *lineParser) expect(mark byte) {
	if p.failed || !p.accept(mark) {
		p.unexpected(fmt.Sprintf("%q", string(mark)))
	}
}

func (p *lineParser) accept(mark byte) bool {
	if p.failed || p.peek().kind != mark {
		return false
	}
	p.advance()
	return true
}

// items reads one item or more, with mark between them.
func items[T any](p *lineParser, mark byte, item func() T) []T {
	var all []T
	for {
		all = append(all, item())
		if !p.accept(mark) {
			return all
		}
	}
}

// options reads key=value pairs up to the end of the line. Options that are in
// flags stand alone. The required ones must be there.
func (p *lineParser) options(values map[string]func(), flags map[string]*Word, required ...string) {
	known := slices.Sorted(maps.Keys(values))
	known = slices.AppendSeq(known, maps.Keys(flags))
	slices.Sort(known)
	written := map[string]bool{}
	for !p.failed && p.peek().kind == 'w' {
		option := p.advance().Word
		value, hasValue := values[option.Text]
		flag, isFlag := flags[option.Text]
		if !hasValue && !isFlag {
			p.report(option.Span, UnknownOption, "unknown option "+quoteWithHint(option.Text, known), p.form())
			p.skipValue()
			continue
		}
		if written[option.Text] {
			p.report(option.Span, DuplicateOption, fmt.Sprintf("option %q is written twice", option.Text), "remove one")
			p.skipValue()
			continue
		}
		written[option.Text] = true
		if isFlag {
			*flag = option
			continue
		}
		p.expect('=')
		value()
	}
	if p.failed {
		return
	}
	for _, name := range required {
		if !written[name] {
			p.report(p.tokens[len(p.tokens)-1].Span, MissingOption, fmt.Sprintf("option %q is missing", name), p.form())
		}
	}
}

// skipValue goes to the next option, so that the problems behind an unknown one
// are reported as well.
func (p *lineParser) skipValue() {
	for p.peek().kind != 0 {
		if p.peek().kind == 'w' && p.next > 0 &&
			(p.tokens[p.next-1].kind == 'w' || p.tokens[p.next-1].kind == ')') {
			return
		}
		p.advance()
	}
}

func (p *lineParser) table(l Line) Directive {
	d := &Table{Line: l, Name: p.name("a table name")}
	p.options(map[string]func(){
		"physical": func() { d.Physical = p.word("a table name") },
		"suite":    func() { d.Suite = p.word("an algorithm suite") },
		"ttl":      func() { d.TTL = p.word("an attribute name") },
	}, nil)
	return d
}

func (p *lineParser) discriminator(l Line) Directive {
	d := &Discriminator{Line: l, Attribute: p.word("an attribute name")}
	p.expect('=')
	d.Value = p.word("a text")
	return d
}

func (p *lineParser) embedded(l Line) Directive { return &Embedded{l} }

func (p *lineParser) unsigned(l Line) Directive {
	d := &Unsigned{Line: l}
	if next := p.next + 1; p.peek().kind == 'w' && p.tokens[next].kind != '=' {
		d.Names = items(p, ',', func() Word { return p.word("an attribute name") })
	}
	p.options(map[string]func(){"prefix": func() { d.Prefix = p.word("a text") }}, nil)
	if !p.failed && len(d.Names) == 0 && !d.Prefix.Written() && len(p.problems) == 0 {
		p.unexpected("attribute names or a prefix")
	}
	return d
}

func (p *lineParser) tenant(l Line) Directive {
	return &Tenant{Line: l, Attribute: p.word("an attribute name")}
}

func (p *lineParser) partitions(l Line) Directive {
	d := &Partitions{Line: l}
	p.options(map[string]func(){
		"max":     func() { d.Max = p.number("the number of partitions") },
		"default": func() { d.Default = p.number("the number of partitions") },
	}, nil, "max")
	return d
}

func (p *lineParser) beacon(l Line) Directive {
	d := &Beacon{Line: l, Name: p.name("a beacon name")}
	p.options(map[string]func(){
		"length":     func() { d.Length = p.number("the length in bits") },
		"loc":        func() { d.Location = p.word("a location") },
		"style":      func() { d.Style = p.style() },
		"partitions": func() { d.Partitions = p.number("the number of partitions") },
	}, nil, "length")
	return d
}

var styles = []string{"partOnly", "asSet", "shared", "sharedSet"}

func (p *lineParser) style() Style {
	s := Style{Name: p.word("a style")}
	switch s.Name.Text {
	case "partOnly", "asSet":
	case "shared", "sharedSet":
		p.expect('(')
		s.Other = p.word("a beacon name")
		p.expect(')')
	default:
		if !p.failed {
			p.report(s.Name.Span, OptionValue, "unknown style "+quoteWithHint(s.Name.Text, styles), "the styles are partOnly, asSet, shared(BEACON) and sharedSet(BEACON)")
			p.skipValue()
		}
	}
	return s
}

func (p *lineParser) parts(l Line) Directive {
	d := &Parts{Line: l}
	p.options(map[string]func(){
		"encrypted": func() { d.Encrypted = items(p, ',', p.part) },
		"signed":    func() { d.Signed = items(p, ',', p.part) },
	}, nil)
	if !p.failed && len(d.Encrypted)+len(d.Signed) == 0 && len(p.problems) == 0 {
		p.unexpected("encrypted= or signed=")
	}
	return d
}

func (p *lineParser) compound(l Line) Directive {
	d := &Compound{Line: l, Name: p.name("a beacon name")}
	p.options(map[string]func(){
		"split":     func() { d.Split = p.word("a character") },
		"encrypted": func() { d.Encrypted = items(p, ',', p.part) },
		"signed":    func() { d.Signed = items(p, ',', p.part) },
	}, nil, "split")
	return d
}

func (p *lineParser) part() Part {
	part := Part{Name: p.word("the name of a part")}
	if p.accept('@') {
		part.Location = p.word("a location")
	}
	p.expect(':')
	part.Prefix = p.word("a prefix")
	return part
}

func (p *lineParser) constructor(l Line) Directive {
	d := &Constructor{Line: l, Compound: p.word("the name of a compound beacon")}
	p.expect('=')
	d.Parts = items(p, '+', func() ConstructorPart {
		return ConstructorPart{Name: p.word("the name of a part"), Optional: p.accept('?')}
	})
	return d
}

func (p *lineParser) virtual(l Line) Directive {
	d := &Virtual{Line: l, Name: p.word("the name of a virtual field")}
	p.expect('=')
	d.Parts = items(p, '+', p.virtualPart)
	return d
}

// arguments are those of each transform after the text: c for one character,
// s for a text, n for a position.
var arguments = map[string]string{
	"upper":     "",
	"lower":     "",
	"insert":    "s",
	"prefix":    "n",
	"suffix":    "n",
	"substring": "nn",
	"segment":   "cn",
	"segments":  "cnn",
}

func (p *lineParser) virtualPart() VirtualPart {
	name := p.word("a location or a transform")
	if !p.accept('(') {
		return VirtualPart{Location: name}
	}
	part := p.virtualPart()
	shape, ok := arguments[name.Text]
	if !ok {
		if !p.failed {
			p.failed = true
			p.report(name.Span, UnknownTransform, "unknown transform "+quoteWithHint(name.Text, slices.Sorted(maps.Keys(arguments))), "the transforms are "+strings.Join(slices.Sorted(maps.Keys(arguments)), ", "))
		}
		return part
	}
	t := Transform{Name: name}
	for _, kind := range shape {
		p.expect(',')
		if kind == 'n' {
			t.Positions = append(t.Positions, p.number("a position"))
		} else {
			t.Texts = append(t.Texts, p.word("a text"))
		}
	}
	p.expect(')')
	part.Transforms = append(part.Transforms, t)
	return part
}

func (p *lineParser) index(l Line) Directive {
	d := &Index{Line: l, Name: p.name("an index name")}
	p.options(map[string]func(){
		"partition":  func() { d.Partition = p.word("the name of an attribute or a beacon") },
		"sort":       func() { d.Sort = p.word("the name of an attribute or a beacon") },
		"projection": func() { p.projection(d) },
	}, map[string]*Word{"local": &d.Local}, "partition")
	return d
}

func (p *lineParser) projection(d *Index) {
	d.Projection = p.word("a projection")
	switch d.Projection.Text {
	case "all", "keys":
	case "include":
		p.expect('(')
		d.Include = items(p, ',', func() Word { return p.word("an attribute name") })
		p.expect(')')
	default:
		if !p.failed {
			p.report(d.Projection.Span, OptionValue, "unknown projection "+quoteWithHint(d.Projection.Text, []string{"all", "keys", "include"}), "the projections are all, keys and include(ATTRIBUTE,…)")
			p.skipValue()
		}
	}
}

func (p *lineParser) key(l Line) Directive {
	d := &PrimaryKey{Line: l}
	p.options(map[string]func(){
		"partition": func() { d.Partition = p.word("the name of a signed beacon") },
		"sort":      func() { d.Sort = p.word("the name of a signed beacon") },
	}, nil)
	if !p.failed && !d.Partition.Written() && !d.Sort.Written() && len(p.problems) == 0 {
		p.unexpected("partition= or sort=")
	}
	return d
}
