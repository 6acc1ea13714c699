// Package spell guesses what a misspelt word was meant to be. It knows words,
// and nothing of where they stand.
package spell

import (
	"slices"
	"strings"
)

// Closest returns the candidate that word was most likely meant to be, or "".
func Closest(word string, candidates []string) string {
	const longest = 40 // no key is that long, and the distance costs its product
	if len(word) > longest {
		return ""
	}
	best, bestDistance := "", 1+max(1, len(word)/3)
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		d := distance(plain(word), plain(c))
		if d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// plain takes out what people get wrong without noticing: case, - and _.
func plain(s string) string {
	return strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(s))
}

// distance is the number of letters to insert, remove, replace or swap with
// the next one to make a into b.
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range t {
		rows[0][j+1] = j + 1
	}
	for i := range s {
		for j := range t {
			cost := 1
			if s[i] == t[j] {
				cost = 0
			}
			best := min(rows[i][j+1]+1, rows[i+1][j]+1, rows[i][j]+cost)
			if i > 0 && j > 0 && s[i] == t[j-1] && s[i-1] == t[j] {
				best = min(best, rows[i-1][j-1]+1)
			}
			rows[i+1][j+1] = best
		}
	}
	return rows[len(s)][len(t)]
}
