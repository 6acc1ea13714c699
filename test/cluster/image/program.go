package image

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The programs that images are made of: paths in this module, or a package of
// another one that it requires.
const (
	// Pause holds the namespaces of a pod.
	Pause = "image/pause"
	// TestApp is an application whose behavior its arguments choose.
	TestApp = "cmd/testapp"
	// NATS is the NATS server.
	NATS = "github.com/nats-io/nats-server/v2"
)

// modulePath is where this module is in the repository.
const modulePath = "test/cluster"

// Build compiles one of the programs above to a static executable. The working directory must be inside the repository.
func Build(ctx context.Context, program, output string) error {
	module, err := moduleDir()
	if err != nil {
		return fmt.Errorf("build %s: %w", program, err)
	}
	if output, err = filepath.Abs(output); err != nil {
		return fmt.Errorf("build %s: %w", program, err)
	}
	if program != NATS {
		program = "./" + program
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", output, program)
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
