package app

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/undog-dev/undog/cmd/undog/explain"
	"github.com/undog-dev/undog/cmd/undog/history"
	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher"
)

const (
	// maxQuestions wait at a time; one more is turned away.
	maxQuestions = 16
	// answerWithin is how long the loop may take to come to a question.
	answerWithin = 5 * time.Second
	// maxIdle is how many revisions without pods an answer holds.
	maxIdle = 64
)

// seen is where questions look a Deployment up.
type seen interface {
	Synced() bool
	Find(namespace, name string) (watcher.Found, bool)
	Observe(at time.Time, uid string) (*policy.Observation, bool)
}

// questions answers, over HTTP, what undog thinks of a Deployment. The engine
// belongs to the loop: what needs it waits in queue until the loop comes round.
type questions struct {
	cfg   *config.Config
	own   string
	seen  seen
	queue chan func(*policy.Engine)
	// standby says who acts instead of this undog, "" when it does; nil is never.
	standby func() string
}

func newQuestions(cfg *config.Config, own string, s seen) *questions {
	return &questions{cfg: cfg, own: own, seen: s, queue: make(chan func(*policy.Engine), maxQuestions)}
}

// handler serves GET /v1/explain and /v1/history.
func (q *questions) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/explain", q.answering(q.explain))
	mux.HandleFunc("GET /v1/history", q.answering(q.history))
	mux.HandleFunc("GET /v1/", func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusNotFound, explain.Refusal{Reason: explain.BadRequest, Message: fmt.Sprintf(
			"%s is not served; there are /v1/explain and /v1/history", explain.Printable(r.URL.Path))})
	})
	return mux
}

// answering finds the Deployment that is asked about.
func (q *questions) answering(f func(context.Context, *policy.Observation) (any, *explain.Refusal)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
		defer cancel()
		o, refusal := q.find(r.URL.Query().Get("namespace"), r.URL.Query().Get("name"))
		var body any
		if refusal == nil {
			body, refusal = f(ctx, o)
		}
		if refusal != nil {
			answer(w, refusal.Code(), refusal)
			return
		}
		answer(w, http.StatusOK, body)
	}
}

// find observes a Deployment, or says why that cannot be.
func (q *questions) find(namespace, name string) (*policy.Observation, *explain.Refusal) {
	if len(validation.IsDNS1123Label(namespace)) > 0 || len(validation.IsDNS1123Subdomain(name)) > 0 {
		return nil, &explain.Refusal{Reason: explain.BadRequest, Message: fmt.Sprintf(
			"namespace %q and name %q do not name a Deployment: ask with ?namespace=shop&name=web", explain.Printable(namespace), explain.Printable(name))}
	}
	if !q.seen.Synced() {
		return nil, &explain.Refusal{Reason: explain.NotSynced, Message: "undog has not read the whole cluster yet: ask again in a moment"}
	}
	if why := leftOut(q.cfg, q.own, namespace); why != "" {
		return nil, &explain.Refusal{Reason: explain.NotWatched, Message: why}
	}
	found, ok := q.seen.Find(namespace, name)
	if !ok {
		return nil, &explain.Refusal{Reason: explain.NotFound, Message: fmt.Sprintf("there is no Deployment %s/%s in cluster %s", namespace, name, q.cfg.Cluster)}
	}
	if !found.Watched {
		return nil, &explain.Refusal{Reason: explain.NotWatched, Message: unselected(q.cfg)}
	}
	o, ok := q.seen.Observe(time.Now(), found.UID)
	if !ok {
		return nil, &explain.Refusal{Reason: explain.NotFound, Message: fmt.Sprintf("Deployment %s/%s was deleted just now", namespace, name)}
	}
	return o, nil
}

