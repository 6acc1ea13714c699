package metric

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/redact"
)

const (
	maxBody  = 1 << 20
	maxToken = 64 << 10
	maxCA    = 1 << 20
	// maxPatience is the longest Retry-After that is heeded.
	maxPatience = 10 * time.Minute
)

// Options says where a server is.
type Options struct {
	// URL is the server's, without the path of its API.
	URL string
	// TokenFile holds a bearer token, CAFile the certificates that verify the
	// server's. Both may be empty, and are read again for each question.
	TokenFile, CAFile string
}

// Client asks a Prometheus-compatible server.
type Client struct {
	at      string
	options Options

	mu sync.Mutex
	// http trusts what roots say, which is what CAFile held.
	http  *http.Client
	roots string
}

// NewClient makes a Client. It connects when it is asked.
func NewClient(o Options) (*Client, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, errors.New("make client of the metrics server: its URL is not one such as http://prometheus.monitoring:9090; " +
			"write a scheme, a host and perhaps a path, and keep credentials in the token file")
	}
	return &Client{at: u.JoinPath("api", "v1", "query").String(), options: o}, nil
}

// Ask puts one instant query. The error is *Problem.
func (c *Client) Ask(ctx context.Context, query string, at time.Time) (float64, error) {
	form := url.Values{"query": {query}, "time": {strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', 3, 64)}}
	if deadline, ok := ctx.Deadline(); ok {
		if left := time.Until(deadline); left > time.Second {
			form.Set("timeout", strconv.Itoa(int(left/time.Second))+"s")
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.at, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, problem(check.ReasonUnavailable, "make request: %v", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Accept", "application/json")
	if err := c.authorize(request); err != nil {
		return 0, err
	}
	client, err := c.client()
	if err != nil {
		return 0, err
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, c.unanswered(ctx, err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxBody+1))
	switch {
	case err != nil:
		return 0, c.unanswered(ctx, err)
	case response.StatusCode == http.StatusOK && len(body) > maxBody:
		return 0, problem(check.ReasonTooLarge, "the answer is longer than the %d bytes that are read; let the query give one number", maxBody)
	case response.StatusCode == http.StatusOK:
		return parse(body)
	}
	return 0, refused(response, body)
}

// problem is a Problem fit to be told.
func problem(reason check.Reason, format string, args ...any) *Problem {
	return &Problem{Reason: reason, Text: redact.Line(fmt.Sprintf(format, args...), maxMessage)}
}

// unanswered tells a server that is away or slow from a caller that went away.
func (c *Client) unanswered(ctx context.Context, err error) *Problem {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		err = wrapped.Err
	}
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return problem(check.ReasonStopped, "undog stopped waiting for the metrics server")
	case ctx.Err() != nil:
		return problem(check.ReasonUnavailable, "the metrics server did not answer in time")
	}
	return problem(check.ReasonUnavailable, "the metrics server could not be asked: %v", err)
}

// refused says what an answer other than 200 means.
func refused(r *http.Response, body []byte) *Problem {
	switch code := r.StatusCode; {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return problem(check.ReasonForbidden, "the metrics server does not let undog ask (status %d)", code)
	case code == http.StatusTooManyRequests:
		p := problem(check.ReasonRateLimited, "the metrics server asks for patience (status %d)", code)
		p.RetryAfter = patienceOf(r)
		return p
	case code >= 300 && code < 400:
		return problem(check.ReasonRedirect, "the metrics server redirects, which is not followed (status %d); configure where it is", code)
	case code == http.StatusBadRequest || code == http.StatusUnprocessableEntity:
		_, err := parse(body)
		var p *Problem
		if errors.As(err, &p) && p.Reason == check.ReasonExpression {
			return p
		}
	case code == http.StatusServiceUnavailable:
		p := problem(check.ReasonUnavailable, "the metrics server is not available (status %d)", code)
		p.RetryAfter = patienceOf(r)
		return p
	}
	return problem(check.ReasonUnavailable, "the metrics server answered with status %d", r.StatusCode)
}

func patienceOf(r *http.Response) time.Duration {
	seconds, err := strconv.Atoi(strings.TrimSpace(r.Header.Get("Retry-After")))
	if err != nil || seconds < 0 {
		return 0
	}
	return time.Duration(min(seconds, int(maxPatience/time.Second))) * time.Second
}

// authorize adds the token.
func (c *Client) authorize(r *http.Request) error {
	if c.options.TokenFile == "" {
		return nil
	}
	raw, err := read(c.options.TokenFile, maxToken)
	if err != nil {
		return problem(check.ReasonForbidden, "the token for the metrics server cannot be read: %v", err)
	}
	token := strings.TrimSpace(string(raw))
	if token == "" || !httpguts.ValidHeaderFieldValue(token) {
		return problem(check.ReasonForbidden, "the token file for the metrics server holds no token")
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return nil
}

// client is one that trusts what CAFile holds now.
func (c *Client) client() (*http.Client, error) {
	var roots []byte
	if c.options.CAFile != "" {
		var err error
		if roots, err = read(c.options.CAFile, maxCA); err != nil {
			return nil, problem(check.ReasonUnavailable, "the certificates for the metrics server cannot be read: %v", err)
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.http != nil && c.roots == string(roots) {
		return c.http, nil
	}
	verify := &tls.Config{MinVersion: tls.VersionTLS12}
	if c.options.CAFile != "" {
		verify.RootCAs = x509.NewCertPool()
		if !verify.RootCAs.AppendCertsFromPEM(roots) {
			return nil, problem(check.ReasonUnavailable, "the file with certificates for the metrics server has none")
		}
	}
	if c.http != nil {
		c.http.CloseIdleConnections()
	}
	c.roots, c.http = string(roots), &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: nil, TLSClientConfig: verify, DialContext: (&net.Dialer{Timeout: 5 * time.Second}).DialContext,
			MaxConnsPerHost: 8, MaxIdleConnsPerHost: 4, IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10,
		},
	}
	return c.http, nil
}

// Close closes the connections that are not in use.
func (c *Client) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.http != nil {
		c.http.CloseIdleConnections()
	}
}

// read reads a file to a limit.
func read(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(raw)) > most {
		err = fmt.Errorf("%s is longer than %d bytes", path, most)
	}
	return raw, err
}
