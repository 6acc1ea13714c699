package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// accountDir is where the kubelet puts a pod's credentials.
const accountDir = "/var/run/secrets/kubernetes.io/serviceaccount"

// maxReply bounds what is read of a reply.
const maxReply = 64 << 10

func inCluster(ctx context.Context, flags *flag.FlagSet, args []string) (int, error) {
	var s server
	s.register(flags)
	if err := flags.Parse(args); err != nil {
		return 2, err
	}
	host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
	if host == "" || port == "" {
		return 1, errors.New("find the API server: KUBERNETES_SERVICE_HOST and _PORT are not set: run in a pod")
	}
	reply, err := readAs(ctx, accountDir, "https://"+net.JoinHostPort(host, port)+"/version")
	if err != nil {
		return 1, err
	}
	fmt.Printf("%s\n", reply)
	return 0, s.run(ctx)
}

// readAs gets the URL with the token and the trust of a service account.
func readAs(ctx context.Context, account, url string) ([]byte, error) {
	token, err := os.ReadFile(filepath.Join(account, "token"))
	if err != nil {
		return nil, fmt.Errorf("read token: %w", err)
	}
	ca, err := os.ReadFile(filepath.Join(account, "ca.crt"))
	if err != nil {
		return nil, fmt.Errorf("read CA: %w", err)
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(ca) {
		return nil, errors.New("read CA: no certificate in it")
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	request.Header.Set("Authorization", "Bearer "+string(token))
	client := &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("ask the API server: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	reply, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	if err != nil {
		return nil, fmt.Errorf("read reply of %s: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask %s: %s: %s", url, response.Status, reply)
	}
	return reply, nil
}
