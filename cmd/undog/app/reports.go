package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/undog-dev/undog/cmd/undog/explain"
	"github.com/undog-dev/undog/notify"
	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/policy"
)

const (
	// maxReports wait at a time; one more is refused.
	maxReports = 64
	// kindDeployment is the only kind of workload, as subjects write it.
	kindDeployment = "deployment"
)

// reports takes verdicts from outside, which come over NATS, to the loop.
type reports struct {
	ask     *questions
	queue   chan *report
	metrics *metrics
	log     *slog.Logger
	// active tells whether this undog is the one that acts.
	active func() bool
}

func newReports(ask *questions, m *metrics, log *slog.Logger, active func() bool) *reports {
	return &reports{ask: ask, queue: make(chan *report), metrics: m, log: log, active: active}
}

// serve answers reports until ctx ends. Without a connection it waits for one.
func (r *reports) serve(ctx context.Context, client *nats.Client) error {
	subject, err := notify.VerdictFilter(r.ask.cfg.Cluster)
	if err != nil {
		return err
	}
	return client.Serve(ctx, nats.Service{
		Subject: subject, Queue: maxReports, Within: answerWithin, Active: r.active, Handle: r.handle,
		Refuse: func(reason string) []byte { return r.reply(refused(reason)) },
	})
}

// refused says why a report was not even looked at.
func refused(reason string) notify.VerdictReply {
	message := "too many reports wait already: report it again in a moment"
	if reason == notify.Stopping {
		message = "this undog ends: report it again when the next one runs"
	}
	return notify.VerdictReply{Reason: reason, Message: message}
}

// handle answers one report.
func (r *reports) handle(ctx context.Context, subject string, data []byte) []byte {
	reply := r.answer(ctx, subject, data)
	r.log.Debug("a verdict was reported", "reason", reply.Reason, "message", reply.Message)
	return r.reply(reply)
}

// reply counts an answer and encodes it.
func (r *reports) reply(reply notify.VerdictReply) []byte {
	r.metrics.reports.WithLabelValues(reply.Reason).Inc()
	data, err := json.Marshal(reply)
	if err != nil {
		r.log.Error("cannot encode the answer to a report", "err", err)
		return nil
	}
	return data
}

// answer reads a report, finds the workload that it is about, and lets the
// loop put it to the engine.
func (r *reports) answer(ctx context.Context, subject string, data []byte) notify.VerdictReply {
	request, namespace, name, err := read(subject, data)
	if err != nil {
		return notify.VerdictReply{Reason: notify.Malformed, Message: err.Error()}
	}
	o, refusal := r.ask.find(namespace, name)
	if refusal != nil {
		return notify.VerdictReply{Reason: reasonOf(refusal), Message: refusal.Message}
	}
	return r.put(ctx, policy.Report{
		Workload: o.Workload, Revision: request.Revision, Good: request.Verdict == notify.Good,
		Reason: notify.Text(request.Reason, policy.MaxMessage), By: notify.Text(request.By, policy.MaxMessage),
	})
}

// read takes a request apart.
func read(subject string, data []byte) (request notify.VerdictRequest, namespace, name string, err error) {
	address, err := notify.ParseVerdictSubject(subject)
	if err != nil {
		return request, "", "", err
	}
	if address.Kind != kindDeployment {
		return request, "", "", fmt.Errorf("kind %q: undog judges Deployments only: write %s", address.Kind, kindDeployment)
	}
	if request, err = notify.DecodeVerdict(data); err != nil {
		return request, "", "", err
	}
	namespace, name, err = request.Meant(address)
	return request, namespace, name, err
}

// reasonOf is a refusal's reason in the words of the answer.
func reasonOf(refusal *explain.Refusal) string {
	switch refusal.Reason {
	case explain.NotFound:
		return notify.NotFound
	case explain.NotWatched:
		return policy.AnswerNotWatched
	case explain.NotSynced:
		return notify.NotSynced
	}
	return notify.Malformed
}

// report is one on its way to the engine. Whoever sent it stops waiting at
// some time; it must then not be taken any more, since its refusal was told.
type report struct {
	policy.Report

	// observe is what the watcher sees of the workload when the engine is asked.
	observe func(time.Time, string) (*policy.Observation, bool)
	settled atomic.Bool
	done    chan policy.Answer
}

// settle is true for the first who asks: the loop that takes the report, or
// the sender who gives up.
func (r *report) settle() bool { return r.settled.CompareAndSwap(false, true) }

// put hands a report to the loop and waits for what the engine says.
func (r *reports) put(ctx context.Context, in policy.Report) notify.VerdictReply {
	rep := &report{Report: in, observe: r.ask.seen.Observe, done: make(chan policy.Answer, 1)}
	select {
	case r.queue <- rep:
	case <-ctx.Done():
		return late(ctx)
	}
	select {
	case a := <-rep.done:
		return replyOf(a)
	case <-ctx.Done():
		if rep.settle() {
			return late(ctx)
		}
		// The loop has just taken it, and a step is short.
		return replyOf(<-rep.done)
	}
}

// late refuses a report that the loop did not come to.
func late(ctx context.Context) notify.VerdictReply {
	if errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
		return notify.VerdictReply{Reason: notify.Busy, Message: fmt.Sprintf("undog's loop did not come round within %s: report it again", answerWithin)}
	}
	return refused(notify.Stopping)
}

func replyOf(a policy.Answer) notify.VerdictReply {
	v := a.Revision
	return notify.VerdictReply{
		Accepted: a.Accepted, Reason: a.Reason, Message: a.Message, Phase: string(a.Phase),
		Revision: notify.Revision{UID: v.UID, Name: v.Name, Hash: v.Hash, Number: v.Number, Images: v.Images},
	}
}

// reported puts a report to the engine.
func (l *loop) reported(r *report, wakeAt time.Time) time.Time {
	if !r.settle() {
		return wakeAt
	}
	r.At = time.Now()
	// The report may be about a revision that the engine has not heard of yet.
	if o, ok := r.observe(r.At, r.Workload.UID); ok {
		r.Observation = o
	}
	ready := l.step(r.Report)
	if ready.Answer == nil {
		// Never, by the engine's contract; whoever waits is told all the same.
		ready.Answer = &policy.Answer{Reason: policy.AnswerNotWatched, Message: "undog does not judge this workload"}
	}
	r.done <- *ready.Answer
	return ready.WakeAt
}
