package sim

import (
	"errors"
	"fmt"
)

// Invariant is a promise that undog keeps whatever happens.
type Invariant struct {
	// Name is I1 to I7, Says the promise in a sentence.
	Name, Says string
	// write, telling and rest judge a write, a telling, and the state of
	// things when all has settled. nil has nothing to say.
	write   func(s *simulation, w *write) error
	telling func(s *simulation, t *telling) error
	rest    func(s *simulation) error
}

// Invariants is all of them.
var Invariants = []*Invariant{
	evidenceFirst, nothingMoved, onceOnly, goodTarget, settles, accounted, ownersWord,
}

// Violation is a broken promise.
type Violation struct {
	Invariant *Invariant
	What      string
}

// Error says which promise was broken and how.
func (v *Violation) Error() string {
	return fmt.Sprintf("%s is violated (%s): %s", v.Invariant.Name, v.Invariant.Says, v.What)
}

// checked is how far the history has been judged.
type checked struct{ writes, told int }

// check judges what is new.
func (s *simulation) check() error {
	c := &s.checked
	for ; c.writes < len(s.history.writes); c.writes++ {
		for _, i := range Invariants {
			if i.write == nil {
				continue
			}
			if err := i.blame(i.write(s, &s.history.writes[c.writes])); err != nil {
				return err
			}
		}
	}
	for ; c.told < len(s.history.told); c.told++ {
		for _, i := range Invariants {
			if i.telling == nil {
				continue
			}
			if err := i.blame(i.telling(s, &s.history.told[c.told])); err != nil {
				return err
			}
		}
	}
	return nil
}

// atRest judges the end.
func (s *simulation) atRest() error {
	for _, i := range Invariants {
		if i.rest == nil {
			continue
		}
		if err := i.blame(i.rest(s)); err != nil {
			return err
		}
	}
	return nil
}

func (i *Invariant) blame(err error) error {
	if err == nil {
		return nil
	}
	return &Violation{Invariant: i, What: err.Error()}
}

// Violated is the invariant that an error of Run is about, nil if it is about
// something else.
func Violated(err error) *Invariant {
	if v, ok := errors.AsType[*Violation](err); ok {
		return v.Invariant
	}
	return nil
}
