package subscribe

import (
	"errors"
	"fmt"
	"time"

	natsgo "github.com/nats-io/nats.go"
)

// Server is where to connect to.
type Server struct {
	// URL is one or several server URLs, separated by commas.
	URL string
	// Credentials is a creds file, read again with every connection; "" means none.
	Credentials string
	// Name is what the server shows of this client.
	Name string
	// Options are for everything else, such as TLS.
	Options []natsgo.Option
}

// Connect returns a connection that is never given up: servers that are down,
// now or later, are tried again for ever, and credentials that expired are read
// anew. Only what can never work is an error. The caller closes it.
func Connect(s Server) (*natsgo.Conn, error) {
	if s.URL == "" {
		return nil, errors.New("connect to NATS: URL is empty: set it, as in nats://127.0.0.1:4222")
	}
	opts := []natsgo.Option{
		natsgo.Name(s.Name),
		natsgo.RetryOnFailedConnect(true),
		natsgo.MaxReconnects(-1),
		natsgo.ReconnectWait(time.Second),
		// Without it, two equal authentication errors end the connection for ever.
		natsgo.IgnoreAuthErrorAbort(),
		natsgo.PingInterval(15 * time.Second),
	}
	if s.Credentials != "" {
		opts = append(opts, natsgo.UserCredentials(s.Credentials))
	}
	nc, err := natsgo.Connect(s.URL, append(opts, s.Options...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	return nc, nil
}
