package realnode

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// cniPlugins is where the distribution's package puts the network plugins.
const cniPlugins = "/usr/lib/cni"

// wanted are the programs that a node runs.
var wanted = []string{"containerd", "containerd-shim-runc-v2", "ctr", "runc"}

// wantedPlugins are the network plugins that a node runs.
var wantedPlugins = []string{"bridge", "host-local", "loopback"}

// Preflight says why this process cannot start a node, nil if it can.
func Preflight() error {
	var errs []error
	if uid := os.Geteuid(); uid != 0 {
		errs = append(errs, fmt.Errorf("check user: a node with a real kubelet needs root, this is user %d: run it with sudo", uid))
	}
	if missing := missingPrograms(exec.LookPath, cniPlugins); len(missing) > 0 {
		errs = append(errs, fmt.Errorf("check programs: not found: %s: run hack/install-node-deps.sh, as root",
			strings.Join(missing, ", ")))
	}
	return errors.Join(errs...)
}

func missingPrograms(lookPath func(string) (string, error), plugins string) []string {
	var missing []string
	for _, program := range wanted {
		if _, err := lookPath(program); err != nil {
			missing = append(missing, program)
		}
	}
	for _, plugin := range wantedPlugins {
		path := filepath.Join(plugins, plugin)
		if _, err := lookPath(path); err != nil {
			missing = append(missing, path)
		}
	}
	return missing
}
