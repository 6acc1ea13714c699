package faults_test

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/undog-dev/undog/notify/outbox"
	"github.com/undog-dev/undog/policy"
)

// cluster is the name of the cluster that the events are of.
const cluster = "demo"

// memory stands in for what the cluster remembers: the ledger's records and
// the undos noted on each Deployment. It outlives every undog. Undog's part is
// played with the order in which undog does things: first it is written, then
// it is told.
type memory struct {
	mu   sync.Mutex
	obs  map[string]*policy.Observation
	told *outbox.Outbox // Nil while no undog runs.
	// undone counts the undos, late is the longest that one had to wait for
	// what was told before it.
	undone int
	late   time.Duration
}

func newMemory() *memory { return &memory{obs: map[string]*policy.Observation{}} }

// attach makes an undog the one that is told, nil none.
func (m *memory) attach(o *outbox.Outbox) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told = o
}

// Owed is what undog derives from the cluster.
func (m *memory) Owed() []policy.Transition {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []policy.Transition
	for _, name := range slices.Sorted(mapKeys(m.obs)) {
		all = append(all, policy.Durable(cluster, m.obs[name])...)
	}
	return all
}

// convict writes that a release is bad.
func (m *memory) convict(name string, release int) {
	m.write(name, func(o *policy.Observation) {
		o.Records = append(o.Records, policy.Record{
			Revision: ref(name, release), Target: ref(name, 0), Verdict: policy.Bad, At: time.Now(), DecisionID: decision(name, release),
			Reason: "CrashLoop", Message: "2 of 2 pods crash", Action: policy.ActionRollback, Policy: "default",
		})
	})
}

// undo writes that the release was taken back.
func (m *memory) undo(name string, release int) {
	m.write(name, func(o *policy.Observation) {
		o.Rollbacks = append(o.Rollbacks, policy.Rollback{
			DecisionID: decision(name, release), Workload: o.Workload.UID, At: time.Now(), From: ref(name, release).UID, To: ref(name, 0).UID,
		})
	})
}

// rollback convicts and undoes, and notes how late the undo was.
func (m *memory) rollback(name string, release int) {
	due := time.Now()
	m.convict(name, release)
	m.undo(name, release)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.undone++
	m.late = max(m.late, time.Since(due))
}

// write changes what is remembered of a Deployment, and tells what is new.
func (m *memory) write(name string, change func(*policy.Observation)) {
	m.mu.Lock()
	o := m.obs[name]
	if o == nil {
		o = &policy.Observation{Workload: policy.Workload{Kind: "Deployment", Namespace: "shop", Name: name, UID: "uid-" + name}}
	}
	before := policy.Durable(cluster, o)
	next := *o
	next.Records, next.Rollbacks = slices.Clone(o.Records), slices.Clone(o.Rollbacks)
	change(&next)
	m.obs[name] = &next
	after := slices.DeleteFunc(policy.Durable(cluster, &next), func(t policy.Transition) bool {
		return slices.ContainsFunc(before, func(b policy.Transition) bool { return b.ID == t.ID })
	})
	told := m.told
	m.mu.Unlock()
	if told != nil {
		told.Add(after...)
	}
}

func ref(name string, release int) policy.RevisionRef {
	rs := fmt.Sprintf("%s-%d", name, release)
	return policy.RevisionRef{UID: "rs-" + rs, Name: rs, Hash: rs, Number: int64(release), Template: "t-" + rs, Images: []string{"registry.test/app:" + rs}}
}

func decision(name string, release int) string { return fmt.Sprintf("undo-%s-%d", name, release) }
