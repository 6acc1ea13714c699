package notify_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/undog-dev/undog/notify"
)

const wellFormed = `{"revision": "66d9", "verdict": "bad", "reason": "the smoke test fails", "by": "ci"}`

func TestDecodeVerdict(t *testing.T) {
	got, err := notify.DecodeVerdict([]byte(wellFormed))
	want := notify.VerdictRequest{Revision: "66d9", Verdict: notify.Bad, Reason: "the smoke test fails", By: "ci"}
	if err != nil || got != want {
		t.Fatalf("got %+v, error %v, want %+v", got, err, want)
	}
	b, err := notify.EncodeVerdict(want)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := notify.DecodeVerdict(b); err != nil || again != want {
		t.Errorf("got %+v, error %v after %s", again, err, b)
	}
}

func TestDecodeVerdictCleansAndCutsTexts(t *testing.T) {
	long := strings.Repeat("ü", notify.MaxReason)
	body, err := json.Marshal(map[string]string{
		"namespace": "shop", "name": "web.front", "revision": "example.org:5000/web@sha256:00", "verdict": "good", "reason": "a\x1b[2Jb\u202ec\nd", "by": long,
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := notify.DecodeVerdict(body)
	if err != nil {
		t.Fatal(err)
	}
	if got.Reason != "a [2Jb c d" || len(got.By) > notify.MaxReason || !strings.HasSuffix(got.By, "ü…") || got.Name != "web.front" {
		t.Errorf("got %+v", got)
	}
}

func TestDecodeVerdictRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		in   string
		want []string
	}{
		"nothing":       {``, []string{"no JSON object", "want a JSON object"}},
		"not json":      {`bad`, []string{"no JSON object"}},
		"a list":        {`["bad"]`, []string{"no JSON object"}},
		"cut off":       {`{"revision": "66`, []string{"no JSON"}},
		"half":          {`{"revision": "66d9"`, []string{"no JSON"}},
		"two objects":   {wellFormed + wellFormed, []string{"goes on after"}},
		"empty object":  {`{}`, []string{"revision is missing", `verdict ""`, `want "good" or "bad"`, "reason is missing"}},
		"unknown key":   {`{"revison": "66d9", "verdict": "bad", "reason": "x"}`, []string{`key "revison" is not known`, "there are namespace, name, revision"}},
		"other case":    {`{"Revision": "66d9", "verdict": "bad", "reason": "x"}`, []string{`key "Revision" is not known`}},
		"key twice":     {`{"revision": "1", "revision": "2", "verdict": "bad", "reason": "x"}`, []string{`key "revision" is there twice`}},
		"number":        {`{"revision": 2, "verdict": "bad", "reason": "x"}`, []string{`revision is "2": want a text in quotes`}},
		"null":          {`{"revision": "a", "verdict": null, "reason": "x"}`, []string{`verdict is "null": want a text`}},
		"object within": {`{"revision": {"a": 1}, "verdict": "bad", "reason": "x"}`, []string{"revision is", "want a text"}},
		"bool":          {`{"revision": "a", "verdict": "true", "reason": "x"}`, []string{`verdict "true": want "good" or "bad"`}},
		"capital":       {`{"revision": "a", "verdict": "Bad", "reason": "x"}`, []string{`verdict "Bad"`}},
		"space":         {`{"revision": "a b", "verdict": "bad", "reason": "x"}`, []string{`revision "a b"`, "pod-template-hash"}},
		"control":       {`{"revision": "a\u001b", "verdict": "bad", "reason": "\n"}`, []string{`revision "a "`, "reason is missing"}},
		"namespace":     {`{"namespace": "A_b", "name": "x..y", "revision": "a", "verdict": "bad", "reason": "x"}`, []string{`namespace "A_b"`, `name "x..y"`}},
		"long revision": {`{"revision": "` + strings.Repeat("a", 600) + `", "verdict": "bad", "reason": "x"}`, []string{"600 bytes", "at most 512"}},
		"long body":     {`{"revision": "a", "verdict": "bad", "reason": "` + strings.Repeat("x", notify.MaxRequest) + `"}`, []string{"at most 8192", "shorten the reason"}},
		"many keys":     {`{` + strings.Repeat(`"x":1,`, 100) + `"y":1}`, []string{"and more"}},
	} {
		got, err := notify.DecodeVerdict([]byte(tc.in))
		if err == nil {
			t.Errorf("%s: accepted as %+v", name, got)
			continue
		}
		for _, want := range tc.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %q, want %q in it", name, err, want)
			}
		}
	}
}

