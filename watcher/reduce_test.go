package watcher

import (
	"fmt"
	"log/slog"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/undog-dev/undog/policy"
)

func TestCleanMessage(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"plain", "plain"},
		{"two\nlines\tand \x1b[31mred", "two lines and red"},
		{"bad \xff byte", "bad byte"},
		{"right\u202eleft", "rightleft"},
		{strings.Repeat("a", 300), strings.Repeat("a", 85) + "…" + strings.Repeat("a", 168)},
		{strings.Repeat("ä", 200), strings.Repeat("ä", 42) + "…" + strings.Repeat("ä", 84)},
		{strings.Repeat("€", 4<<10) + ": not found", strings.Repeat("€", 28) + "…" + strings.Repeat("€", 52) + ": not found"},
		{strings.Repeat("€ ", 1<<20) + ": not found", strings.Repeat("€ ", 63) + "…"},
		{"a " + strings.Repeat("€", 1<<20) + ": not found", "a [redacted]…"},
	} {
		got := cleanMessage(c.in)
		if got != c.want || len(got) > policy.MaxMessage || !utf8.ValidString(got) {
			t.Errorf("cleanMessage of %d bytes = %q (%d bytes), want %q", len(c.in), got, len(got), c.want)
		}
		if again := cleanMessage(got); again != got {
			t.Errorf("cleaned twice: %q, then %q", got, again)
		}
	}
}

