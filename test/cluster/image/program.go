package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The programs of this module that images are made of, as paths in it.
const (
	// Pause holds the namespaces of a pod.
	Pause = "image/pause"
	// TestApp is an application whose behavior its arguments choose.
	TestApp = "cmd/testapp"
)

// modulePath is where this module is in the repository.
const modulePath = "test/cluster"

// Build compiles a program of this module, Pause or TestApp, to a static
// executable. The working directory must be inside the repository.
func Build(ctx context.Context, program, output string) error {
	module, err := moduleDir()
	if err != nil {
		return fmt.Errorf("build %s: %w", program, err)
	}
	if output, err = filepath.Abs(output); err != nil {
		return fmt.Errorf("build %s: %w", program, err)
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", output, "./"+program)
	cmd.Dir = module
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", program, err, out)
	}
	return nil
}

// moduleDir walks up from the working directory.
func moduleDir() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the repository: %w", err)
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		module := filepath.Join(dir, modulePath)
		switch _, err := os.Stat(filepath.Join(module, "go.mod")); {
		case err == nil:
			return module, nil
		case !errors.Is(err, os.ErrNotExist):
			return "", fmt.Errorf("find the repository: %w", err)
		case dir == filepath.Dir(dir):
			return "", fmt.Errorf("find the repository: %s is not inside it: change into it, or build the program first and name its path", start)
		}
	}
}
