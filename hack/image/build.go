package main

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// make builds the program from the sources in dir and packs it.
func (o options) make(dir string) (*image, error) {
	temp, err := os.MkdirTemp("", "undog-image-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(temp) }()
	program := filepath.Join(temp, "undog")
	// Nothing of the machine, the folder or the time goes into it.
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid= -X main.version="+o.version, "-o", program, "./cmd/undog")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+o.arch, "GOFLAGS=", "GOWORK=off", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build undog: %w\n%s", err, out)
	}
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return nil, fmt.Errorf("read what undog was made of: %w", err)
	}
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, fmt.Errorf("read undog: %w", err)
	}
	if err := static(content); err != nil {
		return nil, fmt.Errorf("look at undog: %w", err)
	}
	sbom, err := bill(info, o.version)
	if err != nil {
		return nil, err
	}
	return pack(o, content, sbom)
}

// static fails for a program that needs a loader: an image from scratch has none.
func static(program []byte) error {
	file, err := elf.NewFile(bytes.NewReader(program))
	if err != nil {
		return fmt.Errorf("read the program: %w", err)
	}
	for _, p := range file.Progs {
		if p.Type == elf.PT_INTERP {
			return errors.New("the program is not static")
		}
	}
	return nil
}

// elsewhere builds a copy of the sources in another folder.
func (o options) elsewhere() (*image, error) {
	temp, err := os.MkdirTemp("", "undog-sources-")
	if err != nil {
		return nil, fmt.Errorf("make a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(temp) }()
	out, err := exec.Command("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").Output()
	if err != nil {
		return nil, fmt.Errorf("list the sources: %w", err)
	}
	for file := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		if err := copyFile(file, filepath.Join(temp, file)); err != nil {
			return nil, err
		}
	}
	return o.make(temp)
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if errors.Is(err, fs.ErrNotExist) {
		// It is to be removed by the next commit.
		return nil
	}
	if err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	return nil
}
