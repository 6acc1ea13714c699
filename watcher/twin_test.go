package watcher

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/policy"
)

// TestIncrementalEqualsRecomputed compares a State, after every event, with a
// twin that keeps no sums and adds everything up anew.
func TestIncrementalEqualsRecomputed(t *testing.T) {
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 3))
		s := NewState(Options{})
		s.ApplyDeployment(epoch, deployment("web"))
		revisions := []string{"rs-a", "rs-b"}
		tw := &twin{nodes: map[string]*node{}, revisions: map[string]*twinRevision{}}
		var histories [][]event
		for i, rs := range revisions {
			s.ApplyReplicaSet(epoch, replicaSet("web", rs, i+1))
			tw.revisions[rs] = &twinRevision{pods: map[string]*podState{}}
			for n := range 1 + r.IntN(6) {
				histories = append(histories, randomHistory(r, rs, n, true))
			}
		}
		for n := range 4 {
			histories = append(histories, randomNode(r, n))
		}
		for i, e := range interleave(r, histories) {
			e.apply(s)
			tw.apply(e)
			if i%3 == 0 {
				continue // Let changes pile up between two looks.
			}
			end := second(2400 + i)
			got, _ := s.Observe(end, "dep-web")
			for n, rs := range revisions {
				gotRevision := got.Revisions[n]
				gotRevision.RevisionRef, gotRevision.CreatedAt, gotRevision.Desired = policy.RevisionRef{}, time.Time{}, 0
				if diff := difference(t, tw.revisions[rs].say(end), gotRevision); diff != "" {
					t.Fatalf("seed %d, event %d: twin and state differ in %s:\n%s", seed, i, rs, diff)
				}
			}
			if diff := difference(t, tw.hosts(), got.Hosts); diff != "" {
				t.Fatalf("seed %d, event %d: twin and state differ in their hosts:\n%s", seed, i, diff)
			}
		}
	}
}

// twin remembers nodes and pods one by one, as the State does, and adds them
// up slowly.
type twin struct {
	nodes     map[string]*node
	revisions map[string]*twinRevision
}

type twinRevision struct {
	pods              map[string]*podState
	slowest, slowInit time.Duration
	incidents         []*incident
}

// known is the number that stands for a UID.
func known(id string) uid {
	u, _ := uidOf(id)
	return u
}

// revision finds one by its UID.
func (tw *twin) revision(id uid) *twinRevision {
	for name, r := range tw.revisions {
		if known(name) == id {
			return r
		}
	}
	return nil
}

// pod finds one by its UID.
func (tw *twinRevision) pod(id uid) *podState {
	for name, p := range tw.pods {
		if known(name) == id {
			return p
		}
	}
	return nil
}

func (tw *twin) node(name string) *node {
	n := tw.nodes[name]
	if n == nil {
		n = &node{name: intern(name)}
		tw.nodes[name] = n
	}
	return n
}

func (tw *twin) apply(e event) {
	switch {
	case e.pod != nil:
		rec := reducePod(e.pod)
		tw.revision(rec.owner).observe(e, rec, tw)
	case e.node != nil:
		rec := reduceNode(e.node)
		n := tw.node(rec.name.String())
		n.uid, n.gone, n.nodeStatus = rec.uid, false, rec.nodeStatus
	case e.gone != "":
		tw.node(e.gone).gone = tw.node(e.gone).uid != (uid{})
		if !tw.hosting(e.gone) {
			// A node without pods is forgotten altogether.
			*tw.node(e.gone) = node{name: intern(e.gone)}
		}
	case e.said != nil:
		tw.hear(e)
	default:
		for _, r := range tw.revisions {
			r.drop(e.uid)
		}
	}
	for name, n := range tw.nodes {
		if n.gone && !tw.hosting(name) {
			*n = node{name: n.name}
		}
	}
}

func (tw *twin) hosting(name string) bool {
	for _, r := range tw.revisions {
		for _, p := range r.pods {
			if text(p.node()) == name {
				return true
			}
		}
	}
	return false
}

