package tag

import (
	"fmt"
	"strings"
)

// Nearest returns the one of known that word was most likely meant to be, or ""
// where none is near.
func Nearest(word string, known []string) string {
	best, least := "", min(2, len(word)/3)+1
	for _, k := range known {
		if strings.EqualFold(word, k) {
			return k
		}
		if d := distance(word, k); d < least {
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

// distance counts the letters to insert, delete, replace or swap with their
// neighbour to turn a into b.
func distance(a, b string) int {
	before, row := []int(nil), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next := make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(b)]
}
