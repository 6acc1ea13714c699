package watcher

// Found is a Deployment found by its name.
type Found struct {
	UID string
	// Watched tells whether Options.Select chooses it.
	Watched bool
}

// Find gives the Deployment that has a name now; false if none is known, as
// with all those in a namespace that is ignored.
func (s *State) Find(namespace, deployment string) (Found, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w := s.names[name{intern(namespace), deployment}]
	if w == nil || w.rec == nil {
		return Found{}, false
	}
	return Found{UID: w.ref.UID, Watched: w.chosen}, true
}

// Find gives the Deployment that has a name now, as State.Find does; nothing
// before Synced.
func (w *Watcher) Find(namespace, deployment string) (Found, bool) {
	if !w.Synced() {
		return Found{}, false
	}
	return w.state.Find(namespace, deployment)
}
