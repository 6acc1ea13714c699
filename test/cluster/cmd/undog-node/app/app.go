package app

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo" // The client's metrics, as in the originals.
	_ "k8s.io/component-base/metrics/prometheus/version"  // The build's metric, as in the originals.
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"

	"github.com/undog-dev/undog/test/cluster/realnode/supervisor"
)

const usage = "usage: undog-node kubelet|scheduler|supervise [flags]"

// Main runs the program that the first argument names and returns its exit
// code. Only that program is constructed: Kubernetes' commands register flags
// and metrics globally.
func Main() int {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, usage)
		return 2
	}
	program, args := os.Args[1], os.Args[2:]
	var cmd *cobra.Command
	switch program {
	case "kubelet":
		cmd = kubelet.NewKubeletCommand(context.Background())
	case "scheduler":
		cmd = scheduler.NewSchedulerCommand()
	case "supervise":
		return supervise(args)
	default:
		fmt.Fprintf(os.Stderr, "undog-node: no program %q\n%s\n", program, usage)
		return 2
	}
	cmd.SetArgs(args)
	return cli.Run(cmd)
}

// supervise has no flags: what it needs comes over standard input.
func supervise(args []string) int {
	if len(args) != 1 {
		fmt.Fprintln(os.Stderr, "usage: undog-node supervise DIR")
		return 2
	}
	if err := supervisor.Main(args[0]); err != nil {
		fmt.Fprintln(os.Stderr, "undog-node supervise:", err)
		return 1
	}
	return 0
}