func TestProbeBudget(t *testing.T) {
	always := corev1.ContainerRestartPolicyAlways
	readiness := &corev1.Probe{InitialDelaySeconds: 5, PeriodSeconds: 2, FailureThreshold: 3, SuccessThreshold: 1}
	startup := &corev1.Probe{PeriodSeconds: 10, FailureThreshold: 30}
	endless := &corev1.Probe{InitialDelaySeconds: math.MaxInt32, PeriodSeconds: math.MaxInt32, FailureThreshold: math.MaxInt32}
	for _, c := range []struct {
		name string
		spec corev1.PodSpec
		want int32
	}{
		{"none", corev1.PodSpec{Containers: []corev1.Container{{LivenessProbe: startup}}}, 0},
		{"readiness", corev1.PodSpec{Containers: []corev1.Container{{ReadinessProbe: readiness}}}, 11},
		{"both, in turn", corev1.PodSpec{Containers: []corev1.Container{{StartupProbe: startup, ReadinessProbe: readiness}}}, 311},
		{"the slowest container", corev1.PodSpec{Containers: []corev1.Container{{ReadinessProbe: readiness}, {StartupProbe: startup}}}, 300},
		{"defaults", corev1.PodSpec{Containers: []corev1.Container{{ReadinessProbe: &corev1.Probe{}}}}, 30},
		{"a sidecar", corev1.PodSpec{InitContainers: []corev1.Container{{RestartPolicy: &always, StartupProbe: startup}}}, 300},
		{"many successes", corev1.PodSpec{Containers: []corev1.Container{{ReadinessProbe: &corev1.Probe{PeriodSeconds: 10, FailureThreshold: 3, SuccessThreshold: 6}}}}, 60},
		{"all that the API allows", corev1.PodSpec{Containers: []corev1.Container{{StartupProbe: endless, ReadinessProbe: endless}}}, math.MaxInt32},
	} {
		if got := probeBudget(&corev1.PodTemplateSpec{Spec: c.spec}); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestReduceDeployment(t *testing.T) {
	d := deployment("web")
	never := int32(1<<31 - 1)
	d.Spec.ProgressDeadlineSeconds, d.Spec.MinReadySeconds = &never, 7
	d.Spec.Strategy.Type = appsv1.RecreateDeploymentStrategyType
	d.Annotations = map[string]string{
		AnnotationMode: "off", AnnotationPausedBy: "d-1", AnnotationRollbacks: `[{"id":"d-0","from":"rs-b"}]`,
	}
	updated := metav1.NewTime(second(60))
	d.Status.Conditions = []appsv1.DeploymentCondition{{
		Type: appsv1.DeploymentProgressing, Status: corev1.ConditionFalse, Reason: "ProgressDeadlineExceeded",
		Message: "ReplicaSet \"web\" has\ntimed out", LastUpdateTime: updated, LastTransitionTime: updated,
	}}
	d.Annotations[AnnotationResumed] = "d-2"
	d.Spec.Paused = true
	o := reduceDeployment(d).say()
	if o.PausedBy != "d-1" || o.Resumed != "d-2" || !o.Paused || o.Mode != "off" || !o.Recreate || o.MinReady != 7*time.Second || o.ProgressDeadline != 0 {
		t.Errorf("reduced to %+v", o)
	}
	want := policy.Condition{
		Status: "False", Reason: "ProgressDeadlineExceeded", Message: `ReplicaSet "web" has timed out`,
		Updated: second(60), Since: second(60),
	}
	if o.Progressing != want || o.ReplicaFailure != nil {
		t.Errorf("conditions %+v, %+v", o.Progressing, o.ReplicaFailure)
	}
	if len(o.Rollbacks) != 1 || o.Rollbacks[0].DecisionID != "d-0" {
		t.Errorf("rollbacks %+v", o.Rollbacks)
	}
	rs := replicaSet("web", "rs-web", 1)
	if got := reduceReplicaSet(rs).template.String(); got != o.Template {
		t.Errorf("template %s of the ReplicaSet, %s of its Deployment", got, o.Template)
	}
}

func TestParseRollbacks(t *testing.T) {
	var items []string
	for i := range 12 {
		items = append(items, fmt.Sprintf(`{"id":"d-%d"}`, i))
	}
	list, err := parseRollbacks("[" + strings.Join(items, ",") + "]")
	if err != nil || len(list) != MaxRollbacks || list[0].DecisionID != "d-4" || list[7].DecisionID != "d-11" {
		t.Errorf("kept %+v, %v; want the newest %d, oldest first", list, err, MaxRollbacks)
	}
	if _, err = parseRollbacks(`[{"at":"` + strings.Repeat("x", 100_000) + `"}]`); err == nil || len(err.Error()) > 2*policy.MaxMessage {
		t.Errorf("the error about a long one has %d bytes", len(fmt.Sprint(err)))
	}
	if list, err = parseRollbacks("yes"); err == nil || list != nil {
		t.Errorf("parsed %v, want an error", list)
	}
	d := deployment("web")
	d.Annotations = map[string]string{AnnotationRollbacks: "yes"}
	if r := reduceDeployment(d); r.problem() == "" || r.rare.rollbacks != nil {
		t.Errorf("problem %q with rollbacks %v", r.problem(), r.rare.rollbacks)
	}
}

// TestDigestSeesEveryField changes the fields of an Observation one by one.
func TestDigestSeesEveryField(t *testing.T) {
	full := func() *policy.Observation {
		return &policy.Observation{
			Labels: policy.Labels{{Key: "a", Value: "b"}},
			Revisions: []policy.Revision{{
				Failures: []policy.Failure{{Samples: []string{"x"}}}, Waiting: []time.Time{second(1)}, ReplicaFailure: &policy.Condition{},
			}},
			Records:        []policy.Record{{Refused: &policy.Note{}}},
			Rollbacks:      []policy.Rollback{{}},
			ReplicaFailure: &policy.Condition{},
		}
	}
	whole := func(o *policy.Observation) uint64 { return digest(o, digestOwn(o)) }
	base := whole(full())
	if base != whole(full()) {
		t.Fatal("equal observations have different digests")
	}
	seen := 0
	var walk func(path string, v reflect.Value, of *policy.Observation)
	walk = func(path string, v reflect.Value, of *policy.Observation) {
		old := reflect.New(v.Type()).Elem()
		old.Set(v)
		if alter(v) {
			seen++
			same := whole(of) == base
			if mayDiffer := path != ".At" && path != ".Version"; same == mayDiffer {
				t.Errorf("changed %s: digest the same: %v", path, same)
			}
			v.Set(old)
			return
		}
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, v.Field(i), of)
			}
		case reflect.Slice:
			for i := range v.Len() {
				walk(fmt.Sprintf("%s[%d]", path, i), v.Index(i), of)
			}
			v.Set(reflect.Append(v, reflect.Zero(v.Type().Elem())))
			if whole(of) == base {
				t.Errorf("%s grew: digest the same", path)
			}
			v.Set(old)
		case reflect.Pointer:
			if !v.IsNil() {
				walk(path, v.Elem(), of)
				v.SetZero()
				if whole(of) == base {
					t.Errorf("%s was taken away: digest the same", path)
				}
				v.Set(old)
			}
		case reflect.Interface: // TestIdleRevisions has what there is to it.
		default:
			t.Errorf("%s: a %s is not covered", path, v.Kind())
		}
	}
	o := full()
	walk("", reflect.ValueOf(o).Elem(), o)
	if seen < 60 {
		t.Errorf("only %d fields changed", seen)
	}
}

