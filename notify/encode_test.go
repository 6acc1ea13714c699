package notify_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/undog-dev/undog/notify"
)

var rewrite = flag.Bool("rewrite", false, "write the golden files anew")

func TestEncodeIsTheContract(t *testing.T) {
	b, err := notify.Encode(example())
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	if err := json.Indent(&got, b, "", "  "); err != nil {
		t.Fatal(err)
	}
	got.WriteByte('\n')
	golden := filepath.Join("testdata", "verdict.bad.v1.json")
	if *rewrite {
		if err := os.WriteFile(golden, got.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want) {
		t.Errorf("the JSON of an event changed, and subscribers rely on it.\ngot:\n%s\nwant:\n%s", got.Bytes(), want)
	}
}

func TestDecodeReturnsWhatWasEncoded(t *testing.T) {
	want := example()
	b, err := notify.Encode(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := notify.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDecodeIgnoresFieldsOfTheFuture(t *testing.T) {
	b := []byte(`{"specversion":"1.0","id":"a","source":"/undog/c","type":"dev.undog.rollout.started.v1",` +
		`"time":"2026-11-22T10:00:00+02:00","newextension":7,"data":{"cluster":"c","novel":{"deep":[1]}}}`)
	e, err := notify.Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if e.Data.Cluster != "c" || e.Time.Format(time.RFC3339) != "2026-11-22T08:00:00Z" {
		t.Errorf("got %+v", e)
	}
}

func TestDecodeRejects(t *testing.T) {
	for name, tc := range map[string]struct{ in, want string }{
		"not json":       {`hello`, "invalid character"},
		"nothing":        {``, "EOF"},
		"two events":     {`{"specversion":"1.0","id":"a","source":"s","type":"dev.undog.a.b.v1","time":"2026-11-22T10:00:00Z"}{}`, "more after"},
		"other version":  {`{"specversion":"0.3","id":"a","source":"s","type":"dev.undog.a.b.v1","time":"2026-11-22T10:00:00Z"}`, `specversion "0.3"`},
		"no id":          {`{"specversion":"1.0","source":"s","type":"dev.undog.a.b.v1","time":"2026-11-22T10:00:00Z"}`, "id is empty"},
		"no source":      {`{"specversion":"1.0","id":"a","type":"dev.undog.a.b.v1","time":"2026-11-22T10:00:00Z"}`, "source is empty"},
		"no time":        {`{"specversion":"1.0","id":"a","source":"s","type":"dev.undog.a.b.v1"}`, "time is zero"},
		"foreign type":   {`{"specversion":"1.0","id":"a","source":"s","type":"com.example.a","time":"2026-11-22T10:00:00Z"}`, "event type"},
		"next version":   {`{"specversion":"1.0","id":"a","source":"s","type":"dev.undog.a.b.v2","time":"2026-11-22T10:00:00Z"}`, "event type"},
		"too many bytes": {`"` + strings.Repeat("x", 1<<20) + `"`, "at most"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := notify.Decode([]byte(tc.in))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("got error %v, want one with %q", err, tc.want)
			}
		})
	}
}

// big is an event whose evidence is far beyond what fits.
func big(failures, changes int, text string) notify.Event {
	e := example()
	for len(e.Data.Failures) < failures {
		f := e.Data.Failures[0]
		f.Message = text
		e.Data.Failures = append(e.Data.Failures, f)
	}
	for len(e.Data.Changes) < changes {
		e.Data.Changes = append(e.Data.Changes, notify.Change{Path: "spec.x", From: text, To: text})
	}
	return e
}

func TestEncodeCutsWhatDoesNotFit(t *testing.T) {
	for name, tc := range map[string]struct {
		event notify.Event
		want  func(d notify.Data) bool
	}{
		"many failures": {big(1000, 0, "short"), func(d notify.Data) bool { return d.Cut.Failures == 1000-len(d.Failures) && len(d.Failures) > 0 }},
		"many changes":  {big(0, 3000, "short"), func(d notify.Data) bool { return d.Cut.Changes == 3000-len(d.Changes) && len(d.Changes) > 0 }},
		"long changes":  {big(0, 64, strings.Repeat("ü", 3999)), func(d notify.Data) bool { return d.Cut.Texts == 2*62 && len(d.Changes) == 64 }},
		"bytes":         {big(30, 30, strings.Repeat("\xff\xfe", 3999)), func(d notify.Data) bool { return d.Cut.Texts > 0 }},
		"control":       {big(30, 30, strings.Repeat("\x00", 3999)), func(d notify.Data) bool { return d.Cut.Texts > 0 }},
		"three-byte":    {big(99, 99, strings.Repeat("€", 3999)), func(d notify.Data) bool { return d.Cut.Texts > 0 }},
		"long message":  {withMessage(strings.Repeat("€", 39999)), func(d notify.Data) bool { return strings.HasSuffix(d.Message, "€…") }},
		"many checks":   {withChecks(500, "short"), func(d notify.Data) bool { return d.Cut.Checks == 500-len(d.Checks) && len(d.Checks) > 0 }},
		"long checks": {withChecks(20, strings.Repeat("€", 1000)), func(d notify.Data) bool {
			return len(d.Checks) > 0 && d.Cut.Differences > 0 && len(d.Failures) == 1 && d.Reported != nil
		}},
		"endless images": {withImages(39999), func(d notify.Data) bool { return d.Cut.Images == 39999-len(d.Revision.Images) }},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := notify.Encode(tc.event)
			if err != nil {
				t.Fatal(err)
			}
			if len(b) > notify.MaxSize || !utf8.Valid(b) {
				t.Fatalf("%d bytes, valid UTF-8: %v", len(b), utf8.Valid(b))
			}
			again, err := notify.Encode(tc.event)
			if err != nil || !bytes.Equal(again, b) {
				t.Errorf("the second encoding differs (error %v)", err)
			}
			e, err := notify.Decode(b)
			if err != nil {
				t.Fatal(err)
			}
			if e.Data.Cut == nil || !tc.want(e.Data) {
				t.Errorf("cut %+v, %d failures, %d changes", e.Data.Cut, len(e.Data.Failures), len(e.Data.Changes))
			}
			if tc.event.Data.Cut != nil {
				t.Error("the caller's event was changed")
			}
		})
	}
}

