package cluster

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

const (
	// binaryVariable names the environment variable that holds Options.Binary.
	binaryVariable = "UNDOG_CLUSTER_BIN"
	// binaryPath is where the repository's build puts it, from its root.
	binaryPath = "bin/undog-cluster"
	// rootMarker is a file that only the repository's root has.
	rootMarker = "test/cluster/go.mod"

	defaultTimeout = 3 * time.Minute
)

// Options says how to start a control plane. The zero value works after
// `make cluster`.
type Options struct {
	// Binary is the undog-cluster program; "" means $UNDOG_CLUSTER_BIN, else
	// bin/undog-cluster of the repository that the working directory is in.
	Binary string
	// Dir is the state folder, which must be empty or not exist, and is kept.
	// "" means a temporary folder, removed by Stop.
	Dir string
	// Timeout bounds the start; 0 means three minutes, enough for a machine
	// that is busy compiling.
	Timeout time.Duration
	// Progress is told about each step of the start, from one goroutine.
	Progress func(step string)
}

// complete fills in defaults, checks, and makes the state folder. It reports
// whether the folder is temporary.
func (o *Options) complete() (temporary bool, err error) {
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Timeout < 0 {
		return false, fmt.Errorf("check options: Timeout is %v: give a positive duration, or 0 for %v", o.Timeout, defaultTimeout)
	}
	if o.Binary, err = findBinary(o.Binary); err != nil {
		return false, err
	}
	if o.Dir == "" {
		o.Dir, err = os.MkdirTemp("", "undog-cluster-")
		if err != nil {
			return false, fmt.Errorf("make state folder: %w", err)
		}
		return true, nil
	}
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return false, fmt.Errorf("locate state folder: %w", err)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return false, fmt.Errorf("make state folder: %w", err)
	}
	entries, err := os.ReadDir(o.Dir)
	if err != nil {
		return false, fmt.Errorf("read state folder: %w", err)
	}
	if len(entries) > 0 {
		return false, fmt.Errorf("check options: Dir %s is not empty: name an empty folder, or remove what an earlier cluster left there", o.Dir)
	}
	return false, nil
}

func findBinary(given string) (string, error) {
	path := given
	if path == "" {
		path = os.Getenv(binaryVariable)
	}
	if path == "" {
		root, err := repositoryRoot()
		if err != nil {
			return "", err
		}
		path = filepath.Join(root, binaryPath)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("locate undog-cluster: %w", err)
	}
	if info, err := os.Stat(path); err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
		return "", fmt.Errorf("find undog-cluster: %s is not a program: build it with `make cluster`, or say where it is in $%s", path, binaryVariable)
	}
	return path, nil
}

// repositoryRoot walks up from the working directory.
func repositoryRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, rootMarker)); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("find undog-cluster: %s is in no undog repository: say where the program is in $%s", start, binaryVariable)
		}
	}
}
