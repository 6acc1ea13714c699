package watcher

import (
	"math/rand"
	"reflect"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apitesting "k8s.io/apimachinery/pkg/api/apitesting/fuzzer"
	metafuzzer "k8s.io/apimachinery/pkg/apis/meta/fuzzer"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/randfill"

	"github.com/undog-dev/undog/watcher/slim"
)

// TestSlimLeavesOutNothingThatIsUsed fills objects at random, and compares what is
// made of them with what is made of the same without what package slim leaves out.
func TestSlimLeavesOutNothingThatIsUsed(t *testing.T) {
	controlled := func(m *metav1.ObjectMeta, kind string) {
		m.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: kind, Name: "x", UID: "owner", Controller: new(true)}}
	}
	cases := map[string]struct {
		empty  func() runtime.Object
		fix    func(runtime.Object)
		reduce func(runtime.Object) any
	}{
		"Pod": {
			empty: func() runtime.Object { return &corev1.Pod{} },
			fix: func(o runtime.Object) {
				p := o.(*corev1.Pod)
				controlled(&p.ObjectMeta, "ReplicaSet")
				if p.Generation%4 != 0 {
					// Of one that is deleted or was evicted nothing else is looked at.
					p.DeletionTimestamp, p.Status.Reason = nil, ""
				}
			},
			reduce: func(o runtime.Object) any { return reducePod(o.(*corev1.Pod)) },
		},
		"ReplicaSet": {
			empty: func() runtime.Object { return &appsv1.ReplicaSet{} },
			fix: func(o runtime.Object) {
				rs := o.(*appsv1.ReplicaSet)
				controlled(&rs.ObjectMeta, "Deployment")
				rs.Labels = map[string]string{"pod-template-hash": "abc", "other": "x"}
				rs.Annotations = map[string]string{annotationRevision: "7", "other": "x"}
			},
			reduce: func(o runtime.Object) any { return reduceReplicaSet(o.(*appsv1.ReplicaSet)) },
		},
		"Deployment": {
			empty: func() runtime.Object { return &appsv1.Deployment{} },
			fix: func(o runtime.Object) {
				d := o.(*appsv1.Deployment)
				d.Annotations = map[string]string{
					AnnotationMode: "observe", AnnotationPolicy: "p", AnnotationPausedBy: "x", AnnotationResumed: "y", AnnotationRollbacks: "[]",
					"argocd.argoproj.io/tracking-id": "z", "meta.helm.sh/release-name": "h", "other": "o",
				}
			},
			reduce: func(o runtime.Object) any { return reduceDeployment(o.(*appsv1.Deployment)) },
		},
		"Node": {
			empty: func() runtime.Object { return &corev1.Node{} }, fix: func(runtime.Object) {},
			reduce: func(o runtime.Object) any { return reduceNode(o.(*corev1.Node)) },
		},
		"Event": {
			empty: func() runtime.Object { return &corev1.Event{} },
			fix: func(o runtime.Object) {
				e := o.(*corev1.Event)
				e.InvolvedObject.Kind, e.Reason = "Pod", "FailedMount"
			},
			reduce: func(o runtime.Object) any { return reduceEvent(o.(*corev1.Event)) },
		},
	}
	fill := apitesting.FuzzerFor(metafuzzer.Funcs, rand.NewSource(1), scheme.Codecs).Funcs(telling()...)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var objects []runtime.Object
			var want, got []any
			for range 400 {
				o := c.empty()
				fill.Fill(o)
				c.fix(o)
				read := through(t, o, slim.Codecs(nil))
				objects, got = append(objects, o), append(got, c.reduce(read))
				want = append(want, c.reduce(through(t, o, scheme.Codecs.WithoutConversion())))
				slim.Spare(read)
			}
			for i, o := range objects {
				if !reflect.DeepEqual(got[i], want[i]) {
					t.Fatalf("of\n%+v\ngot  %+v\nwant %+v", o, got[i], want[i])
				}
			}
		})
	}
}

// telling fills what is only looked at where it has certain values with those.
func telling() []any {
	oneOf := func(c randfill.Continue, of ...string) string { return of[c.Intn(len(of))] }
	return []any{
		func(t *corev1.PodConditionType, c randfill.Continue) {
			*t = corev1.PodConditionType(oneOf(c, "Ready", "PodScheduled", "Other", "Initialized", "ContainersReady", oneOf(c, "DisruptionTarget", "Ready", "Other")))
		},
		func(t *corev1.NodeConditionType, c randfill.Continue) {
			*t = corev1.NodeConditionType(oneOf(c, "Ready", "Other"))
		},
		func(s *corev1.ConditionStatus, c randfill.Continue) {
			*s = corev1.ConditionStatus(oneOf(c, "True", "False", "Unknown"))
		},
		func(p *corev1.PodPhase, c randfill.Continue) {
			*p = corev1.PodPhase(oneOf(c, "Pending", "Running", "Failed"))
		},
		func(p *corev1.ContainerRestartPolicy, c randfill.Continue) {
			*p = corev1.ContainerRestartPolicy(oneOf(c, "Always", "Never"))
		},
		func(t *metav1.Time, c randfill.Continue) { *t = metav1.Unix(1_700_000_000+c.Int63n(1_000_000), 0) },
		func(s *corev1.ContainerStatus, c randfill.Continue) {
			c.FillNoCustom(s)
			s.Name, s.ImageID, s.RestartCount = oneOf(c, "app", "side"), "shop@sha256:"+oneOf(c, "a", "b"), c.Int31n(5)
		},
		func(s *corev1.Container, c randfill.Continue) {
			c.FillNoCustom(s)
			s.Name = oneOf(c, "app", "side")
		},
		func(e *metav1.ManagedFieldsEntry, c randfill.Continue) {
			at := metav1.Unix(1_700_000_000+c.Int63n(1_000_000), 0)
			*e = metav1.ManagedFieldsEntry{
				Manager: oneOf(c, "helm", "kubectl", "kustomize-controller"), Subresource: oneOf(c, "", "", "scale"), Time: &at,
				FieldsV1: metav1.NewFieldsV1(oneOf(c, `{"f:spec":{"f:template":{}}}`, `{"f:spec":{"f:replicas":{}}}`)),
			}
		},
	}
}

// through is what a client reads of an object that the API server encoded.
func through(t *testing.T, o runtime.Object, codecs runtime.NegotiatedSerializer) runtime.Object {
	t.Helper()
	known, _, err := scheme.Scheme.ObjectKinds(o)
	if err != nil {
		t.Fatal(err)
	}
	o = o.DeepCopyObject()
	o.GetObjectKind().SetGroupVersionKind(known[0])
	raw, err := runtime.Encode(protobuf.NewSerializer(scheme.Scheme, scheme.Scheme), o)
	if err != nil {
		t.Fatal(err)
	}
	info, _ := runtime.SerializerInfoForMediaType(codecs.SupportedMediaTypes(), runtime.ContentTypeProtobuf)
	got, err := runtime.Decode(codecs.DecoderToVersion(info.Serializer, schema.GroupVersion{}), raw)
	if err != nil {
		t.Fatal(err)
	}
	return got
}
