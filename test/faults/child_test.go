package faults_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/undog-dev/undog/notify/nats/embedded"
)

// What a server in a process of its own is told by its environment.
const (
	childStore  = "UNDOG_FAULTS_STORE"
	childListen = "UNDOG_FAULTS_LISTEN"
	childLimit  = "UNDOG_FAULTS_FILE_LIMIT"
	// childPlain asks for a server that is not undog's own.
	childPlain = "UNDOG_FAULTS_PLAIN"
)

// child is a process that is a NATS server until its input ends.
func child(dir string) int {
	if err := serve(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func serve(dir string) error {
	if text := os.Getenv(childLimit); text != "" {
		limit, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return fmt.Errorf("parse %s: %w", childLimit, err)
		}
		// Without it, the first write beyond the limit would end the process.
		signal.Ignore(syscall.SIGXFSZ)
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}); err != nil {
			return fmt.Errorf("limit the size of files: %w", err)
		}
	}
	if os.Getenv(childPlain) != "" {
		return servePlain(dir)
	}
	s, err := embedded.Start(embedded.Options{Listen: os.Getenv(childListen), StoreDir: dir})
	if err != nil {
		return err
	}
	fmt.Println(s.ClientURL())
	_, err = io.Copy(io.Discard, os.Stdin)
	stopping, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	return errors.Join(err, s.Shutdown(stopping))
}

// servePlain runs a NATS server as its own program does.
func servePlain(dir string) error {
	host, port, err := net.SplitHostPort(os.Getenv(childListen))
	if err != nil {
		return fmt.Errorf("parse %s: %w", childListen, err)
	}
	opts := &server.Options{Host: host, JetStream: true, StoreDir: dir, NoSigs: true, NoLog: true, SyncAlways: true, JetStreamMaxMemory: 1 << 20, JetStreamMaxStore: 1 << 28}
	if opts.Port, err = strconv.Atoi(port); err != nil {
		return fmt.Errorf("parse %s: %w", childListen, err)
	}
	if opts.Port == 0 {
		opts.Port = server.RANDOM_PORT
	}
	ns, err := server.NewServer(opts)
	if err != nil {
		return fmt.Errorf("start a NATS server: %w", err)
	}
	go ns.Start()
	if !ns.ReadyForConnections(time.Minute) {
		return errors.New("start a NATS server: it is not ready")
	}
	fmt.Println(ns.ClientURL())
	_, err = io.Copy(io.Discard, os.Stdin)
	ns.Shutdown()
	ns.WaitForShutdown()
	return err
}

// natsProcess is a server that can be killed.
type natsProcess struct {
	t     testing.TB
	cmd   *exec.Cmd
	stdin io.Closer
	url   string
}

// startNATS runs a server on a store; listen is "" for any port.
func startNATS(t testing.TB, dir, listen string, env ...string) *natsProcess {
	t.Helper()
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	p := &natsProcess{t: t, cmd: exec.Command(os.Args[0])}
	p.cmd.Env = append(os.Environ(), append(env, childStore+"="+dir, childListen+"="+strings.TrimPrefix(listen, "nats://"))...)
	p.cmd.Stderr = os.Stderr
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.stdin = stdin
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.end(p.stdin.Close) })
	if p.url, err = bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Fatalf("wait for the server: %v", err)
	}
	p.url = strings.TrimSpace(p.url)
	return p
}

// kill ends it with SIGKILL.
func (p *natsProcess) kill() { p.end(p.cmd.Process.Kill) }

// stop has it shut down.
func (p *natsProcess) stop() { p.end(p.stdin.Close) }

func (p *natsProcess) end(how func() error) {
	p.t.Helper()
	if p.cmd.ProcessState != nil {
		return
	}
	if err := how(); err != nil {
		p.t.Error(err)
	}
	// It says how it ended, which is known.
	_ = p.cmd.Wait()
}
