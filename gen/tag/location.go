package tag

import "strings"

// Location is where a value lies in an item: an attribute, then the steps into
// its maps and lists.
type Location struct {
	Attribute string
	Steps     []Step
}

// Step is a key of a map, or an index of a list.
type Step struct {
	Key   string
	List  bool
	Index int
}

// ParseLocation reads a location such as address.lines[0]. The message is ""
// where it is one.
func ParseLocation(text string) (l Location, message string) {
	name, rest := cutStep(text)
	if name == "" {
		return l, "a location begins with the name of an attribute"
	}
	l.Attribute = name
	for rest != "" {
		opening := rest[0]
		var step string
		step, rest = cutStep(rest[1:])
		digit, closed := strings.CutSuffix(step, "]")
		switch {
		case opening == '.' && step == "":
			return l, "the name of a map key is missing after a dot"
		case opening == '.':
			l.Steps = append(l.Steps, Step{Key: step})
		case !closed:
			return l, "the index of a list ends with ]"
		case len(digit) != 1 || digit[0] < '0' || digit[0] > '9':
			// From 10 on, other clients of the format read another element.
			return l, "the index of a list is one digit, 0 to 9"
		default:
			l.Steps = append(l.Steps, Step{List: true, Index: int(digit[0] - '0')})
		}
	}
	return l, ""
}

func cutStep(text string) (head, rest string) {
	if i := strings.IndexAny(text, ".["); i >= 0 {
		return text[:i], text[i:]
	}
	return text, ""
}
