package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/cmd/undog/explain"
	"github.com/undog-dev/undog/cmd/undog/history"
	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher"
)

// known is a cluster with shop/web, which is watched, and shop/other, which is not.
type known struct {
	unsynced bool
	gone     bool
}

func (k *known) Synced() bool { return !k.unsynced }

func (k *known) Find(namespace, name string) (watcher.Found, bool) {
	found := map[string]watcher.Found{"shop/web": {UID: "u", Watched: true}, "shop/other": {UID: "o"}}
	f, ok := found[namespace+"/"+name]
	return f, ok
}

func (k *known) Observe(at time.Time, uid string) (*policy.Observation, bool) {
	if k.gone || uid != "u" {
		return nil, false
	}
	ref := policy.RevisionRef{UID: "r", Name: "web-1", Number: 1, Template: "t", Images: []string{"web:1"}}
	return &policy.Observation{
		At: at, Version: 1, Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: "web", UID: "u"},
		Generation: 1, ObservedGeneration: 1, Template: "t", Replicas: 1, UpdatedReplicas: 1, TotalReplicas: 1,
		Revisions: []policy.Revision{{RevisionRef: ref, Pods: 1, Desired: 1, Started: 1}},
		Records:   []policy.Record{{Revision: ref, Verdict: policy.Good, Reason: "BakeComplete", At: at.Add(-time.Hour)}},
	}, true
}

// ask asks over HTTP; the loop answers as long as it turns.
func ask(t *testing.T, q *questions, target string, turns bool) (code int, body string) {
	t.Helper()
	if turns {
		done := make(chan struct{})
		defer func() { <-done }()
		ctx := t.Context()
		engine := policy.New(policy.Settings{Mode: policy.Enforce, Policies: []policy.Policy{{Name: "default", Action: policy.ActionRollback, Bake: time.Minute}}})
		go func() {
			defer close(done)
			select {
			case question := <-q.queue:
				question(engine)
			case <-ctx.Done():
			case <-time.After(time.Minute):
			}
		}()
	}
	w := httptest.NewRecorder()
	q.handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, target, http.NoBody))
	if w.Header().Get(explain.Header) != explain.Version || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%s: headers %v", target, w.Header())
	}
	return w.Code, w.Body.String()
}

func TestRefusals(t *testing.T) {
	for name, tt := range map[string]struct {
		target string
		seen   known
		watch  config.Watch
		own    string
		code   int
		want   string
	}{
		"no name":       {target: "/v1/explain?namespace=shop", code: 400, want: "ask with ?namespace=shop&name=web"},
		"bad name":      {target: "/v1/explain?namespace=Sh%1bop&name=web", code: 400, want: `namespace "Sh op"`},
		"not synced":    {target: "/v1/explain?namespace=shop&name=web", seen: known{unsynced: true}, code: 503, want: "ask again"},
		"no such":       {target: "/v1/history?namespace=shop&name=nothing", code: 404, want: "there is no Deployment shop/nothing in cluster default"},
		"deleted":       {target: "/v1/history?namespace=shop&name=web", seen: known{gone: true}, code: 404, want: "deleted just now"},
		"left out":      {target: "/v1/explain?namespace=kube-system&name=web", code: 404, want: "kube-* is left out"},
		"undog's own":   {target: "/v1/explain?namespace=undog&name=undog", own: "undog", code: 404, want: "undog's own"},
		"not named":     {target: "/v1/explain?namespace=shop&name=web", watch: config.Watch{Namespaces: []string{"pay"}}, code: 404, want: "watch.namespaces names pay only"},
		"not selected":  {target: "/v1/explain?namespace=shop&name=other", watch: config.Watch{Selector: "team=a"}, code: 404, want: "watch.selector asks for (team=a)"},
		"no such thing": {target: "/v1/verdict", code: 404, want: "/v1/explain and /v1/history"},
	} {
		cfg := config.Default()
		cfg.Watch = tt.watch
		code, body := ask(t, newQuestions(&cfg, tt.own, &tt.seen), tt.target, false)
		var refusal explain.Refusal
		if err := json.Unmarshal([]byte(body), &refusal); err != nil || refusal.Reason == "" {
			t.Errorf("%s: %v in %s", name, err, body)
		}
		if code != tt.code || !strings.Contains(refusal.Message, tt.want) {
			t.Errorf("%s: %d %s, want %d with %s", name, code, body, tt.code, tt.want)
		}
	}
}

func TestAnswers(t *testing.T) {
	cfg := config.Default()
	q := newQuestions(&cfg, "", &known{})
	code, body := ask(t, q, "/v1/explain?namespace=shop&name=web", true)
	var a explain.Answer
	if err := json.Unmarshal([]byte(body), &a); err != nil || code != http.StatusOK {
		t.Fatalf("%d %v %s", code, err, body)
	}
	if a.Cluster != "default" || a.Policy != "default" || a.Current.Number != 1 || a.Verdict == "" || len(a.Rules) == 0 {
		t.Errorf("answer = %+v", a)
	}
	code, body = ask(t, q, "/v1/history?namespace=shop&name=web", false)
	var h history.History
	if err := json.Unmarshal([]byte(body), &h); err != nil || code != http.StatusOK {
		t.Fatalf("%d %v %s", code, err, body)
	}
	if len(h.Revisions) != 1 || h.Current != "r" || h.Revisions[0].Record == nil || h.Revisions[0].Record.Verdict != policy.Good {
		t.Errorf("history = %+v", h)
	}
}

// A loop that is stuck, or has too much to do, is said to be.
func TestStuckLoopIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config.Default()
		q := newQuestions(&cfg, "", &known{})
		for i := range maxQuestions + 1 {
			want := "did not come round"
			if i == maxQuestions {
				want = "too many questions"
			}
			code, body := ask(t, q, "/v1/explain?namespace=shop&name=web", false)
			if code != http.StatusServiceUnavailable || !strings.Contains(body, want) {
				t.Errorf("question %d: %d %s, want %s", i, code, body, want)
			}
		}
	})
}

// The answer stays of a size; what has pods or failures stays in it.
func TestIdleRevisionsAreLeftOut(t *testing.T) {
	var all []policy.Revision
	for i := range 3 * maxIdle {
		r := policy.Revision{RevisionRef: policy.RevisionRef{UID: fmt.Sprint(i), Number: int64(i)}}
		if i%2 == 0 {
			r.Pods = 1
		}
		all = append(all, r)
	}
	kept := withoutIdle(all)
	busy := 0
	for i := range kept {
		busy += int(kept[i].Pods)
	}
	if len(kept)-busy != maxIdle || busy != 3*maxIdle/2 || kept[len(kept)-1].Number != int64(len(all)-1) {
		t.Errorf("%d kept, %d of them with pods", len(kept), busy)
	}
}
