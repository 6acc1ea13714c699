package watcher

import (
	"errors"
	"slices"
	"time"
)

// Stats is what metrics can be made of.
type Stats struct {
	// Workloads, Revisions, Pods and Records are held now. Pending workloads
	// have changed since they were last taken.
	Workloads, Revisions, Pods, Records, Pending int
	// Resources are in the order of the sources.
	Resources []ResourceStats
}

// ResourceStats is one source's part of Stats.
type ResourceStats struct {
	Resource string
	// Objects is how many there are.
	Objects int
	// LastEvent is when something was last heard, zero if never.
	LastEvent time.Time
	// LastHeard is when the watch that is open last brought anything, bookmarks
	// among it, and zero while none is open.
	LastHeard time.Time
	// Busy is since when what the watch brought has been on its way into the
	// State, zero when nothing is.
	Busy time.Time
	// Silent is since when a watch has brought nothing that should have brought
	// bookmarks, zero where none are due.
	Silent time.Time
	// Reopened is how often a silent watch was ended, to be opened again.
	Reopened uint64
	// Relists is how often everything had to be read again after the first time.
	Relists uint64
	// Errors is how often the watch failed, and LastError the last of them.
	Errors    uint64
	LastError error
}

// Stats says how the watcher stands.
func (w *Watcher) Stats() Stats {
	out := w.state.counts()
	for _, f := range w.feeds {
		out.Resources = append(out.Resources, f.stats())
	}
	return out
}

func (s *State) counts() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	revisions := 0
	for _, sp := range s.spaces {
		revisions += len(sp.revisions)
	}
	return Stats{
		Workloads: len(s.names),
		Revisions: revisions,
		Pods:      len(s.pods),
		Records:   len(s.records),
		Pending:   len(s.queue),
	}
}

func (f *feed) stats() ResourceStats {
	reads := f.source.reads.Load()
	heard, silent, busy := f.source.contact.standing()
	if since := f.applying.Load(); since != 0 && (busy.IsZero() || time.Unix(0, since).Before(busy)) {
		busy = time.Unix(0, since)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return ResourceStats{
		Resource:  f.resource,
		Objects:   int(f.objects.Load()),
		LastEvent: f.lastEvent,
		LastHeard: heard,
		Busy:      busy,
		Silent:    silent,
		Reopened:  f.source.contact.reopened.Load(),
		Relists:   reads - min(reads, 1),
		Errors:    f.errors,
		LastError: f.lastError,
	}
}

// lastError is a sentence for the log on why there is no progress.
func (w *Watcher) lastError() string {
	var errs []error
	for _, f := range w.feeds {
		f.mu.Lock()
		if f.lastError != nil && !f.sink.HasSynced() {
			errs = append(errs, f.lastError)
		}
		f.mu.Unlock()
	}
	if err := errors.Join(errs...); err != nil {
		return err.Error()
	}
	return "the first list is still being read"
}

// Resources names what is watched, each once.
func (w *Watcher) Resources() []string {
	var out []string
	for _, f := range w.feeds {
		if !slices.Contains(out, f.resource) {
			out = append(out, f.resource)
		}
	}
	return out
}
