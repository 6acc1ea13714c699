package play_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/undog-dev/undog/watcher/check"
)

// echo answers with what it was asked.
func echo(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	_, _ = fmt.Fprintf(w, "%s %s host=%s type=%s a=%s referer=%s body=%s", r.Method, r.RequestURI, r.Host,
		r.Header.Get("Content-Type"), r.Header.Get("X-A"), r.Header.Get("Referer"), body)
}

func TestRequests(t *testing.T) {
	for step, want := range map[string]string{
		`request: {path: "/a?b=c"}`: "GET /a?b=c host=10.0.0.7:8000 type= a= referer= body=",
		`request: {path: /, headers: {Host: web.example, X-A: "{{ .persona.username }}"}}`: "GET / host=web.example type= a=admin referer= body=",
		`request: {path: /, form: {b: "{{ .persona.odd }}", a: "1"}}`:                      "POST / host=10.0.0.7:8000 type=application/x-www-form-urlencoded a= referer= body=a=1&b=%22%26%2F%3F%23+%7B%7B",
		`request: {method: PUT, path: /, json: '{"a": ["{{ .persona.odd }}", 1.50]}'}`:     `PUT / host=10.0.0.7:8000 type=application/json a= referer= body={"a":["\"\u0026/?# {{",1.50]}`,
		`request: {path: /, text: "hi {{ .persona.username }}"}`:                           "POST / host=10.0.0.7:8000 type=text/plain; charset=utf-8 a= referer= body=hi admin",
		`request: {path: "/x/{{ .persona.odd }}?q={{ .persona.odd }}"}`:                    "GET /x/%22%26/%3F%23%20%7B%7B?q=%22%26/%3F%23%20%7B%7B host=10.0.0.7:8000 type= a= referer= body=",
		`request: {path: "/{{ .persona.away }}"}`:                                          "GET /evil.example/ host=10.0.0.7:8000 type= a= referer= body=",
	} {
		p := made(t, "persona: admin\nsteps:\n- "+step)
		persona := player
		persona.Values = map[string]string{"username": "admin", "odd": `"&/?# {{`, "away": "/evil.example/"}
		got := p.Play(t.Context(), target(serve(t, http.HandlerFunc(echo))), persona)
		if got.Result.Outcome != check.Passed {
			t.Errorf("%s: %+v", step, got.Result)
		} else if body := string(got.Exchanges[0].Response.Body); body != want {
			t.Errorf("%s\n got %s\nwant %s", step, body, want)
		}
	}
}

func TestSubmitFollowsThePage(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /page", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(`<form action="search?x=1"><input name=q><input type=hidden name=h value=1></form>` +
			`<form action="/up" method=post enctype="multipart/form-data" name=up><input name=file2></form>` +
			`<form action="https://elsewhere.example/" name=away><input name=w></form>`))
	})
	mux.HandleFunc("/", echo)
	server := serve(t, mux)
	for submit, want := range map[string]string{
		`{fields: {q: "a b"}}`:               "GET /search?h=1&q=a+b host=10.0.0.7:8000 type= a= referer=http://10.0.0.7:8000/page body=",
		`{form: up, fields: {file2: "a b"}}`: "POST /up host=10.0.0.7:8000 type=multipart/form-data; boundary=",
	} {
		got := made(t, "steps:\n- request: {path: /page}\n- submit: "+submit).Play(t.Context(), target(server), player)
		if got.Result.Outcome != check.Passed || !strings.HasPrefix(string(got.Exchanges[1].Response.Body), want) {
			t.Errorf("%s: %+v", submit, got.Result)
		}
	}
	for submit, want := range map[string]string{
		`{form: away, fields: {w: x}}`:  "the form is sent to https://elsewhere.example/, which is not the pod",
		`{form: up, fields: {none: x}}`: "form up on /page has no field none",
		`{form: none}`:                  "/page has 3 forms, none of them none",
		`{fields: {none: x}}`:           "/page has 3 forms, none with all of the fields none",
	} {
		got := made(t, "steps:\n- request: {path: /page}\n- submit: "+submit).Play(t.Context(), target(server), player)
		expectResult(t, got, check.Inconclusive, check.ReasonForm, want)
	}
}

func TestCaptures(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			echo(w, r)
			return
		}
		w.Header().Set("X-Id", "id-42")
		_, _ = w.Write([]byte(`{"order": {"id": 17, "link": "/orders/17?a=b", "empty": ""}, "secret": "` + token + `"}`))
	}
	got := once(t, `
steps:
- request: {path: /}
  captures:
  - {name: id, json: $.order.id, reveal: true}
  - {name: link, json: $.order.link}
  - {name: head, header: X-Id, reveal: true}
  - {name: secret, regex: 'csrf-[a-z0-9-]+'}
- request: {path: "/get/{{ .captures.id }}/{{ .captures.head }}", headers: {X-A: "{{ .captures.secret }}"}}
  expect: {body: {contains: ["GET /get/17/id-42 ", "a={{ .captures.secret }} "]}}
- request: {path: /last, text: "{{ .captures.link }}"}
  expect: {body: {contains: [never]}}
`, handler)
	if c := got.Exchanges[0].Captures; len(c) != 4 || c[0].Value != "17" || c[2].Value != "id-42" || c[3].Value != "" || c[3].Length != len(token) {
		t.Errorf("captured %+v", c)
	}
	expectResult(t, got, check.Failed, check.ReasonExpectation, "never")
	if !strings.Contains(got.Result.Excerpt, "body=[redacted]") {
		t.Errorf("the excerpt is %q", got.Result.Excerpt)
	}
	for _, source := range []string{"json: $.order.none", "json: $.order", "json: $.order.empty", "header: X-None", "regex: 'nope'"} {
		got := once(t, "steps:\n- request: {path: /}\n  captures: [{name: s, json: $.secret}, {name: x, "+source+"}]", handler)
		expectResult(t, got, check.Inconclusive, check.ReasonCapture, "x was not found in the answer to / (status 200)")
	}
}
