package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Places are the files that are tried in order when none is named.
func Places() []string {
	places := []string{"undog.yaml"}
	if folder, err := os.UserConfigDir(); err == nil {
		places = append(places, filepath.Join(folder, "undog", "undog.yaml"))
	}
	return append(places, "/etc/undog/undog.yaml")
}

// find reads the file that was named, or the first in the usual places. No
// file at all is fine, unless one was named.
func find(o Options) ([]byte, *Loaded, error) {
	named, by := o.Path, ""
	if named == "" {
		named, by = lookup(o, FileEnv), " (named by "+FileEnv+")"
	}
	if named != "" {
		data, err := read(named)
		if err != nil {
			return nil, nil, fmt.Errorf("read configuration%s: %w", by, err)
		}
		return data, &Loaded{Path: named}, nil
	}
	found := &Loaded{}
	for _, place := range Places() {
		data, err := read(place)
		switch {
		case err == nil:
			found.Path = place
			return data, found, nil
		case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
			found.Searched = append(found.Searched, place)
		default:
			return nil, nil, fmt.Errorf("read configuration: %w; make it readable, or name another with --%s", err, FileFlag)
		}
	}
	return nil, found, nil
}

// ErrNoFile says that what was named is a folder, a pipe or a device.
var ErrNoFile = errors.New("not a file")

// Read reads a file as Load does, and no more of it than is allowed and one byte.
func Read(name string) ([]byte, error) { return read(name) }

// read reads a file, and one byte more than is allowed so that Parse sees it.
// It is opened without waiting: a pipe that nobody writes to would wait for ever.
func read(name string) (data []byte, err error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is %s, %w", name, kindOfFile(info.Mode()), ErrNoFile)
	}
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}

// kindOfFile names what is no file, in the words of its reader.
func kindOfFile(m fs.FileMode) string {
	switch {
	case m.IsDir():
		return "a folder"
	case m&fs.ModeNamedPipe != 0:
		return "a pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}
