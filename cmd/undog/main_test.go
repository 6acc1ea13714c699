package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/undog-dev/undog/cmd/undog/app"
)

var update = flag.Bool("update", false, "rewrite the expected texts in testdata")

// start carries out one command line and returns what it wrote.
func start(ctx context.Context, t *testing.T, p *program, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	p.out, p.err = &out, &err
	code = run(ctx, p, args)
	return code, out.String(), err.String()
}

// alone keeps the files and variables of the machine out of a test.
func alone(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	t.Setenv("XDG_CONFIG_HOME", t.TempDir())
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "UNDOG_") {
			t.Setenv(name, "")
		}
	}
}

func write(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "undog.yaml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// A command line that cannot be understood says so, names the way out, and
// ends with 2.
func TestUsageErrors(t *testing.T) {
	alone(t)
	for args, want := range map[string]string{
		"rum":                        `unknown command "rum"; did you mean run? see 'undog --help'`,
		"zzzzzz":                     `unknown command "zzzzzz"; see 'undog --help'`,
		"--verbose":                  `unknown flag: --verbose; see 'undog --help'`,
		"run now":                    `argument "now" is one too many; see 'undog run --help'`,
		"run --nats-storeDir=/x":     `unknown flag: --nats-storeDir; did you mean --nats-store-dir? see 'undog run --help'`,
		"run --mode":                 `flag needs an argument: --mode; see 'undog run --help'`,
		"run --config=":              `--config is empty; name a file or leave it out; see 'undog run --help'`,
		"config chek x":              `unknown command "chek"; did you mean check? see 'undog config --help'`,
		"config check":               `FILE is missing; see 'undog config check --help'`,
		"config check a -o json":     `--output json goes with --against; see 'undog config check --help'`,
		"config check a -o yaml":     `--output is "yaml"; write text or json; see 'undog config check --help'`,
		"config check a --against=":  `--against is empty; name a file or leave it out; see 'undog config check --help'`,
		"config check - --against -": `FILE and --against are both the standard input; name a file for one; see 'undog config check --help'`,
		"config check a b":           `argument "b" is one too many; see 'undog config check --help'`,
		"version -o yaml":            `--output "yaml" is not known; write json or leave it out; see 'undog version --help'`,
		"version -x":                 `unknown shorthand flag: 'x' in -x; see 'undog version --help'`,
	} {
		code, stdout, stderr := start(t.Context(), t, &program{}, strings.Fields(args)...)
		if code != exitUsage || stderr != "undog: "+want+"\n" || stdout != "" {
			t.Errorf("undog %s: code %d\n got %s\nwant undog: %s", args, code, stderr, want)
		}
	}
}

func TestHelp(t *testing.T) {
	for _, args := range []string{"", "--help", "config", "run --help", "help run"} {
		code, stdout, stderr := start(t.Context(), t, &program{}, strings.Fields(args)...)
		if code != exitOK || !strings.Contains(stdout, "Usage:") || stderr != "" {
			t.Errorf("undog %s: code %d, %q, %q", args, code, stdout, stderr)
		}
	}
	// The help of run names every variable.
	_, stdout, _ := start(t.Context(), t, &program{}, "run", "--help")
	for _, want := range []string{"$UNDOG_CONFIG", "$UNDOG_NATS_STOREDIR", "$UNDOG_WATCH_NAMESPACES", `(default "127.0.0.1:4222")`} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the help of run lacks %s", want)
		}
	}
}

// run hands the layered configuration and the log to the daemon.
func TestRun(t *testing.T) {
	alone(t)
	t.Setenv("UNDOG_NATS_STOREDIR", "/from/env")
	file := write(t, "cluster: file\nnats: {storeDir: /from/file}\nlog: {format: json}\npolicies: [{name: My.Policy}, {name: late}]\n")
	var got app.Options
	p := &program{watch: func(_ context.Context, o app.Options) error {
		got = o
		o.Log.Info("started")
		o.Log.Debug("too much")
		o.Level.Set(slog.LevelDebug)
		o.Log.Debug("asked for")
		return nil
	}}
	code, stdout, stderr := start(t.Context(), t, p, "run", "--config", file, "--mode", "observe", "--namespace", "a", "--namespace", "b")
	if code != exitOK || stdout != "" {
		t.Fatalf("code %d, %s%s", code, stdout, stderr)
	}
	c := got.Config
	if c.Cluster != "file" || c.Mode != "observe" || c.NATS.StoreDir != "/from/env" || strings.Join(c.Watch.Namespaces, " ") != "a b" ||
		c.Policies[0].Name != "My.Policy" || got.ConfigPath != file || got.Version == "" || len(got.Overridden) != 1 || got.Overridden[0].Key != "nats.storeDir" {
		t.Errorf("options = %+v, config = %+v", got, c)
	}
	var messages []string
	for line := range strings.Lines(stderr) {
		var entry struct{ Level, Msg, File string }
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("line %s: %v", line, err)
		}
		messages = append(messages, entry.Level+" "+entry.Msg+" "+strings.ReplaceAll(entry.File, file, "undog.yaml"))
	}
	want := []string{
		"info configuration read undog.yaml",
		"warn configuration: policies[1] (late) never applies: policies[0] (My.Policy) before it matches everything ",
		"info started ",
		"debug asked for ",
	}
	if strings.Join(messages, "\n") != strings.Join(want, "\n") {
		t.Errorf("log:\n%s", strings.Join(messages, "\n"))
	}
}

