package lead

import (
	"fmt"
	"net"
	"time"

	coordination "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/rest"
)

// Client makes a client for Leases that shares nothing with the one it is made
// from, neither the connection nor the rate limit: a storm of reads must not
// keep a renewal waiting. It has no timeout of its own, which would cut the
// watch: an Elector bounds every request by itself.
func Client(from *rest.Config) (coordination.LeasesGetter, error) {
	cfg := rest.CopyConfig(from)
	cfg.UserAgent += " (leader election)"
	cfg.QPS, cfg.Burst, cfg.RateLimiter, cfg.Timeout = 10, 20, nil, 0
	if cfg.Dial == nil {
		cfg.Dial = (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext
	}
	client, err := coordination.NewForConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("make a client for leases at %s: %w", cfg.Host, err)
	}
	return client, nil
}
