package persona_test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"

	"github.com/undog-dev/undog/watcher/api/apitest"
	"github.com/undog-dev/undog/watcher/check/persona"
)

const hidden = "correct-horse"

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func secret(data map[string][]byte) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "undog"}, Data: data}
}

func TestGet(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "pin"), "0042\n")
	write(t, filepath.Join(folder, ".hidden"), "x")
	file := filepath.Join(t.TempDir(), "persona.yaml")
	write(t, file, "password: "+hidden+"\nzip: 01234\n")
	client := fake.NewClientset(secret(map[string][]byte{"password": []byte("of the Secret"), "token": []byte("t\n")}))
	s := persona.New([]persona.Source{
		{Name: "all", Values: map[string]string{"username": "admin"}, SecretNamespace: "shop", SecretName: "undog", File: file},
		{Name: "mounted", File: folder},
	}, apitest.From(client))
	got, err := s.Get(t.Context(), "all")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"password": hidden, "zip": "01234", "token": "t"}
	if got.Values["username"] != "admin" || !maps.Equal(got.Secrets, want) {
		t.Errorf("got %+v, want the secrets %v", got, want)
	}
	if got, err := s.Get(t.Context(), "mounted"); err != nil || !maps.Equal(got.Secrets, map[string]string{"pin": "0042"}) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := s.Get(t.Context(), ""); err != nil || len(got.Secrets)+len(got.Values) != 0 {
		t.Errorf("nobody is %+v, %v", got, err)
	}
}

// What is missing is named; what is there is not.
func TestErrors(t *testing.T) {
	folder := t.TempDir()
	list, broken := filepath.Join(folder, "list.yaml"), filepath.Join(folder, "broken.yaml")
	write(t, list, "password: ["+hidden+"]\n")
	write(t, broken, "password: "+hidden+": "+hidden+"\n")
	client := fake.NewClientset(secret(map[string][]byte{"ca": []byte(strings.Repeat(hidden, 2000))}))
	s := persona.New([]persona.Source{
		{Name: "large", SecretNamespace: "shop", SecretName: "undog"},
		{Name: "absent", SecretNamespace: "shop", SecretName: "nothing"},
		{Name: "nofile", File: filepath.Join(folder, "nothing.yaml")},
		{Name: "list", File: list},
		{Name: "broken", File: broken},
	}, apitest.From(client))
	for name, want := range map[string]string{
		"large":  "Secret shop/undog: key ca has 26000 bytes; at most 16384 are taken",
		"absent": "there is no Secret shop/nothing",
		"nofile": "nothing.yaml: no such file",
		"list":   "list.yaml is not a mapping of names to texts",
		"broken": "broken.yaml is not a mapping of names to texts",
		"other":  "there is no persona other; there is absent, broken, large, list, nofile",
	} {
		_, err := s.Get(t.Context(), name)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), hidden) {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

// A password that was changed is used from a few seconds later on.
func TestReadAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := fake.NewClientset(secret(map[string][]byte{"password": []byte("one")}))
		s := persona.New([]persona.Source{{Name: "p", SecretNamespace: "shop", SecretName: "undog"}}, apitest.From(client))
		password := func() string {
			got, err := s.Get(t.Context(), "p")
			if err != nil {
				t.Fatal(err)
			}
			return got.Secrets["password"]
		}
		before := password()
		changed := secret(map[string][]byte{"password": []byte("two")})
		if err := client.Tracker().Update(corev1.SchemeGroupVersion.WithResource("secrets"), changed, "shop"); err != nil {
			t.Fatal(err)
		}
		<-time.After(10 * time.Second)
		if after := password(); before != "one" || after != "two" {
			t.Errorf("first %s, then %s", before, after)
		}
	})
}
