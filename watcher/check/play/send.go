package play

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/undog-dev/undog/watcher/check"
)

// send sends a request and follows its redirects within the pod.
func (s *session) send(ctx context.Context, out *outgoing) (*check.Response, *failure) {
	been := map[string]bool{}
	for followed := 0; ; followed++ {
		been[out.url.String()] = true
		response, wrong := s.once(ctx, out)
		if wrong != nil {
			return nil, wrong
		}
		response.Redirects, s.host = followed, out.host
		location := response.Header.Get("Location")
		if !redirects(response.Status) || location == "" || out.redirects == 0 {
			return response, nil
		}
		if next, err := out.url.Parse(location); followed == out.redirects && err == nil && been[next.String()] {
			return response, inconclusive(check.ReasonLoop, "%s redirects for the %dth time, in a circle", bare(response.Path), followed+1)
		}
		if followed == out.redirects {
			return response, inconclusive(check.ReasonRedirect, "%s redirects for the %dth time; at most %d are followed",
				bare(response.Path), followed+1, out.redirects)
		}
		if wrong := out.follow(response, location); wrong != nil {
			return response, wrong
		}
	}
}

func redirects(status int) bool {
	switch status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return true
	}
	return false
}

// bare is a path without its query, which may hold what a redirect hands over:
// codes and tokens.
func bare(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

// follow turns the request into the one that a redirect asks for.
func (out *outgoing) follow(response *check.Response, location string) *failure {
	next, err := out.url.Parse(location)
	switch {
	case err != nil:
		return inconclusive(check.ReasonRedirect, "%s redirects to what is no URL", bare(response.Path))
	case !sameHost(next, out.host):
		return inconclusive(check.ReasonRedirect, "%s redirects to %s, which is not the pod; a check goes nowhere else",
			bare(response.Path), next.Scheme+"://"+next.Host)
	case next.Scheme != out.url.Scheme:
		return inconclusive(check.ReasonRedirect,
			"%s redirects from %s to %s; if a proxy does that in front of the pod, add the header X-Forwarded-Proto: %s",
			bare(response.Path), out.url.Scheme, next.Scheme, next.Scheme)
	}
	next.Host, next.Fragment, next.User = out.host, "", nil
	keep := response.Status == http.StatusTemporaryRedirect || response.Status == http.StatusPermanentRedirect
	if !keep && out.method != http.MethodHead {
		out.method, out.body = http.MethodGet, ""
		out.header.Del("Content-Type")
	}
	out.header.Del("Referer")
	out.url = next
	return nil
}

// sameHost tells whether a URL stays with the host that was asked. A port that
// one of them leaves out makes no difference: the pod is the same.
func sameHost(u *url.URL, host string) bool {
	if u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	asked := url.URL{Host: host}
	same := strings.EqualFold(u.Hostname(), asked.Hostname())
	return same && (u.Port() == asked.Port() || u.Port() == "" || asked.Port() == "")
}

// once sends one request and reads its answer.
func (s *session) once(ctx context.Context, out *outgoing) (*check.Response, *failure) {
	var body io.Reader
	if out.body != "" {
		body = strings.NewReader(out.body)
	}
	request, err := http.NewRequestWithContext(ctx, out.method, out.url.String(), body)
	if err != nil {
		return nil, inconclusive(check.ReasonPersona, "the request cannot be made once it is filled in")
	}
	request.Header, request.Host = out.header.Clone(), out.host
	// The jar is told https: a proxy in front of the pod would have ended TLS,
	// and the persona is to have its Secure cookies all the same.
	kept := *out.url
	kept.Scheme = "https"
	for _, c := range s.jar.Cookies(&kept) {
		request.AddCookie(c)
	}
	answer, err := s.client.transport.RoundTrip(request)
	if err != nil {
		return nil, s.unanswered(ctx, err)
	}
	defer func() { _ = answer.Body.Close() }()
	// The transport lets go of a connection that was switched to another protocol.
	defer context.AfterFunc(ctx, func() { _ = answer.Body.Close() })()
	s.jar.SetCookies(&kept, answer.Cookies())
	s.remember(answer.Header)
	most := s.player.check.BodyLimit
	if most == 0 {
		most = check.DefaultBody
	}
	read, err := io.ReadAll(io.LimitReader(answer.Body, int64(most)+1))
	if err != nil {
		return nil, s.unanswered(ctx, err)
	}
	response := &check.Response{
		Method: out.method, Path: out.url.RequestURI(), Status: answer.StatusCode, Header: answer.Header,
		Body: read[:min(len(read), most)], Truncated: len(read) > most,
	}
	return response, nil
}

// unanswered says why there is no answer.
func (s *session) unanswered(ctx context.Context, err error) *failure {
	var handshake *handshakeError
	switch {
	case errors.Is(context.Cause(s.ctx), context.Canceled):
		return inconclusive(check.ReasonStopped, "the check was stopped")
	case ctx.Err() != nil:
		return inconclusive(check.ReasonTimeout, "there was no whole answer in time")
	case errors.As(err, &handshake):
		return inconclusive(check.ReasonTLS, "TLS failed: %v", handshake.err)
	}
	return inconclusive(check.ReasonUnreachable, "no answer: %v", err)
}
