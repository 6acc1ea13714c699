package wire

import (
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
)

// Message is one line from the supervisor.
type Message struct {
	// Step is what it begins to do.
	Step string `json:"step,omitempty"`
	// Prepared is set once, when containerd is up and a Config is wanted.
	Prepared *Prepared `json:"prepared,omitempty"`
	// Started is set once, when the kubelet and the scheduler run.
	Started bool `json:"started,omitempty"`
	// Restarted is set when the kubelet was started again, as it was told to be.
	Restarted bool `json:"restarted,omitempty"`
}

// Prepared says what the node got.
type Prepared struct {
	// Slot is the number of the node on this machine.
	Slot int `json:"slot"`
	// Address is the node's address, which the machine can reach.
	Address string `json:"address"`
	// Snapshotter is the containerd snapshotter that works here.
	Snapshotter string `json:"snapshotter"`
}

// Command is each line from the parent after Config.
type Command struct {
	// RestartKubelet kills the kubelet and starts it again.
	RestartKubelet bool `json:"restartKubelet"`
}

// Config is the first line from the parent.
type Config struct {
	// NodeName is the name that the kubelet registers.
	NodeName string `json:"nodeName"`
	// Server is the HOST:PORT of the API server as the machine sees it.
	Server string `json:"server"`
	// ServiceAddress is the HOST:PORT of the Service kubernetes.
	ServiceAddress string `json:"serviceAddress"`
	// ClientCA is the PEM certificate that the kubelet's clients are checked with.
	ClientCA []byte `json:"clientCA"`
	// KubeletKubeconfig and SchedulerKubeconfig are contents, not paths.
	KubeletKubeconfig   []byte `json:"kubeletKubeconfig"`
	SchedulerKubeconfig []byte `json:"schedulerKubeconfig"`
}

// Write sends one line.
func Write(to io.Writer, value any) error {
	line, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode %T: %w", value, err)
	}
	if _, err := to.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("send %T: %w", value, err)
	}
	return nil
}

const (
	// StateDir is where the node's own processes see its state folder. It is
	// short because a Unix socket's path may have 107 bytes at most.
	StateDir = "/run/undog"
	// Socket is containerd's socket in StateDir.
	Socket = StateDir + "/containerd.sock"
	// PauseTag is the image that holds a pod's namespaces.
	PauseTag = "undog.test/pause:1"
)

// LogFiles are the files in the state folder that the node's programs log to.
func LogFiles() []string { return []string{"containerd.log", "kubelet.log", "scheduler.log"} }

// DataDir is the folder in the state folder that holds what only a living node
// needs.
func DataDir(state string) string { return filepath.Join(state, "data") }
