package differ_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/undog-dev/undog/watcher/check"
	"github.com/undog-dev/undog/watcher/check/differ"
)

func page(status int, kind, body string) *check.Response {
	return &check.Response{Method: "GET", Path: "/", Status: status, Header: http.Header{"Content-Type": {kind}}, Body: []byte(body)}
}

func text(body string) *check.Response { return page(200, "text/html", body) }

func TestNotComparable(t *testing.T) {
	fine, limited, broken := text("<p>a</p>"), page(429, "text/html", ""), page(500, "text/html", "")
	for want, r := range map[string][3]*check.Response{
		"an old pod gave no answer":                               {nil, fine, fine},
		"the new pod gave no answer":                              {fine, fine, nil},
		"a pod asks for patience (429)":                           {fine, fine, limited},
		"the old pods disagree: 200 and 500":                      {fine, broken, fine},
		"the old pods fail themselves: 500":                       {broken, broken, broken},
		"the old pods answer in different formats: HTML and JSON": {fine, page(200, "application/json", "{}"), fine},
	} {
		report := differ.Compare(r[0], r[1], r[2], differ.Options{})
		if report.Comparable || report.Convicts() || report.Reason != want {
			t.Errorf("got %+v, want %s", report, want)
		}
	}
	if _, err := differ.Keep(broken, broken, differ.Options{}); err == nil {
		t.Error("a baseline is kept of a page that fails")
	}
}

// The new pod answers as the old ones fail: that is no difference to punish.
func TestBetterStatus(t *testing.T) {
	old := page(404, "text/html", "<h1>Not Found</h1><p>There is nothing here.</p>")
	report := differ.Compare(old, old, text("<p></p>"), differ.Options{})
	if !report.Comparable || report.Convicts() {
		t.Error(write(report))
	}
}

// Every page of the fixtures compared with itself, and the old pods with each
// other: nothing is found.
func TestSelf(t *testing.T) {
	for _, file := range fixtures(t, "testdata/*/*.txt") {
		f := load(t, file)
		for name, r := range f.responses {
			if report := differ.Compare(r, r, r, f.options()); report.Comparable && len(report.Differences) > 0 {
				t.Errorf("%s: %s differs from itself:\n%s", file, name, write(report))
			}
		}
		a, b := f.responses["old-a"], f.responses["old-b"]
		if report := differ.Compare(a, b, b, f.options()); report.Convicts() {
			t.Errorf("%s: the second old pod is convicted:\n%s", file, write(report))
		}
	}
}

// An intended change turned around is an intended change of another kind: it
// may convict only for what it takes away.
func TestRegressionsUndone(t *testing.T) {
	for _, file := range fixtures(t, "testdata/regression/*.txt") {
		f := load(t, file)
		now, old := f.responses["new"], f.responses["old-a"]
		if report := differ.Compare(now, now, old, f.options()); report.Convicts() {
			t.Errorf("%s: repairing it is convicted:\n%s", file, write(report))
		}
	}
}

func TestExcerptsAreRedactedAndBounded(t *testing.T) {
	secret := "hunter2"
	long := strings.Repeat("word ", 200)
	old := text("<p>" + long + secret + "!</p><p>Hi " + secret + "!</p>")
	now := text("<p>" + long + "other " + secret + "?</p><p>Hi !</p>")
	report := differ.Compare(old, old, now, differ.Options{Known: []string{secret}, Redact: func(s string) string {
		return strings.ReplaceAll(s, secret, "[redacted]")
	}})
	if !report.Convicts() {
		t.Error(write(report))
	}
	for _, d := range report.Differences {
		if s := fmt.Sprintf("%+v", d); strings.Contains(s, secret) || len(d.Old) > 400 || len(d.New) > 400 {
			t.Errorf("told too much: %s", s)
		}
	}
}

func TestReportIsBounded(t *testing.T) {
	var old, now strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&old, "<p>alpha%d beta%d</p>", i, i)
		fmt.Fprintf(&now, "<p>gamma%d beta%d</p>", i, i)
	}
	now.WriteString(`<p></p>`)
	report := differ.Compare(text(old.String()), text(old.String()), text(now.String()), differ.Options{})
	if len(report.Differences) != differ.MaxDifferences || report.Omitted == 0 || report.Convicts() {
		t.Errorf("%d differences, %d omitted", len(report.Differences), report.Omitted)
	}
}

