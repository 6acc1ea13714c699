package follow_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/undog-dev/undog/config/follow"
)

// told is one call of Changed.
type told struct {
	text  string
	err   error
	asked bool
}

// patience is how long something may take that is bound to happen.
const patience = 30 * time.Second

type scene struct {
	t      *testing.T
	path   string
	told   chan told
	hangup chan os.Signal
}

// start follows a file that holds "one". Unless every is short, only
// notifications and signals can tell it of a change.
func start(t *testing.T, path string, every time.Duration) *scene {
	t.Helper()
	s := &scene{t: t, path: path, told: make(chan told, 64), hangup: make(chan os.Signal, 1)}
	f, err := follow.New(follow.Options{
		Path: path, Read: os.ReadFile, First: []byte("one"), Hangup: s.hangup, Every: every, Quiet: 20 * time.Millisecond, Log: slog.New(slog.DiscardHandler),
		Changed: func(data []byte, err error, asked bool) bool { s.told <- told{string(data), err, asked}; return false },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); f.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return s
}

func (s *scene) next() told {
	s.t.Helper()
	select {
	case got := <-s.told:
		return got
	case <-time.After(patience):
		s.t.Fatal("nothing is told")
		return told{}
	}
}

func (s *scene) wants(text string) {
	s.t.Helper()
	if got := s.next(); got.err != nil || got.text != text || got.asked {
		s.t.Errorf("told %+v, want %q", got, text)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestWrittenInPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "undog.yaml")
	write(t, path, "one")
	s := start(t, path, time.Hour)
	write(t, path, "two")
	s.wants("two")
	write(t, path, "one")
	s.wants("one")
}

func TestRenamedOver(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "undog.yaml")
	write(t, path, "one")
	s := start(t, path, time.Hour)
	write(t, filepath.Join(dir, ".undog.yaml.swp"), "two")
	must(t, os.Rename(filepath.Join(dir, ".undog.yaml.swp"), path))
	s.wants("two")
}

// As the kubelet does it: a link to a folder is renamed over the one before.
func TestConfigMap(t *testing.T) {
	dir := t.TempDir()
	version := func(name, text string) {
		must(t, os.Mkdir(filepath.Join(dir, name), 0o700))
		write(t, filepath.Join(dir, name, "undog.yaml"), text)
		must(t, os.Symlink(name, filepath.Join(dir, "..data_tmp")), os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
	}
	version("..1", "one")
	path := filepath.Join(dir, "undog.yaml")
	must(t, os.Symlink("..data/undog.yaml", path))
	s := start(t, path, time.Hour)
	version("..2", "two")
	must(t, os.RemoveAll(filepath.Join(dir, "..1")))
	s.wants("two")
}

// A link that leads elsewhere gives no notification.
func TestLinkElsewhere(t *testing.T) {
	dir, elsewhere := t.TempDir(), t.TempDir()
	write(t, filepath.Join(elsewhere, "file"), "one")
	path := filepath.Join(dir, "undog.yaml")
	must(t, os.Symlink(filepath.Join(elsewhere, "file"), path))
	s := start(t, path, 50*time.Millisecond)
	write(t, filepath.Join(elsewhere, "file"), "two")
	s.wants("two")
}

// A file that goes away is told of once, and so is that it came back.
func TestRemoved(t *testing.T) {
	path := filepath.Join(t.TempDir(), "undog.yaml")
	write(t, path, "one")
	s := start(t, path, 30*time.Millisecond)
	must(t, os.Remove(path))
	if got := s.next(); !errors.Is(got.err, os.ErrNotExist) {
		t.Errorf("told %+v", got)
	}
	write(t, path, "one")
	s.wants("one")
}

// Who asks is answered, whether anything changed or not.
func TestHangup(t *testing.T) {
	path := filepath.Join(t.TempDir(), "undog.yaml")
	write(t, path, "one")
	s := start(t, path, time.Hour)
	s.hangup <- syscall.SIGHUP
	if got := s.next(); got.err != nil || got.text != "one" || !got.asked {
		t.Errorf("told %+v", got)
	}
}

// A file that goes on changing is not taken for what it will be.
func TestHalfWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begun := time.Now()
		text := func() string {
			return "one two three four five six"[:min(3+4*int(time.Since(begun)/(300*time.Millisecond)), 27)]
		}
		var got []string
		f, err := follow.New(follow.Options{
			// Without a folder there are no notifications.
			Path: "/nowhere/at/all/undog.yaml", Read: func(string) ([]byte, error) { return []byte(text()), nil }, First: []byte("one"),
			Every: 100 * time.Millisecond, Quiet: 500 * time.Millisecond, Log: slog.New(slog.DiscardHandler),
			Changed: func(data []byte, _ error, _ bool) bool { got = append(got, string(data)); return false },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		f.Run(ctx)
		if len(got) != 1 || got[0] != "one two three four five six" {
			t.Errorf("told %q", got)
		}
	})
}

// A file that never stays the same is told of, once, and read when it does, even
// if it then holds what it held at first.
func TestUnrest(t *testing.T) {
	for name, last := range map[string]string{"another": "three", "the first": "one"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				text := func() string {
					turns := int(time.Since(begun) / (400 * time.Millisecond))
					if turns >= 300 {
						return last
					}
					return strconv.Itoa(turns)
				}
				var got []string
				var after time.Duration
				f, err := follow.New(follow.Options{
					Path: "/nowhere/at/all/undog.yaml", Read: func(string) ([]byte, error) { return []byte(text()), nil }, First: []byte("one"),
					Every: 100 * time.Millisecond, Unrest: 30 * time.Second, Log: slog.New(slog.DiscardHandler),
					Changed: func(data []byte, err error, _ bool) bool {
						if errors.Is(err, follow.ErrUnrest) {
							data, after = []byte("unrest"), time.Since(begun)
						}
						got = append(got, string(data))
						return false
					},
				})
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
				defer cancel()
				f.Run(ctx)
				if want := []string{"unrest", last}; !slices.Equal(got, want) || after < 30*time.Second {
					t.Errorf("told %q, the unrest after %v, want %q", got, after, want)
				}
			})
		})
	}
}

// What could not be decided about is told again, and not sooner than the file is
// read anyway.
func TestAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var times []time.Duration
		begun := time.Now()
		f, err := follow.New(follow.Options{
			Path: "/nowhere/at/all/undog.yaml", Read: func(string) ([]byte, error) { return []byte("two"), nil }, First: []byte("one"),
			Every: 10 * time.Second, Quiet: time.Second, Log: slog.New(slog.DiscardHandler),
			Changed: func([]byte, error, bool) bool {
				times = append(times, time.Since(begun))
				return len(times) < 3
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
		defer cancel()
		f.Run(ctx)
		if len(times) != 3 || times[1]-times[0] < 10*time.Second || times[2]-times[1] < 10*time.Second {
			t.Errorf("told at %v", times)
		}
	})
}
