package expression_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/expression"
)

var _ check.Compiler = expression.Compile

const document = `{"name": "Ann", "ok": true, "none": null, "count": 3, "price": 1.5, "huge": 12345678901234567890,
	"items": [{"sku": "a-1", "price": 2}, {"sku": "b", "price": 0.5}], "tags": ["x", "y"], "map": {"b": 1, "a": 2}}`

func answer(body string) *check.Response {
	return &check.Response{
		Status: 200, Body: []byte(body), Took: 300 * time.Millisecond,
		Header: http.Header{"Content-Type": {"application/json"}, "Set-Cookie": {"a=1", "b=2"}},
	}
}

func TestEvaluate(t *testing.T) {
	for text, want := range map[string]bool{
		`status == 200`:                                true,
		`status in [201, 204]`:                         false,
		`took < duration("500ms")`:                     true,
		`took < duration("0.1s")`:                      false,
		`headers["content-type"].startsWith("app")`:    true,
		`"Content-Type" in headers`:                    false,
		`headers["set-cookie"] == "a=1, b=2"`:          true,
		`body.contains("Ann") && body.size() > 10`:     true,
		`body.matches("Welcome\\s+!")`:                 false,
		`json.name == "Ann" && json.ok`:                true,
		`json.none == null`:                            true,
		`json.count == 3 && json.count > 2.5`:          true,
		`json.price == 1.5 && json.huge > 1e19`:        true,
		`json.items.exists(i, i.price < 1)`:            true,
		`json.items.all(i, i.sku.matches("^[a-z]$"))`:  false,
		`json.items[0].sku == "a-1"`:                   true,
		`json.map.map(k, k) == ["a", "b"]`:             true,
		`json.map == {"a": 2, "b": 1}`:                 true,
		`has(json.name) && !has(json.nothing)`:         true,
		`"x" in json.tags && size(json.tags) == 2`:     true,
		`status == 200 || json.nothing == 1`:           true,
		`json.tags.filter(x, x != "x") == ["y"]`:       true,
		`json.items.map(i, i.sku).exists(s, s == "b")`: true,
	} {
		predicate, err := expression.Compile(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got, err := predicate(answer(document)); err != nil || got != want {
			t.Errorf("%s = %v, %v; want %v", text, got, err, want)
		}
	}
}

func TestCompileRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``:                               `1:1: is empty; write a condition such as status == 200`,
		`statuss == 200`:                 `1:1: there is no statuss; did you mean status?`,
		`now`:                            `1:1: there is no now; there are body, headers, json, status, took`,
		`status == "200"`:                `1:8: == cannot be used on (int, string)`,
		`status`:                         `1:1: is a number, not true or false; compare it with something`,
		`body`:                           `1:1: is a text, not true or false; compare it with something`,
		`json.ok`:                        `1:1: is a value of any type, not true or false; compare it with something`,
		`took < 5`:                       `1:6: < cannot be used on (duration, int)`,
		`body.matches("(?=x)")`:          `1:14: is not a regular expression in the syntax of RE2`,
		`headers.exists(k, k == "a")`:    `1:1: goes through a map, which has no order; ask for its keys: "x-debug" in headers`,
		`timestamp("x").getHours() == 1`: `timestamp is left out of the language here`,
		`statuss == 1 && bodi == ""`:     `1:1: there is no statuss; did you mean status?; 1:17: there is no bodi; did you mean body?`,
		`json.exists(a, json.exists(b, json.exists(c, json.exists(d, a == b && c == d))))`: `1:1: may cost `,
		strings.Repeat("x", 5000): `1:1: is longer than 4096 bytes; write less, or several expressions`,
	} {
		_, err := expression.Compile(text)
		if err == nil || !strings.HasPrefix(err.Error(), want) && !strings.Contains(err.Error(), "left out") {
			t.Errorf("%.80s\n got %v\nwant %s", text, err, want)
		}
	}
}

// What a pod sends can make an evaluation fail, and neither panic, nor cost
// much, nor put what was sent into the error.
func TestHostileResponses(t *testing.T) {
	for _, tt := range []struct{ text, body, want string }{
		{`json.a == 1`, `hunter2`, "the body is not JSON"},
		{`json.a == 1`, ``, "the body is not JSON"},
		{`json.a == 1`, `{"a": 1} hunter2`, "the body is not JSON"},
		{`json.a == 1`, strings.Repeat("[", 20_000), "the body is not JSON"},
		{`json.a == 1`, `[]`, "a value is not of the form that it needs"},
		{`json.a == 1`, `{"A": 1}`, "there is no a"},
		{`json[json.k] == 1`, `{"k": "hunter2"}`, "a key is not there"},
		{`json.a > 1`, `{"a": "hunter2"}`, "no such overload"},
		{`json.a && true`, `{"a": "hunter2"}`, "no such overload"},
		{`json[3] == 1`, `[1]`, "a list is shorter than its index"},
		{`json.a == 1`, `{"a": 1e999}`, "a value is not of the form that it needs"},
		{`int(body) == 1`, `hunter2`, "a value is not of the form that it needs"},
		{`duration(body) < took`, `hunter2`, "a value is not of the form that it needs"},
		{`body.matches(json.re)`, `{"re": "(hunter2"}`, "a value is not of the form that it needs"},
		{`1 / json.a == 1`, `{"a": 0}`, "division by zero"},
		{`json.all(a, json.all(b, a == b))`, "[" + strings.Repeat("1,", 20_000) + "1]", "it costs more than 2000000 operations"},
		{`[1, 2].all(x, !body.matches("(a|b|c|d|e|f|g|h)*z"))`, strings.Repeat("abc", 1<<20), "it costs more than 2000000 operations"},
	} {
		predicate, err := expression.Compile(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if got, err := predicate(answer(tt.body)); err == nil || got || err.Error() != tt.want {
			t.Errorf("%s of %.40s = %v, %v; want %s", tt.text, tt.body, got, err, tt.want)
		}
	}
}

// What is no UTF-8 is no error.
func TestBinaryBody(t *testing.T) {
	predicate, err := expression.Compile(`body.contains("a\ufffdb") && size(body) == 3`)
	if err != nil {
		t.Fatal(err)
	}
	if ok, err := predicate(answer("a\xff\xfeb")); err != nil || !ok {
		t.Errorf("%v, %v", ok, err)
	}
}

// Every variable is told of in the manual and in the example.
func TestVariablesAreDocumented(t *testing.T) {
	for _, name := range []string{"doc.go", "../../../examples/undog.yaml"} {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, variable := range expression.Variables() {
			if !strings.Contains(string(text), variable+"  ") {
				t.Errorf("%s says nothing of %s", name, variable)
			}
		}
	}
}

// FuzzCompile: no expression and no body panics, and the same gives the same.
func FuzzCompile(f *testing.F) {
	f.Add(`status == 200`, ``)
	f.Add(`json.items.exists(i, i.price < 1)`, document)
	f.Add(`json.map(k, json[k]) == [1] || body.matches(json.re)`, `{"re": "(", "a": [[{}]], "a": 1e400}`)
	f.Fuzz(func(t *testing.T, text, body string) {
		predicate, err := expression.Compile(text)
		if err != nil {
			if err.Error() == "" || strings.Contains(err.Error(), "\n") {
				t.Fatalf("error %q", err)
			}
			return
		}
		first, err := predicate(answer(body))
		second, again := predicate(answer(body))
		if first != second || (err == nil) != (again == nil) || err != nil && err.Error() != again.Error() {
			t.Fatalf("%v, %v and then %v, %v", first, err, second, again)
		}
	})
}
