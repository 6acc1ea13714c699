// Command pause holds a pod's namespaces: it does nothing until it is told to
// go. It imports as little as it can, for each pod runs one.
package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	<-signals
}
