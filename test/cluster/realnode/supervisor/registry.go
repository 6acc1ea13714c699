package supervisor

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/registry"
)

const registryAddress = "127.0.0.1:5000"

// hostsFile sends all pulls to the node's registry. Without the host table,
// containerd 1.6 takes no notice of the file.
const hostsFile = `server = "http://` + registryAddress + `"
[host."http://` + registryAddress + `"]
capabilities = ["pull", "resolve"]
`

// startRegistry serves an empty registry in the node, and makes it the one of
// all images: a name that nobody imported is "not found", as by a registry
// that can be reached, and no pull leaves the machine.
func startRegistry(ctx context.Context, inside *network, hostsDir string) error {
	folder := filepath.Join(hostsDir, "_default")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("configure registry: %w", err)
	}
	if err := os.WriteFile(filepath.Join(folder, "hosts.toml"), []byte(hostsFile), 0o644); err != nil {
		return fmt.Errorf("configure registry: %w", err)
	}
	listener, err := listen(ctx, inside, registryAddress)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:           registry.New(registry.Logger(log.New(io.Discard, "", 0))),
		ReadHeaderTimeout: 5 * time.Second,
	}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	// It ends when ctx closes it, and the node with it.
	go func() { _ = server.Serve(listener) }()
	return nil
}
