package app

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/cmd/undog/lead"
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

// An undog that has no right to the Lease is ready, and says that it can never act.
func TestForbiddenLeaseIsSeen(t *testing.T) {
	asked := make(chan struct{}, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusForbidden)
		_, _ = w.Write([]byte(`{"kind":"Status","apiVersion":"v1","status":"Failure","reason":"Forbidden","message":"user hunter2 may not","code":403}`))
		select {
		case asked <- struct{}{}:
		default:
		}
	}))
	defer server.Close()
	leases, err := lead.Client(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	e := &election{}
	e.elector, err = lead.New(lead.Options{
		Leases: leases.Leases("undog"), Name: "undog", Identity: "a",
		LeaseDuration: 2 * time.Second, RenewDeadline: time.Second, RetryPeriod: 10 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	parts := e.parts()
	if text, ok := told(parts, true, time.Now()); !ok || text != "[+]leader ok: standby; nobody acts yet\n" {
		t.Errorf("before the first answer it says %q, ready %v", text, ok)
	}
	giveUp := e.start(t.Context())
	defer giveUp()
	// The second request is made after the first one's answer was taken in.
	for range 2 {
		select {
		case <-asked:
		case <-time.After(30 * time.Second):
			t.Fatal("nobody asks for the lease")
		}
	}
	text, ok := told(parts, false, time.Now())
	if !ok || !strings.HasPrefix(text, "[~]leader degraded: standby; nobody acts yet; since 2") || !strings.HasSuffix(text, "Z it cannot take the lease: Forbidden\n") {
		t.Errorf("it says %q, ready %v", text, ok)
	}
}
