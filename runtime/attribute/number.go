package attribute

import (
	"errors"
	"fmt"
)

// Bounds of a DynamoDB number (DynamoDB developer guide, "Naming rules and data
// types", Number).
const (
	maxDigits   = 38
	maxExponent = 125  // of the first significant digit: below 1E+126
	minExponent = -130 // of the first significant digit: at least 1E-130
)

// ErrNumber is the kind of every error of [NormalizeNumber].
var ErrNumber = errors.New("not a DynamoDB number")

var (
	errNumberText      = fmt.Errorf("%w: write digits with an optional sign, decimal point and exponent", ErrNumber)
	errNumberDigits    = fmt.Errorf("%w: it has more than 38 significant digits", ErrNumber)
	errNumberMagnitude = fmt.Errorf("%w: its magnitude is outside 1E-130 to 9.9…E+125", ErrNumber)
)

// NormalizeNumber returns the one spelling of a number that is signed,
// encrypted and hashed: plain decimal without exponent, plus sign or needless
// zeros, such as "-12.5" for "-01250e-2". The error wraps [ErrNumber] and does
// not contain the text (specification: ddb-attribute-serialization, "Number").
func NormalizeNumber(text string) (string, error) {
	if isNormal(text) {
		return text, nil
	}
	b, err := AppendNumber(nil, text)
	return string(b), err
}

// AppendNumber appends the normalised spelling of text to dst; see
// [NormalizeNumber]. On error it returns dst as it was.
func AppendNumber(dst []byte, text string) ([]byte, error) {
	if isNormal(text) {
		return append(dst, text...), nil
	}
	n, err := parseNumber(text)
	if err != nil {
		return dst, err
	}
	return n.append(dst), nil
}

// isNormal reports whether text is surely in normal form. It knows the common
// case only: an integer of at most 38 digits.
func isNormal(text string) bool {
	digits := text
	if len(digits) > 0 && digits[0] == '-' {
		digits = digits[1:]
	}
	if len(digits) == 0 || len(digits) > maxDigits {
		return false
	}
	for i := range len(digits) {
		if !isDigit(digits[i]) {
			return false
		}
	}
	return digits[0] != '0' || text == "0"
}

// number is a sign, the significant digits without zeros at either end, and the
// power of ten of the first of them. Zero has no digits. The digits may be
// spread over both sides of a decimal point.
type number struct {
	negative bool
	before   string // of the point
	after    string
	exponent int
}

func (n number) digits() int { return len(n.before) + len(n.after) }

func parseNumber(text string) (number, error) {
	var n number
	rest := text
	rest, n.negative = cutSign(rest)
	n.before, rest = cutDigits(rest)
	if rest != "" && rest[0] == '.' {
		n.after, rest = cutDigits(rest[1:])
	}
	if n.digits() == 0 {
		return n, errNumberText
	}
	exponent, err := parseExponent(rest)
	if err != nil {
		return n, err
	}

	for n.before != "" && n.before[0] == '0' {
		n.before = n.before[1:]
	}
	n.exponent = len(n.before) - 1
	if n.before == "" {
		for n.after != "" && n.after[0] == '0' {
			n.after = n.after[1:]
			n.exponent--
		}
	}
	for n.after != "" && n.after[len(n.after)-1] == '0' {
		n.after = n.after[:len(n.after)-1]
	}
	if n.after == "" {
		for n.before != "" && n.before[len(n.before)-1] == '0' {
			n.before = n.before[:len(n.before)-1]
		}
	}

	if n.digits() == 0 {
		return number{}, nil // zero, whatever its sign and exponent
	}
	n.exponent += exponent
	if n.digits() > maxDigits {
		return n, errNumberDigits
	}
	if n.exponent > maxExponent || n.exponent < minExponent {
		return n, errNumberMagnitude
	}
	return n, nil
}

func cutSign(s string) (rest string, negative bool) {
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return s[1:], s[0] == '-'
	}
	return s, false
}

func cutDigits(s string) (digits, rest string) {
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return s[:i], s[i:]
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// exponentBound is where an exponent stops growing: the zeros of a text that
// fits in an item of 400 KB cannot bring a larger one back into range.
const exponentBound = 100_000_000

// parseExponent returns the value of an exponent such as "e-7", or 0 for "".
func parseExponent(s string) (int, error) {
	if s == "" {
		return 0, nil
	}
	if s[0] != 'e' && s[0] != 'E' {
		return 0, errNumberText
	}
	s, negative := cutSign(s[1:])
	digits, rest := cutDigits(s)
	if digits == "" || rest != "" {
		return 0, errNumberText
	}
	exponent := 0
	for i := range len(digits) {
		exponent = min(exponent*10+int(digits[i]-'0'), exponentBound)
	}
	if negative {
		exponent = -exponent
	}
	return exponent, nil
}

func (n number) append(dst []byte) []byte {
	if n.digits() == 0 {
		return append(dst, '0')
	}
	if n.negative {
		dst = append(dst, '-')
	}
	if n.exponent < 0 {
		dst = append(dst, "0."...)
		dst = appendZeros(dst, -n.exponent-1)
		dst = append(dst, n.before...)
		return append(dst, n.after...)
	}
	whole := n.exponent + 1 // digits before the point
	for i := range n.digits() {
		if i == whole {
			dst = append(dst, '.')
		}
		if i < len(n.before) {
			dst = append(dst, n.before[i])
		} else {
			dst = append(dst, n.after[i-len(n.before)])
		}
	}
	return appendZeros(dst, whole-n.digits())
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, '0')
	}
	return dst
}
