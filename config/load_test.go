package config

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/spf13/pflag"

	"github.com/undog-dev/undog/policy"
)

// environment is a process environment that holds only what a test says.
func environment(vars map[string]string) []string {
	list := []string{"HOME=/root"}
	for name, value := range vars {
		list = append(list, name+"="+value)
	}
	return list
}

func flags(t *testing.T, args ...string) *pflag.FlagSet {
	t.Helper()
	fs := pflag.NewFlagSet("run", pflag.ContinueOnError)
	AddFlags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	return fs
}

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "undog.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// Each setting goes through all four layers, the later one winning.
func TestLayers(t *testing.T) {
	values := map[string][3]string{ // of the file, the environment, the flag
		"kubeconfig":         {"/f", "/e", "/c"},
		"cluster":            {"F", "E", "C"},
		"mode":               {"observe", "enforce", "observe"},
		"watch.namespaces":   {"f1,f2", "e1,e2", "c1,c2"},
		"watch.selector":     {"a=f", "a=e", "a in (C,d)"},
		"nats.url":           {"nats://F", "nats://e,nats://e2", "nats://C"},
		"nats.listen":        {"f:1", "e:1", ":0"},
		"nats.storeDir":      {"/F", "/E E", "/C"},
		"nats.credentials":   {"/f", "/e", "/c"},
		"nats.nkey":          {"/f", "/e", "/c"},
		"nats.tokenFile":     {"/f", "/e", "/c"},
		"nats.user":          {"f", "e", "c"},
		"nats.passwordFile":  {"/f", "/e", "/c"},
		"nats.tls.ca":        {"/f", "/e", "/c"},
		"nats.tls.cert":      {"/f", "/e", "/c"},
		"nats.tls.key":       {"/f", "/e", "/c"},
		"nats.inboxPrefix":   {"f", "e", "c.d"},
		"nats.stream.manage": {"verify", "none", "ensure"},
		"nats.stream.domain": {"f", "e", "c"},
		"http.addr":          {"f:1", "e:1", "c:1"},
		"reach":              {"podIP", "portForward", "auto"},
		"log.level":          {"debug", "warn", "error"},

		"leaderElection.enabled":   {"true", "false", "auto"},
		"leaderElection.namespace": {"f", "e", "c"},
		"leaderElection.name":      {"f", "e", "c.d"},
		"log.format":               {"json", "console", "json"},
	}
	// What a setting cannot be without, by its key and value.
	needs := map[string][2]string{
		"nats.user": {"nats.passwordFile", "/b"}, "nats.passwordFile": {"nats.user", "b"},
		"nats.tls.cert": {"nats.tls.key", "/b"}, "nats.tls.key": {"nats.tls.cert", "/b"},
		"nats.stream.manage": {"nats.url", "nats://b"}, "nats.stream.domain": {"nats.url", "nats://b"},
	}
	for _, s := range settings {
		t.Run(s.Key, func(t *testing.T) {
			beside, other := map[string]string{}, Setting{Key: needs[s.Key][0]}
			if other.Key != "" {
				beside[other.Env()] = needs[s.Key][1]
			}
			with := func(more map[string]string) []string {
				maps.Copy(more, beside)
				return environment(more)
			}
			layers, ok := values[s.Key]
			if !ok {
				t.Fatal("this test has no values for it")
			}
			inFile := "'" + layers[0] + "'"
			if s.List {
				inFile = "[" + layers[0] + "]"
			}
			text := strings.ReplaceAll(s.Key, ".", ": {") + ": " + inFile + strings.Repeat("}", strings.Count(s.Key, ".")) + "\n"
			file, none := write(t, text), write(t, "")
			env := with(map[string]string{s.Env(): layers[1]})
			args := flags(t, "--"+s.Flag+"="+layers[2])
			for _, tt := range []struct {
				name string
				o    Options
				want string
			}{
				{"default", Options{Path: none, Flags: flags(t), Env: environment(nil)}, s.Default()},
				{"file", Options{Path: file, Flags: flags(t), Env: with(map[string]string{})}, layers[0]},
				{"empty variable", Options{Path: file, Env: with(map[string]string{s.Env(): ""})}, layers[0]},
				{"environment", Options{Path: file, Flags: flags(t), Env: env}, layers[1]},
				{"flag over file", Options{Path: file, Flags: args, Env: with(map[string]string{})}, layers[2]},
				{"flag", Options{Path: file, Flags: args, Env: env}, layers[2]},
				{"flag alone", Options{Path: none, Flags: args, Env: with(map[string]string{})}, layers[2]},
			} {
				loaded, err := Load(tt.o)
				if err != nil {
					t.Fatalf("%s: %v", tt.name, err)
				}
				if got := s.text(loaded.Config); got != tt.want {
					t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
				}
				want := Default() // Nothing else moves.
				if other.Key != "" && tt.name != "default" {
					other.of(&want).SetString(needs[s.Key][1])
				}
				s.of(&want).Set(s.of(loaded.Config))
				if dump(loaded.Config) != dump(&want) {
					t.Errorf("%s: changed more:\n%s", tt.name, dump(loaded.Config))
				}
			}
		})
	}
}

