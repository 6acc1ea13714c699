// Command undog-node is the programs of a node in one binary: kubelet,
// kube-scheduler and the supervisor that keeps them.
package main

import (
	"os"

	"github.com/undog-dev/undog/test/cluster/cmd/undog-node/app"
)

func main() { os.Exit(app.Main()) }
