package watcher

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func restarted(n int32) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Status.ContainerStatuses[0].RestartCount = n }
}

// TestFirstLookAtRestarts checks since when a pod is said to be waited for whose
// container was restarted before anybody looked: its restarts took time.
func TestFirstLookAtRestarts(t *testing.T) {
	for _, c := range []struct {
		name string
		step func(*corev1.Pod) (*corev1.Pod, int)
		want int
	}{
		{"once", at(5000, exited(second(4900), 1), running(second(4990)), restarted(1), ready(false, second(3))), 4990},
		{"a few times", at(5000, exited(second(4900), 1), running(second(4990)), restarted(4), ready(false, second(3))), 4987},
		{"often, and unready for longer", at(5000, exited(second(4900), 1), running(second(4990)), restarted(12), ready(false, second(3))), 4687},
		{"often, since it is unready", at(5000, exited(second(4900), 1), running(second(4990)), restarted(30), ready(false, second(4000))), 4000},
		{"more often than it has been unready for", at(5000, exited(second(4900), 1), running(second(4990)), restarted(5000), ready(false, second(3))), 3},
		{"without a condition", at(5000, exited(second(4900), 1), running(second(4990)), restarted(12)), 4990},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := play(t, 0, 6000, c.step); fmt.Sprint(got.waiting) != fmt.Sprint([]int{c.want}) {
				t.Errorf("waiting since %v, want %d", got.waiting, c.want)
			}
		})
	}
}

// A pod that is watched starts when it is seen to, however fast it is restarted.
func TestRestartsThatAreWatched(t *testing.T) {
	got := play(t, 0, 6000, at(3, running(second(3)), ready(false, second(1))),
		at(10, exited(second(9), 1), restarted(8)), at(11, running(second(11)), restarted(9)))
	if fmt.Sprint(got.waiting) != "[3]" {
		t.Errorf("waiting since %v, want 3", got.waiting)
	}
}
