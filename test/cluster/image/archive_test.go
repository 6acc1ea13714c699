package image_test

import (
	"archive/tar"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"

	"github.com/undog-dev/undog/test/cluster/image"
)

func TestWriteHoldsEveryTag(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "app")
	if err := os.WriteFile(program, []byte("content"), 0o700); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(dir, "images.tar")
	images := []image.Image{
		{Tag: "undog.test/app:1.0", Args: []string{"serve"}},
		{Tag: "undog.test/app:1.1", Args: []string{"exit", "--code=3"}, Env: []string{"A=b"}},
	}
	if err := image.Write(archive, program, images...); err != nil {
		t.Fatal(err)
	}
	for _, want := range images {
		tag, err := name.NewTag(want.Tag)
		if err != nil {
			t.Fatal(err)
		}
		got, err := tarball.ImageFromPath(archive, &tag)
		if err != nil {
			t.Fatal(err)
		}
		file, err := got.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		config := file.Config
		if !slices.Equal(config.Entrypoint, []string{"/app"}) || !slices.Equal(config.Cmd, want.Args) || !slices.Equal(config.Env, want.Env) {
			t.Errorf("%s: got config %+v, want entrypoint /app, args %v, env %v", want.Tag, config, want.Args, want.Env)
		}
		files := unpack(t, got)
		if files["app"] != "content" {
			t.Errorf("%s: the image holds %v, want app with its content", want.Tag, files)
		}
		if _, found := files["tmp"]; !found {
			t.Errorf("%s: the image has no tmp: %v", want.Tag, files)
		}
	}
}

func unpack(t *testing.T, from v1.Image) map[string]string {
	t.Helper()
	stream := mutate.Extract(from)
	defer func() { _ = stream.Close() }()
	files := map[string]string{}
	for archive := tar.NewReader(stream); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		files[header.Name] = string(content)
	}
}

func TestWriteReportsEveryBadTag(t *testing.T) {
	program := filepath.Join(t.TempDir(), "app")
	if err := os.WriteFile(program, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	err := image.Write(filepath.Join(t.TempDir(), "images.tar"), program,
		image.Image{Tag: "undog.test/app"}, image.Image{Tag: "UPPER:1"})
	if err == nil {
		t.Fatal("two bad tags were accepted")
	}
	for _, tag := range []string{`"undog.test/app"`, `"UPPER:1"`} {
		if !strings.Contains(err.Error(), tag) {
			t.Errorf("the error does not name %s: %v", tag, err)
		}
	}
}

func TestBuildMakesAStaticProgram(t *testing.T) {
	program := filepath.Join(t.TempDir(), "testapp")
	if err := image.Build(t.Context(), image.TestApp, program); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), program, "exit", "--code=7").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Errorf("testapp exit --code=7: got %v, %s", err, out)
	}
}

func TestBuildNamesWhatFailed(t *testing.T) {
	err := image.Build(t.Context(), "cmd/absent", filepath.Join(t.TempDir(), "absent"))
	if err == nil || !strings.Contains(err.Error(), "cmd/absent") {
		t.Errorf("got %v, want an error that names cmd/absent", err)
	}
}
