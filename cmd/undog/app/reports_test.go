package app

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/policy"
)

// releasing is a cluster with shop/web, whose second revision is being rolled out.
type releasing struct {
	known
}

func (r *releasing) Observe(at time.Time, uid string) (*policy.Observation, bool) {
	o, ok := r.known.Observe(at, uid)
	if !ok {
		return nil, false
	}
	next := policy.RevisionRef{UID: "r2", Name: "web-2", Hash: "2", Number: 2, Template: "t2", Images: []string{"example.org/web:2"}}
	o.Template, o.TotalReplicas = "t2", 2
	o.Revisions = append(o.Revisions, policy.Revision{RevisionRef: next, CreatedAt: at.Add(-time.Minute), Pods: 1, Desired: 1, Started: 1, Scheduled: 1, Ready: 1, Nodes: 1})
	return o, true
}

// quietSource sees no changes.
type quietSource struct{}

func (quietSource) Changed() <-chan struct{}               { return nil }
func (quietSource) Take(_ time.Time, _ int) []policy.Input { return nil }

// willing is an executor that does what it is told.
type willing struct{}

func (willing) Do(_ context.Context, d policy.Decision) policy.Outcome {
	return policy.Outcome{At: time.Now(), Workload: d.Workload, DecisionID: d.ID, Kind: d.Kind, Result: policy.Done}
}

func (willing) Compare(_ context.Context, d policy.Decision) policy.Comparison {
	return policy.Comparison{At: time.Now(), Workload: d.Workload, From: d.From.UID, To: d.To.UID, Changes: []policy.Change{{Path: "spec"}}}
}

// turning runs a loop until the test ends, and returns what takes reports for
// it and what it publishes.
func turning(t *testing.T, s seen) (*reports, func() []policy.Transition) {
	t.Helper()
	cfg := config.Default()
	r := newReports(newQuestions(&cfg, "", s), newMetrics("test"), slog.New(slog.DiscardHandler), always)
	compiled, err := settings(&cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var mu sync.Mutex
	var told []policy.Transition
	l := &loop{
		engine: policy.New(compiled), source: quietSource{}, actions: newActions(ctx, willing{}), metrics: r.metrics, log: r.log,
		publish: func(ts ...policy.Transition) { mu.Lock(); defer mu.Unlock(); told = append(told, ts...) },
		alive:   func(time.Time) {}, reports: r.queue,
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.run(ctx, ctx)
	}()
	t.Cleanup(func() { cancel(); <-done })
	return r, func() []policy.Transition { mu.Lock(); defer mu.Unlock(); return told }
}

const webSubject = "undog.v1.req.default.shop.deployment.web.verdict"

// send is one report as it comes over NATS.
func send(ctx context.Context, t *testing.T, r *reports, subject, body string) notify.VerdictReply {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	reply, err := notify.DecodeReply(r.handle(ctx, subject, []byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// wantOne checks that one answer of the reason was counted.
func (r *reports) wantOne(t *testing.T, reason string) {
	t.Helper()
	w := httptest.NewRecorder()
	promhttp.HandlerFor(r.metrics.registry, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	if want := `undog_reports_total{result="` + reason + `"} 1` + "\n"; !strings.Contains(w.Body.String(), want) {
		t.Errorf("the metrics do not say %s", want)
	}
}

func TestReportIsAccepted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, told := turning(t, &releasing{})
		reply := send(t.Context(), t, r, webSubject, `{"revision": "web:2", "verdict": "bad", "reason": "checkout fails", "by": "ci\u001b[2J"}`)
		if !reply.Accepted || reply.Reason != policy.AnswerAccepted || reply.Revision.Name != "web-2" || reply.Phase == "" {
			t.Errorf("answer is %+v", reply)
		}
		synctest.Wait()
		found := false
		for _, tr := range told() {
			if tr.Reported != nil && !tr.Reported.Good && tr.Reported.Reason == "checkout fails" && tr.Reported.By == "ci [2J" {
				found = true
			}
		}
		if !found {
			t.Errorf("no transition carries the report: %+v", told())
		}
		r.wantOne(t, "Accepted")
	})
}

func TestReportIsRefused(t *testing.T) {
	const body = `{"revision": "2", "verdict": "bad", "reason": "checkout fails"}`
	at := func(path string) string { return "undog.v1.req.default." + path + ".verdict" }
	for name, tt := range map[string]struct {
		seen          releasing
		subject, body string
		reason, want  string
	}{
		"malformed":        {subject: webSubject, body: `{"revision": "2"}`, reason: notify.Malformed, want: `want "good" or "bad"`},
		"subject":          {subject: "undog.v1.req.default.shop.deployment.Web.verdict", body: body, reason: notify.Malformed, want: `name "Web"`},
		"kind":             {subject: at("shop.statefulset.web"), body: body, reason: notify.Malformed, want: "Deployments only"},
		"names differ":     {subject: webSubject, body: `{"namespace":"shop","name":"api","revision":"2","verdict":"bad","reason":"x"}`, reason: notify.Malformed, want: `name "api"`},
		"unknown workload": {subject: at("shop.deployment.nothing"), body: body, reason: notify.NotFound, want: "there is no Deployment shop/nothing"},
		"not watched":      {subject: at("kube-system.deployment.web"), body: body, reason: policy.AnswerNotWatched, want: "kube-* is left out"},
		"not selected":     {subject: at("shop.deployment.other"), body: body, reason: policy.AnswerNotWatched, want: "watch.selector"},
		"not synced":       {seen: releasing{known{unsynced: true}}, subject: webSubject, body: body, reason: notify.NotSynced, want: "ask again"},
		"deleted":          {seen: releasing{known{gone: true}}, subject: webSubject, body: body, reason: notify.NotFound, want: "deleted just now"},
		"unknown revision": {subject: webSubject, body: strings.Replace(body, `"2"`, `"7"`, 1), reason: policy.AnswerUnknown, want: "web:2"},
		"stale revision":   {subject: webSubject, body: strings.Replace(body, `"2"`, `"web-1"`, 1), reason: policy.AnswerStale, want: "revision 1 is not the current one"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, told := turning(t, &tt.seen)
				reply := send(t.Context(), t, r, tt.subject, tt.body)
				if reply.Accepted || reply.Reason != tt.reason || !strings.Contains(reply.Message, tt.want) {
					t.Errorf("answer is %+v, want %s with %q", reply, tt.reason, tt.want)
				}
				r.wantOne(t, tt.reason)
				synctest.Wait()
				for _, tr := range told() {
					if tr.Reported != nil {
						t.Errorf("%s carries a report that was refused", tr.Kind)
					}
				}
			})
		})
	}
}

