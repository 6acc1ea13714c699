package slim_test

import (
	"reflect"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/undog-dev/undog/watcher/slim"
	"github.com/undog-dev/undog/watcher/template"
	"github.com/undog-dev/undog/watcher/template/templatetest"
)

// full is a pod with something in many fields.
func full() *corev1.Pod {
	always, five := corev1.ContainerRestartPolicyAlways, int32(5)
	return &corev1.Pod{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{
			Name: "shop-1-abcde", Namespace: "web", UID: "u-1", ResourceVersion: "17",
			Labels:          map[string]string{"app": "shop"},
			Annotations:     map[string]string{"note": "long", "k8s.io/initial-events-end": "true"},
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: "shop-1", UID: "rs-1", Controller: new(true)}},
			ManagedFields:   []metav1.ManagedFieldsEntry{{Manager: "kubelet", FieldsV1: metav1.NewFieldsV1(`{"f:status":{}}`)}},
		},
		Spec: corev1.PodSpec{
			NodeName:       "node-1",
			Containers:     []corev1.Container{{Name: "app", Image: "shop:1", Env: []corev1.EnvVar{{Name: "PASSWORD", Value: "hidden"}}}, {Name: "side"}},
			InitContainers: []corev1.Container{{Name: "init", Image: "init:1", RestartPolicy: &always}},
			Volumes:        []corev1.Volume{{Name: "data"}},
			Priority:       &five,
		},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, Reason: "Evicted", Message: "no room", PodIP: "10.0.0.1",
			Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionFalse, Reason: "No", Message: "not yet"}},
			ContainerStatuses: []corev1.ContainerStatus{{
				Name: "app", Image: "shop:1", ImageID: "shop@sha256:1", ContainerID: "c-1", RestartCount: 300,
				State:                corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}},
				LastTerminationState: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 137, Message: "out"}},
			}},
		},
	}
}

// kept is what slim is to leave of it.
func kept() *corev1.Pod {
	p := full()
	p.TypeMeta = metav1.TypeMeta{}
	p.Labels, p.ManagedFields = nil, nil
	delete(p.Annotations, "note")
	p.Spec = corev1.PodSpec{
		NodeName: "node-1", Containers: []corev1.Container{{Name: "app"}, {Name: "side"}},
		InitContainers: []corev1.Container{{Name: "init", RestartPolicy: p.Spec.InitContainers[0].RestartPolicy}},
	}
	p.Status.PodIP, p.Status.ContainerStatuses[0].Image = "", ""
	return p
}

// decoder is what a client of the API server reads objects with.
func decoder(t *testing.T) runtime.Decoder {
	t.Helper()
	info, ok := runtime.SerializerInfoForMediaType(slim.Codecs(nil).SupportedMediaTypes(), runtime.ContentTypeProtobuf)
	if !ok {
		t.Fatal("no serializer for protobuf")
	}
	return slim.Codecs(nil).DecoderToVersion(info.Serializer, nil)
}

func encode(t testing.TB, o runtime.Object) []byte {
	t.Helper()
	raw, err := runtime.Encode(protobuf.NewSerializer(scheme.Scheme, scheme.Scheme), o)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestWhatIsNotLookedAtIsNotRead(t *testing.T) {
	got, err := runtime.Decode(decoder(t), encode(t, full()))
	if err != nil {
		t.Fatal(err)
	}
	if want := kept(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestListsAreReadInTheSameWay(t *testing.T) {
	list := &corev1.PodList{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "PodList"},
		ListMeta: metav1.ListMeta{ResourceVersion: "99", Continue: "more"}, Items: []corev1.Pod{*full(), *full()},
	}
	var got corev1.PodList
	if _, _, err := decoder(t).Decode(encode(t, list), nil, &got); err != nil {
		t.Fatal(err)
	}
	want := corev1.PodList{ListMeta: list.ListMeta, Items: []corev1.Pod{*kept(), *kept()}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

// Statuses, by which an API server ends a watch, and kinds that nobody has said
// anything of, are read whole.
func TestOtherKindsAreReadWhole(t *testing.T) {
	for _, want := range []runtime.Object{
		&metav1.Status{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: "Failure", Message: "gone", Code: 410},
		&corev1.Service{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Service"}, ObjectMeta: metav1.ObjectMeta{Name: "x", Labels: map[string]string{"a": "b"}}},
	} {
		raw := encode(t, want)
		want.GetObjectKind().SetGroupVersionKind(appsv1.SchemeGroupVersion.WithKind(""))
		got, err := runtime.Decode(decoder(t), raw)
		if err != nil {
			t.Fatal(err)
		}
		got.GetObjectKind().SetGroupVersionKind(appsv1.SchemeGroupVersion.WithKind(""))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	}
}

// Whatever a server sends, reading ends in an object or an error, and in the one
// where the Kubernetes types alone would end in it.
func FuzzDecode(f *testing.F) {
	for _, o := range []runtime.Object{
		full(), &corev1.PodList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "PodList"}, Items: []corev1.Pod{*full()}},
		&appsv1.ReplicaSet{TypeMeta: metav1.TypeMeta{APIVersion: "apps/v1", Kind: "ReplicaSet"}}, set(templatetest.Usual(1)),
	} {
		f.Add(encode(f, o))
	}
	whole := protobuf.NewSerializer(scheme.Scheme, scheme.Scheme)
	info, _ := runtime.SerializerInfoForMediaType(slim.Codecs(nil).SupportedMediaTypes(), runtime.ContentTypeProtobuf)
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _, wholeErr := whole.Decode(data, nil, nil)
		_, _, err := info.Serializer.Decode(append([]byte(nil), data...), nil, nil)
		if err != nil && wholeErr == nil {
			t.Errorf("the types read it, slim does not: %v", err)
		}
		_, _, _ = info.StreamSerializer.Decode(data, nil, &metav1.WatchEvent{})
	})
}

// set is a ReplicaSet with a template.
func set(template *corev1.PodTemplateSpec) *appsv1.ReplicaSet {
	return &appsv1.ReplicaSet{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "ReplicaSet"},
		ObjectMeta: metav1.ObjectMeta{Name: "shop-1", Namespace: "web", UID: "u-1"},
		Spec:       appsv1.ReplicaSetSpec{Replicas: new(int32(3)), Template: *template},
	}
}