// A flag that is given empty takes a value of the file away.
func TestEmptyFlagWins(t *testing.T) {
	loaded, err := Load(Options{Path: write(t, "nats: {url: nats://a}\nwatch: {namespaces: [a]}\n"), Flags: flags(t, "--nats-url=", "--namespace="), Env: environment(nil)})
	if err != nil {
		t.Fatal(err)
	}
	if loaded.Config.NATS.URL != "" || len(loaded.Config.Watch.Namespaces) != 0 {
		t.Errorf("config = %+v", loaded.Config)
	}
}

// Policies keep their case and come from the file alone.
func TestPoliciesAreNotLayered(t *testing.T) {
	loaded, err := Load(Options{
		Path: write(t, "policies:\n- {name: My.Policy, match: {selector: 'app.kubernetes.io/Name=Web'}}\n"),
		Env:  environment(map[string]string{"UNDOG_POLICIES": "x"}),
	})
	if err != nil {
		t.Fatal(err)
	}
	p := loaded.Config.Policies
	if len(p) != 1 || p[0].Name != "My.Policy" || p[0].Match.Selector != "app.kubernetes.io/Name=Web" {
		t.Errorf("policies = %+v", p)
	}
}

// The problems of the file, the environment and the flags come together.
func TestLoadReportsEverything(t *testing.T) {
	name := write(t, "mode: enforced\npolicies: []\n")
	_, err := Load(Options{
		Path: name,
		Env: environment(map[string]string{
			"UNDOG_CLUSTER": "a b", "UNDOG_WATCH_NAMESPACES": "web, Web", "UNDOG_NATS_URL": "nats://u:hunter2@%zz", "UNDOG_LOG_LEVEL": "loud",
		}),
		Flags: flags(t, "--http-addr=8080", "--namespace=ok", "--namespace=kube-*", "--log-level=info"),
	})
	if err == nil {
		t.Fatal("accepted")
	}
	got := strings.ReplaceAll(err.Error(), name, "undog.yaml")
	golden(t, "testdata/load.err", got+"\n")
}

