//go:build e2e

package daemon_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/undog-dev/undog/policy"
	"github.com/undog-dev/undog/test/faults/smalldisk"
)

// The disk of the embedded server is full, as the file system says it, while
// three releases are undone; then there is room again.
func TestFaultFullDisk(t *testing.T) {
	f := newFixture(t)
	dir := t.TempDir()
	events := filepath.Join(dir, "events")
	if err := os.Mkdir(events, 0o700); err != nil {
		t.Fatal(err)
	}
	disk, err := smalldisk.Mount(events, 8<<20)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := disk.Unmount(); err != nil {
			t.Error(err)
		}
	})
	undog := f.undog(setup{dir: dir})
	j := f.journal(undog.NATSURL)
	f.proven(j, 2)
	if err := disk.Fill(0); err != nil {
		t.Fatal(err)
	}
	tags := []string{"crash", "missing", "nocommand"}
	for _, tag := range tags {
		f.release(app, tag)
		f.recorded(tag, "of the verdict", func(r policy.Record) bool { return r.Verdict == policy.Bad })
		f.running(app, "1.0")
		f.givenBack(app)
	}
	f.wantUndos(app, 200, 200, 200)
	if ended(undog) {
		t.Fatal("undog ended, since its disk is full")
	}
	if err := disk.Free(); err != nil {
		t.Fatal(err)
	}
	for _, tag := range tags {
		f.undone(j, tag)
	}
	j.row(22, "the disk of the embedded server is full (ENOSPC) while three releases are undone", app, "3 of 3, before there is room", "when there is room",
		map[string]int{"verdict.good": 1, "verdict.bad": 3, "rollback.done": 3})
}
