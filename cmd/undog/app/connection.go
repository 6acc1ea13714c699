package app

import (
	"github.com/undog-dev/undog/config"
	"github.com/undog-dev/undog/notify/nats"
)

// Connection is how to get to the NATS server that a configuration names.
func Connection(cfg config.NATS) nats.Options {
	return nats.Options{
		URL: cfg.URL, Credentials: cfg.Credentials, NKey: cfg.NKey, TokenFile: cfg.TokenFile,
		User: cfg.User, PasswordFile: cfg.PasswordFile, InboxPrefix: cfg.InboxPrefix, TLS: nats.TLS(cfg.TLS),
		Manage: nats.Manage(cfg.Stream.Manage), Replicas: cfg.Stream.Replicas, Domain: cfg.Stream.Domain,
	}
}

// observeAcks registers what the acknowledgements of NATS are worth.
func observeAcks(m *metrics, client *nats.Client) {
	m.gauge("undog_nats_acks_durable",
		"1 when events are on disk before NATS acknowledges them, 0 when a restart can lose them, -1 when the server does not tell.",
		func() float64 { return float64(client.Status().Acks) })
}
