package beacon

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

type virtualField struct {
	name  string
	parts []virtualPart
}

type virtualPart struct {
	loc        attribute.Location
	transforms []Transform
}

// text returns the text of the field in item, or false where a part is absent.
// A part behind an absent one is not looked at: it may be of any type.
func (f *virtualField) text(item Item) (string, bool, error) {
	// The parts are joined before they are turned into UTF-8: two halves of a
	// surrogate pair that were cut apart may meet again.
	joined := make([]uint16, 0, 64)
	for _, p := range f.parts {
		text, found, err := textAt(item, p.loc)
		if err != nil {
			return "", false, fmt.Errorf("virtual field %q: %w", f.name, err)
		}
		if !found {
			return "", false, nil
		}
		start := len(joined)
		joined = appendUTF16(joined, text)
		if len(p.transforms) == 0 {
			continue
		}
		piece := joined[start:]
		for _, t := range p.transforms {
			piece = t.apply(piece)
		}
		joined = append(joined[:start], piece...)
	}
	text, err := fromUTF16(joined)
	if err != nil {
		return "", false, fmt.Errorf("virtual field %q: %w", f.name, err)
	}
	return text, true, nil
}

// locations returns the places that f is made of, each once.
func (f *virtualField) locations() []attribute.Location {
	var locs []attribute.Location
	for _, p := range f.parts {
		if !containsLocation(locs, p.loc) {
			locs = append(locs, p.loc)
		}
	}
	return locs
}

// source is where a beacon or a part of one reads: a place in the item or a
// virtual field.
type source struct {
	loc     attribute.Location
	virtual *virtualField // nil: at loc
}

func (s source) value(item Item) (Value, bool, error) {
	if s.virtual == nil {
		return item.Value(s.loc)
	}
	text, found, err := s.virtual.text(item)
	return StringValue(text), found, err
}

func (s source) text(item Item) (string, bool, error) {
	if s.virtual == nil {
		return textAt(item, s.loc)
	}
	return s.virtual.text(item)
}

// attributes returns the names of the attributes that s reads.
func (s source) attributes() []string {
	if s.virtual == nil {
		return []string{s.loc.Attribute}
	}
	names := make([]string, len(s.virtual.parts))
	for i, p := range s.virtual.parts {
		names[i] = p.loc.Attribute
	}
	return names
}

// appendTypes appends the types of what s reads in item, or nothing where s is
// not all there.
func (s source) appendTypes(types []attribute.Type, item Item) ([]attribute.Type, error) {
	all := types
	locs := []attribute.Location{s.loc}
	if s.virtual != nil {
		locs = s.virtual.locations()
	}
	for _, loc := range locs {
		v, found, err := item.Value(loc)
		if err != nil || !found {
			return types, err
		}
		all = append(all, v.Type)
	}
	return all, nil
}

func textAt(item Item, loc attribute.Location) (string, bool, error) {
	v, found, err := item.Value(loc)
	if err != nil || !found {
		return "", false, err
	}
	text, err := v.text()
	if err != nil {
		return "", false, fmt.Errorf("value at %q: %w", loc, err)
	}
	return text, true, nil
}

func appendUTF16(units []uint16, text string) []uint16 {
	for _, r := range text {
		units = utf16.AppendRune(units, r)
	}
	return units
}

// fromUTF16 refuses half of a surrogate pair, which has no UTF-8 and for which
// the other clients of the format store nothing either.
func fromUTF16(units []uint16) (string, error) {
	text := make([]byte, 0, len(units))
	for i := 0; i < len(units); i++ {
		r := rune(units[i])
		if utf16.IsSurrogate(r) {
			if i+1 == len(units) {
				return "", ErrSurrogate
			}
			i++
			if r = utf16.DecodeRune(r, rune(units[i])); r == utf8.RuneError {
				return "", ErrSurrogate
			}
		}
		text = utf8.AppendRune(text, r)
	}
	return string(text), nil
}
