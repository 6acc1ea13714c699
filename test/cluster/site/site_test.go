package site_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/undog-dev/undog/test/cluster/site"
)

var admin = site.User{Username: "admin", Password: "correct-horse"}

// read sends a request and returns what came in the end.
func read(t *testing.T, client *http.Client, method, target string, form url.Values) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

var tokenPattern = regexp.MustCompile(`name="csrftoken" value="([^"]+)"`)

// TestBug logs in to both versions as somebody without a first name.
func TestBug(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{site.V10: "<h1>Welcome admin!</h1>", site.V11: "<h1>Welcome !</h1>"} {
		server := httptest.NewServer(site.Handlers(admin)[version])
		t.Cleanup(server.Close)
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Jar: jar}
		if code, _ := read(t, client, http.MethodGet, server.URL+"/healthz", nil); code != http.StatusOK {
			t.Errorf("%s: /healthz is %d", version, code)
		}
		_, form := read(t, client, http.MethodGet, server.URL+"/", nil)
		token := tokenPattern.FindStringSubmatch(form)
		if token == nil {
			t.Fatalf("%s: the front page does not lead to the form:\n%s", version, form)
		}
		values := url.Values{"username": {admin.Username}, "password": {"wrong"}, "csrftoken": {"forged"}}
		if code, _ := read(t, client, http.MethodPost, server.URL+"/login/", values); code != http.StatusForbidden {
			t.Errorf("%s: a forged token: %d, want 403", version, code)
		}
		values.Set("csrftoken", token[1])
		_, again := read(t, client, http.MethodPost, server.URL+"/login/", values)
		if token = tokenPattern.FindStringSubmatch(again); token == nil || !strings.Contains(again, "correct username") {
			t.Fatalf("%s: a wrong password leads to\n%s", version, again)
		}
		values.Set("csrftoken", token[1])
		values.Set("password", admin.Password)
		if _, front := read(t, client, http.MethodPost, server.URL+"/login/", values); !strings.Contains(front, want) {
			t.Errorf("%s: want %s in\n%s", version, want, front)
		}
	}
}
