package logs

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"testing"
	"time"

	"k8s.io/klog/v2"
)

func logger(t *testing.T, level, format string) (*slog.Logger, *bytes.Buffer) {
	t.Helper()
	l, _, out := adjustable(t, level, format)
	return l, out
}

// adjustable is a logger whose level may change.
func adjustable(t *testing.T, level, format string) (*slog.Logger, *slog.LevelVar, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	first, err := ParseLevel(level)
	if err != nil {
		t.Fatal(err)
	}
	v := new(slog.LevelVar)
	v.Set(first)
	l, err := New(Options{Level: v, Format: format, Out: &out})
	if err != nil {
		t.Fatal(err)
	}
	return l, v, &out
}

var stamp = regexp.MustCompile(`"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z",?`)

// body takes the time out of one JSON line, which must be there once.
func body(t *testing.T, line string) string {
	t.Helper()
	if n := len(stamp.FindAllString(line, -1)); n != 1 {
		t.Errorf("%d times in %s", n, line)
	}
	if !json.Valid([]byte(line)) {
		t.Errorf("not JSON: %s", line)
	}
	return stamp.ReplaceAllString(strings.TrimSpace(line), "")
}

type valuer struct{ v slog.Value }

func (v valuer) LogValue() slog.Value { return v.v }

