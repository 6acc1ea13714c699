package embedded

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

const lockName = "undog.lock"

// errLocked is returned by tryLock when another process has the lock.
var errLocked = errors.New("locked by another process")

// DefaultStoreDir is undog/nats in the user's state folder: $XDG_STATE_HOME,
// or .local/state at home.
func DefaultStoreDir() (string, error) {
	if state := os.Getenv("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "undog", "nats"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("nats.storeDir is empty and there is no home folder to put the store into: set nats.storeDir to a folder that lasts: %w", err)
	}
	return filepath.Join(home, ".local", "state", "undog", "nats"), nil
}

// prepareStore makes the folder and finds out whether it can be written to.
func prepareStore(dir string) (string, error) {
	if dir == "" {
		var err error
		if dir, err = DefaultStoreDir(); err != nil {
			return "", err
		}
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("nats.storeDir %q: %w", dir, err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("nats.storeDir %q: cannot be made: set it to a folder that undog may write to: %w", dir, err)
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return "", fmt.Errorf("nats.storeDir %q: cannot be written to: set it to a folder that undog may write to: %w", dir, err)
	}
	return dir, errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// lockStore makes the folder this process's own until the file is closed or
// the process ends, however it ends.
func lockStore(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("nats.storeDir %q: open its lock: %w", dir, err)
	}
	if err := tryLock(f); err != nil {
		if errors.Is(err, errLocked) {
			err = fmt.Errorf("nats.storeDir %q: in use by another undog: stop it, set nats.storeDir to another folder, or set nats.url to use the server of the other", dir)
		} else {
			err = fmt.Errorf("nats.storeDir %q: lock it: %w", dir, err)
		}
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
