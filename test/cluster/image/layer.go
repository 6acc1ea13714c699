package image

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// layer collects the entries of a Layer; its first error is told at the end.
type layer struct {
	packed  bytes.Buffer
	archive *tar.Writer
	has     map[string]bool
	err     error
}

func newLayer() *layer {
	l := &layer{has: map[string]bool{}}
	l.archive = tar.NewWriter(&l.packed)
	return l
}

// add adds an entry, unless it is there already.
func (l *layer) add(h tar.Header, content []byte) {
	if l.err != nil || l.has[h.Name] {
		return
	}
	l.has[h.Name] = true
	h.Size = int64(len(content))
	if h.Typeflag == tar.TypeDir {
		h.Name += "/"
	}
	if err := l.archive.WriteHeader(&h); err != nil {
		l.err = fmt.Errorf("pack %s: %w", h.Name, err)
		return
	}
	if _, err := l.archive.Write(content); err != nil {
		l.err = fmt.Errorf("pack %s: %w", h.Name, err)
	}
}

func (l *layer) folder(name string, mode int64) {
	l.add(tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: mode}, nil)
}

// copy adds a file, folder or symbolic link of this machine under a name. What
// is none of these is left out. All belongs to root.
func (l *layer) copy(from, name string) {
	if l.err != nil {
		return
	}
	info, err := os.Lstat(from)
	if err != nil {
		l.err = fmt.Errorf("pack %s: %w", from, err)
		return
	}
	h := tar.Header{Name: name, Mode: int64(info.Mode().Perm()), ModTime: info.ModTime()}
	var content []byte
	switch {
	case info.IsDir():
		h.Typeflag = tar.TypeDir
	case info.Mode()&fs.ModeSymlink != 0:
		h.Typeflag = tar.TypeSymlink
		h.Linkname, err = os.Readlink(from)
	case info.Mode().IsRegular():
		h.Typeflag = tar.TypeReg
		content, err = os.ReadFile(from)
	default:
		return
	}
	if err != nil {
		l.err = fmt.Errorf("pack %s: %w", from, err)
		return
	}
	l.add(h, content)
}

func (l *layer) end() (Layer, error) {
	if err := errors.Join(l.err, l.archive.Close()); err != nil {
		return nil, err
	}
	made, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(l.packed.Bytes())), nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the layer back: %w", err)
	}
	return made, nil
}

// Folder is a layer with what is in a folder of this machine, at a path of the image.
func Folder(dir, at string) (Layer, error) {
	l := newLayer()
	err := filepath.WalkDir(dir, func(file string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(dir, file)
		if err != nil {
			return err
		}
		l.copy(file, path.Join("/", at, inside)[1:])
		return l.err
	})
	if err != nil {
		return nil, fmt.Errorf("make layer of %s: %w", dir, err)
	}
	made, err := l.end()
	if err != nil {
		return nil, fmt.Errorf("make layer of %s: %w", dir, err)
	}
	return made, nil
}
