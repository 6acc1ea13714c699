package config

import (
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

func connectionOf(t *testing.T, file string, env []string, args ...string) (NATS, error) {
	t.Helper()
	fs := pflag.NewFlagSet("events", pflag.ContinueOnError)
	AddConnectionFlags(fs, "nats://here:4222")
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	part, err := Partly(Options{Path: file, Flags: fs, Env: append([]string{}, env...)}, ConnectionKeys()...)
	if err != nil {
		return NATS{}, err
	}
	return Connection("nats://here:4222", part.Config), nil
}

func TestConnection(t *testing.T) {
	none := write(t, "")
	got, err := connectionOf(t, none, nil)
	if err != nil || got.URL != "nats://here:4222" {
		t.Errorf("got %+v, error %v", got, err)
	}
	env := []string{"UNDOG_NATS_URL=tls://a:1,tls://b:1", "UNDOG_NATS_USER=env", "UNDOG_NATS_TLS_CA=/ca", "UNDOG_NATS_STREAM_DOMAIN=hub"}
	got, err = connectionOf(t, none, env, "--nats-user", "gina", "--nats-password-file", "/pw", "--nats-inbox-prefix", "_INBOX_gina")
	if err != nil || got.URL != "tls://a:1,tls://b:1" || got.User != "gina" || got.PasswordFile != "/pw" ||
		got.TLS.CA != "/ca" || got.Stream.Domain != "hub" || got.InboxPrefix != "_INBOX_gina" {
		t.Errorf("got %+v, error %v", got, err)
	}
}

func TestConnectionTellsEverythingThatIsWrong(t *testing.T) {
	_, err := connectionOf(t, write(t, ""), []string{"UNDOG_NATS_NKEY=/seed", "UNDOG_NATS_URL=http://a:1"},
		"--nats-credentials=/creds", "--nats-stream-domain=a.b", "--nats-tls-cert=/cert")
	if err == nil {
		t.Fatal("it was taken")
	}
	for _, want := range []string{
		`environment variable UNDOG_NATS_URL: has the scheme "http"`, `flag --nats-stream-domain: "a.b" is not a JetStream domain`,
		"nats.nkey: says who is there, as nats.credentials does", "nats.tls.cert: has no key",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
}

// A user in one place and a password in another are fine; two ways to say who
// is there are not, wherever they stand; and the server inside undog is alone.
func TestNATSOverLayers(t *testing.T) {
	file := write(t, "nats: {url: 'nats://a:4222', user: undog, stream: {manage: verify}}\n")
	if _, err := Load(Options{Path: file, Env: []string{"UNDOG_NATS_PASSWORDFILE=/pw"}}); err != nil {
		t.Error(err)
	}
	_, err := Load(Options{Path: file, Env: []string{"UNDOG_NATS_CREDENTIALS=/creds"}})
	for _, want := range []string{"nats.user: says who is there, as nats.credentials does"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	alone := write(t, "nats: {stream: {manage: none, replicas: 3, domain: hub}}\n")
	_, err = Load(Options{Path: alone, Env: []string{}})
	for _, want := range []string{"nats.stream.manage: none leaves", "nats.stream.replicas: 3 are more", "nats.stream.domain: \"hub\" cannot"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
	if _, err := Load(Options{Path: alone, Env: []string{"UNDOG_NATS_URL=nats://a:4222"}}); err != nil {
		t.Error(err)
	}
}

// The file says where its undog is, as do the variables and the flags over it.
func TestConnectionOfTheFile(t *testing.T) {
	for text, want := range map[string]NATS{
		"cluster: prod\nnats: {url: 'nats://n:4222', user: undog, passwordFile: /pw, stream: {manage: none}}\n": {URL: "nats://n:4222", User: "undog", PasswordFile: "/pw"},
		"nats: {listen: '0.0.0.0:4333'}\n": {URL: "nats://127.0.0.1:4333"},
		"nats: {listen: '[::1]:4333'}\n":   {URL: "nats://[::1]:4333"},
		"nats: {listen: ':0'}\n":           {URL: "nats://here:4222"},
	} {
		got, err := connectionOf(t, write(t, text), nil)
		if err != nil || got.URL != want.URL || got.User != want.User || got.PasswordFile != want.PasswordFile || got.Stream.Manage != Default().NATS.Stream.Manage {
			t.Errorf("%s: got %+v, error %v", text, got, err)
		}
		got, err = connectionOf(t, write(t, text), []string{"UNDOG_NATS_URL=nats://env:1"})
		if err != nil || got.URL != "nats://env:1" {
			t.Errorf("%s under a variable: got %+v, error %v", text, got, err)
		}
	}
}