func readSet(t *testing.T, rs *appsv1.ReplicaSet) *appsv1.ReplicaSet {
	t.Helper()
	got, err := runtime.Decode(decoder(t), encode(t, rs))
	if err != nil {
		t.Fatal(err)
	}
	return got.(*appsv1.ReplicaSet)
}

// TestTemplateIsHashedAsItIs checks that a template which is not decoded has the hash
// that it would have.
func TestTemplateIsHashedAsItIs(t *testing.T) {
	for seed := range int64(100) {
		made := set(templatetest.Usual(seed))
		got := readSet(t, made)
		sum, ok := slim.TemplateSum(got)
		if want := template.SumOf(&made.Spec.Template); !ok || sum != want {
			t.Fatalf("template %d: %s, %v, want %s", seed, sum, ok, want)
		}
		if *got.Spec.Replicas != 3 || len(got.Spec.Template.Spec.Containers) != len(made.Spec.Template.Spec.Containers) {
			t.Fatalf("template %d: %+v", seed, got)
		}
		for i, c := range got.Spec.Template.Spec.Containers {
			if c.Image != made.Spec.Template.Spec.Containers[i].Image || c.Env != nil || c.Command != nil {
				t.Fatalf("template %d: container %+v", seed, c)
			}
		}
		slim.Spare(got)
	}
}

// TestTemplateThatIsDecoded checks that one which cannot be hashed as it is is read
// whole, also into an object that carried a hash before.
func TestTemplateThatIsDecoded(t *testing.T) {
	slim.Spare(readSet(t, set(templatetest.Usual(1))))
	odd := templatetest.Usual(2)
	odd.CreationTimestamp = metav1.Unix(1_700_000_000, 0)
	got := readSet(t, set(odd))
	if sum, ok := slim.TemplateSum(got); ok {
		t.Errorf("it carries the hash %s", sum)
	}
	if template.SumOf(&got.Spec.Template) != template.SumOf(odd) {
		t.Errorf("it is not whole: %+v", got.Spec.Template)
	}
}

// TestNobodyElseTellsTheHash checks that no hash is believed that an object brings.
func TestNobodyElseTellsTheHash(t *testing.T) {
	read := readSet(t, set(templatetest.Usual(1)))
	for name, rs := range map[string]*appsv1.ReplicaSet{
		"none":    set(templatetest.Usual(3)),
		"guessed": set(templatetest.Usual(3)),
	} {
		if name == "guessed" {
			rs.SetSelfLink("template AAAAAAAAAAAAAAAAAAAAAAAAAA 0123456789")
		}
		if sum, ok := slim.TemplateSum(rs); ok {
			t.Errorf("%s: the hash %s is believed", name, sum)
		}
		// What another object carried is not kept of one that is read.
		rs.SetSelfLink(read.GetSelfLink())
		if sum, ok := slim.TemplateSum(readSet(t, rs)); !ok || sum != template.SumOf(&rs.Spec.Template) {
			t.Errorf("%s: the hash is %s, %v", name, sum, ok)
		}
	}
}
