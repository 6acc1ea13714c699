package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// place is the folder in which a user's one background cluster is found again.
type place string

// record describes the cluster that is up.
type record struct {
	Kubeconfig string    `json:"kubeconfig"`
	Dir        string    `json:"dir"`
	Server     string    `json:"server"`
	Nodes      string    `json:"nodes"`
	Started    time.Time `json:"started"`
}

// openPlace makes the folder. A name in a shared temporary folder can be taken
// by anyone, so its owner is checked.
func openPlace() (place, error) {
	dir := filepath.Join(os.TempDir(), "undog-cluster-"+strconv.Itoa(os.Getuid()))
	if runtime := os.Getenv("XDG_RUNTIME_DIR"); runtime != "" {
		dir = filepath.Join(runtime, "undog-cluster")
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return "", fmt.Errorf("make state folder: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return "", fmt.Errorf("check state folder: %w", err)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || int(owner.Uid) != os.Getuid() || info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("check state folder: %s is not a folder that only you can enter: remove it", dir)
	}
	return place(dir), nil
}

func (p place) lockFile() string { return filepath.Join(string(p), "lock") }
func (p place) logFile() string  { return filepath.Join(string(p), "keeper.log") }
func (p place) file() string     { return filepath.Join(string(p), "cluster.json") }

// stateDir is where a cluster keeps its state when the user names no folder.
func (p place) stateDir() string { return filepath.Join(string(p), "state") }

// lock marks this process as the keeper until the file is closed. The kernel
// drops the lock however the process dies, and tells others who holds it. The
// caller must hold on to the file: an unreachable one is closed.
func (p place) lock() (*os.File, error) {
	file, err := os.OpenFile(p.lockFile(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
	}
	request := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart}
	if err := syscall.FcntlFlock(file.Fd(), syscall.F_SETLK, &request); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: another cluster is up or coming up: %w", file.Name(), err), file.Close())
	}
	return file, nil
}

// keeper is the process id of the process that holds the lock, or 0. The
// kernel answers, so a process that took over an old id is never meant.
func (p place) keeper() (int, error) {
	file, err := os.OpenFile(p.lockFile(), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return 0, fmt.Errorf("open lock: %w", err)
	}
	defer func() { _ = file.Close() }()
	query := syscall.Flock_t{Type: syscall.F_WRLCK, Whence: io.SeekStart}
	if err := syscall.FcntlFlock(file.Fd(), syscall.F_GETLK, &query); err != nil {
		return 0, fmt.Errorf("query lock: %w", err)
	}
	if query.Type == syscall.F_UNLCK {
		return 0, nil
	}
	return int(query.Pid), nil
}

func (p place) write(r record) error {
	raw, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return fmt.Errorf("encode cluster record: %w", err)
	}
	if err := os.WriteFile(p.file(), raw, 0o600); err != nil {
		return fmt.Errorf("write cluster record: %w", err)
	}
	return nil
}

func (p place) read() (record, error) {
	raw, err := os.ReadFile(p.file())
	if err != nil {
		return record{}, fmt.Errorf("read cluster record: %w", err)
	}
	var r record
	if err := json.Unmarshal(raw, &r); err != nil {
		return record{}, fmt.Errorf("decode cluster record: %w", err)
	}
	return r, nil
}

// clear removes what a cluster left, its state only if the folder was ours.
func (p place) clear() error {
	return errors.Join(os.RemoveAll(p.file()), os.RemoveAll(p.stateDir()))
}
