package ledger

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/undog-dev/undog/policy"
)

var shop = policy.Workload{Kind: "Deployment", Namespace: "demo", Name: "shop", UID: "uid-1"}

func stored(t *testing.T) *appsv1.ControllerRevision {
	t.Helper()
	cr, err := object(shop, badRecord(), []byte(`{"spec":{}}`))
	if err != nil {
		t.Fatal(err)
	}
	return cr
}

func TestDecode(t *testing.T) {
	got, err := Decode(stored(t))
	if err != nil {
		t.Fatal(err)
	}
	if want := badRecord(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}

func TestDecodeRefuses(t *testing.T) {
	record := func(value string) func(*appsv1.ControllerRevision) {
		return func(cr *appsv1.ControllerRevision) { cr.Annotations[RecordAnnotation] = value }
	}
	for name, change := range map[string]func(*appsv1.ControllerRevision){
		"no owner":        func(cr *appsv1.ControllerRevision) { cr.OwnerReferences = nil },
		"no controller":   func(cr *appsv1.ControllerRevision) { cr.OwnerReferences[0].Controller = nil },
		"a StatefulSet's": func(cr *appsv1.ControllerRevision) { cr.OwnerReferences[0].Kind = "StatefulSet" },
		"another group's": func(cr *appsv1.ControllerRevision) { cr.OwnerReferences[0].APIVersion = "x.io/v1" },
		"moved to another": func(cr *appsv1.ControllerRevision) {
			cr.OwnerReferences[0].UID = "uid-2"
		},
		"renamed":          func(cr *appsv1.ControllerRevision) { cr.Name = "shop-undog-copy" },
		"no annotations":   func(cr *appsv1.ControllerRevision) { cr.Annotations = nil },
		"no JSON":          record("{"),
		"another type":     record(`["Bad"]`),
		"another revision": record(`{"verdict":"Bad","revision":{"uid":"rs-3"}}`),
		"no verdict":       record(`{"revision":{"uid":"rs-2"}}`),
		"a new verdict":    record(`{"verdict":"Ugly","revision":{"uid":"rs-2"}}`),
		"too long":         record(`{"verdict":"Bad","revision":{"uid":"rs-2"},"message":"` + strings.Repeat("m", MaxRecord) + `"}`),
		"control characters": record(
			`{"verdict":"Bad","revision":{"uid":"rs-2","name":"\u001b[2J"}}`),
		"a negative number": record(`{"verdict":"Bad","revision":{"uid":"rs-2","number":-1}}`),
	} {
		t.Run(name, func(t *testing.T) {
			cr := stored(t)
			change(cr)
			if rec, err := Decode(cr); err == nil {
				t.Errorf("decoded %+v", rec)
			}
		})
	}
}

func TestDecodeCleans(t *testing.T) {
	cr := stored(t)
	many := strings.TrimSuffix(strings.Repeat(`{"reason":"R","pods":1},`, 60), ",")
	cr.Annotations[RecordAnnotation] = `{"verdict":"Bad","revision":{"uid":"rs-2"},"message":"a\u001b[2Jb","failures":[` + many + `],"newField":1}`
	rec, err := Decode(cr)
	if err != nil {
		t.Fatal(err)
	}
	if rec.Message != "a[2Jb" || len(rec.Failures) != policy.MaxFailures {
		t.Errorf("message %q, %d failures", rec.Message, len(rec.Failures))
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(`{"verdict":"Bad","revision":{"uid":"rs-2"}}`)
	f.Add(`{"verdict":"Good","revision":{"uid":"rs-2","images":["a"]},"failures":[{"samples":["x"]}],"refused":{}}`)
	f.Add(`{"verdict":"Bad","revision":{"uid":"rs-2"},"checks":[{"check":"c","differences":[{}]}],"reported":{"reason":"x"}}`)
	f.Fuzz(func(t *testing.T, value string) {
		cr, err := object(shop, badRecord(), nil)
		if err != nil {
			t.Fatal(err)
		}
		cr.Annotations[RecordAnnotation] = value
		rec, err := Decode(cr)
		if err != nil {
			return
		}
		if len(rec.Failures) > policy.MaxFailures || len(rec.Checks) > 16 || !utf8.ValidString(rec.Message) {
			t.Errorf("out of bounds: %+v", rec)
		}
		if _, err := Encode(rec); err != nil {
			t.Errorf("cannot be kept again: %v", err)
		}
	})
}

func TestName(t *testing.T) {
	seen := map[string]string{}
	for _, w := range []policy.Workload{
		shop,
		{Name: "shop", UID: "uid-2"},
		{Name: strings.Repeat("a", 253), UID: "uid-3"},
		{Name: strings.Repeat("a", 228) + ".-" + strings.Repeat("b", 23), UID: "uid-4"},
	} {
		for _, uid := range []string{"rs-1", "rs-2"} {
			name := Name(w, uid)
			if errs := validation.IsDNS1123Subdomain(name); errs != nil {
				t.Errorf("%s: %v", name, errs)
			}
			if other, taken := seen[name]; taken {
				t.Errorf("%s/%s and %s have the same name", w.UID, uid, other)
			}
			seen[name] = w.UID + "/" + uid
		}
	}
	if got, want := Name(shop, "rs-1"), "shop-undog-"; !strings.HasPrefix(got, want) {
		t.Errorf("name is %s, want it to begin with %s", got, want)
	}
}

func TestSurplus(t *testing.T) {
	var items []metav1.PartialObjectMetadata
	add := func(i int, verdict policy.Verdict) {
		rec := badRecord()
		rec.Revision.UID, rec.Verdict, rec.At = fmt.Sprintf("rs-%02d", i), verdict, at.AddDate(0, 0, i)
		cr, err := object(shop, rec, nil)
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, metav1.PartialObjectMetadata{ObjectMeta: cr.ObjectMeta})
	}
	add(0, policy.Good)
	add(1, policy.Good)
	for i := range Keep {
		add(i+2, policy.Bad)
	}
	foreign := items[0]
	foreign.OwnerReferences = nil
	got := surplus(append(items, foreign), shop)
	if len(got) != 1 || got[0].Name != Name(shop, "rs-00") {
		t.Errorf("surplus is %v, want the older good one", got)
	}
}
