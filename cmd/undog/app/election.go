package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/undog-dev/undog/cmd/undog/lead"
	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/watcher/api"
)

// election is who of several undogs acts. Without one, this one does.
type election struct {
	elector *lead.Elector
	// who names this undog.
	who policy.Workload
	// every is how long the one that acts may be silent.
	every time.Duration
	// embedded says that each undog has a NATS server of its own.
	embedded bool
	log      *slog.Logger
}

// others is told who acts instead.
func (e *election) others(holder string) {
	e.log.Info("another undog acts; this one stands by", "holder", holder)
	if e.embedded {
		e.log.Warn("each of several undogs has a NATS server inside: subscribers of one never see what another tells; " +
			"set nats.url to a server that they share, or run one undog")
	}
}

// openElection makes sure that undog can take part, if it is to. Nobody leads
// before run.
func openElection(ctx context.Context, cfg *config.Config, c *cluster, own string, log *slog.Logger) (*election, error) {
	l := cfg.LeaderElection
	if !l.Held(c.inCluster) {
		return &election{}, nil
	}
	if l.Namespace == "" {
		l.Namespace = own
	}
	if l.Namespace == "" {
		return nil, errors.New("leaderElection.namespace is empty, and outside of a cluster undog has no namespace of its own: name the one where the Lease is to be")
	}
	if err := leaseRights(ctx, c.client, l, log); err != nil {
		return nil, err
	}
	client, err := lead.Client(c.rest)
	if err != nil {
		return nil, err
	}
	identity, err := lead.Identity()
	if err != nil {
		return nil, err
	}
	name, _, _ := strings.Cut(identity, "_")
	e := &election{
		who: policy.Workload{Namespace: l.Namespace, Name: name, UID: identity}, every: time.Duration(l.LeaseDuration),
		embedded: cfg.NATS.URL == "", log: log.With("component", "election"),
	}
	e.elector, err = lead.New(lead.Options{
		Leases: client.Leases(l.Namespace), Name: l.Name, Identity: identity, Others: e.others, Log: e.log,
		LeaseDuration: e.every, RenewDeadline: time.Duration(l.RenewDeadline), RetryPeriod: time.Duration(l.RetryPeriod),
	})
	if err != nil {
		return nil, err
	}
	log.Info("one of several undogs is elected to act", "namespace", l.Namespace, "lease", l.Name, "identity", identity)
	return e, nil
}

// leaseRights names every right to the Lease that is missing. Without that to
// watch it a hand-over takes a little longer.
func leaseRights(ctx context.Context, client api.Interface, l config.LeaderElection, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, reachTimeout)
	defer cancel()
	lease := right{group: "coordination.k8s.io", resource: "leases", name: l.Name, what: "so that one of several undogs acts (or set leaderElection.enabled: false where there is one)"}
	var missing []error
	for _, verb := range []string{"get", "create", "update"} {
		need := lease
		if need.verb = verb; verb == "create" {
			// What does not exist has no name yet.
			need.name = ""
		}
		err := allowed(ctx, client, l.Namespace, need)
		if err != nil && !errors.Is(err, errDenied) {
			return err
		}
		missing = append(missing, err)
	}
	lease.verb, lease.what = "watch", "to take over at once when another undog stops"
	if err := allowed(ctx, client, l.Namespace, lease); err != nil {
		log.Warn("a hand-over takes a little longer for want of a permission", "err", err)
	}
	return errors.Join(missing...)
}

// self is this undog where it tells of itself.
func (e *election) self(own string) policy.Workload {
	if e.elector != nil {
		return e.who
	}
	name, err := os.Hostname()
	if err != nil {
		name = "undog"
	}
	if own == "" {
		own = "undog"
	}
	return policy.Workload{Namespace: own, Name: name, UID: name}
}

// active tells whether this undog acts, answers, and tells what the cluster owes.
func (e *election) active() bool { return e.elector == nil || e.elector.Leads() }

// start takes part in the election until the function that it returns is
// called, which gives the lease back and returns then.
func (e *election) start(ctx context.Context) (giveUp func()) {
	if e.elector == nil {
		return func() {}
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		e.elector.Run(running)
	}()
	return func() {
		stop()
		<-ended
	}
}

// parts are for /readyz.
func (e *election) parts() []part {
	if e.elector == nil {
		return nil
	}
	return []part{{name: "leader", look: e.look}}
}

// look says which of the two this undog is. One that can neither take the Lease
// nor keep it is of no use beside the others.
func (e *election) look(time.Time) (grade, string) {
	is := "standby; " + e.instead()
	if e.active() {
		is = "this undog acts"
	}
	if trouble := e.elector.Trouble(); !trouble.Since.IsZero() {
		return degraded, fmt.Sprintf("%s; since %s it cannot %s the lease: %s", is, trouble.Since.UTC().Format(time.RFC3339), trouble.What, trouble.Reason)
	}
	return well, is
}

// instead says who acts, while this undog does not.
func (e *election) instead() string {
	if holder := e.elector.Holder(); holder != "" && holder != e.who.UID {
		return holder + " acts"
	}
	return "nobody acts yet"
}

// standby is a note for whoever asks what undog thinks, "" when this one acts.
func (e *election) standby() string {
	if e.active() {
		return ""
	}
	return "this undog stands by, and plays no checks; " + e.instead()
}

// observe registers who leads.
func (e *election) observe(m *metrics) {
	m.gauge("undog_leader", "1 when this undog acts, 0 when it stands by.", func() float64 {
		if e.active() {
			return 1
		}
		return 0
	})
	m.counter("undog_leader_transitions_total", "How often this undog began or ceased to act.", func() float64 {
		if e.elector == nil {
			return 0
		}
		return float64(e.elector.Changes())
	})
}

// whileLeading carries out decisions as long as this undog leads. What is under
// way when it loses the lease is broken off: whoever leads next finds what was done.
type whileLeading struct {
	executor
	election *election
}

// Do implements executor.
func (w whileLeading) Do(ctx context.Context, d policy.Decision) policy.Outcome {
	if w.election.elector == nil {
		return w.executor.Do(ctx, d)
	}
	during, done, leads := w.election.elector.During(ctx)
	if !leads {
		return policy.Outcome{
			At: time.Now(), Workload: d.Workload, DecisionID: d.ID, Kind: d.Kind,
			Result: policy.Refused, Reason: policy.RefusedNotLeader, Message: "another undog acts",
		}
	}
	defer done()
	return w.executor.Do(during, d)
}

// toldSince reads what the stream has got since a moment, and returns a test for
// it by what events say: two undogs notice the same at different times, and so
// give it different ids.
func toldSince(client *nats.Client, cluster string) func(context.Context, time.Time) (func(policy.Transition) bool, error) {
	type saying struct{ kind, workload, revision, reason string }
	return func(ctx context.Context, since time.Time) (func(policy.Transition) bool, error) {
		told := map[saying]bool{}
		err := client.Tail(ctx, nats.TailOptions{Since: since, Cluster: cluster}, func(r nats.Received) error {
			noun, verb, err := r.Kind()
			if err != nil {
				return fmt.Errorf("read event %s: %w", r.ID, err)
			}
			told[saying{noun + "." + verb, r.Data.Workload.UID, r.Data.Revision.UID, r.Data.Reason}] = true
			return nil
		})
		if err != nil {
			return nil, err
		}
		return func(t policy.Transition) bool {
			return told[saying{string(t.Kind), t.Workload.UID, t.Revision.UID, t.Reason}]
		}, nil
	}
}