// alter changes a plain value and tells whether it could.
func alter(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int32, reflect.Int64:
		v.SetInt(v.Int() + 1)
	case reflect.Uint64:
		v.SetUint(v.Uint() + 1)
	case reflect.String:
		v.SetString(v.String() + "!")
	case reflect.Struct:
		if v.Type() != timeType {
			return false
		}
		v.Set(reflect.ValueOf(second(99)))
	default:
		return false
	}
	return true
}

func TestBounds(t *testing.T) {
	s := NewState(Options{})
	s.ApplyDeployment(epoch, deployment("web"))
	s.ApplyReplicaSet(epoch, replicaSet("web", "rs-web", 1))
	for i := range 100 {
		p := with(podOf("rs-web", fmt.Sprintf("p%03d", i)), running(second(i)))
		p = with(p, exited(second(i), int32(i%20)))
		s.ApplyPod(second(200), p)
	}
	o, _ := s.Observe(second(200), "dep-web")
	r := o.Revisions[0]
	if len(r.Failures) != policy.MaxFailures || r.Cut != 4 {
		t.Errorf("%d failures, %d cut; want %d and 4", len(r.Failures), r.Cut, policy.MaxFailures)
	}
	if len(r.Waiting) != policy.MaxWaiting || !r.Waiting[0].Equal(second(0)) || !r.Waiting[63].Equal(second(63)) {
		t.Errorf("%d waiting from %v to %v, want the oldest %d", len(r.Waiting), r.Waiting[0], r.Waiting[63], policy.MaxWaiting)
	}
	p := with(podOf("rs-web", "p"), running(second(0)))
	for i := range 50 {
		p = with(p, exited(second(i), int32(100+i)))
		s.ApplyPod(second(200+i), p)
		p = with(p, running(second(i)))
		s.ApplyPod(second(200+i), p)
	}
	if n := len(s.pods[known("pod-p")].evidence.list); n > maxKinds {
		t.Errorf("%d kinds of failure remembered of one pod", n)
	}
}

// TestTokensStandInForObjects says under which key client-go keeps what was listed,
// and that the State has it before the list is complete.
func TestTokensStandInForObjects(t *testing.T) {
	s := NewState(Options{})
	pods := s.neededFeeds(Source{})[2]
	pods.open(slog.New(slog.DiscardHandler), func() bool { return false })
	store := cache.NewStore(cache.MetaNamespaceKeyFunc, cache.WithTransformer(pods.sink.Transformer()))
	if err := store.Add(podOf("rs-web", "a")); err != nil {
		t.Fatal(err)
	}
	if got, want := store.ListKeys(), []string{"shop/a"}; !slices.Equal(got, want) {
		t.Errorf("the keys are %q, want %q", got, want)
	}
	if s.pods[known("pod-a")] == nil {
		t.Error("the State has not taken in the pod that was listed")
	}
	pods.judged = func() bool { return true }
	late := podOf("rs-web", "b")
	if obj, err := pods.sink.Transformer()(late); err != nil || s.pods[known("pod-b")] != nil {
		t.Errorf("undog judges, and of a list that is not complete (%v) it has %T", err, obj)
	}
	if err := pods.sink.Replace(store.List(), ""); err != nil || s.pods[known("pod-a")] == nil {
		t.Errorf("after the list (%v) the pod is gone", err)
	}
	if err := pods.sink.Replace(nil, ""); err != nil || s.pods[known("pod-a")] != nil {
		t.Errorf("after a list without it (%v) the pod is still there", err)
	}
}