func TestFind(t *testing.T) {
	folder, home := t.TempDir(), t.TempDir()
	t.Chdir(folder)
	t.Setenv("XDG_CONFIG_HOME", home)
	t.Setenv("HOME", home)
	put := func(name, cluster string) string {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte("cluster: "+cluster+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	load := func(o Options, cluster, path string) {
		t.Helper()
		loaded, err := Load(o)
		if err != nil {
			t.Fatal(err)
		}
		if loaded.Config.Cluster != cluster || loaded.Path != path {
			t.Errorf("cluster %s from %q, want %s from %q", loaded.Config.Cluster, loaded.Path, cluster, path)
		}
	}
	none := environment(nil)
	places := Places()
	if len(places) != 3 || places[0] != "undog.yaml" || !strings.HasPrefix(places[1], home) || places[2] != "/etc/undog/undog.yaml" {
		t.Fatalf("places = %v", places)
	}
	inHome := put(places[1], "home")
	load(Options{Env: none}, "home", inHome)
	put("undog.yaml", "here")
	load(Options{Env: none}, "here", "undog.yaml")
	byEnv := put(filepath.Join(folder, "env.yaml"), "env")
	env := environment(map[string]string{FileEnv: byEnv})
	load(Options{Env: env}, "env", byEnv)
	byFlag := put(filepath.Join(folder, "flag.yaml"), "flag")
	load(Options{Env: env, Path: byFlag}, "flag", byFlag)

	missing := filepath.Join(folder, "missing.yaml")
	for name, tt := range map[string]struct {
		o    Options
		want string
	}{
		"flag":        {Options{Env: env, Path: missing}, "read configuration: open " + missing + ": no such file or directory"},
		"environment": {Options{Env: environment(map[string]string{FileEnv: missing})}, "read configuration (named by UNDOG_CONFIG): open " + missing + ": no such file or directory"},
		"folder":      {Options{Env: none, Path: folder}, "read configuration: " + folder + " is a folder, not a file"},
	} {
		if _, err := Load(tt.o); err == nil || err.Error() != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}

	// A file in a usual place that cannot be read is not passed over.
	if err := os.Remove("undog.yaml"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir("undog.yaml", 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(Options{Env: none}); err == nil || !strings.Contains(err.Error(), "name another with --config") {
		t.Errorf("folder in a usual place: %v", err)
	}
}

// What is no file is refused at once: nobody may ever write to a pipe.
func TestOnlyFilesAreRead(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		pipe:        "read configuration: " + pipe + " is a pipe, not a file",
		"/dev/zero": "read configuration: /dev/zero is a device, not a file",
	} {
		if _, err := Read(name); err == nil || "read configuration: "+err.Error() != want {
			t.Errorf("Read(%s) = %v, want %s", name, err, want)
		}
		if _, err := Load(Options{Path: name, Env: environment(nil)}); err == nil || err.Error() != want {
			t.Errorf("Load(%s) = %v, want %s", name, err, want)
		}
	}
}

// The names of vetoes are those of the engine.
func TestWithout(t *testing.T) {
	known := policy.Vetoes()
	file, err := Parse("x", []byte("policies: [{name: a, without: ["+strings.Join(known, ", ")+"]}]"), Compilers{})
	if err != nil || !slices.Equal(file.Config.Policies[0].Without, known) {
		t.Errorf("all vetoes: %v", err)
	}
	_, err = Parse("x", []byte("policies: [{name: a, without: [onenode, Nothing, OneNode, OneNode]}]"), Compilers{})
	for _, want := range []string{`"onenode" is not a veto; did you mean OneNode? (`, `"Nothing" is not a veto; `, `"OneNode" is already item [2]`, known[0] + ", " + known[1]} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v lacks %s", err, want)
		}
	}
}

func TestNoFile(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	loaded, err := Load(Options{Env: environment(nil)})
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	if loaded.Path != "" || !slices.Equal(loaded.Searched, Places()) || dump(loaded.Config) != dump(&want) {
		t.Errorf("loaded = %+v", loaded)
	}
}

func TestWarnings(t *testing.T) {
	loaded, err := Load(Options{
		Path: write(t, `watch: {namespaces: [web]}
nats: {credentials: /c, listen: "0.0.0.0:4222"}
policies:
- {name: a, match: {namespaces: [shop, web]}, without: [OneNode, Paused]}
- {name: b}
- {name: c, match: {selector: x=y}}
checks:
- {name: a, match: {namespaces: [web, shop]}, persona: admin, steps: [{request: {path: /}}]}
personas:
- {name: admin, file: /nowhere/undog/admin}
- {name: here, file: testdata}
prometheus: {tokenFile: /token, caFile: /ca}
leaderElection: {enabled: true}
`),
		Env: environment(map[string]string{
			"UNDOG_NATS_STORE_DIR": "/x", "UNDOG_HTTP_ADR": ":1", "UNDOG_POLICIES": "x", "UNDOG_EMPTY": "", "UNDOG_LOG_LEVEL": "info", "UNDOGGED": "1",
			"UNDOG_PORT": "tcp://10.0.0.1:80", "UNDOG_SERVICE_HOST": "10.0.0.1", "UNDOG_SERVICE_PORT_HTTP": "80",
			"UNDOG_PORT_80_TCP_ADDR": "10.0.0.1", "UNDOG_NATS_PORT_4222_TCP": "tcp://10.0.0.1:4222",
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/warnings.out", strings.Join(loaded.Warnings, "\n")+"\n")
}

func TestPrometheusWarnings(t *testing.T) {
	c := Default()
	c.Prometheus = Prometheus{URL: "http://prometheus:9090", TokenFile: "/token", CAFile: "/ca"}
	want := []string{
		"prometheus.tokenFile is sent unencrypted, for everybody on the way to read; better write an https:// URL",
		"prometheus.caFile verifies nothing, since the URL begins with http://",
	}
	if got := Warnings(&c); !slices.Equal(got, want) {
		t.Errorf("warnings = %q", got)
	}
	c.Prometheus.URL = "https://prometheus:9090"
	if got := Warnings(&c); len(got) > 0 {
		t.Errorf("warnings = %q", got)
	}
}
