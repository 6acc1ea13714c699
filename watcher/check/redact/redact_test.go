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
		`p%3ca%27%c3%9f+%22w%26d`, `p%3Ca'%C3%9F%20%22w%26d`, `%70%3c%61%27%c3%9f%20%22%77%26%64`, `p\u003Ca\u0027ß \u0022w\u0026d`,
		`&#112;&#60;&#97;&#39;&#223;&#32;&#34;&#119;&#38;&#100;`, `&#x70;&lt;a&apos;&szlig; &quot;w&amp;d`, `p\x3ca\x27ß \"w&d`, `HUNTER2`, `Hunter22`,
	} {
		if got := r.Text("a " + written + " b"); got != "a [redacted] b" {
			t.Errorf("Text(%q) = %q", written, got)
		}
	}
	for _, other := range []string{"", "100 % & more; \\", `\u00 %4 &; &#; &nbsp`, "hunter%", "a & b &amp; c"} {
		if got := r.Text(other); got != other {
			t.Errorf("Text(%q) = %q", other, got)
		}
	}
	if got := r.Text(strings.Repeat("hunter2", 3)); strings.Contains(got, "hunter") {
		t.Errorf("left %q", got)
	}
}
