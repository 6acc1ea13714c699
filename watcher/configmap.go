package watcher

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/undog-dev/undog/policy"
)

// configRecord is a ConfigMap, reduced from its metadata.
type configRecord struct {
	identity
	configWrite
}

// configWrite is the part of a configRecord that compares with ==.
type configWrite struct {
	// changedAt is when the data was last written, by changedBy, and created when
	// the ConfigMap was made. Unix seconds.
	changedAt, created int64
	changedBy          word
}

// config is a ConfigMap, known from itself or from a template that names it.
type config struct {
	// rec is nil while the ConfigMap does not exist.
	rec *configRecord
	// users are the workloads whose current template names it.
	users []*workload
}

func reduceConfigMap(o metav1.Object) *configRecord {
	r := &configRecord{identity: reduceIdentity(o, "")}
	by, at := lastWriter(o.GetManagedFields(), ownsData)
	r.created = unixSeconds(o.GetCreationTimestamp())
	if at == 0 {
		at = r.created
	}
	r.changedBy, r.changedAt = intern(by), at
	return r
}

// ApplyConfigMap takes in a ConfigMap as it is now. Only its metadata is looked at.
func (s *State) ApplyConfigMap(at time.Time, o metav1.Object) {
	s.applyConfigMap(at, reduceConfigMap(o))
}

func (s *State) applyConfigMap(_ time.Time, rec *configRecord) {
	if s.opts.Ignore(text(rec.namespace)) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.configFor(name{rec.namespace, rec.name.String()})
	old := c.rec
	c.rec = rec
	if old == nil || old.configWrite != rec.configWrite {
		s.touchUsers(c)
	}
}

// DeleteConfigMap takes in that a ConfigMap is gone. An id of "" means
// whichever has the name.
func (s *State) DeleteConfigMap(_ time.Time, namespace, configMap, id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := name{intern(namespace), configMap}
	c := s.configs[key]
	if c == nil || c.rec == nil || id != "" && c.rec.uidText() != id {
		return
	}
	c.rec = nil
	s.touchUsers(c)
	s.pruneConfig(key)
}

func (s *State) touchUsers(c *config) {
	for _, w := range c.users {
		s.touch(w)
	}
}

func (s *State) configFor(key name) *config {
	c := s.configs[key]
	if c == nil {
		c = &config{}
		s.configs[key] = c
	}
	return c
}

func (s *State) pruneConfig(key name) {
	if c := s.configs[key]; c.rec == nil && len(c.users) == 0 {
		delete(s.configs, key)
	}
}

// useConfigs notes which ConfigMaps a workload's template names from now on.
// The workload still has its old record.
func (s *State) useConfigs(w *workload, namespace word, names []string) {
	if w.rec != nil {
		old := w.rec.configs.all()
		if slices.Equal(old, names) {
			return
		}
		for i, c := range w.configs.all() {
			c.users = slices.DeleteFunc(c.users, func(o *workload) bool { return o == w })
			s.pruneConfig(name{w.rec.namespace, old[i]})
		}
	}
	configs := make([]*config, len(names))
	for i, n := range names {
		configs[i] = s.configFor(name{namespace, n})
		configs[i].users = append(configs[i].users, w)
	}
	w.configs.set(configs)
}

// sayConfigs lists the ConfigMaps that exist, in the order of their names.
func (w *workload) sayConfigs() []policy.Config {
	var out []policy.Config
	for _, c := range w.configs.all() {
		if r := c.rec; r != nil {
			out = append(out, policy.Config{
				Name: r.name.String(), CreatedAt: secondsTime(r.created), ChangedAt: secondsTime(r.changedAt), ChangedBy: text(r.changedBy),
			})
		}
	}
	return out
}

// configNames lists the ConfigMaps that a template names, sorted and cut.
func configNames(t *corev1.PodTemplateSpec) []string {
	var names []string
	see := func(name string) {
		if i, found := slices.BinarySearch(names, name); name != "" && !found {
			names = slices.Insert(names, i, name)
		}
	}
	for i := range t.Spec.Volumes {
		v := &t.Spec.Volumes[i]
		if v.ConfigMap != nil {
			see(v.ConfigMap.Name)
		}
		if v.Projected == nil {
			continue
		}
		for j := range v.Projected.Sources {
			if c := v.Projected.Sources[j].ConfigMap; c != nil {
				see(c.Name)
			}
		}
	}
	for i := range t.Spec.InitContainers {
		seeEnvironment(&t.Spec.InitContainers[i], see)
	}
	for i := range t.Spec.Containers {
		seeEnvironment(&t.Spec.Containers[i], see)
	}
	return slices.Clip(names[:min(len(names), policy.MaxConfigs)])
}

func seeEnvironment(c *corev1.Container, see func(string)) {
	for i := range c.EnvFrom {
		if ref := c.EnvFrom[i].ConfigMapRef; ref != nil {
			see(ref.Name)
		}
	}
	for i := range c.Env {
		if from := c.Env[i].ValueFrom; from != nil && from.ConfigMapKeyRef != nil {
			see(from.ConfigMapKeyRef.Name)
		}
	}
}