func TestJSONLines(t *testing.T) {
	for name, tt := range map[string]struct {
		log  func(*slog.Logger)
		want string
	}{
		"plain":            {func(l *slog.Logger) { l.Info("hello", "deployment", "web") }, `{"level":"info","msg":"hello","deployment":"web"}`},
		"no stack trace":   {func(l *slog.Logger) { l.Error("lost", "err", errors.New("gone")) }, `{"level":"error","msg":"lost","err":"gone"}`},
		"duration":         {func(l *slog.Logger) { l.Warn("slow", "after", 90*time.Second) }, `{"level":"warn","msg":"slow","after":"1m30s"}`},
		"repeated key":     {func(l *slog.Logger) { l.With("a", 1, "b", 2).Info("x", "a", 3) }, `{"level":"info","msg":"x","a":3,"b":2}`},
		"reserved keys":    {func(l *slog.Logger) { l.Info("x", "msg", "y", "time", 1, "level", 2) }, `{"level":"info","msg":"x","msg_":"y","time_":1,"level_":2}`},
		"reserved twice":   {func(l *slog.Logger) { l.Info("x", "msg", "y", "msg", "z") }, `{"level":"info","msg":"x","msg_":"z"}`},
		"groups":           {func(l *slog.Logger) { l.With("a", 1).WithGroup("g").With("msg", 2, "b", 3).Info("x", "b", 4) }, `{"level":"info","msg":"x","a":1,"g":{"msg":2,"b":4}}`},
		"group against it": {func(l *slog.Logger) { l.With("g", 1).WithGroup("g").Info("x", "a", 1) }, `{"level":"info","msg":"x","g":{"a":1}}`},
		"empty groups":     {func(l *slog.Logger) { l.WithGroup("").WithGroup("g").Info("x", slog.Group("h")) }, `{"level":"info","msg":"x"}`},
		"inlined":          {func(l *slog.Logger) { l.Info("x", "a", 1, valuerAttr()) }, `{"level":"info","msg":"x","a":2}`}, //nolint:sloglint // Mixing them is what is tested.
		"secret":           {func(l *slog.Logger) { l.Info("x", "key", valuer{slog.StringValue("redacted")}) }, `{"level":"info","msg":"x","key":"redacted"}`},
		"empty":            {func(l *slog.Logger) { l.Info("x", slog.Attr{}) }, `{"level":"info","msg":"x"}`},
	} {
		t.Run(name, func(t *testing.T) {
			l, out := logger(t, "debug", "json")
			tt.log(l)
			if got := body(t, out.String()); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// valuerAttr is a group without a name that hides a key already in use.
func valuerAttr() slog.Attr {
	return slog.Any("", valuer{slog.GroupValue(slog.Int("a", 2))})
}

// Handlers derived from one another do not write into each other.
func TestDerived(t *testing.T) {
	l, out := logger(t, "info", "json")
	base := l.With("a", 1)
	one, two := base.With("b", 1), base.With("b", 2)
	one.Info("x")
	two.Info("x")
	base.Info("x")
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	for i, want := range []string{`{"level":"info","msg":"x","a":1,"b":1}`, `{"level":"info","msg":"x","a":1,"b":2}`, `{"level":"info","msg":"x","a":1}`} {
		if got := body(t, lines[i]); got != want {
			t.Errorf("line %d: %s, want %s", i, got, want)
		}
	}
}

func TestLevels(t *testing.T) {
	for level, want := range map[string]string{"debug": "dbg inf wrn err", "info": "inf wrn err", "warn": "wrn err", "error": "err"} {
		l, out := logger(t, level, "console")
		l.Debug("dbg")
		l.Info("inf")
		l.Warn("wrn")
		l.Error("err")
		var got []string
		for line := range strings.Lines(out.String()) {
			fields := strings.Fields(line)
			got = append(got, fields[2])
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", level, got, want)
		}
	}
}

func TestConsole(t *testing.T) {
	l, out := logger(t, "info", "console")
	l.With("deployment", "web").Info("undone", "revision", "3")
	if _, rest, _ := strings.Cut(strings.TrimSpace(out.String()), "\t"); rest != "info\tundone\t"+`{"deployment": "web", "revision": "3"}` {
		t.Errorf("line = %q", out.String())
	}
}

// A level that changes counts for loggers that were derived before, and for client-go.
func TestLevelChanges(t *testing.T) {
	t.Cleanup(klog.ClearLogger)
	l, level, out := adjustable(t, "info", "json")
	if err := RouteKlog(l); err != nil {
		t.Fatal(err)
	}
	derived, reflector := l.With("component", "x").WithGroup("g"), klog.Background().WithName("reflector")
	for _, tt := range []struct {
		level slog.Level
		want  string
	}{
		{slog.LevelInfo, "inf err"},
		{slog.LevelDebug, "dbg inf err contextual 3 old 2 plain 2"},
		{slog.LevelError, "err"},
		{slog.LevelInfo, "inf err"},
	} {
		out.Reset()
		level.Set(tt.level)
		derived.Debug("dbg")
		derived.Info("inf")
		derived.Error("err")
		reflector.V(3).Info("contextual 3")
		reflector.V(4).Info("contextual 4")
		klog.V(2).InfoS("old 2")
		klog.V(2).Infof("plain %d", 2)
		klog.V(4).InfoS("old 4")
		var got []string
		for line := range strings.Lines(out.String()) {
			var entry struct{ Msg string }
			if err := json.Unmarshal([]byte(line), &entry); err != nil {
				t.Fatal(err)
			}
			got = append(got, strings.TrimSpace(entry.Msg))
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("at %s: %q, want %s", tt.level, got, tt.want)
		}
	}
}

func TestBadOptions(t *testing.T) {
	if _, err := ParseLevel("loud"); err == nil || !strings.HasPrefix(err.Error(), `log level "loud": `) {
		t.Errorf("%v", err)
	}
	if _, err := New(Options{Level: slog.LevelInfo, Format: "xml"}); err == nil || err.Error() != `log format "xml" is not known; write console or json` {
		t.Errorf("%v", err)
	}
}

// What client-go says arrives, its warnings as info because logr knows no
// warnings; but not what it says at V(4) and above.
func TestKlog(t *testing.T) {
	t.Cleanup(klog.ClearLogger)
	for level, want := range map[string][]string{
		"debug": {
			`{"level":"debug","msg":"contextual 1","logger":"reflector","pod":"web"}`,
			`{"level":"debug","msg":"contextual 3","logger":"reflector","pod":"web"}`,
			`{"level":"debug","msg":"old 2"}`,
			`{"level":"error","msg":"watch failed","logger":"reflector","err":"gone"}`,
			`{"level":"info","msg":"old warning"}`,
		},
		"info": {
			`{"level":"error","msg":"watch failed","logger":"reflector","err":"gone"}`,
			`{"level":"info","msg":"old warning"}`,
		},
		"error": {
			`{"level":"error","msg":"watch failed","logger":"reflector","err":"gone"}`,
		},
	} {
		t.Run(level, func(t *testing.T) {
			l, out := logger(t, level, "json")
			if err := RouteKlog(l); err != nil {
				t.Fatal(err)
			}
			named := klog.Background().WithName("reflector")
			for _, v := range []int{1, 3, 4, 8} {
				named.V(v).Info("contextual "+string(rune('0'+v)), "pod", "web")
			}
			klog.V(2).InfoS("old 2")
			klog.V(4).InfoS("old 4")
			named.Error(errors.New("gone"), "watch failed")
			klog.Warning("old warning")
			var got []string
			for line := range strings.Lines(out.String()) {
				got = append(got, body(t, line))
			}
			if strings.Join(got, "\n") != strings.Join(want, "\n") {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		})
	}
}

func TestRouteKlogWantsOurHandler(t *testing.T) {
	if err := RouteKlog(slog.New(slog.DiscardHandler)); err == nil {
		t.Error("took a foreign handler")
	}
}
