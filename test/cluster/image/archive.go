package image

import (
	"archive/tar"
	"errors"
	"fmt"
	"os"
	"path"
	"runtime"
	"slices"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// Layer is a part of an image's file system, put over those before it.
type Layer = v1.Layer

// Image is one image to write: its name and what it does by default.
type Image struct {
	// Tag is the full name, such as undog.test/app:1.0.
	Tag string
	// Layers are its file system, the lowest first.
	Layers []Layer
	// Entrypoint is the program that is run, with its fixed arguments.
	Entrypoint []string
	// Args are the default arguments of the program; a container's args
	// replace them.
	Args []string
	// Env are the default environment variables, NAME=VALUE.
	Env []string
	// Dir is where the program is run; "" is /.
	Dir string
}

// Write packs the program, a static executable, as the entrypoint of each image
// into one docker-archive tar. The images share their only layer.
func Write(archive, program string, images ...Image) error {
	entrypoint := path.Join("/", path.Base(program))
	layer, err := programLayer(program, entrypoint)
	if err != nil {
		return fmt.Errorf("write %s: %w", archive, err)
	}
	images = slices.Clone(images)
	for i := range images {
		images[i].Layers, images[i].Entrypoint = []Layer{layer}, []string{entrypoint}
	}
	return Pack(archive, images...)
}

// Pack writes the images into one docker-archive tar. A layer that several of
// them have is in it once.
func Pack(archive string, images ...Image) error {
	if len(images) == 0 {
		return fmt.Errorf("write %s: no images given: give at least one", archive)
	}
	tagged := make(map[name.Tag]v1.Image, len(images))
	var errs []error
	for _, image := range images {
		tag, err := name.NewTag(image.Tag, name.StrictValidation)
		if err != nil {
			errs = append(errs, fmt.Errorf("parse image tag %q, which must be NAME:TAG: %w", image.Tag, err))
			continue
		}
		tagged[tag], err = image.build()
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

func (i Image) build() (v1.Image, error) {
	image, err := mutate.AppendLayers(empty.Image, i.Layers...)
	if err != nil {
		return nil, fmt.Errorf("add layers to %s: %w", i.Tag, err)
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("read config of %s: %w", i.Tag, err)
	}
	file = file.DeepCopy()
	file.OS, file.Architecture = "linux", runtime.GOARCH
	file.Config = v1.Config{
		Entrypoint: i.Entrypoint,
		Cmd:        i.Args,
		Env:        i.Env,
		WorkingDir: path.Join("/", i.Dir),
	}
	image, err = mutate.ConfigFile(image, file)
	if err != nil {
		return nil, fmt.Errorf("set config of %s: %w", i.Tag, err)
	}
	return image, nil
}

// programLayer is a file system with the program and a /tmp.
func programLayer(program, entrypoint string) (Layer, error) {
	content, err := os.ReadFile(program)
	if err != nil {
		return nil, fmt.Errorf("read program: %w", err)
	}
	l := newLayer()
	l.folder("tmp", 0o1777)
	l.add(tar.Header{Typeflag: tar.TypeReg, Name: entrypoint[1:], Mode: 0o755}, content)
	layer, err := l.end()
	if err != nil {
		return nil, fmt.Errorf("make layer of %s: %w", program, err)
	}
	return layer, nil
}
