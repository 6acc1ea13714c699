package persona

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	yaml "go.yaml.in/yaml/v3"
)

// file reads a YAML file of names and values, or a folder with a file for
// each. Errors name paths and keys, never values.
func file(path string) (map[string]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	if info.IsDir() {
		return folder(path)
	}
	data, err := contents(path)
	if err != nil {
		return nil, err
	}
	var values map[string]text
	if err := yaml.Unmarshal(data, &values); err != nil {
		// The parser's own error may quote what it could not read.
		return nil, fmt.Errorf("file %s is not a mapping of names to texts; write lines such as password: \"…\"", path)
	}
	out, err := bounded(values)
	if err != nil {
		return nil, fmt.Errorf("file %s: %w", path, err)
	}
	return out, nil
}

// text is a scalar as it is written: 0123 stays 0123.
type text string

// UnmarshalYAML takes scalars only.
func (t *text) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind != yaml.ScalarNode {
		return errors.New("not a text")
	}
	*t = text(n.Value)
	return nil
}

// folder reads what a Secret looks like where it is mounted. Names that begin
// with a dot are the kubelet's own.
func folder(path string) (map[string]string, error) {
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("read folder: %w", err)
	}
	data := map[string][]byte{}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") || len(data) > maxValues {
			continue
		}
		info, err := os.Stat(filepath.Join(path, e.Name()))
		if err != nil || info.IsDir() {
			continue // It went away, or is no value.
		}
		if data[e.Name()], err = contents(filepath.Join(path, e.Name())); err != nil {
			return nil, err
		}
	}
	out, err := bounded(data)
	if err != nil {
		return nil, fmt.Errorf("folder %s: %w", path, err)
	}
	return out, nil
}

// maxFile is for a file with all values.
const maxFile = 256 << 10

// contents reads a file, without waiting for one that is a pipe.
func contents(path string) (data []byte, err error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("read file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read file %s: it is not a file", path)
	}
	data, err = io.ReadAll(io.LimitReader(f, maxFile+1))
	switch {
	case err != nil:
		return nil, fmt.Errorf("read file: %w", err)
	case len(data) > maxFile:
		return nil, fmt.Errorf("read file %s: it has more than %d bytes", path, maxFile)
	}
	return data, nil
}
