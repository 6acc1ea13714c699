package image_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/undog-dev/undog/test/cluster/image"
)

// machine is a folder that stands for a machine's root, and a dpkg-query that
// knows what is installed there.
type machine struct {
	t    *testing.T
	root string
	list string
}

// newMachine has /lib in /usr/lib, as Debian has.
func newMachine(t *testing.T) *machine {
	t.Helper()
	m := &machine{t: t, root: t.TempDir()}
	m.file("usr/lib/libc.so", "libc")
	if err := os.Symlink("usr/lib", filepath.Join(m.root, "lib")); err != nil {
		t.Fatal(err)
	}
	return m
}

func (m *machine) file(name, content string) {
	m.t.Helper()
	place := filepath.Join(m.root, name)
	if err := os.MkdirAll(filepath.Dir(place), 0o750); err != nil {
		m.t.Fatal(err)
	}
	if err := os.WriteFile(place, []byte(content), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// installed adds a package with its files.
func (m *machine) installed(pkg, provides, depends string, files ...string) {
	m.t.Helper()
	m.list += fmt.Sprintf("installed\t%s\t%s\t, %s\n", pkg, provides, depends)
	bare, _, _ := strings.Cut(pkg, ":")
	lines := "/.\n"
	for _, f := range files {
		lines += filepath.Join(m.root, f) + "\n"
	}
	m.file("dpkg/"+bare, lines)
}

// use puts the machine's dpkg-query in the place of this one's.
func (m *machine) use() {
	m.t.Helper()
	m.file("dpkg/list", "not-installed\tghost\t\t, \n"+m.list)
	script := "#!/bin/sh\ncd " + filepath.Join(m.root, "dpkg") + "\nif [ $1 = --show ]; then cat list; exit; fi\n" +
		"shift\nfor p; do cat ${p%:*}; done\n"
	m.file("bin/dpkg-query", script)
	if err := os.Chmod(filepath.Join(m.root, "bin/dpkg-query"), 0o700); err != nil {
		m.t.Fatal(err)
	}
	m.t.Setenv("PATH", filepath.Join(m.root, "bin")+":"+os.Getenv("PATH"))
}

// packed are the files of an image made of the packages, under the root.
func (m *machine) packed(names ...string) []string {
	m.t.Helper()
	layer, err := image.Packages(m.t.Context(), names...)
	if err != nil {
		m.t.Fatal(err)
	}
	var found []string
	for _, file := range slices.Sorted(maps.Keys(m.files(layer))) {
		if inside, ok := strings.CutPrefix(file, m.root[1:]+"/"); ok {
			found = append(found, inside)
		}
	}
	return found
}

// files are those of an image with the layers.
func (m *machine) files(layers ...image.Layer) map[string]string {
	m.t.Helper()
	archive := filepath.Join(m.t.TempDir(), "image.tar")
	if err := image.Pack(archive, image.Image{Tag: "undog.test/made:1", Layers: layers}); err != nil {
		m.t.Fatal(err)
	}
	tag, err := name.NewTag("undog.test/made:1")
	if err != nil {
		m.t.Fatal(err)
	}
	got, err := tarball.ImageFromPath(archive, &tag)
	if err != nil {
		m.t.Fatal(err)
	}
	return unpack(m.t, got)
}

func TestPackagesBringWhatTheyNeed(t *testing.T) {
	m := newMachine(t)
	m.file("usr/lib/app.py", "app")
	m.file("usr/lib/__pycache__/app.cpython-311.pyc", "compiled")
	m.file("usr/lib/__pycache__/other.cpython-311.pyc", "of no package")
	m.file("usr/bin/python", "python")
	m.file("usr/bin/mail", "mail")
	m.installed("app", "", "python:any (>= 3), absent | mta (>= 1), app", "usr", "usr/lib", "lib/app.py", "usr/lib/removed")
	m.installed("python:amd64", "", "libc", "usr/bin/python")
	m.installed("libc:amd64", "", "", "lib", "lib/libc.so")
	m.installed("mail", "mta", "", "usr/bin/mail")
	m.installed("unneeded", "", "", "usr/bin/unneeded")
	m.use()
	want := []string{"lib", "usr", "usr/bin/mail", "usr/bin/python", "usr/lib", "usr/lib/__pycache__/app.cpython-311.pyc", "usr/lib/app.py", "usr/lib/libc.so"}
	if got := m.packed("app"); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPackagesNameWhatIsMissing(t *testing.T) {
	m := newMachine(t)
	m.installed("app", "", "ghost | absent")
	m.use()
	for pkg, want := range map[string]string{
		"ghost": "package ghost is not installed: install it",
		"app":   "package app needs ghost or absent, which is not installed",
	} {
		if _, err := image.Packages(t.Context(), pkg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", pkg, err, want)
		}
	}
}

func TestFolderIsPutOverAnother(t *testing.T) {
	m := newMachine(t)
	m.file("1/page/a", "old a")
	m.file("1/page/b", "old b")
	m.file("2/page/a", "new a")
	var layers []image.Layer
	for _, dir := range []string{"1", "2"} {
		layer, err := image.Folder(filepath.Join(m.root, dir), "/srv")
		if err != nil {
			t.Fatal(err)
		}
		layers = append(layers, layer)
	}
	files := m.files(layers...)
	if files["srv/page/a"] != "new a" || files["srv/page/b"] != "old b" {
		t.Errorf("the image holds %q, want a of the second folder and b of the first", files)
	}
}