// leftOut says why a namespace is not watched, "" if it is.
func leftOut(cfg *config.Config, own, namespace string) string {
	switch named := cfg.Watch.Namespaces; {
	case len(named) > 0 && !slices.Contains(named, namespace):
		return fmt.Sprintf("namespace %s is not watched: watch.namespaces names %s only", namespace, strings.Join(named, ", "))
	case len(named) > 0:
		return ""
	case strings.HasPrefix(namespace, "kube-"):
		return fmt.Sprintf("namespace %s is not watched: kube-* is left out unless watch.namespaces names it", namespace)
	case namespace == own && own != "":
		return fmt.Sprintf("namespace %s is not watched: it is undog's own, left out unless watch.namespaces names it", namespace)
	}
	return ""
}

func unselected(cfg *config.Config) string {
	return fmt.Sprintf("the Deployment is not watched: it lacks the labels that watch.selector asks for (%s)", cfg.Watch.Selector)
}

// explain answers what the engine thinks.
func (q *questions) explain(ctx context.Context, o *policy.Observation) (any, *explain.Refusal) {
	x, refusal := q.thinks(ctx, o)
	if refusal != nil {
		return nil, refusal
	}
	x.Revisions = withoutIdle(x.Revisions)
	a := explain.Answer{Explanation: x, Cluster: q.cfg.Cluster}
	if q.standby != nil {
		if why := q.standby(); why != "" {
			a.Notes = append(a.Notes, why)
		}
	}
	return a, nil
}

// healthy tells whether a revision is the current one, and judged to be good.
func (q *questions) healthy(ctx context.Context, o *policy.Observation, rev policy.RevisionRef) bool {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	x, refusal := q.thinks(ctx, o)
	return refusal == nil && x.Phase == policy.Healthy && x.Current.UID == rev.UID
}

// thinks lets the loop ask the engine.
func (q *questions) thinks(ctx context.Context, o *policy.Observation) (policy.Explanation, *explain.Refusal) {
	done := make(chan policy.Explanation, 1)
	question := func(e *policy.Engine) {
		if ctx.Err() != nil {
			return
		}
		// Not the observation from before the wait: the engine may know better by now.
		now := time.Now()
		if fresh, ok := q.seen.Observe(now, o.Workload.UID); ok {
			done <- e.Explain(fresh, now)
			return
		}
		close(done)
	}
	select {
	case q.queue <- question:
	default:
		return policy.Explanation{}, &explain.Refusal{Reason: explain.Busy, Message: "too many questions wait already: ask again in a moment"}
	}
	select {
	case x, ok := <-done:
		if !ok {
			return x, &explain.Refusal{Reason: explain.NotFound, Message: fmt.Sprintf("Deployment %s was deleted just now", o.Workload)}
		}
		return x, nil
	case <-ctx.Done():
		return policy.Explanation{}, &explain.Refusal{Reason: explain.Busy, Message: fmt.Sprintf("undog's loop did not come round within %s", answerWithin)}
	}
}

// history needs no engine.
func (q *questions) history(_ context.Context, o *policy.Observation) (any, *explain.Refusal) {
	h := history.Of(o)
	h.Cluster = q.cfg.Cluster
	return h, nil
}

// withoutIdle leaves out the oldest revisions that have no pods, so that the
// answer stays of a size however many a Deployment keeps.
func withoutIdle(all []policy.Revision) []policy.Revision {
	idle := func(r *policy.Revision) bool { return r.Pods+r.Lost+r.Disrupted == 0 && len(r.Failures) == 0 }
	n := 0
	for i := range all {
		if idle(&all[i]) {
			n++
		}
	}
	kept := make([]policy.Revision, 0, len(all))
	for i := range all {
		if idle(&all[i]) && n > maxIdle {
			n--
			continue
		}
		kept = append(kept, all[i])
	}
	return kept
}

// answer writes JSON; a client that has gone away is no concern of ours.
func answer(w http.ResponseWriter, code int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		http.Error(w, fmt.Sprintf("encode the answer: %v", err), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set(explain.Header, explain.Version)
	w.WriteHeader(code)
	_, _ = w.Write(append(data, '\n'))
}
