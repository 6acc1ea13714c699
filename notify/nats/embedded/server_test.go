package embedded_test

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/notify/nats/embedded"
)

func start(t *testing.T, opts embedded.Options) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *embedded.Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Error(err)
	}
}

func TestPicksAPortAndFreesEverything(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "store")
	s := start(t, embedded.Options{Listen: ":0", StoreDir: dir})
	addr, ok := strings.CutPrefix(s.ClientURL(), "nats://127.0.0.1:")
	if !ok || addr == "0" {
		t.Fatalf("client URL %q", s.ClientURL())
	}
	if _, err := os.Stat(filepath.Join(dir, "jetstream")); err != nil {
		t.Error(err)
	}
	stop(t, s)
	again := start(t, embedded.Options{Listen: "127.0.0.1:" + addr, StoreDir: dir})
	if again.ClientURL() != s.ClientURL() {
		t.Errorf("got %s, want %s", again.ClientURL(), s.ClientURL())
	}
}

func TestInProcessNeedsNoPort(t *testing.T) {
	s := start(t, embedded.Options{StoreDir: t.TempDir()})
	if s.ClientURL() != "" {
		t.Errorf("it listens on %s", s.ClientURL())
	}
	c, err := s.InProcessConn()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	b := make([]byte, 5)
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Read(b); err != nil || string(b) != "INFO " {
		t.Errorf("got %q, error %v", b, err)
	}
}

func TestStartErrorsSayWhatToDo(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = busy.Close() }()
	used := start(t, embedded.Options{StoreDir: t.TempDir()})
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		opts embedded.Options
		want []string
	}{
		"port in use":    {embedded.Options{Listen: busy.Addr().String(), StoreDir: t.TempDir()}, []string{"nats.listen", "in use", "127.0.0.1:0", "nats.url"}},
		"foreign host":   {embedded.Options{Listen: "192.0.2.1:4222", StoreDir: t.TempDir()}, []string{"nats.listen 192.0.2.1:4222", "address of this machine"}},
		"no port":        {embedded.Options{Listen: "localhost", StoreDir: t.TempDir()}, []string{`nats.listen "localhost"`, "host:port"}},
		"strange port":   {embedded.Options{Listen: "localhost:nats", StoreDir: t.TempDir()}, []string{`port "nats"`, "0 to 65535"}},
		"store in use":   {embedded.Options{StoreDir: used.StoreDir()}, []string{"nats.storeDir", "another undog", "nats.url"}},
		"store is file":  {embedded.Options{StoreDir: file}, []string{"nats.storeDir", "cannot be made"}},
		"store is sysfs": {embedded.Options{StoreDir: "/proc/self"}, []string{"nats.storeDir", "cannot be written to"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := embedded.Start(tc.opts)
			if err == nil {
				stop(t, s)
				t.Fatal("it started")
			}
			for _, want := range tc.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q is not in: %v", want, err)
				}
			}
		})
	}
}

func TestDefaultStoreDir(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("HOME", "/home/gina")
	if dir, err := embedded.DefaultStoreDir(); err != nil || dir != "/home/gina/.local/state/undog/nats" {
		t.Errorf("got %q, %v", dir, err)
	}
	t.Setenv("XDG_STATE_HOME", "/state")
	if dir, err := embedded.DefaultStoreDir(); err != nil || dir != "/state/undog/nats" {
		t.Errorf("got %q, %v", dir, err)
	}
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("HOME", "")
	if dir, err := embedded.DefaultStoreDir(); err == nil || !strings.Contains(err.Error(), "set nats.storeDir") {
		t.Errorf("got %q, %v", dir, err)
	}
}
