package capture_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher"
	"github.com/undog-dev/undog/watcher/api"
	"github.com/undog-dev/undog/watcher/capture"
)

// apiServer serves pods, and logs as a kubelet would give them.
type apiServer struct {
	pods map[string]*corev1.Pod
	log  func(w http.ResponseWriter, r *http.Request)

	mu    sync.Mutex
	asked []string
}

func (a *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.asked = append(a.asked, r.URL.RequestURI())
	a.mu.Unlock()
	name, log := strings.CutSuffix(strings.TrimPrefix(r.URL.Path, "/api/v1/namespaces/shop/pods/"), "/log")
	switch pod := a.pods[name]; {
	case log:
		a.log(w, r)
	case pod == nil:
		refuse(w, http.StatusNotFound, metav1.StatusReasonNotFound)
	default:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(pod)
	}
}

func refuse(w http.ResponseWriter, code int, reason metav1.StatusReason) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(metav1.Status{
		TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Reason: reason, Code: int32(code), Message: string(reason),
	})
}

// says is a log of these lines.
func says(lines ...string) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i, l := range lines {
			_, _ = fmt.Fprintf(w, "2026-01-02T15:04:%02d.123456789Z %s\n", i%60, l)
		}
	}
}

// crashing is a pod of revision rs whose container app waits to be started again.
func crashing(name, rs string) *corev1.Pod {
	return &corev1.Pod{
		TypeMeta: metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: name,
			OwnerReferences: []metav1.OwnerReference{{Kind: "ReplicaSet", UID: types.UID(rs), Controller: new(true)}},
		},
		Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{
			{Name: "sidecar", Ready: true, State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}},
			{
				Name: "app", RestartCount: 2,
				State: corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}},
				LastTerminationState: corev1.ContainerState{
					Terminated: &corev1.ContainerStateTerminated{ExitCode: 3, Reason: "Error", Message: "token=abc123def456 is wrong\nsecond line"},
				},
			},
		}},
	}
}

func decision(failures ...policy.Failure) policy.Decision {
	return policy.Decision{
		Kind: policy.Undo, Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "d"},
		From: policy.RevisionRef{UID: "rs"}, Record: policy.Record{Failures: failures},
	}
}

func reader(t testing.TB, a *apiServer, o capture.Options) *capture.Reader {
	t.Helper()
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	client, err := api.New(&rest.Config{Host: server.URL, QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	o.Pods = client
	return capture.New(o)
}

var crash = policy.Failure{Reason: "Error", Container: "app", Samples: []string{"web-1"}}

func TestLastLines(t *testing.T) {
	a := &apiServer{
		pods: map[string]*corev1.Pod{"web-1": crashing("web-1", "rs")},
		log:  says("zero", "one", "login with password=hunter2", "two "+strings.Repeat("x", 400), "\x1b[31mred\x1b[0m"),
	}
	r := reader(t, a, capture.Options{Lines: 4})
	got := r.Read(t.Context(), decision(crash))
	if len(got) != 1 {
		t.Fatalf("read %d containers, want 1", len(got))
	}
	c := got[0]
	if c.Pod != "web-1" || c.Container != "app" || !c.Previous || c.Problem != "" || c.Left != 1 {
		t.Errorf("got %+v", c)
	}
	const state = "waiting (CrashLoopBackOff); before that exited with code 3 (Error): token=[redacted] is wrong; restarts: 2"
	if c.State != state {
		t.Errorf("its state is\n%s, want\n%s", c.State, state)
	}
	if len(c.Lines) != 4 || c.Lines[0] != "one" || c.Lines[1] != "login with password=[redacted]" || c.Lines[3] != "red" {
		t.Errorf("its lines are %q", c.Lines)
	}
	if n := len(c.Lines[2]); n > policy.MaxLine || !strings.HasSuffix(c.Lines[2], "…") {
		t.Errorf("a long line has %d bytes: %q", n, c.Lines[2])
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if last := a.asked[len(a.asked)-1]; !strings.Contains(last, "previous=true") || !strings.Contains(last, "tailLines=4") || !strings.Contains(last, "container=app") {
		t.Errorf("asked for %s", last)
	}
	if s := r.Stats(); s.Read != 1 || s.Failed != 0 || s.Open != 0 {
		t.Errorf("counts %+v", s)
	}
}

// What cannot be read is told with its reason.
func TestProblems(t *testing.T) {
	never := crashing("web-1", "rs")
	never.Status.ContainerStatuses[1].LastTerminationState = corev1.ContainerState{}
	for name, tt := range map[string]struct {
		pod     *corev1.Pod
		log     func(http.ResponseWriter, *http.Request)
		without string
		want    string
	}{
		"forbidden": {log: func(w http.ResponseWriter, _ *http.Request) {
			refuse(w, http.StatusForbidden, metav1.StatusReasonForbidden)
		}, want: "not allowed to (get pods, get pods/log)"},
		"no right":  {without: "undog lacks the right", want: "undog lacks the right"},
		"never ran": {pod: never, want: "it never ran, and has no log"},
		"empty":     {log: says(), want: "its log is empty"},
		"node": {log: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "failed to try resolving symlinks in path \"/var/log\"\n")
		}, want: "the node has no log: failed to try resolving symlinks"},
		"unreachable": {log: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusInternalServerError)
			_ = json.NewEncoder(w).Encode(metav1.Status{
				TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Code: 500,
				Message: `Get "https://node-3:10250/containerLogs/shop/web-1/app?tailLines=3": dial tcp: lookup node-3 on 10.0.0.2:53: no such host`,
			})
		}, want: "the log could not be read: the node could not be reached"},
		"no API server": {log: func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}, want: "the log could not be read: the connection to the API server failed"},
		"broken off": {log: func(w http.ResponseWriter, r *http.Request) {
			says("one")(w, r)
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, want: "the log broke off: "},
		"too long": {log: says("one", strings.Repeat("x", 2<<20)), want: "its last lines are too long"},
	} {
		t.Run(name, func(t *testing.T) {
			pod := tt.pod
			if pod == nil {
				pod = crashing("web-1", "rs")
			}
			a := &apiServer{pods: map[string]*corev1.Pod{"web-1": pod}, log: tt.log}
			got := reader(t, a, capture.Options{Lines: 3, Without: func(string) string { return tt.without }}).Read(t.Context(), decision(crash))
			if len(got) != 1 || !strings.Contains(got[0].Problem, tt.want) || got[0].State == "" {
				t.Errorf("got %+v, want the problem %q and a state", got, tt.want)
			}
			if strings.Contains(got[0].Problem, "://") || strings.Contains(got[0].Problem, "127.0.0.1") || strings.Contains(got[0].Problem, "10.0.0.2") {
				t.Errorf("the problem tells addresses: %q", got[0].Problem)
			}
		})
	}
}

