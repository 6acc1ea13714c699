package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
)

// Options says how undog is to run. Kubeconfig and Dir must be set.
type Options struct {
	// Binary is the program; "" is undog in $UNDOG_BIN.
	Binary     string
	Kubeconfig string
	// Dir keeps the configuration, the log and the store; it may be used
	// again by the next Start, which then finds the same store.
	Dir string
	// Config is YAML put under the lines that the package writes itself:
	// cluster, kubeconfig, log, http and, without NATSURL, nats.
	Config string
	// NATSURL is a server of the test's own; "" lets undog embed one.
	NATSURL string
	// NATSPort is the embedded server's port; 0 picks a free one.
	NATSPort int
	// Pprof serves profiles beside the metrics.
	Pprof bool
	// Env are variables, NAME=value, beside those of the caller.
	Env []string
	// Log gets what undog logs, beside the file undog.log in Dir.
	Log io.Writer
}

// Daemon is a running undog.
type Daemon struct {
	// NATSURL is where its events are, HTTP the base URL of its endpoints.
	NATSURL, HTTP string

	cmd  *exec.Cmd
	log  *os.File
	done chan struct{}
	err  error
	once sync.Once
}

// Start runs undog and returns at once; Ready waits for it.
func Start(opts Options) (*Daemon, error) {
	binary := opts.Binary
	if binary == "" {
		binary = filepath.Join(os.Getenv("UNDOG_BIN"), "undog")
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	d := &Daemon{NATSURL: opts.NATSURL, HTTP: fmt.Sprintf("http://127.0.0.1:%d", port), done: make(chan struct{})}
	if d.NATSURL == "" && opts.NATSPort == 0 {
		if opts.NATSPort, err = freePort(); err != nil {
			return nil, err
		}
	}
	if d.NATSURL == "" {
		d.NATSURL = fmt.Sprintf("nats://127.0.0.1:%d", opts.NATSPort)
	}
	config, err := writeConfig(opts, port)
	if err != nil {
		return nil, err
	}
	if d.log, err = os.OpenFile(filepath.Join(opts.Dir, "undog.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
		return nil, fmt.Errorf("open the log of undog: %w", err)
	}
	d.cmd = exec.Command(binary, "run", "--config", config)
	d.cmd.Env = append(os.Environ(), opts.Env...)
	d.cmd.Stdout, d.cmd.Stderr = d.log, d.log
	if opts.Log != nil {
		out := io.MultiWriter(d.log, opts.Log)
		d.cmd.Stdout, d.cmd.Stderr = out, out
	}
	// A terminal's Ctrl-C is for the parent, which stops undog in its turn.
	d.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := d.cmd.Start(); err != nil {
		return nil, errors.Join(fmt.Errorf("start undog: %w", err), d.log.Close())
	}
	go func() {
		d.err = d.cmd.Wait()
		_ = d.log.Close()
		close(d.done)
	}()
	return d, nil
}

// writeConfig writes the configuration file.
func writeConfig(opts Options, httpPort int) (string, error) {
	var b strings.Builder
	fmt.Fprintf(&b, "cluster: demo\nkubeconfig: %s\nlog: {format: json}\nhttp: {addr: 127.0.0.1:%d, pprof: %t}\n", opts.Kubeconfig, httpPort, opts.Pprof)
	if opts.NATSURL != "" {
		fmt.Fprintf(&b, "nats: {url: %q}\n", opts.NATSURL)
	} else {
		fmt.Fprintf(&b, "nats: {listen: \"127.0.0.1:%d\", storeDir: %s}\n", opts.NATSPort, filepath.Join(opts.Dir, "events"))
	}
	b.WriteString(opts.Config)
	path := filepath.Join(opts.Dir, "undog.yaml")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		return "", fmt.Errorf("write the configuration of undog: %w", err)
	}
	return path, nil
}

// Ready waits until undog has seen the cluster, or has ended, or ctx ends.
func (d *Daemon) Ready(ctx context.Context) error {
	err := wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		select {
		case <-d.done:
			return false, fmt.Errorf("undog ended: %w", errors.Join(d.err, errors.New(d.tail())))
		default:
		}
		code, _, err := d.Get(ctx, "/readyz")
		return err == nil && code == http.StatusOK, nil
	})
	if err != nil {
		return fmt.Errorf("wait for undog to be ready: %w", err)
	}
	return nil
}

// Get asks one of undog's endpoints.
func (d *Daemon) Get(ctx context.Context, path string) (int, string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.HTTP+path, http.NoBody)
	if err != nil {
		return 0, "", fmt.Errorf("ask undog for %s: %w", path, err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, "", fmt.Errorf("ask undog for %s: %w", path, err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	if err != nil {
		return 0, "", fmt.Errorf("ask undog for %s: %w", path, err)
	}
	return resp.StatusCode, string(body), nil
}

// Stop ends undog the way a cluster does, with SIGTERM, and waits.
func (d *Daemon) Stop(ctx context.Context) error {
	d.once.Do(func() { _ = d.cmd.Process.Signal(syscall.SIGTERM) })
	select {
	case <-d.done:
		return d.err
	case <-ctx.Done():
		return errors.Join(fmt.Errorf("stop undog: %w", ctx.Err()), d.Kill())
	}
}

// Kill ends undog with SIGKILL and waits.
func (d *Daemon) Kill() error {
	if err := d.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("kill undog: %w", err)
	}
	<-d.done
	return nil
}

// Done is closed when undog has ended.
func (d *Daemon) Done() <-chan struct{} { return d.done }

// Pid is the process id.
func (d *Daemon) Pid() int { return d.cmd.Process.Pid }

// tail is the end of the log.
func (d *Daemon) tail() string {
	data, err := os.ReadFile(d.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-4096):])
}

// freePort picks a port that is free now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	return port, nil
}
