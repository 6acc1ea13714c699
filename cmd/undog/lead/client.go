package lead

import (
	"fmt"
	"net"
	"time"

	"k8s.io/client-go/rest"

	"github.com/undog-dev/undog/watcher/api"
)

// Client makes a client for Leases that shares nothing with the one it is made
// from, neither the connection nor the rate limit: a storm of reads must not
// keep a renewal waiting. It has no timeout of its own, which would cut the
// watch: an Elector bounds every request by itself.
func Client(from *rest.Config) (*api.Client, error) {
	cfg := rest.CopyConfig(from)
	cfg.UserAgent += " (leader election)"
	cfg.QPS, cfg.Burst, cfg.RateLimiter, cfg.Timeout = 10, 20, nil, 0
	if cfg.Dial == nil {
		cfg.Dial = (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext
	}
	client, err := api.New(cfg)
	if err != nil {
		return nil, fmt.Errorf("make a client for leases: %w", err)
	}
	return client, nil
}
