package realnode

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMissingProgramsAreAllNamed(t *testing.T) {
	nothing := func(string) (string, error) { return "", errors.New("not found") }
	got := missingPrograms(nothing, "/plugins")
	want := []string{"containerd", "containerd-shim-runc-v2", "ctr", "runc", "/plugins/bridge", "/plugins/host-local", "/plugins/loopback"}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	everything := func(name string) (string, error) { return name, nil }
	if got := missingPrograms(everything, "/plugins"); len(got) > 0 {
		t.Errorf("nothing is missing, yet got %v", got)
	}
}

func TestBadOptionsAreAllReported(t *testing.T) {
	opts := Options{Timeout: -time.Second, Binary: filepath.Join(t.TempDir(), "absent")}
	_, err := opts.complete()
	if err == nil {
		t.Fatal("bad options were accepted")
	}
	for _, want := range []string{"Cluster is nil", "Timeout is -1s", "absent is not a program"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q: %v", want, err)
		}
	}
}

func TestStateFolderMustBeEmpty(t *testing.T) {
	opts := Options{Dir: t.TempDir()}
	if temporary, err := opts.makeDir(); err != nil || temporary {
		t.Errorf("an empty folder: got %v, %v", temporary, err)
	}
	if err := os.WriteFile(filepath.Join(opts.Dir, "kubelet.log"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := opts.makeDir(); err == nil || !strings.Contains(err.Error(), opts.Dir) {
		t.Errorf("a folder in use: got %v, want an error that names it", err)
	}
}

func TestTailKeepsTheEnd(t *testing.T) {
	var kept tail
	for _, text := range []string{strings.Repeat("a", tailBytes), "end"} {
		if n, err := kept.Write([]byte(text)); n != len(text) || err != nil {
			t.Fatalf("write: %d, %v", n, err)
		}
	}
	if got := kept.String(); len(got) != tailBytes || !strings.HasSuffix(got, "aend") {
		t.Errorf("got %d bytes that end in %q", len(got), got[len(got)-4:])
	}
}