func withMessage(s string) notify.Event {
	e := example()
	e.Data.Message = s
	return e
}

func withImages(n int) notify.Event {
	e := example()
	e.Data.Revision.Images = make([]string, n)
	return e
}

func withChecks(n int, text string) notify.Event {
	e := example()
	c := e.Data.Checks[0]
	c.Message, c.Excerpt = text, text
	c.Differences = nil
	for range 8 {
		c.Differences = append(c.Differences, notify.Difference{Kind: "text", Where: text, Old: text, New: text})
	}
	e.Data.Checks = nil
	for range n {
		e.Data.Checks = append(e.Data.Checks, c)
	}
	return e
}

func TestEncodeRefusesForGood(t *testing.T) {
	long := example()
	long.Data.Workload.Name = strings.Repeat("n", notify.MaxSize)
	far := example()
	far.Time = time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, e := range map[string]notify.Event{"empty": {}, "names too long": long, "year 12026": far} {
		if _, err := notify.Encode(e); !notify.IsPermanent(err) {
			t.Errorf("%s: got error %v, want a permanent one", name, err)
		}
	}
	if notify.Permanent(nil) != nil {
		t.Error("no error became one")
	}
}

func FuzzDecode(f *testing.F) {
	b, err := notify.Encode(example())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte(`{"specversion":"1.0","id":"a","source":"s","type":"dev.undog.a.b.v1","time":"0000-01-01T00:00:00+23:00"}`))
	f.Fuzz(func(t *testing.T, in []byte) {
		e, err := notify.Decode(in)
		if err != nil {
			return
		}
		b, err := notify.Encode(e)
		if err != nil {
			if !notify.IsPermanent(err) {
				t.Fatalf("encode: %v is not permanent", err)
			}
			return
		}
		if len(b) > notify.MaxSize || !utf8.Valid(b) {
			t.Fatalf("%d bytes, valid UTF-8: %v", len(b), utf8.Valid(b))
		}
		again, err := notify.Decode(b)
		if err != nil {
			t.Fatalf("decode what was encoded: %v", err)
		}
		b2, err := notify.Encode(again)
		if err != nil || !bytes.Equal(b, b2) {
			t.Fatalf("second encoding differs (error %v):\n%s\n%s", err, b, b2)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	e := example()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := notify.Encode(e); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncodeCut(b *testing.B) {
	e := big(64, 64, strings.Repeat("ü", 4096))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := notify.Encode(e); err != nil {
			b.Fatal(err)
		}
	}
}
