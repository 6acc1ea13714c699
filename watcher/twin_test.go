package watcher

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

// TestIncrementalEqualsRecomputed compares a State, after every event, with a
// twin that keeps no sums and adds everything up anew.
func TestIncrementalEqualsRecomputed(t *testing.T) {
	for seed := range uint64(120) {
		r := rand.New(rand.NewPCG(seed, 3))
		s := NewState(Options{})
		s.ApplyDeployment(epoch, deployment("web"))
		s.ApplyReplicaSet(epoch, replicaSet("web", "rs-a", 1))
		var histories [][]event
		for n := range 2 + r.IntN(8) {
			histories = append(histories, randomHistory(r, "rs-a", n, true))
		}
		tw := &twin{pods: map[string]*podState{}}
		for i, e := range interleave(r, histories) {
			e.apply(s)
			tw.apply(e)
			if i%3 == 0 {
				continue // Let changes pile up between two looks.
			}
			end := second(2400 + i)
			got, _ := s.Observe(end, "dep-web")
			want := tw.say(end)
			gotRevision := got.Revisions[0]
			gotRevision.RevisionRef, gotRevision.CreatedAt = policy.RevisionRef{}, time.Time{}
			if diff := difference(t, want, gotRevision); diff != "" {
				t.Fatalf("seed %d, event %d: twin and state differ:\n%s", seed, i, diff)
			}
		}
	}
}

// twin remembers pods one by one, as the State does, and adds them up slowly.
type twin struct {
	pods    map[string]*podState
	slowest time.Duration
}

func (tw *twin) apply(e event) {
	if e.pod == nil {
		delete(tw.pods, e.uid)
		return
	}
	p := tw.pods[e.uid]
	rec := reducePod(e.pod)
	if p == nil {
		p = &podState{waitSlot: absent, hostSlot: absent}
		tw.pods[e.uid] = p
	} else if p.rec.sameStatus(rec) {
		return
	}
	tw.slowest = max(tw.slowest, p.observe(e.at, rec).ready)
}

func (tw *twin) say(now time.Time) policy.Revision {
	out := policy.Revision{SlowestReady: tw.slowest}
	nodes, waiting := map[string]bool{}, map[string]bool{}
	failures := map[string]*policy.Failure{}
	showing := map[string]map[string]bool{}
	for _, uid := range sortedKeys(tw.pods) {
		p := tw.pods[uid]
		if p.evidence != nil && p.rec.ready {
			p.evidence.settle(p.rec.readyAt, now.Unix())
		}
		tw.addFailures(p, failures, showing)
		if p.rec.void || p.rec.finished {
			continue
		}
		out.Pods++
		if n := text(p.rec.node); n != "" {
			out.Scheduled++
			nodes[n] = true
		}
		if p.clock.start != 0 {
			out.Started++
		}
		at := secondsTime(p.clock.readyAt)
		switch {
		case p.rec.ready:
			out.Ready++
			if out.ReadySince.IsZero() || at.Before(out.ReadySince) {
				out.ReadySince = at
			}
			if at.After(out.AllReadySince) {
				out.AllReadySince = at
			}
		case p.clock.start != 0:
			out.Waiting = append(out.Waiting, secondsTime(p.clock.since(0)))
			out.WaitingPods = append(out.WaitingPods, p.rec.name)
			waiting[text(p.rec.node)] = true
		}
	}
	if out.Ready < out.Pods {
		out.AllReadySince = time.Time{}
	}
	delete(waiting, "")
	out.Nodes, out.WaitingNodes = int32(len(nodes)), int32(len(waiting))
	since := map[string]time.Time{}
	for i, name := range out.WaitingPods {
		since[name] = out.Waiting[i]
	}
	slices.SortFunc(out.WaitingPods, func(a, b string) int { return cmp.Or(since[a].Compare(since[b]), cmp.Compare(a, b)) })
	out.WaitingPods = slices.Clip(out.WaitingPods[:min(len(out.WaitingPods), policy.MaxSamples)])
	slices.SortFunc(out.Waiting, time.Time.Compare)
	for _, key := range sortedKeys(failures) {
		f := failures[key]
		f.Nodes = int32(len(showing[key]))
		out.Failures = append(out.Failures, *f)
	}
	slices.SortFunc(out.Failures, compareKeys)
	tw.sample(out.Failures)
	return out
}

func (tw *twin) addFailures(p *podState, failures map[string]*policy.Failure, showing map[string]map[string]bool) {
	if p.evidence == nil {
		return
	}
	for _, o := range p.evidence.list {
		key := fmt.Sprint(text(o.container), o.init, text(o.reason), o.exited, o.code)
		f := failures[key]
		if f == nil {
			f = &policy.Failure{
				Reason: text(o.reason), Container: text(o.container), Init: o.init, Exited: o.exited, ExitCode: o.code,
				First: nanosTime(o.first),
			}
			failures[key], showing[key] = f, map[string]bool{}
		}
		f.Count += o.count
		f.MaxCount = max(f.MaxCount, o.count)
		if o.count >= 2 {
			f.Repeated++
		}
		if !o.settled {
			f.Pods++
			if n := text(p.rec.node); n != "" {
				showing[key][n] = true
			}
		}
		if first := nanosTime(o.first); first.Before(f.First) {
			f.First = first
		}
		last := nanosTime(o.last)
		if last.After(f.Last) || last.Equal(f.Last) && text(o.message) > f.Message {
			f.Last, f.Message = last, text(o.message)
		}
	}
}

// sample names the pods with most occurrences.
func (tw *twin) sample(failures []policy.Failure) {
	for i := range failures {
		f := &failures[i]
		var all []sample
		for _, p := range tw.pods {
			if p.evidence == nil {
				continue
			}
			for _, o := range p.evidence.list {
				if text(o.reason) == f.Reason && text(o.container) == f.Container && o.init == f.Init &&
					o.exited == f.Exited && o.code == f.ExitCode {
					all = append(all, sample{p.rec.name, o.count})
				}
			}
		}
		slices.SortFunc(all, func(a, b sample) int {
			return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.name, b.name))
		})
		for _, s := range all[:min(len(all), policy.MaxSamples)] {
			f.Samples = append(f.Samples, s.name)
		}
	}
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
