package app

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/undog-dev/undog/config"
)

// Outside of a cluster nobody is elected unless that is asked for, and then
// undog must be told where.
func TestWhetherToElect(t *testing.T) {
	for _, c := range []struct {
		enabled   string
		inCluster bool
		want      bool
	}{
		{config.ElectAuto, true, true},
		{config.ElectAuto, false, false},
		{config.ElectAlways, false, true},
		{config.ElectNever, true, false},
	} {
		cfg := config.Default()
		cfg.LeaderElection.Enabled = c.enabled
		e, err := openElection(t.Context(), &cfg, &cluster{inCluster: c.inCluster}, "", slog.New(slog.DiscardHandler))
		if c.want {
			if err == nil || !strings.Contains(err.Error(), "leaderElection.namespace is empty") {
				t.Errorf("%s, in a cluster %v: error %v, want one about the namespace", c.enabled, c.inCluster, err)
			}
			continue
		}
		if err != nil || !e.active() || len(e.parts()) > 0 || e.standby() != "" {
			t.Errorf("%s, in a cluster %v: %+v, error %v, want an undog that is alone", c.enabled, c.inCluster, e, err)
		}
	}
}