// Convictions come first, however much else is different.
func TestConvictionsComeFirst(t *testing.T) {
	var old, now strings.Builder
	for i := range 100 {
		fmt.Fprintf(&old, "<p>one%d two%d</p>", i, i)
		fmt.Fprintf(&now, "<p>one%d three%d</p>", i, i)
	}
	report := differ.Compare(text(old.String()+"<h1>Hi bob!</h1>"), text(old.String()+"<h1>Hi bob!</h1>"), text(now.String()+"<h1>Hi !</h1>"), differ.Options{})
	if !report.Differences[0].Convicts || report.Differences[0].Kind != differ.Hole || report.Omitted == 0 {
		t.Error(write(report))
	}
}

func TestBaselineRefusesDamage(t *testing.T) {
	kept, err := differ.Keep(text("<p>a</p>"), text("<p>a</p>"), differ.Options{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := kept.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, damaged := range []string{
		"", "{}", "null", string(data[:len(data)/2]), strings.Replace(string(data), `"version":1`, `"version":2`, 1),
		strings.Replace(string(data), `"k":[`, `"k":[null,`, 1), strings.Repeat(" ", differ.MaxBaseline) + string(data),
	} {
		if _, err := differ.Decode([]byte(damaged)); err == nil {
			t.Errorf("%.80q is accepted", damaged)
		}
	}
}

// The largest page that is read makes a baseline within its bound.
func TestBaselineIsBounded(t *testing.T) {
	var b strings.Builder
	for i := range 60000 {
		fmt.Fprintf(&b, `<div class="c" id="x"><a href="/p/%d?q=%d">alice%d</a>, <b>bob@shop.example</b></div>`, i, i, i)
	}
	big := text(b.String()[:check.MaxBody])
	kept, err := differ.Keep(big, big, differ.Options{})
	if err != nil {
		t.Fatal(err)
	}
	data, err := kept.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "alice") || strings.Contains(string(data), "shop.example") {
		t.Error("the baseline holds words of the page")
	}
}

func FuzzCompare(f *testing.F) {
	for _, file := range fixtures(f, "testdata/*/*.txt") {
		x := load(f, file)
		f.Add(x.responses["old-a"].Body, x.responses["old-b"].Body, x.responses["new"].Body, byte(0))
	}
	kinds := []string{"text/html", "application/json", "text/plain", ""}
	f.Fuzz(func(t *testing.T, a, b, now []byte, kind byte) {
		k := kinds[int(kind)%len(kinds)]
		ra, rb, rn := page(200, k, string(a)), page(200, k, string(b)), page(200, k, string(now))
		o := differ.Options{Known: []string{"admin", "Ada"}}
		report := differ.Compare(ra, rb, rn, o)
		if len(report.Differences) > differ.MaxDifferences {
			t.Errorf("%d differences", len(report.Differences))
		}
		if report := differ.Compare(ra, ra, ra, o); len(report.Differences) > 0 {
			t.Errorf("it differs from itself:\n%s", write(report))
		}
		kept, err := differ.Keep(ra, rb, o)
		if err != nil {
			return
		}
		if report, err := differ.CompareBaseline(kept, rn, o); err != nil || len(report.Differences) > differ.MaxDifferences {
			t.Errorf("baseline: %v", err)
		}
	})
}

func BenchmarkCompare(b *testing.B) {
	f := load(b, "testdata/regression/first_name_and_new_footer.txt")
	for b.Loop() {
		if report := f.compare(); !report.Convicts() {
			b.Fatal("not convicted")
		}
	}
}

func BenchmarkCompareLarge(b *testing.B) {
	var old, now strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&old, "<p>Item %d costs <b>%d EUR</b> today</p>", i, i*3)
		fmt.Fprintf(&now, "<div><p>Article %d costs <b>%d EUR</b></p></div>", i, i*3)
	}
	a, n := text(old.String()), text(now.String())
	b.SetBytes(int64(len(a.Body)))
	for b.Loop() {
		differ.Compare(a, a, n, differ.Options{})
	}
}
