package cli

import (
	"fmt"
	"strings"
)

// didYouMean is a hint that names the known word nearest to what was typed, or nothing when none is near.
func didYouMean(typed string, known []string) string {
	if near := nearest(typed, known); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return ""
}

// nearest is the known word nearest to what was typed, or nothing when none is near.
func nearest(typed string, known []string) string {
	best, least := "", len(typed)/3+2 // a third of the letters may be wrong, and one more
	for _, k := range known {
		d := distance(strings.ToLower(typed), strings.ToLower(k))
		if typed != "" && strings.HasPrefix(k, typed) {
			d = 1
		}
		if d < least {
			best, least = k, d
		}
	}
	return best
}

// distance counts the letters to insert, drop, replace or swap with their neighbour to make one word of the other.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(row[j]+1, last[j+1]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
