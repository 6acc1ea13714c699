package notify_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/undog-dev/undog/notify"
)

func address() notify.Address {
	return notify.Address{Cluster: "demo", Namespace: "shop", Kind: "Deployment", Name: "web", Noun: "rollback", Verb: "would-have"}
}

func TestSubject(t *testing.T) {
	longest := strings.Repeat("a.", 126) + "b"
	for name, tc := range map[string]struct {
		edit func(*notify.Address)
		want string
	}{
		"plain":     {func(*notify.Address) {}, "undog.v1.event.demo.shop.deployment.web.rollback.would-have"},
		"dots":      {func(a *notify.Address) { a.Name = "a.b" }, "undog.v1.event.demo.shop.deployment.a_b.rollback.would-have"},
		"253 chars": {func(a *notify.Address) { a.Name = longest }, "undog.v1.event.demo.shop.deployment." + strings.ReplaceAll(longest, ".", "_") + ".rollback.would-have"},
		"cluster":   {func(a *notify.Address) { a.Cluster = "EU_west-1" }, "undog.v1.event.EU_west-1.shop.deployment.web.rollback.would-have"},
		"namespace": {func(a *notify.Address) { a.Namespace = strings.Repeat("n", 63) }, "undog.v1.event.demo." + strings.Repeat("n", 63) + ".deployment.web.rollback.would-have"},
	} {
		t.Run(name, func(t *testing.T) {
			a := address()
			tc.edit(&a)
			got, err := notify.Subject(a)
			if err != nil || got != tc.want {
				t.Fatalf("got %q, error %v\nwant %q", got, err, tc.want)
			}
			back, err := notify.ParseSubject(got)
			a.Kind = "deployment"
			if err != nil || back != a {
				t.Errorf("parsed back %+v, error %v\nwant %+v", back, err, a)
			}
		})
	}
}

func TestSubjectRefusesHostileNames(t *testing.T) {
	hostile := []string{"", "*", ">", "a b", "a\tb", "a\r\nb", "a..b", ".a", "a.", "a_b", "-a", "a-", "A", "ä", "a\x00b", "a/b", strings.Repeat("a", 254)}
	fields := map[string]func(*notify.Address) *string{
		"cluster":   func(a *notify.Address) *string { return &a.Cluster },
		"namespace": func(a *notify.Address) *string { return &a.Namespace },
		"kind":      func(a *notify.Address) *string { return &a.Kind },
		"name":      func(a *notify.Address) *string { return &a.Name },
		"noun":      func(a *notify.Address) *string { return &a.Noun },
		"verb":      func(a *notify.Address) *string { return &a.Verb },
	}
	// What is harmless in some fields.
	allowed := map[string]string{"cluster": "a_b -a a- A", "kind": "A", "noun": "-a a-", "verb": "-a a-"}
	for field, of := range fields {
		for _, s := range hostile {
			if s != "" && slices.Contains(strings.Fields(allowed[field]), s) {
				continue
			}
			a := address()
			*of(&a) = s
			got, err := notify.Subject(a)
			if err == nil {
				t.Errorf("%s %q became %q", field, s, got)
			} else if !strings.Contains(err.Error(), field) {
				t.Errorf("%s %q: the error does not name the field: %v", field, s, err)
			}
			if s == "" {
				continue
			}
			if got, err := notify.Filter(a); err == nil {
				t.Errorf("%s %q became the filter %q", field, s, got)
			}
		}
	}
}

func TestFilter(t *testing.T) {
	got, err := notify.Filter(notify.Address{Namespace: "shop", Name: "a.b"})
	if want := "undog.v1.event.*.shop.*.a_b.*.*"; err != nil || got != want {
		t.Errorf("got %q, error %v, want %q", got, err, want)
	}
}

func TestAddressOfEvent(t *testing.T) {
	a, err := example().Address()
	if err != nil {
		t.Fatal(err)
	}
	got, err := notify.Subject(a)
	if want := "undog.v1.event.demo.shop.deployment.web_front.verdict.bad"; err != nil || got != want {
		t.Errorf("got %q, error %v, want %q", got, err, want)
	}
}

func FuzzParseSubject(f *testing.F) {
	f.Add("undog.v1.event.demo.shop.deployment.a_b.rollback.done")
	f.Add("undog.v1.event.*.>.x.y.z.w")
	f.Fuzz(func(t *testing.T, in string) {
		a, err := notify.ParseSubject(in)
		if err != nil {
			return
		}
		if strings.ContainsAny(in, "*> \t\r\n\x00") {
			t.Fatalf("accepted %q", in)
		}
		back, err := notify.Subject(a)
		if err != nil || strings.ReplaceAll(back, "_", ".") != strings.ReplaceAll(in, "_", ".") {
			t.Fatalf("%q became %+v and then %q, error %v", in, a, back, err)
		}
		if back != in {
			t.Fatalf("%q became %q", in, back)
		}
	})
}
