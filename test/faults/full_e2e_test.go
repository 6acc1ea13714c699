//go:build e2e

package faults_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/undog-dev/undog/notify/nats"
	"github.com/undog-dev/undog/test/faults/smalldisk"
)

// The disk of the server is full: ENOSPC, as the file system says it. undog's own
// server goes on when there is room again; any other one has to be started anew.
func TestDiskReallyFull(t *testing.T) {
	for name, tt := range map[string]struct {
		order int
		fault string
		env   []string
	}{
		"nats-server": {53, "the disk of the server is full (ENOSPC) until there is room, and the server is started again", []string{childPlain + "=1"}},
		"embedded":    {54, "the disk of the embedded server is full (ENOSPC) until there is room", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			disk, err := smalldisk.Mount(dir, 8<<20)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := disk.Unmount(); err != nil {
					t.Error(err)
				}
			})
			store := filepath.Join(dir, "store")
			ns := startNATS(t, store, "", tt.env...)
			s := newScene(t, nats.Options{URL: ns.url, Timeout: time.Second}, ns.url)
			s.undo("before", 4)
			s.until("the first events told", func() bool {
				s.sub.read()
				return s.sub.has(s.mem.Owed())
			})
			if err := disk.Fill(8 << 10); err != nil {
				t.Fatal(err)
			}
			d := s.undo("full", 24)
			s.until("a try that failed", func() bool {
				return strings.Contains(s.log.String(), "events wait") && s.now.outbox.Stats().Retried > 2
			})
			if s.sub.read(); s.sub.has(s.mem.Owed()) {
				t.Error("the disk was not full: everything was told")
			}
			if err := disk.Free(); err != nil {
				t.Fatal(err)
			}
			if tt.env != nil {
				ns.stop()
				startNATS(t, store, ns.url, tt.env...)
			}
			s.told(tt.order, tt.fault, d)
			if strings.Contains(s.log.String(), "the stream lost") {
				t.Error("a loss was told of, and there was none")
			}
		})
	}
}
