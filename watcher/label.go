package watcher

import (
	"cmp"
	"strings"
)

// label is the name of an object. One that a controller has made is its owner's
// name, which it shares with others, and a few letters.
type label struct {
	stem word
	tail [maxTail]byte
	size uint8
}

// maxTail is a dash and a template's hash; a pod has a dash and five letters.
const maxTail = 11

func labelOf(name, owner string) label {
	tail, ok := strings.CutPrefix(name, owner)
	if !ok || owner == "" || len(tail) > maxTail {
		return label{stem: intern(name)}
	}
	l := label{stem: intern(owner), size: uint8(len(tail))} //nolint:gosec // at most maxTail
	copy(l.tail[:], tail)
	return l
}

// String is the name.
func (l label) String() string {
	if l.size == 0 {
		return text(l.stem)
	}
	return text(l.stem) + string(l.tail[:l.size])
}

// is tells whether the name is this one.
func (l label) is(name string) bool {
	rest, ok := strings.CutPrefix(name, text(l.stem))
	return ok && rest == string(l.tail[:l.size])
}

// ending is what a pod's name has behind its ReplicaSet's: a dash and five letters.
type ending struct {
	tail [maxEnding]byte
	size uint8
}

const maxEnding = 7

// endingOf is the end of a name, if it is short enough.
func endingOf(l label) (e ending, ok bool) {
	if l.size == 0 || l.size > maxEnding {
		return ending{}, false
	}
	copy(e.tail[:], l.tail[:l.size])
	e.size = l.size
	return e, true
}

// label is the name that ends like this.
func (e ending) label(stem word) label {
	l := label{stem: stem, size: e.size}
	copy(l.tail[:], e.tail[:])
	return l
}

// compare orders as the names are ordered.
func (l label) compare(o label) int {
	if l.stem == o.stem {
		return cmp.Compare(string(l.tail[:l.size]), string(o.tail[:o.size]))
	}
	return cmp.Compare(l.String(), o.String())
}

// ending is what follows the dash behind the owner's name, "" where there is none.
func (l label) ending() string {
	if l.size == 0 || l.tail[0] != '-' {
		return ""
	}
	return string(l.tail[1:l.size])
}
