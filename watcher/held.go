package watcher

// holds lists what the State holds of one resource in a namespace, or in all if it
// is "". The State must not be used meanwhile, and what is handed out not be kept.
type holds func(s *State, each func(*identity))

// in makes a feed's question of it.
func (h holds) in(s *State, namespace string) func(func(*identity)) {
	return func(yield func(*identity)) {
		s.mu.Lock()
		defer s.mu.Unlock()
		h(s, func(id *identity) {
			if namespace == "" || text(id.namespace) == namespace {
				yield(id)
			}
		})
	}
}

func heldDeployments(s *State, each func(*identity)) {
	for _, w := range s.deployments {
		each(&w.rec.identity)
	}
}

func heldReplicaSets(s *State, each func(*identity)) {
	var id identity
	for _, sp := range s.spaces {
		for _, r := range sp.revisions {
			if r.known() {
				id = r.identity()
				each(&id)
			}
		}
	}
}

func heldPods(s *State, each func(*identity)) {
	var id identity
	for _, p := range s.pods {
		id = p.identity()
		each(&id)
	}
}

func heldRecords(s *State, each func(*identity)) {
	for _, r := range s.records {
		each(&r.identity)
	}
}

func heldNodes(s *State, each func(*identity)) {
	for _, n := range s.nodes {
		if n.uid != (uid{}) && !n.gone {
			each(&identity{name: label{stem: n.name}, uid: n.uid})
		}
	}
}

func heldConfigMaps(s *State, each func(*identity)) {
	for _, c := range s.configs {
		if c.rec != nil {
			each(&c.rec.identity)
		}
	}
}

// heldEvents is nothing: they are not held.
func heldEvents(*State, func(*identity)) {}
