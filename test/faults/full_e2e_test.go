//go:build e2e

package faults_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/undog-dev/undog/notify/nats"
)

// smallDisk is a file system of its own with room for so many bytes; it needs root.
func smallDisk(t *testing.T, bytes string) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("undog-faults", dir, "tmpfs", 0, "size="+bytes); err != nil {
		t.Fatalf("mount a small file system, which needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// ballast fills a file system up to so many bytes, and returns what frees it.
func ballast(t *testing.T, dir string, left int64) (free func()) {
	t.Helper()
	file := filepath.Join(dir, "ballast")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	size := int64(0)
	for block := make([]byte, 4<<10); err == nil; {
		var n int
		n, err = f.Write(block)
		size += int64(n)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	if err := errors.Join(f.Truncate(max(size-left, 0)), f.Close()); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}

// The disk of the server is full: ENOSPC, as the file system says it.
func TestDiskReallyFull(t *testing.T) {
	dir := smallDisk(t, "8m")
	ns := startNATS(t, filepath.Join(dir, "store"), "")
	s := newScene(t, nats.Options{URL: ns.url, Timeout: time.Second}, ns.url)
	s.undo("before", 4)
	s.until("the first events told", func() bool {
		s.sub.read()
		return s.sub.has(s.mem.Owed())
	})
	free := ballast(t, dir, 8<<10)
	d := s.undo("full", 24)
	s.until("a try that failed", func() bool {
		return strings.Contains(s.log.String(), "events wait") && s.now.outbox.Stats().Retried > 2
	})
	free()
	s.told(53, "the disk of the server is full (ENOSPC) until there is room again", d)
	t.Logf("%s", s.log)
}
