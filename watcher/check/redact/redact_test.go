package redact_test

import (
	"strings"
	"testing"

	"github.com/undog-dev/undog/watcher/check/redact"
)

func TestText(t *testing.T) {
	var r redact.Redactor
	if got := r.Text("hunter2"); got != "hunter2" {
		t.Errorf("the zero Redactor changed it to %q", got)
	}
	r.Add("", " ", `p<a'ß "w&d`, "hunter2", "hunter22")
	for _, written := range []string{
		`p<a'ß "w&d`, `p%3Ca%27%C3%9F+%22w%26d`, `p%3Ca%27%C3%9F%20%22w&d`, `p&lt;a&#39;ß &#34;w&amp;d`,
		`p&lt;a&#x27;ß &quot;w&amp;d`, `p&lt;a'ß "w&amp;d`, `p&lt;a&#039;ß &quot;w&amp;d`,
		`p\u003ca'ß \"w\u0026d`, `p<a'ß \"w&d`, `p<a'\u00df \"w&d`, "hunter2", "hunter22", "aHVudGVyMg==", "aHVudGVyMg",
	} {
		if got := r.Text("a " + written + " b"); got != "a [redacted] b" {
			t.Errorf("Text(%q) = %q", written, got)
		}
	}
	if got := r.Text(strings.Repeat("hunter2", 3)); strings.Contains(got, "hunter") {
		t.Errorf("left %q", got)
	}
}
