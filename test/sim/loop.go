package sim

import (
	"strings"
	"time"

	"github.com/undog-dev/undog/policy"
)

// takeSoon has the process look for what changed.
func (u *undog) takeSoon() {
	if u.taking {
		return
	}
	u.taking = true
	u.after(between(u.sim.faults.rand, time.Millisecond, 200*time.Millisecond), func() {
		u.taking = false
		u.take()
	})
}

// take steps through what changed, once everything has been listed.
func (u *undog) take() {
	for _, f := range u.feeds {
		if !f.listed {
			return
		}
	}
	now := u.now()
	for _, in := range u.state.Take(now, 0) {
		u.step(in)
	}
	if due := u.state.Due(); !due.IsZero() && !due.Equal(u.due) {
		// The watcher looks at its clock every now and then.
		u.due = due
		u.after(max(due.Sub(now), 0)+between(u.sim.faults.rand, time.Second, 15*time.Second), u.take)
	}
}

// step feeds the engine and passes on what follows, as the daemon's loop does.
func (u *undog) step(in policy.Input) {
	r := u.engine.Step(in)
	for _, t := range r.Transitions {
		u.sim.history.told = append(u.sim.history.told, telling{undog: u.name, Transition: t})
		u.sim.trace("%s: %s tells %s, revision %d: %s: %s", u.name, t.Workload.Name, t.Kind, t.Revision.Number, t.Reason, t.Message)
	}
	for _, d := range r.Decisions {
		u.sim.trace("%s: %s decides %s, revision %d to %d, generation %d", u.name, d.Workload.Name, d.Kind,
			d.From.Number, d.To.Number, d.Generation)
		u.waiting[d.Workload.UID] = append(u.waiting[d.Workload.UID], d)
		u.carryOn(d.Workload.UID)
	}
	u.sleepUntil(r.WakeAt)
}

// sleepUntil sets the one alarm that the process has.
func (u *undog) sleepUntil(at time.Time) {
	if at.Equal(u.wakeAt) {
		return
	}
	u.wakeAt = at
	if at.IsZero() {
		return
	}
	now := u.now()
	u.after(max(at.Sub(now), 0)+between(u.sim.faults.rand, 0, 20*time.Millisecond), func() {
		if u.wakeAt.Equal(at) {
			u.wakeAt = time.Time{}
			u.step(policy.Wake{At: u.now()})
		}
	})
}

// carryOn begins with the next decision about a workload, if none is under way.
func (u *undog) carryOn(uid string) {
	list := u.waiting[uid]
	if u.running[uid] != nil || len(list) == 0 {
		return
	}
	u.waiting[uid] = list[1:]
	a := u.start(list[0])
	u.running[uid] = a
	u.resume(a)
}

// resume lets an action run up to its next request, and looks at what may
// happen meanwhile.
func (u *undog) resume(a *action) {
	uid := a.decision.Workload.UID
	if !a.next() {
		delete(u.running, uid)
		if o, ok := a.result.(policy.Outcome); ok {
			u.sim.trace("%s: %s of %s ends: %s %s %s", u.name, o.Kind, o.Workload.Name, o.Result, o.Reason, o.Message)
		}
		u.after(time.Millisecond, func() {
			u.step(a.result)
			u.carryOn(uid)
		})
		return
	}
	f := u.sim.faults
	if strings.Contains(a.about, "PATCH") && f.hits(5*f.conflict) || f.hits(f.conflict) {
		u.sim.owners[a.decision.Workload.Name].soon(f.latency())
	}
	if f.hits(f.die) {
		u.sim.kill(u)
		return
	}
	u.after(f.latency(), func() { u.resume(a) })
}
