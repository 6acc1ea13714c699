package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"io"
	"runtime/debug"
	"strings"
	"testing"
	"time"
)

func packed(t *testing.T, program string) *image {
	t.Helper()
	sbom, err := bill(info(), "1.0")
	if err != nil {
		t.Fatal(err)
	}
	made, err := pack(options{name: "undog-dev/undog:1.0", version: "1.0", arch: "amd64", created: time.Unix(0, 0).UTC()}, []byte(program), sbom)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func info() *buildinfo.BuildInfo {
	return &buildinfo.BuildInfo{
		GoVersion: "go1.26.8", Main: debug.Module{Path: "example.org/main"},
		Deps: []*debug.Module{
			{Path: "example.org/a", Version: "v1.0.0", Sum: "h1:a="},
			{Path: "example.org/b", Version: "v1.0.0", Replace: &debug.Module{Path: "example.org/c", Version: "v2.0.0+incompatible", Sum: "h1:c="}},
		},
	}
}

// entries reads a tar.
func entries(t *testing.T, content []byte) map[string]tar.Header {
	t.Helper()
	out := map[string]tar.Header{}
	for r := tar.NewReader(bytes.NewReader(content)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out[h.Name] = *h
	}
}

func content(t *testing.T, archive []byte, name string) []byte {
	t.Helper()
	for r := tar.NewReader(bytes.NewReader(archive)); ; {
		h, err := r.Next()
		if err != nil {
			t.Fatalf("read %s: %v", name, err)
		}
		if h.Name != name {
			continue
		}
		out, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
}

func read(t *testing.T, raw []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(raw, into); err != nil {
		t.Fatal(err)
	}
}

// The same program makes the same image, another one another.
func TestSameImage(t *testing.T) {
	a, b, c := packed(t, "program"), packed(t, "program"), packed(t, "another")
	if a.digest != b.digest || !bytes.Equal(a.archive, b.archive) || !bytes.Equal(a.sbom, b.sbom) {
		t.Error("packing the same program twice gives two images")
	}
	if a.digest == c.digest {
		t.Error("another program gives the same image")
	}
}

// What points to a blob says its true digest and size, and both ways into the
// archive lead to the same image.
func TestBlobsAreWhatTheyAreCalled(t *testing.T) {
	made := packed(t, "program")
	for name := range entries(t, made.archive) {
		if sum, ok := strings.CutPrefix(name, "blobs/sha256/"); ok && hash(content(t, made.archive, name)) != sum {
			t.Errorf("%s has another digest", name)
		}
	}
	var index struct{ Manifests []descriptor }
	read(t, content(t, made.archive, "index.json"), &index)
	if len(index.Manifests) != 1 || index.Manifests[0].Digest != made.digest {
		t.Fatalf("the index has %+v, want %s", index.Manifests, made.digest)
	}
	if got := index.Manifests[0].Annotations["io.containerd.image.name"]; got != "docker.io/undog-dev/undog:1.0" {
		t.Errorf("the image is called %s", got)
	}
	var manifest struct {
		Config descriptor
		Layers []descriptor
	}
	raw := content(t, made.archive, blobPath(index.Manifests[0]))
	read(t, raw, &manifest)
	var docker []struct {
		Config           string
		RepoTags, Layers []string
	}
	read(t, content(t, made.archive, "manifest.json"), &docker)
	if docker[0].Config != blobPath(manifest.Config) || docker[0].Layers[0] != blobPath(manifest.Layers[0]) {
		t.Errorf("docker is led to %+v, others to %+v", docker, manifest)
	}
	for _, d := range []descriptor{index.Manifests[0], manifest.Config, manifest.Layers[0]} {
		if n := len(content(t, made.archive, blobPath(d))); n != d.Size {
			t.Errorf("%s has %d bytes, not %d", d.Digest, n, d.Size)
		}
	}
}

// The image runs as nobody, and holds the program and what it was made of.
func TestInsideOfTheImage(t *testing.T) {
	made := packed(t, "program")
	var docker []struct {
		Config string
		Layers []string
	}
	read(t, content(t, made.archive, "manifest.json"), &docker)
	var config struct {
		Config struct {
			User       string
			Entrypoint []string
			Labels     map[string]string
		}
		RootFS struct {
			DiffIDs []string `json:"diff_ids"`
		}
	}
	read(t, content(t, made.archive, docker[0].Config), &config)
	if config.Config.User != "65532:65532" || config.Config.Entrypoint[0] != "/undog" || config.Config.Labels["org.opencontainers.image.version"] != "1.0" {
		t.Errorf("the configuration is %+v", config)
	}
	r, err := gzip.NewReader(bytes.NewReader(content(t, made.archive, docker[0].Layers[0])))
	if err != nil {
		t.Fatal(err)
	}
	layer, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if config.RootFS.DiffIDs[0] != "sha256:"+hash(layer) {
		t.Error("the layer is not the one of the configuration")
	}
	inside := entries(t, layer)
	if len(inside) != 2 || string(content(t, layer, "undog")) != "program" || !bytes.Equal(content(t, layer, "sbom.cdx.json"), made.sbom) {
		t.Errorf("the image holds %v", inside)
	}
	for name, h := range inside {
		if !h.ModTime.Equal(time.Unix(0, 0)) || h.Uid != 0 || h.Mode&0o022 != 0 {
			t.Errorf("%s: time %s, owner %d, mode %o", name, h.ModTime, h.Uid, h.Mode)
		}
	}
}

// The bill names every module that is in the program, the replacing one where
// one was replaced, and Go itself.
func TestBillOfMaterials(t *testing.T) {
	raw, err := bill(info(), "1.0")
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Format     string `json:"bomFormat"`
		Components []component
	}
	read(t, raw, &got)
	var purls []string
	for _, c := range got.Components {
		purls = append(purls, c.PURL)
	}
	want := "pkg:golang/stdlib@1.26.8 pkg:golang/example.org/a@v1.0.0 pkg:golang/example.org/c@v2.0.0%2Bincompatible"
	if got.Format != "CycloneDX" || strings.Join(purls, " ") != want {
		t.Errorf("got %s of %q", got.Format, purls)
	}
}

func TestFlags(t *testing.T) {
	if o, err := parse([]string{"-o", "a.tar", "-name", "localhost:5000/undog:1"}); err != nil || o.version != "1" {
		t.Errorf("got %+v, %v", o, err)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	_, err := parse([]string{"-o", "a.zip", "-name", "localhost:5000/undog", "-arch", "vax", "more"})
	for _, want := range []string{"a.zip", "localhost:5000/undog", "vax", "more", "yesterday"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error %v does not name %q", err, want)
		}
	}
}

// A program that needs a loader would not start in an empty image.
func TestProgramMustBeStatic(t *testing.T) {
	if err := static([]byte("#!/bin/sh")); err == nil {
		t.Error("a script is taken for a static program")
	}
}
