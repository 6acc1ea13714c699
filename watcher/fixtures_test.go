package watcher

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"github.com/undog-dev/undog/policy"
)

// expectation is the last document of a fixture: what is to be made of the
// pods before it.
type expectation struct {
	Pods     int32            `json:"pods"`
	Started  int32            `json:"started"`
	Ready    int32            `json:"ready"`
	Waiting  int              `json:"waiting"`
	Failures []policy.Failure `json:"failures"`
}

// TestFixtures plays the statuses of each file in testdata, one second apart,
// to a State that knows their revision.
func TestFixtures(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("find fixtures: %d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			pods, want := readFixture(t, file)
			s := NewState(Options{})
			now := epoch
			s.ApplyDeployment(now, deployment("web"))
			s.ApplyReplicaSet(now, replicaSet("web", "rs-web", 2))
			for _, p := range pods {
				now = now.Add(time.Second)
				s.ApplyPod(now, p)
			}
			o, ok := s.Observe(now, "dep-web")
			if !ok || len(o.Revisions) != 1 {
				t.Fatalf("no observation of one revision: %+v", o)
			}
			r := o.Revisions[0]
			got := expectation{
				Pods: r.Pods, Started: r.Started, Ready: r.Ready, Waiting: len(r.Waiting),
				Failures: r.Failures,
			}
			for i := range got.Failures {
				f := &got.Failures[i]
				if f.First.Before(epoch.Add(-4*time.Hour)) || f.Last.Before(f.First) || f.Last.After(now) {
					t.Errorf("%s seen from %v to %v, want within the test", f.Reason, f.First, f.Last)
				}
				f.First, f.Last = time.Time{}, time.Time{}
				if f.Message != cleanMessage(f.Message) {
					t.Errorf("message is not clean: %q", f.Message)
				}
			}
			for i := range want.Failures {
				want.Failures[i].Message = cleanMessage(want.Failures[i].Message)
			}
			if len(got.Failures) == 0 && len(want.Failures) == 0 {
				got.Failures, want.Failures = nil, nil
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got\n%s\nwant\n%s", dump(t, got), dump(t, want))
			}
		})
	}
}

func readFixture(t *testing.T, file string) (pods []*corev1.Pod, want expectation) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	docs := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(data)))
	for {
		doc, err := docs.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(doc, []byte("kind: Pod")) {
			if err := yaml.UnmarshalStrict(doc, &want); err != nil {
				t.Fatalf("read expectation: %v", err)
			}
			return pods, want
		}
		p := &corev1.Pod{}
		if err := yaml.UnmarshalStrict(doc, p); err != nil {
			t.Fatalf("read pod: %v", err)
		}
		pods = append(pods, p)
	}
	t.Fatal("the fixture says nothing about what is expected")
	return nil, want
}

func dump(t *testing.T, v any) string {
	t.Helper()
	data, err := yaml.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// difference lists the lines in which two values differ, "" if they are equal.
func difference(t *testing.T, want, got any) string {
	t.Helper()
	if reflect.DeepEqual(want, got) {
		return ""
	}
	a, b := strings.Split(dump(t, want), "\n"), strings.Split(dump(t, got), "\n")
	var out strings.Builder
	for i := range max(len(a), len(b)) {
		var x, y string
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if x != y {
			out.WriteString("want " + x + "\n got " + y + "\n")
		}
	}
	return out.String() + "(not equal)"
}

// revisionOf is what a State keeps of a ReplicaSet.
func revisionOf(s *State, rs *appsv1.ReplicaSet) *revision {
	return s.spaces[intern(rs.Namespace)].revision(known(string(rs.UID)))
}
