// Package tag reads what users write about their structs: the ddbe key of a
// struct tag and the //ddbe: directives. It knows strings and byte spans only;
// what the words mean together with Go types is the business of gen/schema.
package tag

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Key is the struct tag key that this package reads.
const Key = "ddbe"

// Action is what a tag says happens to a field. The zero Action is none: a tag
// whose problems have been reported already.
type Action int

// The actions, in the order of the words that spell them in docs/tags.md.
const (
	Sign    Action = iota + 1 // sign
	Context                   // sign,context
	Encrypt                   // encrypt,sign
	None                      // none
	Skip                      // -
	Rest                      // rest
)

// Role is the part that a field has in the primary key.
type Role int

// The roles.
const (
	NoRole Role = iota
	Partition
	Sort
)

// String returns the word of the role in a tag.
func (r Role) String() string {
	return [...]string{NoRole: "", Partition: "partition", Sort: "sort"}[r]
}

// Word is a piece of text and where it stands. A Word that was not written has
// the zero Span.
type Word struct {
	Text string
	Span Span
}

// Written reports whether the word was written at all.
func (w Word) Written() bool { return w.Span != Span{} }

// Tag is the value of one ddbe tag.
type Tag struct {
	Span       Span // of the value, without its quotes
	Role       Role
	RoleSpan   Span
	Action     Action
	ActionSpan Span // of the first word that names the action
	Beacons    []Word
}

// Problem is something wrong with a tag or a directive.
type Problem struct {
	Span    Span
	Code    Code
	Message string
	Fix     string // the remedy, as a sentence; it may be empty
}

// The words of a tag besides beacon=NAME, in the order in which they are
// written.
var words = []string{"partition", "sort", "encrypt", "sign", "context", "none", "-", "rest"}

// Parse reads the value of a ddbe tag. The returned problems are all there are;
// where there are any, the Tag holds what could be understood.
func Parse(text Text) (Tag, []Problem) {
	p := parser{text: text}
	t := Tag{Span: text.Span(0, len(text.Value))}
	if text.Value == "" {
		p.report(t.Span, NoAction, "the ddbe tag is empty", actionFix)
		return t, p.problems
	}
	written := map[string]Span{}
	var order []string
	for start := 0; start <= len(text.Value); {
		end := start + strings.IndexByte(text.Value[start:]+",", ',')
		p.option(&t, start, end, written, &order)
		start = end + 1
	}
	switch {
	case len(p.problems) == 0:
		p.combine(&t, written, order)
		if p.late.Written() && len(p.problems) == 0 {
			p.lateOption(fmt.Sprintf("write `%s`", t))
		}
	case p.late.Written():
		p.lateOption("write the beacons last")
	}
	return t, p.problems
}

// lateOption reports the first option that stands after a beacon.
func (p *parser) lateOption(fix string) {
	p.report(p.late.Span, OptionOrder, fmt.Sprintf("option %q stands after a beacon", p.late.Text), fix)
}

const actionFix = `say what happens to the field: "encrypt,sign", "sign", "sign,context" or "none", or "-" to leave it out of the item`

type parser struct {
	text     Text
	late     Word // the first option after a beacon
	problems []Problem
}

func (p *parser) report(at Span, code Code, message, fix string) {
	p.problems = append(p.problems, Problem{Span: at, Code: code, Message: message, Fix: fix})
}

// option reads one option, which stands between start and end.
func (p *parser) option(t *Tag, start, end int, written map[string]Span, order *[]string) {
	option, span := p.text.Value[start:end], p.text.Span(start, end)
	name, value, hasValue := strings.Cut(option, "=")
	switch {
	case option == "":
		p.report(span, TagSyntax, "empty option in the ddbe tag", "separate options by one comma")
	case strings.TrimSpace(option) != option:
		p.report(span, TagSyntax, fmt.Sprintf("space around option %q", strings.TrimSpace(option)), "options are separated by a comma alone")
	case name == "beacon":
		p.beacon(t, span, value, start+len("beacon="))
	case !slices.Contains(words, name):
		p.report(span, UnknownOption, "unknown option "+quoteWithHint(name, append(slices.Clone(words), "beacon")), "docs/tags.md lists the options")
	case hasValue:
		p.report(span, OptionValue, fmt.Sprintf("option %q takes no value", name), fmt.Sprintf("write `%s` alone", name))
	case written[name] != Span{}:
		p.report(span, DuplicateOption, fmt.Sprintf("option %q is written twice", name), "remove one")
	default:
		if len(t.Beacons) > 0 && !p.late.Written() {
			p.late = Word{Text: name, Span: span}
		}
		written[name] = span
		*order = append(*order, name)
	}
}

