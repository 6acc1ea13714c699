package load

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/undog-dev/undog/test/bench/fleet"
	"github.com/undog-dev/undog/test/bench/wire"
)

const (
	// settled is how long what there is at the start has been as it is.
	settled = 2 * time.Hour
	// month is how old Deployments and nodes are.
	month = 30 * 24 * time.Hour
)

// World is the cluster.
type World struct {
	server *wire.Server
	shape  fleet.Shape
	nodes  int

	mu     sync.Mutex
	random *rand.Rand
	all    []*workload
	// well are those that none of whose pods crash, crashing are those that do.
	well     []*workload
	crashing []*crashing
	byName   map[string]*workload
	// largest is the one beside the usual sizes, nil if there is none. It is never
	// released badly.
	largest *workload
	// fresh are those that had no bad release yet.
	fresh    []*workload
	pods     uint64
	rollouts []*Rollout
	// bad is the same by the names of Deployments.
	bad      map[string]*Rollout
	replaced uint64
	undone   chan *workload
	err      error
}

// workload is a Deployment as it is now. Who changes it holds its lock.
type workload struct {
	*fleet.Deployment

	mu   sync.Mutex
	pods []*fleet.Pod
	// revision is that of the pods, replicaSet the name of theirs.
	revision int
	set      *fleet.Set
	// busy says that a release is under way: its pods are left alone.
	busy bool
	// crashing is how many of its pods do, beside the others.
	crashing int32
	release  *Rollout
}

// New makes everything there is at the start. The same seed plays the same.
func New(server *wire.Server, shape fleet.Shape, seed uint64) (*World, error) {
	w := &World{
		server: server, shape: shape, nodes: shape.Nodes(), random: rand.New(rand.NewPCG(seed, seed)), //nolint:gosec // a simulation
		byName: map[string]*workload{}, bad: map[string]*Rollout{}, undone: make(chan *workload, 1<<14),
	}
	now := time.Now()
	old, since := now.Add(-month).Unix(), now.Add(-settled).Unix()
	for i := range w.nodes {
		if err := server.Nodes.Load(fleet.Node(i, old)); err != nil {
			return nil, err
		}
	}
	all := shape.Deployments()
	crash := crashers(shape, all, w.random)
	for i, d := range all {
		if err := w.add(d, old, since, crash[i]); err != nil {
			return nil, fmt.Errorf("make %s/%s: %w", d.Namespace, d.Name, err)
		}
	}
	w.fresh = append(w.fresh, w.well...)
	if shape.Largest > 0 {
		last := len(w.well) - 1
		w.largest, w.fresh = w.well[last], w.fresh[:last]
	}
	w.random.Shuffle(len(w.fresh), func(i, j int) { w.fresh[i], w.fresh[j] = w.fresh[j], w.fresh[i] })
	server.Asked, server.Patched = w.asked, w.patched
	return w, nil
}

// add makes a Deployment and what belongs to it; so many of its pods crash.
func (w *World) add(d *fleet.Deployment, old, since int64, crashing int32) error {
	if err := w.server.ConfigMaps.Load(d.ConfigMap(old)); err != nil {
		return err
	}
	for revision := range d.Old {
		if err := w.server.ReplicaSets.Load(d.ReplicaSet(revision+1, 0, old+int64(revision)*3600)); err != nil {
			return err
		}
	}
	rs, o := d.ReplicaSet(d.Revision(), d.Replicas, since), d.Object(since)
	if crashing > 0 {
		d.Lacking(o, rs, crashing)
	}
	if err := w.server.Deployments.Load(o); err != nil {
		return err
	}
	if err := w.server.ReplicaSets.Load(rs); err != nil {
		return err
	}
	l := &workload{Deployment: d, revision: d.Revision()}
	set := fleet.NewSet(rs)
	for range d.Replicas {
		p := w.pod(since, fleet.Ready)
		p.Started, p.Turned = since+2, since+7
		crashes := l.crashing < crashing
		if crashes {
			w.crashes(l, p, since+int64(settled.Seconds()))
		}
		if err := w.server.Pods.Load(set.Object(p)); err != nil {
			return err
		}
		if !crashes {
			l.pods = append(l.pods, p)
		}
	}
	w.all = append(w.all, l)
	if crashing == 0 {
		w.well = append(w.well, l)
	}
	w.byName[d.Namespace+"/"+d.Name] = l
	return nil
}

// pod makes a new one on the next node.
func (w *World) pod(now int64, stage fleet.Stage) *fleet.Pod {
	w.pods++
	return &fleet.Pod{Number: w.pods, Node: int(w.pods % uint64(w.nodes)), Created: now, Stage: stage} //nolint:gosec // small
}

// newPod is pod for what runs beside others.
func (w *World) newPod(now int64, stage fleet.Stage) *fleet.Pod {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.pod(now, stage)
}

// pick is any of the workloads.
func (w *World) pick(from []*workload) *workload {
	w.mu.Lock()
	defer w.mu.Unlock()
	return from[w.random.IntN(len(from))]
}

// makes is the set of the workload's pods. Its lock must be held.
func (w *World) makes(l *workload) *fleet.Set {
	if l.set == nil {
		l.set = fleet.NewSet(l.ReplicaSet(l.revision, l.Replicas, 0))
	}
	return l.set
}

// failed keeps the first thing that went wrong.
func (w *World) failed(err error) {
	if err == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err == nil {
		w.err = err
	}
}

// put tells of a pod as it is now.
func (w *World) put(s *fleet.Set, p *fleet.Pod, written func(time.Time)) {
	w.failed(w.server.Pods.Put(s.Object(p), written))
}
