// Command undog-cluster runs a local Kubernetes cluster for tests and for people.
package main

import (
	"os"

	"github.com/undog-dev/undog/test/cluster/cmd/undog-cluster/app"
)

func main() { os.Exit(app.Main()) }
