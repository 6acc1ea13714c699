package policy

import (
	"fmt"
	"time"
)

const (
	// crashExits is how often one pod must exit in the same way. Two exits
	// may still be a start-up race that a third try wins.
	crashExits = 3
	// mixedExits is how often the pods must exit on average if they do it in
	// several ways: that is less like one cause than the same way each time.
	mixedExits = 4
	// loopExits is how often a few pods of many, or the only one of many that
	// has come so far, must exit: after the fifth the kubelet waits for minutes
	// before it tries again.
	loopExits = 5
	// fewPods is how many pods a revision may have for one to speak for all.
	fewPods = 3
	// crashQuiet is how long a container that exited must run for its exits
	// to be no longer held against the revision.
	crashQuiet = time.Minute
)

// crashRule convicts a revision whose container keeps exiting: three times in
// one pod in the same way, or four times in several ways, and again and again
// in at least half of the pods that have come so far; or five times in at
// least two pods on two nodes, however many there are. One pod in many that
// crashes on its own convicts nobody. Exits that nobody saw are no evidence.
// Containers that always exited a few times until they ran may do so once more.
func crashRule(c *Case) Finding {
	var best Finding
	for i, f := range c.Revision.Failures {
		if !counts(f) {
			continue
		}
		for _, got := range []Finding{crashFinding(c, f), mixedFinding(c, i)} {
			if got.Level > best.Level {
				best = got
			}
		}
	}
	return best
}

// counts tells whether a failure is exits that crashRule counts.
func counts(f Failure) bool { return f.Exited && f.Pods > 0 && !lost(f) }

func crashFinding(c *Case, f Failure) Finding {
	if cannotStart(f) {
		return Finding{}
	}
	quiet, over := c.quiet(f.Last)
	if over {
		return Finding{}
	}
	r := c.Revision
	got := Finding{Level: Suspicious, Reason: crashReason(f), Failures: []Failure{f}, WakeAt: quiet, Message: fmt.Sprintf(
		"container %s %s: %s, at most %d in one pod, %d of %s affected",
		f.Container, exitedHow(f), count(f.Count, "time"), f.MaxCount, f.Pods, count(max(r.Pods, f.Pods), "pod"))}
	usual := c.usual(f)
	switch {
	case f.MaxCount <= usual:
		got.Message += fmt.Sprintf("; before the release, containers exited up to %s in this way until they ran", count(usual, "time"))
	case f.MaxCount >= crashExits && 2*f.Repeated >= reached(r, f) && (!alone(r, f.Repeated) || f.MaxCount >= loopExits):
		got.Level = Convicting
	case c.loops(f):
		got.Level = Convicting
		got.Message += fmt.Sprintf("; they keep exiting on %s, and no pod of another revision does", count(f.Nodes, "node"))
	}
	return got
}

// quiet tells whether exits are over: the last was a while ago and every pod is
// ready. If not, it says when to look again, zero if time alone changes nothing.
func (c *Case) quiet(last time.Time) (until time.Time, over bool) {
	until = last.Add(crashQuiet)
	if c.At.Before(until) {
		return until, false
	}
	return time.Time{}, c.Revision.Ready == c.Revision.Pods
}

// reached is how many pods have come so far that the container can have failed.
// Only those in which every container has run count as started: for an init
// container those that are held in one, or fail in it, count as well.
func reached(r *Revision, f Failure) int32 {
	n := max(r.Started, f.Pods)
	if f.Init {
		n = min(r.Started+f.Pods+int32(len(r.Initializing)), max(r.Pods, f.Pods)) //nolint:gosec // at most MaxWaiting
	}
	return max(n, 1)
}

// alone tells whether one pod speaks for many of which none has come so far.
func alone(r *Revision, pods int32) bool { return pods <= 1 && r.Pods > fewPods }

// loops tells whether a few pods of many keep exiting for good: at least two,
// on at least two nodes, each as often as loopExits and none of them ready,
// while no pod of another revision exits in the same way.
func (c *Case) loops(f Failure) bool {
	r := c.Revision
	others := max(f.Pods, f.Repeated) - 1
	if others < 1 || f.Nodes < 2 || f.MaxCount < loopExits || f.Count-f.MaxCount < loopExits*others || r.Pods-r.Ready < f.Pods {
		return false
	}
	return !c.old(func(old *Revision) bool {
		for _, theirs := range old.Failures {
			if theirs.Pods > 0 && alike(f, theirs) {
				return true
			}
		}
		return false
	})
}

// mixedFinding adds up the exits of one container that happen in several ways,
// beginning with the i-th failure. Those that come after it in the list are
// added; what comes before was the beginning of a finding of its own.
func mixedFinding(c *Case, i int) Finding {
	r := c.Revision
	f := r.Failures[i]
	var kinds []Failure
	var exits, inOne, pods, most, usual int32
	var last time.Time
	for _, k := range r.Failures[i:] {
		if !counts(k) || k.Container != f.Container || k.Init != f.Init {
			continue
		}
		kinds = append(kinds, k)
		exits, inOne, pods, most = exits+k.Count, inOne+k.MaxCount, pods+k.Pods, max(most, k.Pods)
		usual += c.usual(k)
		last = latest(last, k.Last)
	}
	// A pod may be counted under several kinds.
	pods = min(pods, max(r.Pods, most))
	least := max(mixedExits, usual+1)
	if alone(r, most) {
		least = max(least, loopExits+1)
	}
	quiet, over := c.quiet(last)
	if len(kinds) < 2 || over || inOne < least || exits < least*pods || 2*most < reached(r, f) {
		return Finding{}
	}
	return Finding{Level: Convicting, Reason: "CrashLoop", Failures: kinds, WakeAt: quiet, Message: fmt.Sprintf(
		"container %s exited %s in %d ways, %d of %s affected", f.Container, count(exits, "time"), len(kinds), pods,
		count(max(r.Pods, pods), "pod"))}
}

// crashReason names a crash loop by what ends the container. That a probe of
// the kubelet's did is not in the container's status: the message has it from
// an Event.
func crashReason(f Failure) string {
	switch {
	case f.Reason == "OOMKilled":
		return "OOMKilled"
	case killedByProbe(f, "liveness probe"):
		return "LivenessKilled"
	case killedByProbe(f, "startup probe"):
		return "StartupKilled"
	}
	return "CrashLoop"
}

// killedByProbe tells whether a container that was told to end, or did so in
// time, is said to have failed a probe.
func killedByProbe(f Failure, probe string) bool {
	switch f.ExitCode {
	case 0, 137, 143:
		return containsAny(f.Message, []string{probe})
	}
	return false
}

// exitedHow says how a container ended.
func exitedHow(f Failure) string {
	switch reason := crashReason(f); {
	case reason == "OOMKilled":
		return "was killed for using more memory than its limit"
	case reason == "LivenessKilled":
		return "was killed since its liveness probe failed"
	case reason == "StartupKilled":
		return "was killed since its startup probe failed"
	case f.ExitCode == 0:
		return "ended by itself with exit code 0"
	}
	return fmt.Sprintf("exited with code %d", f.ExitCode)
}
