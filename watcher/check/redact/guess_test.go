package redact_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/undog-dev/undog/watcher/check/redact"
)

func TestGuess(t *testing.T) {
	for in, want := range map[string]string{
		"password=hunter2 user=bob":                                    "password=[redacted] user=bob",
		`{"apiToken": "a \"b\" c", "n": 1}`:                            `{"apiToken": [redacted], "n": 1}`,
		"DB_PASSWORD: 'it is' end":                                     "DB_PASSWORD: [redacted] end",
		"Authorization: Bearer abc.def":                                "Authorization: [redacted]",
		"sent bearer abcdef123 to it":                                  "sent bearer [redacted] to it",
		"postgres://app:s3cr3t@db.shop:5432/x":                         "postgres://[redacted]@db.shop:5432/x",
		"Set-Cookie: sid=abc; Path=/":                                  "Set-Cookie: [redacted]",
		"jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc-_":               "jwt [redacted]",
		"key AKIAIOSFODNN7EXAMPLE":                                     "key [redacted]",
		"-----BEGIN RSA PRIVATE KEY----- MIIE":                         "[redacted]",
		"id 9b74c9897bac770ffc029102a200c5de":                          "id [redacted]",
		"got dGhpcyBpcyBhIFNlY3JldCB2YWx1ZQ==":                         "got [redacted]",
		"ghp_abcdefghij0123456789 pushed":                              "[redacted] pushed",
		"panic: runtime error: index out of range [3] with length 3":   "panic: runtime error: index out of range [3] with length 3",
		`  File "/usr/lib/python3/dist-packages/django/http/x.py"`:     `  File "/usr/lib/python3/dist-packages/django/http/x.py"`,
		"java.lang.IllegalStateExceptionForServletContainers":          "java.lang.IllegalStateExceptionForServletContainers",
		"pod shop-web-7d4b9c6f5d-x2x9z at 2026-01-02T03:04:05.678Z":    "pod shop-web-7d4b9c6f5d-x2x9z at 2026-01-02T03:04:05.678Z",
		"trace 5d41402a-bc4b-2a76-b971-9d911017c592 of GET /a/b?q=1":   "trace 5d41402a-bc4b-2a76-b971-9d911017c592 of GET /a/b?q=1",
		"session_id=deadbeef&next=/":                                   "session_id=[redacted]&next=/",
		"TypeError: Cannot read properties of undefined (reading 'a')": "TypeError: Cannot read properties of undefined (reading 'a')",
		`{\"password\":\"a b\", \"n\":1}`:                              `{\"password\":[redacted], \"n\":1}`,
		"password=a,b&c user=bob":                                      "password=[redacted] user=bob",
		"password=a,user=bob":                                          "password=[redacted],user=bob",
		"DB_PASS=abc --db-token x7 [\"--secret\", \"x y\"]":            "DB_PASS=[redacted] --db-token [redacted] [\"--secret\", [redacted]]",
		"the password is \"a b\"; using password hunter2":              "the password is [redacted]; using password [redacted]",
		"https://h/x?password%3Dhunter2&n=1":                           "https://h/x?password%3D[redacted]&n=1",
		"Proxy-Authorization: ApiKey a b":                              "Proxy-Authorization: [redacted]",
		"https://app:p@ss@h/x":                                         "https://[redacted]@h/x",
		`parse "postgres://u:p/w@h": invalid port ":p" after host`:     `parse "postgres://[redacted]@h": invalid port "[redacted]" after host`,
		"dial app:hunter2@tcp(db:3306)/shop":                           "dial [redacted]@tcp(db:3306)/shop",
		"AIzaSyA-1234567890abcdefghijklmnopqrstuv":                     "[redacted]",
		"k 3f9a0c1zq8w7e6r5t4y3u2i1":                                   "k [redacted]",
		"http://shop:8080/a@b of demo/app:1.0@sha256:abc":              "http://shop:8080/a@b of demo/app:1.0@sha256:abc",
		`secret "shop-tls" not found`:                                  `secret "shop-tls" not found`,
		`password authentication failed for user "app"`:                `password authentication failed for user "app"`,
		"token is expired; Error: key: not found; auth: failed":        "token is expired; Error: key: not found; auth: failed",
	} {
		if got := redact.Guess(in); got != want {
			t.Errorf("Guess(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	if got := redact.Line("a\x00\x1b[31mred\x1b[0m\tb\xff\n\nc", 100); got != "ared b\uFFFD c" {
		t.Errorf("got %q", got)
	}
	// The secret is cut out before the line is shortened.
	if got := redact.Line(strings.Repeat("x ", 10)+"password=hunter2", 33); strings.Contains(got, "hunter") || len(got) > 33 {
		t.Errorf("got %q", got)
	}
}

// A logger that colours its keys hides nothing.
func TestLineOfATerminal(t *testing.T) {
	for _, in := range []string{
		"\x1b[36mpassword\x1b[0m=hunter2", "pass\x00word=hunter2", "pass\u200bword=hunter2", "\x1b]0;title\x07password=hunter2",
	} {
		if got := redact.Line(in, 100); got != "password=[redacted]" {
			t.Errorf("Line(%q) = %q", in, got)
		}
	}
}

func TestLines(t *testing.T) {
	body := strings.Repeat("MIIEvQIBADANBgkq", 4)
	got := redact.Lines([]string{
		"app " + body, body, "-----END RSA PRIVATE KEY-----", "in between",
		"key: -----BEGIN PRIVATE KEY-----", body, "c2hvcnQ=", "-----END PRIVATE KEY-----", "password=hunter2 after",
	}, 100)
	want := []string{
		redact.Mask, redact.Mask, redact.Mask, "in between",
		"key: " + redact.Mask, redact.Mask, redact.Mask, redact.Mask, "password=[redacted] after",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

// written are the ways in which a secret gets into a log.
var written = []string{
	"password=%s", "password: %s", `"password": "%s"`, `'db_password': '%s'`, `{\"apiToken\":\"%s\"}`, "DB_PASS=%s", "--client-secret %s", "--token=%s",
	"Authorization: Bearer %s", "authorization: Basic %s", "X-Api-Key: %s", "Cookie: a=b; sid=%s", "postgres://app:%s@db:5432/x", "redis://:%s@h",
	"secret_key=k0,secret_key=%s,n=1", "token_key=a,pw=%s,", "https://h/x?api_key=1&sig=%s&,", `{"name":"DB_PASSWORD","value":"%s"}`, "user[password]=%s",
	"<password>%s</password>", "creds=%s", "dbPass=%s", "password == %s", `{"token":{"value":"%s"}}`, "curl -u a:%s", "mysql -p%s",
	"app:%s@tcp(db:3306)/x", "https://h/x?access_token=%s&n=1", "the passphrase is '%s'", "client_secret => %s",
}

// secretLetters are those that the secrets are made of.
const secretLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.!"

// FuzzGuess writes a secret in all these ways into any text: it must never be
// in what is left.
func FuzzGuess(f *testing.F) {
	f.Add("hunter2-x9", "connecting with ", " now")
	f.Add("Zq7+/w==", "\x1b[31m", ", next=1")
	f.Add("00000000", "\x1b[", "0")
	f.Add("00400000", "00000004\x0f000000000", "00000000")
	f.Fuzz(func(t *testing.T, secret, before, after string) {
		if len(secret) < 8 || len(secret) > 64 || len(before)+len(after) > 1<<10 || !utf8.ValidString(before+after) {
			return
		}
		// Where a value ends with something of the text's own, nobody can tell
		// the two apart, nor where the text is the same without what cannot be seen.
		plain := func(r rune) rune {
			if strings.ContainsRune(secretLetters, r) {
				return r
			}
			return -1
		}
		if strings.Trim(secret, secretLetters) != "" || strings.Contains(strings.Map(plain, before+after), secret) {
			return
		}
		for _, form := range written {
			in := before + " " + strings.Replace(form, "%s", secret, 1) + " " + after
			if got := redact.Line(in, 1<<12); strings.Contains(got, secret) {
				t.Errorf("Line(%q) = %q", in, got)
			}
		}
	})
}

func FuzzLine(f *testing.F) {
	f.Add("password=hunter2 \xff é", 12)
	f.Fuzz(func(t *testing.T, s string, most int) {
		if most < 3 || most > 1<<10 {
			return
		}
		got := redact.Line(s, most)
		if len(got) > most || !utf8.ValidString(got) || strings.ContainsAny(got, "\n\r\x00\x1b") {
			t.Errorf("Line(%q, %d) = %q", s, most, got)
		}
	})
}
