package watcher

import (
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/undog-dev/undog/watcher/slim"
)

// TestSpecsNeedNotBeReadAgain changes a Deployment and its ReplicaSets at random, and
// compares a State that reads them whole with one that reads no spec twice.
func TestSpecsNeedNotBeReadAgain(t *testing.T) {
	whole, spare := NewState(Options{}), NewState(Options{})
	asked, left := 0, 0
	specs := &slim.Specs{}
	specs.Ask(func(kind, namespace, id string, generation int64) bool {
		asked++
		known := spare.knowsSpec(kind, namespace, id, generation)
		left += int(b2i(known))
		return known
	})
	for _, s := range []*State{whole, spare} {
		s.ApplyDeployment(epoch, deployment("web"))
	}
	r := rand.New(rand.NewPCG(1, 2))
	sets := []*appsv1.ReplicaSet{replicaSet("web", "rs-a", 1), replicaSet("web", "rs-b", 2)}
	d := deployment("web")
	for i := range 1000 {
		changeDeployment(r, d)
		whole.ApplyDeployment(epoch, through(t, d, scheme.Codecs.WithoutConversion()).(*appsv1.Deployment))
		spare.ApplyDeployment(epoch, through(t, d, slim.Codecs(specs)).(*appsv1.Deployment))
		rs := sets[r.IntN(len(sets))]
		changeReplicaSet(r, rs)
		whole.ApplyReplicaSet(epoch, through(t, rs, scheme.Codecs.WithoutConversion()).(*appsv1.ReplicaSet))
		spare.ApplyReplicaSet(epoch, through(t, rs, slim.Codecs(specs)).(*appsv1.ReplicaSet))
		if r.IntN(20) == 0 {
			for _, s := range []*State{whole, spare} {
				s.DeleteReplicaSet(epoch, rs.Namespace, rs.Name, string(rs.UID))
			}
			rs.UID += "x"
		}
		want, _ := whole.Observe(second(i), "dep-web")
		got, _ := spare.Observe(second(i), "dep-web")
		if diff := difference(t, want, got); diff != "" {
			t.Fatalf("change %d: without specs that are known, the observation differs:\n%s", i, diff)
		}
	}
	if asked == 0 || left == 0 || left == asked {
		t.Errorf("of %d objects %d came without their spec, want some, and not all", asked, left)
	}
}

// changeReplicaSet changes the status, or what a controller or somebody by hand
// writes of the rest.
func changeReplicaSet(r *rand.Rand, rs *appsv1.ReplicaSet) {
	rs.Generation = max(rs.Generation, 1)
	switch r.IntN(6) {
	case 0:
		rs.Generation++
		rs.Spec.Replicas = new(r.Int32N(5))
	case 1:
		rs.Generation++
		rs.Spec.Template.Spec.Containers[0].Image = "shop:" + string('a'+rune(r.IntN(5)))
	case 2:
		rs.Annotations = map[string]string{annotationRevision: string('1' + rune(r.IntN(9)))}
	case 3:
		rs.Status.Conditions = []appsv1.ReplicaSetCondition{{Type: appsv1.ReplicaSetReplicaFailure, Status: corev1.ConditionTrue, Reason: "FailedCreate"}}
	default:
		rs.Status.Conditions, rs.Status.Replicas = nil, r.Int32N(5)
	}
	rs.ResourceVersion = ""
}

