package load

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/undog-dev/undog/test/bench/wire"
)

// Serve serves the API server with TLS and, in plain HTTP on another port, what
// Client asks, until ctx ends. It calls ready with the address of the latter when
// both are there and kubeconfig is written.
func Serve(ctx context.Context, server *wire.Server, w *World, kubeconfig string, ready func(control string) error) error {
	cert, ca, err := certificate()
	if err != nil {
		return err
	}
	api, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(fmt.Errorf("listen: %w", err), api.Close())
	}
	if err := writeKubeconfig(kubeconfig, api.Addr().String(), ca); err != nil {
		return errors.Join(err, api.Close(), control.Close())
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	c := &controls{ctx: ctx, world: w}
	https := &http.Server{Handler: server, TLSConfig: &tls.Config{Certificates: []tls.Certificate{cert}}, ReadHeaderTimeout: time.Minute}
	plain := &http.Server{Handler: c.handler(), ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 2)
	var parts sync.WaitGroup
	parts.Go(func() { ended <- https.ServeTLS(api, "", "") })
	parts.Go(func() { ended <- plain.Serve(control) })
	parts.Go(func() { w.Control(ctx) })
	err = ready("http://" + control.Addr().String())
	if err == nil {
		select {
		case <-ctx.Done():
		case err = <-ended:
		}
	}
	stop()
	server.Close()
	err = errors.Join(err, https.Close(), plain.Close())
	c.running.Wait()
	parts.Wait()
	return err
}

// controls is how another process says what is to happen.
type controls struct {
	ctx     context.Context //nolint:containedctx // what is begun by a request outlives it
	world   *World
	running sync.WaitGroup

	mu   sync.Mutex
	calm context.CancelFunc
}

func (c *controls) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /churn", c.churn)
	mux.HandleFunc("POST /release", c.release)
	mux.HandleFunc("POST /good", c.good)
	mux.HandleFunc("GET /state", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(c.world.State())
	})
	return mux
}

const (
	// ofLargest has the pods of the largest Deployment alone replaced.
	ofLargest = "largest"
	// ofCrashing has the pods that crash do so, and no others replaced.
	ofCrashing = "crashing"
)

// churn begins to replace pods at a rate, or ends it with 0.
func (c *controls) churn(w http.ResponseWriter, r *http.Request) {
	rate, err := strconv.Atoi(r.FormValue("rate"))
	if err != nil || rate < 0 {
		http.Error(w, "rate: want a number of pod events a second", http.StatusBadRequest)
		return
	}
	churn := c.world.Churn
	switch of := r.FormValue("of"); {
	case of == ofLargest && c.world.largest != nil:
		churn = c.world.ChurnLargest
	case of == ofCrashing && len(c.world.crashing) > 0:
		churn = c.world.CrashLoop
	case of != "":
		http.Error(w, "of: want nothing, largest or crashing where there is such a Deployment", http.StatusBadRequest)
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.calm != nil {
		c.calm()
		c.calm = nil
	}
	if rate > 0 {
		ctx, stop := context.WithCancel(c.ctx)
		c.calm = stop
		c.running.Go(func() { churn(ctx, rate) })
	}
}

// release begins bad releases.
func (c *controls) release(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.FormValue("n"))
	every, err2 := time.ParseDuration(r.FormValue("every"))
	if err = errors.Join(err, err2); err != nil || n <= 0 || every < 0 {
		http.Error(w, fmt.Sprintf("want n and every: %v", err), http.StatusBadRequest)
		return
	}
	as := r.FormValue("as")
	c.running.Go(func() { c.world.Release(c.ctx, as, n, every) })
}

// good begins releases that do well.
func (c *controls) good(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.FormValue("n"))
	if err != nil || n <= 0 {
		http.Error(w, fmt.Sprintf("want n: %v", err), http.StatusBadRequest)
		return
	}
	c.running.Go(func() { c.world.ReleaseGood(c.ctx, n) })
}

// certificate makes one for this machine that signs itself.
func certificate() (cert tls.Certificate, ca []byte, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return cert, nil, fmt.Errorf("make a key: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bench"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return cert, nil, fmt.Errorf("make a certificate: %w", err)
	}
	cert = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), nil
}

func writeKubeconfig(path, address string, ca []byte) error {
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
clusters: [{name: bench, cluster: {server: "https://%s", certificate-authority-data: %s}}]
users: [{name: bench, user: {token: bench}}]
contexts: [{name: bench, context: {cluster: bench, user: bench}}]
current-context: bench
`, address, base64.StdEncoding.EncodeToString(ca))
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("write a kubeconfig: %w", err)
	}
	return nil
}
