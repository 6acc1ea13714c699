package config

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// What is wrong elsewhere in a file keeps nobody from finding the address in it.
func TestPartly(t *testing.T) {
	for text, broken := range map[string]string{
		"http: {addr: ':9090'}\npolicies: [{bake: 600, actoin: pause}]\nmode: force\n": "",
		"http: {addr: ':9090', pproff: true}\n":                                        "http.pproff: unknown key",
		"policies:\n- name: a\n\tbake: 10m\nhttp:\n  addr: ':9090'\nmode: [\n":         "is not YAML",
		"http:\n  addr: ':9090'\npolicies: [{name: a\n":                                "is not YAML",
	} {
		part, err := Partly(Options{Path: write(t, text), Env: []string{}}, "http.addr", "kubeconfig")
		if err != nil || part.Config.HTTP.Addr != ":9090" || part.Config.Mode != Default().Mode {
			t.Errorf("%q: %+v, %v", text, part, err)
			continue
		}
		if (part.Broken == nil) != (broken == "") || part.Broken != nil && !strings.Contains(part.Broken.Error(), broken) {
			t.Errorf("%q: broken is %v, want %q", text, part.Broken, broken)
		}
	}
	_, err := Partly(Options{Path: write(t, "http: {addr: 9090}\n"), Env: []string{}}, "http.addr")
	if err == nil || !strings.Contains(err.Error(), "undog.yaml:1: http.addr: ") {
		t.Errorf("a faulty address: %v", err)
	}
	if _, err := Partly(Options{Path: filepath.Join(t.TempDir(), "none"), Env: []string{}}, "http.addr"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is named and missing: %v", err)
	}
}

// A flag of another command that has the name of a setting's is not the setting's.
func TestPartlyLeavesOtherFlagsAlone(t *testing.T) {
	set := pflag.NewFlagSet("events", pflag.ContinueOnError)
	set.String("namespace", "", "")
	set.String("cluster", "", "")
	if err := set.Parse([]string{"--namespace=NOT A NAMESPACE", "--cluster=eu"}); err != nil {
		t.Fatal(err)
	}
	part, err := Partly(Options{Path: write(t, "cluster: prod\n"), Flags: set, Env: []string{}}, "cluster")
	if err != nil || part.Config.Cluster != "eu" || len(part.Config.Watch.Namespaces) > 0 {
		t.Errorf("%+v, %v", part, err)
	}
}