// changeDeployment does the same with a Deployment.
func changeDeployment(r *rand.Rand, d *appsv1.Deployment) {
	d.Generation = max(d.Generation, 1)
	switch r.IntN(8) {
	case 0:
		d.Generation++
		d.Spec.Replicas, d.Spec.Paused = new(r.Int32N(5)), r.IntN(4) == 0
	case 1:
		d.Generation++
		d.Spec.Template.Spec.Containers[0].Image = "shop:" + string('a'+rune(r.IntN(5)))
		d.Spec.Template.Spec.Volumes = nil
		if r.IntN(2) == 0 {
			d.Spec.Template.Spec.Volumes = []corev1.Volume{{Name: "v", VolumeSource: corev1.VolumeSource{
				ConfigMap: &corev1.ConfigMapVolumeSource{LocalObjectReference: corev1.LocalObjectReference{Name: "web-config"}},
			}}}
		}
	case 2:
		d.Generation++
		d.Spec.MinReadySeconds, d.Spec.ProgressDeadlineSeconds = r.Int32N(30), new(600+r.Int32N(3))
		d.Spec.Strategy.Type = []appsv1.DeploymentStrategyType{appsv1.RecreateDeploymentStrategyType, appsv1.RollingUpdateDeploymentStrategyType}[r.IntN(2)]
	case 3:
		d.Annotations = map[string]string{AnnotationMode: []string{"observe", "enforce"}[r.IntN(2)]}
	default:
		d.Status.Replicas, d.Status.ObservedGeneration = r.Int32N(5), d.Generation
	}
	d.ResourceVersion = ""
}

// TestSpecOfAnUnknownObject says that what was not read is no spec.
func TestSpecOfAnUnknownObject(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	rs := replicaSet("web", "rs-a", 1)
	rs.UID, rs.Generation, rs.Spec = types.UID("never-seen"), 3, appsv1.ReplicaSetSpec{}
	problem := s.applyReplicaSet(time.Time{}, reduceReplicaSet(rs))
	if !strings.Contains(problem, "not read") {
		t.Errorf("the problem is %q, want that its spec was not read", problem)
	}
	d := deployment("other")
	d.Generation, d.Spec = 3, appsv1.DeploymentSpec{}
	if problem := s.applyDeployment(epoch, reduceDeployment(d)); !strings.Contains(problem, "not read") {
		t.Errorf("the problem is %q, want that its spec was not read", problem)
	}
	if _, ok := s.Observe(epoch, "dep-other"); ok {
		t.Error("the other Deployment is observed, want that it is not known")
	}
	if o, _ := s.Observe(epoch, "dep-web"); len(o.Revisions) != 0 {
		t.Errorf("there are the revisions %v, want none", o.Revisions)
	}
}

// TestSpecsAreReadAgainWithAList says that no spec is known while everything is
// listed.
func TestSpecsAreReadAgainWithAList(t *testing.T) {
	s := NewState(Options{})
	sets := s.neededFeeds(Source{})[1]
	sets.open(slog.New(slog.DiscardHandler), func() bool { return false })
	w := &Watcher{state: s, feeds: []*feed{sets}}
	rs := replicaSet("web", "rs-a", 1)
	rs.Generation = 3
	s.ApplyReplicaSet(epoch, rs)
	known := func() bool { return w.KnowsSpec("ReplicaSet", rs.Namespace, string(rs.UID), 3) }
	if !known() {
		t.Error("the spec is not known though it was read")
	}
	sets.source.listing.Store(true)
	if known() {
		t.Error("the spec is known while everything is listed")
	}
	if err := sets.sink.Replace([]any{rs}, ""); err != nil || !known() {
		t.Errorf("after the list (%v) the spec is not known", err)
	}
}

