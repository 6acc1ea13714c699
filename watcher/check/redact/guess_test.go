package redact_test

import (
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
		"Set-Cookie: sid=abc; Path=/":                                  "Set-Cookie: [redacted]; Path=/",
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
	} {
		if got := redact.Guess(in); got != want {
			t.Errorf("Guess(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLine(t *testing.T) {
	if got := redact.Line("a\x00\x1b[31mred\x1b[0m\tb\xff\n\nc", 100); got != "a [31mred [0m b\uFFFD c" {
		t.Errorf("got %q", got)
	}
	// The secret is cut out before the line is shortened.
	if got := redact.Line(strings.Repeat("x ", 10)+"password=hunter2", 33); strings.Contains(got, "hunter") || len(got) > 33 {
		t.Errorf("got %q", got)
	}
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
