package play_test

import (
	"strings"
	"testing"

	"github.com/undog-dev/undog/watcher/check"
)

const byCapture = `
name: greeting
persona: admin
steps:
- name: login page
  request: {path: /login/}
  captures: [{name: csrf, regex: 'name="csrf" value="([^"]+)"'}]
- name: log in
  request: {path: /login/, form: {csrf: "{{ .captures.csrf }}", username: "{{ .persona.username }}", password: "{{ .persona.password }}"}}
- name: front page
  request: {path: /}
  expect:
    status: ["200"]
    body: {contains: ["Welcome {{ .persona.username }}!"], notMatches: ['Welcome\s+!']}
`

const bySubmit = `
name: greeting
persona: admin
steps:
- request: {path: /}
- name: log in
  submit: {form: login, fields: {username: "{{ .persona.username }}", password: "{{ .persona.password }}"}}
  expect:
    body: {contains: ["Welcome {{ .persona.username }}!"]}
`

func TestLogin(t *testing.T) {
	for name, text := range map[string]string{"capture": byCapture, "submit": bySubmit} {
		t.Run(name, func(t *testing.T) {
			p := made(t, text)
			got := p.Play(t.Context(), target(serve(t, site(good))), player)
			if last := got.Exchanges[len(got.Exchanges)-1].Response; got.Result.Outcome == check.Passed &&
				(!strings.Contains(string(last.Body), "Welcome admin!") || last.Header.Get("X-Host") != "10.0.0.7:8000") {
				t.Errorf("the last page is %q for host %q", last.Body, last.Header.Get("X-Host"))
			}
			expectResult(t, got, check.Passed, "", "")

			got = p.Play(t.Context(), target(serve(t, site(bad))), player)
			expectResult(t, got, check.Failed, check.ReasonExpectation, `body contains "Welcome {{ .persona.username }}!": it does not`)
			if r := got.Result; r.Status != 200 || !strings.Contains(r.Excerpt, "Welcome !") || !strings.Contains(r.Excerpt, "[redacted]") || r.Pod != "web-1" {
				t.Errorf("the result is %+v", r)
			}
		})
	}
}

func TestWrongPasswordLeaksNothing(t *testing.T) {
	other := player
	other.Secrets = map[string]string{"password": "hunter2-and-more"}
	got := made(t, byCapture).Play(t.Context(), target(serve(t, site(good))), other)
	if got.Result.Outcome != check.Failed || strings.Contains(got.Result.Excerpt+got.Result.Message, "hunter2") {
		t.Errorf("the result is %+v", got.Result)
	}
	p := made(t, "persona: admin\nsteps:\n- request: {path: /login/, form: {csrf: x, password: '{{ .persona.password }}'}}\n  expect: {status: ['200']}")
	got = p.Play(t.Context(), target(serve(t, site(good))), other)
	expectResult(t, got, check.Failed, check.ReasonExpectation, "status 200: it is 403")
}

func TestPersonaLacksValue(t *testing.T) {
	other := player
	other.Secrets = nil
	got := made(t, byCapture).Play(t.Context(), target(serve(t, site(good))), other)
	expectResult(t, got, check.Inconclusive, check.ReasonPersona, "persona admin has no value password; add it to its Secret or its values")
	if got.Result.Step != "log in" || len(got.Exchanges) != 2 {
		t.Errorf("it ended at %q after %d steps", got.Result.Step, len(got.Exchanges))
	}
}

// What a page carries for the next request is cut out even if the step fails
// before it is captured.
func TestTokensOfAFailedStepAreHidden(t *testing.T) {
	got := made(t, "steps:\n- request: {path: /login/}\n  expect: {body: {contains: [never]}}").Play(t.Context(), target(serve(t, site(good))), player)
	if quoted := got.Redact(string(got.Exchanges[0].Response.Body)); strings.Contains(quoted, token) || !strings.Contains(quoted, "username") {
		t.Errorf("quoted as %s", quoted)
	}
	expectResult(t, got, check.Failed, check.ReasonExpectation, "never")
}
