package app

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/undog-dev/undog/test/cluster"
	"github.com/undog-dev/undog/test/cluster/controlplane"
)

// newControlPlane is what package cluster starts. It speaks the protocol of
// cluster.Message on its standard output and ends when its standard input does.
func newControlPlane() *cobra.Command {
	var dir, listen string
	cmd := &cobra.Command{
		Use:    "control-plane --dir DIR",
		Short:  "Run a control plane in this process until standard input ends",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithCancel(cmd.Context())
			defer cancel()
			go func() {
				// Whatever ends the reading, the parent is no longer there.
				_, _ = io.Copy(io.Discard, os.Stdin)
				cancel()
			}()
			return controlplane.Run(ctx, controlplane.Options{
				Dir:      cluster.Dir(dir),
				Listen:   listen,
				Progress: func(step string) { tell(cluster.Message{Step: step}) },
				Ready:    func(server string) { tell(cluster.Message{Server: server}) },
			})
		},
	}
	cmd.Flags().StringVar(&dir, "dir", "", "absolute path of an existing, empty folder for the state")
	cmd.Flags().StringVar(&listen, "listen", "", "HOST:PORT of the API server that ran on this state before")
	cobra.CheckErr(cmd.MarkFlagRequired("dir"))
	return cmd
}

// tell writes one message. A parent that no longer reads has closed standard
// input too, so a failure needs no other handling.
func tell(message cluster.Message) { fmt.Println(message.Encode()) }