// A second report on what was convicted changes nothing and is told so.
func TestReportOnWhatIsSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, _ := turning(t, &releasing{})
		const body = `{"revision": "2", "verdict": "bad", "reason": "checkout fails"}`
		if reply := send(t.Context(), t, r, webSubject, body); !reply.Accepted {
			t.Fatalf("answer is %+v", reply)
		}
		synctest.Wait()
		if reply := send(t.Context(), t, r, webSubject, body); reply.Accepted || reply.Reason != policy.AnswerJudged {
			t.Errorf("answer is %+v", reply)
		}
	})
}

// A loop that does not turn, or undog's end, is told; the report that was
// given up is not taken later.
func TestReportIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config.Default()
		r := newReports(newQuestions(&cfg, "", &releasing{}), newMetrics("test"), slog.New(slog.DiscardHandler), always)
		const body = `{"revision": "2", "verdict": "bad", "reason": "x"}`
		if reply := send(t.Context(), t, r, webSubject, body); reply.Reason != notify.Busy || !strings.Contains(reply.Message, "5s") {
			t.Errorf("answer is %+v", reply)
		}
		ending, stop := context.WithCancel(t.Context())
		stop()
		if reply := send(ending, t, r, webSubject, body); reply.Reason != notify.Stopping {
			t.Errorf("answer is %+v", reply)
		}
		// The loop got hold of it, and is too late: it must not touch the engine.
		got := make(chan *report, 1)
		go func() { got <- <-r.queue }()
		if reply := send(t.Context(), t, r, webSubject, body); reply.Reason != notify.Busy {
			t.Errorf("answer is %+v", reply)
		}
		wake := time.Now().Add(time.Hour)
		if next := (&loop{}).reported(<-got, wake); !next.Equal(wake) {
			t.Errorf("the loop would wake up at %s", next)
		}
	})
}

func TestRefusalsWithoutALook(t *testing.T) {
	r := newReports(nil, newMetrics("test"), slog.New(slog.DiscardHandler), always)
	for _, reason := range []string{notify.Busy, notify.Stopping} {
		var reply notify.VerdictReply
		if err := json.Unmarshal(r.reply(refused(reason)), &reply); err != nil {
			t.Fatal(err)
		}
		if reply.Accepted || reply.Reason != reason || reply.Message == "" {
			t.Errorf("%s: answer is %+v", reason, reply)
		}
		r.wantOne(t, reason)
	}
}

// always is true for an undog that is alone.
func always() bool { return true }
