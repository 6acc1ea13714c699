// Command undog-demo tells undog's story on a real control plane: a good
// release, a bad one, the verdict, the undo and the event.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// limit is how long the whole story may take.
const limit = 5 * time.Minute

func main() {
	keep := flag.Bool("keep", false, "leave the cluster up at the end")
	name := flag.String("story", stories[0].name, "which story to tell: "+names())
	flag.Parse()
	tale, err := find(*name)
	if err != nil {
		fmt.Fprintln(os.Stderr, "undog-demo:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	ctx, cancel := context.WithTimeout(ctx, limit)
	err = run(ctx, tale, *keep)
	cancel()
	stop()
	if errors.Is(err, context.Canceled) {
		fmt.Println("\ninterrupted; nothing is left running")
		os.Exit(130)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "undog-demo:", err)
		os.Exit(1)
	}
}
