package load

import "time"

// State is how it stands, on the server's clock.
type State struct {
	Now time.Time
	// Asked counts requests by verb and resource, Frames those of watches by
	// resource, Objects what there is.
	Asked, Frames map[string]uint64
	Objects       map[string]int
	// Replaced counts pods that were.
	Replaced uint64
	Rollouts []Rollout
	// Err is the first thing that went wrong.
	Err string
}

// State says how it stands.
func (w *World) State() State {
	s := State{Now: time.Now(), Objects: map[string]int{
		"deployments": w.server.Deployments.Len(), "replicasets": w.server.ReplicaSets.Len(), "pods": w.server.Pods.Len(),
		"nodes": w.server.Nodes.Len(), "configmaps": w.server.ConfigMaps.Len(), "controllerrevisions": w.server.Records.Len(),
	}}
	s.Asked, s.Frames = w.server.Counts()
	w.mu.Lock()
	defer w.mu.Unlock()
	s.Replaced = w.replaced
	for _, r := range w.rollouts {
		told := *r
		told.pods, told.set, told.rs = nil, nil, nil
		s.Rollouts = append(s.Rollouts, told)
	}
	if w.err != nil {
		s.Err = w.err.Error()
	}
	return s
}
