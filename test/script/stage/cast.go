package stage

import (
	"slices"
	"strconv"
	"sync"

	v1 "k8s.io/api/core/v1"

	"github.com/undog-dev/undog/test/script"
	"github.com/undog-dev/undog/test/script/lifecycle"
)

const (
	hashLabel = "pod-template-hash"
	// maxRevisions bounds the memory of revisions whose pods are all gone.
	maxRevisions = 4096
)

// Casting decides who plays what: it knows the scripts and each pod's place in
// its revision. It is safe for use by several goroutines.
type Casting struct {
	mu        sync.Mutex
	scripts   []*script.Script // Later ones come first.
	revisions map[string]*revision
	places    map[string]place // By namespace/name.
}

// revision is what the pods of one pod-template-hash share.
type revision struct {
	admitted int
	live     int
	shared   map[*script.Rule]*lifecycle.Shared
}

type place struct {
	uid      string
	revision string
	ordinal  int
}

// NewCasting plays a script, and what is added to it.
func NewCasting(base *script.Script) *Casting {
	return &Casting{scripts: []*script.Script{base}, revisions: map[string]*revision{}, places: map[string]place{}}
}

// Add puts the script before the others until the function is called.
func (c *Casting) Add(s *script.Script) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.scripts = slices.Insert(slices.Clone(c.scripts), 0, s)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.scripts = slices.DeleteFunc(slices.Clone(c.scripts), func(other *script.Script) bool { return other == s })
	}
}

// Admit gives a new pod its place.
func (c *Casting) Admit(pod *v1.Pod) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key := pod.Namespace + "/" + pod.Name
	if known, ok := c.places[key]; ok {
		if known.uid == string(pod.UID) {
			return
		}
		c.leave(key)
	}
	name := pod.Namespace + "/" + pod.Labels[hashLabel]
	r := c.revisions[name]
	if r == nil {
		c.trim()
		r = &revision{shared: map[*script.Rule]*lifecycle.Shared{}}
		c.revisions[name] = r
	}
	c.places[key] = place{uid: string(pod.UID), revision: name, ordinal: r.admitted}
	r.admitted++
	r.live++
}

// Dismiss forgets a pod's place; an empty uid means whoever has the name.
func (c *Casting) Dismiss(key, uid string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.places[key]; ok && (uid == "" || known.uid == uid) {
		c.leave(key)
	}
}

func (c *Casting) leave(key string) {
	if r := c.revisions[c.places[key].revision]; r != nil {
		r.live--
	}
	delete(c.places, key)
}

// trim forgets revisions without pods when there are too many.
func (c *Casting) trim() {
	if len(c.revisions) < maxRevisions {
		return
	}
	for name, r := range c.revisions {
		if r.live == 0 {
			delete(c.revisions, name)
		}
	}
}

// Part is what the container plays: the pod's own play if it is about this
// container, else that of the first rule that matches.
func (c *Casting) Part(pod *v1.Pod, container *v1.Container, own *script.Play, first bool) lifecycle.Part {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.places[pod.Namespace+"/"+pod.Name]
	base := c.scripts[len(c.scripts)-1]
	part := lifecycle.Part{
		Play: &script.Play{}, Seed: base.Seed, Key: at.revision + "/" + strconv.Itoa(at.ordinal),
		BackOff: base.BackOff.Defaulted(script.BackOff{}),
	}
	if own != nil && (own.Container == container.Name || own.Container == "" && first) {
		part.Play = own
		part.BackOff = backOff(own, base)
		return part
	}
	subject := script.Subject{
		Namespace: pod.Namespace, Labels: pod.Labels, Node: pod.Spec.NodeName,
		Revision: pod.Labels[hashLabel], Ordinal: at.ordinal,
		Container: container.Name, Image: container.Image, First: first,
	}
	for _, s := range c.scripts {
		rule := s.Find(subject)
		if rule == nil {
			continue
		}
		part.Play, part.Seed = &rule.Play, s.Seed
		part.BackOff = backOff(&rule.Play, s)
		if r := c.revisions[at.revision]; rule.Per == script.ScopeRevision && r != nil {
			if r.shared[rule] == nil {
				r.shared[rule] = &lifecycle.Shared{}
			}
			part.Shared = r.shared[rule]
		}
		return part
	}
	return part
}

func backOff(play *script.Play, s *script.Script) script.BackOff {
	if play.BackOff == nil {
		return s.BackOff.Defaulted(script.BackOff{})
	}
	return play.BackOff.Defaulted(s.BackOff)
}
