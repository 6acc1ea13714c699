package realnode

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/rest"
)

const (
	// binaryVariable names the environment variable that holds Options.Binary.
	binaryVariable = "UNDOG_NODE_BIN"
	// binaryPath is where the repository's build puts it, from its root.
	binaryPath = "bin/undog-node"
	// rootMarker is a file that only the repository's root has.
	rootMarker = "test/cluster/go.mod"

	defaultTimeout = 3 * time.Minute
)

// ControlPlane is what a node needs of the cluster that it joins;
// *cluster.Cluster is one.
type ControlPlane interface {
	// RESTConfig is the configuration of a client that may do everything.
	RESTConfig() (*rest.Config, error)
	// KubeconfigFor writes a kubeconfig for the user and returns its path.
	KubeconfigFor(user string, groups ...string) (string, error)
}

// Options says how to start a node.
type Options struct {
	// Cluster is the control plane to join.
	Cluster ControlPlane
	// Name of the node; "" means its address, by which the API server finds it
	// without any name service.
	Name string
	// Dir is the state folder, which must be empty or not exist; logs are kept
	// there. "" means a temporary folder, removed by Stop.
	Dir string
	// Binary is the undog-node program; "" means $UNDOG_NODE_BIN, else
	// bin/undog-node of the repository that the working directory is in.
	Binary string
	// Timeout bounds the start; 0 means three minutes.
	Timeout time.Duration
	// Log gets what the supervisor writes to its standard error; nil discards it.
	Log io.Writer
	// Progress is told about each step of the start, from one goroutine.
	Progress func(step string)
}

// complete fills in defaults, checks, and makes the state folder. It reports
// whether the folder is temporary.
func (o *Options) complete() (temporary bool, err error) {
	var errs []error
	if o.Cluster == nil {
		errs = append(errs, errors.New("check options: Cluster is nil: give the control plane to join"))
	}
	if o.Timeout < 0 {
		errs = append(errs, fmt.Errorf("check options: Timeout is %v: give a positive duration, or 0 for %v", o.Timeout, defaultTimeout))
	}
	if o.Timeout == 0 {
		o.Timeout = defaultTimeout
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	o.Binary, err = findBinary(o.Binary)
	errs = append(errs, err, Preflight())
	if err := errors.Join(errs...); err != nil {
		return false, err
	}
	return o.makeDir()
}

func (o *Options) makeDir() (temporary bool, err error) {
	if o.Dir == "" {
		if o.Dir, err = os.MkdirTemp("", "undog-node-"); err != nil {
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
		return false, fmt.Errorf("check options: Dir %s is not empty: name an empty folder, or remove what an earlier node left there", o.Dir)
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
		return "", fmt.Errorf("locate undog-node: %w", err)
	}
	if info, err := os.Stat(path); err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
		return "", fmt.Errorf("find undog-node: %s is not a program: build it with `make build-node`, or say where it is in $%s", path, binaryVariable)
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
			return "", fmt.Errorf("find undog-node: %s is in no undog repository: say where the program is in $%s", start, binaryVariable)
		}
	}
}
