package differ

// mask marks in a what differs in b: two pods of one revision that were asked
// the same at the same moment. It returns how many places that were.
func mask(a, b *node) int {
	return maskNode(a, b)
}

func maskNode(a, b *node) int {
	noise := maskAttrs(a, b)
	if a.filled != b.filled {
		a.Unstable = true
		return noise + 1
	}
	if a.hash == b.hash && len(a.Kids) == 0 {
		return noise
	}
	if len(a.Tokens)+len(b.Tokens) > 0 {
		noise += maskTokens(a, b)
	}
	pairs := alignNodes(a.Kids, b.Kids)
	paired, taken := make([]bool, len(a.Kids)), make([]bool, len(b.Kids))
	for _, p := range pairs {
		paired[p.o], taken[p.n] = true, true
		noise += maskNode(a.Kids[p.o], b.Kids[p.n])
	}
	for i, k := range a.Kids {
		if paired[i] {
			continue
		}
		a.Fluid = true
		noise++
		k.Unstable = true
		for j, other := range b.Kids { // A list in another order.
			if !taken[j] && k.hash == other.hash && k.Tag == other.Tag {
				k.Unstable, taken[j] = false, true
				break
			}
		}
	}
	for j := range b.Kids {
		if !taken[j] {
			a.Fluid = true
			noise++
		}
	}
	return noise
}

// maskTokens marks the words that differ. Words that the other pod does not
// have at all are optional: nobody can tell that they are missing elsewhere.
func maskTokens(a, b *node) int {
	noise := 0
	for _, r := range regions(a.Tokens, b.Tokens, alignTokens(a.Tokens, b.Tokens)) {
		noise++
		for i := r.o1; i < r.o2; i++ {
			a.Tokens[i].Volatile = true
			a.Tokens[i].Optional = r.n1 == r.n2
		}
		if r.o1 == r.o2 {
			a.Fluid = true // There may be more than this.
		}
	}
	return noise
}

func maskAttrs(a, b *node) int {
	noise := 0
	for i := range a.Attrs {
		other := b.attr(a.Attrs[i].Key)
		if other == nil || other.Value != a.Attrs[i].Value {
			a.Attrs[i].Volatile = true
			noise++
		}
	}
	return noise
}
