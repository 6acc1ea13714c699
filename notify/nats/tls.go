package nats

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	natsgo "github.com/nats-io/nats.go"
)

// TLS is how the server is verified, and what it is shown. Any file makes the
// connection encrypted, whatever the URL says; there is no way not to verify.
type TLS struct {
	// CA is a file with the certificates that the server's must come from, ""
	// means the system's.
	CA string
	// Cert and Key are files with the client's certificate and its key.
	Cert, Key string
}

// check reads the files as the client will.
func (t TLS) check() error {
	var errs []error
	if t.CA != "" {
		errs = append(errs, checkCA(t.CA))
	}
	switch {
	case t.Cert != "" && t.Key != "":
		if _, err := tls.LoadX509KeyPair(t.Cert, t.Key); err != nil {
			errs = append(errs, fmt.Errorf("nats.tls.cert %q and nats.tls.key %q: want a certificate and its key in PEM: %w", t.Cert, t.Key, err))
		}
	case t.Cert != "":
		errs = append(errs, fmt.Errorf("nats.tls.cert %q: there is no key for it: set nats.tls.key", t.Cert))
	case t.Key != "":
		errs = append(errs, fmt.Errorf("nats.tls.key %q: there is no certificate for it: set nats.tls.cert", t.Key))
	}
	return errors.Join(errs...)
}

func checkCA(path string) error {
	pem, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("nats.tls.ca %q: cannot be read: set it to a file: %w", path, errors.Unwrap(err))
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return fmt.Errorf("nats.tls.ca %q: holds no certificate in PEM", path)
	}
	return nil
}

// options read the files again for each connection.
func (t TLS) options() []natsgo.Option {
	var o []natsgo.Option
	if t.CA != "" {
		o = append(o, natsgo.RootCAs(t.CA))
	}
	if t.Cert != "" {
		o = append(o, natsgo.ClientCert(t.Cert, t.Key))
	}
	return o
}
