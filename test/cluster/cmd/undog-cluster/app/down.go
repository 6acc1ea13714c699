package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/wait"
)

const (
	downPoll = 50 * time.Millisecond
	// downGrace is enough for a real node to stop its containers.
	downGrace = 60 * time.Second
)

var errNotUp = errors.New("no cluster is up: start one with `undog-cluster up`")

func newDown() *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Stop the cluster that up started",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			where, err := openPlace()
			if err != nil {
				return err
			}
			stopped, err := where.down(cmd.Context())
			if err != nil {
				return err
			}
			if stopped {
				fmt.Fprintln(os.Stderr, "stopped")
			} else {
				fmt.Fprintln(os.Stderr, "no cluster is up")
			}
			return nil
		},
	}
}

// down stops the keeper, which stops the rest. That a keeper killed after its
// grace leaves nothing running is the business of the pipes it held.
func (p place) down(ctx context.Context) (stopped bool, err error) {
	pid, err := p.keeper()
	if err != nil || pid == 0 {
		return false, errors.Join(err, p.clear())
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
		return false, fmt.Errorf("stop process %d: %w", pid, err)
	}
	gone := func(context.Context) (bool, error) {
		holder, err := p.keeper()
		return holder != pid, err
	}
	err = wait.PollUntilContextTimeout(ctx, downPoll, downGrace, true, gone)
	if err == nil {
		return true, nil
	}
	if ctx.Err() != nil {
		return false, fmt.Errorf("wait for process %d: %w", pid, err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return false, fmt.Errorf("kill process %d: %w", pid, err)
	}
	if err := wait.PollUntilContextTimeout(ctx, downPoll, downGrace, true, gone); err != nil {
		return false, fmt.Errorf("wait for process %d: %w", pid, err)
	}
	return true, p.clear()
}

func newStatus() *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Say which cluster is up",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			where, err := openPlace()
			if err != nil {
				return err
			}
			pid, err := where.keeper()
			if err != nil {
				return err
			}
			if pid == 0 {
				return errNotUp
			}
			r, err := where.read()
			if err != nil {
				return fmt.Errorf("process %d is starting a cluster or stopping it: %w", pid, err)
			}
			fmt.Printf("process     %d\nup since    %s\nnodes       %s\nserver      %s\nstate       %s\nexport KUBECONFIG=%s\n",
				pid, r.Started.Format(time.RFC3339), r.Nodes, r.Server, r.Dir, r.Kubeconfig)
			return nil
		},
	}
}
