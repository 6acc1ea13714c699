package differ

import "slices"

// pair is two places that belong together.
type pair struct{ o, n int }

// maxTable bounds the table of an exact alignment.
const maxTable = 100_000

// align pairs two sequences in order so that the sum of scores is greatest.
// same says that two items are equal; score is at most 0 for what must not be
// paired.
func align(n, m int, same func(i, j int) bool, score func(i, j int) float64) []pair {
	var head, rear []pair
	lo := 0
	for lo < n && lo < m && same(lo, lo) {
		head = append(head, pair{lo, lo})
		lo++
	}
	hi := 0
	for hi < n-lo && hi < m-lo && same(n-1-hi, m-1-hi) {
		rear = append(rear, pair{n - 1 - hi, m - 1 - hi})
		hi++
	}
	a, b := n-lo-hi, m-lo-hi
	if a > 0 && b > 0 {
		if a*b <= maxTable {
			head = append(head, table(lo, a, b, same, score)...)
		} else {
			head = append(head, greedy(lo, a, b, same)...)
		}
	}
	slices.Reverse(rear)
	return append(head, rear...)
}

// table is the exact alignment of a and b items from lo on.
func table(lo, a, b int, same func(i, j int) bool, score func(i, j int) float64) []pair {
	best := make([]float32, (a+1)*(b+1))
	gain := make([]float32, a*b)
	at := func(i, j int) int { return i*(b+1) + j }
	for i := a - 1; i >= 0; i-- {
		for j := b - 1; j >= 0; j-- {
			s := float32(20)
			if !same(lo+i, lo+j) {
				s = float32(score(lo+i, lo+j))
			}
			gain[i*b+j] = s
			v := max(best[at(i+1, j)], best[at(i, j+1)])
			if s > 0 {
				v = max(v, best[at(i+1, j+1)]+s)
			}
			best[at(i, j)] = v
		}
	}
	var out []pair
	for i, j := 0, 0; i < a && j < b; {
		s := gain[i*b+j]
		switch {
		case s > 0 && best[at(i, j)] == best[at(i+1, j+1)]+s:
			out = append(out, pair{lo + i, lo + j})
			i, j = i+1, j+1
		case best[at(i, j)] == best[at(i+1, j)]:
			i++
		default:
			j++
		}
	}
	return out
}

// greedy pairs equal items in order, each with the next one within reach.
func greedy(lo, a, b int, same func(i, j int) bool) []pair {
	const reach = 100
	var out []pair
	next := 0
	for i := range a {
		for j := next; j < min(b, next+reach); j++ {
			if same(lo+i, lo+j) {
				out = append(out, pair{lo + i, lo + j})
				next = j + 1
				break
			}
		}
	}
	return out
}

// alignTokens pairs equal tokens.
func alignTokens(o, n []token) []pair {
	return align(len(o), len(n), func(i, j int) bool { return alike(o[i], n[j]) },
		func(int, int) float64 { return 0 })
}

// alike tells whether two tokens say the same. In a baseline keys are short, so
// that what is not hashed is compared as well.
func alike(a, b token) bool { return a.Key == b.Key && a.Kind == b.Kind && a.Punct == b.Punct }

// region is a stretch of tokens between two pairs.
type region struct{ o1, o2, n1, n2 int }

// regions are what no pair covers.
func regions(o, n []token, pairs []pair) []region {
	var out []region
	r := region{}
	for _, p := range append(pairs, pair{len(o), len(n)}) {
		r.o2, r.n2 = p.o, p.n
		if r.o2 > r.o1 || r.n2 > r.n1 {
			out = append(out, r)
		}
		r.o1, r.n1 = p.o+1, p.n+1
	}
	return out
}

// heading tells whether a tag is one, of whatever rank.
func heading(tag string) bool {
	return len(tag) == 2 && tag[0] == 'h' && tag[1] >= '1' && tag[1] <= '6'
}

// affinity says how well two nodes go together; 0 is not at all.
func affinity(o, n *node) float64 {
	same, known := identity(o, n)
	named := o.Name != "" && o.Name == n.Name
	switch {
	case !kindred(o, n), known && !same, o.Name != "" && n.Name != "" && !named:
		return 0
	case same:
		return 20
	}
	s := 0.5 + 10*likeness(o, n)
	if named {
		s += 6
	}
	if o.Class != 0 && o.Class == n.Class {
		s += 2
	}
	if o.Class == n.Class && o.Name == n.Name {
		s++
	}
	return s
}

// kindred tells whether two nodes may be one: headings change their rank.
func kindred(o, n *node) bool { return o.Tag == n.Tag || heading(o.Tag) && heading(n.Tag) }

// identity tells whether two objects of a document are the same one, if they
// say which they are.
func identity(o, n *node) (same, known bool) {
	if o.Tag != object || n.Tag != object {
		return false, false
	}
	for _, key := range []string{"id", "uuid", "key", "slug", "name"} {
		if a, b := field(o, key), field(n, key); a != nil && b != nil && a.filled && b.filled {
			return a.hash == b.hash, true
		}
	}
	return false, false
}

// alignNodes pairs children.
func alignNodes(o, n []*node) []pair {
	return align(len(o), len(n), func(i, j int) bool { return o[i].hash == n[j].hash && o[i].Tag == n[j].Tag },
		func(i, j int) float64 { return affinity(o[i], n[j]) })
}