func TestVerdictSubject(t *testing.T) {
	a := notify.Address{Cluster: "demo", Namespace: "shop", Kind: "Deployment", Name: "web.front"}
	got, err := notify.VerdictSubject(a)
	if want := "undog.v1.req.demo.shop.deployment.web_front.verdict"; err != nil || got != want {
		t.Fatalf("got %q, error %v, want %q", got, err, want)
	}
	back, err := notify.ParseVerdictSubject(got)
	a.Kind = "deployment"
	if err != nil || back != a {
		t.Errorf("parsed back %+v, error %v, want %+v", back, err, a)
	}
	if filter, err := notify.VerdictFilter("demo"); err != nil || filter != "undog.v1.req.demo.*.*.*.verdict" {
		t.Errorf("filter %q, error %v", filter, err)
	}
	if filter, err := notify.VerdictFilter("*"); err == nil {
		t.Errorf("a wildcard became the filter %q", filter)
	}
	for _, in := range []string{
		"", "undog.v1.event.demo.shop.deployment.web.verdict", "undog.v1.req.demo.shop.deployment.web", "undog.v1.req.demo.shop.deployment.web.restart",
		"undog.v1.req.demo.shop.deployment.web.verdict.now", "undog.v1.req.demo.*.deployment.web.verdict", "undog.v1.req.demo.Shop.deployment.web.verdict",
		"undog.v1.req.demo.shop.Deployment.web.verdict", "undog.v1.req.demo.shop.deployment.-.verdict",
	} {
		if got, err := notify.ParseVerdictSubject(in); err == nil {
			t.Errorf("%q was parsed as %+v", in, got)
		}
	}
	if _, err := notify.VerdictSubject(notify.Address{Cluster: "demo", Namespace: "shop", Kind: "Deployment", Name: "a>"}); err == nil {
		t.Error("a hostile name became a subject")
	}
}

func TestMeant(t *testing.T) {
	a := notify.Address{Namespace: "shop", Name: "web"}
	for in, want := range map[notify.VerdictRequest]string{
		{}:                               "",
		{Namespace: "shop", Name: "web"}: "",
		{Name: "api"}:                    `name "api": the subject says "web"`,
		{Namespace: "stock"}:             `namespace "stock": the subject says "shop"`,
	} {
		namespace, name, err := in.Meant(a)
		if want == "" && (err != nil || namespace != "shop" || name != "web") || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%+v: got %s/%s, error %v", in, namespace, name, err)
		}
	}
}

func TestDecodeReply(t *testing.T) {
	got, err := notify.DecodeReply([]byte(`{"accepted":true,"reason":"Accepted","message":"m","revision":{"uid":"u","name":"n"},"phase":"Held","new":1}`))
	want := notify.VerdictReply{Accepted: true, Reason: "Accepted", Message: "m", Phase: "Held"}
	if got.Revision.Name != "n" {
		t.Errorf("revision is %+v", got.Revision)
	}
	got.Revision = notify.Revision{}
	if err != nil || got.Accepted != want.Accepted || got.Reason != want.Reason || got.Message != want.Message || got.Phase != want.Phase {
		t.Errorf("got %+v, error %v", got, err)
	}
	for in, want := range map[string]string{
		`{"stream":"ORDERS","seq":7}`:     `stream "ORDERS", which captures the subject: take undog.v1.req.> out`,
		`{"reason":"x"}`:                  "no undog",
		`{"accepted":true}`:               "no undog",
		`{"accepted":"yes","reason":"x"}`: "no undog",
		"hello\x1b[2J":                    "no undog",
		``:                                "no undog",
	} {
		if got, err := notify.DecodeReply([]byte(in)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\x1b") {
			t.Errorf("%s: got %+v, error %v, want %q", in, got, err, want)
		}
	}
}

func FuzzDecodeVerdict(f *testing.F) {
	f.Add([]byte(wellFormed))
	f.Add([]byte(`{"revision": "web:1.1", "verdict": "good", "reason": "\u202e\ud800"}`))
	f.Add([]byte(`{"revision":"a","revision":"b","verdict":{},"x":[[[]]]}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := notify.DecodeVerdict(in)
		if err != nil {
			if strings.ContainsFunc(strings.ReplaceAll(err.Error(), "\n", ""), unicode.IsControl) || !utf8.ValidString(err.Error()) {
				t.Fatalf("the error steers a terminal: %q", err)
			}
			return
		}
		for _, s := range []string{r.Namespace, r.Name, r.Revision, r.Reason, r.By} {
			if strings.ContainsFunc(s, unicode.IsControl) || len(s) > 512 || !utf8.ValidString(s) {
				t.Fatalf("accepted %q", s)
			}
		}
		if len(in) > notify.MaxRequest || r.Verdict != notify.Good && r.Verdict != notify.Bad || r.Revision == "" || r.Reason == "" {
			t.Fatalf("accepted %+v", r)
		}
		b, err := notify.EncodeVerdict(r)
		if err != nil {
			t.Fatalf("cannot be sent again: %v", err)
		}
		if again, err := notify.DecodeVerdict(b); err != nil || again != r {
			t.Fatalf("%+v became %+v, error %v", r, again, err)
		}
	})
}
