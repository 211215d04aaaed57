package spelling_test

import (
	"testing"

	"github.com/ddbegen/ddbegen/internal/spelling"
)

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"abc", "", 3},
		{"encrypt", "encrypt", 0},
		{"encrypt", "encrpt", 1},
		{"encrypt", "encryppt", 1},
		{"encrypt", "encrupt", 1},
		{"encrypt", "ecnrypt", 1}, // a swap is one
		{"kitten", "sitting", 3},
	} {
		if got := spelling.Distance(c.a, c.b); got != c.want {
			t.Errorf("Distance(%q, %q) = %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