// hear takes in an Event as one about a pod that is there may be.
func (tw *twin) hear(e event) {
	rec := reduceEvent(e.said)
	for _, r := range tw.revisions {
		p := r.pod(rec.pod)
		if p == nil || p.rec.void || p.rec.finished || rec.note.fleeting() && p.rec.created {
			continue
		}
		n := rec.note
		n.first = min(e.at.Unix(), n.when) * int64(time.Second)
		n.last = n.first
		if n.fleeting() && e.at.Sub(nanosTime(n.last)) >= NoteLasts {
			continue
		}
		if p.evidence == nil {
			p.evidence = &evidence{}
		}
		p.evidence.take(n)
	}
}

func (tw *twinRevision) observe(e event, rec *podRecord, all *twin) {
	p := tw.pods[e.uid]
	if p == nil {
		p = &podState{waitSlot: absent, hostSlot: absent}
		tw.pods[e.uid] = p
	} else if p.node() == rec.node && p.rec.same(&rec.podShown) {
		return
	}
	p.keep(&rec.identity)
	news := p.observe(e.at, rec)
	tw.slowest, tw.slowInit = max(tw.slowest, news.ready), max(tw.slowInit, news.init)
	if news.fall != nil {
		tw.incidents = append(tw.incidents, news.fall)
	}
	p.host = nil
	if rec.node != (word{}) {
		p.host = all.node(text(rec.node))
	}
}

func (tw *twinRevision) drop(uid string) {
	p := tw.pods[uid]
	if p == nil {
		return
	}
	delete(tw.pods, uid)
	tw.incidents = slices.DeleteFunc(tw.incidents, func(i *incident) bool { return i.pod == p && i.hidden() })
	for _, i := range tw.incidents {
		if i.pod == p {
			i.pod = nil
		}
	}
}

// hosts counts, node by node, the pods that could still fail for the first time.
func (tw *twin) hosts() []policy.Host {
	if !slices.ContainsFunc(tw.revisions["rs-a"].incidents, func(i *incident) bool { return i.at != 0 && !i.hidden() }) {
		return nil
	}
	nodes := map[string]policy.Host{}
	for rs, r := range tw.revisions {
		for _, p := range r.pods {
			if p.clock.start == 0 || p.rec.void || p.rec.finished || p.host.lost() || p.fallen {
				continue
			}
			h := nodes[text(p.node())]
			if h.Nodes = 1; rs == "rs-a" {
				h.New++
			} else {
				h.Old++
			}
			nodes[text(p.node())] = h
		}
	}
	out := []policy.Host{}
	for _, h := range nodes {
		i := slices.IndexFunc(out, func(o policy.Host) bool { return o.New == h.New && o.Old == h.Old })
		if i < 0 {
			out = append(out, h)
		} else {
			out[i].Nodes++
		}
	}
	slices.SortFunc(out, func(a, b policy.Host) int { return cmp.Or(cmp.Compare(a.New, b.New), cmp.Compare(a.Old, b.Old)) })
	return out
}

