package app

import (
	"strings"

	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/policy"
)

// does says what a mode means for the workloads that are watched.
func does(m policy.Mode) string {
	if m == policy.Enforce {
		return "bad revisions will be undone, as the policies say"
	}
	return "undog decides and tells, and touches no workload"
}

// overrides says what of the file counts for nothing, each time that it is read:
// whoever edits it must not believe that they turned undog off.
func (r *reloading) overrides(all []config.Overridden) {
	r.overridden.Store(&all)
	r.counts.overridden.Store(int64(len(all)))
	for _, o := range all {
		r.log.Warn("what the configuration file says counts for nothing: it is set elsewhere, too", "file", r.path, "key", o.Key, "says", o.File, "counts", o.Counts, "from", o.By)
	}
}

// modeElsewhere says that the file's mode does not count, for /readyz.
func (r *reloading) modeElsewhere() string {
	if all := r.overridden.Load(); all != nil {
		for _, o := range *all {
			if o.Key == "mode" {
				return o.String()
			}
		}
	}
	return ""
}

// asideOf is what an event says of it.
func asideOf(all []config.Overridden) string {
	var b strings.Builder
	for _, o := range all {
		b.WriteString("; " + o.String())
	}
	return b.String()
}
