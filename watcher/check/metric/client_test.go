package metric_test

import (
	"context"
	"encoding/pem"
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/metric"
)

func number(n string) string {
	return `{"status":"success","data":{"resultType":"vector","result":[{"metric":{"token":"hush"},"value":[1700000000.5,"` + n + `"]}]}}`
}

func TestClient(t *testing.T) {
	say := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			_, _ = w.Write([]byte(body))
		}
	}
	for name, tt := range map[string]struct {
		h      http.HandlerFunc
		want   float64
		reason check.Reason
		text   string
	}{
		"vector":    {h: say(200, number("12.5")), want: 12.5},
		"scalar":    {h: say(200, `{"status":"success","data":{"resultType":"scalar","result":[1,"-3e2"]}}`), want: -300},
		"infos":     {h: say(200, strings.Replace(number("1"), `{"status"`, `{"infos":["x"],"status"`, 1)), want: 1},
		"no data":   {h: say(200, `{"status":"success","data":{"resultType":"vector","result":[]}}`), reason: check.ReasonNoData, text: "no data"},
		"several":   {h: say(200, `{"status":"success","data":{"resultType":"vector","result":[{"value":[1,"1"]},{"value":[1,"2"]}]}}`), reason: check.ReasonNoData, text: "2 series"},
		"matrix":    {h: say(200, `{"status":"success","data":{"resultType":"matrix","result":[]}}`), reason: check.ReasonNoData, text: "gives a matrix"},
		"histogram": {h: say(200, `{"status":"success","data":{"resultType":"vector","result":[{"histogram":[1,{}]}]}}`), reason: check.ReasonNoData, text: "histogram"},
		"NaN":       {h: say(200, number("NaN")), reason: check.ReasonNoData, text: "NaN"},
		"infinite":  {h: say(200, number("+Inf")), reason: check.ReasonNoData, text: "division by zero"},
		"too large": {h: say(200, number("1e999")), reason: check.ReasonNoData},
		"no number": {h: say(200, number("one")), reason: check.ReasonUnavailable, text: "cannot be read"},
		"not JSON":  {h: say(200, "<html>login</html>"), reason: check.ReasonUnavailable, text: "cannot be read"},
		"cut off":   {h: say(200, number("1")[:60]), reason: check.ReasonUnavailable},
		"goes on":   {h: say(200, number("1")+"{}"), reason: check.ReasonUnavailable, text: "goes on"},
		"null":      {h: say(200, "null"), reason: check.ReasonUnavailable},
		"warnings":  {h: say(200, strings.Replace(number("1"), `{"status"`, `{"warnings":["partial response"],"status"`, 1)), reason: check.ReasonUnavailable, text: "partial response"},
		"huge":      {h: say(200, strings.Repeat(" ", 5<<20)), reason: check.ReasonTooLarge},
		"refused":   {h: say(400, `{"status":"error","errorType":"bad_data","error":"1:3: parse error: unexpected end of input"}`), reason: check.ReasonExpression, text: "parse error"},
		"401":       {h: say(401, "who are you"), reason: check.ReasonForbidden},
		"500":       {h: say(500, number("1")), reason: check.ReasonUnavailable, text: "status 500"},
		"422":       {h: say(422, "no"), reason: check.ReasonUnavailable, text: "status 422"},
		"empty 204": {h: say(204, ""), reason: check.ReasonUnavailable},
		"redirect": {h: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.1:1/", http.StatusFound)
		}, reason: check.ReasonRedirect},
		"breaks off":   {h: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, reason: check.ReasonUnavailable},
		"an error":     {h: say(200, `{"status":"error","error":"password=hunter2"}`), reason: check.ReasonExpression, text: "password=[redacted]"},
		"many headers": {h: func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("X", strings.Repeat("x", 1<<20)) }, reason: check.ReasonUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := client(t, tt.h, metric.Options{}).Ask(t.Context(), "up", start)
			var p *metric.Problem
			switch {
			case tt.reason == "" && (err != nil || got != tt.want):
				t.Errorf("got %v, %v, want %v", got, err, tt.want)
			case tt.reason != "" && (!errors.As(err, &p) || p.Reason != tt.reason || !strings.Contains(p.Text, tt.text)):
				t.Errorf("got %v, %v, want %s %q", got, err, tt.reason, tt.text)
			case p != nil && (strings.Contains(p.Text, "hush") || len(p.Text) > 300 || strings.Contains(p.Text, "hunter2")):
				t.Errorf("told is %q", p.Text)
			}
		})
	}
}

func client(t *testing.T, h http.Handler, o metric.Options) *metric.Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	o.URL = server.URL + "/prom"
	return newClient(t, o)
}

