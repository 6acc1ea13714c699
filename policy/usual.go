package policy

import (
	"iter"
	"math"
	"math/bits"
	"slices"
	"time"
)

const (
	// spell is the time over which an average is taken of how many workloads are
	// in trouble, and spells how many such averages are kept: two hours.
	spell  = 10 * time.Minute
	spells = 12
	// leastSpells is how many averages there must be to say what is usual. One
	// outage of several minutes is not, whatever the others are.
	leastSpells = 3
	// unknownUsual is, as long as that is not known, for how many workloads
	// one is taken to be in trouble.
	unknownUsual = 1000
)

// usual is how many workloads that nobody is releasing are in trouble when
// nothing particular is the matter. In a large fleet something always fails
// somewhere; what many have to do with each other shows in that they are more
// than usual. It counts once a minute, and costs nothing between.
type usual struct {
	// since is when the counting began, next the next minute to be counted.
	since, next time.Time
	scopes      map[scope]*history
}

// scope is which workloads are counted: all of them, those of a namespace or,
// where images cannot be pulled, those that need a registry.
type scope struct {
	of   scopeKind
	name string
}

type scopeKind uint8

const (
	everywhere scopeKind = iota
	inNamespace
	onRegistry
)

// history is a ring of what was counted in each spell, the spell's number
// modulo spells being its place.
type history [spells]counted

// counted is, by class, the sum over a spell's minutes of how many were in
// trouble, and how many began to be.
type counted [classCount][2]uint32

// What is counted.
const (
	standing = iota
	entering
)

// due tells whether a minute has passed that was not counted yet.
func (u *usual) due(now time.Time) bool {
	if u.next.IsZero() && !now.IsZero() {
		u.restart(now)
	}
	return !now.Before(u.next)
}

// restart begins to count.
func (u *usual) restart(now time.Time) {
	u.since, u.next, u.scopes = now, now.Truncate(time.Minute).Add(time.Minute), map[scope]*history{}
}

// minutes are those that have passed and were not counted yet. After more than
// what is kept nothing is known.
func (u *usual) minutes(now time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		if now.Sub(u.next) >= spell*spells {
			u.restart(now)
		}
		for !now.Before(u.next) {
			if !yield(u.next) {
				return
			}
			if u.next = u.next.Add(time.Minute); u.minute().Truncate(spell).Equal(u.minute()) {
				u.turn()
			}
		}
	}
}

// minute is the one that is going by.
func (u *usual) minute() time.Time { return u.next.Add(-time.Minute) }

// turn begins a spell in the place of the oldest.
func (u *usual) turn() {
	place := placeOf(u.minute())
	for s, h := range u.scopes {
		if h[place] = (counted{}); *h == (history{}) {
			delete(u.scopes, s)
		}
	}
}

// placeOf is the place of the spell that a time is in.
func placeOf(t time.Time) int { return int(t.Unix() / int64(spell/time.Second) % spells) }

// add counts one in trouble, in the minute that is going by.
func (u *usual) add(t *trouble, what int) {
	if run := t.classes &^ classImage; run != 0 {
		u.count(scope{of: everywhere}, run, what)
		u.count(scope{inNamespace, t.namespace}, run, what)
	}
	if t.classes&classImage == 0 {
		return
	}
	for _, name := range registries(t.images) {
		u.count(scope{onRegistry, name}, classImage, what)
	}
}

func (u *usual) count(s scope, c class, what int) {
	if u.scopes == nil {
		return
	}
	h := u.scopes[s]
	if h == nil {
		h = &history{}
		u.scopes[s] = h
	}
	for ; c != 0; c &= c - 1 {
		h[placeOf(u.minute())][bits.TrailingZeros8(uint8(c))][what]++
	}
}

// level is how many are in trouble at a time as a rule, and how many begin to be
// in a spell: the middle one of the averages of the spells that were over before
// a time, so that an outage is not what is usual. known is false where these
// are too few.
func (u *usual) level(s scope, c class, before time.Time) (at, more float64, known bool) {
	h := u.scopes[s]
	if h == nil {
		h = &history{}
	}
	var ats, mores []float64
	now := u.minute().Truncate(spell)
	for back := range time.Duration(spells) {
		t := now.Add(-back * spell)
		if over := t.Add(spell); t.Before(u.since) || over.After(u.minute()) || over.After(before) {
			continue
		}
		var sum [2]uint32
		for rest := c; rest != 0; rest &= rest - 1 {
			one := h[placeOf(t)][bits.TrailingZeros8(uint8(rest))]
			sum[standing], sum[entering] = sum[standing]+one[standing], sum[entering]+one[entering]
		}
		ats, mores = append(ats, float64(sum[standing])/spell.Minutes()), append(mores, float64(sum[entering]))
	}
	if len(ats) < leastSpells {
		return 0, 0, false
	}
	return middle(ats), middle(mores), true
}

func middle(list []float64) float64 {
	slices.Sort(list)
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}

// surprising tells whether n in trouble, at least so many, are clearly more than
// usual: more than three standard deviations of what comes about by chance.
func surprising(n, least int, usual float64) bool {
	return n >= least && float64(n) >= usual+3*math.Sqrt(usual)+1
}

// registries are the hosts of some images' registries, each once.
func registries(images []string) []string {
	var list []string
	for _, image := range images {
		if name := registry(image); !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	return list
}
