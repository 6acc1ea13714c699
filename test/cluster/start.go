package cluster

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/undog-dev/undog/test/cluster/access"
)

// tailBytes is how much of the log an error carries.
const tailBytes = 4 << 10

// start runs the child and follows its messages until it is ready.
func (c *Cluster) start(ctx context.Context, progress func(string)) error {
	log, err := os.OpenFile(c.dir.Log(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("open control plane log: %w", err)
	}
	c.log = log
	cmd := c.command()
	cmd.Stderr = log
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("make pipe to control plane: %w", err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return errors.Join(fmt.Errorf("make pipe from control plane: %w", err), stdin.Close())
	}
	if err := cmd.Start(); err != nil {
		return errors.Join(fmt.Errorf("run %s: %w", c.binary, err), stdin.Close())
	}
	c.cmd, c.alive = cmd, stdin

	messages := make(chan Message)
	following := make(chan struct{})
	go func() {
		defer close(messages)
		follow(ctx, stdout, messages)
		// The child writes nothing after it is ready, but if it did, a full
		// pipe must not stop it.
		_, _ = io.Copy(io.Discard, stdout)
		close(following)
	}()
	go func() {
		<-following
		// How it ended is in its log; nobody acts on the code.
		_ = cmd.Wait()
		close(c.done)
	}()
	return c.await(ctx, messages, progress)
}

// follow sends each message until the child is ready, ends, or ctx does.
func follow(ctx context.Context, from io.Reader, to chan<- Message) {
	lines := bufio.NewScanner(from)
	for lines.Scan() {
		message, err := decodeMessage(lines.Bytes())
		if err != nil {
			// Something in the process printed to standard output.
			continue
		}
		select {
		case to <- message:
		case <-ctx.Done():
			return
		}
		if message.Server != "" {
			return
		}
	}
}

func (c *Cluster) await(ctx context.Context, messages <-chan Message, progress func(string)) error {
	step := "starting the process"
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w, while %s", context.Cause(ctx), step)
		case <-c.done:
			return fmt.Errorf("control plane ended (%s) while %s", c.cmd.ProcessState, step)
		case message, open := <-messages:
			if !open {
				messages = nil
				continue
			}
			if message.Server == "" {
				step = message.Step
				progress(step)
				continue
			}
			authority, err := access.LoadAuthority(c.dir.CA(), c.dir.CAKey())
			if err != nil {
				return err
			}
			c.server, c.authority = message.Server, authority
			return nil
		}
	}
}

// LogTail is the end of the control plane's log, ready to follow an error.
func (c *Cluster) LogTail() string {
	raw, err := os.ReadFile(c.dir.Log())
	if err != nil || len(raw) == 0 {
		return ""
	}
	if len(raw) > tailBytes {
		raw = raw[len(raw)-tailBytes:]
		if _, rest, found := bytes.Cut(raw, []byte("\n")); found {
			raw = rest
		}
	}
	return fmt.Sprintf("\nend of %s:\n%s", c.dir.Log(), bytes.TrimRight(raw, "\n"))
}
