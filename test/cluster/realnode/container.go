package realnode

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1"
)

// KillContainer ends a container at once, as a crash would; the kubelet starts
// it again. The id is that of a container status, with or without its scheme.
func (n *Node) KillContainer(ctx context.Context, id string) error {
	_, bare, found := strings.Cut(id, "://")
	if !found {
		bare = id
	}
	conn, err := grpc.NewClient("unix://"+n.socket(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return fmt.Errorf("connect to containerd: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := cri.NewRuntimeServiceClient(conn).StopContainer(ctx, &cri.StopContainerRequest{ContainerId: bare, Timeout: 0}); err != nil {
		return fmt.Errorf("kill container %s: %w", id, err)
	}
	return nil
}
