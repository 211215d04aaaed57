package tag

import (
	"fmt"
	"strings"

	"github.com/ddbegen/ddbegen/internal/spelling"
)

// Nearest returns the one of known that word was most likely meant to be, or ""
// where none is near.
func Nearest(word string, known []string) string {
	best, least := "", min(2, len(word)/3)+1
	for _, k := range known {
		if strings.EqualFold(word, k) {
			return k
		}
		if d := spelling.Distance(word, k); d < least {
			best, least = k, d
		}
	}
	return best
}

// quoteWithHint returns word in quotes, with a suggestion where one of known is
// near.
func quoteWithHint(word string, known []string) string {
	if near := Nearest(word, known); near != "" {
		return fmt.Sprintf("%q; did you mean %q?", word, near)
	}
	return fmt.Sprintf("%q", word)
}
