//go:build e2e

package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	siteHost = "welcome.example"
	sitePort = "8000"
	// connectPoll is how often a pod that does not serve yet is tried again.
	connectPoll = 20 * time.Millisecond
	// pageLimit is more than any page of the site.
	pageLimit = 1 << 20
	// password is that of the example's Secret.
	password = "open-sesame"
)

var (
	csrfField = regexp.MustCompile(`name="csrfmiddlewaretoken" value="([^"]+)"`)
	heading   = regexp.MustCompile(`<h1>(.*)</h1>`)
)

// reads logs in to every ready pod, as a person with a browser would, and
// checks what its page says.
func (w *welcome) reads(want string) {
	w.t.Helper()
	visited := 0
	for _, p := range w.pods() {
		if !isReady(&p) {
			continue
		}
		visited++
		if got, err := w.greeting(&p); err != nil || got != want {
			w.t.Errorf("the page of %s says %q (%v), want %q", p.Name, got, err, want)
		}
	}
	if visited == 0 {
		w.t.Error("there is no ready pod to visit")
	}
}

// serves waits until the site on a pod can be connected to.
func (w *welcome) serves(p *corev1.Pod) error {
	address := net.JoinHostPort(p.Status.PodIP, sitePort)
	var dialer net.Dialer
	var last error
	err := wait.PollUntilContextCancel(w.ctx, connectPoll, true, func(ctx context.Context) (bool, error) {
		connection, err := dialer.DialContext(ctx, "tcp", address)
		if last = err; err != nil {
			return false, nil
		}
		return true, connection.Close()
	})
	if err != nil {
		return fmt.Errorf("wait until %s serves on %s: %w", p.Name, address, errors.Join(err, last))
	}
	return nil
}

// greeting is the heading that admin reads on a pod.
func (w *welcome) greeting(p *corev1.Pod) (string, error) {
	if err := w.serves(p); err != nil {
		return "", err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return "", err
	}
	browser := &http.Client{Jar: jar, Transport: &http.Transport{DisableKeepAlives: true}}
	base := "http://" + net.JoinHostPort(p.Status.PodIP, sitePort)
	page, err := w.load(browser, http.MethodGet, base+"/login/", nil)
	if err != nil {
		return "", err
	}
	token := csrfField.FindStringSubmatch(page)
	if token == nil {
		return "", fmt.Errorf("the login page has no token: %s", page)
	}
	// Django answers with a redirect to the front page.
	page, err = w.load(browser, http.MethodPost, base+"/login/", url.Values{
		"csrfmiddlewaretoken": {token[1]}, "username": {"admin"}, "password": {password},
	})
	if err != nil {
		return "", err
	}
	h1 := heading.FindStringSubmatch(page)
	if h1 == nil {
		return "", fmt.Errorf("the page has no heading: %s", page)
	}
	return h1[1], nil
}

// load follows redirects and returns the page that they lead to.
func (w *welcome) load(browser *http.Client, method, address string, form url.Values) (string, error) {
	request, err := http.NewRequestWithContext(w.ctx, method, address, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	request.Host = siteHost
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	answer, err := browser.Do(request)
	if err != nil {
		return "", err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(answer.Body, pageLimit))
	if err != nil {
		return "", err
	}
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s %s: %s: %s", method, request.URL.Path, answer.Status, body)
	}
	return string(body), nil
}
