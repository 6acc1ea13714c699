package sim

import (
	"math/rand/v2"
	"time"

	"github.com/undog-dev/undog/policy"
)

// turns is an election: one undog acts at a time, or nobody for a while, or two
// for a moment, since a lease is no fence. Its dice are its own, so that
// histories without one stay as they are.
type turns struct {
	rand    *rand.Rand
	elected bool
	leader  string
}

func drawTurns(seed uint64) turns {
	r := rand.New(rand.NewPCG(seed, 2))
	return turns{rand: r, elected: r.IntN(3) == 0}
}

// elect looks after the lease from now on.
func (s *simulation) elect() {
	if !s.turns.elected {
		return
	}
	s.world.Clock.After(between(s.turns.rand, time.Second, 15*time.Second), func() {
		s.turn()
		s.elect()
	})
}

// turn gives the lease to somebody if nobody has it, and takes it away at times.
func (s *simulation) turn() {
	leader := s.undogs[s.turns.leader]
	names := sortedKeys(s.undogs)
	if len(names) == 0 {
		return
	}
	next := s.undogs[names[s.turns.rand.IntN(len(names))]]
	switch {
	case leader == nil || !leader.leads:
		s.turns.leader = next.name
		next.lead(true)
	case s.faults.calm || s.turns.rand.IntN(20) > 0:
	case next != leader && s.turns.rand.IntN(3) == 0:
		s.turns.leader = next.name
		next.lead(true)
		leader.after(between(s.turns.rand, time.Millisecond, 5*time.Second), func() { leader.lead(false) })
	default:
		leader.lead(false)
	}
}

// lead makes an undog act, or stand by.
func (u *undog) lead(leads bool) {
	// What it could not tell, the next one's outbox derives.
	u.sim.troubled = true
	u.leads = leads
	reason := "NotRenewed"
	if leads {
		reason = "Expired"
	}
	u.step(policy.Leadership{
		At: u.now(), Leads: leads, Who: policy.Workload{Namespace: "undog", Name: u.name, UID: u.name}, Reason: reason,
	})
}