func TestRunWithoutFile(t *testing.T) {
	alone(t)
	p := &program{watch: func(context.Context, app.Options) error { return nil }}
	code, _, stderr := start(t.Context(), t, p, "run")
	if code != exitOK || !strings.Contains(stderr, "no configuration file") || !strings.Contains(stderr, "/etc/undog/undog.yaml") {
		t.Errorf("code %d, %s", code, stderr)
	}
}

// A configuration that cannot be used ends run with 1 before anything starts.
func TestRunBadConfiguration(t *testing.T) {
	alone(t)
	file := write(t, "mode: enforced\n")
	p := &program{watch: func(context.Context, app.Options) error {
		t.Error("started")
		return nil
	}}
	code, _, stderr := start(t.Context(), t, p, "run", "--config", file, "--http-addr", "8080")
	want := `undog: the configuration cannot be used, for 2 reasons:
  undog.yaml:1: mode: "enforced" is not a mode; did you mean enforce? (enforce or observe)
  flag --http-addr: "8080" is a port without a host; write 127.0.0.1:8080, or :8080 to be reached from everywhere
`
	if got := strings.ReplaceAll(stderr, file, "undog.yaml"); code != exitError || got != want {
		t.Errorf("code %d\n got %s\nwant %s", code, got, want)
	}
	missing := filepath.Join(t.TempDir(), "missing.yaml")
	code, _, stderr = start(t.Context(), t, p, "run", "--config", missing)
	if code != exitError || stderr != "undog: read configuration: open "+missing+": no such file or directory\n" {
		t.Errorf("missing file: code %d, %s", code, stderr)
	}
}

// A signal is no error; anything else that ends the daemon is.
func TestExitCodes(t *testing.T) {
	alone(t)
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for name, tt := range map[string]struct {
		ctx  context.Context
		err  error
		want int
	}{
		"stopped":             {stopped, fmt.Errorf("watch: %w", context.Canceled), exitOK},
		"stopped and failed":  {stopped, errors.New("the outbox is not empty"), exitError},
		"cancelled by itself": {t.Context(), context.Canceled, exitError},
		"failed":              {t.Context(), errors.New("no API server"), exitError},
	} {
		p := &program{watch: func(context.Context, app.Options) error { return tt.err }}
		if code, _, stderr := start(tt.ctx, t, p, "run"); code != tt.want {
			t.Errorf("%s: code %d, want %d: %s", name, code, tt.want, stderr)
		}
	}
}

func TestConfigCheck(t *testing.T) {
	names, err := filepath.Glob("testdata/check/*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatalf("fixtures: %v, %v", names, err)
	}
	t.Setenv("UNDOG_CLUSTER", "not looked at")
	for _, name := range append(names, "../../examples/undog.yaml") {
		code, stdout, stderr := start(t.Context(), t, &program{now: fixed}, "config", "check", name)
		got := fmt.Sprintf("code %d\n%s%s", code, stdout, stderr)
		golden := filepath.Join("testdata/check", strings.TrimSuffix(filepath.Base(name), ".yaml")+".out")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s\n got:\n%s\nwant:\n%s", name, got, want)
		}
	}
}

// fixed is the time at which the fixtures are explained, a Wednesday.
func fixed() time.Time { return time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC) }