func (p *parser) beacon(t *Tag, span Span, name string, start int) {
	switch {
	case name == "":
		p.report(span, OptionValue, "option \"beacon\" needs the name of a beacon", "write `beacon=NAME`; a //ddbe: directive above the struct defines the beacon NAME")
	case slices.ContainsFunc(t.Beacons, func(w Word) bool { return w.Text == name }):
		p.report(span, DuplicateOption, fmt.Sprintf("beacon %q is written twice", name), "remove one")
	default:
		t.Beacons = append(t.Beacons, Word{Text: name, Span: p.text.Span(start, start+len(name))})
	}
}

// spellings are the only ways to write an action.
var spellings = map[string]Action{
	"sign":         Sign,
	"sign,context": Context,
	"encrypt,sign": Encrypt,
	"none":         None,
	"-":            Skip,
	"rest":         Rest,
}

// combine finds out what the words mean together.
func (p *parser) combine(t *Tag, written map[string]Span, order []string) {
	actions := order
	switch partition, sort := written["partition"], written["sort"]; {
	case partition != Span{} && sort != Span{}:
		p.report(sort, ActionConflict, "a field cannot be the partition key and the sort key", "remove one of the two")
		return
	case partition != Span{}:
		t.Role, t.RoleSpan = Partition, partition
	case sort != Span{}:
		t.Role, t.RoleSpan = Sort, sort
	}
	if t.Role != NoRole {
		actions = slices.DeleteFunc(slices.Clone(order), func(w string) bool { return w == t.Role.String() })
	}
	if len(actions) == 0 {
		fix := actionFix
		if t.Role != NoRole {
			fix = fmt.Sprintf("write `%s`", printTag(t, "sign"))
		}
		p.report(t.Span, NoAction, "the tag does not say what happens to the field", fix)
		return
	}
	t.ActionSpan = written[actions[0]]
	spelled := strings.Join(actions, ",")
	if action, ok := spellings[spelled]; ok {
		t.Action = action
		p.afterwards(t, order, spelled)
		return
	}
	slices.Sort(actions)
	if t.Role != NoRole && actions[0] == "encrypt" && (len(actions) == 1 || len(actions) == 2 && actions[1] == "sign") {
		t.Action = Encrypt // what is wrong with it is that it is a key
		return
	}
	switch sorted := strings.Join(actions, ","); sorted {
	case "encrypt":
		p.report(t.ActionSpan, EncryptAlone, "what is encrypted is also signed, and the tag says so", fmt.Sprintf("write `%s`", printTag(t, "encrypt,sign")))
	case "encrypt,sign":
		p.report(t.ActionSpan, OptionOrder, "the options are not in their order", fmt.Sprintf("write `%s`", printTag(t, "encrypt,sign")))
	case "context", "context,sign":
		code, message := OptionOrder, "the options are not in their order"
		if sorted == "context" {
			code, message = ContextAlone, "what is in the encryption context is also signed, and the tag says so"
		}
		p.report(t.ActionSpan, code, message, fmt.Sprintf("write `%s`", printTag(t, "sign,context")))
	default:
		p.report(t.ActionSpan, ActionConflict, fmt.Sprintf("%s contradict each other", list(actions)), "one of them must go: "+actionFix)
	}
}

// afterwards checks what depends on the action being known.
func (p *parser) afterwards(t *Tag, order []string, spelled string) {
	if t.Role != NoRole && order[0] != t.Role.String() {
		p.report(t.RoleSpan, OptionOrder, "the options are not in their order", fmt.Sprintf("write `%s`", printTag(t, spelled)))
	}
	if t.Role != NoRole && (t.Action == Skip || t.Action == Rest) {
		p.report(t.ActionSpan, ActionConflict, fmt.Sprintf("a %s key cannot be %q", t.Role, spelled), fmt.Sprintf("write `%s`", printTag(t, "sign")))
	}
	if len(t.Beacons) > 0 && (t.Action == None || t.Action == Skip || t.Action == Rest) {
		p.report(t.Beacons[0].Span, BeaconAction, fmt.Sprintf("a field that is %q cannot feed a beacon", spelled), "a beacon is made of encrypted or signed attributes")
	}
}

// printTag returns the tag in the one spelling that is accepted, with another
// action.
func printTag(t *Tag, action string) string {
	var b strings.Builder
	if t.Role != NoRole {
		b.WriteString(t.Role.String() + ",")
	}
	b.WriteString(action)
	for _, w := range t.Beacons {
		b.WriteString(",beacon=" + w.Text)
	}
	return Key + ":" + strconv.Quote(b.String())
}

// String returns the tag as it must be written, or "" where it has no action.
func (t Tag) String() string {
	for spelling, action := range spellings {
		if action == t.Action {
			return printTag(&t, spelling)
		}
	}
	return ""
}

func list(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = fmt.Sprintf("%q", w)
	}
	last := len(quoted) - 1
	return strings.Join(quoted[:last], ", ") + " and " + quoted[last]
}
