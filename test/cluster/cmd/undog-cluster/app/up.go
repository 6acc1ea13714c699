package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/spf13/cobra"
)

func newUp() *cobra.Command {
	var s settings
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Start a cluster in the background and print how to reach it",
		Long: `Start a cluster in the background and print how to reach it:

  eval "$(undog-cluster up)"
  kubectl get nodes

Pods on scripted nodes run and become ready unless the script says otherwise, or
the annotation script.undog.dev/play of their template:

  kubectl annotate ... script.undog.dev/play='exits: [{after: 1s, code: 3}]'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := s.validate(); err != nil {
				return err
			}
			return up(cmd.Context(), s)
		},
	}
	s.flags(cmd)
	return cmd
}

// up starts the keeper and follows it until the cluster is up.
func up(ctx context.Context, s settings) error {
	where, err := openPlace()
	if err != nil {
		return err
	}
	pid, err := where.keeper()
	if err != nil {
		return err
	}
	if pid != 0 {
		return fmt.Errorf("a cluster is up already (process %d): see `undog-cluster status`, or stop it with `undog-cluster down`", pid)
	}
	read, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("make pipe to keeper: %w", err)
	}
	defer func() { _ = read.Close() }()
	keeper, err := startKeeper(where, s, write)
	if err = errors.Join(err, write.Close()); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		// How it ended is in its report or its log.
		_ = keeper.Wait()
		close(ended)
	}()
	if err := follow(ctx, read); err != nil {
		// It has ended after an error of its own; this is for Ctrl-C.
		_ = keeper.Process.Signal(syscall.SIGTERM)
		<-ended
		return fmt.Errorf("%w (log: %s)", err, where.logFile())
	}
	r, err := where.read()
	if err != nil {
		return err
	}
	fmt.Printf("export KUBECONFIG=%s\n", r.Kubeconfig)
	fmt.Fprintf(os.Stderr, "API server %s, logs in %s; stop it with `make cluster-down`\n", r.Server, r.Dir)
	return nil
}

// startKeeper starts the keeper in a session of its own: neither Ctrl-C nor the
// end of the terminal reaches it.
func startKeeper(where place, s settings, to *os.File) (*exec.Cmd, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find own program: %w", err)
	}
	log, err := os.OpenFile(where.logFile(), os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open keeper log: %w", err)
	}
	defer func() { _ = log.Close() }()
	args := []string{"keep", "--nodes", s.nodes, "--node-count", strconv.Itoa(s.nodeCount)}
	for _, path := range []struct{ flag, value string }{{"--script", s.script}, {"--dir", s.dir}} {
		if path.value == "" {
			continue
		}
		absolute, err := filepath.Abs(path.value)
		if err != nil {
			return nil, fmt.Errorf("locate %s: %w", path.value, err)
		}
		args = append(args, path.flag, absolute)
	}
	cmd := exec.Command(binary, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{to}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start keeper: %w", err)
	}
	return cmd, nil
}

// follow shows the keeper's steps until it is up, fails, or ctx ends.
func follow(ctx context.Context, from *os.File) error {
	reports := make(chan report)
	go func() {
		defer close(reports)
		lines := bufio.NewScanner(from)
		for lines.Scan() {
			var r report
			if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
				continue
			}
			select {
			case reports <- r:
			case <-ctx.Done():
				return
			}
		}
	}()
	show := newDisplay(os.Stderr)
	defer show.end()
	for {
		select {
		case <-ctx.Done():
			return errors.New("interrupted")
		case <-show.tick():
			show.refresh()
		case r, open := <-reports:
			switch {
			case !open:
				return errors.New("the keeper ended without a word")
			case r.Error != "":
				return errors.New(r.Error)
			case r.Up:
				show.step("up")
				return nil
			}
			show.step(r.Step)
		}
	}
}