func TestConfigCheckStandardInput(t *testing.T) {
	p := &program{now: fixed, in: strings.NewReader("cluster: piped\n"), env: []string{"UNDOG_HTTP_ADR=:1", "UNDOG_CLUSTER=x", "UNDOG_REACH=podIP"}}
	code, stdout, stderr := start(t.Context(), t, p, "config", "check", "-")
	if code != exitOK || !strings.HasPrefix(stdout, "standard input: ok\ncluster piped,") || stderr != "" {
		t.Errorf("code %d, %s%s", code, stdout, stderr)
	}
	if !strings.HasSuffix(stdout, `
warning: environment variable UNDOG_HTTP_ADR is not read; did you mean UNDOG_HTTP_ADDR?
warning: cluster: the file says "piped", which counts for nothing: environment variable UNDOG_CLUSTER says "x", here at least
`) {
		t.Errorf("warnings: %s", stdout)
	}
	code, _, stderr = start(t.Context(), t, &program{now: fixed, in: strings.NewReader("a: b\n")}, "config", "check", "-")
	if code != exitError || !strings.Contains(stderr, "standard input:1: a: unknown key") {
		t.Errorf("code %d, %s", code, stderr)
	}
}

// A signal ends a check whose input never comes, and it has not succeeded.
func TestConfigCheckIsStopped(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	silent, writer := io.Pipe()
	defer func() { _ = writer.Close() }()
	stop()
	code, stdout, stderr := start(ctx, t, &program{now: fixed, in: silent}, "config", "check", "-")
	if code != exitError || stdout != "" || stderr != "undog: read standard input: stopped before its end\n" {
		t.Errorf("code %d, %s%s", code, stdout, stderr)
	}
}

// A pipe as FILE is refused at once.
func TestConfigCheckPipe(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := start(t.Context(), t, &program{now: fixed}, "config", "check", pipe)
	if want := "undog: read configuration: " + pipe + " is a pipe, not a file; write - for the standard input\n"; code != exitError || stdout != "" || stderr != want {
		t.Errorf("code %d, %s%s, want %s", code, stdout, stderr, want)
	}
}

// A condition that does not compile ends run before anything starts.
func TestRunBadCondition(t *testing.T) {
	alone(t)
	file := write(t, "policies:\n- name: a\n  rules:\n  - reason: CrashLoop\n    when: |\n      revision.podz > 1\n")
	p := &program{watch: func(context.Context, app.Options) error {
		t.Error("started")
		return nil
	}}
	code, _, stderr := start(t.Context(), t, p, "run", "--config", file)
	if code != exitError || !strings.Contains(stderr, "undog.yaml:6: policies[0].rules[0].when: there is no field podz; did you mean pods?") {
		t.Errorf("code %d, %s", code, stderr)
	}
}

// undog --version says what undog version says.
func TestVersionFlag(t *testing.T) {
	_, want, _ := start(t.Context(), t, &program{}, "version")
	code, got, stderr := start(t.Context(), t, &program{}, "--version")
	if code != exitOK || got != want || !strings.HasPrefix(got, "undog ") || stderr != "" {
		t.Errorf("code %d, %s%s, want %s", code, got, stderr, want)
	}
}

func TestDescribe(t *testing.T) {
	info := &debug.BuildInfo{
		Main: debug.Module{Version: "v0.1.0"},
		Settings: []debug.BuildSetting{
			{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.time", Value: "2026-01-02T03:04:05Z"}, {Key: "vcs.modified", Value: "true"},
		},
		Deps: []*debug.Module{{Path: "k8s.io/api", Version: "v9"}, {Path: "k8s.io/client-go", Version: "v0.1.0", Replace: &debug.Module{Version: "v0.37.2"}}},
	}
	b := describe(info, "")
	var out bytes.Buffer
	if err := b.write(&program{out: &out}); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("undog v0.1.0 %s %s\ncommit abc with changes of 2026-01-02T03:04:05Z\nKubernetes libraries v0.37.2\n", b.Go, b.Platform)
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
	if got := describe(info, "v2").Version; got != "v2" {
		t.Errorf("the linker's version gives way to %s", got)
	}
	if got := describe(&debug.BuildInfo{}, "").Version; got != "(devel)" {
		t.Errorf("a build without any version is %q", got)
	}
}

func TestVersionJSON(t *testing.T) {
	code, stdout, _ := start(t.Context(), t, &program{}, "version", "-o", "json")
	var b map[string]any
	if err := json.Unmarshal([]byte(stdout), &b); code != exitOK || err != nil || b["version"] == "" || b["go"] == "" {
		t.Errorf("code %d, %s, %v", code, stdout, err)
	}
}