func (tw *twinRevision) say(now time.Time) policy.Revision {
	out := policy.Revision{SlowestReady: tw.slowest, SlowestInit: tw.slowInit}
	nodes, waiting := map[string]bool{}, map[string]bool{}
	failures := map[string]*policy.Failure{}
	showing := map[string]map[string]bool{}
	told := map[string]time.Time{}
	for _, uid := range sortedKeys(tw.pods) {
		p := tw.pods[uid]
		if p.evidence != nil {
			p.evidence.expire(now)
		}
		if p.evidence != nil && p.rec.ready {
			p.evidence.settle(int64(p.clock.readyAt), now.Unix())
		}
		addFailures(p, failures, showing, told)
		switch {
		case p.host.lost():
			out.Lost++
			continue
		case p.rec.void:
			out.Disrupted++
			continue
		case p.rec.finished:
			continue
		}
		out.Pods++
		tw.addImages(p, &out)
		if n := text(p.node()); n != "" {
			out.Scheduled++
			nodes[n] = true
		}
		if p.clock.start != 0 {
			out.Started++
		}
		if p.clock.unsteady() && p.host.returned() <= int64(p.clock.start) {
			out.Unsteady++
		}
		at := secondsTime(int64(p.clock.readyAt))
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
			out.Waiting = append(out.Waiting, secondsTime(p.waitingSince(0)))
			out.WaitingPods = append(out.WaitingPods, p.name().String())
			waiting[text(p.node())] = true
			out.Fell += b2i(p.clock.wasReady || p.clock.readyAt > p.clock.start)
		}
		if p.clock.start == 0 && p.clock.initAt != 0 {
			out.Initializing = append(out.Initializing, secondsTime(p.initSince(0)))
			out.InitializingPods = append(out.InitializingPods, p.name().String())
		}
	}
	if out.Ready < out.Pods {
		out.AllReadySince = time.Time{}
	}
	delete(waiting, "")
	out.Nodes, out.WaitingNodes = int32(len(nodes)), int32(len(waiting))
	out.Waiting, out.WaitingPods = oldestFirst(out.Waiting, out.WaitingPods)
	out.Initializing, out.InitializingPods = oldestFirst(out.Initializing, out.InitializingPods)
	for _, key := range sortedKeys(failures) {
		f := failures[key]
		f.Nodes = int32(len(showing[key]))
		out.Failures = append(out.Failures, *f)
	}
	slices.SortFunc(out.Failures, compareKeys)
	tw.sample(out.Failures)
	slices.SortFunc(tw.incidents, compareIncidents)
	for _, i := range tw.incidents {
		if !i.hidden() {
			out.Incidents = append(out.Incidents, policy.Incident{
				Pod: i.name.String(), Node: text(i.node), At: nanosTime(i.at), Age: i.age, WasReady: i.wasReady,
			})
		}
	}
	return out
}

// addImages keeps the digests sorted.
func (*twinRevision) addImages(p *podState, out *policy.Revision) {
	_, digest, ok := strings.Cut(strings.TrimSpace(text(p.rec.images)), " ")
	d := policy.Digest{Container: "app", Digest: digest}
	if ok && !slices.Contains(out.Digests, d) {
		out.Digests = append(out.Digests, d)
		slices.SortFunc(out.Digests, func(a, b policy.Digest) int { return cmp.Compare(a.Digest, b.Digest) })
	}
}

func oldestFirst(times []time.Time, names []string) (sorted []time.Time, first []string) {
	since := map[string]time.Time{}
	for i, name := range names {
		since[name] = times[i]
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(since[a].Compare(since[b]), cmp.Compare(a, b)) })
	slices.SortFunc(times, time.Time.Compare)
	return times, slices.Clip(names[:min(len(names), policy.MaxSamples)])
}

func addFailures(
	p *podState, failures map[string]*policy.Failure, showing map[string]map[string]bool, told map[string]time.Time,
) {
	for _, o := range p.showing() {
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
			if n := text(p.node()); n != "" {
				showing[key][n] = true
			}
		}
		if first := nanosTime(o.first); first.Before(f.First) {
			f.First = first
		}
		last := nanosTime(o.last)
		if last.After(f.Last) {
			f.Last = last
		}
		if m := text(o.message); m != "" && (last.After(told[key]) || last.Equal(told[key]) && m > f.Message) {
			told[key], f.Message = last, m
		}
	}
}

// sample names the pods with most occurrences.
func (tw *twinRevision) sample(failures []policy.Failure) {
	for i := range failures {
		f := &failures[i]
		var all []sample
		for _, p := range tw.pods {
			for _, o := range p.showing() {
				if text(o.reason) == f.Reason && text(o.container) == f.Container && o.init == f.Init &&
					o.exited == f.Exited && o.code == f.ExitCode {
					all = append(all, sample{p.name(), o.count})
				}
			}
		}
		slices.SortFunc(all, func(a, b sample) int {
			return cmp.Or(cmp.Compare(b.count, a.count), a.name.compare(b.name))
		})
		for _, s := range all[:min(len(all), policy.MaxSamples)] {
			f.Samples = append(f.Samples, s.name.String())
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
