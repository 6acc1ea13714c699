package play_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/undog-dev/undog/watcher/check"
)

func TestExpectations(t *testing.T) {
	const body = `{"user": {"name": "admin", "age": 7, "tags": [], "big": 12345678901234567890}, "state": "open", "none": null}`
	handler := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Version", "1.1")
		w.WriteHeader(map[string]int{"/teapot": 418, "/limited": 429, "/bad": 500}[r.URL.Path] + map[bool]int{true: 200}[r.URL.Path == "/"])
		_, _ = w.Write([]byte(body))
	}
	for expect, want := range map[string]struct {
		path    string
		outcome check.Outcome
		reason  check.Reason
		message string
	}{
		`status: ["200"]`:              {"/", check.Passed, "", ""},
		`status: ["3xx", 2xx]`:         {"/", check.Passed, "", ""},
		`status: ["201", 3xx]`:         {"/", check.Failed, check.ReasonExpectation, "status 201 or 3xx: it is 200"},
		`status: ["4xx"]`:              {"/teapot", check.Passed, "", ""},
		`{}`:                           {"/bad", check.Passed, "", ""},
		`status: ["201"]`:              {"/limited", check.Inconclusive, check.ReasonRateLimited, "asks for patience"},
		`status: ["429"]`:              {"/limited", check.Passed, "", ""},
		`body: {contains: ["nope"]}`:   {"/limited", check.Inconclusive, check.ReasonRateLimited, "asks for patience"},
		`headers: [{name: X-Version}]`: {"/", check.Passed, "", ""},
		`headers: [{name: x-version, equals: "1.1", matches: '^1', notMatches: beta}]`:                                {"/", check.Passed, "", ""},
		`headers: [{name: X-Version, equals: "1.0"}]`:                                                                 {"/", check.Failed, check.ReasonExpectation, `header X-Version is "1.0": it is "1.1"`},
		`headers: [{name: X-Version, notMatches: '\.1'}]`:                                                             {"/", check.Failed, check.ReasonExpectation, `it has ".1"`},
		`headers: [{name: X-Version, absent: true}]`:                                                                  {"/", check.Failed, check.ReasonExpectation, `no header X-Version: it is "1.1"`},
		`headers: [{name: X-None}]`:                                                                                   {"/", check.Failed, check.ReasonExpectation, "header X-None is there: there is none"},
		`body: {contains: [admin], notContains: [root], matches: ['"age": [0-9]'], notMatches: [Traceback]}`:          {"/", check.Passed, "", ""},
		`body: {notContains: [admin]}`:                                                                                {"/", check.Failed, check.ReasonExpectation, `body does not contain "admin": it does`},
		`body: {matches: [Traceback]}`:                                                                                {"/", check.Failed, check.ReasonExpectation, "body matches Traceback: it does not"},
		`json: [{path: $.user.name, equals: "{{ .persona.username }}"}, {path: user.age, type: number, equals: "7"}]`: {"/", check.Passed, "", ""},
		`json: [{path: $.user.big, equals: "12345678901234567890"}]`:                                                  {"/", check.Passed, "", ""},
		`json: [{path: $.user.tags, equals: "[]"}, {path: $.none, type: "null"}, {path: $.missing, absent: true}]`:    {"/", check.Passed, "", ""},
		`json: [{path: $.user.tags, notEmpty: true}]`:                                                                 {"/", check.Failed, check.ReasonExpectation, `$.user.tags is not empty: it is "[]"`},
		`json: [{path: $.none, notEmpty: true}]`:                                                                      {"/", check.Failed, check.ReasonExpectation, `it is "null"`},
		`json: [{path: $.user.age, type: string}]`:                                                                    {"/", check.Failed, check.ReasonExpectation, "it is of type number"},
		`json: [{path: $.state, matches: '^closed$'}]`:                                                                {"/", check.Failed, check.ReasonExpectation, "it does not"},
		`json: [{path: $.missing}]`:                                                                                   {"/", check.Failed, check.ReasonExpectation, "$.missing is there: there is none"},
		`json: [{path: $.state, absent: true}]`:                                                                       {"/", check.Failed, check.ReasonExpectation, "$.state is absent: it is open"},
		`cel: ["true"]`:                                                                                               {"/", check.Passed, "", ""},
		`cel: ["false"]`:                                                                                              {"/", check.Failed, check.ReasonExpectation, "false: it is false"},
		`cel: ["fails"]`:                                                                                              {"/", check.Inconclusive, check.ReasonExpression, "too expensive"},
		`{cel: ["fails"], body: {contains: [nope]}}`:                                                                  {"/", check.Failed, check.ReasonExpectation, `body contains "nope"`},
	} {
		t.Run(expect, func(t *testing.T) {
			if !strings.HasPrefix(expect, "{") {
				expect = "{" + expect + "}"
			}
			got := once(t, "persona: admin\nsteps:\n- request: {path: "+want.path+"}\n  expect: "+expect, handler)
			expectResult(t, got, want.outcome, want.reason, want.message)
		})
	}
}

// All expectations of a step are shown, not only the first that fails.
func TestEveryExpectationIsShown(t *testing.T) {
	got := once(t, "steps:\n- request: {path: /}\n  expect: {status: ['201'], body: {contains: [a, b]}}\n- request: {path: /never}",
		func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("a")) })
	if len(got.Exchanges) != 1 || len(got.Exchanges[0].Expectations) != 3 {
		t.Fatalf("got %+v", got.Exchanges)
	}
	for i, held := range []bool{false, true, false} {
		if e := got.Exchanges[0].Expectations[i]; e.Held != held {
			t.Errorf("%s held: %v", e.Text, e.Held)
		}
	}
	if got.Result.Expectation != "status 201" || got.Result.Step != "step 1" {
		t.Errorf("the result is %+v", got.Result)
	}
}

func TestBodyLimit(t *testing.T) {
	long := func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("begin" + strings.Repeat("x", 5000) + "end"))
	}
	const head = "bodyLimit: 1000\nsteps:\n- request: {path: /}\n  "
	for text, reason := range map[string]check.Reason{
		"expect: {body: {contains: [begin]}}":                   "",
		"expect: {body: {contains: [end]}}":                     check.ReasonTooLarge,
		"expect: {body: {notContains: [end]}}":                  check.ReasonTooLarge,
		"expect: {body: {notMatches: [begin]}}":                 check.ReasonExpectation,
		"expect: {cel: ['true']}":                               check.ReasonTooLarge,
		"expect: {json: [{path: $.a}]}":                         check.ReasonTooLarge,
		"expect: {status: ['200']}":                             "",
		"captures: [{name: a, regex: '(end)'}]":                 check.ReasonTooLarge,
		"captures: [{name: a, regex: '(begin)', reveal: true}]": "",
	} {
		got := once(t, head+text, long)
		if got.Result.Reason != reason {
			t.Errorf("%s: %+v", text, got.Result)
		}
		if r := got.Exchanges[0].Response; len(r.Body) != 1000 || !r.Truncated || len(got.Result.Excerpt) > 400 {
			t.Errorf("%s: %d bytes are kept, excerpt %d", text, len(r.Body), len(got.Result.Excerpt))
		}
	}
}