// A node that does not answer is not waited for longer than ctx lets.
func TestSilentNode(t *testing.T) {
	asked := make(chan struct{})
	a := &apiServer{
		pods: map[string]*corev1.Pod{"web-1": crashing("web-1", "rs")},
		log:  func(_ http.ResponseWriter, r *http.Request) { close(asked); <-r.Context().Done() },
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	got := reader(t, a, capture.Options{Lines: 3}).Read(ctx, decision(crash))
	if len(got) != 1 || !strings.Contains(got[0].Problem, "no answer in time") {
		t.Errorf("got %+v", got)
	}
}

// Only pods of the judged revision are told of: old evidence may name others.
func TestOtherPods(t *testing.T) {
	a := &apiServer{pods: map[string]*corev1.Pod{"web-1": crashing("web-1", "another"), "web-3": crashing("web-3", "rs")}, log: says("one")}
	failures := crash
	failures.Samples = []string{"web-1", "web-2"}
	if got := reader(t, a, capture.Options{Lines: 3}).Read(t.Context(), decision(failures)); len(got) > 0 {
		t.Errorf("got %+v", got)
	}
	seen := func(string) []watcher.Pod {
		return []watcher.Pod{{Name: "web-1", Revision: "another"}, {Name: "web-3", Revision: "rs"}}
	}
	got := reader(t, a, capture.Options{Lines: 3, Seen: seen}).Read(t.Context(), decision())
	if len(got) != 1 || got[0].Pod != "web-3" || got[0].Container != "app" || !slices.Equal(got[0].Lines, []string{"one"}) {
		t.Errorf("where the evidence names no pod, got %+v", got)
	}
}

// At most so many containers are read, one of each kind of failure first.
func TestBounds(t *testing.T) {
	a := &apiServer{pods: map[string]*corev1.Pod{}, log: says("one")}
	var samples []string
	for i := range 9 {
		name := fmt.Sprintf("web-%d", i)
		a.pods[name] = crashing(name, "rs")
		samples = append(samples, name)
	}
	sidecar := policy.Failure{Reason: "Error", Container: "sidecar", Samples: []string{"web-8"}}
	first := policy.Failure{Reason: "Error", Container: "app", Samples: samples[:3]}
	got := reader(t, a, capture.Options{Lines: 3}).Read(t.Context(), decision(first, sidecar))
	var places []string
	for _, c := range got {
		places = append(places, c.Pod+" "+c.Container)
	}
	if want := []string{"web-0 app", "web-8 sidecar", "web-1 app"}; !slices.Equal(places, want) {
		t.Errorf("read %q, want %q", places, want)
	}
}

// Whatever a log holds, its lines are printable, bounded and without the secret.
func FuzzLog(f *testing.F) {
	f.Add([]byte("one\ntwo\n"))
	f.Add([]byte("\xff\xfe\x00\x1b[2J\r\nAuthorization: Bearer s3cr3t-t0ken\n"))
	f.Add([]byte(strings.Repeat("a", 70_000)))
	var log []byte
	a := &apiServer{
		pods: map[string]*corev1.Pod{"web-1": crashing("web-1", "rs")},
		log: func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(log)
			_, _ = io.WriteString(w, "\n2026-01-02T15:04:05Z password=s3cr3t-t0ken\n")
		},
	}
	r := reader(f, a, capture.Options{Lines: 5})
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > 1<<17 {
			return
		}
		log = nil
		for line := range strings.SplitSeq(string(raw), "\n") {
			log = append(log, "2026-01-02T15:04:05Z "+line+"\n"...)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		got := r.Read(ctx, decision(crash))
		if len(got) != 1 || len(got[0].Lines) == 0 || len(got[0].Lines) > 5 {
			t.Fatalf("got %+v", got)
		}
		if last := got[0].Lines[len(got[0].Lines)-1]; strings.Contains(last, "s3cr3t") {
			t.Errorf("the last line is %q", last)
		}
		for _, line := range got[0].Lines {
			if len(line) > policy.MaxLine || !utf8.ValidString(line) || strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("a line is %q", line)
			}
		}
	})
}
