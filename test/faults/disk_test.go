package faults_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestEmptiedDisk(t *testing.T) {
	play(t, func(s *stage) {
		s.releases(24, time.Minute)
		s.down()
		if err := os.RemoveAll(s.opts.StoreDir); err != nil {
			t.Fatal(err)
		}
		d := s.fault(6, time.Minute)
		s.up()
		s.told(70, "the server comes back with an empty disk", d)
		s.wantLog("the stream lost events")
	})
}

// A server that acknowledges before it writes may come back without the last
// of what it acknowledged.
func TestTruncatedStore(t *testing.T) {
	for name, tt := range map[string]struct {
		order int
		fault string
		index bool
	}{
		"index lost":  {71, "the server comes back without the last half of what it had acknowledged", false},
		"index stale": {72, "the same, with an index that is older still", true},
	} {
		t.Run(name, func(t *testing.T) {
			play(t, func(s *stage) {
				s.releases(8, time.Minute)
				s.down()
				index := files(t, s.opts.StoreDir, "index.db")
				s.up()
				s.releases(16, time.Minute)
				s.down()
				truncate(t, s.opts.StoreDir)
				for file := range files(t, s.opts.StoreDir, "index.db") {
					if err := os.Remove(file); err != nil {
						t.Fatal(err)
					}
				}
				for file, content := range index {
					if !tt.index {
						break
					}
					if err := os.WriteFile(file, content, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				d := s.fault(6, time.Minute)
				s.up()
				row := s.told(tt.order, tt.fault, d)
				if row.Again > 48 {
					t.Errorf("%d told again, more than there had been", row.Again)
				}
				s.wantLog("the stream lost events")
			})
		})
	}
}

// truncate cuts the second half off every block of messages.
func truncate(t *testing.T, dir string) {
	t.Helper()
	blocks := files(t, dir, ".blk")
	if len(blocks) == 0 {
		t.Fatal("the store has no blocks of messages")
	}
	for file, content := range blocks {
		if err := os.Truncate(file, int64(len(content)/2)); err != nil {
			t.Fatal(err)
		}
	}
}

// files are those under a folder whose name ends so, with what they hold.
func files(t *testing.T, dir, suffix string) map[string][]byte {
	t.Helper()
	found := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, suffix) {
			return err
		}
		found[path], err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
