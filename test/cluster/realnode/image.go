package realnode

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	grpcstatus "google.golang.org/grpc/status"
	"k8s.io/apimachinery/pkg/util/wait"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/undog-dev/undog/test/cluster/image"
	"github.com/undog-dev/undog/test/cluster/realnode/wire"
)

// imagePoll is how often the node is asked whether it has an image.
const imagePoll = 20 * time.Millisecond

// ImportImage loads a docker-archive tar, as package image writes it, and
// waits until pods can use its images. They need imagePullPolicy IfNotPresent
// or Never: the node can pull nothing.
func (n *Node) ImportImage(ctx context.Context, archive string) error {
	open := func() (io.ReadCloser, error) { return os.Open(archive) }
	manifest, err := tarball.LoadManifest(open)
	if err != nil {
		return fmt.Errorf("import %s: %w", archive, err)
	}
	cmd := exec.CommandContext(ctx, "ctr", "--address="+n.socket(), "--namespace=k8s.io",
		"images", "import", "--snapshotter="+n.prepared.Snapshotter, archive)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("import %s: %w\n%s", archive, errors.Join(err, context.Cause(ctx)), out)
	}
	for _, described := range manifest {
		for _, tag := range described.RepoTags {
			if err := n.waitImage(ctx, tag); err != nil {
				return fmt.Errorf("import %s: %w", archive, err)
			}
		}
	}
	return nil
}

// socket is containerd's, seen from this process's mount namespace.
func (n *Node) socket() string { return fmt.Sprintf("/proc/%d/root%s", n.Pid(), wire.Socket) }

// waitImage waits until the part of containerd that the kubelet asks has heard
// of the image; it hears by an event after the import.
func (n *Node) waitImage(ctx context.Context, tag string) error {
	reference, err := name.ParseReference(tag)
	if err != nil {
		return fmt.Errorf("parse image name: %w", err)
	}
	conn, err := grpc.NewClient("unix://"+n.socket(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("connect to containerd: %w", err)
	}
	defer func() { _ = conn.Close() }()
	images := cri.NewImageServiceClient(conn)
	request := &cri.ImageStatusRequest{Image: &cri.ImageSpec{Image: reference.Name()}}
	var last error
	err = wait.PollUntilContextCancel(ctx, imagePoll, true, func(ctx context.Context) (bool, error) {
		status, err := images.ImageStatus(ctx, request)
		last = err
		if grpcstatus.Code(err) == codes.Unimplemented {
			// Its CRI plugin did not load, and will not.
			return false, err
		}
		return err == nil && status.GetImage() != nil, nil
	})
	if err != nil {
		return fmt.Errorf("wait for image %s: %w", tag, errors.Join(context.Cause(ctx), last))
	}
	return nil
}

// importPause makes the image without which no pod starts.
func (n *Node) importPause(ctx context.Context) error {
	program := filepath.Join(wire.DataDir(n.dir), "pause")
	if err := image.Build(ctx, image.Pause, program); err != nil {
		return err
	}
	archive := program + ".tar"
	if err := image.Write(archive, program, image.Image{Tag: wire.PauseTag}); err != nil {
		return err
	}
	return n.ImportImage(ctx, archive)
}
