package baseline

import "github.com/undog-dev/undog/test/corpus/play"

// Restarts rolls back when a container of the new revision was restarted three
// times, as most home-made guards do.
//
// Source: Botkube, robusta and the alert KubePodCrashLooping of kubernetes-mixin
// all take the restart count of a container as their signal; three is the usual
// number in the how-tos that go with them.
// https://runbooks.prometheus-operator.dev/runbooks/kubernetes/kubepodcrashlooping/
type Restarts struct{}

// restartLimit is how many are too many.
const restartLimit = 3

// NewRestarts makes one.
func NewRestarts() *Restarts { return &Restarts{} }

// Name implements play.Judge.
func (*Restarts) Name() string { return "restartCount >= 3" }

// Look implements play.Judge.
func (*Restarts) Look(v play.View) bool {
	for _, p := range v.New {
		for c := range statuses(p) {
			if c.RestartCount >= restartLimit {
				return true
			}
		}
	}
	return false
}
