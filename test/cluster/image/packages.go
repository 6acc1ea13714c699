package image

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// undocumented are the folders that no program needs to run.
var undocumented = []string{
	"/usr/share/doc/", "/usr/share/info/", "/usr/share/lintian/", "/usr/share/locale/", "/usr/share/man/",
}

// Packages is a layer with the files of Debian packages that this machine has
// installed and of all that they depend on, as they are here, without their
// documentation. Their installation scripts are not run. There is a /tmp.
func Packages(ctx context.Context, names ...string) (Layer, error) {
	made, err := packages(ctx, names)
	if err != nil {
		return nil, fmt.Errorf("make layer of packages %s: %w", strings.Join(names, ", "), err)
	}
	return made, nil
}

func packages(ctx context.Context, names []string) (Layer, error) {
	list, err := query(ctx, "--show", "--showformat=${db:Status-Status}\t${binary:Package}\t${Provides}\t${Pre-Depends}, ${Depends}\n")
	if err != nil {
		return nil, err
	}
	needed, err := closure(list, names)
	if err != nil {
		return nil, err
	}
	files, err := query(ctx, append([]string{"--listfiles"}, needed...)...)
	if err != nil {
		return nil, err
	}
	l := newLayer()
	l.folder("tmp", 0o1777)
	lines := strings.Split(files, "\n")
	slices.Sort(lines)
	for _, file := range slices.Compact(lines) {
		// Beside files there are "/." and remarks on diversions.
		if !strings.HasPrefix(file, "/") || file == "/." || file == "/tmp" || documents(file) {
			continue
		}
		if err := l.installed(file); err != nil {
			return nil, err
		}
	}
	return l.end()
}

func documents(file string) bool {
	return slices.ContainsFunc(undocumented, func(dir string) bool { return strings.HasPrefix(file, dir) })
}

// installed adds a file of a package, and what Python has compiled of it.
func (l *layer) installed(file string) error {
	// /lib/file may be in /usr/lib: an entry must not lead over a link.
	dir, err := filepath.EvalSymlinks(filepath.Dir(file))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("pack %s: %w", file, err)
	}
	// The machine's owner may have left a file out.
	place := filepath.Join(dir, filepath.Base(file))
	if _, found := os.Lstat(place); err != nil || errors.Is(found, fs.ErrNotExist) {
		return nil
	}
	l.copy(place, place[1:])
	if module, is := strings.CutSuffix(filepath.Base(file), ".py"); is {
		compiled, err := filepath.Glob(filepath.Join(dir, "__pycache__", module+".*.pyc"))
		if err != nil {
			return fmt.Errorf("pack what is compiled of %s: %w", file, err)
		}
		for _, c := range compiled {
			l.copy(c, c[1:])
		}
	}
	return l.err
}

// closure returns the packages with all that they depend on, sorted. Of
// alternatives it takes the first that is installed.
func closure(list string, names []string) ([]string, error) {
	depends, provides := map[string]string{}, map[string]string{}
	for line := range strings.Lines(list) {
		fields := strings.Split(strings.TrimSpace(line), "\t")
		if len(fields) != 4 || fields[0] != "installed" {
			continue
		}
		name := fields[1]
		depends[name] = fields[3]
		// A name may carry an architecture, as in libc6:amd64.
		for _, known := range append(words(fields[2], ","), name, words(name, ",")[0]) {
			if _, found := provides[known]; !found {
				provides[known] = name
			}
		}
	}
	needed := map[string]bool{}
	for queue := names; len(queue) > 0; queue = queue[1:] {
		name, found := provides[queue[0]]
		if !found {
			return nil, fmt.Errorf("package %s is not installed: install it with apt-get", queue[0])
		}
		if needed[name] {
			continue
		}
		needed[name] = true
		for group := range strings.SplitSeq(depends[name], ",") {
			alternatives := words(group, "|")
			if i := slices.IndexFunc(alternatives, func(a string) bool { return provides[a] != "" }); i >= 0 {
				queue = append(queue, alternatives[i])
			} else if len(alternatives) > 0 {
				return nil, fmt.Errorf("package %s needs %s, which is not installed: install it with apt-get", name, strings.Join(alternatives, " or "))
			}
		}
	}
	sorted := make([]string, 0, len(needed))
	for name := range needed {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	return sorted, nil
}

// words splits a list of packages and drops versions and architectures.
func words(list, separator string) []string {
	var names []string
	for item := range strings.SplitSeq(list, separator) {
		item, _, _ = strings.Cut(item, "(")
		item, _, _ = strings.Cut(item, ":")
		if item = strings.TrimSpace(item); item != "" {
			names = append(names, item)
		}
	}
	return names
}

func query(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "dpkg-query", args...)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("ask dpkg-query: %w %s", err, bytes.TrimSpace(complaint.Bytes()))
	}
	return out.String(), nil
}
