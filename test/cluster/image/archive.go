package image

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"runtime"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Image is one image to write: its name and what it does by default.
type Image struct {
	// Tag is the full name, such as undog.test/app:1.0.
	Tag string
	// Args are the default arguments of the program; a container's args
	// replace them.
	Args []string
	// Env are the default environment variables, NAME=VALUE.
	Env []string
}

// Write packs the program, a static executable, as the entrypoint of each image
// into one docker-archive tar. The images share their only layer.
func Write(archive, program string, images ...Image) error {
	if len(images) == 0 {
		return fmt.Errorf("write %s: no images given: give at least one", archive)
	}
	entrypoint := path.Join("/", path.Base(program))
	layer, err := programLayer(program, entrypoint)
	if err != nil {
		return fmt.Errorf("write %s: %w", archive, err)
	}
	tagged := make(map[name.Tag]v1.Image, len(images))
	var errs []error
	for _, image := range images {
		tag, err := name.NewTag(image.Tag, name.StrictValidation)
		if err != nil {
			errs = append(errs, fmt.Errorf("parse image tag %q, which must be NAME:TAG: %w", image.Tag, err))
			continue
		}
		tagged[tag], err = image.build(entrypoint, layer)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("write %s: %w", archive, err)
	}
	if err := tarball.MultiWriteToFile(archive, tagged); err != nil {
		return fmt.Errorf("write %s: %w", archive, err)
	}
	return nil
}

func (i Image) build(entrypoint string, layer v1.Layer) (v1.Image, error) {
	image, err := mutate.AppendLayers(empty.Image, layer)
	if err != nil {
		return nil, fmt.Errorf("add layer to %s: %w", i.Tag, err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("read config of %s: %w", i.Tag, err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", runtime.GOARCH
	file.Config = v1.Config{
		Entrypoint: []string{entrypoint},
		Cmd:        i.Args,
		Env:        i.Env,
		WorkingDir: "/",
	}
	image, err = mutate.ConfigFile(image, file)
	if err != nil {
		return nil, fmt.Errorf("set config of %s: %w", i.Tag, err)
	}
	return image, nil
}

// programLayer is a file system with the program and a /tmp.
func programLayer(program, entrypoint string) (v1.Layer, error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, fmt.Errorf("read program: %w", err)
	}
	var packed bytes.Buffer
	archive := tar.NewWriter(&packed)
	entries := []struct {
		header  tar.Header
		content []byte
	}{
		{tar.Header{Typeflag: tar.TypeDir, Name: "tmp/", Mode: 0o1777}, nil},
		{tar.Header{Typeflag: tar.TypeReg, Name: entrypoint[1:], Mode: 0o755, Size: int64(len(content))}, content},
	}
	for _, entry := range entries {
		if err := archive.WriteHeader(&entry.header); err != nil {
			return nil, fmt.Errorf("pack %s: %w", entry.header.Name, err)
		}
		if _, err := archive.Write(entry.content); err != nil {
			return nil, fmt.Errorf("pack %s: %w", entry.header.Name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return nil, fmt.Errorf("pack %s: %w", program, err)
	}
	layer, err := tarball.LayerFromOpener(func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(packed.Bytes())), nil
	})
	if err != nil {
		return nil, fmt.Errorf("make layer of %s: %w", program, err)
	}
	return layer, nil
}
