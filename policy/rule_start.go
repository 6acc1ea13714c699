package policy

import (
	"fmt"
	"time"
)

// startGrace is how long one container may be held up by its own fault. By then
// the kubelet has tried at least twice more, every 10 to 15 seconds, although
// the status that it writes may stay the same.
const startGrace = 40 * time.Second

// startRule convicts a revision whose process cannot be started at all: the
// command does not exist, may not be executed, or is of another architecture.
// Seen on two pods, or twice on one, or for a while, it will not start the next
// time either.
func startRule(c *Case) Finding {
	var best Finding
	for _, f := range c.Revision.Failures {
		if f.Pods == 0 || !cannotStart(f) {
			continue
		}
		got := c.twiceOrLong(f, "CannotStart", fmt.Sprintf("container %s cannot be started", f.Container))
		if got.Level > best.Level {
			best = got
		}
	}
	return best
}

// cannotStart tells whether a failure means that the process never ran. 126 and
// 127 are what shells exit with; the runtime reports its own failures to start
// as StartError with code 128, and the kubelet as RunContainerError.
func cannotStart(f Failure) bool {
	if f.Exited && (f.ExitCode == 126 || f.ExitCode == 127) {
		return true
	}
	switch f.Reason {
	case "StartError", "ContainerCannotRun", "RunContainerError", "CreateContainerError":
		return containsAny(f.Message, startFaults)
	}
	return false
}

// startFaults marks messages that blame what is started rather than the node.
var startFaults = []string{
	"no such file or directory", "executable file not found", "permission denied", "exec format error",
	"not a directory", "is a directory", "no command specified",
}
