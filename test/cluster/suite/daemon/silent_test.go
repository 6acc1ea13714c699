package daemon_test

import (
	"net/http"
	"testing"
	"time"
)

// silence is how long it takes at most until a bookmark is there and undog has
// waited for the next two in vain.
const silence = 5 * time.Minute

// The connections that the watches use are cut without a word. undog tells, opens
// others by itself, and undoes what was released meanwhile.
func TestFaultSilentWatches(t *testing.T) {
	f := newFixtureFor(t, silence+patience)
	proxy, kubeconfig := f.proxy()
	undog := f.undog(setup{kubeconfig: kubeconfig})
	j := f.journal(undog.NATSURL)
	f.proven(j, 2)
	// Nothing shows undog's watches to be owed bookmarks but the first of them.
	f.later(75 * time.Second)
	frozen := proxy.Freeze()
	defer frozen.Release()
	if frozen.Count() < 4 {
		t.Fatalf("%d watches are open, want those of all resources", frozen.Count())
	}
	f.release(app, "crash")
	f.shows(undog, "/readyz", http.StatusOK, "[~]watch-pods degraded: no progress for ", "[~]watch-deployments degraded: ")
	f.shows(undog, "/livez", http.StatusOK, "ok\n")
	f.undone(j, "crash")
	f.shows(undog, "/readyz", http.StatusOK, "ok\n")
	f.shows(undog, "/metrics", http.StatusOK, `undog_informer_reopened_total{resource="pods"} 1`, `undog_stalls_total{component="watch-pods"} 1`)
	f.wantUndos(app, 200)
	j.wantOnce()
}
