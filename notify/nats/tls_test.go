package nats_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/notify/nats"
)

// authority signs certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  string
}

func encoded(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func newAuthority(t testing.TB, name string) authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return authority{cert, key, encoded("CERTIFICATE", der)}
}

// issue writes a certificate and its key for whoever is called name.
func (a authority) issue(t testing.TB, name, certFile, keyFile string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	put(t, certFile, encoded("CERTIFICATE", der))
	put(t, keyFile, encoded("EC PRIVATE KEY", private))
}

// secured is a folder with all the files of one side.
type secured struct{ ca, cert, key string }

func newSecured(t testing.TB) secured {
	dir := t.TempDir()
	return secured{filepath.Join(dir, "ca.crt"), filepath.Join(dir, "tls.crt"), filepath.Join(dir, "tls.key")}
}

func (s secured) put(t testing.TB, a authority, name string) {
	t.Helper()
	put(t, s.ca, a.pem)
	a.issue(t, name, s.cert, s.key)
}

func (s secured) conf(verify bool) string {
	return fmt.Sprintf("tls { cert_file: %q, key_file: %q, ca_file: %q, verify: %v }\n", s.cert, s.key, s.ca, verify)
}

func TestServerIsVerified(t *testing.T) {
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	side := newSecured(t)
	side.put(t, ours, "nats")
	d := daemonOf(t, side.conf(false))
	c := connect(t, nats.Options{URL: d.ClientURL(), TLS: nats.TLS{CA: side.ca}})
	publishes(t, c, 0)

	stranger := connect(t, nats.Options{URL: d.ClientURL(), TLS: nats.TLS{CA: secretFile(t, theirs.pem)}})
	eventually(t, "refused", func() bool {
		err := stranger.Status().LastError
		return err != nil && strings.Contains(err.Error(), "certificate")
	})
}

// With a file of TLS nothing is ever said in the clear.
func TestPlainServerIsRefused(t *testing.T) {
	d := daemonOf(t, "")
	c := connect(t, nats.Options{URL: d.ClientURL(), TLS: nats.TLS{CA: secretFile(t, newAuthority(t, "ours").pem)}})
	eventually(t, "refused", func() bool {
		err := c.Status().LastError
		return err != nil && strings.Contains(err.Error(), "secure connection not available")
	})
}

// Everything is replaced by what another authority signed: the server's side
// first, then the client's, while it runs.
func TestCertificatesRotateWhileRunning(t *testing.T) {
	old, young := newAuthority(t, "old"), newAuthority(t, "young")
	server, client := newSecured(t), newSecured(t)
	server.put(t, old, "nats")
	client.put(t, old, "undog")
	d := daemonOf(t, server.conf(true))
	p := newProxy(t, "nats://"+d.Addr().String())
	c := connect(t, nats.Options{URL: strings.Replace(p.url(), "nats://", "tls://", 1), TLS: nats.TLS{CA: client.ca, Cert: client.cert, Key: client.key}})
	publishes(t, c, 0)

	server.put(t, young, "nats")
	d.reload(t, server.conf(true))
	p.cut()
	eventually(t, "refused", func() bool {
		s := c.Status()
		return !s.Connected && s.LastError != nil && strings.Contains(s.LastError.Error(), "certificate")
	})
	put(t, client.ca, young.pem) // The server is trusted now, the client is not.
	eventually(t, "refused by the server", func() bool {
		s := c.Status()
		return !s.Connected && s.LastError != nil && !strings.Contains(s.LastError.Error(), "unknown authority")
	})
	young.issue(t, "undog", client.cert, client.key)
	publishes(t, c, 1)
}

func TestFirstServerIsDead(t *testing.T) {
	d := daemonOf(t, "")
	c := connect(t, nats.Options{URL: "nats://127.0.0.1:1, " + d.ClientURL()})
	publishes(t, c, 0)
}
