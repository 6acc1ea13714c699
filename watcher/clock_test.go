package watcher

import (
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

// second is a time on the node's clock, counted from epoch.
func second(n int) time.Time { return epoch.Add(time.Duration(n) * time.Second) }

// play applies the statuses of a pod at the given seconds and returns what is
// said of its revision at the end.
func play(t *testing.T, minReady int32, end int, steps ...func(p *corev1.Pod) (*corev1.Pod, int)) revisionView {
	t.Helper()
	s := NewState(Options{})
	d := deployment("web")
	d.Spec.MinReadySeconds = minReady
	s.ApplyDeployment(epoch, d)
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	p := podOf("rs-web", "a")
	for _, step := range steps {
		next, at := step(p)
		s.ApplyPod(second(at), next)
		p = next
	}
	o, _ := s.Observe(second(end), "dep-web")
	r := o.Revisions[0]
	v := revisionView{ready: r.Ready, slowest: r.SlowestReady, fell: r.Fell}
	for _, w := range r.Waiting {
		v.waiting = append(v.waiting, int(w.Sub(epoch)/time.Second))
	}
	return v
}

type revisionView struct {
	ready   int32
	slowest time.Duration
	waiting []int
	fell    int32
}

func at(n int, changes ...func(*corev1.Pod)) func(*corev1.Pod) (*corev1.Pod, int) {
	return func(p *corev1.Pod) (*corev1.Pod, int) { return with(p, changes...), n }
}

func TestAvailabilityClock(t *testing.T) {
	starts := at(3, running(second(3)), ready(false, second(1)))
	for _, c := range []struct {
		name     string
		minReady int32
		steps    []func(*corev1.Pod) (*corev1.Pod, int)
		waiting  []int
		slowest  time.Duration
	}{
		{"a slow pull has no clock", 0, []func(*corev1.Pod) (*corev1.Pod, int){
			at(1, ready(false, second(1))),
		}, nil, 0},
		{"the clock starts with the container", 0, []func(*corev1.Pod) (*corev1.Pod, int){starts}, []int{3}, 0},
		{"a restart does not reset it", 0, []func(*corev1.Pod) (*corev1.Pod, int){
			starts, at(10, exited(second(10), 1)), at(11, running(second(11))),
		}, []int{3}, 0},
		{"flapping does not reset it", 0, []func(*corev1.Pod) (*corev1.Pod, int){
			starts, at(10, ready(true, second(10))), at(35, ready(false, second(35))),
			at(40, ready(true, second(40))), at(65, ready(false, second(65))),
		}, []int{3}, 7 * time.Second},
		{"sustained readiness resets it", 0, []func(*corev1.Pod) (*corev1.Pod, int){
			starts, at(10, ready(true, second(10))), at(40, ready(false, second(40))),
		}, []int{40}, 7 * time.Second},
		{"minReadySeconds says what is sustained", 60, []func(*corev1.Pod) (*corev1.Pod, int){
			starts, at(10, ready(true, second(10))), at(69, ready(false, second(69))),
		}, []int{3}, 7 * time.Second},
		{"minReadySeconds was met", 60, []func(*corev1.Pod) (*corev1.Pod, int){
			starts, at(10, ready(true, second(10))), at(70, ready(false, second(70))),
			at(80, ready(true, second(80))), at(120, ready(false, second(120))),
		}, []int{70}, 7 * time.Second},
		{"readiness lost and found between two looks", 0, []func(*corev1.Pod) (*corev1.Pod, int){
			starts, at(10, ready(true, second(10))), at(100, ready(true, second(100))), at(105, ready(false, second(105))),
		}, []int{100}, 7 * time.Second},
		{"the first look finds it unready: it may have been ready before", 0, []func(*corev1.Pod) (*corev1.Pod, int){
			at(50, running(second(3)), ready(false, second(45))),
		}, []int{45}, 0},
		{"the first look finds it ready: what was before is unknown", 0, []func(*corev1.Pod) (*corev1.Pod, int){
			at(50, running(second(3)), ready(true, second(45))), at(51, ready(false, second(51))),
		}, []int{45}, 42 * time.Second},
		{"a start that took too long to be believed", 0, []func(*corev1.Pod) (*corev1.Pod, int){
			at(5000, running(second(3)), ready(true, second(4000))),
		}, nil, 0},
		{"a long start that was watched", 0, []func(*corev1.Pod) (*corev1.Pod, int){
			starts, at(4000, ready(true, second(4000))),
		}, nil, 3997 * time.Second},
		{"the second readiness is no start", 0, []func(*corev1.Pod) (*corev1.Pod, int){
			starts, at(10, ready(true, second(10))), at(12, ready(false, second(12))), at(400, ready(true, second(400))),
		}, nil, 7 * time.Second},
		{"a deleted pod is not waited for", 0, []func(*corev1.Pod) (*corev1.Pod, int){starts, at(5, deleting)}, nil, 0},
		{"a node's clock that is ahead", 0, []func(*corev1.Pod) (*corev1.Pod, int){
			at(3, running(second(90)), ready(false, second(80))),
		}, []int{3}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := play(t, c.minReady, 6000, c.steps...)
			if fmt.Sprint(got.waiting) != fmt.Sprint(c.waiting) || got.slowest != c.slowest {
				t.Errorf("waiting since %v, slowest %v; want %v, %v", got.waiting, got.slowest, c.waiting, c.slowest)
			}
		})
	}
}

