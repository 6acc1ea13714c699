package smalldisk

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Disk is a small file system in memory.
type Disk struct{ dir string }

// Mount puts one of so many bytes at a folder that exists.
func Mount(dir string, bytes int64) (*Disk, error) {
	if err := syscall.Mount("undog-test", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		return nil, fmt.Errorf("mount a small file system at %s, which needs root: %w", dir, err)
	}
	return &Disk{dir: dir}, nil
}

// Unmount takes it away, with what is on it.
func (d *Disk) Unmount() error {
	if err := syscall.Unmount(d.dir, syscall.MNT_DETACH); err != nil {
		return fmt.Errorf("unmount %s: %w", d.dir, err)
	}
	return nil
}

func (d *Disk) ballast() string { return filepath.Join(d.dir, "ballast") }

// Fill writes until there is no space left, and gives back so many bytes.
func (d *Disk) Fill(left int64) error {
	f, err := os.Create(d.ballast())
	if err != nil {
		return fmt.Errorf("fill %s: %w", d.dir, err)
	}
	size := int64(0)
	for block := make([]byte, 4<<10); err == nil; {
		var n int
		n, err = f.Write(block)
		size += int64(n)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		return errors.Join(fmt.Errorf("fill %s: want no space left: %w", d.dir, err), f.Close())
	}
	return errors.Join(f.Truncate(max(size-left, 0)), f.Close())
}

// Free gives back what Fill took.
func (d *Disk) Free() error {
	if err := os.Remove(d.ballast()); err != nil {
		return fmt.Errorf("free %s: %w", d.dir, err)
	}
	return nil
}
