//go:build e2e

package e2e_test

import (
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
)

// TestWelcomePassesOverRevision2 plays the whole story: two releases with the
// bug are out before undog may act. It goes back over both of them, and leaves
// alone what waits for somebody to make it ready.
func TestWelcomePassesOverRevision2(t *testing.T) {
	w := visit(t, "", "undog.yaml")
	watching := w.run("mode: observe\n")
	w.prove()

	w.apply("2-v1.1.yaml")
	w.complete(2, badSite)
	w.convicted(2)
	w.reads("Welcome !")

	w.apply("3-v1.1-without-readiness-probe.yaml")
	w.complete(3, badSite)
	w.convicted(3)
	w.reads("Welcome !")
	w.untouched()

	w.stop(watching)
	// So long, and undog says that the pods after the undo are not ready.
	w.config = w.replaced(w.config, "bake: 20s", "bake: 20s\n    readyWithin: 15s")
	w.run("mode: enforce\n")
	done := w.await("rollback.done")
	if done.Data.Target.Number != 1 || done.Data.Revision.Number != 3 {
		t.Errorf("went from revision %d to %d, want from 3 to 1", done.Data.Revision.Number, done.Data.Target.Number)
	}
	held := w.await("rollout.held")
	if held.Data.Reason != "TargetNotReady" {
		t.Errorf("after the undo undog held for %s (%s), want TargetNotReady", held.Data.Reason, held.Data.Message)
	}
	d := w.get()
	if !equality.Semantic.DeepEqual(d.Spec.Template, w.good) {
		t.Errorf("after the undo the template is %+v, want that of revision 1, %+v", d.Spec.Template, w.good)
	}
	if ready := w.ready(goodSite); ready != 0 {
		t.Errorf("%d pods of v1.0 are ready, want none before /tmp/ready is there", ready)
	}

	w.complete(4, goodSite)
	w.await("rollout.recovered")
	w.reads("Welcome admin!")
	if n := w.patches(); n != 1 {
		t.Errorf("the audit log has %d patches of the template, want 1", n)
	}
}

// convicted waits for the verdict on a revision: the persona missed its name.
func (w *welcome) convicted(number int64) {
	w.t.Helper()
	bad := w.await("verdict.bad").Data
	if bad.Reason != "CheckFailed" || bad.Revision.Number != number {
		w.t.Errorf("revision %d was convicted for %s (%s), want revision %d for CheckFailed", bad.Revision.Number, bad.Reason, bad.Message, number)
	}
	if len(bad.Checks) != 1 || bad.Checks[0].Name != "greeting" || bad.Checks[0].Step != "front page" {
		w.t.Errorf("the event tells of the checks %+v, want the step front page of greeting", bad.Checks)
	}
}

// TestWelcomeUndoesRevision2 undoes the release with the bug as soon as one of
// its pods is ready: undog logs in as the persona and misses its name.
func TestWelcomeUndoesRevision2(t *testing.T) {
	w := visit(t, "page greets nobody, persona's check, 3 replicas", "undog.yaml")
	w.undoesRevision2()
}

// TestWelcomeUndoesRevision2WithoutExpectation does so without being told what
// the page must say.
func TestWelcomeUndoesRevision2WithoutExpectation(t *testing.T) {
	w := visit(t, "page greets nobody, nothing expected, 3 replicas", "undog-differential.yaml")
	w.undoesRevision2()
}

func (w *welcome) undoesRevision2() {
	w.t.Helper()
	w.run("mode: enforce\n")
	w.prove()
	w.follow()
	w.released()
	w.apply("2-v1.1.yaml")
	// One pod is made ready, as a careful person would, and the others wait.
	w.watch(func(p *corev1.Pod, _ *appsv1.Deployment) bool {
		return p != nil && imageOf(p) == badSite && w.touch(p)
	})
	w.watch(func(p *corev1.Pod, _ *appsv1.Deployment) bool {
		return p != nil && imageOf(p) == badSite && isReady(p)
	})
	w.seen()
	w.undone("CheckFailed")
	w.complete(3, goodSite)
	w.recovered()
	w.reads("Welcome admin!")
}
