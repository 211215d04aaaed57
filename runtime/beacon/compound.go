package beacon

import (
	"fmt"
	"strings"
)

type compound struct {
	split        string
	parts        []*part // signed, then encrypted
	constructors []constructor
}

type part struct {
	name, prefix string
	signed       source  // of a signed part
	standard     *Beacon // of an encrypted part; nil for a signed one
}

type constructor []constructorPart

type constructorPart struct {
	*part
	required bool
}

func (p *part) source() source {
	if p.standard != nil {
		return p.standard.source
	}
	return p.signed
}

func (c *compound) encrypted() bool {
	// Signed parts come first.
	return len(c.parts) > 0 && c.parts[len(c.parts)-1].standard != nil
}

// hasher turns the text of an encrypted part into what stands for it: its hash,
// or for signed beacons and plain values the text itself.
type hasher func(p *part, text string) (string, error)

func plain(_ *part, text string) (string, error) { return text, nil }

func hashed(keys *Keys, partition int) hasher {
	return func(p *part, text string) (string, error) {
		if p.standard == nil {
			return text, nil
		}
		return p.standard.hashText(text, keys, partition)
	}
}

// value returns what the first constructor makes of item whose required parts
// are all there, or false if there is none (specification:
// searchable-encryption/beacons, "Value for a compound beacon").
func (c *compound) value(item Item, hash hasher) (string, bool, error) {
	for _, constructor := range c.constructors {
		if text, made, err := c.construct(constructor, item, hash); err != nil || made {
			return text, made, err
		}
	}
	return "", false, nil
}

func (c *compound) construct(parts constructor, item Item, hash hasher) (string, bool, error) {
	var joined strings.Builder
	for _, p := range parts {
		text, found, err := p.source().text(item)
		if err != nil {
			return "", false, fmt.Errorf("part %q: %w", p.name, err)
		}
		if !found && p.required {
			return "", false, nil
		}
		if !found {
			continue
		}
		if strings.Contains(text, c.split) {
			return "", false, fmt.Errorf("part %q: %w %q", p.name, ErrSplitInValue, c.split)
		}
		text, err = hash(p.part, text)
		if err != nil {
			return "", false, fmt.Errorf("part %q: %w", p.name, err)
		}
		if joined.Len() > 0 {
			joined.WriteString(c.split)
		}
		joined.WriteString(p.prefix)
		joined.WriteString(text)
	}
	return joined.String(), true, nil
}

// plain is what parts make of an item with nothing hashed.
func (c *compound) plain(parts constructor, item Item) (v Value, made bool, err error) {
	text, made, err := c.construct(parts, item, plain)
	if err != nil || !made {
		return Value{}, false, err
	}
	v = StringValue(text)
	for _, p := range parts {
		if v.Of, err = p.source().appendTypes(v.Of, item); err != nil {
			return Value{}, false, err
		}
	}
	return v, true, nil
}

// piece is a piece of a compound value between two splits.
type piece struct {
	*part
	text string // behind the prefix
}

// bare reports whether the piece is a prefix and nothing else.
func (p piece) bare() bool { return p.text == "" }

// parse splits a value that is looked for into its pieces. The sequence need not
// be one that [compound.value] makes: it may begin anywhere in a constructor and
// end anywhere (specification: searchable-encryption/beacons, "GetPart for a
// compound beacon").
func (c *compound) parse(value string) ([]piece, error) {
	texts := strings.Split(value, c.split)
	pieces := make([]piece, len(texts))
	for i, text := range texts {
		p := c.partOf(text)
		if p == nil {
			return nil, fmt.Errorf("%w: piece %d of %d, where the prefixes are %s", ErrNoPart, i+1, len(texts), c.prefixes())
		}
		pieces[i] = piece{p, text[len(p.prefix):]}
	}
	for _, constructor := range c.constructors {
		if constructor.allows(pieces) {
			return pieces, nil
		}
	}
	return nil, fmt.Errorf("%w: the value has %s, where the constructors are %s", ErrConstructor, c.sequence(pieces), c.patterns())
}

func (c *compound) partOf(text string) *part {
	for _, p := range c.parts {
		if strings.HasPrefix(text, p.prefix) {
			return p
		}
	}
	return nil
}

// allows reports whether pieces follow from each other in k. Any parts may be
// left out before the first match, and then only optional ones.
func (k constructor) allows(pieces []piece) bool {
	matched := false
	for _, p := range k {
		switch {
		case len(pieces) == 0:
			return true
		case p.part == pieces[0].part:
			pieces, matched = pieces[1:], true
		case p.required && matched:
			return false
		}
	}
	return len(pieces) == 0
}

// join is the value of pieces with their texts hashed. Where keepBare, a last
// piece that is only a prefix stays so: it stands for all that begins with it.
func (c *compound) join(pieces []piece, keepBare bool, hash hasher) (string, error) {
	var joined strings.Builder
	for i, p := range pieces {
		if i > 0 {
			joined.WriteString(c.split)
		}
		joined.WriteString(p.prefix)
		if keepBare && i == len(pieces)-1 && p.bare() {
			break
		}
		text, err := hash(p.part, p.text)
		if err != nil {
			return "", fmt.Errorf("part %q: %w", p.name, err)
		}
		joined.WriteString(text)
	}
	return joined.String(), nil
}

// ordered reports whether the order of values with these pieces is kept by
// their hashes: nothing encrypted, except at the end one prefix by itself.
func ordered(pieces []piece) bool {
	for i, p := range pieces {
		if p.standard != nil {
			return i == len(pieces)-1 && p.bare()
		}
	}
	return true
}

func (c *compound) prefixes() string {
	quoted := make([]string, len(c.parts))
	for i, p := range c.parts {
		quoted[i] = fmt.Sprintf("%q", p.prefix)
	}
	return strings.Join(quoted, ", ")
}

func (c *compound) sequence(pieces []piece) string {
	prefixes := make([]string, len(pieces))
	for i, p := range pieces {
		prefixes[i] = p.prefix
	}
	return strings.Join(prefixes, c.split)
}

// patterns writes the constructors with optional parts in brackets.
func (c *compound) patterns() string {
	patterns := make([]string, len(c.constructors))
	for i, constructor := range c.constructors {
		prefixes := make([]string, len(constructor))
		for j, p := range constructor {
			prefixes[j] = p.prefix
			if !p.required {
				prefixes[j] = "[" + p.prefix + "]"
			}
		}
		patterns[i] = strings.Join(prefixes, c.split)
	}
	return strings.Join(patterns, ", ")
}
