package script

import (
	"fmt"
	"hash/fnv"
	"math"
	"strconv"
	"strings"
)

// Subject is the container that a rule may match.
type Subject struct {
	Namespace string
	Labels    map[string]string
	Node      string
	// Revision is the pod-template-hash.
	Revision string
	// Ordinal is the pod's place in its revision.
	Ordinal   int
	Container string
	Image     string
	// First says that it is the first of the pod's ordinary containers.
	First bool
}

// Find returns the first rule that matches, or nil.
func (s *Script) Find(subject Subject) *Rule {
	for i := range s.Rules {
		if s.Rules[i].matches(s.Seed, i, subject) {
			return &s.Rules[i]
		}
	}
	return nil
}

func (r *Rule) matches(seed uint64, index int, s Subject) bool {
	m := r.Match
	if m.Container == "" && !s.First || m.Container != "" && m.Container != s.Container {
		return false
	}
	if !anyMatch(m.Namespaces, s.Namespace) || !anyMatch(list(m.Image), s.Image) || !anyMatch(list(m.Node), s.Node) {
		return false
	}
	for key, value := range m.Labels {
		if got, ok := s.Labels[key]; !ok || got != value {
			return false
		}
	}
	first, last, err := parseOrdinals(m.Ordinals)
	if err != nil || s.Ordinal < first || s.Ordinal > last {
		return false
	}
	// The pod, not the container, is chosen: its containers share the fate.
	return m.Chance == 0 || Fraction(seed, "chance", strconv.Itoa(index), s.Namespace, s.Revision, strconv.Itoa(s.Ordinal)) < m.Chance
}

// parseOrdinals reads "", "2", "0-2" or "3-".
func parseOrdinals(text string) (first, last int, err error) {
	if text == "" {
		return 0, math.MaxInt, nil
	}
	from, to, isRange := strings.Cut(text, "-")
	first, err = strconv.Atoi(from)
	if err != nil || first < 0 {
		return 0, 0, fmt.Errorf("%q is not a place or a range: write 0, 0-2 or 3-", text)
	}
	switch {
	case !isRange:
		return first, first, nil
	case to == "":
		return first, math.MaxInt, nil
	}
	last, err = strconv.Atoi(to)
	if err != nil || last < first {
		return 0, 0, fmt.Errorf("%q is not a place or a range: write 0, 0-2 or 3-", text)
	}
	return first, last, nil
}

// Fraction draws a number in [0, 1) that depends on nothing but its arguments,
// so that the order in which workers run does not matter.
func Fraction(seed uint64, parts ...string) float64 {
	h := fnv.New64a()
	// Writing to a hash never fails.
	_, _ = h.Write(strconv.AppendUint(nil, seed, 10))
	for _, part := range parts {
		_, _ = h.Write([]byte{0})
		_, _ = h.Write([]byte(part))
	}
	// FNV mixes its last bytes badly; this is the finalizer of splitmix64.
	x := h.Sum64()
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}

func list(pattern string) []string {
	if pattern == "" {
		return nil
	}
	return []string{pattern}
}

func anyMatch(patterns []string, text string) bool {
	for _, pattern := range patterns {
		if Glob(pattern, text) {
			return true
		}
	}
	return len(patterns) == 0
}

// Glob reports whether the text matches the pattern, in which * stands for any
// text, slashes too.
func Glob(pattern, text string) bool {
	head, rest, starred := strings.Cut(pattern, "*")
	if !starred {
		return pattern == text
	}
	if !strings.HasPrefix(text, head) {
		return false
	}
	text = text[len(head):]
	for {
		part, more, again := strings.Cut(rest, "*")
		if !again {
			return strings.HasSuffix(text, part)
		}
		i := strings.Index(text, part)
		if i < 0 {
			return false
		}
		text, rest = text[i+len(part):], more
	}
}
