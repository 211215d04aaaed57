package embedded

import (
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/ddbegen/ddbegen/runtime/attribute"
)

const (
	errOverflow  = "Number overflow. Attempting to store a number with magnitude larger than supported range"
	errUnderflow = "Number underflow. Attempting to store a number with magnitude smaller than supported range"
)

// normalNumber returns the one spelling of a number that the engine stores, or
// the service's error for a text that is no number or does not fit.
func normalNumber(text string) (string, error) {
	normal, err := attribute.NormalizeNumber(text)
	if err == nil {
		return normal, nil
	}
	d, _, parseErr := apd.NewFromString(text)
	if parseErr != nil || d.Form != apd.Finite || strings.ContainsAny(text, " _") {
		if text == "" {
			return "", validationErrorf("The parameter cannot be converted to a numeric value")
		}
		return "", validationErrorf("The parameter cannot be converted to a numeric value: %s", text)
	}
	d.Reduce(d)
	switch exponent := int64(d.Exponent) + d.NumDigits() - 1; {
	case exponent > 125:
		return "", validationErrorf(errOverflow)
	case exponent < -130:
		return "", validationErrorf(errUnderflow)
	default:
		return "", validationErrorf("Attempting to store more than 38 significant digits in a Number")
	}
}

// exact holds the sum of any two numbers: their digits lie between 1E+125 and
// 1E-167.
var exact = apd.BaseContext.WithPrecision(400)

// addNumbers returns a + b or a - b for two normalised numbers. A result that
// needs more than 38 digits is reported as too large, as the service does.
func addNumbers(a, b string, subtract bool) (string, error) {
	x, _, err := apd.NewFromString(a)
	if err != nil {
		return "", err
	}
	y, _, err := apd.NewFromString(b)
	if err != nil {
		return "", err
	}
	calculate := exact.Add
	if subtract {
		calculate = exact.Sub
	}
	var sum apd.Decimal
	if _, err := calculate(&sum, x, y); err != nil {
		return "", err
	}
	normal, err := attribute.NormalizeNumber(sum.Text('E'))
	if err != nil {
		return "", validationErrorf(errOverflow)
	}
	return normal, nil
}

// decimal takes a normalised number apart: its digits without zeros at either
// end and the power of ten of the first one. Zero has no digits.
func decimal(normal string) (digits string, exponent int, negative bool) {
	rest, negative := strings.CutPrefix(normal, "-")
	whole, fraction, _ := strings.Cut(rest, ".")
	if whole == "0" {
		digits = strings.TrimLeft(fraction, "0")
		return digits, len(digits) - len(fraction) - 1, negative
	}
	return strings.TrimRight(whole+fraction, "0"), len(whole) - 1, negative
}
