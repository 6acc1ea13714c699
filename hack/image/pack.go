package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// image is what was made.
type image struct {
	archive, sbom []byte
	// digest is that of the manifest, by which a registry knows the image.
	digest string
}

// user is nobody in particular, and not root.
const user = "65532:65532"

// The media types of https://github.com/opencontainers/image-spec.
const (
	indexType    = "application/vnd.oci.image.index.v1+json"
	manifestType = "application/vnd.oci.image.manifest.v1+json"
	configType   = "application/vnd.oci.image.config.v1+json"
	layerType    = "application/vnd.oci.image.layer.v1.tar+gzip"
)

// file is an entry of a tar.
type file struct {
	name    string
	mode    int64
	content []byte
}

// descriptor points to a blob.
type descriptor struct {
	MediaType   string            `json:"mediaType"`
	Digest      string            `json:"digest"`
	Size        int               `json:"size"`
	Platform    map[string]string `json:"platform,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// pack puts the program and its bill into an archive.
func pack(o options, program, sbom []byte) (*image, error) {
	inside, err := archive(o.created, file{"undog", 0o755, program}, file{"sbom.cdx.json", 0o644, sbom})
	if err != nil {
		return nil, err
	}
	layer, err := compress(inside)
	if err != nil {
		return nil, err
	}
	labels := map[string]string{
		"org.opencontainers.image.title":       "undog",
		"org.opencontainers.image.description": "A rollout watchdog for Kubernetes",
		"org.opencontainers.image.version":     o.version,
		"org.opencontainers.image.licenses":    "Apache-2.0",
	}
	var blobs []file
	blob := func(content []byte, mediaType string) descriptor {
		blobs = append(blobs, file{"blobs/sha256/" + hash(content), 0o644, content})
		return descriptor{MediaType: mediaType, Digest: "sha256:" + hash(content), Size: len(content)}
	}
	created := o.created.Format(time.RFC3339)
	config := blob(encode(map[string]any{
		"architecture": o.arch, "os": "linux", "created": created,
		"config":  map[string]any{"User": user, "Entrypoint": []string{"/undog"}, "WorkingDir": "/", "Labels": labels},
		"rootfs":  map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + hash(inside)}},
		"history": []any{map[string]any{"created": created, "created_by": "hack/image"}},
	}), configType)
	content := blob(layer, layerType)
	manifest := blob(encode(map[string]any{
		"schemaVersion": 2, "mediaType": manifestType, "config": config, "layers": []descriptor{content}, "annotations": labels,
	}), manifestType)
	manifest.Platform = map[string]string{"architecture": o.arch, "os": "linux"}
	manifest.Annotations = map[string]string{"io.containerd.image.name": qualified(o.name), "org.opencontainers.image.ref.name": o.name}
	files := append([]file{
		{"oci-layout", 0o644, encode(map[string]string{"imageLayoutVersion": "1.0.0"})},
		{"index.json", 0o644, encode(map[string]any{"schemaVersion": 2, "mediaType": indexType, "manifests": []descriptor{manifest}})},
		{"manifest.json", 0o644, encode([]any{map[string]any{
			"Config": blobPath(config), "RepoTags": []string{o.name}, "Layers": []string{blobPath(content)},
		}})},
	}, blobs...)
	whole, err := archive(o.created, files...)
	if err != nil {
		return nil, err
	}
	return &image{archive: whole, sbom: sbom, digest: manifest.Digest}, nil
}

func blobPath(d descriptor) string { return "blobs/sha256/" + strings.TrimPrefix(d.Digest, "sha256:") }

// qualified is the name with the registry that engines take for granted.
func qualified(name string) string {
	first, _, many := strings.Cut(name, "/")
	switch {
	case !many:
		return "docker.io/library/" + name
	case strings.ContainsAny(first, ".:") || first == "localhost":
		return name
	}
	return "docker.io/" + name
}

func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// encode writes what is made of maps, strings and numbers only, which cannot fail.
func encode(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("encode %v: %v", v, err))
	}
	return out
}

// archive is a tar of files of root, all of one time.
func archive(at time.Time, files ...file) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	var errs []error
	for _, f := range files {
		errs = append(errs, w.WriteHeader(&tar.Header{
			Typeflag: tar.TypeReg, Name: f.name, Mode: f.mode, Size: int64(len(f.content)), ModTime: at, Format: tar.FormatUSTAR,
		}))
		_, err := w.Write(f.content)
		errs = append(errs, err)
	}
	if err := errors.Join(append(errs, w.Close())...); err != nil {
		return nil, fmt.Errorf("write a tar: %w", err)
	}
	return out.Bytes(), nil
}

// compress names no file and no time in its header.
func compress(content []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("compress the layer: %w", err)
	}
	_, err = w.Write(content)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, fmt.Errorf("compress the layer: %w", err)
	}
	return out.Bytes(), nil
}