func newClient(t *testing.T, o metric.Options) *metric.Client {
	t.Helper()
	c, err := metric.NewClient(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestRequest(t *testing.T) {
	token := filepath.Join(t.TempDir(), "token")
	seen := make(chan string, 4)
	c := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- strings.Join([]string{r.Method, r.URL.String(), r.FormValue("query"), r.FormValue("time"), r.Header.Get("Authorization")}, " ")
		_, _ = w.Write([]byte(number("1")))
	}), metric.Options{TokenFile: token})
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	for _, want := range []string{"one", "two"} { // The token is read anew.
		if err := os.WriteFile(token, []byte(want+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Ask(t.Context(), `a{b="c d"}`, start.Add(1500*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if got := <-seen; got != `POST /prom/api/v1/query a{b="c d"} 1772600768.500 Bearer `+want {
			t.Errorf("got %s", got)
		}
	}
	for _, bad := range []string{"", "a\x00b", strings.Repeat("x", 1<<20)} {
		if err := os.WriteFile(token, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		var p *metric.Problem
		if _, err := c.Ask(t.Context(), "up", start); !errors.As(err, &p) || p.Reason != check.ReasonForbidden || len(seen) > 0 {
			t.Errorf("with the token %.5q: %v", bad, err)
		}
	}
}

func TestPatience(t *testing.T) {
	for _, code := range []int{429, 503} {
		for after, want := range map[string]time.Duration{"30": 30 * time.Second, "99999": 10 * time.Minute, "-1": 0, "soon": 0} {
			_, err := client(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", after)
				w.WriteHeader(code)
			}), metric.Options{}).Ask(t.Context(), "up", start)
			var p *metric.Problem
			if !errors.As(err, &p) || p.RetryAfter != want {
				t.Errorf("%d, Retry-After %s: %+v", code, after, p)
			}
		}
	}
}

func TestNeverEnding(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	c := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm() // The end of a connection shows behind what was sent.
		_, _ = w.Write([]byte(`{"status":`))
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
	}), metric.Options{})
	var p *metric.Problem
	if _, err := c.Ask(ctx, "up", start); !errors.As(err, &p) || p.Reason != check.ReasonStopped {
		t.Errorf("stopped: %v", err)
	}
	ctx, cancel = context.WithDeadline(t.Context(), time.Now().Add(50*time.Millisecond))
	defer cancel()
	c = client(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		<-r.Context().Done()
	}), metric.Options{})
	if _, err := c.Ask(ctx, "up", start); !errors.As(err, &p) || p.Reason != check.ReasonUnavailable || !strings.Contains(p.Text, "in time") {
		t.Errorf("out of time: %v", err)
	}
}

func TestCertificates(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(number("1"))) }))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = nil
	ca := filepath.Join(t.TempDir(), "ca.crt")
	c := newClient(t, metric.Options{URL: server.URL, CAFile: ca})
	ask := func() string {
		_, err := c.Ask(t.Context(), "up", start)
		if err != nil {
			return err.Error()
		}
		return ""
	}
	if got := ask(); !strings.Contains(got, "cannot be read") {
		t.Errorf("without the file: %q", got)
	}
	write := func(raw []byte) {
		if err := os.WriteFile(ca, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if write([]byte("none")); !strings.Contains(ask(), "has none") {
		t.Errorf("without a certificate: %q", ask())
	}
	if write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})); ask() != "" {
		t.Errorf("with the certificate: %q", ask())
	}
	if got, err := newClient(t, metric.Options{URL: server.URL}).Ask(t.Context(), "up", start); err == nil {
		t.Errorf("a certificate nobody knows is taken: %v", got)
	}
}

func TestNewClientRefuses(t *testing.T) {
	for _, u := range []string{"", "prometheus:9090", "ftp://x", "http://", "http://me:secret@x", "http://x?a=b", "http://x#y", "http://%zz"} {
		if _, err := metric.NewClient(metric.Options{URL: u}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", u, err)
		}
	}
}

// FuzzAnswer takes any bytes for an answer: it is a finite number or a Problem.
func FuzzAnswer(f *testing.F) {
	f.Add([]byte(number("1")))
	f.Add([]byte(`{"status":"success","data":{"resultType":"scalar","result":[1,"NaN"]},"warnings":["a"]}`))
	f.Add([]byte(`{"status":"success","data":{"resultType":"vector","result":[{"value":null},{}]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := metric.Parse(body)
		var p *metric.Problem
		switch {
		case err == nil && (math.IsNaN(got) || math.IsInf(got, 0)):
			t.Errorf("%q gives %v", body, got)
		case err != nil && (!errors.As(err, &p) || p.Reason == "" || p.Text == "" || len(p.Text) > 300):
			t.Errorf("%q gives %+v", body, err)
		}
	})
}