// TestUnsteady checks what is called unsteady: readiness lost three times, and
// two minutes without it in all. The first way to readiness does not count.
func TestUnsteady(t *testing.T) {
	for _, c := range []struct {
		name       string
		losses     int
		down, want int
	}{
		{"twice, for long", 2, 200, 0},
		{"three times, for a moment", 3, 10, 0},
		{"three times, for two minutes in all", 3, 40, 1},
		{"often", 9, 33, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := oneRevision()
			p := with(podOf("rs-web", "a"), running(second(3)), ready(false, second(1)))
			s.ApplyPod(second(3), p)
			now := 500
			for range c.losses {
				p = with(p, ready(true, second(now)))
				s.ApplyPod(second(now), p)
				now += 60
				p = with(p, ready(false, second(now)))
				s.ApplyPod(second(now), p)
				now += c.down
			}
			p = with(p, ready(true, second(now)))
			s.ApplyPod(second(now), p)
			if r := revisionAt(t, s, second(now)); r.Unsteady != int32(c.want) {
				t.Errorf("%d pods unsteady, want %d", r.Unsteady, c.want)
			}
		})
	}
}

// TestManyStreaks checks that the bound on remembered streaks only ever
// favours the pod.
func TestManyStreaks(t *testing.T) {
	var c clock
	c.start = 100
	end := int64(1000)
	for length := int64(400); length >= 40; length -= 40 {
		end += length + 1
		c.end(streak{length: length, end: end})
		if len(c.streaks.all()) > maxStreaks {
			t.Fatalf("%d streaks remembered", len(c.streaks.all()))
		}
	}
	if got := c.since(30 * time.Second); got != end {
		t.Errorf("any streak is enough: since %d, want the last end %d", got, end)
	}
	if got := c.since(400 * time.Second); got < 1401 {
		t.Errorf("the longest streak is forgotten: since %d", got)
	}
	if got := c.since(500 * time.Second); got != 100 {
		t.Errorf("no streak is long enough: since %d, want the start", got)
	}
}

// TestFell checks which unready pods are said to have been ready before.
func TestFell(t *testing.T) {
	starts := at(3, running(second(3)), ready(false, second(1)))
	for _, c := range []struct {
		name  string
		steps []func(*corev1.Pod) (*corev1.Pod, int)
		want  int32
	}{
		{"it starts", []func(*corev1.Pod) (*corev1.Pod, int){starts}, 0},
		{"it exits before it is ready", []func(*corev1.Pod) (*corev1.Pod, int){
			starts, at(10, exited(second(10), 1)), at(11, running(second(11))),
		}, 0},
		{"it is ready", []func(*corev1.Pod) (*corev1.Pod, int){starts, at(10, ready(true, second(10)))}, 0},
		{"it was ready", []func(*corev1.Pod) (*corev1.Pod, int){
			starts, at(10, ready(true, second(10))), at(400, ready(false, second(400))),
		}, 1},
		{"it was ready for a moment", []func(*corev1.Pod) (*corev1.Pod, int){
			starts, at(10, ready(true, second(10))), at(11, ready(false, second(11))),
		}, 1},
		{"the first look finds it starting", []func(*corev1.Pod) (*corev1.Pod, int){at(50, running(second(45)), ready(false, second(40)))}, 0},
		{"the first look finds that it became unready", []func(*corev1.Pod) (*corev1.Pod, int){at(50, running(second(3)), ready(false, second(45)))}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := play(t, 0, 6000, c.steps...); got.fell != c.want {
				t.Errorf("%d were ready before, want %d", got.fell, c.want)
			}
		})
	}
}

// TestClockSetWhileAPodStarts has a node's clock set right after its pod's containers
// started: what the pod took by that clock is not believed beyond the pod's age.
func TestClockSetWhileAPodStarts(t *testing.T) {
	longAgo := epoch.AddDate(-3, 0, 0)
	for _, c := range []struct {
		name string
		now  func(*State)
		look func(policy.Revision) time.Duration
		most time.Duration
	}{
		{"until ready", func(s *State) {
			p := with(podOf("rs-web", "a"), func(p *corev1.Pod) { p.CreationTimestamp = metav1.NewTime(epoch) })
			s.ApplyPod(second(1), p)
			p = with(p, running(longAgo))
			s.ApplyPod(second(2), p)
			s.ApplyPod(second(20), with(p, ready(true, second(20))))
		}, func(r policy.Revision) time.Duration { return r.SlowestReady }, 20*time.Second + maxSkew},
		{"waiting", func(s *State) {
			p := with(podOf("rs-web", "a"), func(p *corev1.Pod) { p.CreationTimestamp = metav1.NewTime(epoch) })
			s.ApplyPod(second(1), p)
			s.ApplyPod(second(2), with(p, running(longAgo), ready(false, second(2))))
		}, func(r policy.Revision) time.Duration { return second(60).Sub(r.Waiting[0]) }, time.Minute},
		{"until its fall", func(s *State) {
			p := with(podOf("rs-web", "a"), func(p *corev1.Pod) { p.CreationTimestamp = metav1.NewTime(epoch) })
			s.ApplyPod(second(1), p)
			p = with(p, running(longAgo))
			s.ApplyPod(second(2), p)
			s.ApplyPod(second(20), with(p, exited(second(20), 1)))
		}, func(r policy.Revision) time.Duration { return r.Incidents[0].Age }, 20*time.Second + maxSkew},
	} {
		s := NewState(Options{})
		s.ApplyDeployment(epoch, deployment("web"))
		s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
		c.now(s)
		o, _ := s.Observe(second(60), "dep-web")
		if got := c.look(o.Revisions[0]); got <= 0 || got > c.most {
			t.Errorf("%s: %v, want at most %v", c.name, got, c.most)
		}
	}
}