// TestAdoptedSpec has a ReplicaSet lose its Deployment and find another. Watches are
// read ahead: that it was found is read before it is known that it was lost.
func TestAdoptedSpec(t *testing.T) {
	s := NewState(Options{})
	specs := &slim.Specs{}
	specs.Ask(s.knowsSpec)
	read := func(rs *appsv1.ReplicaSet) *appsv1.ReplicaSet {
		return through(t, rs, slim.Codecs(specs)).(*appsv1.ReplicaSet)
	}
	old, next := deployment("web"), deployment("web")
	next.UID = "dep-next"
	rs := replicaSet("web", "rs-a", 1)
	rs.Generation = 1
	want := reduceReplicaSet(rs).template.String()
	s.ApplyDeployment(epoch, old)
	s.ApplyReplicaSet(epoch, rs)
	s.ApplyPod(epoch, podOf("rs-a", "a"))

	orphan, adopted := rs.DeepCopy(), rs.DeepCopy()
	orphan.OwnerReferences, orphan.ResourceVersion = nil, "2"
	adopted.OwnerReferences, adopted.ResourceVersion = controlledBy("Deployment", "web", "dep-next"), "3"
	orphan, adopted = read(orphan), read(adopted)
	s.ApplyReplicaSet(epoch, orphan)
	if o, _ := s.Observe(epoch, "dep-web"); len(o.Revisions) != 0 {
		t.Errorf("revisions %v of the Deployment that lost its ReplicaSet, want none", o.Revisions)
	}
	s.DeleteDeployment(epoch, "shop", "web", "dep-web")
	s.ApplyDeployment(epoch, next)
	s.ApplyReplicaSet(epoch, adopted)
	o, _ := s.Observe(epoch, "dep-next")
	if len(o.Revisions) != 1 || o.Revisions[0].Template != want || o.Revisions[0].Pods != 1 || o.Revisions[0].Number != 1 {
		t.Errorf("revisions %+v, want the one that was adopted with its pod and template %s", o.Revisions, want)
	}
	s.ApplyReplicaSet(epoch, orphan)
	s.DeleteDeployment(epoch, "shop", "web", "dep-next")
	s.DeletePod(epoch, "shop", "a", "")
	s.DeleteReplicaSet(epoch, "shop", rs.Name, "rs-a")
	if len(s.spaces) != 0 || len(s.deployments) != 0 {
		t.Errorf("%d namespaces and %d Deployments are left, want none", len(s.spaces), len(s.deployments))
	}
}

// TestSpecsOfAnotherServer has a watch go on at a server of another version, which
// says more of the same spec: it must still be known which revision is the current one.
func TestSpecsOfAnotherServer(t *testing.T) {
	s := NewState(Options{})
	specs := &slim.Specs{}
	specs.Ask(s.knowsSpec)
	d, rs := deployment("web"), replicaSet("web", "rs-a", 1)
	d.Generation, rs.Generation = 1, 1
	d.Spec.Template.Spec = *rs.Spec.Template.Spec.DeepCopy()
	read := func() {
		s.ApplyDeployment(epoch, through(t, d, slim.Codecs(specs)).(*appsv1.Deployment))
		s.ApplyReplicaSet(epoch, through(t, rs, slim.Codecs(specs)).(*appsv1.ReplicaSet))
	}
	current := func() bool {
		o, ok := s.Observe(epoch, "dep-web")
		return ok && len(o.Revisions) == 1 && o.Revisions[0].Template == o.Template
	}
	more := func(version, policy string) {
		d.ResourceVersion, rs.ResourceVersion = version, version
		for _, spec := range []*corev1.PodSpec{&d.Spec.Template.Spec, &rs.Spec.Template.Spec} {
			spec.SchedulerName = policy
		}
		d.Status.ObservedGeneration, rs.Status.Conditions = d.Generation, nil
	}
	read()
	if !current() {
		t.Fatal("there is no current revision")
	}
	// An annotation raises the generation of the Deployment alone.
	more("2", "new-default")
	d.Generation++
	read()
	if !current() {
		t.Error("there is no current revision once the Deployment was annotated")
	}
	// A scale by hand raises that of the ReplicaSet alone.
	more("3", "newer-default")
	rs.Generation++
	read()
	more("4", "newer-default")
	read()
	if !current() {
		t.Error("there is no current revision once the ReplicaSet was scaled")
	}
	if !s.knowsSpec("ReplicaSet", "shop", "rs-a", 2) || !s.knowsSpec("Deployment", "shop", "dep-web", 2) {
		t.Error("specs are read again though the current revision is known")
	}
}
